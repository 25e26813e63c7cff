//! The three languages: what Lambda documents, what EventBridge takes, and what tailrace adds.

/// Which operators a pattern may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// What an event source mapping is documented to take.
    Lambda,
    /// All that an EventBridge rule takes.
    EventBridge,
    /// All of that, and ours.
    Extended,
}

/// The operators of Lambda, in the order of the alphabet.
const LAMBDA: &[&str] = &["anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix"];

/// Those of EventBridge.
const EVENTBRIDGE: &[&str] =
    &["anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard"];

/// Those of tailrace as well.
const EXTENDED: &[&str] = &[
    "$and",
    "$not",
    "added",
    "anything-but",
    "changed",
    "cidr",
    "contains-all",
    "equals-ignore-case",
    "exactly",
    "exists",
    "numeric",
    "prefix",
    "regex",
    "removed",
    "suffix",
    "wildcard",
];

impl Dialect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::EventBridge => "eventbridge",
            Self::Extended => "extended",
        }
    }

    /// Its operators.
    pub fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Lambda => LAMBDA,
            Self::EventBridge => EVENTBRIDGE,
            Self::Extended => EXTENDED,
        }
    }

    /// The smallest dialect that has an operator.
    pub fn of_operator(name: &str) -> Option<Self> {
        [Self::Lambda, Self::EventBridge, Self::Extended]
            .into_iter()
            .find(|dialect| dialect.operators().contains(&name))
    }
}
