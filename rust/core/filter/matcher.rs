//! One walk through a record for all filters: it goes only where a path leads, and ends as soon as the answer is known.

use super::arrays::{Field, Member, Outside, meets};
use super::changed::changed_leaves;
use super::compile::{Filters, Rule};
use super::indexed::Part;
use super::members::{Flow, Members, Named, Scanned};
use super::paths::{Branch, Reads};
use super::pattern::{Scalar, Subject, Test};
use crate::core::binary;
use crate::core::error::{Error, ErrorKind, Step};
use crate::core::json_node::JsonNode;
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node, Source, Text};
use crate::core::record::Fields;

/// A set of leaves.
#[derive(Clone, Debug, Default)]
struct Leaves {
    low: u64,
    rest: Vec<u64>,
}

impl Leaves {
    #[inline]
    fn has(&self, leaf: u32) -> bool {
        if leaf < 64 {
            return self.low >> leaf & 1 == 1;
        }
        self.rest.get(leaf as usize / 64 - 1).is_some_and(|word| word >> (leaf % 64) & 1 == 1)
    }

    #[inline]
    fn add(&mut self, leaf: u32) {
        if leaf < 64 {
            self.low |= 1 << leaf;
            return;
        }
        let word = leaf as usize / 64 - 1;
        if self.rest.len() <= word {
            self.rest.resize(word + 1, 0);
        }
        if let Some(word) = self.rest.get_mut(word) {
            *word |= 1 << (leaf % 64);
        }
    }

    fn clear(&mut self) {
        self.low = 0;
        self.rest.clear();
    }
}

