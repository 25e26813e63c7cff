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
        if !self.escaped {
            return std::str::from_utf8(self.raw).map(Cow::Borrowed).map_err(|_| no_utf8());
        }
        let mut out = Vec::with_capacity(self.raw.len());
        self.unescape(&mut out)?;
        String::from_utf8(out).map(Cow::Owned).map_err(|_| no_utf8())
    }

    /// Appends the string, its escapes resolved; what is not escaped is passed on unread. Whether all of it is ASCII.
    pub fn unescape(&self, out: &mut Vec<u8>) -> Result<bool, Error> {
        let (mut at, mut ascii) = (0, self.ascii);
        loop {
            // Inside a string nothing but a backslash stops the search.
            let (stop, _) = string_stop(self.raw, at);
            out.extend_from_slice(self.raw.get(at..stop).unwrap_or_default());
            let Some(escape) = self.raw.get(stop + 1..) else {
                return Ok(ascii);
            };
            let (decoded, rest) = escaped(escape)?;
            ascii &= decoded.is_ascii();
            out.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
            at = self.raw.len() - rest.len();
        }
    }
}

/// The error of text that is not UTF-8.
#[cold]
pub fn no_utf8() -> Error {
    Error::value("a string is not UTF-8")
}

/// The character of what stands behind a backslash, and what follows.
fn escaped(escape: &[u8]) -> Result<(char, &[u8]), Error> {
    let (first, rest) = escape.split_first().ok_or_else(unknown_escape)?;
    let decoded = match first {
        b'"' | b'\\' | b'/' => char::from(*first),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return Err(unknown_escape()),
    };
    Ok((decoded, rest))
}

#[cold]
fn unknown_escape() -> Error {
    Error::value("a string has an unknown escape")
}

/// The character of the digits behind `\u`, and of the second half of a pair, and what follows.
fn unicode(digits: &[u8]) -> Result<(char, &[u8]), Error> {
    let (first, rest) = four_digits(digits)?;
    let (code, rest) = match first {
        0xd800..=0xdbff => match rest.strip_prefix(b"\\u").map(four_digits) {
            Some(Ok((second @ 0xdc00..=0xdfff, rest))) => {
                (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), rest)
            }
            _ => return Err(lone_surrogate()),
        },
        _ => (first, rest),
    };
    Ok((char::from_u32(code).ok_or_else(lone_surrogate)?, rest))
}

fn four_digits(text: &[u8]) -> Result<(u32, &[u8]), Error> {
    let wrong = || Error::value("\\u in a string needs four hexadecimal digits");
    let (digits, rest) = text.split_at_checked(4).ok_or_else(wrong)?;
    let code = digits.iter().try_fold(0, |code, &digit| Some(code << 4 | char::from(digit).to_digit(16)?));
    Ok((code.ok_or_else(wrong)?, rest))
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
