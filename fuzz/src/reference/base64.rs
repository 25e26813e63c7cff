//! Base64 a character at a time (RFC 4648 section 4: padded, nothing else inside, no bits left over).

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes of base64 text.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for byte in &text[..text.len() - padding] {
        let value = ALPHABET.iter().position(|letter| letter == byte)?;
        bits.extend((0..6).rev().map(|bit| (value >> bit) & 1 == 1));
    }
    let bytes = bits.chunks_exact(8);
    if bytes.remainder().contains(&true) {
        return None;
    }
    Some(bytes.map(|byte| byte.iter().fold(0, |value, &bit| value << 1 | u8::from(bit))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_rfcs_examples() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "Zm8=Zm8=", "Zm 8", "Zm-_"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
