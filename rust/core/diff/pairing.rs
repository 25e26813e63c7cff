//! Which member of one map is which of another. Maps are mostly in the same order, so the place behind the last match
//! is looked at first. The cost stays linear in the number of names, whatever their order.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::marks::Marks;
use super::shallow::Member;
use super::trail::Side;
use crate::core::error::Error;
use crate::core::node::{Node, Text};
use crate::core::value::duplicate_name;

/// Up to this many names are searched one by one, which is faster than to hash them.
const FEW: usize = 64;

/// For each new member the place of the old one of its name. No name may stand twice in one map: an error says in which.
pub fn partners<N: Node>(old: &[Member<N>], new: &[Member<N>]) -> Result<Vec<Option<usize>>, (Side, Error)> {
    let of = |side| move |error| (side, error);
    let (old, new) = (names(old).map_err(of(Side::Old))?, names(new).map_err(of(Side::New))?);
    let found = if old.len() > FEW { by_hash(&old, &new) } else { by_search(&old, &new) };
    unique(&old, &new, &found)?;
    Ok(found)
}

type Name<'a> = Cow<'a, [u8]>;

fn names<N: Node>(members: &[Member<N>]) -> Result<Vec<Name<'_>>, Error> {
    members.iter().map(|member| member.name.bytes()).collect()
}

fn by_search(old: &[Name<'_>], new: &[Name<'_>]) -> Vec<Option<usize>> {
    let mut next = 0;
    let place = |name| {
        let found = if old.get(next) == Some(name) { Some(next) } else { old.iter().position(|other| other == name) };
        next = found.map_or(next, |found| found + 1);
        found
    };
    new.iter().map(place).collect()
}

fn by_hash(old: &[Name<'_>], new: &[Name<'_>]) -> Vec<Option<usize>> {
    let mut places = None;
    let mut next = 0;
    let place = |name: &Name<'_>| {
        let found = if old.get(next) == Some(name) {
            Some(next)
        } else {
            let places = places.get_or_insert_with(|| {
                old.iter().enumerate().map(|(at, name)| (&**name, at)).collect::<HashMap<_, _>>()
            });
            places.get(&**name).copied()
        };
        next = found.map_or(next, |found| found + 1);
        found
    };
    new.iter().map(place).collect()
}

/// Makes sure that no name stands twice. Where each new name is there once, an old one that is there twice has at most
/// one partner, so that only those without are to be looked at.
fn unique(old: &[Name<'_>], new: &[Name<'_>], found: &[Option<usize>]) -> Result<(), (Side, Error)> {
    all_differ(new).map_err(|error| (Side::New, error))?;
    if found.iter().flatten().count() == old.len() {
        return Ok(());
    }
    all_differ(old).map_err(|error| (Side::Old, error))
}

fn all_differ(names: &[Name<'_>]) -> Result<(), Error> {
    if surely_differ(names) {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(names.len());
    match names.iter().find(|name| !seen.insert(&***name)) {
        Some(twice) => Err(duplicate_name().at_name(twice)),
        None => Ok(()),
    }
}

/// Whether each name leaves a mark of its own: to hash a few names well takes longer than to compare two images of them.
fn surely_differ(names: &[Name<'_>]) -> bool {
    let mut marks = Marks::default();
    names.len() <= FEW && names.iter().all(|name| marks.is_new(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name once: steps that share no factor with the count lead to each.
    fn names(count: usize, step: usize) -> Vec<String> {
        (0..count).map(|at| format!("attribute {}", at * step % count)).collect()
    }

    fn found(old: &[String], new: &[String]) -> Vec<Option<usize>> {
        let bytes = |names: &[String]| names.iter().map(|name| Cow::Owned(name.clone().into_bytes())).collect();
        let (old, new): (Vec<Name<'_>>, Vec<Name<'_>>) = (bytes(old), bytes(new));
        let found = by_hash(&old, &new);
        assert_eq!(found, by_search(&old, &new));
        assert!(unique(&old, &new, &found).is_ok());
        found
    }

    #[test]
    fn every_name_finds_its_like_in_any_order() {
        for count in [0_usize, 1, 2, 63, 64, 65, 1000] {
            for step in [1, count.saturating_sub(1).max(1), 11, 17] {
                let (old, new) = (names(count, 1), names(count, step));
                for (name, place) in new.iter().zip(found(&old, &new)) {
                    assert_eq!(place.and_then(|place| old.get(place)), Some(name));
                }
            }
        }
    }

    #[test]
    fn names_of_one_side_have_no_partner() {
        let text = |names: &str| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(found(&text("a b c"), &text("x c a")), [None, Some(2), Some(0)]);
        assert_eq!(found(&text(""), &text("a")), [None]);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_wherever_it_is() {
        let is_unique = |old: &str, new: &str| {
            let cut = |names: &'static [u8]| names.chunks(1).map(Cow::Borrowed).collect::<Vec<_>>();
            let (old, new) = (cut(old.to_owned().leak().as_bytes()), cut(new.to_owned().leak().as_bytes()));
            unique(&old, &new, &by_search(&old, &new)).is_ok()
        };
        assert!(is_unique("abc", "cab") && is_unique("ab", "xy") && is_unique("", ""));
        for (old, new) in
            [("aa", "aa"), ("aa", "a"), ("a", "aa"), ("aba", "ab"), ("xx", "a"), ("", "aa"), ("abb", "cab")]
        {
            assert!(!is_unique(old, new), "{old} {new}");
        }
    }
}
