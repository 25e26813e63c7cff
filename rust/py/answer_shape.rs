//! What botocore's model says an answer looks like, as its parser would walk it.

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::answer::{Parser, read_answer};
use super::errors::{Place, guard, raise};
use super::options::{Modes, Options};

/// The shape of a value, and with it what becomes of the value.
pub enum Shape {
    /// An item, as Python values.
    Native,
    /// An item, as botocore's attribute values.
    AttributeValues,
    /// What JSON says.
    Plain,
    /// A timestamp, which a function of botocore's reads.
    Time,
    /// An array of this.
    List(Box<Shape>),
    /// An object of any names, with values of this shape.
    Map(Box<Shape>),
    /// An object of known members; others are passed by.
    Structure(Vec<Member>),
    /// A shape of botocore's for its own parser, which gets what JSON says.
    Foreign(Py<PyAny>),
}

/// A member of a structure.
pub struct Member {
    /// Its name on the wire.
    pub wire_name: String,
    /// Its name in the answer.
    pub name: Py<PyString>,
    /// Its shape.
    pub shape: Shape,
}

impl<'py> FromPyObject<'_, 'py> for Shape {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (word, inside): (String, Bound<'py, PyAny>) = object.extract()?;
        Ok(match word.as_str() {
            "native" => Self::Native,
            "attribute-values" => Self::AttributeValues,
            "plain" => Self::Plain,
            "timestamp" => Self::Time,
            "list" => Self::List(Box::new(inside.extract()?)),
            "map" => Self::Map(Box::new(inside.extract()?)),
            "structure" => Self::Structure(inside.extract()?),
            "foreign" => Self::Foreign(inside.unbind()),
            _ => return Err(PyValueError::new_err("no shape of an answer")),
        })
    }
}

impl<'py> FromPyObject<'_, 'py> for Member {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (wire_name, name, shape) = object.extract()?;
        Ok(Self { wire_name, name, shape })
    }
}

impl Shape {
    fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Foreign(shape) => visit.call(shape),
            Self::List(inside) | Self::Map(inside) => inside.visit(visit),
            Self::Structure(members) => members.iter().try_for_each(|member| member.shape.visit(visit)),
            _ => Ok(()),
        }
    }
}

/// Reads the bodies of one operation's answers; no part of the public API.
#[pyclass(frozen, module = "tailrace._core")]
pub struct AnswerReader {
    shape: Shape,
    options: Option<Py<Options>>,
}

#[pymethods]
impl AnswerReader {
    #[new]
    #[pyo3(signature = (shape, options=None))]
    fn new(shape: Shape, options: Option<Py<Options>>) -> Self {
        Self { shape, options }
    }

    #[pyo3(signature = (body, parse_timestamp, parse_shape, counts_seconds=false))]
    /// What botocore's parser makes of a body, with items in the form that the shape asks for.
    fn read<'py>(
        &self,
        body: &Bound<'py, PyBytes>,
        parse_timestamp: &Bound<'py, PyAny>,
        parse_shape: &Bound<'py, PyAny>,
        counts_seconds: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = body.py();
        let modes = self.options.as_ref().map_or(&Modes::DEFAULT, |options| &options.get().modes);
        guard(py, || {
            let parser = Parser { parse_timestamp, counts_seconds, parse_shape };
            read_answer(&self.shape, modes, body.as_bytes(), &parser).map_err(|e| raise(py, e, Place::default()))
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(options) = &self.options {
            visit.call(options)?;
        }
        self.shape.visit(&visit)
    }
}
