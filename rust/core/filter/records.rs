//! Records whose parts are known, and events that are read to the last name.

use super::changed::changed_leaves;
use super::compile::Rule;
use super::indexed::Part;
use super::matcher::Matcher;
use super::members::{Flow, Members, Named};
use crate::core::error::{Error, ErrorKind};
use crate::core::node::Source;
use crate::core::record::Fields;

impl Matcher<'_> {
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

    /// Reads all that filters name in an event, so that each rule and leaf can be asked for. With its parts it is read as
    /// a record is.
    pub fn read_all<S: Source>(
        &mut self,
        source: &S,
        whole: &S::Kept,
        fields: Option<&Fields<S::Kept>>,
    ) -> Result<(), Error> {
        self.is_thorough = true;
        let Some(fields) = fields else {
            return self.walk(&Named, &mut source.open(whole)).map(drop);
        };
        if !self.read_parts(source, fields)? {
            self.walk(&Named, &mut source.open(whole))?;
        }
        self.evaluate_with(source, fields).map(drop)
    }

    /// False if not all that the filters ask can be told from the parts.
    fn read_parts<S: Source>(&mut self, source: &S, fields: &Fields<S::Kept>) -> Result<bool, Error> {
        let filters = self.filters;
        let Some(parts) = &filters.parts else {
            return Ok(false);
        };
        self.reset();
        for &(part, at) in parts {
            match part.of(fields) {
                Some(kept) => {
                    self.value(&Named, &mut source.open(kept), at, true).map_err(|error| in_part(error, part))?;
                }
                None if filters.paths.branch(at).is_some_and(|branch| !branch.leaves.is_empty()) => return Ok(false),
                None => {}
            }
        }
        Ok(true)
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
}

#[cold]
fn in_part(error: Error, part: Part) -> Error {
    let error = error.into_kind(ErrorKind::Event);
    part.names().into_iter().fold(error, |error, name| error.at_name(name.as_bytes()))
}
