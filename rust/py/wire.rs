//! Attribute values in the form a boto3 client takes: one dict for each value, B as bytes.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use super::make::Maker;
use super::tag::tagged;
use super::unmarshall::{IntoBytes, IntoStr, make_bytes};
use crate::core::attribute_value::{Build, Bytes, Shape, Tag, read_item};
use crate::core::error::Error;
use crate::core::node::{Node, Text};
use crate::core::number;
use crate::core::value::duplicate_name;

/// Builds attribute values again, checked and copied.
pub struct Wire<'m, 'py> {
    maker: &'m mut Maker<'py>,
    /// Members of a set carry no tag of their own.
    in_set: bool,
    /// Whether this is what botocore makes of an answer: it passes numbers on unread, and what it does with values
    /// that have no meaning is left to itself.
    of_botocore: bool,
}

/// A container of attribute values under construction.
pub enum Open<'py> {
    /// An item.
    Item(Bound<'py, PyDict>),
    /// M
    Map(Bound<'py, PyDict>),
    /// L, SS, NS or BS, and where its elements start.
    Elements(Tag, usize),
}

impl<'m, 'py> Wire<'m, 'py> {
    /// A builder.
    pub fn new(maker: &'m mut Maker<'py>) -> Self {
        Self { maker, in_set: false, of_botocore: false }
    }

    /// One for what botocore makes of attribute values; an error where they are odd.
    pub fn of_botocore(maker: &'m mut Maker<'py>) -> Self {
        Self { maker, in_set: false, of_botocore: true }
    }

    #[inline]
    fn member(&self, tag: Tag, payload: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.in_set { Ok(payload) } else { tagged(tag, &payload) }
    }
}

impl<'py, N> Build<N> for Wire<'_, 'py>
where
    N: Node,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    type Value = Bound<'py, PyAny>;
    type Open = Open<'py>;
    type Key = Bound<'py, PyAny>;

    fn is_strict(&self) -> bool {
        self.of_botocore
    }

    fn string(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        let made = text.make(self.maker)?;
        self.member(Tag::S, made)
    }

    fn number(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        if !self.of_botocore {
            number::check(&text.bytes()?)?;
        }
        let made = text.make(self.maker)?;
        self.member(Tag::N, made)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Self::Value, Error> {
        let made = make_bytes(self.maker, bytes);
        self.member(Tag::B, made)
    }

    fn boolean(&mut self, value: bool) -> Result<Self::Value, Error> {
        tagged(Tag::Bool, PyBool::new(self.maker.py, value).as_any())
    }

    fn null(&mut self) -> Result<Self::Value, Error> {
        tagged(Tag::Null, PyBool::new(self.maker.py, true).as_any())
    }

    fn open(&mut self, shape: Shape, _payload: &mut N) -> Result<Self::Open, Error> {
        self.in_set = matches!(shape, Shape::Set(_));
        Ok(match shape {
            Shape::Item => Open::Item(PyDict::new(self.maker.py)),
            Shape::Map => Open::Map(PyDict::new(self.maker.py)),
            Shape::List => Open::Elements(Tag::L, self.maker.open()),
            Shape::Set(kind) => Open::Elements(Tag::Set(kind), self.maker.open()),
        })
    }

    fn key(&mut self, _open: &mut Self::Open, name: &N::Text) -> Result<Self::Key, Error> {
        name.make_name(self.maker)
    }

    fn insert(&mut self, open: &mut Self::Open, key: Self::Key, value: Self::Value) -> Result<(), Error> {
        match open {
            Open::Item(dict) | Open::Map(dict) if !self.maker.insert(dict, &key, &value)? => Err(duplicate_name()),
            _ => Ok(()),
        }
    }

    fn push(&mut self, _open: &mut Self::Open, value: Self::Value) -> Result<(), Error> {
        self.maker.push(value);
        Ok(())
    }

    fn close(&mut self, open: Self::Open) -> Result<Self::Value, Error> {
        self.in_set = false;
        match open {
            Open::Item(dict) => Ok(dict.into_any()),
            Open::Map(dict) => tagged(Tag::M, dict.as_any()),
            Open::Elements(tag, start) => {
                let list = self.maker.list(start)?;
                tagged(tag, &list)
            }
        }
    }
}

/// A checked copy of an image or of keys.
pub fn attribute_values<'py, N>(py: Python<'py>, node: &mut N) -> Result<Bound<'py, PyAny>, Error>
where
    N: Node,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    read_item(node, &mut Wire::new(&mut Maker::new(py)))
}
