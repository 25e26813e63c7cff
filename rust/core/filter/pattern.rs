//! The operators: what each asks of one value of a record.

use std::cell::OnceCell;
use std::net::IpAddr;

use regex_lite::{Regex, RegexBuilder};

use super::address::{Network, address};
use super::fold::{folded, is_end, is_equal, is_start};
use super::wildcard::Wildcard;
use crate::core::binary;
use crate::core::number::Number;
use crate::core::value::Value;

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
    /// It passes all of these.
    All(Vec<Test>),
    /// It is a string that this expression describes from its start to its end.
    Regex(Expression),
    /// It is a string of this form, letter case aside. The wildcard is folded.
    FoldedWildcard(Wildcard),
    /// It is a set or list in which each of these is passed by some member.
    ContainsAll(Vec<Test>),
    /// It differs between the images.
    Change(Change),
}

impl Test {
    /// This test and those inside it.
    pub fn all(&self) -> Vec<&Self> {
        let inner: &[Self] = match self {
            Self::AnythingBut(tests) | Self::All(tests) | Self::ContainsAll(tests) => tests,
            _ => &[],
        };
        std::iter::once(self).chain(inner.iter().flat_map(Self::all)).collect()
    }
}

/// What became of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was added, removed or has another value.
    Any,
    /// It had one value, or none, and has another.
    FromTo(Box<Test>, Box<Test>),
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
}

impl Change {
    /// The operator.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Any | Self::FromTo(..) => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A compiled regular expression; two are equal that have equal texts.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As it was written.
    pub text: String,
    regex: Regex,
}

impl Expression {
    /// Compiles an expression, which has to describe a text from its start to its end. It matches in linear time.
    pub fn parse(text: &str) -> Option<Self> {
        let regex = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(EXPRESSION_BYTES).build().ok()?;
        // A bracket too many would close the group.
        RegexBuilder::new(text).size_limit(EXPRESSION_BYTES).build().ok()?;
        Some(Self { text: text.to_owned(), regex })
    }
}

/// Memory of a compiled expression.
const EXPRESSION_BYTES: usize = 1 << 20;

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

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
    /// Whether it reaches from below zero to zero or above.
    pub fn spans_zero(&self) -> bool {
        let is_negative = |bound: &Bound| bound.number.to_string().starts_with('-');
        self.low.as_ref().is_none_or(is_negative) && !self.high.as_ref().is_some_and(is_negative)
    }

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
    /// A number that is written as text: what N holds.
    Digits(&'a [u8]),
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
        let (Scalar::Number(text) | Scalar::Digits(text)) = self.scalar else {
            return None;
        };
        self.number.get_or_init(|| Number::parse_any_size(text).ok()).as_ref()
    }

    fn is_text(&self) -> bool {
        matches!(self.scalar, Scalar::Text(_) | Scalar::Digits(_))
    }
}

impl Test {
    /// Whether a value passes.
    pub fn passes(&self, subject: &Subject<'_>) -> bool {
        match (self, subject.scalar) {
            (Self::Text(wanted), Scalar::Text(found) | Scalar::Digits(found)) => wanted.as_bytes() == found,
            (Self::Number { text, value }, Scalar::Number(found) | Scalar::Digits(found)) => {
                text.as_bytes() == found || value.as_ref().is_some_and(|value| Some(value) == subject.number())
            }
            (Self::Boolean(wanted), Scalar::Boolean(found)) => *wanted == found,
            (Self::Null, Scalar::Null) | (Self::Exists, _) => true,
            (Self::Prefix(wanted), Scalar::Text(found) | Scalar::Digits(found)) => found.starts_with(wanted.as_bytes()),
            (Self::Suffix(wanted), Scalar::Text(found) | Scalar::Digits(found)) => found.ends_with(wanted.as_bytes()),
            (Self::Range(range), Scalar::Number(_) | Scalar::Digits(_)) => {
                subject.number().is_some_and(|number| range.contains(number))
            }
            (Self::AnythingBut(tests), _) => !tests.iter().any(|test| test.passes(subject)),
            (Self::All(tests), _) => tests.iter().all(|test| test.passes(subject)),
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
            Self::Regex(expression) => expression.regex.is_match(text),
            Self::FoldedWildcard(wildcard) => wildcard.matches(&folded(text)),
            _ => false,
        }
    }

    /// Whether an attribute value passes, or the lack of one. Of a set or list any member may.
    pub fn passes_value(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Absent, value) => value.is_none(),
            (_, None) => false,
            (Self::Exists, _) => true,
            (Self::All(tests), value) => tests.iter().all(|test| test.passes_value(value)),
            (Self::ContainsAll(tests), Some(Value::Set(..) | Value::List(_))) => {
                tests.iter().all(|test| test.passes_value(value))
            }
            (_, Some(Value::Set(_, members))) => members.iter().any(|member| self.passes_value(Some(member))),
            (_, Some(Value::List(elements))) => elements.iter().any(|element| self.passes_value(Some(element))),
            (_, Some(value)) => self.passes_one(value),
        }
    }

    fn passes_one(&self, value: &Value) -> bool {
        let passes = |scalar, text: &str| self.passes(&Subject::new(scalar, text));
        match value {
            Value::String(text) => passes(Scalar::Text(text.as_bytes()), text),
            Value::Binary(bytes) => {
                let text = binary::encode(bytes);
                passes(Scalar::Text(text.as_bytes()), &text)
            }
            Value::Number(number) => passes(Scalar::Number(number.to_string().as_bytes()), ""),
            Value::Boolean(value) => passes(Scalar::Boolean(*value), ""),
            Value::Null => passes(Scalar::Null, ""),
            _ => false,
        }
    }
}
