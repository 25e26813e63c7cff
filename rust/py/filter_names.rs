//! The names that filters look up in dicts.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::dict::{member_at, place_of};
use super::errors::foreign;
use super::py_node::{PyNode, at_key};
use crate::core::error::Error;
use crate::core::filter::{Branch, Filters, Flow, Members, Named};

/// What a place is trusted more for a name that was there, and less for one that was elsewhere or nowhere.
const RIGHT: i32 = 2;
const WRONG: i32 = 4;
const NOWHERE: i32 = 1;
/// The most that it is trusted; it is no longer looked at when nothing is left of that.
const MOST: i32 = 64;

/// A name, and where dicts had it lately.
struct Name {
    text: Py<PyString>,
    place: AtomicU32,
    /// Whether looking at the place pays: it counts up when the name is there, and down when it is not.
    trust: AtomicI32,
}

/// The names of all keys, by their number.
pub struct Names(Vec<Name>);

impl Names {
    /// The names that these filters look up.
    pub fn new(py: Python<'_>, filters: &Filters) -> Self {
        let names = filters.paths.keys.iter().map(|name| Name {
            text: PyString::intern(py, name).unbind(),
            place: AtomicU32::new(0),
            trust: AtomicI32::new(MOST),
        });
        Self(names.collect())
    }
}

impl Name {
    /// The value of the member of this name.
    #[inline]
    fn find<'py>(&self, dict: &Bound<'py, PyDict>, text: &[u8]) -> Result<Option<Bound<'py, PyAny>>, Error> {
        let trust = self.trust.load(Ordering::Relaxed);
        if trust <= 0 {
            return self.look_up(dict);
        }
        if let Some(value) = member_at(dict, self.place.load(Ordering::Relaxed), text) {
            if trust < MOST {
                self.trust.store(trust + RIGHT, Ordering::Relaxed);
            }
            return Ok(Some(value));
        }
        let found = self.look_up(dict)?;
        let mut less = NOWHERE;
        if found.is_some()
            && let Some(place) = place_of(dict, text)
        {
            self.place.store(place, Ordering::Relaxed);
            less = WRONG;
        }
        self.trust.store(trust - less, Ordering::Relaxed);
        Ok(found)
    }

    fn look_up<'py>(&self, dict: &Bound<'py, PyDict>) -> Result<Option<Bound<'py, PyAny>>, Error> {
        dict.get_item(self.text.bind(dict.py())).map_err(foreign)
    }
}

/// Members of dicts are looked up by name; those of other mappings are walked through.
impl<'py> Members<PyNode<'py>> for Names {
    #[inline]
    fn each(
        &self,
        filters: &Filters,
        at: u32,
        object: &mut PyNode<'py>,
        each: &mut impl FnMut(u32, bool, Option<&mut PyNode<'py>>) -> Result<Flow, Error>,
    ) -> Result<Flow, Error> {
        let walked = filters.paths.branch(at).is_some_and(Branch::is_walked);
        let Some(dict) = object.exact_dict().filter(|_| !walked) else {
            return Named.each(filters, at, object, each);
        };
        let keys = filters.paths.branch(at).map_or(&[][..], |branch| &branch.keys);
        for key in keys {
            let id = key.id as usize;
            let (Some(name), Some(text)) = (self.0.get(id), filters.paths.keys.get(id)) else { continue };
            let flow = match name.find(dict, text.as_bytes())? {
                Some(value) => each(key.to, key.is_last, Some(&mut PyNode::new(value)))
                    .map_err(|error| at_key(error, name.text.bind(dict.py())))?,
                None if key.is_last => each(key.to, true, None)?,
                None => Flow::On,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }
}
