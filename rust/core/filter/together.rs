//! What the conditions of a pattern mean together: told without any record.

use super::compile::{Leaf, Rule};
use super::lint::{Element, Lint};
use super::pattern::{Change, Test};
use super::quirks::{Asked, afloat, hidden, share};
use crate::core::value::Value;

impl<'a> Lint<'a> {
    /// What a pattern says as a whole, and each of its alternatives.
    pub(super) fn together(&mut self, rules: &[Rule]) {
        let tree = &self.source.tree;
        let dead: Vec<Option<&str>> = rules.iter().map(|rule| dead(&self.leaves(rule))).collect();
        for reason in dead.iter().flatten() {
            if dead.iter().all(Option::is_some) {
                self.warn("never-matches", tree, &[], *reason);
            } else {
                self.warn("dead-branch", tree, &[], format!("a branch of $or never matches: {reason}"));
            }
        }
        for (rule, dead) in rules.iter().zip(&dead) {
            if dead.is_none() {
                self.later_write(rule);
            }
            self.absent_in_list(rule);
        }
        if !self.is_extended() {
            self.losses(rules);
        }
    }

    fn leaves(&self, rule: &Rule) -> Vec<&'a Leaf> {
        rule.leaves.iter().filter_map(|&leaf| self.filters.leaf(leaf)).collect()
    }

    fn later_write(&mut self, rule: &Rule) {
        let leaves = self.leaves(rule);
        let compares =
            leaves.iter().any(|leaf| leaf.compares.is_some() || inside(leaf).starts_with("dynamodb.OldImage."));
        if compares || !rule.nots.is_empty() || !may_be(&leaves, "MODIFY") {
            return;
        }
        let state = leaves
            .iter()
            .find(|leaf| !leaf.absent && attribute(leaf, "NewImage").is_some_and(|name| !self.is_key(name)));
        let Some(element) = state.and_then(|leaf| self.elements(leaf).last()) else { return };
        if !leaves.iter().any(|leaf| self.is_wrong(leaf)) {
            let message = "this asks for the state after a change: it matches every later write to such an item, too. To match only the change to it, ask in OldImage for anything-but the same, or for exists: false";
            let (tree, mut steps) = (element.tree, element.steps.clone());
            steps.pop();
            self.warn("every-later-write", tree, &steps, message);
        }
    }

    fn elements(&self, leaf: &Leaf) -> &[Element<'a>] {
        let asked = self.asked.iter().find(|(path, _)| *path == leaf.path);
        asked.map_or(&[], |(_, elements)| elements)
    }

    /// Whether an attribute is a key, as far as can be told: no write changes it.
    fn is_key(&self, name: &str) -> bool {
        let often = ["pk", "sk", "id"].iter().any(|key| key.eq_ignore_ascii_case(name));
        often || self.filters.leaves.iter().any(|leaf| attribute(leaf, "Keys") == Some(name))
    }

    /// Whether something else is wrong with a path.
    fn is_wrong(&self, leaf: &Leaf) -> bool {
        let elements = self.elements(leaf);
        let errors = self.found.iter().filter(|warning| warning.severity() == "error" && !warning.path.is_empty());
        errors.into_iter().any(|error| elements.iter().any(|element| element.steps.starts_with(&error.path)))
    }

    /// `exists: false` looks at the elements that paths before it, in the order of their names, have chosen.
    fn absent_in_list(&mut self, rule: &Rule) {
        let leaves = self.leaves(rule);
        for leaf in leaves.iter().filter(|leaf| leaf.absent) {
            let Some((list, _)) = leaf.path.rsplit_once(".L.") else { continue };
            let beside =
                leaves.iter().any(|other| other.path != leaf.path && other.path.starts_with(&format!("{list}.L.")));
            if beside {
                let message = format!(
                    "inside a list, exists: false at {} looks only at the element that names before it in the alphabet have chosen: with other names the same pattern answers otherwise",
                    leaf.path
                );
                self.warn("absent-in-list", &self.source.tree, &[], message);
            }
        }
    }

    /// Where AWS may lose a match.
    fn losses(&mut self, rules: &[Rule]) {
        let asked = std::mem::take(&mut self.asked);
        for (path, elements) in &asked {
            let mut tests: Vec<&Test> = elements.iter().map(|element| &element.test).collect();
            if !elements.iter().zip(elements.iter().skip(1)).all(|(one, other)| one.is_beside(other)) {
                // In which order event-ruler takes branches of $or is not known: each stands before and behind others.
                tests.extend_from_within(..);
            }
            let element = |place: usize| elements.get(place % elements.len());
            if let Some(element) = hidden(&tests).and_then(element) {
                let message = format!(
                    "a range of numbers below and above zero, and then another text, follow this text at {path}: AWS may then not match this one; put numeric first"
                );
                self.warn("text-before-range", element.tree, &element.steps, message);
            }
            if let Some(element) = afloat(&tests).and_then(element) {
                let message = format!(
                    "what stands before the star also starts a text whose case is ignored, which follows at {path}: AWS may then find that behind the star, too; put equals-ignore-case before the wildcard"
                );
                self.warn("case-behind-star", element.tree, &element.steps, message);
            }
        }
        self.shared(rules);
    }

    fn shared(&mut self, rules: &[Rule]) {
        let asked = |rule: &Rule| -> Vec<Asked<'_>> {
            self.leaves(rule).into_iter().map(|leaf| (leaf.path.as_str(), leaf.tests.as_slice())).collect()
        };
        let all: Vec<Vec<Asked<'_>>> = rules.iter().map(asked).collect();
        let pairs =
            all.iter().enumerate().flat_map(|(index, one)| all.iter().take(index).map(move |other| (one, other)));
        let Some(paths) = pairs
            .into_iter()
            .find(|(one, other)| share(one, other))
            .map(|(one, _)| one.iter().map(|(path, _)| *path).collect::<Vec<_>>().join(", "))
        else {
            return;
        };
        let message = format!(
            "two branches of $or have a value in common at each of their paths ({paths}): AWS may take them for one and drop the other; where they differ at one path, write one branch with all values, else two filters"
        );
        if let Some((tree, steps)) = self.ors.first().cloned() {
            self.warn("or-shared", tree, &steps, message);
        }
    }
}

