//! How the members that filters look for are found in an object.

use super::compile::Filters;
use super::paths::Level;
use crate::core::error::Error;
use crate::core::json_node::{JsonNode, Rest};
use crate::core::node::{Node, Text};

/// Whether a walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The answer is not known yet.
    On,
    /// A filter matches.
    Match,
    /// None will match, unless a name stands twice.
    NoMatch,
    /// A name stands twice: all has to be read.
    Again,
}

/// How the members of an object are found by name.
pub trait Members<N: Node> {
    /// Gives those members of an object that a branch leads on to, each with the number of the branch behind it, and
    /// whether no other member can lead there. Ends when the answer is known.
    fn each(
        &self,
        filters: &Filters,
        at: u32,
        object: &mut N,
        each: &mut impl FnMut(u32, bool, Option<&mut N>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error>;

    /// Gives the elements of an array. Ends when the answer is known.
    fn elements(&self, array: &mut N, each: &mut impl FnMut(&mut N) -> Result<Flow, Error>) -> Result<Flow, Error> {
        let mut flow = Flow::On;
        array.array(|element| {
            if flow == Flow::On {
                flow = each(element)?;
                return Ok(());
            }
            element.skip()
        })?;
        Ok(flow)
    }
}

/// Members of anything, read one after the other.
pub struct Named;

impl<N: Node> Members<N> for Named {
    fn each(
        &self,
        filters: &Filters,
        at: u32,
        object: &mut N,
        each: &mut impl FnMut(u32, bool, Option<&mut N>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        let mut flow = Flow::On;
        object.object(|name, value| {
            let name = name.bytes()?;
            match filters.paths.behind(at, &name) {
                Some(to) if flow != Flow::Match => {
                    flow = each(to, false, Some(value)).map_err(|error| error.at_name(&name))?;
                    Ok(())
                }
                _ => value.skip(),
            }
        })?;
        Ok(flow)
    }
}

/// Members of JSON text, of which no more is read than the answer needs. Of a name that stands twice either value may
/// match; that is rare, so the walk takes all names for different ones until it meets the second.
pub struct Scanned {
    /// Whether images end with the last attribute that is looked for: in a record an attribute name never stands twice.
    pub of_record: bool,
}

/// Edges of a branch that are told apart here.
const EDGES: usize = 64;

impl Scanned {
    /// Where one branch can be reached by several names, all are read.
    fn all<'a>(
        filters: &Filters,
        at: u32,
        object: &mut JsonNode<'a>,
        each: &mut impl FnMut(u32, bool, Option<&mut JsonNode<'a>>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        let mut flow = Flow::On;
        object.members(|name, value| {
            let name = name.bytes()?;
            let Some(to) = filters.paths.behind(at, &name) else {
                return value.skip().map(|()| Rest::Read);
            };
            flow = each(to, false, Some(value)).map_err(|error| error.at_name(&name))?;
            Ok(if flow == Flow::On { Rest::Read } else { Rest::Leave })
        })?;
        Ok(flow)
    }
}

impl<'a> Members<JsonNode<'a>> for Scanned {
    #[inline]
    fn each(
        &self,
        filters: &Filters,
        at: u32,
        object: &mut JsonNode<'a>,
        each: &mut impl FnMut(u32, bool, Option<&mut JsonNode<'a>>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        let Some(branch) = filters.paths.branch(at).filter(|branch| branch.is_plain && branch.edges.len() <= EDGES)
        else {
            return Self::all(filters, at, object, each);
        };
        let in_image = self.of_record && branch.level != Level::Other;
        let (mut flow, mut seen) = (Flow::On, 0_u64);
        object.members(|name, value| {
            let name = name.bytes()?;
            let Some(place) = branch.edge(&name) else {
                return value.skip().map(|()| Rest::Read);
            };
            let bit = 1 << place;
            if seen & bit != 0 {
                flow = Flow::Again;
                return Ok(Rest::Leave);
            }
            seen |= bit;
            if flow == Flow::NoMatch {
                return value.skip().map(|()| Rest::Read);
            }
            let to = branch.edges.get(place).map_or(0, |edge| edge.to);
            flow = each(to, true, Some(value)).map_err(|error| error.at_name(&name))?;
            let ended = in_image && (flow == Flow::NoMatch || seen.count_ones() as usize == branch.edges.len());
            Ok(match flow {
                Flow::Match | Flow::Again => Rest::Leave,
                _ if ended => Rest::Skip,
                _ => Rest::Read,
            })
        })?;
        Ok(flow)
    }

    fn elements(
        &self,
        array: &mut JsonNode<'a>,
        each: &mut impl FnMut(&mut JsonNode<'a>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        let mut flow = Flow::On;
        array.elements(|element| {
            flow = each(element)?;
            Ok(if flow == Flow::On { Rest::Read } else { Rest::Leave })
        })?;
        Ok(flow)
    }
}
