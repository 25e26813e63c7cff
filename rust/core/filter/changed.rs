//! Tests that compare the images of a record.

use super::compile::{Attribute, Filters};
use super::fault::{Fault, Refusal};
use super::parse::Tree;
use super::pattern::{Change, Test};
use crate::core::attribute_value::{SetKind, read_value};
use crate::core::diff::find;
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::node::Source;
use crate::core::record::{Fields, read_text};
use crate::core::value::{Value, ValueBuilder};

/// The attribute that is compared between the images, as reading it wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The names to it.
    steps: Vec<Step>,
    /// The one name with dots that they may be together, where types are left out.
    dotted: Option<Step>,
    /// The type that the path ends with.
    tag: Option<String>,
    /// Whether the path says that there are only maps on its way.
    in_maps: bool,
}

impl Compared {
    fn of(path: &str, attribute: Attribute) -> Self {
        let Attribute { names, tag, .. } = attribute;
        let behind = path.splitn(3, '.').nth(2).unwrap_or_default();
        let (dotted, in_maps) = (names.join("."), behind.starts_with(&names.join(".M.")));
        Self {
            dotted: (names.len() > 1 && behind.starts_with(&dotted)).then_some(Step::Name(dotted)),
            steps: names.into_iter().map(Step::Name).collect(),
            tag,
            in_maps,
        }
    }
}

/// The attribute that these tests compare between the images, if any does.
pub fn compared(
    tree: &Tree,
    path: &str,
    tests: &[Test],
    attribute: Option<Attribute>,
) -> Result<Option<Compared>, Refusal> {
    let word = tests.iter().find_map(|test| if let Test::Change(change) = test { Some(change.word()) } else { None });
    match (word, attribute) {
        (None, _) => Ok(None),
        (Some(_), Some(attribute)) if !path.starts_with("dynamodb.Keys") => Ok(Some(Compared::of(path, attribute))),
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
        let Some(compared) = &leaf.compares else { continue };
        let read = |image: Option<&S::Kept>, side: &str| {
            let value = image.map_or(Ok(None), |image| value_at(source, image, compared));
            value.map_err(|error| error.into_kind(ErrorKind::Event).at_name(side.as_bytes()).at_name(b"dynamodb"))
        };
        let (old, new) = (read(old, "OldImage")?, read(new, "NewImage")?);
        if leaf.tests.iter().any(|test| is_passed(test, old.as_ref(), new.as_ref())) {
            passed.push(number);
        }
    }
    Ok(passed)
}

fn is_of(value: &Value, tag: Option<&str>) -> bool {
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
    tag.is_none_or(|tag| held == tag)
}

/// The value of an attribute, if it is of the type that the path ends with. Of an attribute inside a list it is the list
/// of what the elements have, but for a path that says that there are only maps on its way.
fn value_at<S: Source>(source: &S, image: &S::Kept, compared: &Compared) -> Result<Option<Value>, Error> {
    let Compared { steps, dotted, tag, in_maps } = compared;
    let tag = tag.as_deref();
    let read = |kept: S::Kept| read_value(&mut source.open(&kept), &mut ValueBuilder, 0);
    let mut kept = find(source, image, steps)?;
    if let (None, Some(dotted)) = (&kept, dotted) {
        kept = find(source, image, std::slice::from_ref(dotted))?;
    }
    if let Some(kept) = kept {
        return Ok(Some(read(kept)?).filter(|value| is_of(value, tag)));
    }
    for count in (1..if *in_maps { 0 } else { steps.len() }).rev() {
        let (before, behind) = (steps.get(..count).unwrap_or_default(), steps.get(count..).unwrap_or_default());
        if let Some(kept) = find(source, image, before)? {
            let mut found = Vec::new();
            if let list @ Value::List(_) = read(kept)? {
                within(list, behind, tag, &mut found);
            }
            return Ok((!found.is_empty()).then_some(Value::List(found)));
        }
    }
    Ok(None)
}

/// What the elements of a list have behind some names, in their order.
fn within(value: Value, names: &[Step], tag: Option<&str>, found: &mut Vec<Value>) {
    match (value, names) {
        (Value::List(elements), _) if !names.is_empty() => {
            for element in elements {
                within(element, names, tag, found);
            }
        }
        (Value::Map(mut members), [Step::Name(name), rest @ ..]) => {
            if let Some(member) = members.remove(name) {
                within(member, rest, tag, found);
            }
        }
        (value, []) if is_of(&value, tag) => found.push(value),
        _ => {}
    }
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
    Error::event(
        "the record does not carry the images of its change, or is no INSERT, MODIFY or REMOVE: a filter that compares them needs the view type NEW_AND_OLD_IMAGES",
    )
}
