//! One walk through a record for all filters: it goes only where a path leads, and ends as soon as the answer is known.

use super::arrays::{Field, Member, Outside, meets};
use super::compile::{Filters, Leaf, Rule};
use super::leaves::Leaves;
use super::members::{Flow, Members, Named, Scanned};
use super::paths::Branch;
use super::pattern::{Subject, Test};
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node};

/// Holds records against filters, one after the other.
pub struct Matcher<'f> {
    pub(super) filters: &'f Filters,
    /// Leaves that have a value outside of arrays of objects.
    there: Leaves,
    /// Leaves that such a value passes.
    pub(super) passed: Leaves,
    /// Values inside arrays.
    pub(super) fields: Vec<Field>,
    /// Where in arrays the walk is.
    members: Vec<Member>,
    arrays: u32,
    depth: u32,
    /// Rules that can still be met, while there are at most 64.
    alive: u64,
    /// Whether all is read, even when the answer is known.
    pub(super) is_thorough: bool,
    /// For each value of contains-all that some member was: its leaf, test and place.
    contained: Vec<(u32, usize, usize)>,
}

impl Outside for Matcher<'_> {
    fn passes(&self, leaf: u32) -> bool {
        self.passed.has(leaf)
    }

    fn is_there(&self, leaf: u32) -> bool {
        self.there.has(leaf)
    }

    fn may_lack(&self, leaf: u32) -> bool {
        self.filters.leaf(leaf).is_some_and(|leaf| leaf.absent)
    }
}

impl<'f> Matcher<'f> {
    /// For these filters.
    pub fn new(filters: &'f Filters) -> Self {
        Self {
            filters,
            there: Leaves::default(),
            passed: Leaves::default(),
            fields: Vec::new(),
            members: Vec::new(),
            arrays: 0,
            depth: 0,
            alive: filters.all_rules,
            contained: Vec::new(),
            is_thorough: false,
        }
    }

    #[inline]
    pub(super) fn reset(&mut self) {
        self.there.clear();
        self.passed.clear();
        self.fields.clear();
        self.members.clear();
        self.contained.clear();
        (self.arrays, self.depth, self.alive) = (0, 0, self.filters.all_rules);
    }

    /// Whether any filter matches this event. No filters at all match every event.
    pub fn matches<N: Node>(&mut self, members: &impl Members<N>, node: &mut N) -> Result<bool, Error> {
        Ok(self.run(members, node)? == Flow::Match)
    }

    /// The same for JSON text.
    pub fn matches_json(&mut self, node: &mut JsonNode<'_>) -> Result<bool, Error> {
        let mut again = node.clone();
        match self.run(&Scanned { of_record: false }, node)? {
            Flow::Again => self.matches(&Named, &mut again),
            flow => Ok(flow == Flow::Match),
        }
    }

    fn run<N: Node>(&mut self, members: &impl Members<N>, node: &mut N) -> Result<Flow, Error> {
        match self.walk(members, node)? {
            Flow::On if self.evaluate() => Ok(Flow::Match),
            flow => Ok(flow),
        }
    }

    pub(super) fn walk<N: Node>(&mut self, members: &impl Members<N>, node: &mut N) -> Result<Flow, Error> {
        let kind = node.kind()?;
        if kind != Kind::Object {
            return Err(Error::event(format!("filters match a JSON object, found {}", kind.name())));
        }
        if self.filters.filters.is_empty() {
            return Ok(Flow::Match);
        }
        self.reset();
        self.object(members, node, 0, true).map_err(|error| error.into_kind(ErrorKind::Event))
    }

    pub(super) fn evaluate(&self) -> bool {
        self.filters.rules.iter().any(|rule| self.is_met_by(rule))
    }

    pub(super) fn is_met_by(&self, rule: &Rule) -> bool {
        let all = if self.fields.is_empty() {
            rule.leaves.iter().all(|&leaf| self.is_met(leaf))
        } else {
            meets(&rule.leaves, &self.fields, self)
        };
        all && rule.nots.iter().all(|&not| {
            let negated = self.filters.negated.get(not as usize).map_or(&[][..], Vec::as_slice);
            !negated.iter().any(|rule| self.is_met_by(rule))
        })
    }

    pub(super) fn is_met(&self, leaf: u32) -> bool {
        self.passed.has(leaf) || (self.may_lack(leaf) && !self.there.has(leaf))
    }

    fn object<N: Node>(
        &mut self,
        members: &impl Members<N>,
        node: &mut N,
        at: u32,
        direct: bool,
    ) -> Result<Flow, Error> {
        let filters = self.filters;
        members.each(filters, at, node, &mut |to, last, value| {
            let flow = match value {
                Some(value) => self.value(members, value, to, direct && last)?,
                None => Flow::On,
            };
            Ok(if flow == Flow::On && direct && last { self.settle(to) } else { flow })
        })
    }

    pub(super) fn value<N: Node>(
        &mut self,
        members: &impl Members<N>,
        node: &mut N,
        at: u32,
        direct: bool,
    ) -> Result<Flow, Error> {
        let filters = self.filters;
        let Some(branch) = filters.paths.branch(at) else {
            return node.skip().map(|()| Flow::On);
        };
        match node.kind()? {
            Kind::Object if !branch.attributes.is_empty() && self.are_there(&branch.attributes) == Flow::Match => {
                Ok(Flow::Match)
            }
            Kind::Array if !branch.lists.is_empty() && self.are_there(&branch.lists) == Flow::Match => Ok(Flow::Match),
            Kind::Object if branch.edges.is_empty() => node.skip().map(|()| Flow::On),
            Kind::Object => {
                self.enter()?;
                let flow = self.object(members, node, at, direct)?;
                self.depth -= 1;
                Ok(flow)
            }
            Kind::Array => self.array(members, node, at),
            _ if branch.leaves.is_empty() => node.skip().map(|()| Flow::On),
            kind => self.scalar(node, kind, branch),
        }
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > JSON_DEPTH { Err(Error::event("an event is nested too deep")) } else { Ok(()) }
    }

