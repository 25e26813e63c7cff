//! What a valid pattern may not mean as it was meant: told without any record.

use super::compile::Filters;
use super::criteria::Source;
use super::dialect::Dialect;
use super::expression::expression;
use super::parse::{Tree, Value};
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

/// Names inside `userIdentity`.
const IDENTITY: &[&str] = &["principalId", "type"];

pub(super) struct Lint<'a> {
    pub(super) filters: &'a Filters,
    pub(super) source: &'a Source,
    filter: usize,
    found: Vec<Warning>,
    /// All that is asked at a path, in the order of the pattern.
    pub(super) asked: Vec<(String, Vec<Element<'a>>)>,
    /// The `$or`s, each with the steps to it.
    pub(super) ors: Vec<(&'a Tree, Vec<Step>)>,
}

/// One value of a list.
pub(super) struct Element<'a> {
    pub(super) tree: &'a Tree,
    pub(super) test: Test,
    pub(super) steps: Vec<Step>,
}

impl Element<'_> {
    /// Whether both are of one list.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.steps.split_last().map(|(_, list)| list) == other.steps.split_last().map(|(_, list)| list)
    }
}

/// Where a path was met before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// It was not.
    Nowhere,
    /// In the same alternatives.
    Here,
    /// Outside of the `$or` at hand.
    Outside,
    /// Inside of a `$or` that is over.
    Inside,
}

/// All warnings about all patterns, in the order of the patterns.
pub fn lint(filters: &Filters) -> Vec<Warning> {
    let each = filters.sources.iter().zip(&filters.filters).enumerate();
    let each = each.flat_map(|(filter, (source, rules))| {
        let mut lint = Lint { filters, source, filter, found: Vec::new(), asked: Vec::new(), ors: Vec::new() };
        lint.object(&source.tree, &mut Vec::new(), "", &mut Vec::new());
        lint.together(filters.rules.get(rules.clone()).unwrap_or_default());
        lint.found
    });
    each.collect()
}

impl<'a> Lint<'a> {
    pub(super) fn warn(&mut self, code: &'static str, tree: &Tree, steps: &[Step], message: impl Into<String>) {
        let at = super::fault::Fault::here(tree.at, "").in_text(self.source.text.as_bytes()).position;
        let warning =
            Warning { code, message: message.into(), path: steps.to_vec(), position: at, filter: self.filter };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }

    pub(super) fn is_extended(&self) -> bool {
        self.filters.dialect == Dialect::Extended
    }

    fn object(&mut self, tree: &'a Tree, steps: &mut Vec<Step>, path: &str, seen: &mut Vec<(String, Seen)>) {
        let Value::Object(members) = &tree.value else { return };
        for (name, value) in members {
            steps.push(Step::Name(name.clone()));
            let is_word = name == "$or" || self.is_extended() && (name == "$and" || name == "$not");
            if is_word {
                self.branches(value, steps, path, seen);
            } else {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                self.name(name, path, value, steps);
                match &value.value {
                    Value::Array(values) => self.leaf(&inner, value, values, steps, seen),
                    _ => self.object(value, steps, &inner, seen),
                }
            }
            steps.pop();
        }
    }

    fn branches(&mut self, tree: &'a Tree, steps: &mut Vec<Step>, path: &str, seen: &mut Vec<(String, Seen)>) {
        let Value::Array(branches) = &tree.value else {
            return self.object(tree, steps, path, &mut seen.clone());
        };
        self.ors.push((tree, steps.clone()));
        let mut met = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            steps.push(Step::Index(index));
            let mut inner: Vec<(String, Seen)> = seen.iter().map(|(path, _)| (path.clone(), Seen::Outside)).collect();
            self.object(branch, steps, path, &mut inner);
            met.extend(inner.into_iter().skip(seen.len()));
            steps.pop();
        }
        for (path, _) in met {
            if place_of(seen, &path).is_none() {
                seen.push((path, Seen::Inside));
            }
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
            "userIdentity" if !IDENTITY.contains(&first) => {
                self.unknown(first, IDENTITY, "a userIdentity", tree, steps);
            }
            _ => {}
        }
    }

    fn unknown(&mut self, name: &str, known: &[&str], place: &str, tree: &Tree, steps: &[Step]) {
        self.warn("unknown-name", tree, steps, format!("{place} has no {name}{}", meant(name, known)));
    }

    fn leaf(
        &mut self,
        path: &str,
        tree: &'a Tree,
        values: &'a [Tree],
        steps: &mut Vec<Step>,
        seen: &mut Vec<(String, Seen)>,
    ) {
        let place = place_of(seen, path).unwrap_or_else(|| {
            seen.push((path.to_owned(), Seen::Nowhere));
            seen.len() - 1
        });
        if let Some((_, seen)) = seen.get_mut(place) {
            if !self.is_extended() {
                self.again(path, tree, steps, *seen);
            }
            *seen = Seen::Here;
        }
        for (index, value) in values.iter().enumerate() {
            let Ok(test) = expression(value, self.filters.dialect) else { continue };
            steps.push(Step::Index(index));
            self.test(path, value, &test, steps);
            let element = Element { tree: value, test, steps: steps.clone() };
            match self.asked.iter_mut().find(|(other, _)| other == path) {
                Some((_, elements)) => elements.push(element),
                None => self.asked.push((path.to_owned(), vec![element])),
            }
            steps.pop();
        }
    }

    /// A list takes the place of one that stands before it at the same path.
    fn again(&mut self, path: &str, tree: &Tree, steps: &[Step], seen: Seen) {
        let (code, message) = match seen {
            Seen::Nowhere => return,
            Seen::Here => ("name-twice", format!("{path} stands twice: only the last list counts")),
            Seen::Outside => (
                "or-override",
                format!(
                    "{path} stands outside of $or, too: there this list takes its place, and both are not asked for"
                ),
            ),
            Seen::Inside => (
                "or-override",
                format!(
                    "{path} stands inside of $or, too: this list takes the place of that, and both are not asked for"
                ),
            ),
        };
        self.warn(code, tree, steps, message);
    }
}

fn place_of(seen: &[(String, Seen)], path: &str) -> Option<usize> {
    seen.iter().position(|(other, _)| other == path)
}

/// The name that may have been meant, letter case aside.
pub(super) fn meant(name: &str, known: &[&str]) -> String {
    let near = known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().or_else(|| nearest(name, known));
    near.map_or_else(String::new, |near| format!(": did you mean {near}?"))
}
