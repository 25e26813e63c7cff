//! The trees of patterns to what a record is held against.

use std::cmp::Ordering;
use std::ops::Range;

use super::criteria::{Source, in_filter, sources};
use super::dialect::Dialect;
use super::expression::expression;
use super::fault::{Fault, Refusal};
use super::indexed::{Part, parts};
use super::parse::{Tree, Value};
use super::paths::Paths;
use super::pattern::Test;
use super::suggest::nearest;
use crate::core::error::Step;
use crate::core::limits::{FILTER_ALTERNATIVES, FILTER_DEPTH};

/// What is asked of one path: any of some tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Names with dots between.
    pub path: String,
    /// Any of these must pass.
    pub tests: Vec<Test>,
    /// Whether one of them asks that nothing be there.
    pub absent: bool,
    /// Whether one of them looks at characters.
    pub needs_text: bool,
}

/// One alternative: all of some leaves, in the order of their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Their numbers.
    pub leaves: Vec<u32>,
    /// Whether one of them may be met by the lack of a value.
    pub absent: bool,
}

/// Compiled filters, any of which may match.
#[derive(Clone, Debug)]
pub struct Filters {
    /// The language they are written in.
    pub dialect: Dialect,
    /// The patterns as they came.
    pub sources: Vec<Source>,
    /// What is asked of paths; no two are the same.
    pub leaves: Vec<Leaf>,
    /// The alternatives of all filters.
    pub rules: Vec<Rule>,
    /// Those of each filter.
    pub filters: Vec<Range<usize>>,
    /// For each leaf the rules that have it, where there are at most 64 rules.
    pub rules_of: Vec<u64>,
    /// As many bits, while there are at most 64.
    pub all_rules: u64,
    /// Where to find the leaves in a record.
    pub paths: Paths,
    /// The parts of a record that the paths lead to, if they lead nowhere else.
    pub parts: Option<Vec<(Part, u32)>>,
}

/// What event-ruler keeps for itself inside `$or`.
const RESERVED: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Leaves of one alternative while it grows.
type Growing = Vec<u32>;

struct Compiler {
    dialect: Dialect,
    leaves: Vec<Leaf>,
}

impl Filters {
    /// Compiles whatever was given: FilterCriteria, a list of patterns, or one.
    pub fn compile(given: Tree, dialect: Dialect, most: usize) -> Result<Self, Refusal> {
        let sources = sources(given)?;
        if sources.len() > most {
            return Err(Fault::here(
                None,
                format!("there are {} filters, and at most {most} are allowed", sources.len()),
            )
            .found(sources.len().to_string())
            .allowed(&[&most.to_string()])
            .ours());
        }
        let mut compiler = Compiler { dialect, leaves: Vec::new() };
        let (mut rules, mut filters) = (Vec::new(), Vec::new());
        for (index, source) in sources.iter().enumerate() {
            let made = compiler.pattern(&source.tree);
            let made = made.map_err(|fault| in_filter(fault.in_text(source.text.as_bytes()), index, sources.len()))?;
            let start = rules.len();
            rules.extend(made);
            filters.push(start..rules.len());
        }
        Ok(Self::finish(dialect, sources, compiler.leaves, rules, filters))
    }

    fn finish(
        dialect: Dialect,
        sources: Vec<Source>,
        leaves: Vec<Leaf>,
        growing: Vec<Growing>,
        filters: Vec<Range<usize>>,
    ) -> Self {
        let rules: Vec<Rule> = growing.into_iter().map(|rule| finished(rule, &leaves)).collect();
        let mut paths = Paths::default();
        for (number, leaf) in (0_u32..).zip(&leaves) {
            // A leaf that a later one of the same alternative replaced is in no rule.
            if rules.iter().any(|rule| rule.leaves.contains(&number)) {
                paths.add(&leaf.path, number);
            }
        }
        paths.finish(|leaf| leaves.get(leaf as usize).is_some_and(|leaf| leaf.needs_text));
        let rules_of = (0_u32..).zip(&leaves).map(|(number, _)| mask(&rules, number)).collect();
        let all_rules = u64::MAX >> (64 - rules.len().clamp(1, 64));
        let parts = parts(&paths);
        Self { dialect, sources, leaves, rules, filters, rules_of, all_rules, paths, parts }
    }

    /// A leaf by its number.
    pub fn leaf(&self, number: u32) -> Option<&Leaf> {
        self.leaves.get(number as usize)
    }
}

fn mask(rules: &[Rule], leaf: u32) -> u64 {
    if rules.len() > 64 {
        return 0;
    }
    rules.iter().enumerate().filter(|(_, rule)| rule.leaves.contains(&leaf)).fold(0, |mask, (at, _)| mask | 1 << at)
}

fn finished(mut leaves: Growing, all: &[Leaf]) -> Rule {
    let path = |leaf: &u32| all.get(*leaf as usize).map_or("", |leaf| leaf.path.as_str());
    leaves.sort_by(|one, other| order(path(one), path(other)));
    let absent = leaves.iter().any(|leaf| all.get(*leaf as usize).is_some_and(|leaf| leaf.absent));
    Rule { leaves, absent }
}

