//! Any JSON as a tree that tells apart what JSON tells apart: order of members, and how a number is written.

use std::ops::Range;

use tailrace::core::limits::JSON_DEPTH;

use super::Refused;
use super::json::{Reader, Serde, string};
use super::number::is_written_as_number;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the kinds of JSON
pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    String(String),
    Number(Vec<u8>),
    Word(Vec<u8>),
}

/// The value of a text that is JSON, not too deep, with numbers whose exponents are no nonsense.
pub fn json(text: &[u8]) -> Result<Json, Refused> {
    let reader = Serde(text);
    value(&reader, &reader.whole()?, 0)
}

fn value(json: &Serde<'_>, at: &Range<usize>, depth: u32) -> Result<Json, Refused> {
    if depth > JSON_DEPTH {
        return Err(Refused);
    }
    Ok(match json.first(at) {
        b'{' => Json::Object(
            json.members(at)?.into_iter().map(|member| named(json, member, depth)).collect::<Result<_, _>>()?,
        ),
        b'[' => Json::Array(json.elements(at)?.iter().map(|at| value(json, at, depth + 1)).collect::<Result<_, _>>()?),
        b'"' => Json::String(string(json.slice(at))?),
        b't' | b'f' | b'n' => Json::Word(json.slice(at).to_vec()),
        _ if is_written_as_number(json.slice(at)) => Json::Number(json.slice(at).to_vec()),
        _ => return Err(Refused),
    })
}

fn named(json: &Serde<'_>, (name, at): (Vec<u8>, Range<usize>), depth: u32) -> Result<(String, Json), Refused> {
    Ok((String::from_utf8(name).map_err(|_| Refused)?, value(json, &at, depth + 1)?))
}
