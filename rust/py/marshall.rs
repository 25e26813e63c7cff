//! Python values to attribute values: the walk, and which Python type becomes which tag. What is made of them, dicts or
//! JSON text, is the builder's business.

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PyMemoryView, PySet,
    PyString, PyTuple,
};

use super::args::Floats;
use super::classes::{ABSTRACT_SET, BINARY, DECIMAL, ENUM};
use super::digits;
use super::errors::{foreign, guard, raise_marshall};
use super::make::Maker;
use super::names::Names;
use super::py_node::{PyNode, PyRawBytes, PyText, for_each_member, unchanged};
use super::refusal;
use super::set::marshall_set;
use super::wire::Wire;
use crate::core::attribute_value::{Build, Bytes, Shape, check_depth};
use crate::core::error::{Error, Step};
use crate::core::node::Text;

/// What the walk carries.
pub struct Marshall<'a, B> {
    build: &'a mut B,
    floats: Floats,
}

impl<'a, 'py, B: Build<PyNode<'py>>> Marshall<'a, B> {
    /// A walk that hands its values to this builder.
    pub fn new(build: &'a mut B, floats: Floats) -> Self {
        Self { build, floats }
    }

    /// An item: a mapping of attribute names and values.
    pub fn item(&mut self, item: &Bound<'py, PyAny>) -> Result<B::Value, Error> {
        if item.is_exact_instance_of::<PyDict>() || item.cast::<PyMapping>().is_ok() {
            return self.map(item, Shape::Item, 0);
        }
        Err(refusal::no_item(item))
    }

    /// One value. `depth` counts the containers around it.
    #[inline]
    fn value(&mut self, value: &Bound<'py, PyAny>, depth: u32) -> Result<B::Value, Error> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            self.string(text)
        } else if value.is_exact_instance_of::<PyInt>() {
            self.build.number(digits::integer(value)?)
        } else if DECIMAL.is_exact(value) {
            self.build.number(digits::decimal(value)?)
        } else if value.is_exact_instance_of::<PyDict>() {
            self.map(value, Shape::Map, depth + 1)
        } else if value.is_exact_instance_of::<PyList>() {
            self.list(value, depth + 1)
        } else if let Ok(boolean) = value.cast_exact::<PyBool>() {
            self.build.boolean(boolean.is_true())
        } else if value.is_none() {
            self.build.null()
        } else if let Ok(bytes) = value.cast_exact::<PyBytes>() {
            self.binary(bytes.clone())
        } else if value.is_exact_instance_of::<PySet>() {
            marshall_set(value, self.build, self.floats)
        } else {
            self.rare(value, depth)
        }
    }

    /// A value of another class: derived from one of those above, or seldom used.
    #[cold]
    fn rare(&mut self, value: &Bound<'py, PyAny>, depth: u32) -> Result<B::Value, Error> {
        if ENUM.is_instance(value)? {
            return Err(refusal::of(value));
        }
        if let Some(text) = rare_number(value, self.floats)? {
            return self.build.number(text);
        }
        if let Ok(text) = value.cast::<PyString>() {
            return self.string(&digits::characters(text)?);
        }
        if let Some(bytes) = rare_bytes(value)? {
            return self.binary(bytes);
        }
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            self.list(value, depth + 1)
        } else if is_set(value)? {
            marshall_set(value, self.build, self.floats)
        } else if value.cast::<PyMapping>().is_ok() {
            self.map(value, Shape::Map, depth + 1)
        } else {
            Err(refusal::of(value))
        }
    }

    #[inline]
    fn string(&mut self, text: &Bound<'py, PyString>) -> Result<B::Value, Error> {
        let text = PyText(text.clone());
        text.check()?;
        self.build.string(text)
    }

    fn binary(&mut self, bytes: Bound<'py, PyBytes>) -> Result<B::Value, Error> {
        self.build.binary(Bytes::Raw(PyRawBytes(bytes)))
    }

    fn map(&mut self, map: &Bound<'py, PyAny>, shape: Shape, depth: u32) -> Result<B::Value, Error> {
        check_depth(depth)?;
        let mut open = self.build.open(shape, &mut PyNode::new(map.clone()))?;
        let mut names = Names::of(map);
        for_each_member(map, |name, value| {
            let name = names.take(name)?;
            let key = self.build.key(&mut open, &name)?;
            let made = self.value(&value, depth).map_err(|error| at(error, &name))?;
            self.build.insert(&mut open, key, made).map_err(|error| at(error, &name))
        })?;
        self.build.close(open)
    }

    fn list(&mut self, list: &Bound<'py, PyAny>, depth: u32) -> Result<B::Value, Error> {
        check_depth(depth)?;
        let mut open = self.build.open(Shape::List, &mut PyNode::new(list.clone()))?;
        for_each_element(list, |index, element| {
            self.build.element(&mut open);
            let made = self.value(element, depth).map_err(|error| error.at(Step::Index(index)))?;
            self.build.push(&mut open, made)
        })?;
        self.build.close(open)
    }
}

