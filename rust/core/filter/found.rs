//! All that stands in a record, by path.

use std::collections::BTreeMap;

use super::paths::{TAGS, lambda_spelling};
use crate::core::binary;
use crate::core::error::{Error, Step};
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node, Text};

/// Characters of a value that are shown.
const CHARACTERS: usize = 200;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is: a string, a number, a boolean, null.
    pub kind: &'static str,
    /// What it reads; long text is cut.
    pub text: String,
    /// The image, where both are looked at.
    pub image: Option<&'static str>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A scalar.
    Scalar(Found),
    /// An object.
    Object,
    /// An array.
    Array,
}

impl Kept {
    /// The value, if it is one that filters see.
    pub fn scalar(&self) -> Option<&Found> {
        match self {
            Self::Scalar(found) => Some(found),
            _ => None,
        }
    }
}

/// An event, flat: names joined with dots, arrays left out of them.
#[derive(Clone, Debug, Default)]
pub struct Record(BTreeMap<String, Vec<Kept>>);

impl Record {
    /// Adds an event.
    pub fn read<N: Node>(&mut self, node: &mut N) -> Result<(), Error> {
        self.value(node, "", 0)
    }

    /// What stands at a path.
    pub fn at(&self, path: &str) -> &[Kept] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    /// The values of an attribute of an image, of one type or of all, inside lists, too.
    pub fn attribute(&self, image: &str, names: &[String], tag: Option<&str>) -> Vec<Found> {
        let mut places = vec![format!("dynamodb.{image}")];
        for (index, name) in names.iter().enumerate() {
            let behind = if index == 0 { &[""][..] } else { &[".M", ".L.M"] };
            places = places
                .iter()
                .flat_map(|place| behind.iter().map(move |tags| format!("{place}{tags}.{name}")))
                .collect();
            places.retain(|place| !self.at(place).is_empty());
        }
        let mut found = Vec::new();
        for place in places {
            for tag in TAGS.iter().filter(|known| tag.is_none_or(|tag| **known == tag)) {
                let kept = [format!("{place}.{tag}"), format!("{place}.L.{tag}")];
                found.extend(kept.iter().flat_map(|path| self.at(path)).filter_map(Kept::scalar).cloned());
            }
        }
        found
    }

    /// The names that follow a path.
    pub fn names_behind(&self, path: &str) -> Vec<&str> {
        let start = if path.is_empty() { String::new() } else { format!("{path}.") };
        let behind = self.0.range(start.clone()..).map_while(|(name, _)| name.strip_prefix(&start));
        let mut names: Vec<&str> =
            behind.filter_map(|rest| rest.split('.').next()).filter(|name| !name.is_empty()).collect();
        names.dedup();
        names
    }

    fn add(&mut self, path: &str, kept: Kept) {
        self.0.entry(path.to_owned()).or_default().push(kept);
    }

    fn value<N: Node>(&mut self, node: &mut N, path: &str, depth: u32) -> Result<(), Error> {
        if depth > JSON_DEPTH {
            return Err(Error::event("an event is nested too deep"));
        }
        match node.kind()? {
            Kind::Object => {
                self.add(path, Kept::Object);
                node.object(|name, value| {
                    let name = lambda_spelling(path, name.string()?.into_owned());
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.value(value, &path, depth + 1).map_err(|error| error.at_name(name.as_bytes()))
                })
            }
            Kind::Array => {
                self.add(path, Kept::Array);
                let mut index = 0;
                node.array(|element| {
                    self.value(element, path, depth + 1).map_err(|error| error.at(Step::Index(index)))?;
                    index += 1;
                    Ok(())
                })
            }
            kind => {
                let text = text_of(node, kind)?;
                self.add(path, Kept::Scalar(Found { kind: word(kind), text, image: None }));
                Ok(())
            }
        }
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bytes => "a string",
        Kind::Time => "a number",
        kind => kind.name(),
    }
}

fn text_of<N: Node>(node: &mut N, kind: Kind) -> Result<String, Error> {
    let text = match kind {
        Kind::String => node.text()?.string()?.into_owned(),
        Kind::Bytes => binary::encode(node.bytes()?.as_ref()),
        Kind::Number | Kind::Time => node.number()?,
        Kind::Boolean(value) => {
            node.literal()?;
            value.to_string()
        }
        Kind::Null => {
            node.literal()?;
            "null".to_owned()
        }
        _ => {
            node.skip()?;
            String::new()
        }
    };
    Ok(match text.char_indices().nth(CHARACTERS) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    })
}
