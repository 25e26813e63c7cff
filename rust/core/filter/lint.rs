//! What a valid pattern may not mean as it was meant: told without any record.

use super::compile::Filters;
use super::criteria::Source;
use super::dialect::Dialect;
use super::expression::expression;
use super::fault::Fault;
use super::mismatch::Asked;
use super::parse::{Tree, Value};
use super::pattern::Test;
use super::shape::{Origin, Place};
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

/// What never or always matches, or loses records.
const ERRORS: &[&str] = &[
    "always-matches",
    "dead-branch",
    "ends-early",
    "excludes-nothing",
    "missing-type-tag",
    "name-twice",
    "never-matches",
    "operator-as-name",
    "or-shared",
    "text-before-range",
    "unknown-name",
];

impl Warning {
    /// `error` for what never or always matches, or loses records; `advice` for what may be meant.
    pub fn severity(&self) -> &'static str {
        if ERRORS.contains(&self.code) { "error" } else { "advice" }
    }
}

pub(super) struct Lint<'a> {
    pub(super) filters: &'a Filters,
    pub(super) source: &'a Source,
    pub(super) origin: Option<Origin>,
    filter: usize,
    pub(super) found: Vec<Warning>,
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

/// All warnings about all patterns, in the order of the patterns. `origin` is where their records come from, if that is
/// known.
pub fn lint(filters: &Filters, origin: Option<Origin>) -> Vec<Warning> {
    let each = filters.sources.iter().zip(&filters.filters).enumerate();
    let each = each.flat_map(|(filter, (source, rules))| {
        let (found, asked, ors) = Default::default();
        let mut lint = Lint { filters, source, origin, filter, found, asked, ors };
        let place = if origin == Some(Origin::Kinesis) { Place::Envelope } else { Place::Record };
        lint.object(&source.tree, &mut Vec::new(), "", place, &mut Vec::new());
        lint.together(filters.rules.get(rules.clone()).unwrap_or_default());
        lint.found
    });
    each.collect()
}

impl<'a> Lint<'a> {
    pub(super) fn warn(&mut self, code: &'static str, tree: &Tree, steps: &[Step], message: impl Into<String>) {
        self.warn_at(tree.at, code, steps, message.into());
    }

    /// About the name that stands before a value.
    pub(super) fn warn_of_name(&mut self, code: &'static str, tree: &Tree, steps: &[Step], message: impl Into<String>) {
        let at = tree.at.map(|at| name_before(self.source.text.as_bytes(), at).unwrap_or(at));
        self.warn_at(at, code, steps, message.into());
    }

    fn warn_at(&mut self, at: Option<usize>, code: &'static str, steps: &[Step], message: String) {
        let position = Fault::here(at, "").in_text(self.source.text.as_bytes()).position;
        let warning = Warning { code, message, path: steps.to_vec(), position, filter: self.filter };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }

    pub(super) fn is_extended(&self) -> bool {
        self.filters.dialect == Dialect::Extended
    }

    fn object(
        &mut self,
        tree: &'a Tree,
        steps: &mut Vec<Step>,
        path: &str,
        place: Place,
        seen: &mut Vec<(String, Seen)>,
    ) {
        let Value::Object(members) = &tree.value else { return };
        for (name, value) in members {
            steps.push(Step::Name(name.clone()));
            let is_word = name == "$or" || self.is_extended() && (name == "$and" || name == "$not");
            if is_word {
                self.branches(value, steps, path, place, seen);
            } else {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let place = self.name(name, path, place, value, steps);
                match &value.value {
                    Value::Array(_) => self.leaf(&inner, value, steps, place, seen),
                    _ => self.object(value, steps, &inner, place, seen),
                }
            }
            steps.pop();
        }
    }

    fn branches(
        &mut self,
        tree: &'a Tree,
        steps: &mut Vec<Step>,
        path: &str,
        place: Place,
        seen: &mut Vec<(String, Seen)>,
    ) {
        let Value::Array(branches) = &tree.value else {
            return self.object(tree, steps, path, place, &mut seen.clone());
        };
        self.ors.push((tree, steps.clone()));
        let mut met = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            steps.push(Step::Index(index));
            let mut inner: Vec<(String, Seen)> = seen.iter().map(|(path, _)| (path.clone(), Seen::Outside)).collect();
            self.object(branch, steps, path, place, &mut inner);
            met.extend(inner.into_iter().skip(seen.len()));
            steps.pop();
        }
        for (path, _) in met {
            if place_of(seen, &path).is_none() {
                seen.push((path, Seen::Inside));
            }
        }
    }

    fn leaf(
        &mut self,
        path: &str,
        tree: &'a Tree,
        steps: &mut Vec<Step>,
        place: Place,
        seen: &mut Vec<(String, Seen)>,
    ) {
        let Value::Array(values) = &tree.value else { return };
        let met = place_of(seen, path).unwrap_or_else(|| {
            seen.push((path.to_owned(), Seen::Nowhere));
            seen.len() - 1
        });
        if let Some((_, seen)) = seen.get_mut(met) {
            if !self.is_extended() {
                self.again(path, tree, steps, *seen);
            }
            *seen = Seen::Here;
        }
        let mut tests = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let Ok(test) = expression(value, self.filters.dialect) else { continue };
            steps.push(Step::Index(index));
            self.test(Asked { path, tree: value, test: &test, steps }, place);
            tests.push(test.clone());
            let element = Element { tree: value, test, steps: steps.clone() };
            match self.asked.iter_mut().find(|(other, _)| other == path) {
                Some((_, elements)) => elements.push(element),
                None => self.asked.push((path.to_owned(), vec![element])),
            }
            steps.pop();
        }
        self.list(tree, &tests, steps, place);
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
        if code == "name-twice" {
            self.warn_of_name(code, tree, steps, message);
        } else {
            self.warn(code, tree, steps, message);
        }
    }
}

fn place_of(seen: &[(String, Seen)], path: &str) -> Option<usize> {
    seen.iter().position(|(other, _)| other == path)
}

/// The byte of the quote at which the name starts whose value stands at another byte.
fn name_before(text: &[u8], value: usize) -> Option<usize> {
    let quote = |end: usize| text.get(..end)?.iter().rposition(|byte| *byte == b'"');
    let mut start = quote(quote(value)?)?;
    // One behind an odd number of backslashes is part of the name.
    while text.get(..start)?.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1 {
        start = quote(start)?;
    }
    Some(start)
}

/// The name that may have been meant, letter case aside.
pub(super) fn meant(name: &str, known: &[&str]) -> String {
    let near = known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().or_else(|| nearest(name, known));
    near.map_or_else(String::new, |near| format!(": did you mean {near}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_before_its_value() {
        for (text, value) in
            [(r#"{"a":[1]}"#, 5), ("{ \"a\" \n:\t[1]}", 9), (r#"{"b":["x"],"a\"b\\":[1]}"#, 20), (r#"{"":[1]}"#, 4)]
        {
            assert_eq!(text.as_bytes().get(value), Some(&b'['), "{text}");
            let start = name_before(text.as_bytes(), value).unwrap();
            assert!(text[..start].ends_with(['{', ' ', ',']), "{text} {start}");
        }
    }
}
