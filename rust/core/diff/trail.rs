//! Where in two items a walk is.

use crate::core::error::{Error, Step};

/// One of the two items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The item before.
    Old,
    /// The item after.
    New,
}

/// What the two are called where the caller gave them: the first step of an error's path.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    /// The one before.
    pub old: &'static str,
    /// The one after.
    pub new: &'static str,
}

/// The way from the item to the place of a walk, innermost step first.
#[derive(Clone, Copy)]
pub struct Trail<'a> {
    /// The way to what is around.
    pub outer: Option<&'a Trail<'a>>,
    /// The last step.
    pub here: Here<'a>,
}

/// One step of it.
#[derive(Clone, Copy)]
pub enum Here<'a> {
    /// A member of a map.
    Name(&'a str),
    /// A position of a list.
    Index(usize),
}

impl<'a> Trail<'a> {
    /// A step further.
    pub fn new(outer: Option<&'a Trail<'a>>, here: Here<'a>) -> Self {
        Self { outer, here }
    }

    /// The steps, outermost first.
    pub fn path(&self) -> Vec<Step> {
        let mut path: Vec<Step> = std::iter::successors(Some(self), |trail| trail.outer)
            .map(|trail| match trail.here {
                Here::Name(name) => Step::Name(name.to_owned()),
                Here::Index(index) => Step::Index(index),
            })
            .collect();
        path.reverse();
        path
    }
}

/// The error of a value at this path of an item, the type tags of what is around between the steps where the source
/// has any.
#[cold]
pub fn locate(error: Error, path: &[Step], has_tags: bool, item: &'static str) -> Error {
    let inner = path.iter().enumerate().rev().fold(error, |error, (depth, step)| {
        let error = error.at(step.clone());
        match step {
            Step::Name(_) if has_tags && depth > 0 => error.at_name(b"M"),
            Step::Index(_) if has_tags => error.at_name(b"L"),
            _ => error,
        }
    });
    if item.is_empty() { inner } else { inner.at_name(item.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_tags_that_the_source_has() {
        let path = [Step::Name("a".into()), Step::Index(0), Step::Name("b".into())];
        let at = |tags, item| locate(Error::value("bad"), &path, tags, item).to_string();
        assert_eq!(at(true, "NewImage"), "bad at NewImage.a.L[0].M.b");
        assert_eq!(at(false, ""), "bad at a[0].b");
    }
}
