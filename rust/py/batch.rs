//! Batch: a sequence of Records over one event.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PySlice};

use super::diff::ImageDiff;
use super::errors::guard;
use super::event::{Event, Rows};
use super::filter::FilterCriteria;
use super::filter_rows::matching;
use super::options::{Binary, Modes, Numbers, Sets};
use super::raw;
use super::record::Record;
use crate::core::event::Shape;

/// A sequence of Records over one event. It keeps no Records: each access makes a new view.
#[pyclass(frozen, sequence, module = "tailrace")]
pub struct Batch {
    event: Arc<Event>,
    rows: Rows,
}

impl Batch {
    /// Its records, all or some of those of an event.
    pub fn new(event: Arc<Event>, rows: Rows) -> Self {
        Self { event, rows }
    }

    /// Its event, and which records of it.
    pub fn parts(&self) -> (&Arc<Event>, &Rows) {
        (&self.event, &self.rows)
    }

    fn view(&self, rows: Vec<u32>) -> Self {
        Self { event: Arc::clone(&self.event), rows: Rows::Some(rows) }
    }

    fn record(&self, position: usize) -> PyResult<Record> {
        let row = self.rows.get(position).ok_or_else(|| PyIndexError::new_err("Batch index out of range"))?;
        Ok(Record::new(Arc::clone(&self.event), row))
    }

    /// Whether a value is a view of the record at a position.
    fn is_at(&self, position: usize, value: &Bound<'_, PyAny>) -> bool {
        let Ok(value) = value.cast::<Record>() else {
            return false;
        };
        self.rows.get(position).is_some_and(|row| value.get().is_view_of(&self.event, row))
    }

    fn slice(&self, slice: &Bound<'_, PySlice>) -> PyResult<Self> {
        let length = isize::try_from(self.rows.len()).unwrap_or(isize::MAX);
        let indices = slice.indices(length)?;
        let positions = (0..indices.slicelength).map(|step| indices.start + indices.step * step.cast_signed());
        let rows = positions.filter_map(|position| self.rows.get(usize::try_from(position).ok()?));
        Ok(self.view(rows.collect()))
    }
}

/// An index of Python; one beyond all machine integers is just out of range.
fn position_of(index: &Bound<'_, PyAny>) -> PyResult<isize> {
    index.extract().map_err(|error: PyErr| {
        let py = index.py();
        if error.is_instance_of::<PyOverflowError>(py) {
            PyIndexError::new_err("Batch index out of range")
        } else if error.is_instance_of::<PyTypeError>(py) {
            PyTypeError::new_err("Batch indices are integers or slices")
        } else {
            error
        }
    })
}

