//! ImageDiff: what changed between two items, as Python sees it.

use std::collections::HashMap;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyIterator, PyList, PyString, PyTuple};

use super::between::Between;
use super::change::Change;
use super::compare;
use super::errors::{self, Place, guard, raise};
use super::paths::{Lists, Paths, rules};
use super::record::Record;
use crate::core::diff::{ChangeKind, Rules, Side};
use crate::core::error::{Error, ErrorKind, Step};

/// What changed between two items.
#[pyclass(frozen, module = "tailrace")]
pub struct ImageDiff {
    between: Between,
    /// Whether paths are passed by or hidden, so that the diff does not lead from one item to the other.
    is_partial: bool,
    /// Whether some values are hidden.
    masks: bool,
}

impl ImageDiff {
    /// What changed in a record.
    pub fn of_record(py: Python<'_>, record: &Record) -> PyResult<Option<Self>> {
        Ok(compare::record(py, record)?.map(|between| Self { between, is_partial: false, masks: false }))
    }

    fn new(between: Between, rules: &Rules) -> Self {
        Self { between, is_partial: rules.is_partial(), masks: rules.masks() }
    }

    /// The changes.
    pub fn between(&self) -> &Between {
        &self.between
    }

    /// A value of a change, None where there is none or it is hidden.
    pub fn shown<'py>(&self, py: Python<'py>, place: usize, side: Side) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.between.is_masked(place) { Ok(None) } else { self.between.value(py, place, side) }
    }

    /// The values on one side of all changes of a kind, by path.
    fn values<'py>(&self, py: Python<'py>, kind: ChangeKind, side: Side) -> PyResult<Bound<'py, PyDict>> {
        let found = PyDict::new(py);
        for place in self.places(kind) {
            found.set_item(path_tuple(py, self.between.path(place))?, self.shown(py, place, side)?)?;
        }
        Ok(found)
    }

    fn places(&self, kind: ChangeKind) -> impl Iterator<Item = usize> {
        (0..self.between.len()).filter(move |&place| self.between.kind(place) == kind)
    }

    fn is_same(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        let (between, its) = (&self.between, &other.between);
        let places: HashMap<_, _> = (0..its.len()).map(|place| (its.path(place), place)).collect();
        for place in 0..between.len() {
            match places.get(between.path(place)) {
                Some(&its_place) if between.is_same_change(py, place, its, its_place)? => {}
                _ => return Ok(false),
            }
        }
        Ok(between.len() == its.len())
    }

    fn item<'py>(&self, py: Python<'py>, side: Side) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.masks {
            return Err(refused(
                py,
                Error::new(ErrorKind::Refused, "a diff made with mask= shows no whole item: make one without it"),
            ));
        }
        self.between.item(py, side)
    }

    /// Raises where the changes do not lead from one item to the other, value for value.
    fn require_exact(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_partial {
            return Err(refused(
                py,
                Error::new(
                    ErrorKind::Refused,
                    "a diff made with ignore=, only= or mask= does not lead to the new item: make one without them",
                ),
            ));
        }
        if self.between.modes().are_exact() {
            return Ok(());
        }
        Err(refused(
            py,
            Error::new(
                ErrorKind::Refused,
                "the values of this diff are not exact: read the Batch with the modes \"decimal\", \"bytes\" and \"set\"",
            ),
        ))
    }

    fn as_dict<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let kind = self.between.kind(place);
        dict.set_item("path", path_tuple(py, self.between.path(place))?.to_list())?;
        dict.set_item("kind", kind_word(kind))?;
        if self.between.is_masked(place) {
            dict.set_item("masked", true)?;
            return Ok(dict);
        }
        if kind != ChangeKind::Added {
            dict.set_item("old", self.between.value(py, place, Side::Old)?)?;
        }
        if kind != ChangeKind::Removed {
            dict.set_item("new", self.between.value(py, place, Side::New)?)?;
        }
        Ok(dict)
    }
}

#[cold]
fn refused(py: Python<'_>, reason: Error) -> PyErr {
    raise(py, reason, Place::default())
}

/// A path as Python has it.
pub fn path_tuple<'py>(py: Python<'py>, path: &[Step]) -> PyResult<Bound<'py, PyTuple>> {
    let steps = path.iter().map(|step| match step {
        Step::Name(name) => Ok(PyString::new(py, name).into_any()),
        Step::Index(index) => Ok(index.into_pyobject(py)?.into_any()),
    });
    PyTuple::new(py, steps.collect::<PyResult<Vec<_>>>()?)
}

/// The word for what happened.
pub fn kind_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    }
}

/// A function of a module of `tailrace.diffs`, which is not imported before someone asks for it.
fn function_of<'py>(py: Python<'py>, module: &'static str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(module)?.getattr(name)
}

