//! A cursor over JSON text: one value, one token at a time (RFC 8259).

use super::simd::{container_end, rest_end, string_stop};
use super::text::JsonText;
use crate::core::error::Error;
use crate::core::limits::JSON_DEPTH;

/// A cursor over one JSON text.
#[derive(Clone)]
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// A cursor at the start of the text.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A cursor inside a text.
    pub fn starting_at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The position in the text.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The text between two positions.
    pub fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Passes white space; the next byte, which stays.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    /// Passes one byte that `peek` has shown.
    #[inline]
    pub fn advance(&mut self) {
        self.at += 1;
    }

    /// Passes white space and this byte.
    #[inline]
    pub fn require(&mut self, wanted: u8, what: &str) -> Result<(), Error> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.error(what))
    }

    /// An error at the present position.
    #[cold]
    pub fn error(&self, message: &str) -> Error {
        let end = self.at >= self.bytes.len();
        let message = if end { format!("{message}, found the end of the text") } else { message.to_owned() };
        Error::json(&message, self.bytes, self.at.min(self.bytes.len()))
    }

    /// Reads a string.
    #[inline]
    pub fn string(&mut self) -> Result<JsonText<'a>, Error> {
        self.require(b'"', "expected a string")?;
        let start = self.at;
        let (mut ascii, mut escaped) = (true, false);
        loop {
            let (stop, high) = string_stop(self.bytes, self.at);
            ascii &= !high;
            self.at = stop;
            match self.bytes.get(stop) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(JsonText::new(self.slice(start, stop), ascii, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("a string is not closed")),
            }
        }
    }

    /// Reads the name of a member and passes its colon.
    #[inline]
    pub fn name(&mut self) -> Result<JsonText<'a>, Error> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a name in double quotes"));
        }
        // Nearly all names have no escape and no blank before their colon: 10 % of the index of flat images.
        let start = self.at + 1;
        let (stop, high) = string_stop(self.bytes, start);
        if self.bytes.get(stop..).and_then(<[u8]>::first_chunk) == Some(b"\":") {
            self.at = stop + 2;
            return Ok(JsonText::new(self.slice(start, stop), !high, false));
        }
        let name = self.string()?;
        self.require(b':', "expected ':' behind a name")?;
        Ok(name)
    }

    /// Passes `,` (true) or the closing bracket (false).
    #[inline]
    pub fn goes_on(&mut self, close: u8) -> Result<bool, Error> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.error(if close == b'}' { "expected ',' or '}'" } else { "expected ',' or ']'" })),
        }
    }

    /// Passes a member of an object that is exactly these bytes, with a comma or the end of the object right behind.
    #[inline]
    pub fn passes(&mut self, member: &[u8]) -> bool {
        self.peek();
        let end = self.at + member.len();
        let found = self.bytes.get(self.at..end) == Some(member) && matches!(self.bytes.get(end), Some(b',' | b'}'));
        if found {
            self.at = end;
        }
        found
    }

    /// Reads `true`, `false` or `null`.
    pub fn literal(&mut self, word: &'static str) -> Result<(), Error> {
        let end = self.at + word.len();
        if self.slice(self.at, end) == word.as_bytes() && !self.bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
            self.at = end;
            return Ok(());
        }
        Err(self.error("expected a value"))
    }

    /// Reads a number of JSON's grammar; its text.
    pub fn number(&mut self) -> Result<&'a [u8], Error> {
        let start = self.at;
        self.pass_if(b"-");
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let whole = self.digits()?;
        if leading_zero && whole > 1 {
            self.at = start;
            return Err(self.error("a number has a leading zero"));
        }
        if self.pass_if(b".") {
            self.digits()?;
        }
        if self.pass_if(b"eE") {
            self.pass_if(b"+-");
            self.digits()?;
        }
        Ok(self.slice(start, self.at))
    }

    fn pass_if(&mut self, any_of: &[u8]) -> bool {
        let found = self.bytes.get(self.at).is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<usize, Error> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("expected a digit")) } else { Ok(self.at - start) }
    }

    /// Passes one value; its range. Of an object or array only the strings and brackets are looked at.
    #[inline]
    pub fn skip(&mut self) -> Result<(usize, usize), Error> {
        let first = self.peek();
        let start = self.at;
        match first {
            Some(b'{' | b'[') => match container_end(self.bytes, start) {
                Some(end) => self.at = end,
                None => return Err(self.error("an object or array is not closed")),
            },
            Some(b'"') => drop(self.string()?),
            _ => self.scalar(first)?,
        }
        Ok((start, self.at))
    }

    /// Passes what is left of the object or array whose member or element was just read.
    #[inline]
    pub fn skip_rest(&mut self) -> Result<(), Error> {
        if let Some(b'}' | b']') = self.peek() {
            self.advance();
            return Ok(());
        }
        match rest_end(self.bytes, self.at) {
            Some(end) => self.at = end,
            None => return Err(self.error("an object or array is not closed")),
        }
        Ok(())
    }

    fn scalar(&mut self, first: Option<u8>) -> Result<(), Error> {
        match first {
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => Err(self.error("expected a value")),
        }
    }

    /// Passes one value and checks all of its text, strings included.
    pub fn check(&mut self, depth: u32) -> Result<(), Error> {
        if depth > JSON_DEPTH {
            return Err(self.error("nested too deep"));
        }
        match self.peek() {
            Some(open @ (b'{' | b'[')) => {
                self.advance();
                let close = open + 2;
                if self.peek() == Some(close) {
                    self.advance();
                    return Ok(());
                }
                loop {
                    if open == b'{' {
                        self.name()?.decode()?;
                    }
                    self.check(depth + 1)?;
                    if !self.goes_on(close)? {
                        return Ok(());
                    }
                }
            }
            Some(b'"') => self.string()?.decode().map(drop),
            first => self.scalar(first),
        }
    }

    /// Makes sure that only white space follows.
    pub fn end(&mut self) -> Result<(), Error> {
        if self.peek().is_some() { Err(self.error("expected the end of the text")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), Error> {
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.check(0)?;
        scanner.end()
    }

    #[test]
    fn takes_what_serde_json_takes() {
        for text in [
            "{}",
            "[]",
            " [1 , 2.5e-3, -0, 0.1, \"a\\u00e9\\n\", true, false, null ] ",
            "{\"a\":{\"b\":[{}]}}",
            "0",
            "\"\"",
        ] {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            check(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        }
    }

    #[test]
    fn refuses_what_serde_json_refuses() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "01",
            "-",
            "1.",
            "1e",
            ".5",
            "+1",
            "tru",
            "truex",
            "nul",
            "\"\u{1}\"",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "[1 2]",
            "1 1",
            "{\"a\":1]",
            "[\"a\"}",
            "NaN",
            "Infinity",
            "'a'",
            "\u{feff}{}",
        ] {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
            assert!(check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = "[".repeat(20_000);
        assert!(check(&deep).is_err_and(|e| e.message().contains("nested too deep")));
    }

    #[test]
    fn skip_gives_ranges() {
        let mut scanner = Scanner::new(b" {\"a\":[1,\"}\"]} , 12");
        assert_eq!(scanner.skip().ok(), Some((1, 14)));
        assert_eq!(scanner.peek(), Some(b','));
        scanner.advance();
        assert_eq!(scanner.skip().ok(), Some((17, 19)));
        assert!(scanner.end().is_ok());
    }

    #[test]
    fn the_rest_ends_with_its_own_bracket() {
        for (text, inside, end) in [("{\"a\":1,\"b\":[{},\"}\"]} ,", 6, 20), ("[[1],2]", 4, 7), ("[1]", 2, 3)] {
            let mut scanner = Scanner::starting_at(text.as_bytes(), inside);
            scanner.skip_rest().unwrap();
            assert_eq!(scanner.position(), end, "{text}");
        }
        assert!(Scanner::starting_at(b"[1,[2]", 2).skip_rest().is_err());
    }
}
