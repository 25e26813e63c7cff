//! What is said of a Python value that no attribute value can hold: what it is, and what to write instead.

use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyType};

use super::classes::{DATE, ENUM, NUMBER, TIME, UUID};
use crate::core::error::Error;

/// The error of a value of no type that DynamoDB has.
#[cold]
pub fn of(value: &Bound<'_, PyAny>) -> Error {
    match advice(value) {
        Ok(advice) => Error::shape(format!("{} is no attribute value: {advice}", type_name(value))),
        Err(error) => error,
    }
}

fn advice(value: &Bound<'_, PyAny>) -> Result<&'static str, Error> {
    Ok(if ENUM.is_instance(value)? {
        "write the member's value: member.value"
    } else if DATE.is_instance(value)? || TIME.is_instance(value)? {
        "write it as text: value.isoformat()"
    } else if UUID.is_instance(value)? {
        "write it as text: str(value)"
    } else if is_dataclass(value) {
        "write it as a map: dataclasses.asdict(value)"
    } else if value.is_instance_of::<PyComplex>() || NUMBER.is_instance(value)? {
        "a number is an int or a Decimal"
    } else if value.is_instance_of::<PyType>() {
        "it is a class, write an instance's values"
    } else if value.hasattr("__next__").unwrap_or(false) {
        "write a list of what it yields: list(value)"
    } else {
        "write str, int, Decimal, bytes, bool, None, or a dict, list or set of them"
    })
}

fn is_dataclass(value: &Bound<'_, PyAny>) -> bool {
    value.get_type().hasattr("__dataclass_fields__").unwrap_or(false)
}

/// The error of what is no item.
#[cold]
pub fn no_item(value: &Bound<'_, PyAny>) -> Error {
    Error::shape(format!("an item is a mapping of attribute names and values, found {}", type_name(value)))
}

/// The error of a float where nothing else may be meant than the number it was written as.
#[cold]
pub fn inexact() -> Error {
    Error::shape("a float is no exact number: write Decimal(str(value))")
}

/// The error of a float.
#[cold]
pub fn float() -> Error {
    Error::shape("a float is no exact number: write Decimal(str(value)), or take floats=\"repr\" for its shortest text")
}

/// The name of a value's class, for messages.
#[cold]
pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    let name = value.get_type().qualname().and_then(|name| name.extract::<String>());
    match name {
        Ok(name) => name.chars().take(80).collect(),
        Err(_) => "an object".to_owned(),
    }
}
