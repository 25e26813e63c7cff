//! Any JSON, as it stands around items: written again, it says the same.

use tailrace::core::error::Error;
use tailrace::core::json::write_plain;
use tailrace::core::json_node::JsonNode;

use crate::check_error;
use crate::reference::tree::json;

/// Checks a text that may be JSON.
pub fn check(data: &[u8]) {
    let (found, wanted) = (write(data), json(data));
    assert_eq!(found.is_ok(), wanted.is_ok(), "{found:?} in {:?}", String::from_utf8_lossy(data));
    match found {
        Ok(written) => {
            assert_eq!(json(written.as_bytes()), wanted, "{written}");
            assert_eq!(write(written.as_bytes()).ok().as_ref(), Some(&written), "it is written in one way only");
        }
        Err(error) => check_error(&error, data.len()),
    }
}

fn write(data: &[u8]) -> Result<String, Error> {
    let (mut out, mut node) = (String::new(), JsonNode::new(data));
    write_plain(&mut out, &mut node, 0)?;
    node.end().map(|()| out)
}
