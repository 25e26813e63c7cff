//! JSON as a tree that tells apart what JSON tells apart, read by serde_json in one walk: order of members, and how a
//! number is written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use tailrace::core::limits::{ATTRIBUTE_DEPTH, JSON_DEPTH};

use super::Refused;
use super::number::is_written_as_number;

/// No item is deeper: two levels of JSON for each of attribute values, and what is passed by in the innermost.
const DEEPEST: u32 = 2 * ATTRIBUTE_DEPTH + JSON_DEPTH + 16;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the kinds of JSON
pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    String(String),
    Number(String),
    Boolean(bool),
    Null,
}

/// The value of a text that is JSON and not much deeper than items are.
pub fn json(text: &[u8]) -> Result<Json, Refused> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    deserializer.disable_recursion_limit();
    let value = Level(0).deserialize(&mut deserializer).map_err(|_| Refused)?;
    deserializer.end().map(|()| value).map_err(|_| Refused)
}

impl Json {
    /// Whether it stands at this depth or deeper, and no deeper than JSON is read.
    pub fn is_within(&self, depth: u32) -> bool {
        depth <= JSON_DEPTH
            && match self {
                Self::Object(members) => members.iter().all(|(_, member)| member.is_within(depth + 1)),
                Self::Array(elements) => elements.iter().all(|element| element.is_within(depth + 1)),
                _ => true,
            }
    }

    /// Whether no number in it has an exponent that is nonsense.
    pub fn has_numbers_only(&self) -> bool {
        match self {
            Self::Object(members) => members.iter().all(|(_, member)| member.has_numbers_only()),
            Self::Array(elements) => elements.iter().all(Self::has_numbers_only),
            Self::Number(text) => is_written_as_number(text.as_bytes()),
            _ => true,
        }
    }
}

/// A value at this depth.
struct Level(u32);

impl<'a> DeserializeSeed<'a> for Level {
    type Value = Json;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Json, D::Error> {
        if self.0 > DEEPEST { Err(D::Error::custom("too deep")) } else { deserializer.deserialize_any(self) }
    }
}

impl<'a> Visitor<'a> for Level {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    /// Integers that a machine holds: JSON has one way to write them.
    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element_seed(Level(self.0 + 1))? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Json, A::Error> {
        // Every other number comes as a map of one member, its text. The member's name could be an object's too.
        if std::any::type_name::<A>().ends_with("::NumberDeserializer") {
            let number: Option<(String, String)> = map.next_entry()?;
            return number.map(|(_, text)| Json::Number(text)).ok_or_else(|| A::Error::custom("no number"));
        }
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(Level(self.0 + 1))?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text_and_names_stand_twice() {
        let read = json(br#" {"a":1.50e+999,"a":[true,null,"\u00e9"]} "#);
        let array = Json::Array(vec![Json::Boolean(true), Json::Null, Json::String("é".to_owned())]);
        let members = vec![("a".to_owned(), Json::Number("1.50e+999".to_owned())), ("a".to_owned(), array)];
        assert_eq!(read, Ok(Json::Object(members)));
        let name = "$serde_json::private::Number";
        let object = Json::Object(vec![(name.to_owned(), Json::String("1".to_owned()))]);
        assert_eq!(json(format!("{{\"{name}\":\"1\"}}").as_bytes()), Ok(object));
        for text in [&b"{} x"[..], b"01", b"\"\\ud800\"", b"\"\xff\"", b"{\"a\"}"] {
            assert_eq!(json(text), Err(Refused));
        }
    }

    #[test]
    fn depth_ends() {
        let deep = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
        assert_eq!(json(deep(600).as_bytes()), Err(Refused));
        let value = json(deep(273).as_bytes()).unwrap();
        assert!(value.is_within(0) && !value.is_within(1));
    }
}
