//! An attribute value: the ten type tags, the shape each allows, and the walk that every reading shares.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>

use super::binary;
use super::error::{Error, Step};
use super::limits::ATTRIBUTE_DEPTH;
use super::node::{Kind, Node, Text};

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetKind {
    /// SS
    String,
    /// NS
    Number,
    /// BS
    Binary,
}

/// The type tag of an attribute value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Text.
    S,
    /// A number as text.
    N,
    /// Bytes.
    B,
    /// true or false.
    Bool,
    /// The null value.
    Null,
    /// A list.
    L,
    /// A map.
    M,
    /// SS, NS or BS.
    Set(SetKind),
}

impl Tag {
    /// The tag of this name, if it is one.
    #[inline]
    pub fn parse(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"S" => Self::S,
            b"N" => Self::N,
            b"B" => Self::B,
            b"M" => Self::M,
            b"L" => Self::L,
            b"BOOL" => Self::Bool,
            b"NULL" => Self::Null,
            b"SS" => Self::Set(SetKind::String),
            b"NS" => Self::Set(SetKind::Number),
            b"BS" => Self::Set(SetKind::Binary),
            _ => return None,
        })
    }
}

impl Tag {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::M => "M",
            Self::L => "L",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::Set(SetKind::String) => "SS",
            Self::Set(SetKind::Number) => "NS",
            Self::Set(SetKind::Binary) => "BS",
        }
    }
}

/// A container that is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The outermost map: attribute names to attribute values, without a tag of its own.
    Item,
    /// M
    Map,
    /// L
    List,
    /// SS, NS, BS
    Set(SetKind),
}

/// Bytes of a B: decoded from base64, or as their source had them.
pub enum Bytes<B> {
    /// From base64 text.
    Decoded(Vec<u8>),
    /// Bytes all along.
    Raw(B),
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Bytes<B> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Decoded(bytes) => bytes,
            Self::Raw(bytes) => bytes.as_ref(),
        }
    }
}

/// What becomes of an attribute value: Python objects, JSON text, a value to compare.
pub trait Build<N: Node> {
    /// A finished value.
    type Value;
    /// A container under construction.
    type Open;
    /// A member's name, made before its value is read.
    type Key;

    /// Whether what boto3 passes by is refused: a second type tag, a NULL that is not true.
    fn is_strict(&self) -> bool {
        false
    }

    /// S, or a member of SS.
    fn string(&mut self, text: N::Text) -> Result<Self::Value, Error>;
    /// N, or a member of NS. The text is not checked yet.
    fn number(&mut self, text: N::Text) -> Result<Self::Value, Error>;
    /// B, or a member of BS.
    fn binary(&mut self, bytes: Bytes<N::Bytes>) -> Result<Self::Value, Error>;
    /// The same as base64 text.
    fn base64(&mut self, text: N::Text) -> Result<Self::Value, Error> {
        let bytes = binary::decode(&text.bytes()?)?;
        self.binary(Bytes::Decoded(bytes))
    }
    /// BOOL.
    fn boolean(&mut self, value: bool) -> Result<Self::Value, Error>;
    /// NULL.
    fn null(&mut self) -> Result<Self::Value, Error>;
    /// Starts a container; `payload` is what it will be read from, and may be replaced by a copy of it.
    fn open(&mut self, shape: Shape, payload: &mut N) -> Result<Self::Open, Error>;
    /// A member's name.
    fn key(&mut self, open: &mut Self::Open, name: &N::Text) -> Result<Self::Key, Error>;
    /// A member whose value is read. A name that is there already is an error.
    fn insert(&mut self, open: &mut Self::Open, key: Self::Key, value: Self::Value) -> Result<(), Error>;
    /// An element is about to be read.
    fn element(&mut self, _open: &mut Self::Open) {}
    /// An element that is read.
    fn push(&mut self, open: &mut Self::Open, value: Self::Value) -> Result<(), Error>;
    /// Ends a container.
    fn close(&mut self, open: Self::Open) -> Result<Self::Value, Error>;
}