    /// An element that is an object or array is one of which all values must come; other elements stand for themselves.
    fn array<N: Node>(&mut self, members: &impl Members<N>, node: &mut N, at: u32) -> Result<Flow, Error> {
        self.enter()?;
        let array = self.arrays;
        self.arrays += 1;
        let start = self.contained.len();
        let mut index = 0;
        let flow = members.elements(node, &mut |element| {
            let inside = matches!(element.kind()?, Kind::Object | Kind::Array);
            if inside {
                self.members.push((array, index));
            }
            let at_index = |error: Error| error.at(Step::Index(index as usize));
            let flow = self.value(members, element, at, false).map_err(at_index)?;
            if inside {
                self.members.pop();
            }
            index += 1;
            Ok(flow)
        })?;
        self.depth -= 1;
        if flow == Flow::On && self.filters.contains && self.contained.len() > start {
            Ok(self.hold_all(start))
        } else {
            Ok(flow)
        }
    }

    /// What some leaves ask for by `exists` is there.
    fn are_there(&mut self, leaves: &[u32]) -> Flow {
        let filters = self.filters;
        for &number in leaves {
            let Some(leaf) = filters.leaf(number) else { continue };
            if self.found(number, leaf.tests.contains(&Test::Exists), leaf.absent) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    /// The sets and lists that end here, of which some leaves ask for several members.
    fn hold_all(&mut self, start: usize) -> Flow {
        let filters = self.filters;
        for (number, leaf) in (0_u32..).zip(&filters.leaves).filter(|(_, leaf)| leaf.contains) {
            let passes = leaf.tests.iter().enumerate().any(|(place, test)| match test {
                Test::ContainsAll(wanted) => self.holds(start, (number, place), wanted.len()),
                _ => false,
            });
            if passes && self.found(number, true, false) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    /// Whether each value of one contains-all was some member.
    fn holds(&self, start: usize, asked: (u32, usize), wanted: usize) -> bool {
        let mut held = vec![false; wanted];
        for &(leaf, place, value) in self.contained.get(start..).unwrap_or_default() {
            if (leaf, place) == asked
                && let Some(value) = held.get_mut(value)
            {
                *value = true;
            }
        }
        held.into_iter().all(|is_held| is_held)
    }

    #[inline]
    pub(super) fn test(&mut self, subject: &Subject<'_>, branch: &Branch) -> Flow {
        let filters = self.filters;
        for &number in &branch.leaves {
            let Some(leaf) = filters.leaf(number) else { continue };
            if self.ask(number, leaf, subject) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    #[inline]
    pub(super) fn ask(&mut self, number: u32, leaf: &Leaf, subject: &Subject<'_>) -> Flow {
        let passes = leaf.tests.iter().any(|test| test.passes(subject));
        if leaf.contains {
            self.contain(number, &leaf.tests, subject);
        }
        self.found(number, passes, leaf.absent)
    }

    #[cold]
    fn contain(&mut self, leaf: u32, tests: &[Test], subject: &Subject<'_>) {
        for (place, test) in tests.iter().enumerate() {
            if let Test::ContainsAll(wanted) = test {
                let passed = wanted.iter().enumerate().filter(|(_, wanted)| wanted.passes(subject));
                self.contained.extend(passed.map(|(value, _)| (leaf, place, value)));
            }
        }
    }

    /// There is a value for a leaf.
    #[inline]
    pub(super) fn found(&mut self, leaf: u32, passes: bool, absent: bool) -> Flow {
        if !self.members.is_empty() {
            if passes || absent {
                self.keep(leaf, passes);
            }
            return Flow::On;
        }
        self.there.add(leaf);
        if passes {
            self.passed.add(leaf);
            if !self.is_thorough && self.is_known(leaf) {
                return Flow::Match;
            }
        }
        Flow::On
    }

    fn keep(&mut self, leaf: u32, passes: bool) {
        self.fields.push(Field { leaf, passes, members: self.members.clone().into_boxed_slice() });
    }

    /// Whether a rule is met for good, now that this leaf is. Only looked for where there are few rules.
    fn is_known(&self, leaf: u32) -> bool {
        let mut rules = self.filters.rules_of.get(leaf as usize).copied().unwrap_or(0);
        while rules != 0 {
            let rule = self.filters.rules.get(rules.trailing_zeros() as usize);
            if rule.is_some_and(|rule| !rule.is_open && rule.leaves.iter().all(|&leaf| self.passed.has(leaf))) {
                return true;
            }
            rules &= rules - 1;
        }
        false
    }

    /// All that there is at a branch has been seen: the rules whose leaves there are not met never will be.
    #[inline]
    pub(super) fn settle(&mut self, at: u32) -> Flow {
        let filters = self.filters;
        let leaves = filters.paths.branch(at).map_or(&[][..], |branch| match branch.attributes.as_slice() {
            [] => &branch.leaves,
            attributes => attributes,
        });
        if leaves.is_empty() || filters.rules.len() > 64 || !self.fields.is_empty() {
            return Flow::On;
        }
        for &leaf in leaves {
            if !self.is_met(leaf) && filters.leaf(leaf).is_some_and(|leaf| leaf.compares.is_none()) {
                self.alive &= !filters.rules_of.get(leaf as usize).copied().unwrap_or(0);
            }
        }
        if self.alive == 0 { Flow::NoMatch } else { Flow::On }
    }
}
