//! The trees of patterns to what a record is held against.

use std::cmp::Ordering;
use std::ops::Range;

use super::changed::{Compared, compared};
use super::criteria::{Source, in_filter, sources, write};
use super::dialect::Dialect;
use super::expression::expression;
use super::fault::{Fault, Refusal};
use super::indexed::{Part, parts};
use super::parse::{Tree, Value};
use super::paths::{IMAGES, Paths, TAGS};
use super::pattern::Test;
use super::suggest::nearest;
use crate::core::error::Step;
use crate::core::limits::FILTER_DEPTH;

/// What is asked of one path: any of some tests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is told from the tests, once
pub struct Leaf {
    /// Names with dots between.
    pub path: String,
    /// Any of these must pass.
    pub tests: Vec<Test>,
    /// The list as compact JSON.
    pub written: String,
    /// Whether one of them asks that nothing be there.
    pub absent: bool,
    /// Whether all of them are strings.
    pub texts_only: bool,
    /// Whether the path ends at an attribute, without the type of its value.
    pub typed: bool,
    /// Whether the path leaves out a type, at its end or between: lists are looked into.
    pub loose: bool,
    /// The attribute, if a test compares the images.
    pub compares: Option<Compared>,
    /// Whether a test asks for several members of a set or list.
    pub contains: bool,
}

impl Leaf {
    /// Whether it asks nothing but whether there is a map or a list.
    fn asks_container(&self, attribute: &Attribute) -> bool {
        let is_there = |test: &Test| matches!(test, Test::Exists | Test::Absent);
        self.loose && matches!(attribute.tag.as_deref(), Some("L" | "M")) && self.tests.iter().all(is_there)
    }
}

/// One alternative: all of some leaves, in the order of their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Their numbers.
    pub leaves: Vec<u32>,
    /// Negated patterns, by number, none of which may match.
    pub nots: Vec<u32>,
    /// Whether it is not known before the end of a record that all are met.
    pub is_open: bool,
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
    /// The alternatives of each negated pattern.
    pub negated: Vec<Vec<Rule>>,
    /// Whether anything compares the images.
    pub compares: bool,
    /// Whether anything asks for several members.
    pub contains: bool,
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
pub const RESERVED: &[&str] = &[
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

/// One alternative while it grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Growing {
    leaves: Vec<u32>,
    pub(super) nots: Vec<u32>,
}

pub(super) struct Compiler {
    dialect: Dialect,
    leaves: Vec<Leaf>,
    pub(super) negated: Vec<Vec<Growing>>,
}