/// Reads an item or image: an object of attribute names and attribute values.
#[inline]
pub fn read_item<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    want(node, Kind::Object, "an item is an object of attribute names and values")?;
    read_map(node, build, Shape::Item, 0)
}

/// Reads one attribute value such as `{"S": "text"}`.
#[inline]
pub fn read_value<N: Node, B: Build<N>>(node: &mut N, build: &mut B, depth: u32) -> Result<B::Value, Error> {
    let strict = build.is_strict();
    read_tag(node, strict, |tag, payload| read_payload(tag, payload, build, depth))
}

/// Reads the type tag of an attribute value, and what stands behind it with `read`.
#[inline]
pub fn read_tag<N: Node, T>(
    node: &mut N,
    strict: bool,
    mut read: impl FnMut(Tag, &mut N) -> Result<T, Error>,
) -> Result<T, Error> {
    if let Some((tag, mut payload)) = node.only_member()? {
        return read_tagged::<N, T>(&tag, &mut payload, &mut read).map(|(_, value)| value);
    }
    want(node, Kind::Object, "an attribute value is an object such as {\"S\": \"text\"}")?;
    let mut found = None;
    node.object(|tag, payload| {
        if let Some((first, _)) = &found {
            return if strict { Err(two_tags()) } else { pass_second(*first, &tag, payload) };
        }
        found = Some(read_tagged(&tag, payload, &mut read)?);
        Ok(())
    })?;
    found
        .map(|(_, value)| value)
        .ok_or_else(|| Error::shape("an attribute value is empty: expected one type tag such as {\"S\": \"text\"}"))
}

#[inline]
fn read_tagged<N: Node, T>(
    name: &N::Text,
    payload: &mut N,
    read: &mut impl FnMut(Tag, &mut N) -> Result<T, Error>,
) -> Result<(Tag, T), Error> {
    let name = name.bytes()?;
    let tag = Tag::parse(&name).ok_or_else(|| unknown_tag(&name))?;
    let value = read(tag, payload).map_err(|error| if N::HAS_TAGS { error.at_name(&name) } else { error })?;
    Ok((tag, value))
}

#[cold]
fn two_tags() -> Error {
    Error::shape("an attribute value has two type tags")
}

/// Of two descriptors the first counts, as for boto3; the same one twice has no meaning.
#[cold]
fn pass_second<N: Node>(first: Tag, name: &N::Text, payload: &mut N) -> Result<(), Error> {
    if Tag::parse(name.string()?.as_bytes()) == Some(first) {
        return Err(Error::value("a type tag stands twice in one attribute value"));
    }
    payload.check()
}

#[inline]
fn read_payload<N: Node, B: Build<N>>(tag: Tag, node: &mut N, build: &mut B, depth: u32) -> Result<B::Value, Error> {
    match tag {
        Tag::S => read_string(node, build),
        Tag::N => read_number(node, build),
        Tag::M => {
            want(node, Kind::Object, "M holds an object")?;
            read_map(node, build, Shape::Map, depth + 1)
        }
        Tag::L => read_list(node, build, depth + 1),
        Tag::Bool => read_boolean(node, build),
        Tag::Null => read_null(node, build),
        Tag::B => read_binary(node, build),
        Tag::Set(kind) => read_set(node, build, kind),
    }
}

#[inline]
fn read_string<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    want(node, Kind::String, "S holds a string")?;
    build.string(node.text()?)
}

#[inline]
fn read_number<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    want(node, Kind::String, "N holds a number as a string")?;
    build.number(node.text()?)
}

fn read_binary<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    if node.kind()? == Kind::Bytes {
        let bytes = node.bytes()?;
        return build.binary(Bytes::Raw(bytes));
    }
    want(node, Kind::String, "B holds base64 text or bytes")?;
    build.base64(node.text()?)
}

