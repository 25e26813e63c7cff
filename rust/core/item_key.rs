//! The identity of an item: its Keys as canonical bytes.
//!
//! Attributes in order of name; each name and value behind its length, so that `a|b` + `c` is not `a` + `b|c`;
//! the type tag between them, so that `"1"` is not `1`; numbers by value and binary decoded, so that neither
//! spelling nor shape matters.

use super::attribute_value::read_item;
use super::error::{Error, Step};
use super::node::Node;
use super::value::{Value, ValueBuilder};

/// The canonical bytes of an item's Keys.
pub fn item_key<N: Node>(keys: &mut N) -> Result<Vec<u8>, Error> {
    let Value::Map(members) = read_item(keys, &mut ValueBuilder)? else {
        return Err(Error::shape("Keys holds an object"));
    };
    if members.is_empty() {
        return Err(Error::event("Keys is empty: an item has one or two key attributes"));
    }
    let mut out = Vec::new();
    for (name, value) in members {
        write_part(&mut out, name.as_bytes())?;
        write_value(&mut out, &value).map_err(|error| error.at(Step::Name(name)))?;
    }
    Ok(out)
}

fn write_value(out: &mut Vec<u8>, value: &Value) -> Result<(), Error> {
    match value {
        Value::String(text) => {
            out.push(b'S');
            write_part(out, text.as_bytes())
        }
        Value::Number(number) => {
            out.push(b'N');
            write_part(out, number.to_string().as_bytes())
        }
        Value::Binary(bytes) => {
            out.push(b'B');
            write_part(out, bytes)
        }
        _ => Err(Error::shape("a key attribute is of type S, N or B")),
    }
}

fn write_part(out: &mut Vec<u8>, part: &[u8]) -> Result<(), Error> {
    let length = u32::try_from(part.len()).map_err(|_| Error::value("a key is at most 4 GiB long"))?;
    out.extend(length.to_be_bytes());
    out.extend(part);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json_node::JsonNode;

    fn key(text: &str) -> Vec<u8> {
        item_key(&mut JsonNode::new(text.as_bytes())).unwrap()
    }

    #[test]
    fn equal_for_every_spelling() {
        assert_eq!(key(r#"{"a":{"N":"1"},"b":{"S":"x"}}"#), key(r#"{"b": {"S":"\u0078"}, "a": {"N":"1.00E0"}}"#));
    }

    #[test]
    fn different_for_different_keys() {
        let keys = [
            r#"{"a":{"S":"1"}}"#,
            r#"{"a":{"N":"1"}}"#,
            r#"{"a":{"B":"MQ=="}}"#,
            r#"{"b":{"S":"1"}}"#,
            r#"{"a":{"S":"x|y"},"b":{"S":"z"}}"#,
            r#"{"a":{"S":"x"},"b":{"S":"y|z"}}"#,
            r#"{"a":{"S":""}}"#,
        ];
        let mut found: Vec<_> = keys.iter().map(|text| key(text)).collect();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), keys.len());
    }

    #[test]
    fn refuses_what_is_no_key() {
        for text in ["{}", "[]", r#"{"a":{"BOOL":true}}"#, r#"{"a":{"S":"1"},"a":{"S":"1"}}"#, r#"{"a":{"N":"x"}}"#] {
            assert!(item_key(&mut JsonNode::new(text.as_bytes())).is_err(), "{text}");
        }
    }
}
