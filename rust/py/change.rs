//! Change: one change of an ImageDiff, its values built when they are asked for.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::between::Between;
use super::diff::{ImageDiff, kind_word, path_tuple};
use super::errors::guard;
use crate::core::diff::Side;

/// One change: where, what happened, and the values.
#[pyclass(frozen, module = "tailrace._core")]
pub struct Change {
    diff: Py<ImageDiff>,
    place: usize,
}

impl Change {
    /// The change at this place of a diff.
    pub fn of(diff: Py<ImageDiff>, place: usize) -> Self {
        Self { diff, place }
    }

    fn between(&self) -> &Between {
        self.diff.get().between()
    }
}

#[pymethods]
impl Change {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("path", "kind", "old", "new")
    }

    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guard(py, || path_tuple(py, self.between().path(self.place)))
    }

    #[getter]
    fn kind(&self) -> &'static str {
        kind_word(self.between().kind(self.place))
    }

    #[getter(old)]
    fn old_value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.diff.get().shown(py, self.place, Side::Old))
    }

    #[getter(new)]
    fn new_value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.diff.get().shown(py, self.place, Side::New))
    }

    #[getter]
    fn masked(&self) -> bool {
        self.between().is_masked(self.place)
    }

    /// By what DynamoDB holds, as a diff compares.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else {
            return Ok(false);
        };
        let other = other.get();
        guard(py, || self.between().is_same_change(py, self.place, other.between(), other.place))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.between().path(self.place).hash(&mut hasher);
        hasher.finish()
    }

    /// Says what happened where, and no value.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        guard(py, || Ok(format!("<Change {} {}>", self.kind(), self.path(py)?.repr()?)))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.diff)
    }
}
