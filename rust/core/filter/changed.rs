//! Tests that compare the images of a record.

use super::compile::{Filters, attribute_of};
use super::fault::{Fault, Refusal};
use super::parse::Tree;
use super::paths::TAGS;
use super::pattern::{Change, Test};
use crate::core::attribute_value::{SetKind, read_value};
use crate::core::diff::find;
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::node::Source;
use crate::core::record::{Fields, read_text};
use crate::core::value::{Value, ValueBuilder};

/// The steps of the attribute that these tests compare between the images, if any does.
pub fn compared(
    tree: &Tree,
    path: &str,
    tests: &[Test],
    steps: Option<Vec<String>>,
) -> Result<Option<Vec<String>>, Refusal> {
    let word = tests.iter().find_map(|test| if let Test::Change(change) = test { Some(change.word()) } else { None });
    match (word, steps) {
        (None, _) => Ok(None),
        (Some(word), Some(_)) if leads_into_list(path) => Err(inside_list(tree).operator(word)),
        (Some(_), Some(steps)) if !path.starts_with("dynamodb.Keys") => Ok(Some(steps)),
        (Some(word), _) => Err(no_attribute(tree).operator(word)),
    }
}

/// The leaves that are passed by what became of their attribute.
pub fn changed_leaves<S: Source>(filters: &Filters, source: &S, fields: &Fields<S::Kept>) -> Result<Vec<u32>, Error> {
    let name =
        read_text(source, fields.event_name.as_ref(), "eventName").map_err(|error| error.at_name(b"eventName"))?;
    let images = fields.change.as_ref().zip(name).and_then(|(change, name)| change.images(&name));
    let (old, new) = images.ok_or_else(no_images)?;
    let mut passed = Vec::new();
    for (number, leaf) in (0_u32..).zip(&filters.leaves) {
        let Some(path) = &leaf.compares else { continue };
        // No value of another type is looked at.
        let tag = type_at_end(&leaf.path);
        let read = |image: Option<&S::Kept>, side: &str| {
            let value = image.map_or(Ok(None), |image| value_at(source, image, path));
            let value = value.map(|value| value.filter(|value| tag.is_none_or(|tag| is_of(value, tag))));
            value.map_err(|error| error.into_kind(ErrorKind::Event).at_name(side.as_bytes()).at_name(b"dynamodb"))
        };
        let (old, new) = (read(old, "OldImage")?, read(new, "NewImage")?);
        if leaf.tests.iter().any(|test| is_passed(test, old.as_ref(), new.as_ref())) {
            passed.push(number);
        }
    }
    Ok(passed)
}

fn is_of(value: &Value, tag: &str) -> bool {
    let held = match value {
        Value::String(_) => "S",
        Value::Number(_) => "N",
        Value::Binary(_) => "B",
        Value::Boolean(_) => "BOOL",
        Value::Null => "NULL",
        Value::List(_) => "L",
        Value::Map(_) => "M",
        Value::Set(SetKind::String, _) => "SS",
        Value::Set(SetKind::Number, _) => "NS",
        Value::Set(SetKind::Binary, _) => "BS",
    };
    held == tag
}

/// The value of an attribute. A name with dots is that of an attribute, too.
fn value_at<S: Source>(source: &S, image: &S::Kept, path: &[String]) -> Result<Option<Value>, Error> {
    let steps: Vec<Step> = path.iter().map(|name| Step::Name(name.clone())).collect();
    let mut kept = find(source, image, &steps)?;
    if kept.is_none() && path.len() > 1 {
        kept = find(source, image, &[Step::Name(path.join("."))])?;
    }
    kept.map(|kept| read_value(&mut source.open(&kept), &mut ValueBuilder, 0)).transpose()
}

fn is_passed(test: &Test, old: Option<&Value>, new: Option<&Value>) -> bool {
    match test {
        Test::Change(Change::Any) => old != new,
        Test::Change(Change::FromTo(from, to)) => old != new && from.passes_value(old) && to.passes_value(new),
        Test::Change(Change::Added) => old.is_none() && new.is_some(),
        Test::Change(Change::Removed) => old.is_some() && new.is_none(),
        _ => false,
    }
}

/// The type that the path of an attribute ends with, if it is not left out.
fn type_at_end(path: &str) -> Option<&str> {
    let (before, last) = path.rsplit_once('.')?;
    let names = |path| attribute_of(path).map(|(names, _)| names);
    (TAGS.contains(&last) && names(before)? == names(path)?).then_some(last)
}

fn leads_into_list(path: &str) -> bool {
    path.match_indices('.').any(|(at, _)| path.get(..at).and_then(type_at_end) == Some("L"))
}

#[cold]
fn inside_list(tree: &Tree) -> Refusal {
    Fault::here(
        tree.at,
        "changed, added and removed look at an attribute as a whole, and not into lists: end the path at L or before it",
    )
}

#[cold]
fn no_attribute(tree: &Tree) -> Refusal {
    Fault::here(
        tree.at,
        "changed, added and removed compare the images: they stand at a path of an attribute inside dynamodb.NewImage or dynamodb.OldImage",
    )
    .allowed(&["dynamodb.NewImage", "dynamodb.OldImage"])
}

#[cold]
fn no_images() -> Error {
    Error::event("the record does not carry the images of its change: a filter needs the view type NEW_AND_OLD_IMAGES")
}
