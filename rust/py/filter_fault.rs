//! A refused pattern as FilterPatternError.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::errors::exception_class;
use crate::core::error::Step;
use crate::core::filter::{Dialect, Fault};

/// The Python exception of a refused pattern.
#[cold]
pub fn raise_refusal(py: Python<'_>, fault: &Fault, dialect: Dialect) -> PyErr {
    build(py, fault, dialect).unwrap_or_else(|failure| failure)
}

fn build(py: Python<'_>, fault: &Fault, dialect: Dialect) -> PyResult<PyErr> {
    let kwargs = PyDict::new(py);
    let mut path = Vec::new();
    for step in fault.path() {
        path.push(match step {
            Step::Name(name) => name.into_pyobject(py)?.into_any(),
            Step::Index(index) => index.into_pyobject(py)?.into_any(),
        });
    }
    kwargs.set_item("path", PyTuple::new(py, path)?)?;
    kwargs.set_item("aws_message", fault.aws_message(dialect))?;
    kwargs.set_item("line", fault.position.map(|(line, _)| line))?;
    kwargs.set_item("column", fault.position.map(|(_, column)| column))?;
    kwargs.set_item("operator", &fault.operator)?;
    kwargs.set_item("found", &fault.found)?;
    kwargs.set_item("allowed", PyTuple::new(py, &fault.allowed)?)?;
    kwargs.set_item("suggestion", &fault.suggestion)?;
    kwargs.set_item("filter_index", fault.filter)?;
    let exception = exception_class(py, "FilterPatternError")?.call((&fault.reason,), Some(&kwargs))?;
    Ok(PyErr::from_value(exception))
}
