//! What is told of filters, as dicts and lists: `tailrace.filters` makes it readable.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::errors::{Place, guard, raise};
use super::event::{Parts, bytes_of};
use super::filter::FilterCriteria;
use super::py_node::{Objects, PyNode};
use super::record::Record;
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::filter::{Alternative, Explanation, Found, OfFilter, OfPath, Origin, Warning, explain, lint};
use crate::core::json_node::{Buffers, ByteRange, JsonNode};
use crate::core::node::Node;
use crate::core::record::read_record;

/// Why filters match an event, or why not.
#[pyfunction]
#[pyo3(signature = (criteria, event, /))]
pub fn explain_filters<'py>(criteria: &FilterCriteria, event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = event.py();
    guard(py, || {
        if let Ok(record) = event.cast::<Record>() {
            let record = record.get();
            let explained = record.sound().and_then(|()| of_record(py, criteria, record));
            return written(py, &record.raise_in(py, explained, &[])?);
        }
        let explained = match bytes_of(event).map_err(|error| raise(py, error, Place::default()))? {
            Some(text) => of_text(criteria, text.as_bytes()),
            None => of_object(criteria, event),
        };
        written(py, &explained.map_err(|error| raise(py, error.into_kind(ErrorKind::Event), Place::default()))?)
    })
}

fn of_record(py: Python<'_>, criteria: &FilterCriteria, record: &Record) -> Result<Explanation, Error> {
    let unreadable = || Error::event("the record cannot be read");
    match &record.entry()?.parts {
        Parts::Json(fields) => {
            let whole = fields.whole.as_ref().ok_or_else(unreadable)?;
            explain(criteria.filters(), &record.event().buffers(py), whole, Some(fields))
        }
        Parts::Python(fields) => {
            let whole = fields.whole.as_ref().ok_or_else(unreadable)?;
            explain(criteria.filters(), &Objects(py), whole, Some(fields))
        }
    }
}

fn of_text(criteria: &FilterCriteria, text: &[u8]) -> Result<Explanation, Error> {
    let source = Buffers { wire: text, decoded: &[] };
    JsonNode::new(text).kind()?;
    let whole = ByteRange::new(0, text.len()).ok_or_else(|| Error::event("an event is at most 4 GiB long"))?;
    let fields = criteria.filters().compares.then(|| read_record(&mut JsonNode::new(text))).transpose()?;
    explain(criteria.filters(), &source, &whole, fields.as_ref())
}

fn of_object(criteria: &FilterCriteria, event: &Bound<'_, PyAny>) -> Result<Explanation, Error> {
    let whole = event.clone().unbind();
    let fields = criteria.filters().compares.then(|| read_record(&mut PyNode::new(event.clone()))).transpose()?;
    explain(criteria.filters(), &Objects(event.py()), &whole, fields.as_ref())
}

fn written<'py>(py: Python<'py>, explanation: &Explanation) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("matches", explanation.matches)?;
    dict.set_item("filters", list(py, &explanation.filters, of_filter)?)?;
    Ok(dict)
}

fn list<'py, T>(
    py: Python<'py>,
    of: &[T],
    write: impl Fn(Python<'py>, &T) -> PyResult<Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, of.iter().map(|each| write(py, each)).collect::<PyResult<Vec<_>>>()?)
}

fn of_filter<'py>(py: Python<'py>, filter: &OfFilter) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("matches", filter.matches)?;
    dict.set_item("alternatives", list(py, &filter.alternatives, alternative)?)?;
    dict.set_item("alternative_count", filter.alternative_count)?;
    Ok(dict)
}

fn alternative<'py>(py: Python<'py>, alternative: &Alternative) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("matches", alternative.matches)?;
    dict.set_item("paths", list(py, &alternative.paths, of_path)?)?;
    dict.set_item("hint", &alternative.hint)?;
    Ok(dict)
}

fn of_path<'py>(py: Python<'py>, path: &OfPath) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", &path.path)?;
    dict.set_item("expected", &path.expected)?;
    dict.set_item("found", list(py, &path.found, found)?)?;
    dict.set_item("found_count", path.found_count)?;
    dict.set_item("matches", path.matches)?;
    dict.set_item("hint", &path.hint)?;
    Ok(dict)
}

fn found<'py>(py: Python<'py>, found: &Found) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("type", found.kind)?;
    dict.set_item("text", &found.text)?;
    dict.set_item("image", found.image)?;
    Ok(dict)
}

/// What patterns may not mean as they were meant.
#[pyfunction]
#[pyo3(signature = (criteria, source=None, /))]
pub fn lint_filters<'py>(
    py: Python<'py>,
    criteria: &FilterCriteria,
    source: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    guard(py, || list(py, &lint(criteria.filters(), source.map(origin).transpose()?), warning))
}

fn origin(source: &Bound<'_, PyAny>) -> PyResult<Origin> {
    match source.extract::<&str>() {
        Ok("dynamodb") => Ok(Origin::Stream),
        Ok("kinesis") => Ok(Origin::Kinesis),
        _ => Err(PyValueError::new_err("source is \"dynamodb\", \"kinesis\" or None")),
    }
}

fn warning<'py>(py: Python<'py>, warning: &Warning) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let mut path = Vec::new();
    for step in &warning.path {
        path.push(match step {
            Step::Name(name) => name.into_pyobject(py)?.into_any(),
            Step::Index(index) => index.into_pyobject(py)?.into_any(),
        });
    }
    dict.set_item("code", warning.code)?;
    dict.set_item("message", &warning.message)?;
    dict.set_item("path", PyTuple::new(py, path)?)?;
    dict.set_item("line", warning.position.map(|(line, _)| line))?;
    dict.set_item("column", warning.position.map(|(_, column)| column))?;
    dict.set_item("filter_index", warning.filter)?;
    dict.set_item("severity", warning.severity())?;
    Ok(dict)
}
