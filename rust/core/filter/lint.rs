//! What a valid pattern may not mean as it was meant: told without any record.

use std::collections::BTreeMap;

use super::compile::{Filters, Rule};
use super::criteria::Source;
use super::dialect::Dialect;
use super::expression::expression;
use super::parse::{Tree, Value};
use super::paths::{IMAGES, TAGS};
use super::pattern::Test;
use super::suggest::nearest;
use crate::core::error::Step;

/// A warning about one place of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A word that stays: for those who want to pass some by.
    pub code: &'static str,
    /// What is to be said.
    pub message: String,
    /// Where in the pattern, outermost step first.
    pub path: Vec<Step>,
    /// Line and column of the text, both from 1.
    pub position: Option<(usize, usize)>,
    /// Which filter, from 0.
    pub filter: usize,
}

/// Names of a record.
const RECORD: &[&str] =
    &["awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "eventSourceARN", "eventVersion", "userIdentity"];

/// Those of them that AWS is seen to filter on.
const FILTERED: &[&str] = &["dynamodb", "eventID", "eventName", "userIdentity"];

/// Names inside `dynamodb`.
const CHANGE: &[&str] =
    &["ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType"];

const EVENT_NAMES: &[&str] = &["INSERT", "MODIFY", "REMOVE"];

struct Lint<'a> {
    filters: &'a Filters,
    source: &'a Source,
    filter: usize,
    found: Vec<Warning>,
}

/// All warnings about all patterns, in the order of the patterns.
pub fn lint(filters: &Filters) -> Vec<Warning> {
    let each = filters.sources.iter().zip(&filters.filters).enumerate();
    let each = each.flat_map(|(filter, (source, rules))| {
        let mut lint = Lint { filters, source, filter, found: Vec::new() };
        lint.object(&source.tree, &mut Vec::new(), "", &mut BTreeMap::new());
        for rule in filters.rules.get(rules.clone()).unwrap_or_default() {
            lint.rule(rule);
        }
        lint.found
    });
    each.collect()
}