#[pymethods]
impl Batch {
    #[staticmethod]
    #[pyo3(
        signature = (
            event, *, numbers=Numbers::Decimal, binary=Binary::Bytes, sets=Sets::Set, event_source_arn=None
        ),
        text_signature = "(event, *, numbers='decimal', binary='bytes', sets='set', event_source_arn=None)"
    )]
    fn from_event(
        event: &Bound<'_, PyAny>,
        numbers: Numbers,
        binary: Binary,
        sets: Sets,
        event_source_arn: Option<String>,
    ) -> PyResult<Self> {
        guard(event.py(), || {
            let modes = Modes { numbers, binary, sets, strict: false };
            if let Some(read) = raw::read_before(event)? {
                return read.again(event_source_arn, modes);
            }
            let event = Event::read(event, event_source_arn, modes)?;
            let rows = Rows::All(0..u32::try_from(event.entries.len()).unwrap_or(u32::MAX));
            Ok(Self { event: Arc::new(event), rows })
        })
    }

    #[getter]
    fn shape(&self) -> &'static str {
        match self.event.shape {
            Shape::Stream => "stream",
            Shape::Kinesis => "kinesis",
            Shape::Pipes => "pipes",
        }
    }

    fn diffs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guard(py, || {
            let diffs = (0..self.rows.len()).map(|position| ImageDiff::of_record(py, &self.record(position)?));
            PyList::new(py, diffs.collect::<PyResult<Vec<_>>>()?)
        })
    }

    fn matches<'py>(&self, py: Python<'py>, criteria: &Bound<'py, FilterCriteria>) -> PyResult<Bound<'py, PyList>> {
        guard(py, || PyList::new(py, matching(py, &self.event, &self.rows, criteria.get())?))
    }

    fn select(&self, py: Python<'_>, criteria: &Bound<'_, FilterCriteria>) -> PyResult<Self> {
        guard(py, || {
            let matching = matching(py, &self.event, &self.rows, criteria.get())?;
            let rows = matching.iter().enumerate().filter(|(_, matches)| **matches);
            Ok(self.view(rows.filter_map(|(position, _)| self.rows.get(position)).collect()))
        })
    }

    fn by_item<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
            let mut groups: Vec<(Bound<'py, PyBytes>, Vec<u32>)> = Vec::new();
            for position in 0..self.rows.len() {
                let record = self.record(position)?;
                let key = record.key_bytes(py)?;
                let place = *places.entry(key).or_insert_with_key(|key| {
                    groups.push((PyBytes::new(py, key), Vec::new()));
                    groups.len() - 1
                });
                if let Some((_, rows)) = groups.get_mut(place) {
                    rows.push(record.row());
                }
            }
            let by_item = PyDict::new(py);
            for (key, rows) in groups {
                by_item.set_item(key, self.view(rows))?;
            }
            Ok(by_item)
        })
    }

    fn take(&self, indexes: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard(indexes.py(), || {
            let mut rows = Vec::with_capacity(indexes.len().unwrap_or_default());
            for index in indexes.try_iter()? {
                let index = position_of(&index?)?;
                let row = usize::try_from(index).ok().and_then(|index| self.rows.get(index));
                rows.push(row.ok_or_else(|| {
                    PyIndexError::new_err(format!("no record {index} in a Batch of {}", self.rows.len()))
                })?);
            }
            Ok(self.view(rows))
        })
    }

    #[pyo3(signature = (value, start=0, stop=isize::MAX, /))]
    fn index(&self, value: &Bound<'_, PyAny>, start: isize, stop: isize) -> PyResult<usize> {
        guard(value.py(), || {
            let length = self.rows.len();
            let bound = |at: isize| if at < 0 { length.saturating_sub(at.unsigned_abs()) } else { at.unsigned_abs() };
            let mut within = (bound(start)..bound(stop).min(length)).filter(|&position| self.is_at(position, value));
            within.next().ok_or_else(|| PyValueError::new_err("the record is not in this Batch"))
        })
    }

    #[pyo3(signature = (value, /))]
    fn count(&self, value: &Bound<'_, PyAny>) -> usize {
        (0..self.rows.len()).filter(|&position| self.is_at(position, value)).count()
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> bool {
        (0..self.rows.len()).any(|position| self.is_at(position, value))
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = index.py();
        guard(py, || {
            if let Ok(slice) = index.cast::<PySlice>() {
                return Ok(Bound::new(py, self.slice(slice)?)?.into_any());
            }
            let index = position_of(index)?;
            let length = self.rows.len().cast_signed();
            let position = if index < 0 { index + length } else { index };
            let record = self.record(usize::try_from(position).unwrap_or(usize::MAX))?;
            Ok(Bound::new(py, record)?.into_any())
        })
    }

    fn __iter__(slf: Bound<'_, Self>) -> BatchIterator {
        BatchIterator { batch: slf.unbind(), next: 0 }
    }

    fn __repr__(&self) -> String {
        format!("<Batch of {} records>", self.rows.len())
    }
}

/// Makes Batch a `collections.abc.Sequence`, as which sinks are given it.
pub fn register_sequence(py: Python<'_>) -> PyResult<()> {
    // The module that `collections.abc` only renames; every Python has imported it by now.
    let sequence = py.import("_collections_abc")?.getattr("Sequence")?;
    sequence.call_method1("register", (py.get_type::<Batch>(),)).map(drop)
}

/// Iterates over a Batch, a new view each step.
#[pyclass(module = "tailrace")]
pub struct BatchIterator {
    batch: Py<Batch>,
    next: usize,
}

#[pymethods]
impl BatchIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&mut self) -> Option<Record> {
        let record = self.batch.get().record(self.next).ok()?;
        self.next += 1;
        Some(record)
    }

    fn __length_hint__(&self) -> usize {
        self.batch.get().rows.len().saturating_sub(self.next)
    }
}
