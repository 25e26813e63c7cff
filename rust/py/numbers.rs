//! What an N becomes in each mode.

use pyo3::prelude::*;
use pyo3::types::PyFloat;

use super::boto3_types;
use super::errors::{foreign, impossible, refused};
use super::make::{Maker, call_one};
use super::options::Numbers;
use super::unmarshall::IntoStr;
use crate::core::error::Error;
use crate::core::number;

/// The exact Decimal.
#[inline]
pub fn decimal<'py>(maker: &mut Maker<'py>, raw: &[u8], text: &impl IntoStr<'py>) -> Result<Bound<'py, PyAny>, Error> {
    if let Some(ready) = maker.ready_decimal(raw) {
        return Ok(ready);
    }
    number::check(raw)?;
    let made = text.make(maker)?;
    maker.decimal(raw, &made)
}

/// Any other mode.
#[inline(never)]
pub fn other<'py>(
    maker: &mut Maker<'py>,
    mode: &Numbers,
    raw: &[u8],
    text: &impl IntoStr<'py>,
) -> Result<Bound<'py, PyAny>, Error> {
    match mode {
        Numbers::Decimal => decimal(maker, raw, text),
        Numbers::Strict => strict(maker, raw, text),
        Numbers::IntDecimal => match integer(maker, raw)? {
            Some(integer) => Ok(integer),
            None => decimal(maker, raw, text),
        },
        Numbers::IntFloat => match number::short(raw) {
            Some((value, behind)) => Ok(match number::short_integer(value, behind) {
                Some(integer) => short_int(maker, integer),
                None => short_float(maker, value, behind),
            }),
            None => match integer(maker, raw)? {
                Some(integer) => Ok(integer),
                None => float(maker, raw),
            },
        },
        Numbers::Float => {
            if let Some((value, behind)) = number::short(raw) {
                return Ok(short_float(maker, value, behind));
            }
            number::check(raw)?;
            float(maker, raw)
        }
        Numbers::Text => {
            number::check(raw)?;
            text.make(maker)
        }
        Numbers::Call(function) => {
            number::check(raw)?;
            let text = text.make(maker)?;
            call_one(function.bind(maker.py), &text)
        }
    }
}

/// What boto3's context makes of a number, or raises.
fn strict<'py>(maker: &mut Maker<'py>, raw: &[u8], text: &impl IntoStr<'py>) -> Result<Bound<'py, PyAny>, Error> {
    number::grammar(raw)?;
    let context = boto3_types::context(maker.py).map_err(foreign)?;
    if context.keeps_small_integers
        && let Some(ready) = maker.ready_decimal(raw)
    {
        return Ok(ready);
    }
    let made = text.make(maker)?;
    let decimal = context.create.call1((made,)).map_err(refused)?;
    // Its limits are a little wider than DynamoDB's.
    number::check(raw).map(|()| decimal)
}

/// An int, if the number is one; checked either way.
#[inline]
fn integer<'py>(maker: &Maker<'py>, raw: &[u8]) -> Result<Option<Bound<'py, PyAny>>, Error> {
    if let Some((value, behind)) = number::short(raw) {
        return Ok(number::short_integer(value, behind).map(|integer| short_int(maker, integer)));
    }
    match number::integer_digits(raw)? {
        Some(digits) => maker.integer(&digits).map(Some),
        None => Ok(None),
    }
}

#[inline]
fn short_int<'py>(maker: &Maker<'py>, value: i64) -> Bound<'py, PyAny> {
    match value.into_pyobject(maker.py) {
        Ok(int) => int.into_any(),
        Err(error) => match error {},
    }
}

#[inline]
fn short_float<'py>(maker: &Maker<'py>, value: i64, behind: u32) -> Bound<'py, PyAny> {
    PyFloat::new(maker.py, number::short_float(value, behind)).into_any()
}

/// The nearest float of a number's text, which was checked before.
#[inline]
fn float<'py>(maker: &Maker<'py>, raw: &[u8]) -> Result<Bound<'py, PyAny>, Error> {
    let value = std::str::from_utf8(raw).ok().and_then(|text| text.parse().ok());
    let value: f64 = value.ok_or_else(impossible)?;
    Ok(PyFloat::new(maker.py, value).into_any())
}