impl Lint<'_> {
    fn warn(&mut self, code: &'static str, tree: &Tree, steps: &[Step], message: impl Into<String>) {
        let at = super::fault::Fault::here(tree.at, "").in_text(self.source.text.as_bytes()).position;
        let warning =
            Warning { code, message: message.into(), path: steps.to_vec(), position: at, filter: self.filter };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }

    /// `seen`: the paths outside of `$or` so far.
    fn object(&mut self, tree: &Tree, steps: &mut Vec<Step>, path: &str, seen: &mut BTreeMap<String, bool>) {
        let Value::Object(members) = &tree.value else { return };
        for (index, (name, value)) in members.iter().enumerate() {
            steps.push(Step::Name(name.clone()));
            let is_word =
                name == "$or" || self.filters.dialect == Dialect::Extended && (name == "$and" || name == "$not");
            if is_word {
                self.branches(value, steps, path, seen);
            } else {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                self.twice(members, index, value, steps, &inner);
                self.name(name, path, value, steps);
                match &value.value {
                    Value::Array(values) => self.leaf(&inner, value, values, steps, seen),
                    _ => self.object(value, steps, &inner, seen),
                }
            }
            steps.pop();
        }
    }

    fn branches(&mut self, tree: &Tree, steps: &mut Vec<Step>, path: &str, seen: &BTreeMap<String, bool>) {
        let Value::Array(branches) = &tree.value else {
            return self.object(tree, steps, path, &mut seen.clone());
        };
        for (index, branch) in branches.iter().enumerate() {
            steps.push(Step::Index(index));
            let mut inner = seen.clone();
            for is_outside in inner.values_mut() {
                *is_outside = true;
            }
            self.object(branch, steps, path, &mut inner);
            steps.pop();
        }
    }

    fn twice(&mut self, members: &[(String, Tree)], index: usize, value: &Tree, steps: &[Step], path: &str) {
        let name = members.get(index).map(|(name, _)| name);
        let before = members.iter().take(index).any(|(other, _)| Some(other) == name);
        if before && matches!(value.value, Value::Array(_)) && self.filters.dialect != Dialect::Extended {
            self.warn("name-twice", value, steps, format!("{path} stands twice: only the last list counts"));
        }
    }

    fn name(&mut self, name: &str, path: &str, tree: &Tree, steps: &[Step]) {
        if name.contains('.') {
            self.warn(
                "dotted-name",
                tree,
                steps,
                format!("\"{name}\" is the same as names inside one another, parted at the dots"),
            );
        }
        let first = name.split('.').next().unwrap_or(name);
        match path {
            "" if first == "Records" => {
                self.warn("unknown-name", tree, steps, "a pattern is held against one record: leave Records out");
            }
            "" if !RECORD.contains(&first) => self.unknown(first, RECORD, "a record", tree, steps),
            "" if !FILTERED.contains(&first) => self.warn(
                "outside-dynamodb",
                tree,
                steps,
                format!(
                    "AWS documents filters on dynamodb only, and is seen to filter on {}: {first} may not be there yet",
                    FILTERED.join(", ")
                ),
            ),
            "dynamodb" if !CHANGE.contains(&first) => self.unknown(first, CHANGE, "dynamodb", tree, steps),
            _ => {}
        }
    }

    fn unknown(&mut self, name: &str, known: &[&str], place: &str, tree: &Tree, steps: &[Step]) {
        let near =
            known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().or_else(|| nearest(name, known));
        let more = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
        self.warn("unknown-name", tree, steps, format!("{place} has no {name}{more}"));
    }

    fn leaf(
        &mut self,
        path: &str,
        tree: &Tree,
        values: &[Tree],
        steps: &mut Vec<Step>,
        seen: &mut BTreeMap<String, bool>,
    ) {
        if seen.get(path) == Some(&true) && self.filters.dialect != Dialect::Extended {
            let message = format!(
                "{path} stands outside of $or, too: there this list takes its place, and both are not asked for"
            );
            self.warn("or-override", tree, steps, message);
        }
        seen.insert(path.to_owned(), false);
        for (index, value) in values.iter().enumerate() {
            let Ok(test) = expression(value, self.filters.dialect) else { continue };
            steps.push(Step::Index(index));
            self.test(path, value, &test, steps);
            steps.pop();
        }
    }

    fn test(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        if let Test::Address(_) = test {
            self.warn(
                "address",
                tree,
                steps,
                "text that looks like an IP address is compared as one: other spellings match, too",
            );
        }
        if path == "eventName" {
            self.event_name(tree, test, steps);
        }
        if self.filters.dialect == Dialect::Extended || !is_in_image(path) {
            return;
        }
        let tag = path.rsplit('.').next().unwrap_or_default();
        if TAGS.contains(&tag) && tag != "L" && tag != "M" {
            self.of_type(tag, tree, test, steps);
        } else {
            self.no_type(path, tree, test, steps);
        }
    }

    fn event_name(&mut self, tree: &Tree, test: &Test, steps: &[Step]) {
        if let Test::Text(name) = test
            && !EVENT_NAMES.contains(&name.as_str())
        {
            let near = EVENT_NAMES
                .iter()
                .find(|known| known.eq_ignore_ascii_case(name))
                .copied()
                .or_else(|| nearest(name, EVENT_NAMES));
            let more = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
            self.warn("never-matches", tree, steps, format!("no record has this eventName{more}"));
        }
    }

    fn no_type(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        if *test == Test::Absent {
            self.warn(
                "always-matches",
                tree,
                steps,
                format!("exists: false always matches at {path}, which is an attribute and no value: add its type, such as {path}.S"),
            );
        } else {
            let message = format!("the path ends at an attribute and never matches: add its type, such as {path}.S");
            self.warn("missing-type-tag", tree, steps, message);
        }
    }

    fn of_type(&mut self, tag: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        let message = match (tag, test) {
            ("N" | "NS", Test::Number { .. } | Test::Range(_)) => format!(
                "{tag} is text on the wire: a number or numeric never matches; write the digits as a string, or take the extended dialect"
            ),
            ("NULL", Test::Null) => "NULL holds true on the wire: null never matches, write true".to_owned(),
            ("BOOL" | "NULL", Test::Text(_) | Test::Number { .. } | Test::Prefix(_) | Test::Suffix(_)) => {
                format!("{tag} is a boolean on the wire: write true or false without quotes")
            }
            ("S" | "SS" | "B" | "BS", Test::Number { .. } | Test::Range(_) | Test::Boolean(_) | Test::Null) => {
                format!("{tag} is text on the wire: only strings match")
            }
            ("SS" | "NS" | "BS", Test::AnythingBut(_)) => {
                let message = "anything-but matches as soon as one member of the set is none of these";
                return self.warn("any-member", tree, steps, message);
            }
            _ => return,
        };
        self.warn("never-matches", tree, steps, message);
    }

    /// What the leaves of one alternative say together.
    fn rule(&mut self, rule: &Rule) {
        let leaves: Vec<_> = rule.leaves.iter().filter_map(|&leaf| self.filters.leaf(leaf)).collect();
        let names = leaves.iter().find(|leaf| leaf.path == "eventName").map(|leaf| &leaf.tests);
        let may_be = |name: &str| {
            names.is_none_or(|tests| {
                tests.iter().any(|test| test.passes_value(Some(&crate::core::value::Value::String(name.to_owned()))))
            })
        };
        let needs = |image: &str| {
            let inside = format!("dynamodb.{image}.");
            leaves.iter().any(|leaf| leaf.path.starts_with(&inside) && !leaf.absent && leaf.compares.is_none())
        };
        let (new, old) = (needs("NewImage"), needs("OldImage"));
        let tree = self.source.tree.clone();
        if new && !may_be("INSERT") && !may_be("MODIFY") {
            self.warn("never-matches", &tree, &[], "a REMOVE has no NewImage");
        }
        if old && !may_be("MODIFY") && !may_be("REMOVE") {
            self.warn("never-matches", &tree, &[], "an INSERT has no OldImage");
        }
        let compares = leaves.iter().any(|leaf| leaf.compares.is_some() || leaf.path.starts_with("dynamodb.OldImage."));
        if new && !compares && rule.nots.is_empty() && may_be("MODIFY") {
            self.warn(
                "every-later-write",
                &tree,
                &[],
                "this asks for the state after a change: it matches every later write to such an item, too. To match only the change to it, ask in OldImage for anything-but the same, or for exists: false",
            );
        }
    }
}

fn is_in_image(path: &str) -> bool {
    let mut steps = path.split('.');
    steps.next() == Some("dynamodb")
        && steps.next().is_some_and(|image| IMAGES.contains(&image))
        && steps.next().is_some()
}
