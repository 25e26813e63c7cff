//! DynamoDB JSON straight to Python values, in the shapes in which it comes.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::errors::{Place, foreign, guard, raise};
use super::event::bytes_of;
use super::options::{Binary, Modes, Numbers, Sets};
use super::plain::{Names, plain};
use super::unmarshall::Unmarshall;
use crate::core::answer;
use crate::core::attribute_value::read_item;
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::node::{Kind, Node, Text};

type Made<'py> = Result<Bound<'py, PyAny>, Error>;

/// What a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One value, which stands here.
    One(answer::Place),
    /// A value in each line.
    Export,
}

impl<'py> FromPyObject<'_, 'py> for Shape {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(match object.extract::<&str>() {
            Ok("item") => Self::One(answer::Place::Item),
            Ok("items") => Self::One(answer::Place::Items),
            Ok("answer") => Self::One(answer::Place::Answer),
            Ok("export") => Self::Export,
            _ => return Err(PyValueError::new_err("shape is \"item\", \"items\", \"answer\" or \"export\"")),
        })
    }
}

/// Turns DynamoDB JSON into Python values.
#[pyfunction]
#[pyo3(
    signature = (
        data, *, shape=Shape::One(answer::Place::Item),
        numbers=Numbers::Decimal, binary=Binary::Bytes, sets=Sets::Set, strict=false
    ),
    text_signature = "(data, *, shape='item', numbers='decimal', binary='bytes', sets='set', strict=False)"
)]
pub fn loads<'py>(
    data: &Bound<'py, PyAny>,
    shape: Shape,
    numbers: Numbers,
    binary: Binary,
    sets: Sets,
    strict: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    let modes = Modes { numbers, binary, sets, strict };
    guard(py, || {
        let read = text_of(data).and_then(|text| {
            let mut build = Unmarshall::with(py, &modes);
            match shape {
                Shape::One(place) => whole(&mut JsonNode::new(text.as_bytes()), &mut build, place),
                Shape::Export => lines(text.as_bytes(), &mut build),
            }
        });
        read.map_err(|error| raise(py, error, Place::default()))
    })
}

fn text_of<'py>(data: &Bound<'py, PyAny>) -> Result<Bound<'py, PyBytes>, Error> {
    let wrong = || foreign(PyTypeError::new_err("data is bytes, bytearray, memoryview or str"));
    bytes_of(data)?.ok_or_else(wrong)
}

fn whole<'py>(node: &mut JsonNode<'_>, build: &mut Unmarshall<'py, '_>, place: answer::Place) -> Made<'py> {
    let value = read(node, build, place)?;
    node.end().map(|()| value)
}

/// The lines of an export, of which empty ones are passed by.
fn lines<'py>(text: &[u8], build: &mut Unmarshall<'py, '_>) -> Made<'py> {
    let made = build.maker().open();
    let (mut start, mut count) = (0, 0);
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let end = start + line.len();
        if !line.iter().all(|byte| b" \t\r".contains(byte)) {
            // The whole text up to here, so that errors name positions of the text.
            let mut node = JsonNode::inside(text.get(..end).unwrap_or(line), start);
            let value = whole(&mut node, build, answer::Place::Line);
            let value = value.map_err(|error| error.at(Step::Index(count)).in_line(number + 1))?;
            build.maker().push(value);
            count += 1;
        }
        start = end + 1;
    }
    build.maker().list(made)
}

fn read<'py>(node: &mut JsonNode<'_>, build: &mut Unmarshall<'py, '_>, place: answer::Place) -> Made<'py> {
    match place {
        answer::Place::Item => read_item(node, build),
        answer::Place::Plain => {
            plain(build.maker(), node, 0, Names::Unique).map_err(|error| error.into_kind(ErrorKind::Value))
        }
        _ => {
            place.check(node)?;
            if node.kind()? == Kind::Object { members(node, build, place) } else { elements(node, build, place) }
        }
    }
}

fn members<'py>(node: &mut JsonNode<'_>, build: &mut Unmarshall<'py, '_>, place: answer::Place) -> Made<'py> {
    let dict = PyDict::new(build.maker().py);
    node.object(|name, value| {
        let raw = name.bytes()?;
        let key = build.maker().name(&name)?;
        let value = member(value, build, place.member(&raw)).map_err(|error| error.at_name(&raw))?;
        if build.maker().insert(&dict, &key, &value)? { Ok(()) } else { Err(answer::name_twice().at_name(&raw)) }
    })?;
    Ok(dict.into_any())
}

/// Null stands for no member, whatever else would stand there.
fn member<'py>(node: &mut JsonNode<'_>, build: &mut Unmarshall<'py, '_>, place: answer::Place) -> Made<'py> {
    let null = node.kind()? == Kind::Null;
    read(node, build, if null { answer::Place::Plain } else { place })
}

fn elements<'py>(node: &mut JsonNode<'_>, build: &mut Unmarshall<'py, '_>, place: answer::Place) -> Made<'py> {
    let made = build.maker().open();
    let mut index = 0;
    node.array(|element| {
        let value = read(element, build, place.element()).map_err(|error| error.at(Step::Index(index)))?;
        build.maker().push(value);
        index += 1;
        Ok(())
    })?;
    build.maker().list(made)
}
