//! Node over borrowed JSON bytes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroU32;

use super::error::Error;
use super::json::{JsonText, Scanner};
use super::node::{Kind, Node, Source, Text};

/// A range of the event's bytes, in 32 bits each way. Decoded payloads lie behind the wire in one address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    start: u32,
    /// Never zero: no value has no bytes. Keeps `Option<ByteRange>` at 8 bytes.
    end: NonZeroU32,
}

impl ByteRange {
    /// The range between two offsets, if both fit.
    pub fn new(start: usize, end: usize) -> Option<Self> {
        Some(Self { start: u32::try_from(start).ok()?, end: NonZeroU32::new(u32::try_from(end).ok()?)? })
    }

    /// The first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Just behind the last byte.
    pub fn end(self) -> usize {
        self.end.get() as usize
    }
}

/// What becomes of the rest of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It is read, too.
    Read,
    /// It is passed by.
    Skip,
    /// Nobody needs the cursor any more.
    Leave,
}

/// A cursor at one value of a JSON text.
#[derive(Clone)]
pub struct JsonNode<'a> {
    scanner: Scanner<'a>,
    /// Where the text starts in the address space of `ByteRange`.
    base: usize,
}

impl<'a> JsonNode<'a> {
    /// The value of a whole text.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_base(bytes, 0)
    }

    /// The same for a text that starts at this offset of the address space.
    pub fn with_base(bytes: &'a [u8], base: usize) -> Self {
        Self { scanner: Scanner::new(bytes), base }
    }

    /// The value at an offset of a longer text, so that errors name positions of that text.
    pub fn inside(bytes: &'a [u8], at: usize) -> Self {
        Self { scanner: Scanner::starting_at(bytes, at), base: 0 }
    }

    /// Enters an object; whether it has a member.
    #[inline]
    pub fn enter(&mut self) -> Result<bool, Error> {
        self.scanner.require(b'{', "expected an object")?;
        if self.scanner.peek() != Some(b'}') {
            return Ok(true);
        }
        self.scanner.advance();
        Ok(false)
    }

    /// Goes on to the next member of an object; whether there is one.
    #[inline]
    pub fn goes_on(&mut self) -> Result<bool, Error> {
        self.scanner.goes_on(b'}')
    }

    /// Passes a member by; its name, and a handle on its value as of `keep`.
    #[inline]
    pub fn member(&mut self) -> Result<(JsonText<'a>, Option<ByteRange>), Error> {
        let name = self.scanner.name()?;
        self.keep().map(|value| (name, value))
    }

    /// The bytes from a mark to here.
    #[inline]
    pub fn since(&self, mark: usize) -> &'a [u8] {
        self.scanner.slice(mark, self.scanner.position())
    }

    /// Passes a member of exactly these bytes.
    #[inline]
    pub fn passes(&mut self, member: &[u8]) -> bool {
        self.scanner.passes(member)
    }

    /// Makes sure that the text holds nothing else.
    pub fn end(&mut self) -> Result<(), Error> {
        self.scanner.end()
    }

    /// Reads members as `object` does, for as long as they are of interest.
    #[inline]
    pub fn members(
        &mut self,
        mut each: impl FnMut(JsonText<'a>, &mut Self) -> Result<Rest, Error>,
    ) -> Result<(), Error> {
        self.scanner.require(b'{', "expected an object")?;
        if self.scanner.peek() == Some(b'}') {
            self.scanner.advance();
            return Ok(());
        }
        loop {
            let name = self.scanner.name()?;
            match each(name, self)? {
                Rest::Read => {}
                Rest::Skip => return self.scanner.skip_rest(),
                Rest::Leave => return Ok(()),
            }
            if !self.scanner.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads elements as `array` does, for as long as they are of interest.
    pub fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Result<Rest, Error>) -> Result<(), Error> {
        self.scanner.require(b'[', "expected an array")?;
        if self.scanner.peek() == Some(b']') {
            self.scanner.advance();
            return Ok(());
        }
        loop {
            match each(self)? {
                Rest::Read => {}
                Rest::Skip => return self.scanner.skip_rest(),
                Rest::Leave => return Ok(()),
            }
            if !self.scanner.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// Brackets that do not match are left to whoever reads the value.
    fn is_empty_object(&self, range: ByteRange) -> bool {
        let text = self.scanner.slice(range.start() - self.base, range.end() - self.base);
        let inside = text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}"));
        inside.is_some_and(|inside| inside.iter().all(|byte| b" \n\r\t".contains(byte)))
    }

    fn range(&self, start: usize, end: usize) -> Result<ByteRange, Error> {
        let range = ByteRange::new(self.base + start, self.base + end);
        range.ok_or_else(|| Error::event("an event is at most 4 GiB long"))
    }
}

impl Text for JsonText<'_> {
    #[inline]
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Error> {
        if !self.is_escaped() {
            return Ok(Cow::Borrowed(self.raw()));
        }
        self.decode().map(|text| Cow::Owned(text.into_owned().into_bytes()))
    }

    fn string(&self) -> Result<Cow<'_, str>, Error> {
        self.decode()
    }
}

