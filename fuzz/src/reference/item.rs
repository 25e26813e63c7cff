//! Attribute values in the plainest way: serde_json, and a rule a line.

use std::collections::{BTreeMap, BTreeSet};

use tailrace::core::limits::ATTRIBUTE_DEPTH;

use super::Refused;
use super::base64;
use super::number::{self, Decimal};
use super::tree::{Json, json};

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

/// The item of a JSON text that is one. Strict: one descriptor a value, NULL is true, and no set has a member twice.
pub fn item(text: &[u8], strict: bool) -> Result<Plain, Refused> {
    Reading { strict }.map(&json(text)?, 0)
}

#[derive(Clone, Copy)]
struct Reading {
    strict: bool,
}

impl Reading {
    fn map(self, json: &Json, depth: u32) -> Result<Plain, Refused> {
        let Json::Object(members) = json else { return Err(Refused) };
        only(depth < ATTRIBUTE_DEPTH)?;
        let mut found = BTreeMap::new();
        for (name, member) in members {
            only(found.insert(name.clone(), self.value(member, depth)?).is_none())?;
        }
        Ok(Plain::M(found))
    }

    /// Of two descriptors the first counts; the others must be JSON, and must not be the same one.
    fn value(self, json: &Json, depth: u32) -> Result<Plain, Refused> {
        let Json::Object(members) = json else { return Err(Refused) };
        let ((tag, payload), others) = members.split_first().ok_or(Refused)?;
        only(others.is_empty() || !self.strict)?;
        only(others.iter().all(|(other, passed_by)| other != tag && passed_by.is_within(0)))?;
        self.of_tag(tag, payload, depth)
    }

    fn of_tag(self, tag: &str, payload: &Json, depth: u32) -> Result<Plain, Refused> {
        Ok(match (tag, payload) {
            ("S", _) => Plain::S(text(payload)?),
            ("N", _) => Plain::N(decimal(payload)?),
            ("B", _) => Plain::B(binary(payload)?),
            ("BOOL", Json::Boolean(value)) => Plain::Bool(*value),
            ("NULL", Json::Boolean(true)) => Plain::Null,
            ("NULL", _) if !self.strict && payload.is_within(0) => Plain::Null,
            ("L", Json::Array(elements)) => self.list(elements, depth + 1)?,
            ("M", _) => self.map(payload, depth + 1)?,
            ("SS", Json::Array(members)) => Plain::Ss(self.set(members, text)?),
            ("NS", Json::Array(members)) => Plain::Ns(self.set(members, decimal)?),
            ("BS", Json::Array(members)) => Plain::Bs(self.set(members, binary)?),
            _ => return Err(Refused),
        })
    }

    fn list(self, elements: &[Json], depth: u32) -> Result<Plain, Refused> {
        only(depth < ATTRIBUTE_DEPTH)?;
        elements.iter().map(|element| self.value(element, depth)).collect::<Result<_, _>>().map(Plain::L)
    }

    fn set<T: Ord>(self, members: &[Json], read: fn(&Json) -> Result<T, Refused>) -> Result<BTreeSet<T>, Refused> {
        let found: BTreeSet<T> = members.iter().map(read).collect::<Result<_, _>>()?;
        only(!self.strict || found.len() == members.len())?;
        Ok(found)
    }
}

fn text(json: &Json) -> Result<String, Refused> {
    if let Json::String(text) = json { Ok(text.clone()) } else { Err(Refused) }
}

fn decimal(json: &Json) -> Result<Decimal, Refused> {
    number::parse(text(json)?.as_bytes()).ok_or(Refused)
}

fn binary(json: &Json) -> Result<Vec<u8>, Refused> {
    base64::decode(text(json)?.as_bytes()).ok_or(Refused)
}

fn only(rule: bool) -> Result<(), Refused> {
    if rule { Ok(()) } else { Err(Refused) }
}
