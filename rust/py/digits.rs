//! The text of Python's numbers, every digit of it. DynamoDB's limits are checked by whoever takes the text.

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyString};

use super::classes::DECIMAL;
use super::errors::foreign;
use super::make::ascii;
use super::py_node::{PyText, small_int};
use crate::core::error::Error;
use crate::core::limits::EXPONENT_DIGITS;
use crate::core::number;

/// Digits of an i64, and its sign.
const I64_DIGITS: usize = 20;
/// 10 ** 126, the first integer that is too large, has 419 bits. Python writes no integer of more than 4,300 digits,
/// and needs quadratic time for long ones, so they are refused unwritten.
const LONGEST_BITS: usize = 419;

/// The text of an int, or of an instance of a subclass, whatever that prints.
pub fn integer<'py>(value: &Bound<'py, PyAny>) -> Result<PyText<'py>, Error> {
    let py = value.py();
    if let Some(small) = small_int(value) {
        return small_text(py, small);
    }
    let bits: usize = value.call_method0("bit_length").and_then(|bits| bits.extract()).map_err(foreign)?;
    if bits > LONGEST_BITS {
        return Err(number::out_of_range());
    }
    let text = py.get_type::<PyInt>().call_method1("__repr__", (value,)).map_err(foreign)?;
    PyText::new(text)
}

/// The digits of an integer.
#[inline]
pub fn small_text(py: Python<'_>, value: i64) -> Result<PyText<'_>, Error> {
    let mut buffer = [0; I64_DIGITS];
    let mut rest = value.unsigned_abs();
    let mut start = I64_DIGITS;
    for (at, byte) in buffer.iter_mut().enumerate().rev() {
        if rest == 0 && start < I64_DIGITS {
            if value < 0 {
                *byte = b'-';
                start = at;
            }
            break;
        }
        *byte = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        start = at;
    }
    PyText::new(ascii(py, buffer.get(start..).unwrap_or_default())?)
}

/// The text of a Decimal, or of an instance of a subclass, whatever that prints.
pub fn decimal<'py>(value: &Bound<'py, PyAny>) -> Result<PyText<'py>, Error> {
    let text = match DECIMAL.get(value.py()) {
        Some(class) if !DECIMAL.is_exact(value) => class.call_method1("__str__", (value,)).map_err(foreign)?,
        _ => value.str().map_err(foreign)?.into_any(),
    };
    let text = finite(PyText::new(text)?)?;
    // A Decimal's exponent may have eighteen digits, a number's grammar ends at six.
    let is_far_off = text.as_str().rsplit_once(['E', 'e']).is_some_and(|(_, power)| power.len() > EXPONENT_DIGITS);
    if is_far_off { Err(number::out_of_range()) } else { Ok(text) }
}

/// The shortest text that reads back as this float.
pub fn float<'py>(value: &Bound<'py, PyAny>) -> Result<PyText<'py>, Error> {
    let text = value.py().get_type::<PyFloat>().call_method1("__repr__", (value,)).map_err(foreign)?;
    finite(PyText::new(text)?)
}

/// All digits of a float's exact value: the last bit of the smallest one is the 1074th behind the point.
pub fn exact_float<'py>(value: &Bound<'py, PyFloat>) -> Result<PyText<'py>, Error> {
    let text = value.py().get_type::<PyFloat>().call_method1("__format__", (value, ".1074f")).map_err(foreign)?;
    finite(PyText::new(text)?)
}

/// Infinity, NaN and sNaN begin with a letter; no number does.
fn finite(text: PyText<'_>) -> Result<PyText<'_>, Error> {
    let digits = text.0.to_str().map_err(foreign)?.trim_start_matches('-');
    if digits.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(text);
    }
    Err(Error::value("DynamoDB has no NaN and no Infinity: leave the attribute out, or write None"))
}

/// The text of a str, or of an instance of a subclass: its characters, whatever it prints.
pub fn characters<'py>(value: &Bound<'py, PyString>) -> Result<Bound<'py, PyString>, Error> {
    if value.is_exact_instance_of::<PyString>() {
        return Ok(value.clone());
    }
    let same = value.py().get_type::<PyString>().call_method1("__str__", (value,)).map_err(foreign)?;
    same.cast_into().map_err(|error| foreign(error.into()))
}
