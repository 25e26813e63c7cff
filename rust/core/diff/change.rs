//! One change.

use super::trail::Side;
use crate::core::error::Step;

/// What happened at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It has another value.
    Changed,
}

/// One change. No path of a diff lies within another.
#[derive(Debug)]
pub struct Change<K> {
    /// Where, outermost step first.
    pub path: Vec<Step>,
    /// The value before; None where there was none.
    pub old: Option<K>,
    /// The value after; None where there is none.
    pub new: Option<K>,
    /// Whether the values are not to be shown.
    pub masked: bool,
}

impl<K> Change<K> {
    /// What happened.
    pub fn kind(&self) -> ChangeKind {
        match (&self.old, &self.new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }

    /// The value on one side.
    pub fn value(&self, side: Side) -> Option<&K> {
        match side {
            Side::Old => self.old.as_ref(),
            Side::New => self.new.as_ref(),
        }
    }
}
