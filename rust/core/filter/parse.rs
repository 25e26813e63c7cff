//! The text or object of a pattern to a tree that knows where each part stands.

use std::cell::Cell;

use super::fault::{Fault, Refusal};
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::limits::FILTER_DEPTH;
use crate::core::node::{Kind, Node, Text};

/// A value of a pattern. Members that stand twice are all kept: what that means is decided later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Members in order.
    Object(Vec<(String, Tree)>),
    /// Elements in order.
    Array(Vec<Tree>),
    /// A string.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// true or false.
    Boolean(bool),
    /// null
    Null,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The value.
    pub value: Value,
    /// The byte of the text, if it came as text.
    pub at: Option<usize>,
}

impl Tree {
    /// Reads the text of a pattern.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut node = JsonNode::new(text.as_bytes());
        let last = Cell::new(0);
        let place = |node: &mut JsonNode<'_>| {
            last.set(node.mark());
            Some(last.get())
        };
        let read = Self::read(&mut node, &place);
        read.and_then(|tree| node.end().map(|()| tree)).map_err(|error| refused(&error, Some(last.get())))
    }

    /// Reads an object of Python.
    pub fn of<N: Node>(node: &mut N) -> Result<Self, Error> {
        Self::read(node, &|_| None)
    }

    /// Text that is to be parsed.
    pub fn of_text(text: &str) -> Self {
        Self { value: Value::Text(text.to_owned()), at: None }
    }

    /// What is wrong with an object that is no pattern, or the error of somebody else.
    pub fn refused(error: Error) -> Result<Refusal, Error> {
        if error.kind() == ErrorKind::Foreign { Err(error) } else { Ok(refused(&error, None)) }
    }

    fn read<N: Node>(node: &mut N, place: &dyn Fn(&mut N) -> Option<usize>) -> Result<Self, Error> {
        Self::level(node, place, 0)
    }

    fn level<N: Node>(node: &mut N, place: &dyn Fn(&mut N) -> Option<usize>, depth: u32) -> Result<Self, Error> {
        if depth > FILTER_DEPTH {
            return Err(Error::value("a pattern is nested too deep"));
        }
        let at = place(node);
        let value = match node.kind()? {
            Kind::Object => {
                let mut members = Vec::new();
                node.object(|name, value| {
                    let name = name.string()?.into_owned();
                    let value = Self::level(value, place, depth + 1).map_err(|error| error.at_name(name.as_bytes()))?;
                    members.push((name, value));
                    Ok(())
                })?;
                Value::Object(members)
            }
            Kind::Array => {
                let mut elements = Vec::new();
                node.array(|element| {
                    let element = Self::level(element, place, depth + 1);
                    elements.push(element.map_err(|error| error.at(Step::Index(elements.len())))?);
                    Ok(())
                })?;
                Value::Array(elements)
            }
            Kind::String => Value::Text(node.text()?.string()?.into_owned()),
            Kind::Number => Value::Number(number(node)?),
            Kind::Boolean(value) => {
                node.literal()?;
                Value::Boolean(value)
            }
            Kind::Null => {
                node.literal()?;
                Value::Null
            }
            kind => return Err(Error::value(format!("a pattern holds only what JSON has, found {}", kind.name()))),
        };
        Ok(Self { value, at })
    }

    /// The same, as if it had come as an object.
    #[must_use]
    pub fn without_places(&self) -> Self {
        let value = match &self.value {
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, tree)| (name.clone(), tree.without_places())).collect())
            }
            Value::Array(elements) => Value::Array(elements.iter().map(Self::without_places).collect()),
            value => value.clone(),
        };
        Self { value, at: None }
    }

    /// The word for what it is.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Object(_) => "an object",
            Value::Array(_) => "an array",
            Value::Text(_) => "a string",
            Value::Number(_) => "a number",
            Value::Boolean(_) => "a boolean",
            Value::Null => "null",
        }
    }

    /// The text that a parser of tokens shows for its first token.
    pub fn token(&self) -> &str {
        match &self.value {
            Value::Object(_) => "{",
            Value::Array(_) => "[",
            Value::Text(text) | Value::Number(text) => text,
            Value::Boolean(true) => "true",
            Value::Boolean(false) => "false",
            Value::Null => "null",
        }
    }
}

/// Python writes some numbers as no JSON does.
fn number<N: Node>(node: &mut N) -> Result<String, Error> {
    let text = node.number()?;
    let mut scanner = JsonNode::new(text.as_bytes());
    let json = scanner.kind().is_ok_and(|kind| kind == Kind::Number) && scanner.skip().is_ok() && scanner.end().is_ok();
    if json { Ok(text) } else { Err(Error::value("a pattern has no NaN and no Infinity")) }
}

/// The position of broken JSON stands in its message, and is given apart; any other error is at the last value.
fn refused(error: &Error, last: Option<usize>) -> Refusal {
    let message = error.message();
    let at =
        message.split_once(" at byte ").and_then(|(_, rest)| rest.split(' ').next()).and_then(|at| at.parse().ok());
    let reason = match (error.kind(), at) {
        (ErrorKind::Json, Some(_)) => message.rsplit_once(" at byte ").map_or(message, |(before, _)| before),
        _ => message,
    };
    let broken = reason.strip_prefix("broken JSON: ").map(|reason| format!("the pattern is no JSON: {reason}"));
    let fault = Fault::here(at.or(last), broken.unwrap_or_else(|| reason.to_owned()));
    let lenient = ["expected the end", "nested too deep"].iter().any(|text| reason.contains(text));
    let fault = if lenient { fault.ours() } else { fault };
    error.path().cloned().collect::<Vec<_>>().into_iter().rev().fold(fault, Fault::inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_of_the_text() {
        let tree = Tree::parse(" {\"a\": [1, {\"b\":null}]}").unwrap();
        let Value::Object(members) = &tree.value else { panic!() };
        assert_eq!((tree.at, members[0].1.at), (Some(1), Some(7)));
        let Value::Array(elements) = &members[0].1.value else { panic!() };
        assert_eq!((elements[0].at, elements[1].at), (Some(8), Some(11)));
    }

    #[test]
    fn broken_json_is_told_with_its_place() {
        let text = "{\"a\":\n [1,]}";
        let fault = Tree::parse(text).unwrap_err().in_text(text.as_bytes());
        assert_eq!((fault.reason.as_str(), fault.position), ("the pattern is no JSON: expected a value", Some((2, 5))));
        for text in ["", "{", "{\"a\":[NaN]}", "{} x", "single-string", "{\"a\":[01]}", "// c\n{}"] {
            assert!(Tree::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = "{\"a\":".repeat(4000);
        assert!(Tree::parse(&deep).is_err_and(|fault| fault.reason.contains("nested too deep")));
    }
}
