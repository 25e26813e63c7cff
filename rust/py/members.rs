//! Maps and items, member by member: what TypeDeserializer and TypeSerializer have in common.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping};

use super::dict::{Walk, length};
use super::errors::{foreign, refused};
use super::make::Maker;
use super::py_node::at_key;
use super::unmarshall::ROOM;
use crate::core::error::{Error, Step};

/// Something that turns one value into another, and so a map of values into a map of others.
pub trait EachMember<'py> {
    /// What makes its objects.
    fn maker(&self) -> &Maker<'py>;

    /// Whether somebody's code may run on the way.
    fn has_hooks(&self) -> bool;

    /// A value inside another.
    fn nested(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error>;

    /// A new dict with the same names.
    #[inline]
    fn members(&mut self, dict: &Bound<'py, PyDict>) -> Result<Bound<'py, PyAny>, Error> {
        if length(dict) > ROOM && !self.has_hooks() {
            return self.members_in_place(dict);
        }
        let made = PyDict::new(dict.py());
        let mut walk = Walk::of(dict);
        while let Some((key, value)) = walk.next().map_err(refused)? {
            let value = self.nested(&value).map_err(|error| at_key(error, &key))?;
            self.maker().replace(&made, &key, &value)?;
        }
        Ok(made.into_any())
    }

    /// A copied table of names spares the growing and rehashing of a new one. It is the copy that is walked: whatever
    /// happens to the source meanwhile, no value is left in it as it was.
    #[inline]
    fn members_in_place(&mut self, dict: &Bound<'py, PyDict>) -> Result<Bound<'py, PyAny>, Error> {
        let copy = dict.copy().map_err(foreign)?;
        let source = Walk::of(dict);
        let mut walk = Walk::of(&copy);
        while let Some((key, value)) = walk.step() {
            let value = self.nested(&value).map_err(|error| at_key(error, &key))?;
            source.check().map_err(refused)?;
            self.maker().replace(&copy, &key, &value)?;
            // A name that is not equal to itself would be added for ever.
            walk.check().map_err(foreign)?;
        }
        Ok(copy.into_any())
    }

    /// The same of any mapping.
    fn item(&mut self, item: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if let Ok(dict) = item.cast_exact::<PyDict>() {
            return self.members(dict);
        }
        let Ok(mapping) = item.cast::<PyMapping>() else {
            return Err(Error::shape("an item is a mapping of attribute names and values"));
        };
        let made = PyDict::new(item.py());
        for pair in mapping.items().map_err(foreign)? {
            let (key, value) = pair.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>().map_err(foreign)?;
            let value = self.nested(&value).map_err(|error| at_key(error, &key))?;
            self.maker().replace(&made, &key, &value)?;
        }
        Ok(made.into_any())
    }

    /// A list of items.
    fn items(&mut self, items: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let made = PyList::empty(items.py());
        for (at, item) in items.try_iter().map_err(foreign)?.enumerate() {
            let item = item.map_err(foreign)?;
            let item = self.item(&item).map_err(|error| error.at(Step::Index(at)))?;
            made.append(item).map_err(foreign)?;
        }
        Ok(made.into_any())
    }
}
