//! The names of the attributes that differ, for an audit trail: what differs is read all through.

use std::collections::HashMap;

use crate::core::attribute_value::read_value;
use crate::core::error::Error;
use crate::core::node::{Node, Source, Text};
use crate::core::value::{ValueBuilder, duplicate_name};

const OLD: &[u8] = b"OldImage";
const NEW: &[u8] = b"NewImage";

/// The sorted names of the top-level attributes that differ. None is an absent image: then every attribute of the
/// other one differs. An attribute whose wire form is the same on both sides is not read.
pub fn changed_attributes<S: Source>(
    source: &S,
    old: Option<&S::Kept>,
    new: Option<&S::Kept>,
) -> Result<Vec<String>, Error> {
    let mut old = attributes(source, old).map_err(|error| error.at_name(OLD))?;
    let mut changed = Vec::new();
    for (name, value) in attributes(source, new).map_err(|error| error.at_name(NEW))? {
        let same = match old.remove(&name) {
            Some(before) => same_value(source, &name, &before, &value)?,
            None => false,
        };
        if !same {
            changed.push(name);
        }
    }
    changed.extend(old.into_keys());
    changed.sort_unstable();
    Ok(changed)
}

fn attributes<S: Source>(source: &S, image: Option<&S::Kept>) -> Result<HashMap<String, S::Kept>, Error> {
    let mut found = HashMap::new();
    let Some(image) = image else {
        return Ok(found);
    };
    source.open(image).object(|name, value| {
        let name = name.string()?.into_owned();
        let Some(kept) = value.keep()? else {
            return Err(Error::shape("an attribute value is an object, found null").at_name(name.as_bytes()));
        };
        if found.insert(name, kept).is_some() { Err(duplicate_name()) } else { Ok(()) }
    })?;
    Ok(found)
}

fn same_value<S: Source>(source: &S, name: &str, old: &S::Kept, new: &S::Kept) -> Result<bool, Error> {
    if source.surely_same(old, new) {
        return Ok(true);
    }
    let read = |value, image| {
        let value = read_value(&mut source.open(value), &mut ValueBuilder, 0);
        value.map_err(|error| error.at_name(name.as_bytes()).at_name(image))
    };
    Ok(read(old, OLD)? == read(new, NEW)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json_node::{Buffers, ByteRange};

    fn changed(old: &str, new: &str) -> Vec<String> {
        let wire = [old, new].concat();
        let buffers = Buffers { wire: wire.as_bytes(), decoded: b"" };
        let (old, new) = (ByteRange::new(0, old.len()), ByteRange::new(old.len(), wire.len()));
        changed_attributes(&buffers, old.as_ref(), new.as_ref()).unwrap()
    }

    #[test]
    fn values_count_and_spellings_do_not() {
        let same = [
            (r#"{"a":{"N":"1"}}"#, r#"{"a": {"N":"1.0"}}"#),
            (r#"{"a":{"SS":["x","y"]}}"#, r#"{"a":{"SS":["y","x"]}}"#),
            (r#"{"a":{"NS":["1","2"]}}"#, r#"{"a":{"NS":["2.0","1E0"]}}"#),
            (r#"{"a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}}"#, r#"{"a":{"M":{"y":{"S":"2"},"x":{"S":"1"}}}}"#),
            (r#"{"a":{"S":"é"}}"#, r#"{"\u0061":{"S":"\u00e9"}}"#),
        ];
        for (old, new) in same {
            assert!(changed(old, new).is_empty(), "{old} {new}");
        }
        let different = [
            (r#"{"a":{"S":"1"}}"#, r#"{"a":{"N":"1"}}"#),
            (r#"{"a":{"NULL":true}}"#, r"{}"),
            (r#"{"a":{"M":{}}}"#, r#"{"a":{"L":[]}}"#),
            (r#"{"a":{"L":[{"S":"1"},{"S":"2"}]}}"#, r#"{"a":{"L":[{"S":"2"},{"S":"1"}]}}"#),
            (r#"{"a":{"SS":["x"]}}"#, r#"{"a":{"BS":["eA=="]}}"#),
        ];
        for (old, new) in different {
            assert_eq!(changed(old, new), ["a"], "{old} {new}");
        }
    }

    #[test]
    fn names_are_sorted_and_absent_images_differ_in_all() {
        assert_eq!(changed(r#"{"b":{"S":"1"},"c":{"S":"1"}}"#, r#"{"a":{"S":"1"},"c":{"S":"2"}}"#), ["a", "b", "c"]);
        let wire = br#"{"b":{"S":"1"},"a":{"S":"1"}}"#;
        let buffers = Buffers { wire, decoded: b"" };
        let image = ByteRange::new(0, wire.len());
        assert_eq!(changed_attributes(&buffers, None, image.as_ref()).unwrap(), ["a", "b"]);
        assert_eq!(changed_attributes(&buffers, image.as_ref(), None).unwrap(), ["a", "b"]);
    }
}