/// Holds records against filters, one after the other.
pub struct Matcher<'f> {
    filters: &'f Filters,
    /// Leaves that have a value outside of arrays of objects.
    there: Leaves,
    /// Leaves that such a value passes.
    passed: Leaves,
    /// Values inside arrays.
    fields: Vec<Field>,
    /// Where in arrays the walk is.
    members: Vec<Member>,
    arrays: u32,
    depth: u32,
    /// Rules that can still be met, while there are at most 64.
    alive: u64,
    /// Whether all is read, even when the answer is known.
    is_thorough: bool,
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

    /// Reads a whole event, so that each rule and leaf can be asked for.
    pub fn read_all<S: Source>(
        &mut self,
        source: &S,
        whole: &S::Kept,
        fields: Option<&Fields<S::Kept>>,
    ) -> Result<(), Error> {
        self.is_thorough = true;
        self.walk(&Named, &mut source.open(whole))?;
        match fields {
            Some(fields) => self.evaluate_with(source, fields).map(drop),
            None => Ok(()),
        }
    }

    /// Whether an alternative is met, after a whole event was read.
    pub fn meets_rule(&self, rule: &Rule) -> bool {
        self.is_met_by(rule)
    }

    /// Whether a leaf is met by itself.
    pub fn meets_leaf(&self, leaf: u32) -> bool {
        self.is_met(leaf) && !self.has_inside(leaf)
            || self.fields.iter().any(|field| field.leaf == leaf && field.passes)
    }

    /// Whether there are values for a leaf inside arrays.
    fn has_inside(&self, leaf: u32) -> bool {
        !self.passed.has(leaf) && self.fields.iter().any(|field| field.leaf == leaf)
    }

    #[inline]
    fn reset(&mut self) {
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

    /// The same for a record whose parts are known. Of a part that stands twice the last counts, as everywhere in records.
    pub fn matches_record<S: Source>(
        &mut self,
        members: &impl Members<S::Node>,
        all: &impl Members<S::Node>,
        source: &S,
        fields: &Fields<S::Kept>,
    ) -> Result<bool, Error> {
        if let Some(flow) = self.parts(members, source, fields)?
            && flow != Flow::Again
        {
            return Ok(flow == Flow::Match);
        }
        let whole = fields.whole.as_ref().ok_or_else(|| Error::event("the record cannot be read"))?;
        match self.walk(all, &mut source.open(whole))? {
            Flow::On => self.evaluate_with(source, fields),
            flow => Ok(flow == Flow::Match),
        }
    }

    /// None if not all that the filters ask can be told from the parts.
    fn parts<S: Source>(
        &mut self,
        members: &impl Members<S::Node>,
        source: &S,
        fields: &Fields<S::Kept>,
    ) -> Result<Option<Flow>, Error> {
        let filters = self.filters;
        let Some(parts) = &filters.parts else {
            return Ok(None);
        };
        if filters.filters.is_empty() {
            return Ok(Some(Flow::Match));
        }
        self.reset();
        for &(part, at) in parts {
            let Some(kept) = part.of(fields) else {
                // What is null is a value, and what is absent is none.
                if filters.paths.branch(at).is_some_and(|branch| !branch.leaves.is_empty()) {
                    return Ok(None);
                }
                continue;
            };
            let flow = self.value(members, &mut source.open(kept), at, true).map_err(|error| in_part(error, part))?;
            let flow = if flow == Flow::On { self.settle(at) } else { flow };
            if flow != Flow::On {
                return Ok(Some(flow));
            }
        }
        Ok(Some(if self.evaluate_with(source, fields)? { Flow::Match } else { Flow::NoMatch }))
    }

    /// The same where some leaves compare the images.
    fn evaluate_with<S: Source>(&mut self, source: &S, fields: &Fields<S::Kept>) -> Result<bool, Error> {
        if self.filters.compares {
            for leaf in changed_leaves(self.filters, source, fields)? {
                self.passed.add(leaf);
            }
        }
        Ok(self.evaluate())
    }

    fn run<N: Node>(&mut self, members: &impl Members<N>, node: &mut N) -> Result<Flow, Error> {
        match self.walk(members, node)? {
            Flow::On if self.evaluate() => Ok(Flow::Match),
            flow => Ok(flow),
        }
    }

    fn walk<N: Node>(&mut self, members: &impl Members<N>, node: &mut N) -> Result<Flow, Error> {
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

    fn evaluate(&self) -> bool {
        self.filters.rules.iter().any(|rule| self.is_met_by(rule))
    }

    fn is_met_by(&self, rule: &Rule) -> bool {
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

    fn is_met(&self, leaf: u32) -> bool {
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

    fn value<N: Node>(
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
            Kind::Object if branch.edges.is_empty() => node.skip().map(|()| Flow::On),
            Kind::Object => {
                self.enter()?;
                if !branch.attributes.is_empty() && self.attribute(branch) == Flow::Match {
                    return Ok(Flow::Match);
                }
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

    /// The attribute that some leaves ask for is there, whatever its type.
    fn attribute(&mut self, branch: &Branch) -> Flow {
        let filters = self.filters;
        for &number in &branch.attributes {
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
        let mut held = self.contained.get(start..).unwrap_or_default().to_vec();
        held.sort_unstable();
        held.dedup();
        for same in held.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let Some(&(number, place, _)) = same.first() else { continue };
            let test = filters.leaf(number).and_then(|leaf| leaf.tests.get(place));
            let passes = matches!(test, Some(Test::ContainsAll(wanted)) if wanted.len() == same.len());
            if passes && self.found(number, true, false) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    fn scalar<N: Node>(&mut self, node: &mut N, kind: Kind, branch: &Branch) -> Result<Flow, Error> {
        match kind {
            Kind::String => {
                let text = node.text()?;
                let text = text.bytes()?;
                if branch.reads == Reads::Digits { Ok(self.digits(&text, branch)) } else { self.text(&text, branch) }
            }
            Kind::Bytes => {
                let text = binary::encode(node.bytes()?.as_ref());
                self.text(text.as_bytes(), branch)
            }
            Kind::Number | Kind::Time => {
                let text = node.number()?;
                Ok(self.test(&Subject::new(Scalar::Number(text.as_bytes()), ""), branch))
            }
            Kind::Boolean(true) if branch.reads == Reads::Null => {
                node.literal()?;
                Ok(self.of_types(Scalar::Boolean(true), Scalar::Null, "", branch))
            }
            Kind::Boolean(value) => {
                node.literal()?;
                Ok(self.test(&Subject::new(Scalar::Boolean(value), ""), branch))
            }
            Kind::Null => {
                node.literal()?;
                Ok(self.test(&Subject::new(Scalar::Null, ""), branch))
            }
            kind => {
                Err(Error::event(format!("filters read what JSON has, and bytes and datetimes, found {}", kind.name())))
            }
        }
    }

    /// The text of N: a number to whoever leaves the type out, and both to whoever names it.
    fn digits(&mut self, bytes: &[u8], branch: &Branch) -> Flow {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        self.of_types(Scalar::Digits(bytes), Scalar::Number(bytes), text, branch)
    }

    /// A scalar that is one thing where its type is named, and another where it is left out.
    fn of_types(&mut self, tagged: Scalar<'_>, typed: Scalar<'_>, text: &str, branch: &Branch) -> Flow {
        let filters = self.filters;
        let (tagged, typed) = (Subject::new(tagged, text), Subject::new(typed, text));
        for &number in &branch.leaves {
            let Some(leaf) = filters.leaf(number) else { continue };
            let subject = if leaf.typed { &typed } else { &tagged };
            let passes = leaf.tests.iter().any(|test| test.passes(subject));
            if leaf.contains {
                self.contain(number, &leaf.tests, subject);
            }
            if self.found(number, passes, leaf.absent) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    fn text(&mut self, bytes: &[u8], branch: &Branch) -> Result<Flow, Error> {
        let text = if branch.needs_text {
            std::str::from_utf8(bytes).map_err(|_| Error::event("a string is not UTF-8"))?
        } else {
            ""
        };
        Ok(self.test(&Subject::new(Scalar::Text(bytes), text), branch))
    }

    #[inline]
    fn test(&mut self, subject: &Subject<'_>, branch: &Branch) -> Flow {
        let filters = self.filters;
        for &number in &branch.leaves {
            let Some(leaf) = filters.leaf(number) else { continue };
            let passes = leaf.tests.iter().any(|test| test.passes(subject));
            if leaf.contains {
                self.contain(number, &leaf.tests, subject);
            }
            if self.found(number, passes, leaf.absent) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
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
    fn found(&mut self, leaf: u32, passes: bool, absent: bool) -> Flow {
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
    fn settle(&mut self, at: u32) -> Flow {
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

#[cold]
fn in_part(error: Error, part: Part) -> Error {
    let error = error.into_kind(ErrorKind::Event);
    part.names().into_iter().fold(error, |error, name| error.at_name(name.as_bytes()))
}
