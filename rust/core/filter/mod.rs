//! The filter language of Lambda and EventBridge: what a pattern means, and which records it matches.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>

mod address;
mod arrays;
mod changed;
mod combine;
mod compile;
mod counterpart;
mod criteria;
mod dialect;
mod excluded;
mod explain;
mod export;
mod expression;
mod fault;
mod fitting;
mod fold;
mod found;
mod hint;
mod indexed;
mod leaves;
mod lint;
mod matcher;
mod members;
mod mismatch;
mod naming;
mod numeric;
mod ours;
mod parse;
mod paths;
mod pattern;
mod quirks;
mod records;
mod scalars;
mod shape;
mod suggest;
mod together;
mod wildcard;

pub use compile::{Filters, Leaf, Rule};
pub use criteria::Source;
pub use dialect::Dialect;
pub use explain::{Alternative, Explanation, OfFilter, OfPath, explain};
pub use export::export;
pub use fault::{Fault, Refusal};
pub use found::Found;
pub use lint::{Warning, lint};
pub use matcher::Matcher;
pub use members::{Flow, Members, Named, Scanned};
pub use parse::Tree;
pub use paths::{Branch, Key, Paths};
pub use shape::Origin;
