//! The traps that people fall into, told where one of them is met.

use super::compile::{Filters, Leaf, attribute_of};
use super::dialect::Dialect;
use super::found::{Kept, Record};
use super::paths::{IMAGES, TAGS};
use super::pattern::Test;
use super::suggest::nearest;

/// What explains that a path does not match, or that it does.
pub fn hint(filters: &Filters, leaf: &Leaf, record: &Record, matches: bool) -> Option<String> {
    if leaf.compares.is_some() || leaf.loose {
        return if matches { None } else { attribute_hint(leaf, record) };
    }
    let kept = record.at(&leaf.path);
    let is_object = kept.contains(&Kept::Object);
    if matches {
        return (leaf.absent && is_object).then(|| always(leaf, record));
    }
    if is_object {
        return Some(object_hint(leaf, record));
    }
    if kept.iter().any(|kept| kept.scalar().is_some()) {
        return value_hint(filters, leaf, kept);
    }
    type_hint(leaf, record).or_else(|| name_hint(leaf, record))
}

/// Whether the attribute is there at all.
fn attribute_hint(leaf: &Leaf, record: &Record) -> Option<String> {
    let named = attribute_of(&leaf.path)?;
    let image = leaf.path.split('.').nth(1)?;
    let first = named.names.first()?;
    let known = record.names_behind(&format!("dynamodb.{image}"));
    if known.is_empty() || known.contains(&first.as_str()) || leaf.compares.is_some() {
        return known.is_empty().then(|| format!("the record has no {image}"));
    }
    let near = nearest(first, &known);
    let hint = match near {
        Some(near) => format!("there is no {first}: did you mean {near}?"),
        None => format!("there is no {first} in dynamodb.{image}"),
    };
    Some(hint)
}

/// `exists: false` on an object is always true.
fn always(leaf: &Leaf, record: &Record) -> String {
    let tags = tags_behind(&leaf.path, record);
    format!(
        "exists tests the ends of paths only, and an object stands here: exists: false is always true{}",
        tags.first().map_or_else(String::new, |tag| format!("; test {}.{tag}", leaf.path))
    )
}

fn object_hint(leaf: &Leaf, record: &Record) -> String {
    match tags_behind(&leaf.path, record).first() {
        Some(tag) => format!("the path ends at an attribute: its value is at {}.{tag}", leaf.path),
        None => "an object stands here, and filters see the ends of paths only".to_owned(),
    }
}

fn tags_behind<'a>(path: &str, record: &'a Record) -> Vec<&'a str> {
    record.names_behind(path).into_iter().filter(|name| TAGS.contains(name)).collect()
}

fn value_hint(filters: &Filters, leaf: &Leaf, kept: &[Kept]) -> Option<String> {
    let tag = leaf.path.rsplit('.').next().unwrap_or_default();
    let tests: Vec<&Test> = leaf.tests.iter().flat_map(Test::all).collect();
    let numbers = tests.iter().any(|test| matches!(test, Test::Number { .. } | Test::Range(_)));
    let strings = tests.iter().any(|test| matches!(test, Test::Text(_)));
    let is = |word| kept.iter().filter_map(Kept::scalar).any(|found| found.kind == word);
    if numbers && is("a string") {
        let is_text = matches!(tag, "N" | "NS");
        if is_text && filters.dialect == Dialect::Extended && attribute_of(&leaf.path).is_some() {
            return None;
        }
        let hint = if is_text {
            format!(
                "{tag} is text on the wire: a number or numeric never matches; the extended dialect compares it as a number"
            )
        } else {
            "a string stands here, and a number is asked for".to_owned()
        };
        return Some(hint);
    }
    if tag == "NULL" && leaf.tests.contains(&Test::Null) {
        return Some("NULL holds true on the wire: ask for [true]".to_owned());
    }
    if strings && is("a boolean") {
        return Some("a boolean stands here, and a string is asked for: write true or false without quotes".to_owned());
    }
    if strings && is("a number") {
        return Some("a number stands here, and a string is asked for".to_owned());
    }
    None
}

/// The attribute is there with another type.
fn type_hint(leaf: &Leaf, record: &Record) -> Option<String> {
    let (before, tag) = leaf.path.rsplit_once('.')?;
    if !TAGS.contains(&tag) {
        return None;
    }
    let tags = tags_behind(before, record);
    let other = tags.first()?;
    let hint = format!("the attribute is of type {other}, not {tag}: its value is at {before}.{other}");
    Some(hint)
}

/// The first name on the way that is not there.
fn name_hint(leaf: &Leaf, record: &Record) -> Option<String> {
    let mut before = String::new();
    for name in leaf.path.split('.') {
        let names = record.names_behind(&before);
        if !names.contains(&name) {
            if name == "Records" && before.is_empty() {
                return Some("a pattern is held against one record: leave Records out".to_owned());
            }
            let near =
                names.iter().find(|other| other.eq_ignore_ascii_case(name)).copied().or_else(|| nearest(name, &names));
            let image = IMAGES.contains(&name) && before == "dynamodb";
            let hint = match near {
                Some(near) => format!("there is no {name}: did you mean {near}?"),
                None if image => format!("the record has no {name}"),
                None => format!("there is no {name}{}", place(&before)),
            };
            return Some(hint);
        }
        before = if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") };
    }
    None
}

fn place(before: &str) -> String {
    if before.is_empty() { " in the record".to_owned() } else { format!(" in {before}") }
}
