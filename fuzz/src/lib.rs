//! What the core makes of any bytes, held against plain references. A check panics where the two disagree.
//!
//! `targets/` runs the checks under libFuzzer, `tests/replay.rs` runs them over `corpus/`.

pub mod diff;
pub mod event;
pub mod item;
pub mod matches;
pub mod number;
pub mod pattern;
mod plain;
pub mod reference;
mod strict;

use tailrace::core::error::{Error, ErrorKind};

/// What became of an input on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was read.
    Read,
    /// All or a part of it was refused.
    Refused,
}

impl Outcome {
    /// Read, if this is.
    pub fn of(read: bool) -> Self {
        if read { Self::Read } else { Self::Refused }
    }

    /// Read, if both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::of(self == Self::Read && other == Self::Read)
    }
}

/// Makes sure that an error says what is wrong in a way that can be shown, and that a position lies in the text.
pub fn check_error(error: &Error, length: usize) {
    assert!(!error.message().is_empty() && error.to_string().starts_with(error.message()));
    assert_ne!(error.kind(), ErrorKind::Foreign, "nothing foreign was read");
    if error.kind() == ErrorKind::Json {
        let position = error.message().split(" at byte ").nth(1).and_then(|rest| rest.split(' ').next());
        let position: usize = position.and_then(|digits| digits.parse().ok()).expect("broken JSON says where");
        assert!(position <= length, "{error} in {length} bytes");
    }
}
