//! Python sets as SS, NS or BS: of one kind, none twice, sorted, so that equal sets are written alike.

use std::cmp::Ordering;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

use super::args::Floats;
use super::classes::{DECIMAL, ENUM};
use super::digits;
use super::errors::foreign;
use super::marshall::{rare_bytes, rare_number};
use super::py_node::{PyNode, PyRawBytes, PyText};
use super::refusal;
use crate::core::attribute_value::{Build, Bytes, SetKind, Shape};
use crate::core::error::Error;
use crate::core::node::Text;
use crate::core::number::Number;

/// A member, as it is compared and written.
enum Member<'py> {
    String(PyText<'py>),
    Number(Number, PyText<'py>),
    Binary(PyRawBytes<'py>),
}

impl Member<'_> {
    fn kind(&self) -> SetKind {
        match self {
            Self::String(_) => SetKind::String,
            Self::Number(..) => SetKind::Number,
            Self::Binary(_) => SetKind::Binary,
        }
    }

    /// Numbers by value, text by code point, bytes.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::String(one), Self::String(other)) => one.as_str().cmp(&other.as_str()),
            (Self::Number(one, _), Self::Number(other, _)) => one.cmp(other),
            (Self::Binary(one), Self::Binary(other)) => one.as_ref().cmp(other.as_ref()),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

/// Builds a set.
pub fn marshall_set<'py, B>(set: &Bound<'py, PyAny>, build: &mut B, floats: Floats) -> Result<B::Value, Error>
where
    B: Build<PyNode<'py>>,
{
    let (kind, members) = sorted(set, floats)?;
    let mut open = build.open(Shape::Set(kind), &mut PyNode::new(set.clone()))?;
    for member in members {
        build.element(&mut open);
        let made = match member {
            Member::String(text) => build.string(text)?,
            Member::Number(_, text) => build.number(text)?,
            Member::Binary(bytes) => build.binary(Bytes::Raw(bytes))?,
        };
        build.push(&mut open, made)?;
    }
    build.close(open)
}

/// The members in order, and what they are. One that is there twice (a Set class of the user's, or a float beside the
/// Decimal of its text) is what DynamoDB refuses.
fn sorted<'py>(set: &Bound<'py, PyAny>, floats: Floats) -> Result<(SetKind, Vec<Member<'py>>), Error> {
    let mut members = Vec::new();
    for value in set.try_iter().map_err(foreign)? {
        members.push(member(&value.map_err(foreign)?, floats)?);
    }
    let Some(kind) = members.first().map(Member::kind) else {
        return Err(empty());
    };
    if members.iter().any(|member| member.kind() != kind) {
        return Err(mixed());
    }
    members.sort_unstable_by(Member::order);
    if members.windows(2).any(|pair| matches!(pair, [one, other] if one.order(other).is_eq())) {
        return Err(Error::value("a set holds the same value twice"));
    }
    Ok((kind, members))
}

fn member<'py>(value: &Bound<'py, PyAny>, floats: Floats) -> Result<Member<'py>, Error> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return string(text);
    }
    if value.is_exact_instance_of::<PyInt>() {
        return number(digits::integer(value)?);
    }
    if DECIMAL.is_exact(value) {
        return number(digits::decimal(value)?);
    }
    rare_member(value, floats)
}

fn string<'py>(text: &Bound<'py, PyString>) -> Result<Member<'py>, Error> {
    let text = PyText(text.clone());
    text.check()?;
    Ok(Member::String(text))
}

fn rare_member<'py>(value: &Bound<'py, PyAny>, floats: Floats) -> Result<Member<'py>, Error> {
    if ENUM.is_instance(value)? {
        return Err(refusal::of(value));
    }
    if value.is_instance_of::<PyBool>() {
        return Err(mixed());
    }
    if let Some(text) = rare_number(value, floats)? {
        return number(text);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return string(&digits::characters(text)?);
    }
    match rare_bytes(value)? {
        Some(bytes) => Ok(Member::Binary(PyRawBytes(bytes))),
        None => Err(mixed()),
    }
}

/// The error of a set without members.
#[cold]
pub fn empty() -> Error {
    Error::value("an empty set has no type in DynamoDB: leave the attribute out, or write None or an empty list")
}

/// The error of a set of several kinds, or of none that DynamoDB has.
#[cold]
pub fn mixed() -> Error {
    Error::shape("a set holds only text, only numbers or only bytes: write a list")
}

fn number(text: PyText<'_>) -> Result<Member<'_>, Error> {
    let value = Number::parse(&text.bytes()?)?;
    Ok(Member::Number(value, text))
}
