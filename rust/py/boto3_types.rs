//! What tailrace shares with boto3's `boto3.dynamodb.types`: the class of its binaries and its decimal context, both as
//! they stand at the moment, for users change them.

use std::cell::RefCell;

use pyo3::exceptions::PyImportError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};

use super::dropin::{Limits, limits};

/// Digits of the numbers that are kept as they are, and the smallest exponent of their first digits.
const PLAIN_DIGITS: isize = 38;
const PLAIN_BOTTOM: isize = -6;

const MODULE: &str = "boto3.dynamodb.types";

/// The context of the moment, ready for numbers.
pub struct Context<'py> {
    /// Its `create_decimal`.
    pub create: Bound<'py, PyAny>,
    /// Whether every integer below 10,000 comes out as it is.
    pub keeps_small_integers: bool,
    /// Whether every number of up to 38 digits that Python prints without an exponent comes out as it is: neither
    /// rounded (precision), nor too large, nor too small (such a number's first digit stands at 1E-6 or before), nor
    /// padded with zeros (its exponent is not above 0).
    pub keeps_plain_numbers: bool,
}

/// What is remembered of the last context: the same one comes nearly always.
struct Known {
    names: Option<Py<PyDict>>,
    context: Option<(Py<PyAny>, Py<PyAny>)>,
    own: Option<Py<PyAny>>,
}

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new(Known { names: None, context: None, own: None }) };
}

/// boto3's Binary.
pub fn binary(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import(MODULE).and_then(|module| module.getattr("Binary")).map_err(|error| {
        if error.is_instance_of::<PyImportError>(py) {
            PyImportError::new_err(
                "binary=\"boto3\" gives boto3's Binary, and boto3 is not installed: install boto3, or choose \
                 binary=\"bytes\"",
            )
        } else {
            error
        }
    })
}

/// boto3's DYNAMODB_CONTEXT, or one like it while boto3 is not imported.
pub fn context(py: Python<'_>) -> PyResult<Context<'_>> {
    let context = match shared(py)? {
        Some(context) => context,
        None => own(py)?,
    };
    let Limits { precision, top, bottom } = limits(&context)?;
    Ok(Context {
        create: create_decimal(&context)?,
        keeps_small_integers: precision >= 4 && top >= precision - 1,
        keeps_plain_numbers: precision >= PLAIN_DIGITS && top >= precision - 1 && bottom <= PLAIN_BOTTOM,
    })
}

fn shared(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let names = KNOWN.with_borrow(|known| known.names.as_ref().map(|names| names.clone_ref(py)));
    let names = match names {
        Some(names) => names.into_bound(py),
        None => match modules(py)?.get_item(intern!(py, MODULE))? {
            Some(module) => {
                let names = module.cast_into::<PyModule>()?.dict();
                KNOWN.with_borrow_mut(|known| known.names = Some(names.clone().unbind()));
                names
            }
            None => return Ok(None),
        },
    };
    names.get_item(intern!(py, "DYNAMODB_CONTEXT"))
}

/// The file that boto3's types stand in, if they are imported.
pub fn file(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let module = modules(py)?.get_item(intern!(py, MODULE))?;
    module.map(|module| module.getattr("__file__")).transpose()
}

/// `sys.modules`.
fn modules(py: Python<'_>) -> PyResult<&Bound<'_, PyDict>> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let find = || Ok::<_, PyErr>(py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?.unbind());
    Ok(MODULES.get_or_try_init(py, find)?.bind(py))
}

fn create_decimal<'py>(context: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = context.py();
    let known = KNOWN.with_borrow(|known| {
        let (known, create) = known.context.as_ref()?;
        known.is(context).then(|| create.clone_ref(py))
    });
    if let Some(create) = known {
        return Ok(create.into_bound(py));
    }
    let create = context.getattr("create_decimal")?;
    let pair = (context.clone().unbind(), create.clone().unbind());
    let before = KNOWN.with_borrow_mut(|known| known.context.replace(pair));
    // What is dropped may run Python code, which may come back here.
    drop(before);
    Ok(create)
}

/// A context with boto3's limits and traps.
fn own(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    if let Some(own) = KNOWN.with_borrow(|known| known.own.as_ref().map(|own| own.clone_ref(py))) {
        return Ok(own.into_bound(py));
    }
    let decimal = py.import("decimal")?;
    let traps = PyList::empty(py);
    for signal in ["Clamped", "Overflow", "Inexact", "Rounded", "Underflow"] {
        traps.append(decimal.getattr(signal)?)?;
    }
    let kwargs = PyDict::new(py);
    kwargs.set_item("prec", 38)?;
    kwargs.set_item("Emin", -128)?;
    kwargs.set_item("Emax", 126)?;
    kwargs.set_item("traps", traps)?;
    let own = decimal.getattr("Context")?.call((), Some(&kwargs))?;
    KNOWN.with_borrow_mut(|known| known.own = Some(own.clone().unbind()));
    Ok(own)
}
