//! Python sets as SS, NS or BS: of one kind, none twice, sorted, so that equal sets are written alike.

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

/// Members of one kind.
enum Members<'py> {
    Strings(Vec<PyText<'py>>),
    Numbers(Vec<(Number, PyText<'py>)>),
    Binaries(Vec<PyRawBytes<'py>>),
}

enum Member<'py> {
    String(PyText<'py>),
    Number(PyText<'py>),
    Binary(PyRawBytes<'py>),
}

/// Builds a set.
pub fn marshall_set<'py, B>(set: &Bound<'py, PyAny>, build: &mut B, floats: Floats) -> Result<B::Value, Error>
where
    B: Build<PyNode<'py>>,
{
    match sorted(collect(set, floats)?)? {
        Members::Strings(members) => emit(build, set, SetKind::String, members, B::string),
        Members::Numbers(members) => emit(build, set, SetKind::Number, members, |build, (_, text)| build.number(text)),
        Members::Binaries(members) => {
            emit(build, set, SetKind::Binary, members, |build, bytes| build.binary(Bytes::Raw(bytes)))
        }
    }
}

fn emit<'py, B, M>(
    build: &mut B,
    set: &Bound<'py, PyAny>,
    kind: SetKind,
    members: Vec<M>,
    mut write: impl FnMut(&mut B, M) -> Result<B::Value, Error>,
) -> Result<B::Value, Error>
where
    B: Build<PyNode<'py>>,
{
    let mut open = build.open(Shape::Set(kind), &PyNode::new(set.clone()))?;
    for member in members {
        build.element(&mut open);
        let made = write(build, member)?;
        build.push(&mut open, made)?;
    }
    build.close(open)
}

fn collect<'py>(set: &Bound<'py, PyAny>, floats: Floats) -> Result<Members<'py>, Error> {
    let mut members: Option<Members<'py>> = None;
    for value in set.try_iter().map_err(foreign)? {
        let member = member(&value.map_err(foreign)?, floats)?;
        members = Some(match members {
            None => Members::of(member)?,
            Some(mut members) => {
                members.add(member)?;
                members
            }
        });
    }
    members.ok_or_else(|| {
        Error::value("an empty set has no type in DynamoDB: leave the attribute out, or write None or an empty list")
    })
}

fn member<'py>(value: &Bound<'py, PyAny>, floats: Floats) -> Result<Member<'py>, Error> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return string(text);
    }
    if value.is_exact_instance_of::<PyInt>() {
        return digits::integer(value).map(Member::Number);
    }
    if DECIMAL.is_exact(value) {
        return digits::decimal(value).map(Member::Number);
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
        return Ok(Member::Number(text));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return string(&digits::characters(text)?);
    }
    match rare_bytes(value)? {
        Some(bytes) => Ok(Member::Binary(PyRawBytes(bytes))),
        None => Err(mixed()),
    }
}

#[cold]
fn mixed() -> Error {
    Error::shape("a set holds only text, only numbers or only bytes: write a list")
}

impl<'py> Members<'py> {
    fn of(first: Member<'py>) -> Result<Self, Error> {
        Ok(match first {
            Member::String(text) => Self::Strings(vec![text]),
            Member::Number(text) => Self::Numbers(vec![with_value(text)?]),
            Member::Binary(bytes) => Self::Binaries(vec![bytes]),
        })
    }

    fn add(&mut self, member: Member<'py>) -> Result<(), Error> {
        match (self, member) {
            (Self::Strings(members), Member::String(text)) => members.push(text),
            (Self::Numbers(members), Member::Number(text)) => members.push(with_value(text)?),
            (Self::Binaries(members), Member::Binary(bytes)) => members.push(bytes),
            _ => return Err(mixed()),
        }
        Ok(())
    }
}

fn with_value(text: PyText<'_>) -> Result<(Number, PyText<'_>), Error> {
    let value = Number::parse(&text.bytes()?)?;
    Ok((value, text))
}

/// Numbers by value, text by code point, bytes. A member that is there twice (a Set class of the user's, or a float
/// beside the Decimal of its text) is what DynamoDB refuses.
fn sorted(mut members: Members<'_>) -> Result<Members<'_>, Error> {
    let unique = match &mut members {
        Members::Strings(members) => {
            members.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
            members.is_sorted_by(|one, other| one.as_str() < other.as_str())
        }
        Members::Numbers(members) => {
            members.sort_by(|one, other| one.0.cmp(&other.0));
            members.is_sorted_by(|one, other| one.0 < other.0)
        }
        Members::Binaries(members) => {
            members.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
            members.is_sorted_by(|one, other| one.as_ref() < other.as_ref())
        }
    };
    if unique { Ok(members) } else { Err(Error::value("a set holds the same value twice")) }
}
