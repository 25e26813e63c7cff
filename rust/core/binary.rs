//! B: base64 text on the wire of Lambda and the HTTP API (RFC 4648 section 4, padded, nothing else inside).

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine};

use super::error::Error;

/// The bytes of base64 text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|error| refused(&error))
}

/// base64's own text quotes what it has read, which is the item's value.
#[cold]
fn refused(error: &DecodeError) -> Error {
    match error {
        DecodeError::InvalidByte(at, _) => Error::value(format!("not base64: character {at} does not belong there")),
        DecodeError::InvalidLastSymbol { offset, .. } => {
            Error::value(format!("not base64: character {offset} has bits left over"))
        }
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => {
            Error::value("not base64: it is cut off, or its padding is")
        }
    }
}

/// Bytes as base64 text.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_padded_base64_only() {
        assert_eq!(decode(b"aGk=").ok().as_deref(), Some(&b"hi"[..]));
        assert_eq!(decode(b"").ok().as_deref(), Some(&b""[..]));
        for bad in ["aGk", "a", "aG k", "aGk=\n", "aGl=", "a-_="] {
            assert!(decode(bad.as_bytes()).is_err_and(|error| error.message().starts_with("not base64: ")), "{bad}");
        }
    }
}
