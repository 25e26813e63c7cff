//! Node over an item's Python values, as if each were the attribute value that `marshall` makes of it. Nothing is made:
//! the walk sees a type tag, and behind it the object itself.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PySet, PyString, PyTuple};

use super::alike::{alike, unlike};
use super::args::Floats;
use super::classes::{DECIMAL, ENUM};
use super::digits;
use super::errors::{foreign, impossible};
use super::marshall::{is_set, rare_bytes, rare_number};
use super::names::Names;
use super::py_node::{PyRawBytes, PyText, for_each_member, unchanged};
use super::refusal;
use super::set::{empty, mixed};
use crate::core::attribute_value::{SetKind, Tag};
use crate::core::diff::{Lockstep, Member, Unlike};
use crate::core::error::Error;
use crate::core::node::{Kind, Node, Source, Text};
use crate::core::number::Number;

/// Text of a Python value.
pub enum NativeText<'py> {
    /// A type tag.
    Tag(&'static str),
    /// A str, or the digits of a number.
    Text(PyText<'py>),
    /// The exact digits of a float.
    Float(PyText<'py>),
}

impl Text for NativeText<'_> {
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Self::Tag(tag) => Ok(Cow::Borrowed(tag.as_bytes())),
            Self::Text(text) | Self::Float(text) => text.bytes(),
        }
    }

    fn string(&self) -> Result<Cow<'_, str>, Error> {
        match self {
            Self::Tag(tag) => Ok(Cow::Borrowed(tag)),
            Self::Text(text) | Self::Float(text) => text.string(),
        }
    }

    /// Of a float all digits count, also those that DynamoDB has no room for.
    fn number(&self) -> Result<Number, Error> {
        match self {
            Self::Float(text) => Number::parse_any_size(&text.bytes()?),
            text => Number::parse(&text.bytes()?),
        }
    }
}

/// What a cursor is at.
enum State<'py> {
    /// A value, as `{"S": ...}` would be.
    Value(Bound<'py, PyAny>),
    /// What stands behind S or N.
    Text(NativeText<'py>),
    /// Behind B.
    Bytes(PyRawBytes<'py>),
    /// Behind BOOL and NULL.
    Boolean(bool),
    /// Behind M, and an item.
    Map(Bound<'py, PyAny>),
    /// Behind L.
    List(Bound<'py, PyAny>),
    /// Behind SS, NS and BS.
    Set(Vec<State<'py>>),
    /// Nothing is left.
    Read,
}

/// A cursor at a Python value.
pub struct NativeNode<'py> {
    state: State<'py>,
}

impl<'py> NativeNode<'py> {
    /// A cursor at this value.
    pub fn new(value: Bound<'py, PyAny>) -> Self {
        Self { state: State::Value(value) }
    }

    fn take(&mut self) -> State<'py> {
        std::mem::replace(&mut self.state, State::Read)
    }
}

/// The type of a value, and what stands behind its tag. The order is that of `marshall`.
fn payload<'py>(value: &Bound<'py, PyAny>) -> Result<(Tag, State<'py>), Error> {
    if let Some(scalar) = scalar(value)? {
        Ok(scalar)
    } else if value.is_exact_instance_of::<PyDict>() {
        Ok((Tag::M, State::Map(value.clone())))
    } else if value.is_exact_instance_of::<PyList>() {
        Ok((Tag::L, State::List(value.clone())))
    } else if let Ok(boolean) = value.cast_exact::<PyBool>() {
        Ok((Tag::Bool, State::Boolean(boolean.is_true())))
    } else if value.is_none() {
        Ok((Tag::Null, State::Boolean(true)))
    } else if value.is_exact_instance_of::<PySet>() {
        set(value)
    } else {
        rare(value)
    }
}

/// A value that may stand in a set, of one of Python's own classes.
fn scalar<'py>(value: &Bound<'py, PyAny>) -> Result<Option<(Tag, State<'py>)>, Error> {
    Ok(Some(if let Ok(text) = value.cast_exact::<PyString>() {
        string(text)?
    } else if value.is_exact_instance_of::<PyInt>() {
        number(digits::integer(value)?)
    } else if DECIMAL.is_exact(value) {
        number(digits::decimal(value)?)
    } else if let Ok(bytes) = value.cast_exact::<PyBytes>() {
        (Tag::B, State::Bytes(PyRawBytes(bytes.clone())))
    } else {
        return Ok(None);
    }))
}

fn string<'py>(text: &Bound<'py, PyString>) -> Result<(Tag, State<'py>), Error> {
    let text = PyText(text.clone());
    text.check()?;
    Ok((Tag::S, State::Text(NativeText::Text(text))))
}

fn number(text: PyText<'_>) -> (Tag, State<'_>) {
    (Tag::N, State::Text(NativeText::Text(text)))
}

/// A value of another class that may stand in a set.
#[cold]
fn rare_scalar<'py>(value: &Bound<'py, PyAny>) -> Result<Option<(Tag, State<'py>)>, Error> {
    if ENUM.is_instance(value)? {
        return Err(refusal::of(value));
    }
    if let Ok(float) = value.cast::<PyFloat>() {
        return digits::exact_float(float).map(|text| Some((Tag::N, State::Text(NativeText::Float(text)))));
    }
    if let Some(text) = rare_number(value, Floats::Error)? {
        return Ok(Some(number(text)));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return string(&digits::characters(text)?).map(Some);
    }
    Ok(rare_bytes(value)?.map(|bytes| (Tag::B, State::Bytes(PyRawBytes(bytes)))))
}

