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

/// The item of a JSON text that is one. Strict: one descriptor a value, NULL is true, and no set has a member twice.
pub fn item(text: &[u8], strict: bool) -> Result<Plain, Refused> {
    let reading = Reading { json: Serde(text), strict };
    reading.map(&reading.json.whole()?, 0)
}

struct Reading<'a> {
    json: Serde<'a>,
    strict: bool,
}

impl Reading<'_> {
    fn map(&self, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
        only(depth < ATTRIBUTE_DEPTH)?;
        let mut found = BTreeMap::new();
        for (name, at) in self.json.members(at)? {
            let name = String::from_utf8(name).map_err(|_| Refused)?;
            only(found.insert(name, self.value(&at, depth)?).is_none())?;
        }
        Ok(Plain::M(found))
    }

    /// Of two descriptors the first counts; the others must be JSON, and must not be the same one.
    fn value(&self, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
        let members = self.json.members(at)?;
        let ((tag, payload), others) = members.split_first().ok_or(Refused)?;
        only(others.is_empty() || !self.strict)?;
        for (other, passed_by) in others {
            only(other != tag)?;
            self.well_formed(passed_by, 0)?;
        }
        self.of_tag(tag, payload, depth)
    }

    fn of_tag(&self, tag: &[u8], at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
        Ok(match tag {
            b"S" => Plain::S(self.text(at)?),
            b"N" => Plain::N(self.decimal(at)?),
            b"B" => Plain::B(self.binary(at)?),
            b"BOOL" => Plain::Bool(serde_json::from_slice(self.json.slice(at)).map_err(|_| Refused)?),
            b"NULL" => self.null(at)?,
            b"L" => self.list(at, depth + 1)?,
            b"M" => self.map(at, depth + 1)?,
            b"SS" => Plain::Ss(self.set(at, Self::text)?),
            b"NS" => Plain::Ns(self.set(at, Self::decimal)?),
            b"BS" => Plain::Bs(self.set(at, Self::binary)?),
            _ => return Err(Refused),
        })
    }

    fn text(&self, at: &Range<usize>) -> Result<String, Refused> {
        string(self.json.slice(at))
    }

    fn decimal(&self, at: &Range<usize>) -> Result<Decimal, Refused> {
        number::parse(self.text(at)?.as_bytes()).ok_or(Refused)
    }

    fn binary(&self, at: &Range<usize>) -> Result<Vec<u8>, Refused> {
        base64::decode(self.text(at)?.as_bytes()).ok_or(Refused)
    }

    fn null(&self, at: &Range<usize>) -> Result<Plain, Refused> {
        only(!self.strict || self.json.slice(at) == b"true")?;
        self.well_formed(at, 0).map(|()| Plain::Null)
    }

    fn list(&self, at: &Range<usize>, depth: u32) -> Result<Plain, Refused> {
        only(depth < ATTRIBUTE_DEPTH)?;
        let elements = self.json.elements(at)?;
        elements.iter().map(|at| self.value(at, depth)).collect::<Result<_, _>>().map(Plain::L)
    }

    fn set<T: Ord>(
        &self,
        at: &Range<usize>,
        read: impl Fn(&Self, &Range<usize>) -> Result<T, Refused>,
    ) -> Result<BTreeSet<T>, Refused> {
        let elements = self.json.elements(at)?;
        let members: BTreeSet<T> = elements.iter().map(|at| read(self, at)).collect::<Result<_, _>>()?;
        only(!self.strict || members.len() == elements.len())?;
        Ok(members)
    }

    /// JSON all through, and not too deep. `Serde` has checked all but depth and halves of surrogate pairs.
    fn well_formed(&self, at: &Range<usize>, depth: u32) -> Result<(), Refused> {
        only(depth <= JSON_DEPTH)?;
        match self.json.first(at) {
            b'{' => self.json.members(at)?.iter().try_for_each(|(_, at)| self.well_formed(at, depth + 1)),
            b'[' => self.json.elements(at)?.iter().try_for_each(|at| self.well_formed(at, depth + 1)),
            b'"' => self.text(at).map(drop),
            _ => Ok(()),
        }
    }
}

fn only(rule: bool) -> Result<(), Refused> {
    if rule { Ok(()) } else { Err(Refused) }
}
