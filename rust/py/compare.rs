//! Finds what changed between two items: of a record, in texts, in Python objects.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyMapping};

use super::args::Floats;
use super::between::{Between, Compared, IMAGES, IN_RECORD, ITEMS, Texts, value};
use super::errors::{Place, foreign, raise, raise_marshall};
use super::event::{Parts, bytes_of};
use super::make::Maker;
use super::marshall::Marshall;
use super::native::Natives;
use super::options::Modes;
use super::paths::Given;
use super::plain::{Names, plain};
use super::py_node::Objects;
use super::record::{Record, over};
use super::unmarshall::{IntoBytes, IntoStr, Template};
use super::wire::Wire;
use crate::core::diff::{Concern, Lockstep, Rules, Sides, changes, find};
use crate::core::error::{Error, Step};
use crate::core::json_node::{ByteRange, JsonNode};
use crate::core::node::{Node, Source};
use crate::core::record::Fields;

/// What changed in a record; None where it does not carry the images of its change.
pub fn record(py: Python<'_>, record: &Record) -> PyResult<Option<Between>> {
    let found = record.name(py).and_then(|name| {
        let Some(name) = name else {
            return Ok(None);
        };
        let (event, row) = (record.event(), record.row());
        Ok(match &record.entry()?.parts {
            Parts::Json(fields) => in_record(&event.buffers(py), fields, &name, |range| *range)?
                .map(|compared| Between::RecordOfBytes(compared, Arc::clone(event), row)),
            Parts::Python(fields) => in_record(&Objects(py), fields, &name, |kept| kept.clone_ref(py))?
                .map(|compared| Between::RecordOfObjects(compared, Arc::clone(event), row)),
        })
    });
    record.raise_in(py, found, &["dynamodb"])
}

fn in_record<S>(
    source: &S,
    fields: &Fields<S::Kept>,
    event_name: &str,
    copy: impl Fn(&S::Kept) -> S::Kept,
) -> Result<Option<Compared<S::Kept>>, Error>
where
    S: Source,
    S::Node: Lockstep,
{
    let Some((old, new)) = fields.change.as_ref().and_then(|change| change.images(event_name)) else {
        return Ok(None);
    };
    compared(source, old.map(&copy), new.map(&copy), &Rules::default(), IN_RECORD).map(Some)
}

fn compared<S>(
    source: &S,
    old: Option<S::Kept>,
    new: Option<S::Kept>,
    rules: &Rules,
    sides: Sides,
) -> Result<Compared<S::Kept>, Error>
where
    S: Source,
    S::Node: Lockstep,
{
    let changes = changes(source, old.as_ref(), new.as_ref(), rules, sides)?;
    Ok(Compared { old, new, changes })
}

/// What changed between two items of Python values.
pub fn items(old: &Bound<'_, PyAny>, new: &Bound<'_, PyAny>, rules: &Rules) -> PyResult<Between> {
    let py = old.py();
    let found = compared(&Natives(py), present(old), present(new), rules, ITEMS);
    found.map(Between::Items).map_err(|error| raise_marshall(py, rules.hide(error, false)))
}

/// What changed between two images, in texts or in Python objects.
pub fn images(old: &Bound<'_, PyAny>, new: &Bound<'_, PyAny>, rules: &Rules) -> PyResult<Between> {
    let py = old.py();
    between_images(old, new, rules).map_err(|error| raise(py, rules.hide(error, true), Place::default()))
}

fn between_images(old: &Bound<'_, PyAny>, new: &Bound<'_, PyAny>, rules: &Rules) -> Result<Between, Error> {
    let py = old.py();
    let (old_text, new_text) = (text_of(old, IMAGES.old)?, text_of(new, IMAGES.new)?);
    let no_objects = (old_text.is_some() || old.is_none()) && (new_text.is_some() || new.is_none());
    if no_objects && !(old.is_none() && new.is_none()) {
        return between_texts(py, old_text, new_text, rules);
    }
    let old = parsed(old, old_text, IMAGES.old)?;
    let new = parsed(new, new_text, IMAGES.new)?;
    compared(&Objects(py), old, new, rules, IMAGES).map(Between::Images)
}

fn between_texts(
    py: Python<'_>,
    old: Option<Bound<'_, PyBytes>>,
    new: Option<Bound<'_, PyBytes>>,
    rules: &Rules,
) -> Result<Between, Error> {
    let behind = old.as_ref().map_or(0, |old| old.as_bytes().len());
    let whole = |text: &Option<Bound<'_, PyBytes>>, base, item: &str| {
        let range = text.as_ref().map(|text| whole_text(text.as_bytes(), base)).transpose();
        range.map_err(|error| error.at_name(item.as_bytes()))
    };
    let (old_range, new_range) = (whole(&old, 0, IMAGES.old)?, whole(&new, behind, IMAGES.new)?);
    let texts = Texts { old: old.map(Bound::unbind), new: new.map(Bound::unbind) };
    let found = compared(&texts.buffers(py), old_range, new_range, rules, IMAGES)?;
    Ok(Between::Texts(found, texts))
}

