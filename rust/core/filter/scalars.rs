//! A value of a record on its way to the tests.

use super::matcher::Matcher;
use super::members::Flow;
use super::paths::{Branch, Reads};
use super::pattern::{Scalar, Subject, Test};
use crate::core::binary;
use crate::core::error::Error;
use crate::core::node::{Kind, Node, Text};

impl Matcher<'_> {
    /// Reads a scalar and holds it against the leaves of a branch.
    pub(super) fn scalar<N: Node>(&mut self, node: &mut N, kind: Kind, branch: &Branch) -> Result<Flow, Error> {
        match kind {
            Kind::String => {
                let text = node.text()?;
                let text = text.bytes()?;
                if branch.reads == Reads::Digits { self.digits(&text, branch) } else { self.text(&text, branch) }
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
    fn digits(&mut self, bytes: &[u8], branch: &Branch) -> Result<Flow, Error> {
        Ok(self.of_types(Scalar::Digits(bytes), Scalar::Number(bytes), utf8(bytes)?, branch))
    }

    /// A scalar that is one thing where its type is named, and another where it is left out.
    fn of_types(&mut self, tagged: Scalar<'_>, typed: Scalar<'_>, text: &str, branch: &Branch) -> Flow {
        let filters = self.filters;
        let (tagged, typed) = (Subject::new(tagged, text), Subject::new(typed, text));
        for &number in &branch.leaves {
            let Some(leaf) = filters.leaf(number) else { continue };
            if self.ask(number, leaf, if leaf.typed { &typed } else { &tagged }) == Flow::Match {
                return Flow::Match;
            }
        }
        Flow::On
    }

    #[inline]
    fn text(&mut self, bytes: &[u8], branch: &Branch) -> Result<Flow, Error> {
        let filters = self.filters;
        // Most paths are asked for a few words.
        if let [number] = *branch.leaves
            && let Some(leaf) = filters.leaf(number).filter(|leaf| leaf.texts_only)
        {
            let passes = leaf.tests.iter().any(|test| matches!(test, Test::Text(wanted) if wanted.as_bytes() == bytes));
            if !passes {
                utf8(bytes)?;
            }
            return Ok(self.found(number, passes, false));
        }
        Ok(self.test(&Subject::new(Scalar::Text(bytes), utf8(bytes)?), branch))
    }
}

/// What is read and broken is an error, whatever is asked of it.
fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::event("a string is not UTF-8"))
}