/// JSON has no bytes.
pub struct NoBytes(Infallible);

impl AsRef<[u8]> for NoBytes {
    fn as_ref(&self) -> &[u8] {
        match self.0 {}
    }
}

impl<'a> Node for JsonNode<'a> {
    type Text = JsonText<'a>;
    type Bytes = NoBytes;
    type Kept = ByteRange;
    type Mark = usize;

    #[inline]
    fn kind(&mut self) -> Result<Kind, Error> {
        Ok(match self.scanner.peek() {
            Some(b'{') => Kind::Object,
            Some(b'"') => Kind::String,
            Some(b'[') => Kind::Array,
            Some(b't') => Kind::Boolean(true),
            Some(b'f') => Kind::Boolean(false),
            Some(b'n') => Kind::Null,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => return Err(self.scanner.error("expected a value")),
        })
    }

    #[inline]
    fn object(&mut self, mut each: impl FnMut(Self::Text, &mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let mut there = self.enter()?;
        while there {
            let name = self.scanner.name()?;
            each(name, self)?;
            there = self.goes_on()?;
        }
        Ok(())
    }

    #[inline]
    fn array(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        self.scanner.require(b'[', "expected an array")?;
        if self.scanner.peek() == Some(b']') {
            self.scanner.advance();
            return Ok(());
        }
        loop {
            each(self)?;
            if !self.scanner.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    #[inline]
    fn text(&mut self) -> Result<Self::Text, Error> {
        self.scanner.string()
    }

    fn bytes(&mut self) -> Result<Self::Bytes, Error> {
        Err(self.scanner.error("JSON has no bytes"))
    }

    fn number(&mut self) -> Result<String, Error> {
        self.scanner.peek();
        self.scanner.number().map(|text| String::from_utf8_lossy(text).into_owned())
    }

    fn literal(&mut self) -> Result<(), Error> {
        match self.kind()? {
            Kind::Boolean(true) => self.scanner.literal("true"),
            Kind::Boolean(false) => self.scanner.literal("false"),
            _ => self.scanner.literal("null"),
        }
    }

    #[inline]
    fn keep(&mut self) -> Result<Option<ByteRange>, Error> {
        let null = self.scanner.peek() == Some(b'n');
        let (start, end) = self.scanner.skip()?;
        if null { Ok(None) } else { self.range(start, end).map(Some) }
    }

    fn keep_image(&mut self) -> Result<Option<ByteRange>, Error> {
        let object = self.scanner.peek() == Some(b'{');
        let kept = self.keep()?;
        let empty = object && kept.is_some_and(|range| self.is_empty_object(range));
        Ok(if empty { None } else { kept })
    }

    fn check(&mut self) -> Result<(), Error> {
        self.scanner.check(0)
    }

    fn mark(&mut self) -> usize {
        self.scanner.peek();
        self.scanner.position()
    }

    fn keep_since(&mut self, mark: usize) -> Result<ByteRange, Error> {
        self.range(mark, self.scanner.position())
    }
}

/// The bytes of an event: the wire, and behind it what was decoded from it (payloads of Kinesis records).
#[derive(Clone, Copy)]
pub struct Buffers<'a> {
    /// The event as it came.
    pub wire: &'a [u8],
    /// Decoded payloads, one behind the other.
    pub decoded: &'a [u8],
}

impl<'a> Buffers<'a> {
    /// The bytes of a range.
    #[inline]
    pub fn slice(self, range: ByteRange) -> &'a [u8] {
        let (start, end) = (range.start(), range.end());
        let behind = self.wire.len();
        let found =
            if start < behind { self.wire.get(start..end) } else { self.decoded.get(start - behind..end - behind) };
        found.unwrap_or_default()
    }
}

impl<'a> Source for Buffers<'a> {
    type Kept = ByteRange;
    type Node = JsonNode<'a>;

    fn open(&self, kept: &ByteRange) -> JsonNode<'a> {
        match self.wire.get(..kept.end()) {
            Some(bytes) => JsonNode::inside(bytes, kept.start()),
            None => JsonNode::with_base(self.slice(*kept), kept.start()),
        }
    }

    fn surely_same(&self, one: &ByteRange, other: &ByteRange) -> bool {
        self.slice(*one) == self.slice(*other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_takes_eight_bytes() {
        assert_eq!(size_of::<Option<ByteRange>>(), 8);
        assert_eq!(ByteRange::new(0, 1 << 33), None);
    }

    #[test]
    fn keep_knows_null_and_the_empty_image() {
        let mut kept = Vec::new();
        JsonNode::with_base(b"[null, {}, { \n }, {\"a\":1}, \"x\", {\x0c}]", 100)
            .array(|node| {
                kept.push(node.keep_image()?.map(|r| (r.start(), r.end())));
                Ok(())
            })
            .unwrap();
        assert_eq!(kept, [None, None, None, Some((118, 125)), Some((127, 130)), Some((132, 135))]);
    }
}
