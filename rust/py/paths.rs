//! Paths and words that say how a diff is made.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PyString, PyTuple};

use crate::core::diff::{Concern, Rules};
use crate::core::error::Step;

/// Whether a list changes by its positions or as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// By its positions.
    Positional,
    /// As a whole.
    Whole,
}

impl<'py> FromPyObject<'_, 'py> for Lists {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("positional") => Ok(Self::Positional),
            Ok("whole") => Ok(Self::Whole),
            _ => Err(PyValueError::new_err("lists is \"positional\" or \"whole\"")),
        }
    }
}

/// Paths: one text, or any number of texts and tuples.
pub struct Paths(Vec<Vec<Step>>);

impl Paths {
    /// No path.
    pub const NONE: Self = Self(Vec::new());
}

impl<'py> FromPyObject<'_, 'py> for Paths {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self(vec![path(&object)?]));
        }
        let paths =
            object.try_iter().map_err(|_| PyTypeError::new_err("paths are given as a list or another iterable"))?;
        paths.map(|each| path(&each?)).collect::<PyResult<_>>().map(Self)
    }
}

/// One path.
pub struct Path(pub Vec<Step>);

impl<'py> FromPyObject<'_, 'py> for Path {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        path(&object).map(Self)
    }
}

/// A path: a text is one name, a tuple has a name at each level of maps and a position at each of lists.
fn path(path: &Bound<'_, PyAny>) -> PyResult<Vec<Step>> {
    if path.is_instance_of::<PyString>() {
        return Ok(vec![step(path)?]);
    }
    let Ok(steps) = path.cast::<PyTuple>() else {
        return Err(PyTypeError::new_err("a path is a str, or a tuple of str and int"));
    };
    let steps = steps.iter().map(|each| step(&each)).collect::<PyResult<Vec<_>>>()?;
    match steps.first() {
        Some(Step::Name(_)) => Ok(steps),
        _ => Err(PyValueError::new_err("a path begins with the name of an attribute")),
    }
}

fn step(step: &Bound<'_, PyAny>) -> PyResult<Step> {
    if let Ok(name) = step.cast::<PyString>() {
        return Ok(Step::Name(name.to_str()?.to_owned()));
    }
    if !step.is_instance_of::<PyInt>() || step.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("a path is a str, or a tuple of str and int"));
    }
    let index = step.extract().map_err(|_| PyValueError::new_err("a position of a list is counted from 0"))?;
    Ok(Step::Index(index))
}

/// All that may be asked of a diff.
pub fn rules(lists: Lists, ignore: Paths, only: Paths, mask: Paths) -> Rules {
    let mut rules = Rules::new(lists == Lists::Whole);
    for (concern, paths) in [(Concern::Ignore, ignore), (Concern::Only, only), (Concern::Mask, mask)] {
        for path in paths.0 {
            rules.add(concern, path);
        }
    }
    rules
}

/// A value that was given, or `...` for any.
pub struct Given<'py>(pub Option<Bound<'py, PyAny>>);

impl<'py> FromPyObject<'_, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self((!object.is_instance_of::<PyEllipsis>()).then(|| object.to_owned())))
    }
}
