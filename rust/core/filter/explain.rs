//! Why a record matches, or why not: what each path was asked, what stands there, and a hint where a trap is known.

use super::compile::{Filters, Leaf, Rule, attribute_of};
use super::found::{Found, Kept, Record};
use super::hint::hint;
use super::matcher::Matcher;
use crate::core::error::Error;
use crate::core::node::Source;
use crate::core::record::Fields;

/// Alternatives of a filter that are explained.
const ALTERNATIVES: usize = 32;

/// Values of a path that are shown.
const VALUES: usize = 8;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether any filter matches.
    pub matches: bool,
    /// Each filter.
    pub filters: Vec<OfFilter>,
}

/// What became of it under one filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfFilter {
    /// Whether it matches.
    pub matches: bool,
    /// The alternatives into which `$or` unfolds it; the first of many.
    pub alternatives: Vec<Alternative>,
    /// How many there are.
    pub alternative_count: usize,
}

/// What became of it under one alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Whether it matches.
    pub matches: bool,
    /// Each path.
    pub paths: Vec<OfPath>,
    /// What is to be said of all of them together.
    pub hint: Option<String>,
}

/// What became of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPath {
    /// Names with dots between.
    pub path: String,
    /// The list of the pattern, as JSON.
    pub expected: String,
    /// What stands there; the first of many.
    pub found: Vec<Found>,
    /// How many values there are.
    pub found_count: usize,
    /// Whether it passes by itself.
    pub matches: bool,
    /// A known trap.
    pub hint: Option<String>,
}

/// Explains an event. `fields` are its parts if it is a record, or if filters compare the images.
pub fn explain<S: Source>(
    filters: &Filters,
    source: &S,
    whole: &S::Kept,
    fields: Option<&Fields<S::Kept>>,
) -> Result<Explanation, Error> {
    let mut matcher = Matcher::new(filters);
    let mut record = Record::default();
    if !filters.filters.is_empty() {
        matcher.read_all(source, whole, fields)?;
        record.read(&mut source.open(whole))?;
    }
    let each = filters.filters.iter().map(|range| {
        let rules = filters.rules.get(range.clone()).unwrap_or_default();
        OfFilter {
            matches: rules.iter().any(|rule| matcher.meets_rule(rule)),
            alternatives: rules
                .iter()
                .take(ALTERNATIVES)
                .map(|rule| alternative(filters, &matcher, &record, rule))
                .collect(),
            alternative_count: rules.len(),
        }
    });
    let each: Vec<OfFilter> = each.collect();
    Ok(Explanation { matches: each.is_empty() || each.iter().any(|filter| filter.matches), filters: each })
}

fn alternative(filters: &Filters, matcher: &Matcher<'_>, record: &Record, rule: &Rule) -> Alternative {
    let is_met = matcher.meets_rule(rule);
    let leaves = rule.leaves.iter().filter_map(|&number| Some((number, filters.leaf(number)?)));
    // Where all match together each does, though by itself `exists: false` would find a value in another element.
    let meets = |number| is_met || matcher.meets_leaf(number);
    let paths: Vec<OfPath> = leaves.map(|(number, leaf)| of_path(filters, meets(number), record, leaf)).collect();
    let all = paths.iter().all(|path| path.matches);
    let hint = match (is_met, all, rule.nots.is_empty()) {
        (false, true, true) => {
            Some("each path matches by itself, but in different elements of one list: all must match in one".to_owned())
        }
        (false, true, false) => Some("the paths match, and so does a pattern inside $not".to_owned()),
        _ => None,
    };
    Alternative { matches: is_met, paths, hint }
}

fn of_path(filters: &Filters, matches: bool, record: &Record, leaf: &Leaf) -> OfPath {
    let found = found_of(leaf, record);
    OfPath {
        path: leaf.path.clone(),
        expected: leaf.written.clone(),
        found_count: found.len(),
        hint: hint(filters, leaf, record, matches),
        found: found.into_iter().take(VALUES).collect(),
        matches,
    }
}

fn found_of(leaf: &Leaf, record: &Record) -> Vec<Found> {
    let tag = if leaf.typed { None } else { leaf.path.rsplit('.').next() };
    let attribute = |image, path: &str| attribute_of(path).map(|named| record.attribute(image, &named.names, tag));
    if leaf.compares.is_some() {
        let of = |image| {
            let found = attribute(image, &leaf.path).unwrap_or_default().into_iter();
            found.map(move |found| Found { image: Some(image), ..found })
        };
        return of("OldImage").chain(of("NewImage")).collect();
    }
    if leaf.loose {
        return attribute(leaf.path.split('.').nth(1).unwrap_or_default(), &leaf.path).unwrap_or_default();
    }
    record.at(&leaf.path).iter().filter_map(Kept::scalar).cloned().collect()
}
