//! The attribute names of one map on their way to JSON or a dict: none twice.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::digits::characters;
use super::py_node::PyText;
use crate::core::error::Error;
use crate::core::node::Text;
use crate::core::value::duplicate_name;

/// Exact strs in an exact dict are unique. Of others (a str that calls itself unequal to its like, a Mapping that gives
/// a name twice) that has to be looked at.
pub struct Names<'a, 'py> {
    dict: Option<&'a Bound<'py, PyDict>>,
    seen: HashSet<String>,
}

impl<'a, 'py> Names<'a, 'py> {
    /// The names of this map.
    #[inline]
    pub fn of(map: &'a Bound<'py, PyAny>) -> Self {
        Self { dict: map.cast_exact::<PyDict>().ok(), seen: HashSet::new() }
    }

    /// The name as an exact str.
    #[inline]
    pub fn take(&mut self, name: PyText<'py>) -> Result<PyText<'py>, Error> {
        if self.dict.is_some() && name.0.is_exact_instance_of::<PyString>() {
            return name.check().map(|()| name);
        }
        self.look(&name)
    }

    #[cold]
    fn look(&mut self, name: &PyText<'py>) -> Result<PyText<'py>, Error> {
        if let Some(dict) = self.dict.take() {
            self.compare(dict)?;
        }
        let name = PyText(characters(&name.0)?);
        self.add(&name)?;
        Ok(name)
    }

    /// A dict turned out to have a name that is no exact str: it may be equal to one that passed.
    fn compare(&mut self, dict: &Bound<'py, PyDict>) -> Result<(), Error> {
        for name in dict.keys() {
            self.add(&PyText(characters(&PyText::new(name)?.0)?))?;
        }
        self.seen.clear();
        Ok(())
    }

    fn add(&mut self, name: &PyText<'py>) -> Result<(), Error> {
        let text = name.string()?.into_owned();
        if self.seen.contains(&text) {
            return Err(duplicate_name().at_name(text.as_bytes()));
        }
        self.seen.insert(text);
        Ok(())
    }
}
