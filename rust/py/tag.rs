//! One attribute value in the form a boto3 client takes: a dict of its type tag and payload.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::errors::foreign;
use crate::core::attribute_value::{SetKind, Tag};
use crate::core::error::Error;

/// The tag as Python's own str of it, so that nobody has to compare characters.
#[inline]
pub fn tag_name(py: Python<'_>, tag: Tag) -> &Bound<'_, PyString> {
    match tag {
        Tag::S => intern!(py, "S"),
        Tag::N => intern!(py, "N"),
        Tag::B => intern!(py, "B"),
        Tag::Bool => intern!(py, "BOOL"),
        Tag::Null => intern!(py, "NULL"),
        Tag::L => intern!(py, "L"),
        Tag::M => intern!(py, "M"),
        Tag::Set(SetKind::String) => intern!(py, "SS"),
        Tag::Set(SetKind::Number) => intern!(py, "NS"),
        Tag::Set(SetKind::Binary) => intern!(py, "BS"),
    }
}

/// `{tag: payload}`
#[inline]
pub fn tagged<'py>(tag: Tag, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
    let value = PyDict::new(payload.py());
    value.set_item(tag_name(payload.py(), tag), payload).map_err(foreign)?;
    Ok(value.into_any())
}
