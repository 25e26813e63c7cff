//! One attribute value, read one level deep.

use std::borrow::Cow;

use crate::core::attribute_value::{SetKind, Tag, read_set, read_tag, want};
use crate::core::binary;
use crate::core::error::{Error, Step};
use crate::core::node::{Kind, Node, Text};
use crate::core::value::{Value, ValueBuilder};

/// A value; what is inside a map or list is kept and not read.
pub enum Shallow<N: Node> {
    /// S
    String(N::Text),
    /// N
    Number(N::Text),
    /// B
    Bytes(N::Bytes),
    /// B as base64 text.
    Base64(N::Text),
    /// BOOL
    Boolean(bool),
    /// NULL
    Null,
    /// SS, NS, BS
    Set(Value),
    /// L
    List(Vec<N::Kept>),
    /// M
    Map(Vec<Member<N>>),
}

/// A member of a map or item.
pub struct Member<N: Node> {
    /// Its name.
    pub name: N::Text,
    /// Its value; taken when it was dealt with.
    pub value: Option<N::Kept>,
}

/// Reads an attribute value.
pub fn shallow<N: Node>(node: &mut N) -> Result<Shallow<N>, Error> {
    read_tag(node, false, payload)
}

/// Reads what stands behind a type tag.
pub fn payload<N: Node>(tag: Tag, payload: &mut N) -> Result<Shallow<N>, Error> {
    match tag {
        Tag::S => text(payload, "S holds a string").map(Shallow::String),
        Tag::N => text(payload, "N holds a number as a string").map(Shallow::Number),
        Tag::B => read_binary(payload),
        Tag::Bool => read_boolean(payload),
        Tag::Null => payload.skip().map(|()| Shallow::Null),
        Tag::Set(kind) => read_members_of_set(payload, kind),
        Tag::L => elements(payload).map(Shallow::List),
        Tag::M => {
            want(payload, Kind::Object, "M holds an object")?;
            members(payload).map(Shallow::Map)
        }
    }
}

/// Reads an item: an object of attribute names and values.
pub fn item<N: Node>(node: &mut N) -> Result<Vec<Member<N>>, Error> {
    want(node, Kind::Object, "an item is an object of attribute names and values")?;
    members(node)
}

fn text<N: Node>(node: &mut N, rule: &'static str) -> Result<N::Text, Error> {
    want(node, Kind::String, rule)?;
    node.text()
}

fn read_binary<N: Node>(node: &mut N) -> Result<Shallow<N>, Error> {
    if node.kind()? == Kind::Bytes {
        return node.bytes().map(Shallow::Bytes);
    }
    text(node, "B holds base64 text or bytes").map(Shallow::Base64)
}

fn read_boolean<N: Node>(node: &mut N) -> Result<Shallow<N>, Error> {
    if let Kind::Boolean(value) = node.kind()? {
        return node.literal().map(|()| Shallow::Boolean(value));
    }
    want(node, Kind::Boolean(true), "BOOL holds true or false").map(|()| Shallow::Null)
}

#[inline(never)] // few values are sets, and what reads one needs room on the stack
fn read_members_of_set<N: Node>(node: &mut N, kind: SetKind) -> Result<Shallow<N>, Error> {
    read_set(node, &mut ValueBuilder, kind).map(Shallow::Set)
}

fn elements<N: Node>(node: &mut N) -> Result<Vec<N::Kept>, Error> {
    want(node, Kind::Array, "L holds an array")?;
    let mut found = Vec::new();
    node.array(|element| {
        let kept = kept(element).map_err(|error| error.at(Step::Index(found.len())))?;
        found.push(kept);
        Ok(())
    })?;
    Ok(found)
}

fn members<N: Node>(node: &mut N) -> Result<Vec<Member<N>>, Error> {
    let mut found = Vec::new();
    node.object(|name, value| {
        let value = kept(value);
        let value = match value {
            Ok(value) => Some(value),
            Err(error) => return Err(error.at_name(&name.bytes()?)),
        };
        found.push(Member { name, value });
        Ok(())
    })?;
    Ok(found)
}

fn kept<N: Node>(value: &mut N) -> Result<N::Kept, Error> {
    value.keep()?.ok_or_else(|| Error::shape("an attribute value is an object, found null"))
}

/// Of what a B holds, the bytes.
pub fn bytes_of<N: Node>(text: &Shallow<N>) -> Result<Option<Cow<'_, [u8]>>, Error> {
    match text {
        Shallow::Bytes(bytes) => Ok(Some(Cow::Borrowed(bytes.as_ref()))),
        Shallow::Base64(text) => binary::decode(&text.bytes()?).map(|bytes| Some(Cow::Owned(bytes))),
        _ => Ok(None),
    }
}
