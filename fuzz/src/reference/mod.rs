//! Slow and plain readings that share no code with the core.

pub mod base64;
pub mod event;
pub mod filter;
mod filter_value;
pub mod item;
pub mod json;
pub mod number;
pub mod tree;

/// The input means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;
