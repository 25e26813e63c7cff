//! The one way from a core error, or a panic, to a Python exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::core::error::{Error, ErrorKind, Step};

/// Which record an error is about, and where in the event that record's part begins.
#[derive(Clone, Copy, Default)]
pub struct Place<'a> {
    /// Steps from the record to the part that was read.
    pub path: &'a [&'a str],
    /// The record's sequence number.
    pub sequence_number: Option<&'a str>,
}

/// A Python error on its way through the core.
#[cold]
pub fn foreign(error: PyErr) -> Error {
    Error::foreign(Box::new(error))
}

/// What cannot happen: it is raised as an internal error.
#[cold]
pub fn impossible() -> Error {
    Error::foreign(Box::new(()))
}

/// An exception of Python's that boto3 would let through for this input: it becomes one of our family that is also
/// that exception, with its text.
struct Refused(PyErr);

/// Wraps what boto3 would raise.
#[cold]
pub fn refused(error: PyErr) -> Error {
    Error::foreign(Box::new(Refused(error)))
}

/// Whether an exception is of our family already.
pub fn is_ours(py: Python<'_>, error: &PyErr) -> bool {
    exception_class(py, "TailraceError").is_ok_and(|class| error.is_instance(py, &class))
}

/// The Python exception of a core error.
#[cold]
pub fn raise(py: Python<'_>, error: Error, place: Place<'_>) -> PyErr {
    let class = match error.kind() {
        ErrorKind::Foreign => return unwrap_foreign(py, error, place, "unmarshall"),
        ErrorKind::Json | ErrorKind::Value => "UnmarshallValueError",
        ErrorKind::Shape => "UnmarshallTypeError",
        ErrorKind::Event => "EventFormatError",
        ErrorKind::Refused => "TailraceError",
    };
    build(py, class, &error, place).unwrap_or_else(|failure| failure)
}

/// The Python exception of a core error about a Python value.
#[cold]
pub fn raise_marshall(py: Python<'_>, error: Error) -> PyErr {
    let class = match error.kind() {
        ErrorKind::Foreign => return unwrap_foreign(py, error, Place::default(), "marshall"),
        ErrorKind::Shape => "MarshallTypeError",
        ErrorKind::Refused => "TailraceError",
        ErrorKind::Json | ErrorKind::Value | ErrorKind::Event => "MarshallValueError",
    };
    build(py, class, &error, Place::default()).unwrap_or_else(|failure| failure)
}

fn unwrap_foreign(py: Python<'_>, error: Error, place: Place<'_>, family: &str) -> PyErr {
    let path = path_of(py, &error, place);
    let Some(any) = error.into_foreign() else {
        return internal(py);
    };
    match any.downcast::<PyErr>() {
        Ok(error) => *error,
        Err(any) => match any.downcast::<Refused>() {
            Ok(refused) => path.and_then(|path| like_boto3(py, family, refused.0, path)).unwrap_or_else(|e| e),
            Err(_) => internal(py),
        },
    }
}

/// One of our family that is also the given exception.
fn like_boto3(py: Python<'_>, family: &str, error: PyErr, path: Bound<'_, PyTuple>) -> PyResult<PyErr> {
    let refusals = py.import("tailrace.dropin.refusals")?;
    let exception = refusals.call_method1("refusal", (family, error.into_value(py), path))?;
    Ok(PyErr::from_value(exception))
}

fn path_of<'py>(py: Python<'py>, error: &Error, place: Place<'_>) -> PyResult<Bound<'py, PyTuple>> {
    let mut path: Vec<Bound<'_, PyAny>> = Vec::new();
    for step in place.path {
        path.push(step.into_pyobject(py)?.into_any());
    }
    for step in error.path() {
        path.push(match step {
            Step::Name(name) => name.into_pyobject(py)?.into_any(),
            Step::Index(index) => index.into_pyobject(py)?.into_any(),
        });
    }
    PyTuple::new(py, path)
}

fn build(py: Python<'_>, class: &'static str, error: &Error, place: Place<'_>) -> PyResult<PyErr> {
    let kwargs = PyDict::new(py);
    kwargs.set_item("path", path_of(py, error, place)?)?;
    kwargs.set_item("sequence_number", place.sequence_number)?;
    let exception = exception_class(py, class)?.call((error.message(),), Some(&kwargs))?;
    Ok(PyErr::from_value(exception))
}

/// A class of `tailrace.exceptions`, which is not imported before something goes wrong.
pub fn exception_class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("tailrace.exceptions").map(Bound::unbind))?;
    Ok(module.bind(py).getattr(name)?.cast_into()?)
}

/// Runs the body of an entry: a panic becomes a TailraceError, which pyo3's own PanicException is not.
#[inline]
pub fn guard<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(internal(py)))
}

/// Says nothing about the input, which may be secret.
#[cold]
pub fn internal(py: Python<'_>) -> PyErr {
    const MESSAGE: &str = "internal error in tailrace: please report it with the version and the traceback";
    match exception_class(py, "TailraceError").and_then(|class| class.call1((MESSAGE,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Panics, so that a test can see what becomes of a panic.
#[pyfunction]
pub fn _panic(py: Python<'_>) -> PyResult<()> {
    guard(py, || {
        #[allow(clippy::panic)]
        {
            panic!("asked for")
        }
    })
}