/// The order in which Java sorts text: by units of UTF-16. Inside arrays it decides what `exists: false` means.
fn order(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

impl Compiler {
    fn pattern(&mut self, tree: &Tree) -> Result<Vec<Growing>, Refusal> {
        let Value::Object(members) = &tree.value else {
            return Err(Fault::here(tree.at, format!("a pattern is an object, found {}", tree.kind()))
                .ruler("Filter is not an object")
                .found(tree.kind())
                .allowed(&["an object"]));
        };
        let mut rules = Vec::new();
        self.object(&mut rules, None, tree, members, false)?;
        Ok(rules)
    }

    /// Adds the members of an object to all alternatives so far. A path that is there already is replaced.
    fn object(
        &mut self,
        rules: &mut Vec<Growing>,
        path: Option<&str>,
        tree: &Tree,
        members: &[(String, Tree)],
        inside_or: bool,
    ) -> Result<(), Refusal> {
        if members.is_empty() {
            return Err(Fault::here(tree.at, "an empty object matches nothing: name a field, or leave it out")
                .ruler("Empty objects are not allowed")
                .found("an empty object"));
        }
        for (name, value) in members {
            let added = if name == "$or" {
                self.or(rules, path, value)
            } else {
                self.member(rules, path, name, value, inside_or)
            };
            added.map_err(|fault| fault.inside_name(name))?;
        }
        Ok(())
    }

    fn member(
        &mut self,
        rules: &mut Vec<Growing>,
        path: Option<&str>,
        name: &str,
        value: &Tree,
        inside_or: bool,
    ) -> Result<(), Refusal> {
        if inside_or && RESERVED.contains(&name) {
            return Err(Fault::here(
                value.at,
                format!("no field inside $or may be called \"{name}\": the filter language keeps that word for itself"),
            )
            .ruler(format!("{name} is Ruler reserved fieldName which cannot be used inside $or."))
            .operator("$or")
            .found(name));
        }
        let path = path.map_or_else(|| name.to_owned(), |path| format!("{path}.{name}"));
        if path.split('.').count() > FILTER_DEPTH as usize {
            return Err(Fault::here(value.at, format!("a path has at most {FILTER_DEPTH} steps")).ours());
        }
        match &value.value {
            Value::Object(members) => self.object(rules, Some(&path), value, members, inside_or),
            Value::Array(values) => {
                let leaf = self.leaf(path, value, values)?;
                self.put(rules, leaf);
                Ok(())
            }
            _ => Err(self.no_list(name, value)),
        }
    }

    fn no_list(&self, name: &str, value: &Tree) -> Refusal {
        let operator = self.dialect.operators().contains(&name) || nearest(name, self.dialect.operators()).is_some();
        let hint = if operator && !matches!(value.value, Value::Text(_)) || RESERVED.contains(&name) {
            format!(": an operator stands in a list, such as [{{\"{name}\": ...}}]")
        } else {
            ": put it in a list".to_owned()
        };
        Fault::here(
            value.at,
            format!("what is asked of \"{name}\" is a list or an object, found {}{hint}", value.kind()),
        )
        .ruler(format!("\"{name}\" must be an object or an array"))
        .found(value.kind())
        .allowed(&["an array", "an object"])
    }

    fn leaf(&mut self, path: String, tree: &Tree, values: &[Tree]) -> Result<u32, Refusal> {
        let tests = values
            .iter()
            .enumerate()
            .map(|(index, value)| expression(value, self.dialect).map_err(|fault| fault.inside(Step::Index(index))));
        let tests = tests.collect::<Result<Vec<_>, _>>()?;
        if tests.is_empty() {
            return Err(Fault::here(tree.at, "an empty list matches nothing: name what may match")
                .ruler("Empty arrays are not allowed")
                .found("an empty list"));
        }
        let absent = tests.contains(&Test::Absent);
        let needs_text = tests.iter().any(Test::needs_text);
        let leaf = Leaf { path, tests, absent, needs_text };
        let place = self.leaves.iter().position(|other| *other == leaf).unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        Ok(u32::try_from(place).unwrap_or(u32::MAX))
    }

    fn put(&self, rules: &mut Vec<Growing>, leaf: u32) {
        let path = |leaf: u32| self.leaves.get(leaf as usize).map(|leaf| leaf.path.as_str());
        if rules.is_empty() {
            rules.push(Vec::new());
        }
        for rule in rules {
            rule.retain(|other| path(*other) != path(leaf));
            rule.push(leaf);
        }
    }

    /// Each branch goes on from the alternatives before it.
    fn or(&mut self, rules: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        let Value::Array(branches) = &tree.value else {
            return Err(Fault::here(tree.at, format!("$or has a list of objects, found {}", tree.kind()))
                .ruler("It must be an Array followed with $or.")
                .operator("$or")
                .found(tree.kind())
                .allowed(&["an array"]));
        };
        let before = std::mem::take(rules);
        for (index, branch) in branches.iter().enumerate() {
            let mut grown = if before.is_empty() { vec![Vec::new()] } else { before.clone() };
            self.branch(&mut grown, path, branch).map_err(|fault| fault.inside(Step::Index(index)))?;
            rules.extend(grown);
            if rules.len() > FILTER_ALTERNATIVES {
                return Err(Fault::here(
                    tree.at,
                    format!("the pattern unfolds to more than {FILTER_ALTERNATIVES} alternatives: each $or multiplies those of the others"),
                )
                .operator("$or")
                .ours());
            }
        }
        if branches.len() < 2 {
            return Err(Fault::here(tree.at, format!("$or has at least two objects, found {}", branches.len()))
                .ruler("There must have at least 2 Objects in $or relationship.")
                .operator("$or")
                .found(branches.len().to_string()));
        }
        Ok(())
    }

    fn branch(&mut self, grown: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        match &tree.value {
            Value::Object(members) => self.object(grown, path, tree, members, true),
            _ => Err(Fault::here(tree.at, format!("$or has objects, found {}", tree.kind()))
                .ruler("Only JSON object is allowed in array of $or relationship.")
                .operator("$or")
                .found(tree.kind())
                .allowed(&["an object"])),
        }
    }
}
