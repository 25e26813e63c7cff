//! Attribute values as compact JSON text: what DynamoDB itself would send.

use std::fmt::Write;
use std::ops::Range;

use crate::core::attribute_value::{Build, Bytes, SetKind, Shape};
use crate::core::binary;
use crate::core::error::{Error, Step};
use crate::core::json::simd::string_stop;
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node, Text};
use crate::core::number;
use crate::core::value::duplicate_name;

/// Builds JSON text from attribute values. Order is kept; B becomes base64.
#[derive(Default)]
pub struct JsonWriter {
    out: String,
    /// Members of a set carry no tag of their own.
    in_set: bool,
    /// Whoever hands over the names has seen to it that none stands twice in one map.
    trusts_names: bool,
}

impl JsonWriter {
    /// A writer that goes on behind this text, and is given maps in which no name stands twice: not to look for one
    /// saves a sixth of the time.
    pub fn behind(text: String) -> Self {
        Self { out: text, in_set: false, trusts_names: true }
    }

    /// The text written so far.
    pub fn into_text(self) -> String {
        self.out
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        if self.in_set {
            return write_string(&mut self.out, text);
        }
        self.out.push_str("{\"");
        self.out.push_str(tag);
        self.out.push_str("\":");
        write_string(&mut self.out, text);
        self.out.push('}');
    }

    fn names_are_unique(&self, names: &[Range<usize>]) -> Result<(), Error> {
        let mut sorted: Vec<&str> = names.iter().filter_map(|name| self.out.get(name.clone())).collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair.first() == pair.last()) { Err(duplicate_name()) } else { Ok(()) }
    }

    /// A comma, unless the container was just opened.
    fn separate(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }
}

/// Appends a JSON string: quotes, backslashes and control characters escaped, all else as it is.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    loop {
        let (at, _) = string_stop(text.as_bytes(), plain);
        out.push_str(text.get(plain..at).unwrap_or_default());
        let Some(byte) = text.as_bytes().get(at) else { break };
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => drop(write!(out, "\\u{byte:04x}")), // writing to a String cannot fail
        }
    }
    out.push('"');
}

/// Appends any wire value as JSON: bytes as base64, a time as its seconds. Numbers keep their text.
pub fn write_plain<N: Node>(out: &mut String, node: &mut N, depth: u32) -> Result<(), Error> {
    if depth > JSON_DEPTH {
        return Err(Error::value("nested too deep"));
    }
    match node.kind()? {
        Kind::Object => write_object(out, node, depth)?,
        Kind::Array => write_array(out, node, depth)?,
        Kind::String => write_string(out, &node.text()?.string()?),
        Kind::Bytes => write_string(out, &binary::encode(node.bytes()?.as_ref())),
        Kind::Number | Kind::Time => {
            let text = node.number()?;
            number::grammar(text.as_bytes())?;
            out.push_str(&text);
        }
        Kind::Boolean(value) => {
            node.literal()?;
            out.push_str(if value { "true" } else { "false" });
        }
        Kind::Null => {
            node.literal()?;
            out.push_str("null");
        }
        Kind::Other => return Err(Error::shape("around items stands only what JSON has, and bytes and datetimes")),
    }
    Ok(())
}

fn write_object<N: Node>(out: &mut String, node: &mut N, depth: u32) -> Result<(), Error> {
    out.push('{');
    let mut is_first = true;
    node.object(|name, value| {
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        let name = name.string()?;
        write_string(out, &name);
        out.push(':');
        write_plain(out, value, depth + 1).map_err(|error| error.at_name(name.as_bytes()))
    })?;
    out.push('}');
    Ok(())
}

fn write_array<N: Node>(out: &mut String, node: &mut N, depth: u32) -> Result<(), Error> {
    out.push('[');
    let mut index = 0;
    node.array(|element| {
        if index > 0 {
            out.push(',');
        }
        write_plain(out, element, depth + 1).map_err(|error| error.at(Step::Index(index)))?;
        index += 1;
        Ok(())
    })?;
    out.push(']');
    Ok(())
}

