//! The operators: what each asks of one value of a record.

use std::cell::OnceCell;
use std::net::IpAddr;

use super::address::{Network, address};
use super::fold::{is_end, is_equal, is_start};
use super::wildcard::Wildcard;
use crate::core::number::Number;

/// What a pattern asks of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is this string.
    Text(String),
    /// It is this number, or a number written like that.
    Number { text: String, value: Option<Number> },
    /// It is true or false.
    Boolean(bool),
    /// It is null.
    Null,
    /// It is a string that is this address.
    Address(IpAddr),
    /// It is a string that starts so.
    Prefix(String),
    /// It is a string that ends so.
    Suffix(String),
    /// It is this string, letter case aside. The text is folded.
    Folded(String),
    /// It starts so, letter case aside.
    FoldedPrefix(String),
    /// It ends so, letter case aside.
    FoldedSuffix(String),
    /// It is a string of this form.
    Wildcard(Wildcard),
    /// It is a string that is an address in this network.
    Cidr(Network),
    /// It is a number in this range.
    Range(Range),
    /// It is there.
    Exists,
    /// It is not there: no value passes, the lack of one does.
    Absent,
    /// It is there and passes none of these.
    AnythingBut(Vec<Test>),
}

/// A range of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lower end.
    pub low: Option<Bound>,
    /// The upper end.
    pub high: Option<Bound>,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub number: Number,
    /// Whether the range holds it.
    pub inclusive: bool,
}

impl Range {
    fn contains(&self, number: &Number) -> bool {
        let above = self.low.as_ref().is_none_or(|low| *number > low.number || low.inclusive && *number == low.number);
        let below =
            self.high.as_ref().is_none_or(|high| *number < high.number || high.inclusive && *number == high.number);
        above && below
    }
}

/// One value of a record.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    /// A string.
    Text(&'a [u8]),
    /// A number as it is written.
    Number(&'a [u8]),
    /// true or false.
    Boolean(bool),
    /// null
    Null,
}

/// A value on its way through the tests; what several of them need is made once.
pub struct Subject<'a> {
    scalar: Scalar<'a>,
    text: &'a str,
    number: OnceCell<Option<Number>>,
}

impl<'a> Subject<'a> {
    /// A value. `text` is its text again as str, where a test needs that.
    pub fn new(scalar: Scalar<'a>, text: &'a str) -> Self {
        Self { scalar, text, number: OnceCell::new() }
    }

    fn number(&self) -> Option<&Number> {
        let Scalar::Number(text) = self.scalar else {
            return None;
        };
        self.number.get_or_init(|| Number::parse_any_size(text).ok()).as_ref()
    }

    fn is_text(&self) -> bool {
        matches!(self.scalar, Scalar::Text(_))
    }
}

impl Test {
    /// Whether it looks at the characters of a string.
    pub fn needs_text(&self) -> bool {
        match self {
            Self::Folded(_)
            | Self::FoldedPrefix(_)
            | Self::FoldedSuffix(_)
            | Self::Wildcard(_)
            | Self::Address(_)
            | Self::Cidr(_) => true,
            Self::AnythingBut(tests) => tests.iter().any(Self::needs_text),
            _ => false,
        }
    }

    /// Whether a value passes.
    pub fn passes(&self, subject: &Subject<'_>) -> bool {
        match (self, subject.scalar) {
            (Self::Text(wanted), Scalar::Text(found)) => wanted.as_bytes() == found,
            (Self::Number { text, value }, Scalar::Number(found)) => {
                text.as_bytes() == found || value.as_ref().is_some_and(|value| Some(value) == subject.number())
            }
            (Self::Boolean(wanted), Scalar::Boolean(found)) => *wanted == found,
            (Self::Null, Scalar::Null) | (Self::Exists, _) => true,
            (Self::Prefix(wanted), Scalar::Text(found)) => found.starts_with(wanted.as_bytes()),
            (Self::Suffix(wanted), Scalar::Text(found)) => found.ends_with(wanted.as_bytes()),
            (Self::Range(range), Scalar::Number(_)) => subject.number().is_some_and(|number| range.contains(number)),
            (Self::AnythingBut(tests), _) => !tests.iter().any(|test| test.passes(subject)),
            _ => subject.is_text() && self.passes_text(subject.text),
        }
    }

    fn passes_text(&self, text: &str) -> bool {
        match self {
            Self::Folded(wanted) => is_equal(wanted, text),
            Self::FoldedPrefix(wanted) => is_start(wanted, text),
            Self::FoldedSuffix(wanted) => is_end(wanted, text),
            Self::Wildcard(wildcard) => wildcard.matches(text),
            Self::Address(wanted) => address(text) == Some(*wanted),
            Self::Cidr(network) => address(text).is_some_and(|address| network.contains(address)),
            _ => false,
        }
    }
}