#[cold]
fn rare<'py>(value: &Bound<'py, PyAny>) -> Result<(Tag, State<'py>), Error> {
    if let Some(scalar) = rare_scalar(value)? {
        Ok(scalar)
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        Ok((Tag::L, State::List(value.clone())))
    } else if is_set(value)? {
        set(value)
    } else if value.cast::<PyMapping>().is_ok() {
        Ok((Tag::M, State::Map(value.clone())))
    } else {
        Err(refusal::of(value))
    }
}

/// A set with its members, which are of one kind.
fn set<'py>(value: &Bound<'py, PyAny>) -> Result<(Tag, State<'py>), Error> {
    let mut kind = None;
    let mut members = Vec::new();
    for member in value.try_iter().map_err(foreign)? {
        let (tag, state) = member_of_set(&member.map_err(foreign)?)?;
        if *kind.get_or_insert(tag) != tag {
            return Err(mixed());
        }
        members.push(state);
    }
    let kind = match kind.ok_or_else(empty)? {
        Tag::S => SetKind::String,
        Tag::N => SetKind::Number,
        _ => SetKind::Binary,
    };
    Ok((Tag::Set(kind), State::Set(members)))
}

fn member_of_set<'py>(value: &Bound<'py, PyAny>) -> Result<(Tag, State<'py>), Error> {
    if value.is_instance_of::<PyBool>() {
        return Err(mixed());
    }
    match scalar(value)? {
        Some(scalar) => Ok(scalar),
        None => rare_scalar(value)?.ok_or_else(mixed),
    }
}

impl<'py> Node for NativeNode<'py> {
    type Text = NativeText<'py>;
    type Bytes = PyRawBytes<'py>;
    type Kept = Py<PyAny>;
    type Mark = Option<Py<PyAny>>;
    const HAS_TAGS: bool = false;

    fn kind(&mut self) -> Result<Kind, Error> {
        Ok(match &self.state {
            State::Value(_) | State::Map(_) => Kind::Object,
            State::Text(_) => Kind::String,
            State::Bytes(_) => Kind::Bytes,
            State::Boolean(value) => Kind::Boolean(*value),
            State::List(_) | State::Set(_) => Kind::Array,
            State::Read => Kind::Other,
        })
    }

    fn object(&mut self, mut each: impl FnMut(Self::Text, &mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let State::Map(map) = self.take() else {
            return Err(impossible());
        };
        let mut names = Names::of(&map);
        for_each_member(&map, |name, value| each(NativeText::Text(names.take(name)?), &mut Self::new(value)))
    }

    /// Every value is like an object of one member: its tag, and what stands behind.
    fn only_member(&mut self) -> Result<Option<(Self::Text, Self)>, Error> {
        let State::Value(value) = &self.state else {
            return Ok(None);
        };
        let (tag, state) = payload(value)?;
        Ok(Some((NativeText::Tag(tag.name()), Self { state })))
    }

    fn array(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        match self.take() {
            State::Set(members) => members.into_iter().try_for_each(|state| each(&mut Self { state })),
            State::List(list) => {
                let (before, mut walked) = (list.len().map_err(foreign)?, 0);
                for element in list.try_iter().map_err(foreign)? {
                    each(&mut Self::new(element.map_err(foreign)?))?;
                    walked += 1;
                }
                unchanged(before == walked)
            }
            _ => Err(impossible()),
        }
    }

    fn text(&mut self) -> Result<Self::Text, Error> {
        match self.take() {
            State::Text(text) => Ok(text),
            _ => Err(impossible()),
        }
    }

    fn bytes(&mut self) -> Result<Self::Bytes, Error> {
        match self.take() {
            State::Bytes(bytes) => Ok(bytes),
            _ => Err(impossible()),
        }
    }

    fn number(&mut self) -> Result<String, Error> {
        Err(impossible())
    }

    fn literal(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// None is a value here: NULL.
    fn keep(&mut self) -> Result<Option<Self::Kept>, Error> {
        match &self.state {
            State::Value(value) => Ok(Some(value.clone().unbind())),
            _ => Ok(None),
        }
    }

    fn keep_image(&mut self) -> Result<Option<Self::Kept>, Error> {
        self.keep()
    }

    fn mark(&mut self) -> Self::Mark {
        self.keep().ok().flatten()
    }

    fn keep_since(&mut self, mark: Self::Mark) -> Result<Self::Kept, Error> {
        mark.ok_or_else(impossible)
    }

    fn check(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl Lockstep for NativeNode<'_> {
    fn lockstep(old: &mut Self, new: &mut Self) -> Option<Unlike<Self>> {
        let (State::Map(old), State::Map(new)) = (old.take(), new.take()) else {
            return None;
        };
        unlike(old.cast_exact().ok()?, new.cast_exact().ok()?, |name, value| {
            Some(Member { name: NativeText::Text(name), value: Some(value.unbind()) })
        })
    }
}

/// Where Python values that were kept are opened again.
pub struct Natives<'py>(pub Python<'py>);

impl<'py> Source for Natives<'py> {
    type Kept = Py<PyAny>;
    type Node = NativeNode<'py>;

    fn open(&self, kept: &Py<PyAny>) -> NativeNode<'py> {
        NativeNode::new(kept.bind(self.0).clone())
    }

    fn open_item(&self, kept: &Py<PyAny>) -> Result<NativeNode<'py>, Error> {
        let item = kept.bind(self.0);
        if item.is_exact_instance_of::<PyDict>() || item.cast::<PyMapping>().is_ok() {
            return Ok(NativeNode { state: State::Map(item.clone()) });
        }
        Err(refusal::no_item(item))
    }

    fn surely_same(&self, one: &Py<PyAny>, other: &Py<PyAny>) -> bool {
        alike(one.bind(self.0), other.bind(self.0))
    }
}
