//! Attribute values straight to Python values, no tree between.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use super::dict::length;
use super::errors::{Place, foreign, guard, raise};
use super::make::Maker;
use super::numbers;
use super::options::{Binary, Modes, Numbers, Sets};
use super::py_node::{PyNode, PyRawBytes, PyText};
use crate::core::attribute_value::{Build, Bytes, Shape, read_item};
use crate::core::error::Error;
use crate::core::json::JsonText;
use crate::core::json_node::{JsonNode, NoBytes};
use crate::core::members::Members;
use crate::core::node::{Node, Text};
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

/// A wire value whose members may be known before they are read.
pub trait Template<'py> {
    /// A copy of the payload to fill in: it has the names and the room, and still the values of the wire. It is the copy
    /// that is read from then on: whatever happens to the source meanwhile, no value is left in it as it was.
    fn template(&mut self) -> Result<Option<Bound<'py, PyDict>>, Error>;
}

impl<'py> Template<'py> for JsonNode<'_> {
    #[inline]
    fn template(&mut self) -> Result<Option<Bound<'py, PyDict>>, Error> {
        Ok(None)
    }
}

/// Below this many members a new dict needs no growing.
pub const ROOM: usize = 5;

impl<'py> Template<'py> for PyNode<'py> {
    /// A copied table of names spares the growing and rehashing of a new one.
    #[inline]
    fn template(&mut self) -> Result<Option<Bound<'py, PyDict>>, Error> {
        match self.exact_dict() {
            Some(dict) if length(dict) > ROOM => {
                let copy = dict.copy().map_err(foreign)?;
                *self = Self::new(copy.clone().into_any());
                Ok(Some(copy))
            }
            _ => Ok(None),
        }
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
pub struct Unmarshall<'py, 'm> {
    maker: Maker<'py>,
    modes: &'m Modes,
    /// The members of the set that is being read, by value; in strict mode only.
    members: Option<Members>,
    /// Whether a second type tag and a NULL that is not true are refused; strict mode refuses them too.
    one_tag: bool,
}

/// A Python container under construction; list and set remember where their elements start.
pub enum Open<'py> {
    /// An item or map.
    Dict(Bound<'py, PyDict>),
    /// The same over a copy of its source.
    Template(Bound<'py, PyDict>),
    /// A list.
    List(usize),
    /// A set.
    Set(usize),
}

impl<'py, 'm> Unmarshall<'py, 'm> {
    /// A builder with this thread's tables.
    pub fn with(py: Python<'py>, modes: &'m Modes) -> Self {
        Self { maker: Maker::new(py), modes, members: None, one_tag: false }
    }

    /// The same for what botocore would read first: of two type tags it does not pass on the first one of the wire.
    pub fn of_answer(py: Python<'py>, modes: &'m Modes) -> Self {
        Self { one_tag: true, ..Self::with(py, modes) }
    }

    /// What makes its objects, for what stands around items.
    pub fn maker(&mut self) -> &mut Maker<'py> {
        &mut self.maker
    }
}

impl<'py, N> Build<N> for Unmarshall<'py, '_>
where
    N: Node + Template<'py>,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    type Value = Bound<'py, PyAny>;
    type Open = Open<'py>;
    type Key = Bound<'py, PyAny>;

    #[inline]
    fn is_strict(&self) -> bool {
        self.one_tag || self.modes.strict
    }

    #[inline]
    fn string(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        if let Some(members) = &mut self.members {
            members.string(&text.string()?)?;
        }
        text.make(&mut self.maker)
    }

    #[inline]
    fn number(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        let raw = text.bytes()?;
        if let Some(members) = &mut self.members {
            members.number(&raw)?;
        }
        if let Numbers::Decimal = self.modes.numbers {
            return numbers::decimal(&mut self.maker, &raw, &text);
        }
        numbers::other(&mut self.maker, &self.modes.numbers, &raw, &text)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Self::Value, Error> {
        if let Some(members) = &mut self.members {
            members.binary(bytes.as_ref())?;
        }
        let made = make_bytes(&self.maker, bytes);
        if self.modes.binary == Binary::Boto3 { self.maker.boto3_binary(&made) } else { Ok(made) }
    }

    fn base64(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        if self.modes.binary == Binary::Raw {
            if let Some(members) = &mut self.members {
                members.string(&text.string()?)?;
            }
            return text.make(&mut self.maker);
        }
        let bytes = crate::core::binary::decode(&text.bytes()?)?;
        Build::<N>::binary(self, Bytes::Decoded(bytes))
    }

    #[inline]
    fn boolean(&mut self, value: bool) -> Result<Self::Value, Error> {
        Ok(PyBool::new(self.maker.py, value).to_owned().into_any())
    }

    #[inline]
    fn null(&mut self) -> Result<Self::Value, Error> {
        Ok(self.maker.py.None().into_bound(self.maker.py))
    }

    #[inline]
    fn open(&mut self, shape: Shape, payload: &mut N) -> Result<Self::Open, Error> {
        Ok(match shape {
            Shape::Item | Shape::Map => match payload.template()? {
                Some(copy) => Open::Template(copy),
                None => Open::Dict(PyDict::new(self.maker.py)),
            },
            Shape::List => Open::List(self.maker.open()),
            Shape::Set(_) => {
                self.members = self.modes.strict.then(Members::default);
                Open::Set(self.maker.open())
            }
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
            Open::Template(dict) => self.maker.replace(dict, &key, &value),
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
            Open::Dict(dict) | Open::Template(dict) => Ok(dict.into_any()),
            Open::List(start) => self.maker.list(start),
            Open::Set(start) => {
                self.members = None;
                if self.modes.sets == Sets::List { self.maker.list(start) } else { self.maker.set(start) }
            }
        }
    }
}

/// Python values of one item.
pub fn unmarshall_node<'py, N>(py: Python<'py>, node: &mut N, modes: &Modes) -> Result<Bound<'py, PyAny>, Error>
where
    N: Node + Template<'py>,
    N::Text: IntoStr<'py>,
    N::Bytes: IntoBytes<'py>,
{
    read_item(node, &mut Unmarshall::with(py, modes))
}

/// Turns an item of attribute values into Python values.
#[pyfunction]
#[pyo3(
    signature = (item, *, numbers=Numbers::Decimal, binary=Binary::Bytes, sets=Sets::Set, strict=false),
    text_signature = "(item, *, numbers='decimal', binary='bytes', sets='set', strict=False)"
)]
pub fn unmarshall<'py>(
    item: &Bound<'py, PyAny>,
    numbers: Numbers,
    binary: Binary,
    sets: Sets,
    strict: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = item.py();
    let modes = Modes { numbers, binary, sets, strict };
    guard(py, || {
        unmarshall_node(py, &mut PyNode::new(item.clone()), &modes).map_err(|e| raise(py, e, Place::default()))
    })
}
