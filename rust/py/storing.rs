//! What tailrace's own sinks ask of a record beside its values; no part of the public API.

use pyo3::prelude::*;

use super::args::Image;
use super::errors::guard;
use super::record::{Record, build, over};
use crate::core::attribute_value::read_item;
use crate::core::json::JsonWriter;
use crate::core::sequence_number::{kinesis_guard, stream_guard};

/// What orders the changes of one item.
#[pyfunction]
pub fn order_guard(py: Python<'_>, record: &Bound<'_, Record>) -> PyResult<Option<(&'static str, String)>> {
    guard(py, || {
        let record = record.get();
        let read = record.number(py).and_then(|number| {
            let Some(number) = number else {
                return Ok(None);
            };
            if !record.through_kinesis(py)? {
                return Ok(Some(("stream", stream_guard(&number)?)));
            }
            match record.created(py)? {
                Some(created) => Ok(Some(("kinesis", kinesis_guard(created, &number)?))),
                None => Ok(None),
            }
        });
        record.raise_in(py, read, &["dynamodb"])
    })
}

/// The keys or an image as DynamoDB JSON.
#[pyfunction]
pub fn image_json(py: Python<'_>, record: &Bound<'_, Record>, image: Image) -> PyResult<Option<String>> {
    guard(py, || {
        let record = record.get();
        let written = record.sound().and_then(|()| {
            over!(record, py, |source, fields| build(source, fields, image, |node| {
                let mut writer = JsonWriter::default();
                read_item(node, &mut writer)?;
                Ok(writer.into_text())
            }))
        });
        record.raise_in(py, written, &["dynamodb", image.wire_name()])
    })
}