/// A container that is being written, and where the names of its members stand in the text.
pub struct Open {
    shape: Shape,
    names: Vec<Range<usize>>,
}

impl<N: Node> Build<N> for JsonWriter {
    type Value = ();
    type Open = Open;
    type Key = ();

    fn string(&mut self, text: N::Text) -> Result<(), Error> {
        self.tagged("S", &text.string()?);
        Ok(())
    }

    fn number(&mut self, text: N::Text) -> Result<(), Error> {
        let text = text.string()?;
        number::check(text.as_bytes())?;
        self.tagged("N", &text);
        Ok(())
    }

    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<(), Error> {
        self.tagged("B", &binary::encode(bytes.as_ref()));
        Ok(())
    }

    fn boolean(&mut self, value: bool) -> Result<(), Error> {
        self.out.push_str(if value { "{\"BOOL\":true}" } else { "{\"BOOL\":false}" });
        Ok(())
    }

    fn null(&mut self) -> Result<(), Error> {
        self.out.push_str("{\"NULL\":true}");
        Ok(())
    }

    fn open(&mut self, shape: Shape, _payload: &mut N) -> Result<Open, Error> {
        self.out.push_str(match shape {
            Shape::Item => "{",
            Shape::Map => "{\"M\":{",
            Shape::List => "{\"L\":[",
            Shape::Set(SetKind::String) => "{\"SS\":[",
            Shape::Set(SetKind::Number) => "{\"NS\":[",
            Shape::Set(SetKind::Binary) => "{\"BS\":[",
        });
        self.in_set = matches!(shape, Shape::Set(_));
        Ok(Open { shape, names: Vec::new() })
    }

    fn key(&mut self, open: &mut Open, name: &N::Text) -> Result<(), Error> {
        self.separate();
        let start = self.out.len();
        write_string(&mut self.out, &name.string()?);
        if !self.trusts_names {
            open.names.push(start..self.out.len());
        }
        self.out.push(':');
        Ok(())
    }

    fn insert(&mut self, _open: &mut Open, (): (), (): ()) -> Result<(), Error> {
        Ok(())
    }

    fn element(&mut self, _open: &mut Open) {
        self.separate();
    }

    fn push(&mut self, _open: &mut Open, (): ()) -> Result<(), Error> {
        Ok(())
    }

    fn close(&mut self, open: Open) -> Result<(), Error> {
        self.in_set = false;
        self.names_are_unique(&open.names)?;
        self.out.push_str(match open.shape {
            Shape::Item => "}",
            Shape::Map => "}}",
            Shape::List | Shape::Set(_) => "]}",
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::attribute_value::read_item;
    use crate::core::json_node::JsonNode;
    use proptest::prelude::*;

    fn rewrite(text: &str) -> Result<String, Error> {
        let mut writer = JsonWriter::default();
        read_item(&mut JsonNode::new(text.as_bytes()), &mut writer)?;
        Ok(writer.into_text())
    }

    #[test]
    fn writes_what_it_reads() {
        let text = r#"{"a":{"S":"x\"\\\n\u0001é"},"n":{"N":"1.50"},"b":{"B":"aGk="},"t":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"S":""},{"L":[]},{"M":{}}]},"m":{"M":{"k":{"BOOL":false}}},"s":{"SS":["a","b"]},"u":{"NS":["1","2"]},"v":{"BS":["","aGk="]}}"#;
        assert_eq!(rewrite(text).unwrap(), text);
    }

    #[test]
    fn refuses_a_name_that_stands_twice() {
        for text in [r#"{"a":{"S":""},"b":{"S":""},"a":{"S":""}}"#, r#"{"m":{"M":{"a":{"S":""},"\u0061":{"S":""}}}}"#] {
            assert!(rewrite(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn strings_read_back(text in any::<String>()) {
            let mut out = String::new();
            write_string(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
