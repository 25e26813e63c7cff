//! An attribute value by value: what two spellings of the same thing have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::attribute_value::{Build, Bytes, SetKind, Shape};
use super::error::Error;
use super::node::{Node, Text};
use super::number::Number;

/// Equal when DynamoDB holds the same value: numbers by value, sets without order, types apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// S
    String(String),
    /// N
    Number(Number),
    /// B
    Binary(Vec<u8>),
    /// BOOL
    Boolean(bool),
    /// NULL
    Null,
    /// L
    List(Vec<Value>),
    /// M, or an item
    Map(BTreeMap<String, Value>),
    /// SS, NS, BS
    Set(SetKind, BTreeSet<Value>),
}

/// Builds a `Value`.
pub struct ValueBuilder;

impl<N: Node> Build<N> for ValueBuilder {
    type Value = Value;
    type Open = Value;
    type Key = String;

    fn string(&mut self, text: N::Text) -> Result<Value, Error> {
        text.string().map(|text| Value::String(text.into_owned()))
    }

    fn number(&mut self, text: N::Text) -> Result<Value, Error> {
        text.number().map(Value::Number)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Value, Error> {
        Ok(Value::Binary(match bytes {
            Bytes::Decoded(bytes) => bytes,
            Bytes::Raw(bytes) => bytes.as_ref().to_vec(),
        }))
    }

    fn boolean(&mut self, value: bool) -> Result<Value, Error> {
        Ok(Value::Boolean(value))
    }

    fn null(&mut self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn open(&mut self, shape: Shape, _payload: &mut N) -> Result<Value, Error> {
        Ok(match shape {
            Shape::Item | Shape::Map => Value::Map(BTreeMap::new()),
            Shape::List => Value::List(Vec::new()),
            Shape::Set(kind) => Value::Set(kind, BTreeSet::new()),
        })
    }

    fn key(&mut self, _open: &mut Value, name: &N::Text) -> Result<String, Error> {
        name.string().map(std::borrow::Cow::into_owned)
    }

    fn insert(&mut self, open: &mut Value, key: String, value: Value) -> Result<(), Error> {
        match open {
            Value::Map(members) => members.insert(key, value).map_or(Ok(()), |_| Err(duplicate_name())),
            _ => Ok(()),
        }
    }

    fn push(&mut self, open: &mut Value, value: Value) -> Result<(), Error> {
        match open {
            Value::List(elements) => elements.push(value),
            Value::Set(_, members) => drop(members.insert(value)),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, open: Value) -> Result<Value, Error> {
        Ok(open)
    }
}

/// The error of an attribute name that stands twice in one map.
#[cold]
pub fn duplicate_name() -> Error {
    Error::value("an attribute name stands twice in one map")
}
