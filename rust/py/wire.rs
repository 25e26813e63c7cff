//! Attribute values in the form a boto3 client takes: one dict for each value, B as bytes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use super::errors::foreign;
use super::make::Maker;
use super::unmarshall::{IntoBytes, IntoStr, make_bytes};
use crate::core::attribute_value::{Build, Bytes, SetKind, Shape, read_item};
use crate::core::error::Error;
use crate::core::node::{Node, Text};
use crate::core::number;
use crate::core::value::duplicate_name;

/// Builds attribute values again, checked and copied.
pub struct Wire<'py> {
    maker: Maker<'py>,
    /// Members of a set carry no tag of their own.
    in_set: bool,
}

/// A container of attribute values under construction.
pub enum Open<'py> {
    /// An item.
    Item(Bound<'py, PyDict>),
    /// M
    Map(Bound<'py, PyDict>),
    /// L, SS, NS or BS, and where its elements start.
    Elements(&'static str, usize),
}

impl<'py> Wire<'py> {
    /// A builder with this thread's tables.
    pub fn new(py: Python<'py>) -> Self {
        Self { maker: Maker::new(py), in_set: false }
    }

    fn tagged(&self, tag: &'static str, payload: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.in_set {
            return Ok(payload);
        }
        self.wrap(tag, payload)
    }

    fn wrap(&self, tag: &'static str, payload: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let py = self.maker.py;
        let tag = match tag {
            "S" => intern!(py, "S"),
            "N" => intern!(py, "N"),
            _ => &PyString::intern(py, tag),
        };
        let value = PyDict::new(py);
        value.set_item(tag, payload).map_err(foreign)?;
        Ok(value.into_any())
    }
}

impl<'py, N> Build<N> for Wire<'py>
where
    N: Node,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    type Value = Bound<'py, PyAny>;
    type Open = Open<'py>;
    type Key = Bound<'py, PyAny>;

    fn string(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        let made = text.make(&mut self.maker)?;
        self.tagged("S", made)
    }

    fn number(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        number::check(&text.bytes()?)?;
        let made = text.make(&mut self.maker)?;
        self.tagged("N", made)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Self::Value, Error> {
        let made = make_bytes(&self.maker, bytes);
        self.tagged("B", made)
    }

    fn boolean(&mut self, value: bool) -> Result<Self::Value, Error> {
        self.wrap("BOOL", PyBool::new(self.maker.py, value).to_owned().into_any())
    }

    fn null(&mut self) -> Result<Self::Value, Error> {
        self.wrap("NULL", PyBool::new(self.maker.py, true).to_owned().into_any())
    }

    fn open(&mut self, shape: Shape, _payload: &N) -> Result<Self::Open, Error> {
        self.in_set = matches!(shape, Shape::Set(_));
        let tag = match shape {
            Shape::Item => return Ok(Open::Item(PyDict::new(self.maker.py))),
            Shape::Map => return Ok(Open::Map(PyDict::new(self.maker.py))),
            Shape::List => "L",
            Shape::Set(SetKind::String) => "SS",
            Shape::Set(SetKind::Number) => "NS",
            Shape::Set(SetKind::Binary) => "BS",
        };
        Ok(Open::Elements(tag, self.maker.open()))
    }

    fn key(&mut self, _open: &mut Self::Open, name: &N::Text) -> Result<Self::Key, Error> {
        name.make_name(&mut self.maker)
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
            Open::Map(dict) => self.wrap("M", dict.into_any()),
            Open::Elements(tag, start) => {
                let list = self.maker.list(start)?;
                self.wrap(tag, list)
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
    read_item(node, &mut Wire::new(py))
}