/// The range of the only value of a text.
fn whole_text(text: &[u8], base: usize) -> Result<ByteRange, Error> {
    let mut node = JsonNode::with_base(text, base);
    let mark = node.mark();
    node.skip()?;
    let range = node.keep_since(mark)?;
    node.end().map(|()| range)
}

fn text_of<'py>(image: &Bound<'py, PyAny>, item: &str) -> Result<Option<Bound<'py, PyBytes>>, Error> {
    let text = bytes_of(image).map_err(|error| error.at_name(item.as_bytes()))?;
    if text.is_some() || image.is_none() || image.cast::<PyMapping>().is_ok() {
        return Ok(text);
    }
    Err(foreign(PyTypeError::new_err(format!("{item} is a mapping of attribute values, JSON text of one, or None"))))
}

/// The objects of a text, beside an image that has no text. Text that says null is no item, and no absent one.
fn parsed(image: &Bound<'_, PyAny>, text: Option<Bound<'_, PyBytes>>, item: &str) -> Result<Option<Py<PyAny>>, Error> {
    let Some(text) = text else {
        return Ok(present(image));
    };
    let mut node = JsonNode::new(text.as_bytes());
    let made = plain(&mut Maker::new(image.py()), &mut node, 0, Names::Unique);
    made.and_then(|made| node.end().map(|()| Some(made.unbind()))).map_err(|error| error.at_name(item.as_bytes()))
}

fn present(item: &Bound<'_, PyAny>) -> Option<Py<PyAny>> {
    (!item.is_none()).then(|| item.clone().unbind())
}

/// Whether two Python values are the same by what DynamoDB holds.
pub fn are_equal(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = one.py();
    let item = |value: &Bound<'_, PyAny>| [("", value)].into_py_dict(py).map(|item| item.into_any().unbind());
    let found = changes(&Natives(py), Some(&item(one)?), Some(&item(other)?), &Rules::default(), ITEMS);
    found.map(|changes| changes.is_empty()).map_err(|error| raise_marshall(py, error))
}

/// Whether the value at a path of a record changed, from one value and to another where those are given.
pub fn has_changed(py: Python<'_>, record: &Record, path: &[Step], old: Given<'_>, new: Given<'_>) -> PyResult<bool> {
    require_values(py, &old, &new)?;
    let found = record.name(py).and_then(|name| {
        over!(record, py, |source, fields| {
            let images = fields.change.as_ref().zip(name).and_then(|(change, name)| change.images(&name));
            let (before, after) = images.ok_or_else(no_images)?;
            let mut rules = Rules::default();
            rules.add(Concern::Only, path.to_vec());
            Ok(!changes(source, before, after, &rules, IN_RECORD)?.is_empty()
                && is_at(py, source, before, path, old).map_err(|error| error.at_name(IN_RECORD.old.as_bytes()))?
                && is_at(py, source, after, path, new).map_err(|error| error.at_name(IN_RECORD.new.as_bytes()))?)
        })
    });
    record.raise_in(py, found, &["dynamodb"])
}

/// Refuses what no attribute value can be equal to, whether or not it comes to be compared.
fn require_values(py: Python<'_>, old: &Given<'_>, new: &Given<'_>) -> PyResult<()> {
    let given = [(ITEMS.old, &old.0), (ITEMS.new, &new.0)];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let item = given.into_py_dict(py)?;
    let mut maker = Maker::new(py);
    let written = Marshall::new(&mut Wire::new(&mut maker), Floats::Never).item(item.as_any());
    written.map(drop).map_err(|error| raise_marshall(py, error))
}

/// Whether this value, if one is asked for, stands at a path of an image.
fn is_at<'py, S>(
    py: Python<'py>,
    source: &S,
    image: Option<&S::Kept>,
    path: &[Step],
    wanted: Given<'py>,
) -> Result<bool, Error>
where
    S: Source,
    S::Node: Template<'py>,
    <S::Node as Node>::Text: IntoStr<'py>,
    <S::Node as Node>::Bytes: IntoBytes<'py>,
{
    let Some(wanted) = wanted.0 else {
        return Ok(true);
    };
    let Some(kept) = image.map(|image| find(source, image, path)).transpose()?.flatten() else {
        return Ok(false);
    };
    let found = value(py, source, &kept, &Modes::DEFAULT)?;
    are_equal(&found, &wanted).map_err(foreign)
}

#[cold]
fn no_images() -> Error {
    Error::event(
        "the record does not carry the images of its change, or is no INSERT, MODIFY or REMOVE: see its view type",
    )
}
