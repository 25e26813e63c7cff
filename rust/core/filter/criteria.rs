//! The forms in which filters come: FilterCriteria, a list of patterns, or one pattern; text or objects.

use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use crate::core::json::write_string;
use crate::core::limits::FILTER_CHARACTERS;

/// One pattern as it came.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its tree.
    pub tree: Tree,
    /// Its text, as it came or as compact JSON.
    pub text: String,
}

/// The patterns of whatever was given, in order.
pub fn sources(given: &Tree) -> Result<Vec<Source>, Refusal> {
    if let Some(filters) = filters_of(given) {
        let Value::Array(filters) = &filters.value else {
            return Err(no_filter(filters, "Filters has a list").inside_name("Filters"));
        };
        return each(filters, |filter| match pattern_of(filter) {
            Some(pattern) => source(pattern),
            None => Err(no_filter(filter, "a filter is {\"Pattern\": ...} and nothing beside it")),
        });
    }
    match &given.value {
        Value::Text(text) => from_text(text),
        Value::Array(patterns) => each(patterns, |pattern| source(pattern_text_of(pattern))),
        _ => Ok(vec![source(pattern_text_of(given))?]),
    }
}

fn no_filter(found: &Tree, wanted: &str) -> Refusal {
    Fault::here(found.at, format!("{wanted}, found {}", found.kind())).found(found.kind()).ours()
}

/// Text is a pattern, or FilterCriteria as a configuration file holds it; never a list.
fn from_text(text: &str) -> Result<Vec<Source>, Refusal> {
    match Tree::parse(text) {
        Ok(tree) if filters_of(&tree).is_some() => sources(&tree).map_err(|fault| fault.in_text(text.as_bytes())),
        _ => Ok(vec![text_source(text)?]),
    }
}

/// What `{"Filters": ...}` has, also inside `{"FilterCriteria": ...}`: no record has a field of this name.
fn filters_of(tree: &Tree) -> Option<&Tree> {
    let Value::Object(members) = &tree.value else {
        return None;
    };
    match members.as_slice() {
        [(name, filters)] if name == "Filters" => Some(filters),
        [(name, criteria)] if name == "FilterCriteria" => filters_of(criteria),
        _ => None,
    }
}

/// The Pattern of `{"Pattern": ...}`.
fn pattern_of(filter: &Tree) -> Option<&Tree> {
    let Value::Object(members) = &filter.value else {
        return None;
    };
    match members.as_slice() {
        [(name, pattern @ Tree { value: Value::Text(_) | Value::Object(_), .. })] if name == "Pattern" => Some(pattern),
        _ => None,
    }
}

/// An element of a list: a pattern, or what a list of FilterCriteria holds. An attribute may be called Pattern, too.
fn pattern_text_of(element: &Tree) -> &Tree {
    match pattern_of(element) {
        Some(pattern) if matches!(pattern.value, Value::Text(_)) => pattern,
        _ => element,
    }
}

fn each(patterns: &[Tree], read: impl Fn(&Tree) -> Result<Source, Refusal>) -> Result<Vec<Source>, Refusal> {
    let read = patterns.iter().enumerate().map(|(index, pattern)| {
        read(pattern).map_err(|mut fault| {
            fault.filter = Some(index);
            fault
        })
    });
    read.collect()
}

fn source(pattern: &Tree) -> Result<Source, Refusal> {
    if let Value::Text(text) = &pattern.value {
        return text_source(text);
    }
    let mut text = String::new();
    write(&mut text, pattern);
    check_length(&text)?;
    // The places of a pattern that is no text of its own are those of another text.
    Ok(Source { tree: pattern.without_places(), text })
}

fn text_source(text: &str) -> Result<Source, Refusal> {
    check_length(text)?;
    let tree = Tree::parse(text).map_err(|fault| fault.in_text(text.as_bytes()))?;
    Ok(Source { tree, text: text.to_owned() })
}

fn check_length(text: &str) -> Result<(), Refusal> {
    let count = text.chars().count();
    if count <= FILTER_CHARACTERS {
        return Ok(());
    }
    Err(Fault::here(None, format!("a pattern has at most {FILTER_CHARACTERS} characters, this one has {count}"))
        .found(count.to_string())
        .allowed(&["4096 characters"])
        .ours())
}

/// Writes compact JSON.
pub fn write(out: &mut String, tree: &Tree) {
    match &tree.value {
        Value::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_string(out, name);
                out.push(':');
                write(out, value);
            }
            out.push('}');
        }
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write(out, element);
            }
            out.push(']');
        }
        Value::Text(text) => write_string(out, text),
        _ => out.push_str(tree.token()),
    }
}

/// The same fault in one filter of several.
pub fn in_filter(mut fault: Refusal, index: usize, count: usize) -> Refusal {
    fault.filter = (count > 1).then_some(index);
    fault
}
