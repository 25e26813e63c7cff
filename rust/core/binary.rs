//! B: base64 text on the wire of Lambda and the HTTP API (RFC 4648 section 4, padded, nothing else inside).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::Error;

/// The bytes of base64 text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|error| Error::value(format!("not base64: {error}")))
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
            assert!(decode(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
