//! The core's strict reading, as a value.

use tailrace::core::attribute_value::{Build, Bytes, Shape};
use tailrace::core::error::Error;
use tailrace::core::members::Members;
use tailrace::core::node::Node;
use tailrace::core::value::{Value, ValueBuilder};

/// Builds a `Value`, and refuses what strict reading refuses.
pub struct Strict;

impl<N: Node> Build<N> for Strict {
    type Value = Value;
    type Open = (Value, Members);
    type Key = String;

    fn is_strict(&self) -> bool {
        true
    }

    fn string(&mut self, text: N::Text) -> Result<Value, Error> {
        Build::<N>::string(&mut ValueBuilder, text)
    }

    fn number(&mut self, text: N::Text) -> Result<Value, Error> {
        Build::<N>::number(&mut ValueBuilder, text)
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Value, Error> {
        Build::<N>::binary(&mut ValueBuilder, bytes)
    }

    fn boolean(&mut self, value: bool) -> Result<Value, Error> {
        Build::<N>::boolean(&mut ValueBuilder, value)
    }

    fn null(&mut self) -> Result<Value, Error> {
        Build::<N>::null(&mut ValueBuilder)
    }

    fn open(&mut self, shape: Shape, payload: &mut N) -> Result<Self::Open, Error> {
        ValueBuilder.open(shape, payload).map(|open| (open, Members::default()))
    }

    fn key(&mut self, (open, _): &mut Self::Open, name: &N::Text) -> Result<String, Error> {
        Build::<N>::key(&mut ValueBuilder, open, name)
    }

    fn insert(&mut self, (open, _): &mut Self::Open, key: String, value: Value) -> Result<(), Error> {
        Build::<N>::insert(&mut ValueBuilder, open, key, value)
    }

    fn push(&mut self, (open, members): &mut Self::Open, value: Value) -> Result<(), Error> {
        match (&open, &value) {
            (Value::Set(..), Value::String(text)) => members.string(text)?,
            (Value::Set(..), Value::Number(number)) => members.number(number.to_string().as_bytes())?,
            (Value::Set(..), Value::Binary(bytes)) => members.binary(bytes)?,
            _ => {}
        }
        Build::<N>::push(&mut ValueBuilder, open, value)
    }

    fn close(&mut self, (open, _): Self::Open) -> Result<Value, Error> {
        Build::<N>::close(&mut ValueBuilder, open)
    }
}
