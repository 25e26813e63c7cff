//! Attribute values in the plainest way: serde_json, and a rule a line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tailrace::core::limits::{ATTRIBUTE_DEPTH, JSON_DEPTH};

use super::Refused;
use super::base64;
use super::json::{Reader, Serde, string};
use super::number::{self, Decimal};

/// An attribute value by value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the ten types
pub enum Plain {
    S(String),
    N(Decimal),
    B(Vec<u8>),
    Bool(bool),
    Null,
    L(Vec<Plain>),
    M(BTreeMap<String, Plain>),
    Ss(BTreeSet<String>),
    Ns(BTreeSet<Decimal>),
    Bs(BTreeSet<Vec<u8>>),
}

/// The item of a JSON text that is one.
pub fn item(text: &[u8]) -> Result<Plain, Refused> {
    let json = Serde(text);
    map(&json, &json.whole()?, 0)
}

fn map(json: &Serde<'_>, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
    if depth >= ATTRIBUTE_DEPTH {
        return Err(Refused);
    }
    let mut found = BTreeMap::new();
    for (name, at) in json.members(at)? {
        let name = String::from_utf8(name).map_err(|_| Refused)?;
        if found.insert(name, value(json, &at, depth)?).is_some() {
            return Err(Refused);
        }
    }
    Ok(Plain::M(found))
}

/// Of two descriptors the first counts; the others must be JSON, and must not be the same one.
fn value(json: &Serde<'_>, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
    let members = json.members(at)?;
    let ((tag, payload), others) = members.split_first().ok_or(Refused)?;
    for (other, passed_by) in others {
        if other == tag {
            return Err(Refused);
        }
        well_formed(json, passed_by, 0)?;
    }
    of_tag(json, tag, payload, depth)
}

fn of_tag(json: &Serde<'_>, tag: &[u8], at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
    Ok(match tag {
        b"S" => Plain::S(string(json.slice(at))?),
        b"N" => Plain::N(decimal(json, at)?),
        b"B" => Plain::B(binary(json, at)?),
        b"BOOL" => Plain::Bool(serde_json::from_slice(json.slice(at)).map_err(|_| Refused)?),
        b"NULL" => well_formed(json, at, 0).map(|()| Plain::Null)?,
        b"L" => list(json, at, depth + 1)?,
        b"M" => map(json, at, depth + 1)?,
        b"SS" => Plain::Ss(set(json, at, |json, at| string(json.slice(at)))?),
        b"NS" => Plain::Ns(set(json, at, decimal)?),
        b"BS" => Plain::Bs(set(json, at, binary)?),
        _ => return Err(Refused),
    })
}

fn decimal(json: &Serde<'_>, at: &Range<usize>) -> Result<Decimal, Refused> {
    number::parse(string(json.slice(at))?.as_bytes()).ok_or(Refused)
}

fn binary(json: &Serde<'_>, at: &Range<usize>) -> Result<Vec<u8>, Refused> {
    base64::decode(string(json.slice(at))?.as_bytes()).ok_or(Refused)
}

fn list(json: &Serde<'_>, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
    if depth >= ATTRIBUTE_DEPTH {
        return Err(Refused);
    }
    let elements = json.elements(at)?;
    elements.iter().map(|at| value(json, at, depth)).collect::<Result<_, _>>().map(Plain::L)
}

fn set<T: Ord>(
    json: &Serde<'_>,
    at: &Range<usize>,
    read: impl Fn(&Serde<'_>, &Range<usize>) -> Result<T, Refused>,
) -> Result<BTreeSet<T>, Refused> {
    json.elements(at)?.iter().map(|at| read(json, at)).collect()
}

/// JSON all through, and not too deep. `Serde` has checked all but depth and halves of surrogate pairs.
fn well_formed(json: &Serde<'_>, at: &Range<usize>, depth: u32) -> Result<(), Refused> {
    if depth > JSON_DEPTH {
        return Err(Refused);
    }
    match json.first(at) {
        b'{' => json.members(at)?.iter().try_for_each(|(_, at)| well_formed(json, at, depth + 1)),
        b'[' => json.elements(at)?.iter().try_for_each(|at| well_formed(json, at, depth + 1)),
        b'"' => string(json.slice(at)).map(drop),
        _ => Ok(()),
    }
}
