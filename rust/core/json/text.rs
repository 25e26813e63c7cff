//! A string of JSON as it stands in the text, decoded only when somebody asks.

use std::borrow::Cow;

use super::simd::string_stop;
use crate::core::error::Error;

/// The inside of a JSON string.
#[derive(Clone, Copy, Debug)]
pub struct JsonText<'a> {
    raw: &'a [u8],
    ascii: bool,
    escaped: bool,
}

impl<'a> JsonText<'a> {
    pub(super) fn new(raw: &'a [u8], ascii: bool, escaped: bool) -> Self {
        Self { raw, ascii, escaped }
    }

    /// The text between the quotes, escapes and all.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether the raw text is the string itself, in ASCII.
    #[inline]
    pub fn is_plain_ascii(&self) -> bool {
        self.ascii && !self.escaped
    }

    /// Whether the raw text has escapes.
    #[inline]
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The string, checked to be UTF-8 and without lone surrogates.
    #[inline]
    pub fn decode(&self) -> Result<Cow<'a, str>, Error> {
        if self.escaped {
            return unescape(self.raw).map(Cow::Owned);
        }
        utf8(self.raw).map(Cow::Borrowed)
    }
}

fn utf8(raw: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(raw).map_err(|_| Error::value("a string is not UTF-8"))
}

fn unescape(raw: &[u8]) -> Result<String, Error> {
    let text = utf8(raw)?;
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    loop {
        // Inside a string nothing but a backslash stops the search.
        let (stop, _) = string_stop(raw, at);
        out.push_str(text.get(at..stop).unwrap_or_default());
        let Some(escape) = text.get(stop + 1..) else {
            return Ok(out);
        };
        let (decoded, rest) = escaped(escape)?;
        out.push(decoded);
        at = raw.len() - rest.len();
    }
}

/// The character of what stands behind a backslash, and what follows.
fn escaped(escape: &str) -> Result<(char, &str), Error> {
    let mut chars = escape.chars();
    let decoded = match chars.next() {
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode(chars.as_str()),
        _ => return Err(Error::value("a string has an unknown escape")),
    };
    Ok((decoded, chars.as_str()))
}

/// The character of the digits behind `\u`, and of the second half of a pair, and what follows.
fn unicode(digits: &str) -> Result<(char, &str), Error> {
    let (first, rest) = four_digits(digits)?;
    let (code, rest) = match first {
        0xd800..=0xdbff => match rest.strip_prefix("\\u").map(four_digits) {
            Some(Ok((second @ 0xdc00..=0xdfff, rest))) => {
                (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), rest)
            }
            _ => return Err(lone_surrogate()),
        },
        _ => (first, rest),
    };
    Ok((char::from_u32(code).ok_or_else(lone_surrogate)?, rest))
}

fn four_digits(text: &str) -> Result<(u32, &str), Error> {
    let wrong = || Error::value("\\u in a string needs four hexadecimal digits");
    let (digits, rest) = text.split_at_checked(4).ok_or_else(wrong)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    Ok((u32::from_str_radix(digits, 16).map_err(|_| wrong())?, rest))
}

fn lone_surrogate() -> Error {
    Error::value("a string has half of a surrogate pair")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escape(c: char) -> String {
        if c.is_ascii() {
            return c.to_string();
        }
        let units: Vec<_> = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
        units.concat()
    }

    proptest! {
        #[test]
        fn decodes_as_serde_json(text in any::<String>(), ascii: bool) {
            let mut json = serde_json::to_string(&text).unwrap();
            if ascii {
                json = json.chars().map(escape).collect();
            }
            let raw = json.strip_prefix('"').and_then(|j| j.strip_suffix('"')).unwrap();
            let found = JsonText::new(raw.as_bytes(), raw.is_ascii(), raw.contains('\\')).decode().unwrap();
            prop_assert_eq!(found, text);
        }
    }

    #[test]
    fn refuses_broken_strings() {
        for raw in ["\\", "\\x", "\\u", "\\u12g4", "\\u+123", "\\ud83d", "\\ud83d\\n", "\\ud83d\\ud83d", "\\ude00"] {
            assert!(JsonText::new(raw.as_bytes(), true, true).decode().is_err(), "{raw}");
        }
        assert!(JsonText::new(b"\xff", false, false).decode().is_err());
        assert!(JsonText::new(b"\xed\xa0\x80", false, false).decode().is_err());
    }
}