/// A path from the record on: in Kinesis it is in `data`.
fn inside(leaf: &Leaf) -> &str {
    leaf.path.strip_prefix("data.").unwrap_or(&leaf.path)
}

/// The first name inside of an image.
fn attribute<'a>(leaf: &'a Leaf, image: &str) -> Option<&'a str> {
    let rest = inside(leaf).strip_prefix("dynamodb.")?.strip_prefix(image)?.strip_prefix('.')?;
    rest.split('.').next()
}

/// Why no record can meet all of these.
fn dead(leaves: &[&Leaf]) -> Option<&'static str> {
    let (insert, modify, remove) = (may_be(leaves, "INSERT"), may_be(leaves, "MODIFY"), may_be(leaves, "REMOVE"));
    if !insert && !modify && !remove {
        // Then eventName is wrong by itself, and told there.
        return None;
    }
    let compared = || leaves.iter().filter(|leaf| leaf.compares.is_some());
    if !insert && !modify && (needs(leaves, "NewImage") || compared().any(|leaf| leaf.tests.iter().all(needs_new))) {
        return Some("a REMOVE has no NewImage");
    }
    let old = needs(leaves, "OldImage") || compared().any(|leaf| leaf.tests.iter().all(needs_old));
    (!modify && !remove && old).then_some("an INSERT has no OldImage")
}

fn may_be(leaves: &[&Leaf], name: &str) -> bool {
    let value = Value::String(name.to_owned());
    let mut names = leaves.iter().filter(|leaf| inside(leaf) == "eventName");
    names.all(|leaf| leaf.tests.iter().any(|test| test.passes_value(Some(&value))))
}

/// Whether something has to stand in an image.
fn needs(leaves: &[&Leaf], image: &str) -> bool {
    leaves.iter().any(|leaf| !leaf.absent && leaf.compares.is_none() && attribute(leaf, image).is_some())
}

fn needs_new(test: &Test) -> bool {
    match test {
        Test::Change(Change::Added) => true,
        Test::Change(Change::FromTo(_, to)) => !to.passes_value(None),
        _ => false,
    }
}

fn needs_old(test: &Test) -> bool {
    match test {
        Test::Change(Change::Removed) => true,
        Test::Change(Change::FromTo(from, _)) => !from.passes_value(None),
        _ => false,
    }
}
