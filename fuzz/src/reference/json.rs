//! JSON cut into members and elements, by serde_json and by a plain walk.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Refused;

/// A member's name, escapes undone, and where its value stands.
pub type Member = (Vec<u8>, Range<usize>);

/// Cuts the objects and arrays of one text.
pub trait Reader {
    /// The text.
    fn text(&self) -> &[u8];

    /// Where the one value of the whole text stands.
    fn whole(&self) -> Result<Range<usize>, Refused>;

    /// The members of the object at this place.
    fn members(&self, at: &Range<usize>) -> Result<Vec<Member>, Refused>;

    /// The elements of the array at this place.
    fn elements(&self, at: &Range<usize>) -> Result<Vec<Range<usize>>, Refused>;

    /// What stands at this place.
    fn slice(&self, at: &Range<usize>) -> &[u8] {
        &self.text()[at.clone()]
    }

    /// The byte that tells what the value is.
    fn first(&self, at: &Range<usize>) -> u8 {
        self.text()[at.start]
    }
}

/// The string of a JSON text that is one.
pub fn string(json: &[u8]) -> Result<String, Refused> {
    serde_json::from_slice(json).map_err(|_| Refused)
}

/// JSON as serde_json has it. What stands in a value that is passed by is checked but for halves of surrogate pairs.
pub struct Serde<'a>(pub &'a [u8]);

impl<'a> Serde<'a> {
    fn read<T: Deserialize<'a>>(&self, at: Range<usize>) -> Result<T, Refused> {
        serde_json::from_slice(&self.0[at]).map_err(|_| Refused)
    }

    fn place(&self, value: &'a RawValue) -> Range<usize> {
        let start = value.get().as_ptr() as usize - self.0.as_ptr() as usize;
        start..start + value.get().len()
    }
}

impl Reader for Serde<'_> {
    fn text(&self) -> &[u8] {
        self.0
    }

    fn whole(&self) -> Result<Range<usize>, Refused> {
        self.read(0..self.0.len()).map(|value| self.place(value))
    }

    fn members(&self, at: &Range<usize>) -> Result<Vec<Member>, Refused> {
        let Members(members) = self.read(at.clone())?;
        Ok(members.into_iter().map(|(name, value)| (name.into_bytes(), self.place(value))).collect())
    }

    fn elements(&self, at: &Range<usize>) -> Result<Vec<Range<usize>>, Refused> {
        let elements: Vec<&RawValue> = self.read(at.clone())?;
        Ok(elements.into_iter().map(|value| self.place(value)).collect())
    }
}

/// An object's members in order, those that stand twice twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'a> Visitor<'a> for MembersVisitor {
    type Value = Members<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// JSON of which only the objects and arrays that are cut, and the values beside them, are looked at. Of what stands
/// inside a value, strings and brackets are followed, and that is all.
pub struct Plain<'a>(pub &'a [u8]);

impl Plain<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    fn blanks(&self, at: usize) -> usize {
        at + self.0[at..].iter().take_while(|byte| b" \t\r\n".contains(byte)).count()
    }

    /// The end of the value at this place.
    fn value(&self, at: usize) -> Result<usize, Refused> {
        match self.byte(at).ok_or(Refused)? {
            b'"' => self.string(at),
            b'{' | b'[' => self.container(at),
            b't' => self.word(at, "true"),
            b'f' => self.word(at, "false"),
            b'n' => self.word(at, "null"),
            _ => self.number(at),
        }
    }

    fn string(&self, start: usize) -> Result<usize, Refused> {
        let mut at = start + 1;
        loop {
            match self.byte(at).ok_or(Refused)? {
                b'"' => return Ok(at + 1),
                b'\\' => at += 2,
                ..0x20 => return Err(Refused),
                _ => at += 1,
            }
        }
    }

    /// A backslash outside a string is no JSON, and escapes a quote there too.
    fn container(&self, start: usize) -> Result<usize, Refused> {
        let (mut depth, mut inside, mut escaped) = (0, false, false);
        for (at, &byte) in self.0.iter().enumerate().skip(start) {
            match byte {
                b'"' if !escaped => inside = !inside,
                b'{' | b'[' if !inside => depth += 1,
                b'}' | b']' if !inside => depth -= 1,
                _ => {}
            }
            escaped = byte == b'\\' && !escaped;
            if depth == 0 {
                return Ok(at + 1);
            }
        }
        Err(Refused)
    }

    fn word(&self, at: usize, word: &str) -> Result<usize, Refused> {
        let rest = self.0[at..].strip_prefix(word.as_bytes()).ok_or(Refused)?;
        let goes_on = rest.first().is_some_and(u8::is_ascii_alphanumeric);
        if goes_on { Err(Refused) } else { Ok(at + word.len()) }
    }

    /// The longest run of a number's letters must be one: every other letter behind a number is no JSON.
    fn number(&self, at: usize) -> Result<usize, Refused> {
        let length = self.0[at..].iter().take_while(|byte| b"+-.0123456789eE".contains(byte)).count();
        let valid = serde_json::from_slice::<&RawValue>(&self.0[at..at + length]);
        valid.map(|_| at + length).map_err(|_| Refused)
    }

    /// Calls `each` at every place where a member or element starts; it gives where that ends.
    fn cut(
        &self,
        range: &Range<usize>,
        close: u8,
        mut each: impl FnMut(usize) -> Result<usize, Refused>,
    ) -> Result<(), Refused> {
        let mut at = self.blanks(range.start + 1);
        if self.byte(at) == Some(close) {
            return Ok(());
        }
        loop {
            at = self.blanks(each(at)?);
            match self.byte(at) {
                Some(b',') => at = self.blanks(at + 1),
                Some(byte) if byte == close => return Ok(()),
                _ => return Err(Refused),
            }
        }
    }

    fn name(&self, at: usize) -> Result<(Vec<u8>, usize), Refused> {
        if self.byte(at) != Some(b'"') {
            return Err(Refused);
        }
        let end = self.string(at)?;
        let inside = &self.0[at + 1..end - 1];
        let name = if inside.contains(&b'\\') { string(&self.0[at..end])?.into_bytes() } else { inside.to_vec() };
        let colon = self.blanks(end);
        if self.byte(colon) == Some(b':') { Ok((name, self.blanks(colon + 1))) } else { Err(Refused) }
    }
}

impl Reader for Plain<'_> {
    fn text(&self) -> &[u8] {
        self.0
    }

    fn whole(&self) -> Result<Range<usize>, Refused> {
        let start = self.blanks(0);
        let end = self.value(start)?;
        if self.blanks(end) == self.0.len() { Ok(start..end) } else { Err(Refused) }
    }

    fn members(&self, at: &Range<usize>) -> Result<Vec<Member>, Refused> {
        let mut members = Vec::new();
        self.cut(at, b'}', |start| {
            let (name, start) = self.name(start)?;
            let end = self.value(start)?;
            members.push((name, start..end));
            Ok(end)
        })?;
        Ok(members)
    }

    fn elements(&self, at: &Range<usize>) -> Result<Vec<Range<usize>>, Refused> {
        let mut elements = Vec::new();
        self.cut(at, b']', |start| {
            let end = self.value(start)?;
            elements.push(start..end);
            Ok(end)
        })?;
        Ok(elements)
    }
}