#[pymethods]
impl ImageDiff {
    #[getter]
    fn added<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || self.values(py, ChangeKind::Added, Side::New))
    }

    #[getter]
    fn removed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || self.values(py, ChangeKind::Removed, Side::Old))
    }

    #[getter]
    fn changed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let found = PyDict::new(py);
            for place in self.places(ChangeKind::Changed) {
                let values = (self.shown(py, place, Side::Old)?, self.shown(py, place, Side::New)?);
                found.set_item(path_tuple(py, self.between.path(place))?, values)?;
            }
            Ok(found)
        })
    }

    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyFrozenSet>> {
        let names = (0..self.between.len()).filter_map(|place| match self.between.path(place).first() {
            Some(Step::Name(name)) => Some(name.as_str()),
            _ => None,
        });
        PyFrozenSet::new(py, names)
    }

    #[getter]
    fn old_item<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.item(py, Side::Old))
    }

    #[getter]
    fn new_item<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.item(py, Side::New))
    }

    fn apply<'py>(slf: &Bound<'py, Self>, old: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            slf.get().require_exact(py)?;
            function_of(py, "tailrace.diffs.application", "apply")?.call1((slf, old))
        })
    }

    fn revert<'py>(slf: &Bound<'py, Self>, new: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            slf.get().require_exact(py)?;
            function_of(py, "tailrace.diffs.application", "revert")?.call1((slf, new))
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let changes = (0..self.between.len()).map(|place| self.as_dict(py, place)).collect::<PyResult<Vec<_>>>()?;
            let dict = PyDict::new(py);
            dict.set_item("changes", changes)?;
            Ok(dict)
        })
    }

    #[pyo3(signature = (test=false))]
    fn to_json_patch<'py>(slf: &Bound<'py, Self>, test: bool) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            slf.get().require_exact(py)?;
            let options = PyDict::new(py);
            options.set_item("test", test)?;
            function_of(py, "tailrace.diffs.patch", "json_patch")?.call((slf,), Some(&options))
        })
    }

    #[pyo3(signature = (*, keys=None, guard=false, values="python"), text_signature = "($self, *, keys=(), guard=False, values='python')")]
    fn to_update_expression<'py>(
        slf: &Bound<'py, Self>,
        keys: Option<&Bound<'py, PyAny>>,
        guard: bool,
        values: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        errors::guard(py, || {
            slf.get().require_exact(py)?;
            let options = PyDict::new(py);
            options.set_item("guard", guard)?;
            options.set_item("values", values)?;
            match keys {
                Some(keys) => options.set_item("keys", keys)?,
                None => options.set_item("keys", PyTuple::empty(py))?,
            }
            function_of(py, "tailrace.diffs.update", "update_expression")?.call((slf,), Some(&options))
        })
    }

    #[pyo3(signature = (color=false))]
    fn render<'py>(slf: &Bound<'py, Self>, color: bool) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || {
            let options = PyDict::new(py);
            options.set_item("color", color)?;
            function_of(py, "tailrace.diffs.render", "render")?.call((slf,), Some(&options))
        })
    }

    fn __bool__(&self) -> bool {
        self.between.len() > 0
    }

    fn __len__(&self) -> usize {
        self.between.len()
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyIterator>> {
        let py = slf.py();
        guard(py, || {
            let places = 0..slf.get().between.len();
            let changes = places.map(|place| Py::new(py, Change::of(slf.clone().unbind(), place)));
            PyList::new(py, changes.collect::<PyResult<Vec<_>>>()?)?.try_iter()
        })
    }

    /// The same changes, by what DynamoDB holds, in any order.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else {
            return Ok(false);
        };
        guard(py, || self.is_same(py, other.get()))
    }

    /// Says how much changed, and no value.
    fn __repr__(&self) -> String {
        let count = |kind| self.places(kind).count();
        let (added, removed) = (count(ChangeKind::Added), count(ChangeKind::Removed));
        format!("<ImageDiff {added} added, {removed} removed, {} changed>", count(ChangeKind::Changed))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.between.traverse(&visit)
    }
}

/// Compares two items of Python values.
#[pyfunction]
#[pyo3(
    signature = (old, new, *, lists=Lists::Positional, ignore=Paths::NONE, only=Paths::NONE, mask=Paths::NONE),
    text_signature = "(old, new, *, lists='positional', ignore=(), only=(), mask=())"
)]
pub fn diff(
    old: &Bound<'_, PyAny>,
    new: &Bound<'_, PyAny>,
    lists: Lists,
    ignore: Paths,
    only: Paths,
    mask: Paths,
) -> PyResult<ImageDiff> {
    guard(old.py(), || {
        let rules = rules(lists, ignore, only, mask);
        Ok(ImageDiff::new(compare::items(old, new, &rules)?, &rules))
    })
}

/// Compares two images of attribute values.
#[pyfunction]
#[pyo3(
    signature = (
        old_image, new_image, *, lists=Lists::Positional, ignore=Paths::NONE, only=Paths::NONE, mask=Paths::NONE
    ),
    text_signature = "(old_image, new_image, *, lists='positional', ignore=(), only=(), mask=())"
)]
pub fn diff_images(
    old_image: &Bound<'_, PyAny>,
    new_image: &Bound<'_, PyAny>,
    lists: Lists,
    ignore: Paths,
    only: Paths,
    mask: Paths,
) -> PyResult<ImageDiff> {
    guard(old_image.py(), || {
        let rules = rules(lists, ignore, only, mask);
        Ok(ImageDiff::new(compare::images(old_image, new_image, &rules)?, &rules))
    })
}
