//! Any JSON, as it stands around items: written again, it says the same.

use tailrace::core::error::Error;
use tailrace::core::json::write_plain;
use tailrace::core::json_node::JsonNode;

use crate::check_error;
use crate::reference::Refused;
use crate::reference::tree::{Json, json};

/// Checks a text that may be JSON.
pub fn check(data: &[u8]) {
    let (found, wanted) = (write(data), readable(data));
    assert_eq!(found.is_ok(), wanted.is_ok(), "{found:?} in {:?}", String::from_utf8_lossy(data));
    match found {
        Ok(written) => {
            assert_eq!(readable(written.as_bytes()), wanted, "{written}");
            assert_eq!(write(written.as_bytes()).ok().as_ref(), Some(&written), "it is written in one way only");
        }
        Err(error) => check_error(&error, data.len()),
    }
}

/// JSON of which no number has an exponent that is nonsense, and that is not too deep.
fn readable(text: &[u8]) -> Result<Json, Refused> {
    json(text).and_then(|value| if value.is_within(0) && value.has_numbers_only() { Ok(value) } else { Err(Refused) })
}

fn write(data: &[u8]) -> Result<String, Error> {
    let (mut out, mut node) = (String::new(), JsonNode::new(data));
    write_plain(&mut out, &mut node, 0)?;
    node.end().map(|()| out)
}
