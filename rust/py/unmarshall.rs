//! Attribute values straight to Python values, no tree between.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::{Place, foreign, guard, raise};
use super::event::bytes_of;
use super::make::Maker;
use super::py_node::{PyNode, PyRawBytes, PyText};
use crate::core::attribute_value::{Build, Bytes, Shape, read_item};
use crate::core::error::Error;
use crate::core::json::JsonText;
use crate::core::json_node::{JsonNode, NoBytes};
use crate::core::node::{Node, Text};
use crate::core::number;
use crate::core::value::duplicate_name;

/// Text of either road as Python objects.
pub trait IntoStr<'py>: Text {
    /// A str.
    fn make(&self, maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error>;
    /// A str for a name.
    fn make_name(&self, maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error>;
}

impl<'py> IntoStr<'py> for JsonText<'_> {
    #[inline]
    fn make(&self, maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error> {
        maker.text(self)
    }

    #[inline]
    fn make_name(&self, maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error> {
        maker.name(self)
    }
}

impl<'py> IntoStr<'py> for PyText<'py> {
    #[inline]
    fn make(&self, _maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error> {
        Ok(self.0.clone().into_any())
    }

    #[inline]
    fn make_name(&self, _maker: &mut Maker<'py>) -> Result<Bound<'py, PyAny>, Error> {
        Ok(self.0.clone().into_any())
    }
}

/// Bytes of either road as Python bytes.
pub trait IntoBytes<'py>: AsRef<[u8]> {
    /// bytes.
    fn make(self, py: Python<'py>) -> Bound<'py, PyAny>;
}

impl<'py> IntoBytes<'py> for NoBytes {
    fn make(self, py: Python<'py>) -> Bound<'py, PyAny> {
        pyo3::types::PyBytes::new(py, self.as_ref()).into_any()
    }
}

impl<'py> IntoBytes<'py> for PyRawBytes<'py> {
    fn make(self, _py: Python<'py>) -> Bound<'py, PyAny> {
        self.0.into_any()
    }
}

/// Python bytes of a B, without a copy where the source has them.
pub fn make_bytes<'py, B: IntoBytes<'py>>(maker: &Maker<'py>, bytes: Bytes<B>) -> Bound<'py, PyAny> {
    match bytes {
        Bytes::Decoded(bytes) => maker.bytes(&bytes),
        Bytes::Raw(bytes) => bytes.make(maker.py),
    }
}

/// Builds Python values.
pub struct Unmarshall<'py> {
    maker: Maker<'py>,
}

/// A Python container under construction; list and set remember where their elements start.
pub enum Open<'py> {
    /// An item or map.
    Dict(Bound<'py, PyDict>),
    /// A list.
    List(usize),
    /// A set.
    Set(usize),
}

impl<'py> Unmarshall<'py> {
    /// A builder with this thread's tables.
    pub fn new(py: Python<'py>) -> Self {
        Self { maker: Maker::new(py) }
    }
}

impl<'py, N> Build<N> for Unmarshall<'py>
where
    N: Node,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    type Value = Bound<'py, PyAny>;
    type Open = Open<'py>;
    type Key = Bound<'py, PyAny>;

    #[inline]
    fn string(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        text.make(&mut self.maker)
    }

    #[inline]
    fn number(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        let raw = text.bytes()?;
        if let Some(ready) = self.maker.ready_decimal(&raw) {
            return Ok(ready);
        }
        number::check(&raw)?;
        let made = text.make(&mut self.maker)?;
        self.maker.decimal(&raw, &made)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Self::Value, Error> {
        Ok(make_bytes(&self.maker, bytes))
    }

    #[inline]
    fn boolean(&mut self, value: bool) -> Result<Self::Value, Error> {
        Ok(pyo3::types::PyBool::new(self.maker.py, value).to_owned().into_any())
    }

    #[inline]
    fn null(&mut self) -> Result<Self::Value, Error> {
        Ok(self.maker.py.None().into_bound(self.maker.py))
    }

    #[inline]
    fn open(&mut self, shape: Shape) -> Result<Self::Open, Error> {
        Ok(match shape {
            Shape::Item | Shape::Map => Open::Dict(PyDict::new(self.maker.py)),
            Shape::List => Open::List(self.maker.open()),
            Shape::Set(_) => Open::Set(self.maker.open()),
        })
    }

    #[inline]
    fn key(&mut self, _open: &mut Self::Open, name: &N::Text) -> Result<Self::Key, Error> {
        name.make_name(&mut self.maker)
    }

    #[inline]
    fn insert(&mut self, open: &mut Self::Open, key: Self::Key, value: Self::Value) -> Result<(), Error> {
        match open {
            Open::Dict(dict) if !self.maker.insert(dict, &key, &value)? => Err(duplicate_name()),
            _ => Ok(()),
        }
    }

    #[inline]
    fn push(&mut self, _open: &mut Self::Open, value: Self::Value) -> Result<(), Error> {
        self.maker.push(value);
        Ok(())
    }

    #[inline]
    fn close(&mut self, open: Self::Open) -> Result<Self::Value, Error> {
        match open {
            Open::Dict(dict) => Ok(dict.into_any()),
            Open::List(start) => self.maker.list(start),
            Open::Set(start) => self.maker.set(start),
        }
    }
}

/// Python values of one item.
pub fn unmarshall_node<'py, N>(py: Python<'py>, node: &mut N) -> Result<Bound<'py, PyAny>, Error>
where
    N: Node,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    read_item(node, &mut Unmarshall::new(py))
}

/// Turns an item of attribute values into Python values.
#[pyfunction]
pub fn unmarshall<'py>(item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = item.py();
    guard(py, || unmarshall_node(py, &mut PyNode::new(item.clone())).map_err(|e| raise(py, e, Place::default())))
}

/// Turns DynamoDB JSON into Python values.
#[pyfunction]
#[pyo3(signature = (data, *, shape="item"))]
pub fn loads<'py>(data: &Bound<'py, PyAny>, shape: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    guard(py, || {
        if shape != "item" {
            return Err(PyValueError::new_err("shape is \"item\""));
        }
        let item = bytes_of(data).and_then(|bytes| {
            let bytes =
                bytes.ok_or_else(|| foreign(PyTypeError::new_err("data is bytes, bytearray, memoryview or str")))?;
            let mut node = JsonNode::new(bytes.as_bytes());
            let item = unmarshall_node(py, &mut node)?;
            node.end().map(|()| item)
        });
        item.map_err(|error| raise(py, error, Place::default()))
    })
}
