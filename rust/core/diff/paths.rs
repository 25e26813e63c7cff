//! Which paths a diff looks at, passes by, or hides.

use std::collections::HashMap;

use crate::core::error::{Error, Step};

/// What is asked of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Nothing else is looked at.
    Only,
    /// It is passed by.
    Ignore,
    /// It is compared and not shown.
    Mask,
}

/// How a diff is made.
#[derive(Default)]
pub struct Rules {
    whole_lists: bool,
    is_partial: bool,
    has_only: bool,
    root: Branch,
}

/// What is asked of one path, and of those within.
#[derive(Default)]
struct Branch {
    names: HashMap<String, Branch>,
    positions: HashMap<usize, Branch>,
    asked: Vec<Concern>,
    /// Whether something within is masked.
    masks: bool,
}

impl Rules {
    /// Rules that ask nothing of any path; a list may change as a whole or by its positions.
    pub fn new(whole_lists: bool) -> Self {
        Self { whole_lists, ..Self::default() }
    }

    /// Asks something of a path, outermost step first.
    pub fn add(&mut self, concern: Concern, path: Vec<Step>) {
        self.is_partial = true;
        self.has_only |= concern == Concern::Only;
        let branch = path.into_iter().fold(&mut self.root, |branch, step| {
            branch.masks |= concern == Concern::Mask;
            match step {
                Step::Name(name) => branch.names.entry(name).or_default(),
                Step::Index(index) => branch.positions.entry(index).or_default(),
            }
        });
        branch.asked.push(concern);
    }

    /// Whether a list changes as a whole.
    pub fn whole_lists(&self) -> bool {
        self.whole_lists
    }

    /// Whether anything is asked of any path: then the diff may not tell all.
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Whether any value is not to be shown.
    pub fn masks(&self) -> bool {
        self.root.masks
    }

    /// The error of one of two items, whose name is the first step of its path. Of what is masked it tells no more than
    /// that: names inside are part of the value.
    #[cold]
    pub fn hide(&self, error: Error, has_tags: bool) -> Error {
        // Between the steps of an attribute value stand type tags.
        let stride = if has_tags { 2 } else { 1 };
        match self.masked_depth(error.path().skip(1).step_by(stride)) {
            Some(depth) => error.hidden("a masked value is broken", 2 + depth * stride),
            None => error,
        }
    }

    /// How many steps lie before the one with which a path becomes masked, or before its last where something inside is.
    fn masked_depth<'a>(&self, path: impl Iterator<Item = &'a Step>) -> Option<usize> {
        let (mut branch, mut last) = (&self.root, None);
        for (depth, step) in path.enumerate() {
            branch = match step {
                Step::Name(name) => branch.names.get(name)?,
                Step::Index(index) => branch.positions.get(index)?,
            };
            if asks(Some(branch), Concern::Mask) {
                return Some(depth);
            }
            last = Some(depth);
        }
        last.filter(|_| branch.masks)
    }

    /// Where a walk begins.
    pub fn root(&self) -> Scope<'_> {
        Scope { branch: self.is_partial.then_some(&self.root), chosen: !self.has_only, masked: false }
    }
}

/// What the rules say at one place of a walk.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    branch: Option<&'a Branch>,
    chosen: bool,
    /// Whether this place or one around it is hidden.
    masked: bool,
}

impl Scope<'_> {
    /// The same for a member of a map.
    pub fn name(self, name: &str) -> Self {
        self.within(self.branch.and_then(|branch| branch.names.get(name)))
    }

    /// The same for an element of a list.
    pub fn index(self, index: usize) -> Self {
        self.within(self.branch.and_then(|branch| branch.positions.get(&index)))
    }
}

impl<'a> Scope<'a> {
    fn within(self, branch: Option<&'a Branch>) -> Self {
        Self {
            branch,
            chosen: self.chosen || asks(branch, Concern::Only),
            masked: self.masked || asks(branch, Concern::Mask),
        }
    }

    /// Whether neither this place nor any within is looked at.
    pub fn is_outside(self) -> bool {
        if self.branch.is_some() { asks(self.branch, Concern::Ignore) } else { !self.chosen }
    }

    /// Whether this place is looked at, and not only some within.
    pub fn is_chosen(self) -> bool {
        self.chosen
    }

    /// Whether this place is hidden, so that not even what changed inside is told.
    pub fn is_masked(self) -> bool {
        self.masked
    }

    /// Whether the whole value would show something hidden.
    pub fn hides(self) -> bool {
        self.masked || self.branch.is_some_and(|branch| branch.masks)
    }
}

fn asks(branch: Option<&Branch>, concern: Concern) -> bool {
    branch.is_some_and(|branch| branch.asked.contains(&concern))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<Step> {
        text.split('.').map(|step| step.parse().map_or_else(|_| Step::Name(step.to_owned()), Step::Index)).collect()
    }

    #[test]
    fn without_rules_everything_is_chosen() {
        let rules = Rules::new(true);
        let scope = rules.root().name("a").index(3);
        assert!(scope.is_chosen() && !scope.is_outside() && !scope.hides());
        assert!(!rules.is_partial() && rules.whole_lists());
    }

    #[test]
    fn only_chooses_what_lies_within() {
        let mut rules = Rules::default();
        rules.add(Concern::Only, path("a.0"));
        let root = rules.root();
        assert!(!root.is_chosen() && !root.is_outside());
        assert!(root.name("b").is_outside() && root.name("a").index(1).is_outside());
        assert!(!root.name("a").is_outside() && !root.name("a").is_chosen());
        assert!(root.name("a").index(0).name("x").is_chosen());
        assert!(root.name("a").name("0").is_outside());
    }

    #[test]
    fn ignored_and_hidden_places() {
        let mut rules = Rules::default();
        rules.add(Concern::Ignore, path("a"));
        rules.add(Concern::Mask, path("b.c"));
        let root = rules.root();
        assert!(root.name("a").is_outside() && root.name("x").is_chosen());
        assert!(root.name("b").hides() && !root.name("b").is_masked());
        assert!(root.name("b").name("c").is_masked() && !root.name("b").name("d").hides());
    }

    #[test]
    fn an_error_tells_nothing_of_what_is_masked() {
        let mut rules = Rules::default();
        rules.add(Concern::Mask, path("b.0"));
        let told = |steps: &str, has_tags| {
            let error = path(steps).into_iter().rev().fold(Error::value("bad"), Error::at);
            rules.hide(error, has_tags).to_string()
        };
        assert_eq!(told("new.b.0.x.y", false), "a masked value is broken at new.b[0]");
        assert_eq!(told("new.b.L.0.M.x.N", true), "a masked value is broken at new.b.L[0]");
        assert_eq!(told("new.b.L.0", true), "a masked value is broken at new.b.L[0]");
        assert_eq!(told("new.b", true), "a masked value is broken at new.b");
        for (seen, has_tags) in [("new", false), ("new.a", true), ("new.b.L.1.S", true), ("new.b.1", false)] {
            assert!(told(seen, has_tags).starts_with("bad at new"), "{seen}");
        }
        assert_eq!(Rules::default().hide(Error::value("bad"), true).to_string(), "bad");
    }
}
