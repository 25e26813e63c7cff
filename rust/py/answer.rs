//! The body of an API answer in one walk: what botocore's parser makes of it, without a tree between.
//!
//! What botocore does by accident is not repeated here (members of the wrong type, names that stand twice): the walk
//! ends with an error, and the caller asks botocore itself.

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::answer_shape::{Member, Shape};
use super::errors::foreign;
use super::make::call_one;
use super::options::Modes;
use super::plain::{Names, number, plain};
use super::unmarshall::Unmarshall;
use super::wire::Wire;
use crate::core::answer::name_twice;
use crate::core::attribute_value::{read_item, want};
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::node::{Kind, Node, Text};

type Made<'py> = Result<Bound<'py, PyAny>, Error>;

struct Walk<'py, 'm> {
    build: Unmarshall<'py, 'm>,
    parse_timestamp: &'m Bound<'py, PyAny>,
    parse_shape: &'m Bound<'py, PyAny>,
    /// Timestamps by their text: the records of a second share one.
    times: HashMap<String, Bound<'py, PyAny>>,
    /// Members of the structures that are being read, the innermost last.
    members: Vec<Option<Bound<'py, PyAny>>>,
}

/// Reads a body of this shape.
pub fn read_answer<'py>(
    shape: &Shape,
    modes: &Modes,
    body: &[u8],
    parse_timestamp: &Bound<'py, PyAny>,
    parse_shape: &Bound<'py, PyAny>,
) -> Made<'py> {
    let build = Unmarshall::of_answer(parse_shape.py(), modes);
    let mut walk = Walk { build, parse_timestamp, parse_shape, times: HashMap::new(), members: Vec::new() };
    let mut node = JsonNode::new(body);
    let answer = walk.value(&mut node, shape)?;
    node.end().map(|()| answer)
}

impl<'py> Walk<'py, '_> {
    fn value(&mut self, node: &mut JsonNode<'_>, shape: &Shape) -> Made<'py> {
        match shape {
            Shape::Native => read_item(node, &mut self.build),
            Shape::AttributeValues => read_item(node, &mut Wire::of_botocore(self.build.maker())),
            Shape::Plain => self.plain(node),
            Shape::Time => self.time(node),
            Shape::List(inside) => self.list(node, inside),
            Shape::Map(inside) => self.map(node, inside),
            Shape::Structure(members) => self.structure(node, members),
            Shape::Foreign(shape) => {
                let value = self.plain(node)?;
                self.parse_shape.call1((shape, value)).map_err(foreign)
            }
        }
    }

    #[inline]
    fn plain(&mut self, node: &mut JsonNode<'_>) -> Made<'py> {
        if node.kind()? == Kind::String {
            return self.build.maker().text(&node.text()?);
        }
        plain(self.build.maker(), node, 0, Names::Unique).map_err(|error| error.into_kind(ErrorKind::Value))
    }

    /// An element may be null for botocore, whatever else stands in the list; a native item is never.
    #[inline]
    fn element(&mut self, node: &mut JsonNode<'_>, shape: &Shape) -> Made<'py> {
        let may_be_null = !matches!(shape, Shape::Native);
        if may_be_null && node.kind()? == Kind::Null { self.none(node) } else { self.value(node, shape) }
    }

    /// Of the values of a map, plain ones and structures may be null for botocore.
    #[inline]
    fn mapped(&mut self, node: &mut JsonNode<'_>, shape: &Shape) -> Made<'py> {
        let may_be_null = matches!(shape, Shape::Structure(_));
        if may_be_null && node.kind()? == Kind::Null { self.none(node) } else { self.value(node, shape) }
    }

    fn none(&mut self, node: &mut JsonNode<'_>) -> Made<'py> {
        node.literal()?;
        let py = self.build.maker().py;
        Ok(py.None().into_bound(py))
    }

    fn time(&mut self, node: &mut JsonNode<'_>) -> Made<'py> {
        if node.kind()? != Kind::Number {
            let value = self.plain(node)?;
            return call_one(self.parse_timestamp, &value);
        }
        let text = node.number()?;
        if let Some(time) = self.times.get(&text) {
            return Ok(time.clone());
        }
        let value = number(self.build.maker().py, &text).map_err(|error| error.into_kind(ErrorKind::Value))?;
        let time = call_one(self.parse_timestamp, &value)?;
        self.times.insert(text, time.clone());
        Ok(time)
    }

    fn list(&mut self, node: &mut JsonNode<'_>, inside: &Shape) -> Made<'py> {
        want(node, Kind::Array, "an array is expected")?;
        let start = self.build.maker().open();
        let mut index = 0;
        node.array(|element| {
            let value = self.element(element, inside).map_err(|error| error.at(Step::Index(index)))?;
            self.build.maker().push(value);
            index += 1;
            Ok(())
        })?;
        self.build.maker().list(start)
    }

    fn map(&mut self, node: &mut JsonNode<'_>, inside: &Shape) -> Made<'py> {
        want(node, Kind::Object, "an object is expected")?;
        let dict = PyDict::new(self.build.maker().py);
        node.object(|name, member| {
            let key = self.build.maker().name(&name)?;
            let value = self.mapped(member, inside).map_err(|error| at(error, &name))?;
            if self.build.maker().insert(&dict, &key, &value)? { Ok(()) } else { Err(at(name_twice(), &name)) }
        })?;
        Ok(dict.into_any())
    }

    /// Members in the order of the model, as botocore's dicts have them; null is no member.
    fn structure(&mut self, node: &mut JsonNode<'_>, members: &[Member]) -> Made<'py> {
        want(node, Kind::Object, "an object is expected")?;
        let start = self.members.len();
        self.members.resize(start + members.len(), None);
        let mut guess = 0;
        node.object(|name, member| {
            let place = find(members, &name.bytes()?, guess);
            let Some((place, known)) = place else {
                name.string()?;
                return member.check();
            };
            guess = place + 1;
            self.member(member, known, start + place).map_err(|error| at(error, &name))
        })?;
        self.finish(members, start)
    }

    fn member(&mut self, node: &mut JsonNode<'_>, known: &Member, place: usize) -> Result<(), Error> {
        if self.members.get(place).is_some_and(Option::is_some) {
            return Err(name_twice());
        }
        if node.kind()? == Kind::Null {
            return node.literal();
        }
        let value = self.value(node, &known.shape)?;
        if let Some(member) = self.members.get_mut(place) {
            *member = Some(value);
        }
        Ok(())
    }

    fn finish(&mut self, members: &[Member], start: usize) -> Made<'py> {
        let py = self.build.maker().py;
        let dict = PyDict::new(py);
        for (member, value) in members.iter().zip(self.members.drain(start..)) {
            if let Some(value) = value {
                self.build.maker().insert(&dict, member.name.bind(py).as_any(), &value)?;
            }
        }
        Ok(dict.into_any())
    }
}

/// The member of this name. Most answers have their members in one order, so the one behind the last is tried first.
#[inline]
fn find<'m>(members: &'m [Member], name: &[u8], guess: usize) -> Option<(usize, &'m Member)> {
    if let Some(member) = members.get(guess)
        && member.wire_name.as_bytes() == name
    {
        return Some((guess, member));
    }
    members.iter().enumerate().find(|(_, member)| member.wire_name.as_bytes() == name)
}

#[cold]
fn at(error: Error, name: &impl Text) -> Error {
    match name.bytes() {
        Ok(bytes) => error.at_name(&bytes),
        Err(_) => error.at_name("\u{fffd}".as_bytes()),
    }
}
