//! The body of an API answer in one walk: what botocore's parser makes of it, without a tree between.
//!
//! What botocore does by accident is not repeated here (members of the wrong type, names that stand twice): the walk
//! ends with an error, and the caller asks botocore itself.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::answer_shape::{Member, Shape};
use super::answer_time::Times;
use super::errors::foreign;
use super::options::Modes;
use super::plain::{Names, plain};
use super::unmarshall::Unmarshall;
use super::wire::Wire;
use crate::core::answer::name_twice;
use crate::core::attribute_value::{read_item, want};
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::node::{Kind, Node, Text};

type Made<'py> = Result<Bound<'py, PyAny>, Error>;

/// What of botocore's parser is called.
pub struct Parser<'a, 'py> {
    /// Its function for timestamps.
    pub parse_timestamp: &'a Bound<'py, PyAny>,
    /// Whether that counts seconds since 1970, whatever else it reads.
    pub counts_seconds: bool,
    /// Its method for a shape and what JSON says.
    pub parse_shape: &'a Bound<'py, PyAny>,
}

struct Walk<'a, 'py> {
    build: Unmarshall<'py, 'a>,
    body: &'a [u8],
    times: Times<'a, 'py>,
    parse_shape: &'a Bound<'py, PyAny>,
    /// Members of the structures that are being read, the innermost last.
    members: Vec<Option<Bound<'py, PyAny>>>,
}

/// Reads a body of this shape.
pub fn read_answer<'a, 'py>(shape: &Shape, modes: &'a Modes, body: &'a [u8], parser: &Parser<'a, 'py>) -> Made<'py> {
    let build = Unmarshall::of_answer(parser.parse_shape.py(), modes);
    let times = Times::new(parser.parse_timestamp, parser.counts_seconds);
    let mut walk = Walk { build, body, times, parse_shape: parser.parse_shape, members: Vec::new() };
    let mut node = JsonNode::new(body);
    let answer = walk.value(&mut node, shape)?;
    node.end().map(|()| answer)
}

impl<'py> Walk<'_, 'py> {
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
            return self.times.of_value(&value);
        }
        let range = node.keep()?;
        let text = range.and_then(|range| self.body.get(range.start()..range.end()));
        self.times.of_text(text.unwrap_or_default())
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
