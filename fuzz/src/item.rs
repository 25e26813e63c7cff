//! Items: read as the reference reads them, and written so that they read the same.

use std::collections::BTreeMap;

use tailrace::core::attribute_value::{Build, SetKind, read_item};
use tailrace::core::diff::{Rules, Sides, changes};
use tailrace::core::error::{Error, Step};
use tailrace::core::item_key::item_key;
use tailrace::core::json::JsonWriter;
use tailrace::core::json_node::{Buffers, ByteRange, JsonNode};
use tailrace::core::node::Source;
use tailrace::core::value::{Value, ValueBuilder};

use crate::reference::item::{Plain, item};
use crate::reference::number::parse;
use crate::strict::Strict;
use crate::{Outcome, check_error, plain as json};

/// Checks a text that may be an item, or some other JSON.
pub fn check(data: &[u8]) -> Outcome {
    json::check(data);
    match ByteRange::new(0, data.len()) {
        Some(all) => check_part(Buffers { wire: data, decoded: b"" }, all),
        None => Outcome::of(item(data, false).is_ok()),
    }
}

/// Checks a part of a longer text that may be an item.
pub fn check_part(buffers: Buffers<'_>, part: ByteRange) -> Outcome {
    let text = buffers.slice(part);
    let wanted = item(text, false);
    check_strict(buffers, part, wanted.as_ref().ok());
    let found = read(&mut buffers.open(&part), &mut ValueBuilder);
    assert_eq!(found.is_ok(), wanted.is_ok(), "{found:?} in {:?}", String::from_utf8_lossy(text));
    let written = write(&mut buffers.open(&part));
    assert_eq!(written.is_ok(), wanted.is_ok(), "{written:?} in {:?}", String::from_utf8_lossy(text));
    match (found, written, wanted) {
        (Ok(found), Ok(written), Ok(wanted)) => {
            assert_eq!(plain(&found), wanted);
            check_written(text, &found, &written, &wanted);
            Outcome::Read
        }
        (found, ..) => {
            found.err().iter().for_each(|error| check_error(error, part.end()));
            Outcome::Refused
        }
    }
}

/// Strict reading takes less, and gives the same for what it takes.
fn check_strict(buffers: Buffers<'_>, part: ByteRange, lenient: Option<&Plain>) {
    let text = buffers.slice(part);
    let (found, wanted) = (read(&mut buffers.open(&part), &mut Strict), item(text, true));
    assert_eq!(found.is_ok(), wanted.is_ok(), "{found:?} in {:?}", String::from_utf8_lossy(text));
    if let (Ok(found), Ok(wanted)) = (found, wanted) {
        assert_eq!(plain(&found), wanted);
        assert_eq!(Some(&wanted), lenient);
    }
}

/// Reads an item and makes sure that nothing follows.
fn read<'a, B: Build<JsonNode<'a>>>(node: &mut JsonNode<'a>, build: &mut B) -> Result<B::Value, Error> {
    let value = read_item(node, build)?;
    node.end().map(|()| value)
}

fn write(node: &mut JsonNode<'_>) -> Result<String, Error> {
    let mut writer = JsonWriter::default();
    read(node, &mut writer)?;
    Ok(writer.into_text())
}

/// What is written is JSON, means the same, stays as it is when it is written again, and differs in no attribute.
fn check_written(text: &[u8], value: &Value, written: &str, wanted: &Plain) {
    assert_eq!(item(written.as_bytes(), false).as_ref(), Ok(wanted), "{written}");
    let read_back = read(&mut JsonNode::new(written.as_bytes()), &mut ValueBuilder);
    assert_eq!(read_back.ok().as_ref(), Some(value), "{written}");
    assert_eq!(write(&mut JsonNode::new(written.as_bytes())).ok().as_deref(), Some(written));
    let both = [text, written.as_bytes()].concat();
    let (old, new) = (ByteRange::new(0, text.len()), ByteRange::new(text.len(), both.len()));
    let changed = changed_attributes(Buffers { wire: &both, decoded: b"" }, old.as_ref(), new.as_ref());
    assert_eq!(changed.ok(), Some(Vec::new()), "{written}");
    check_key(text, written, wanted);
}

/// The names of the attributes in which something changed, sorted.
pub fn changed_attributes(
    buffers: Buffers<'_>,
    old: Option<&ByteRange>,
    new: Option<&ByteRange>,
) -> Result<Vec<String>, Error> {
    let sides = Sides { old: "OldImage", new: "NewImage" };
    let found = changes(&buffers, old, new, &Rules::default(), sides)?;
    let first = |path: Vec<Step>| match path.into_iter().next() {
        Some(Step::Name(name)) => name,
        step => unreachable!("a path begins with a name, not {step:?}"),
    };
    let mut names: Vec<_> = found.into_iter().map(|change| first(change.path)).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// An item of S, N and B has an identity, and every spelling of it the same.
fn check_key(text: &[u8], written: &str, wanted: &Plain) {
    let Plain::M(members) = wanted else { unreachable!("an item is a map") };
    let key = item_key(&mut JsonNode::new(text)).ok();
    assert_eq!(key, key_of(members).filter(|key| !key.is_empty()), "{written}");
    assert_eq!(key, item_key(&mut JsonNode::new(written.as_bytes())).ok(), "{written}");
}

/// Names in order, each with its value behind it, each behind its length.
fn key_of(members: &BTreeMap<String, Plain>) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    let mut part = |tag: &[u8], part: &[u8]| {
        key.extend(tag);
        key.extend(u32::try_from(part.len()).expect("a short text").to_be_bytes());
        key.extend(part);
    };
    for (name, value) in members {
        part(b"", name.as_bytes());
        match value {
            Plain::S(text) => part(b"S", text.as_bytes()),
            Plain::N(number) => part(b"N", number.canonical().as_bytes()),
            Plain::B(bytes) => part(b"B", bytes),
            _ => return None,
        }
    }
    Some(key)
}

fn plain(value: &Value) -> Plain {
    match value {
        Value::String(text) => Plain::S(text.clone()),
        Value::Number(number) => Plain::N(parse(number.to_string().as_bytes()).expect("a number's canonical text")),
        Value::Binary(bytes) => Plain::B(bytes.clone()),
        Value::Boolean(value) => Plain::Bool(*value),
        Value::Null => Plain::Null,
        Value::List(elements) => Plain::L(elements.iter().map(plain).collect()),
        Value::Map(members) => Plain::M(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect()),
        Value::Set(kind, members) => set(*kind, members.iter().map(plain)),
    }
}

fn set(kind: SetKind, members: impl Iterator<Item = Plain>) -> Plain {
    match kind {
        SetKind::String => {
            Plain::Ss(members.map(|member| if let Plain::S(text) = member { text } else { stray() }).collect())
        }
        SetKind::Number => {
            Plain::Ns(members.map(|member| if let Plain::N(number) = member { number } else { stray() }).collect())
        }
        SetKind::Binary => {
            Plain::Bs(members.map(|member| if let Plain::B(bytes) = member { bytes } else { stray() }).collect())
        }
    }
}

fn stray() -> ! {
    panic!("a set holds members of its own type")
}
