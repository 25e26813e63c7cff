//! Paths and words that say how a diff is made.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PyString, PyTuple};

use crate::core::diff::{Concern, Rules};
use crate::core::error::Step;
use crate::core::limits::ATTRIBUTE_DEPTH;

/// Steps of the longest path: the name of an attribute, and one for each map and list around the innermost value.
const LONGEST: usize = ATTRIBUTE_DEPTH as usize + 1;

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
        if object.cast::<PyTuple>().is_ok_and(|given| is_ambiguous(&given)) {
            return Err(PyTypeError::new_err(
                "a tuple of names may mean one path or several: write [(\"a\", \"b\")] for one, [\"a\", \"b\"] for two",
            ));
        }
        let paths =
            object.try_iter().map_err(|_| PyTypeError::new_err("paths are given as a list or another iterable"))?;
        paths.map(|each| path(&each?)).collect::<PyResult<_>>().map(Self)
    }
}

/// Whether a tuple, given for several paths, may be meant for one.
fn is_ambiguous(given: &Bound<'_, PyTuple>) -> bool {
    given.len() > 1 && given.iter().all(|each| each.is_instance_of::<PyString>() || each.is_instance_of::<PyInt>())
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
    if steps.len() > LONGEST {
        return Err(PyValueError::new_err(format!(
            "a path has at most {LONGEST} steps: nothing lies deeper in an item"
        )));
    }
    let steps = steps.iter().map(|each| step(&each)).collect::<PyResult<Vec<_>>>()?;
    match steps.first() {
        Some(Step::Name(_)) => Ok(steps),
        _ => Err(PyValueError::new_err("a path begins with the name of an attribute")),
    }
}

fn step(step: &Bound<'_, PyAny>) -> PyResult<Step> {
    if let Ok(name) = step.cast::<PyString>() {
        let name = name.to_str().map_err(|_| PyValueError::new_err("a path has half of a surrogate pair"))?;
        return Ok(Step::Name(name.to_owned()));
    }
    if !step.is_instance_of::<PyInt>() || step.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("a path is a str, or a tuple of str and int"));
    }
    let index =
        step.extract().map_err(|_| PyValueError::new_err("a position of a list is counted from 0, in 64 bits"))?;
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