impl Filters {
    /// Compiles whatever was given: FilterCriteria, a list of patterns, or one.
    pub fn compile(given: &Tree, dialect: Dialect, most: usize) -> Result<Self, Refusal> {
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
        let mut compiler = Compiler { dialect, leaves: Vec::new(), negated: Vec::new() };
        let (mut rules, mut filters) = (Vec::new(), Vec::new());
        for (index, source) in sources.iter().enumerate() {
            let made = compiler.pattern(&source.tree);
            let made = made.map_err(|fault| in_filter(fault.in_text(source.text.as_bytes()), index, sources.len()))?;
            let start = rules.len();
            rules.extend(made);
            filters.push(start..rules.len());
        }
        Ok(compiler.finish(sources, rules, filters))
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

fn finished(growing: Growing, all: &[Leaf]) -> Rule {
    let Growing { leaves: unordered, nots } = growing;
    let leaf = |leaf: u32| all.get(leaf as usize);
    let path = |number: u32| leaf(number).map_or("", |leaf| leaf.path.as_str());
    let mut leaves: Vec<u32> = Vec::with_capacity(unordered.len());
    for number in unordered {
        let place = leaves.partition_point(|&other| order(path(other), path(number)).is_le());
        leaves.insert(place, number);
    }
    let is_open = !nots.is_empty() || leaves.iter().any(|&number| leaf(number).is_some_and(|leaf| leaf.absent));
    Rule { leaves, nots, is_open }
}

/// The order in which Java sorts text: by units of UTF-16. Inside arrays it decides what `exists: false` means.
fn order(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

impl Compiler {
    fn finish(self, sources: Vec<Source>, rules: Vec<Growing>, filters: Vec<Range<usize>>) -> Filters {
        let Self { dialect, leaves, negated } = self;
        let finish = |rules: Vec<Growing>| rules.into_iter().map(|rule| finished(rule, &leaves)).collect::<Vec<_>>();
        let (rules, negated) = (finish(rules), negated.into_iter().map(finish).collect::<Vec<_>>());
        let mut paths = Paths::default();
        for (number, leaf) in (0_u32..).zip(&leaves) {
            // A leaf that a later one of the same alternative replaced is in no rule.
            if rules.iter().chain(negated.iter().flatten()).any(|rule| rule.leaves.contains(&number)) {
                match attribute_of(&leaf.path) {
                    Some(attribute) if leaf.asks_container(&attribute) => paths.add_container(&leaf.path, number),
                    Some(_) if leaf.loose => paths.add_loose(&leaf.path, number),
                    Some(_) if dialect == Dialect::Extended => paths.add_tagged(&leaf.path, number),
                    _ => paths.add(&leaf.path, number),
                }
            }
        }
        paths.finish();
        let rules_of = (0_u32..).zip(&leaves).map(|(number, _)| mask(&rules, number)).collect();
        Filters {
            dialect,
            sources,
            all_rules: u64::MAX >> (64 - rules.len().clamp(1, 64)),
            parts: parts(&paths),
            compares: leaves.iter().any(|leaf| leaf.compares.is_some()),
            contains: leaves.iter().any(|leaf| leaf.contains),
            leaves,
            rules,
            filters,
            negated,
            rules_of,
            paths,
        }
    }

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
    pub(super) fn object(
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
            let added = match (self.dialect, name.as_str()) {
                (_, "$or") => self.or(rules, path, value),
                (Dialect::Extended, "$and") => self.and(rules, path, value),
                (Dialect::Extended, "$not") => self.not(rules, path, value),
                // No event has such a name, and a record that is skipped for it would be lost in silence.
                (_, "$and" | "$not") if path.is_none() => Err(Fault::here(
                    value.at,
                    format!("{name} is of the dialect \"extended\": write $or, or say dialect=\"extended\""),
                )
                .operator(name)
                .found(name.as_str())
                .ours()),
                _ => self.member(rules, path, name, value, inside_or),
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
        if inside_or && self.dialect != Dialect::Extended && RESERVED.contains(&name) {
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
            let fault = Fault::here(value.at, format!("a path has at most {FILTER_DEPTH} steps"));
            return Err(fault.found(path.split('.').count().to_string()).allowed(&[&FILTER_DEPTH.to_string()]).ours());
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
        let attribute = attribute_of(&path).filter(|_| self.dialect == Dialect::Extended);
        let typed = attribute.as_ref().is_some_and(|attribute| attribute.typed);
        let loose = attribute.as_ref().is_some_and(|attribute| attribute.loose);
        let compares = compared(tree, &path, &tests, attribute)?;
        let contains = tests.iter().any(|test| matches!(test, Test::ContainsAll(_)));
        let mut written = String::new();
        write(&mut written, tree);
        let texts_only = tests.iter().all(|test| matches!(test, Test::Text(_)));
        let leaf = Leaf { path, tests, written, absent, texts_only, typed, loose, compares, contains };
        let place = self.leaves.iter().position(|other| *other == leaf).unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        Ok(u32::try_from(place).unwrap_or(u32::MAX))
    }

    fn put(&self, rules: &mut Vec<Growing>, leaf: u32) {
        let path = |leaf: u32| self.leaves.get(leaf as usize).map(|leaf| leaf.path.as_str());
        if rules.is_empty() {
            rules.push(Growing::default());
        }
        for rule in rules {
            if self.dialect != Dialect::Extended {
                rule.leaves.retain(|other| path(*other) != path(leaf));
            }
            if !rule.leaves.contains(&leaf) {
                rule.leaves.push(leaf);
            }
        }
    }
}

/// What a path inside an image names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The names around it and its own, without the type tags between.
    pub names: Vec<String>,
    /// The type that the path ends with, if it is not left out.
    pub tag: Option<String>,
    /// Whether the path ends without the type of a value: L and M are those of more names or elements.
    pub typed: bool,
    /// Whether it leaves out any type.
    pub loose: bool,
}

/// The attribute that a path names; None outside of images.
pub fn attribute_of(path: &str) -> Option<Attribute> {
    let mut steps = path.strip_prefix("dynamodb.")?.split('.');
    if !IMAGES.contains(&steps.next()?) {
        return None;
    }
    let (mut names, mut tag, mut is_value, mut loose) = (Vec::new(), None, false, false);
    for step in steps {
        // Behind a name comes the type of its value, or, if that is left out, a name of the map that it is.
        if is_value && TAGS.contains(&step) {
            tag = Some(step.to_owned());
            is_value = step == "L";
            if step != "L" && step != "M" {
                return Some(Attribute { names, tag, typed: false, loose });
            }
        } else {
            loose |= is_value;
            names.push(step.to_owned());
            (tag, is_value) = (None, true);
        }
    }
    (!names.is_empty()).then_some(Attribute { names, tag, typed: true, loose: true })
}
