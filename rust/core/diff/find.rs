//! The value at a path.

use super::shallow::{Member, Shallow, item, shallow};
use crate::core::error::{Error, Step};
use crate::core::node::{Node, Source, Text};

/// The value at a path of an item, if there is one.
pub fn find<S: Source>(source: &S, kept: &S::Kept, path: &[Step]) -> Result<Option<S::Kept>, Error> {
    let mut at = member(item(&mut source.open_item(kept)?)?, path.first())?;
    for step in path.get(1..).unwrap_or_default() {
        let Some(kept) = at else {
            return Ok(None);
        };
        at = match (shallow(&mut source.open(&kept))?, step) {
            (Shallow::Map(members), Step::Name(_)) => member(members, Some(step))?,
            (Shallow::List(elements), Step::Index(index)) => elements.into_iter().nth(*index),
            _ => None,
        };
    }
    Ok(at)
}

fn member<N: Node>(members: Vec<Member<N>>, step: Option<&Step>) -> Result<Option<N::Kept>, Error> {
    let Some(Step::Name(name)) = step else {
        return Ok(None);
    };
    for member in members {
        if *member.name.bytes()? == *name.as_bytes() {
            return Ok(member.value);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json_node::{Buffers, ByteRange};

    #[test]
    fn a_value_is_found_by_its_path() {
        let image = br#"{"a":{"M":{"l":{"L":[{"S":"x"},{"S":"y"}]}}}}"#;
        let buffers = Buffers { wire: image, decoded: b"" };
        let whole = ByteRange::new(0, image.len()).unwrap();
        let text = |path: &[Step]| {
            let found = find(&buffers, &whole, path).unwrap();
            found.map(|range| String::from_utf8_lossy(buffers.slice(range)).into_owned())
        };
        let [a, l, x] = ["a", "l", "x"].map(|name| Step::Name(name.to_owned()));
        assert_eq!(text(&[a.clone(), l.clone(), Step::Index(1)]).as_deref(), Some(r#"{"S":"y"}"#));
        assert_eq!(text(&[a.clone(), l.clone(), Step::Index(2)]), None);
        assert_eq!(text(&[a.clone(), x.clone()]), None);
        assert_eq!(text(&[a, l, x]), None);
    }
}
