//! A wire value, wherever it came from: JSON bytes or Python objects. Everything above is written once, over this.

use std::borrow::Cow;

use super::error::Error;
use super::number::Number;

/// What a wire value is, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Members with names.
    Object,
    /// Elements in order.
    Array,
    /// Text.
    String,
    /// Bytes as such (JSON has none).
    Bytes,
    /// A number of JSON or Python.
    Number,
    /// A datetime of Python.
    Time,
    /// true or false.
    Boolean(bool),
    /// null or None.
    Null,
    /// What no wire format has.
    Other,
}

impl Kind {
    /// The word for it in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Bytes => "bytes",
            Self::Number => "a number",
            Self::Time => "a time",
            Self::Boolean(_) => "a boolean",
            Self::Null => "null",
            Self::Other => "something else",
        }
    }
}

/// Text as its source holds it.
pub trait Text {
    /// The text as UTF-8.
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Error>;

    /// The text as a string.
    fn string(&self) -> Result<Cow<'_, str>, Error>;

    /// The text of an N by value.
    fn number(&self) -> Result<Number, Error> {
        Number::parse(&self.bytes()?)
    }
}

/// A cursor at one wire value. Each reading method consumes the value: call exactly one of them.
pub trait Node: Sized {
    /// Text of this source.
    type Text: Text;
    /// Bytes of this source, for sources that have them.
    type Bytes: AsRef<[u8]>;
    /// A handle on a value that outlives the walk.
    type Kept;
    /// Where a value starts.
    type Mark;
    /// Whether type tags stand in the source, and thus in the paths of errors.
    const HAS_TAGS: bool = true;

    /// What the value is; it is not consumed.
    fn kind(&mut self) -> Result<Kind, Error>;

    /// Reads an object. `each` gets every member's name and value and must consume the value.
    fn object(&mut self, each: impl FnMut(Self::Text, &mut Self) -> Result<(), Error>) -> Result<(), Error>;

    /// The name and value of an object that has one member, where that is cheap to see; then the value is consumed.
    fn only_member(&mut self) -> Result<Option<(Self::Text, Self)>, Error> {
        Ok(None)
    }

    /// Reads an array. `each` gets every element and must consume it.
    fn array(&mut self, each: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error>;

    /// Reads a string.
    fn text(&mut self) -> Result<Self::Text, Error>;

    /// Reads bytes.
    fn bytes(&mut self) -> Result<Self::Bytes, Error>;

    /// Reads a number, or a time as a number of seconds; its text.
    fn number(&mut self) -> Result<String, Error>;

    /// Reads a boolean or null that `kind` has shown.
    fn literal(&mut self) -> Result<(), Error>;

    /// Passes the value by and gives a handle on it; None for null.
    fn keep(&mut self) -> Result<Option<Self::Kept>, Error>;

    /// Like `keep`, and None for an empty object too: an image always has the item's key.
    fn keep_image(&mut self) -> Result<Option<Self::Kept>, Error>;

    /// Where the value starts; it is not consumed.
    fn mark(&mut self) -> Self::Mark;

    /// A handle on the value that starts at the mark and was just consumed.
    fn keep_since(&mut self, mark: Self::Mark) -> Result<Self::Kept, Error>;

    /// Passes the value by.
    fn skip(&mut self) -> Result<(), Error> {
        self.keep().map(drop)
    }

    /// Passes the value by, and makes sure that it is one all through.
    fn check(&mut self) -> Result<(), Error>;
}

/// Where values that were kept are opened again.
pub trait Source {
    /// A handle on a value.
    type Kept;
    /// A cursor at it.
    type Node: Node<Kept = Self::Kept>;

    /// A cursor at a value that was kept.
    fn open(&self, kept: &Self::Kept) -> Self::Node;

    /// A cursor at an item that was kept: an object of attribute names and values.
    fn open_item(&self, kept: &Self::Kept) -> Result<Self::Node, Error> {
        Ok(self.open(kept))
    }

    /// Whether two values are surely the same without reading them. False says nothing.
    fn surely_same(&self, one: &Self::Kept, other: &Self::Kept) -> bool;
}