fn read_boolean<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    let Kind::Boolean(value) = node.kind()? else {
        return Err(mismatch(node, "BOOL holds true or false"));
    };
    node.literal()?;
    build.boolean(value)
}

/// NULL's payload is true on the wire; what else it may be says nothing, and boto3 does not look at it.
fn read_null<N: Node, B: Build<N>>(node: &mut N, build: &mut B) -> Result<B::Value, Error> {
    if build.is_strict() && node.kind()? != Kind::Boolean(true) {
        return Err(mismatch(node, "NULL holds true"));
    }
    node.check()?;
    build.null()
}

fn read_list<N: Node, B: Build<N>>(node: &mut N, build: &mut B, depth: u32) -> Result<B::Value, Error> {
    check_depth(depth)?;
    want(node, Kind::Array, "L holds an array")?;
    let mut open = build.open(Shape::List, node)?;
    let mut index = 0;
    node.array(|element| {
        build.element(&mut open);
        let value = read_value(element, build, depth).map_err(|error| error.at(Step::Index(index)))?;
        index += 1;
        build.push(&mut open, value)
    })?;
    build.close(open)
}

/// Reads the members of a set.
pub fn read_set<N: Node, B: Build<N>>(node: &mut N, build: &mut B, kind: SetKind) -> Result<B::Value, Error> {
    want(node, Kind::Array, "a set holds an array")?;
    let mut open = build.open(Shape::Set(kind), node)?;
    let mut index = 0;
    node.array(|member| {
        build.element(&mut open);
        let value = match kind {
            SetKind::String => read_string(member, build),
            SetKind::Number => read_number(member, build),
            SetKind::Binary => read_binary(member, build),
        };
        let value = value.map_err(|error| if N::HAS_TAGS { error.at(Step::Index(index)) } else { error })?;
        index += 1;
        build.push(&mut open, value)
    })?;
    build.close(open)
}

#[inline]
fn read_map<N: Node, B: Build<N>>(node: &mut N, build: &mut B, shape: Shape, depth: u32) -> Result<B::Value, Error> {
    check_depth(depth)?;
    let mut open = build.open(shape, node)?;
    node.object(|name, member| {
        let key = build.key(&mut open, &name).map_err(|error| at_text(error, &name))?;
        let value = read_value(member, build, depth).map_err(|error| at_text(error, &name))?;
        build.insert(&mut open, key, value).map_err(|error| at_text(error, &name))
    })?;
    build.close(open)
}

/// Refuses a container inside too many others.
#[inline]
pub fn check_depth(depth: u32) -> Result<(), Error> {
    if depth < ATTRIBUTE_DEPTH {
        return Ok(());
    }
    Err(Error::value(format!("attribute values are nested deeper than {ATTRIBUTE_DEPTH} levels")))
}

/// Makes sure that a value is of this kind; the rule says where it is not.
#[inline]
pub fn want<N: Node>(node: &mut N, kind: Kind, rule: &'static str) -> Result<(), Error> {
    if node.kind()? == kind { Ok(()) } else { Err(mismatch(node, rule)) }
}

#[cold]
fn mismatch<N: Node>(node: &mut N, rule: &'static str) -> Error {
    match node.kind() {
        Ok(kind) => Error::shape(format!("{rule}, found {}", kind.name())),
        Err(error) => error,
    }
}

#[cold]
fn unknown_tag(name: &[u8]) -> Error {
    let shown: String = String::from_utf8_lossy(name).chars().take(40).collect();
    Error::shape(format!("{shown:?} is no type tag: expected one of S, N, B, BOOL, NULL, L, M, SS, NS, BS"))
}

#[cold]
fn at_text(error: Error, name: &impl Text) -> Error {
    match name.bytes() {
        Ok(bytes) => error.at_name(&bytes),
        Err(_) => error.at_name("\u{fffd}".as_bytes()),
    }
}