/// A walk over a list or tuple, which nothing may change in between.
#[inline]
fn for_each_element<'py>(
    list: &Bound<'py, PyAny>,
    mut each: impl FnMut(usize, &Bound<'py, PyAny>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Ok(list) = list.cast_exact::<PyList>() else {
        for (index, element) in list.try_iter().map_err(foreign)?.enumerate() {
            each(index, &element.map_err(foreign)?)?;
        }
        return Ok(());
    };
    let (length, mut walked) = (list.len(), 0);
    for element in list {
        each(walked, &element)?;
        walked += 1;
    }
    unchanged(length == walked && length == list.len())
}

/// The text of a number that is neither an exact int nor an exact Decimal.
pub fn rare_number<'py>(value: &Bound<'py, PyAny>, floats: Floats) -> Result<Option<PyText<'py>>, Error> {
    if value.is_instance_of::<PyInt>() {
        return digits::integer(value).map(Some);
    }
    if DECIMAL.is_instance(value)? {
        return digits::decimal(value).map(Some);
    }
    match floats {
        _ if !value.is_instance_of::<PyFloat>() => Ok(None),
        Floats::Repr => digits::float(value).map(Some),
        Floats::Error => Err(refusal::float()),
        Floats::Never => Err(refusal::inexact()),
    }
}

/// The bytes of whatever stands for B.
pub fn rare_bytes<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyBytes>>, Error> {
    let py = value.py();
    if BINARY.is_instance(value)? {
        let held = value.getattr("value").map_err(foreign)?;
        let copied = py.get_type::<PyBytes>().call1((held,)).map_err(foreign)?;
        return copied.cast_into().map(Some).map_err(|error| foreign(error.into()));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Some(PyBytes::new(py, bytes.as_bytes())));
    }
    if value.is_instance_of::<PyByteArray>() || value.is_instance_of::<PyMemoryView>() {
        let copied = py.get_type::<PyBytes>().call1((value,)).map_err(foreign)?;
        return copied.cast_into().map(Some).map_err(|error| foreign(error.into()));
    }
    Ok(None)
}

/// Whether a value stands for SS, NS or BS.
pub fn is_set(value: &Bound<'_, PyAny>) -> Result<bool, Error> {
    if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        return Ok(true);
    }
    ABSTRACT_SET.is_instance(value)
}

/// The same error inside the member of this name.
#[cold]
fn at(error: Error, name: &PyText<'_>) -> Error {
    match name.bytes() {
        Ok(bytes) => error.at_name(&bytes),
        Err(_) => error,
    }
}

/// Turns Python values into attribute values.
#[pyfunction]
#[pyo3(signature = (item, *, floats="error"))]
pub fn marshall<'py>(item: &Bound<'py, PyAny>, floats: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = item.py();
    guard(py, || {
        let floats = Floats::parse(floats)?;
        let made = Marshall::new(&mut Wire::new(&mut Maker::new(py)), floats).item(item);
        made.map_err(|error| raise_marshall(py, error))
    })
}
