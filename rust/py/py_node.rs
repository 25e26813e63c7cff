//! Node over Python objects: the dicts of a Lambda event, of botocore, or any Mapping.
#![allow(unsafe_code)]

use std::borrow::Cow;

use pyo3::ffi;
use pyo3::prelude::*;
#[cfg(not(feature = "abi3"))]
use pyo3::types::string::PyStringData;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PyMemoryView, PySet,
    PyString, PyTuple,
};

use super::alike::{alike, unlike};
use super::dict::{Walk, length, only_member};
use super::errors::foreign;
use crate::core::diff::{Lockstep, Member, Unlike};
use crate::core::error::Error;
use crate::core::node::{Kind, Node, Source, Text};

/// A cursor at a Python object.
pub struct PyNode<'py> {
    value: Bound<'py, PyAny>,
}

impl<'py> PyNode<'py> {
    /// A cursor at this object.
    pub fn new(value: Bound<'py, PyAny>) -> Self {
        Self { value }
    }

    /// The object as an exact dict.
    #[inline]
    pub fn exact_dict(&self) -> Option<&Bound<'py, PyDict>> {
        self.value.cast_exact::<PyDict>().ok()
    }

    fn py(&self) -> Python<'py> {
        self.value.py()
    }

    fn is_empty_object(&self) -> Result<bool, Error> {
        if let Ok(dict) = self.value.cast_exact::<PyDict>() {
            return Ok(dict.is_empty());
        }
        match self.value.cast::<PyMapping>() {
            Ok(mapping) => mapping.len().map(|length| length == 0).map_err(foreign),
            Err(_) => Ok(false),
        }
    }

    /// The seconds since 1970 of an aware datetime (botocore's).
    fn seconds(&self) -> PyResult<String> {
        let datetime = self.py().import("datetime")?;
        let utc = datetime.getattr("timezone")?.getattr("utc")?;
        let epoch = datetime.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
        let microsecond = datetime.getattr("timedelta")?.call1((0, 0, 1))?;
        let microseconds: i64 = self.value.sub(epoch)?.floor_div(microsecond)?.extract()?;
        Ok(format!("{microseconds}E-6"))
    }
}

/// The same error inside the member of this name, which need not be a str.
#[cold]
pub fn at_key(error: Error, key: &Bound<'_, PyAny>) -> Error {
    match key.str() {
        Ok(text) => error.at_name(text.to_string_lossy().as_bytes()),
        Err(_) => error.at_name("\u{fffd}".as_bytes()),
    }
}

/// The members of a mapping, each name and value.
#[inline]
pub fn for_each_member<'py>(
    mapping: &Bound<'py, PyAny>,
    each: impl FnMut(PyText<'py>, Bound<'py, PyAny>) -> Result<(), Error>,
) -> Result<(), Error> {
    match mapping.cast_exact::<PyDict>() {
        Ok(dict) => dict_members(dict, each),
        Err(_) => mapping_members(mapping, each),
    }
}

/// The members of an exact dict, without the making of pairs.
#[inline]
fn dict_members<'py>(
    dict: &Bound<'py, PyDict>,
    mut each: impl FnMut(PyText<'py>, Bound<'py, PyAny>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (before, mut walked) = (length(dict), 0);
    let mut walk = Walk::of(dict);
    while let Some((key, value)) = walk.step() {
        each(PyText::new(key)?, value)?;
        walked += 1;
    }
    unchanged(before == walked && before == length(dict))
}

fn mapping_members<'py>(
    mapping: &Bound<'py, PyAny>,
    mut each: impl FnMut(PyText<'py>, Bound<'py, PyAny>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mapping = mapping.cast::<PyMapping>().map_err(|_| Error::shape("expected a mapping"))?;
    for pair in mapping.items().map_err(foreign)? {
        let (key, value) = pair.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>().map_err(foreign)?;
        each(PyText::new(key)?, value)?;
    }
    Ok(())
}

/// What code of the caller's that runs in between may change, and must not.
pub fn unchanged(same: bool) -> Result<(), Error> {
    if same { Ok(()) } else { Err(changed_size()) }
}

/// The error of what did change.
#[cold]
pub fn changed_size() -> Error {
    Error::value("a dict or list changed its size while it was read")
}

/// A Python str.
pub struct PyText<'py>(pub Bound<'py, PyString>);

impl<'py> PyText<'py> {
    /// The text of this object, which must be a str.
    pub fn new(value: Bound<'py, PyAny>) -> Result<Self, Error> {
        value.cast_into::<PyString>().map(Self).map_err(|_| Error::shape("a name is a str, found something else"))
    }

    /// Refuses half of a surrogate pair, which no UTF-8 can hold. Most text is ASCII and needs no look.
    #[inline]
    pub fn check(&self) -> Result<(), Error> {
        if ascii_of(&self.0).is_some() { Ok(()) } else { self.check_units() }
    }

    #[cfg(not(feature = "abi3"))]
    fn check_units(&self) -> Result<(), Error> {
        // SAFETY: the str is alive and was made by Python, so its kind and data belong together.
        match unsafe { self.0.data() } {
            Ok(PyStringData::Ucs1(_)) => Ok(()),
            Ok(PyStringData::Ucs2(units)) if !has_half_pair(units) => Ok(()),
            _ => self.string().map(drop),
        }
    }

    #[cfg(feature = "abi3")]
    fn check_units(&self) -> Result<(), Error> {
        self.string().map(drop)
    }

    /// The text, if `check` took it.
    pub fn as_str(&self) -> Cow<'_, str> {
        self.string().unwrap_or_default()
    }
}

/// Without an early exit inside a chunk, which makes it vector code: 5x on text of a kilobyte.
#[cfg(not(feature = "abi3"))]
fn has_half_pair(units: &[u16]) -> bool {
    units.chunks(64).any(|chunk| chunk.iter().fold(0, |found, &unit| found | u8::from(unit & 0xf800 == 0xd800)) != 0)
}

/// The value of an int that fits 64 bits; no error is made and dropped for one that does not.
#[inline]
pub fn small_int(value: &Bound<'_, PyAny>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: the object is alive; it is an int or a subclass of it, so no `__index__` runs and no error is set.
    let small = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
    (overflow == 0).then_some(small)
}

impl Text for PyText<'_> {
    #[inline]
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Error> {
        if let Some(ascii) = ascii_of(&self.0) {
            return Ok(Cow::Borrowed(ascii));
        }
        self.string().map(|text| match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    #[inline]
    fn string(&self) -> Result<Cow<'_, str>, Error> {
        if let Some(ascii) = ascii_of(&self.0) {
            // SAFETY: ASCII is UTF-8.
            return Ok(Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(ascii) }));
        }
        self.0.to_str().map(Cow::Borrowed).map_err(|_| Error::value("a string has half of a surrogate pair"))
    }
}

/// The data of a str of ASCII, without a call into Python; the stable ABI has none.
#[cfg(not(feature = "abi3"))]
#[inline]
pub fn ascii_of<'a>(text: &'a Bound<'_, PyString>) -> Option<&'a [u8]> {
    let text = text.as_ptr();
    // SAFETY: `text` is a live str. One that is compact and ASCII has its length in bytes of data right behind its head,
    // and keeps them as long as it lives.
    unsafe {
        if ffi::PyUnicode_IS_COMPACT_ASCII(text) == 0 {
            return None;
        }
        let length = usize::try_from(ffi::PyUnicode_GET_LENGTH(text)).ok()?;
        Some(std::slice::from_raw_parts(ffi::PyUnicode_1BYTE_DATA(text), length))
    }
}

/// None, always.
#[cfg(feature = "abi3")]
pub fn ascii_of<'a>(_text: &'a Bound<'_, PyString>) -> Option<&'a [u8]> {
    None
}

/// Python bytes.
pub struct PyRawBytes<'py>(pub Bound<'py, PyBytes>);

impl AsRef<[u8]> for PyRawBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl<'py> Node for PyNode<'py> {
    type Text = PyText<'py>;
    type Bytes = PyRawBytes<'py>;
    type Kept = Py<PyAny>;
    type Mark = Py<PyAny>;

    #[inline]
    fn kind(&mut self) -> Result<Kind, Error> {
        let value = &self.value;
        Ok(if value.is_exact_instance_of::<PyDict>() {
            Kind::Object
        } else if value.is_instance_of::<PyString>() {
            Kind::String
        } else if value.is_instance_of::<PyList>() {
            Kind::Array
        } else if let Ok(boolean) = value.cast::<PyBool>() {
            Kind::Boolean(boolean.is_true())
        } else if value.is_none() {
            Kind::Null
        } else {
            rare_kind(value)
        })
    }

    #[inline]
    fn object(&mut self, mut each: impl FnMut(Self::Text, &mut Self) -> Result<(), Error>) -> Result<(), Error> {
        for_each_member(&self.value, |name, value| each(name, &mut Self::new(value)))
    }

    /// Nearly every attribute value is a dict of one member: one step of PyDict_Next instead of two.
    #[inline]
    fn only_member(&mut self) -> Result<Option<(Self::Text, Self)>, Error> {
        let Some((key, value)) = only_member(&self.value) else {
            return Ok(None);
        };
        Ok(Some((PyText::new(key)?, Self::new(value))))
    }

    #[inline]
    fn array(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        if let Ok(list) = self.value.cast_exact::<PyList>() {
            let (length, mut walked) = (list.len(), 0);
            for element in list {
                each(&mut Self::new(element))?;
                walked += 1;
            }
            return unchanged(length == walked && length == list.len());
        }
        for element in self.value.try_iter().map_err(foreign)? {
            each(&mut Self::new(element.map_err(foreign)?))?;
        }
        Ok(())
    }

    #[inline]
    fn text(&mut self) -> Result<Self::Text, Error> {
        PyText::new(self.value.clone())
    }

    fn bytes(&mut self) -> Result<Self::Bytes, Error> {
        if let Ok(bytes) = self.value.cast::<PyBytes>() {
            return Ok(PyRawBytes(bytes.clone()));
        }
        let copied = self.py().get_type::<PyBytes>().call1((&self.value,)).map_err(foreign)?;
        copied.cast_into().map(PyRawBytes).map_err(|error| foreign(error.into()))
    }

    fn number(&mut self) -> Result<String, Error> {
        match self.kind()? {
            Kind::Time if self.value.call_method0("utcoffset").map_err(foreign)?.is_none() => {
                Err(Error::value("a datetime needs a time zone"))
            }
            Kind::Time => self.seconds().map_err(foreign),
            Kind::Number => number_text(&self.value),
            kind => Err(Error::shape(format!("expected a number, found {}", kind.name()))),
        }
    }

    fn literal(&mut self) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn keep(&mut self) -> Result<Option<Self::Kept>, Error> {
        Ok(if self.value.is_none() { None } else { Some(self.value.clone().unbind()) })
    }

    fn keep_image(&mut self) -> Result<Option<Self::Kept>, Error> {
        if self.is_empty_object()? { Ok(None) } else { self.keep() }
    }

    fn check(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn mark(&mut self) -> Self::Mark {
        self.value.clone().unbind()
    }

    fn keep_since(&mut self, mark: Self::Mark) -> Result<Self::Kept, Error> {
        Ok(mark)
    }

    #[inline]
    fn skip(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// The text of a float, int or Decimal. A subclass (numpy's float64 is one) may print itself in other ways.
fn number_text(value: &Bound<'_, PyAny>) -> Result<String, Error> {
    let py = value.py();
    let base = if value.is_instance_of::<PyFloat>() {
        py.get_type::<PyFloat>()
    } else if value.is_instance_of::<PyInt>() {
        py.get_type::<PyInt>()
    } else {
        return value.str().and_then(|text| text.extract()).map_err(foreign);
    };
    let text = base.call_method1("__repr__", (value,)).and_then(|text| text.extract());
    text.map_err(|_| Error::value("a number has more digits than Python writes"))
}

fn rare_kind(value: &Bound<'_, PyAny>) -> Kind {
    if value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>()
    {
        Kind::Bytes
    } else if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        Kind::Number
    } else if value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>()
    {
        Kind::Array
    } else if value.cast::<PyMapping>().is_ok() {
        Kind::Object
    } else if is_of(value, "decimal", "Decimal") {
        Kind::Number
    } else if is_of(value, "datetime", "datetime") {
        Kind::Time
    } else {
        Kind::Other
    }
}

/// Whether a value is an instance of a class of a module, which is not imported for that: nobody has an instance of a
/// class whose module was never imported.
fn is_of(value: &Bound<'_, PyAny>, module: &str, class: &str) -> bool {
    let modules = value.py().import("sys").and_then(|sys| sys.getattr("modules"));
    let found = modules.and_then(|modules| modules.get_item(module)).and_then(|module| module.getattr(class));
    found.is_ok_and(|class| value.is_instance(&class).unwrap_or(false))
}

impl Lockstep for PyNode<'_> {
    fn lockstep(old: &mut Self, new: &mut Self) -> Option<Unlike<Self>> {
        unlike(old.exact_dict()?, new.exact_dict()?, |name, value| {
            (!value.is_none()).then(|| Member { name, value: Some(value.unbind()) })
        })
    }
}

/// Where Python objects that were kept are opened again.
pub struct Objects<'py>(pub Python<'py>);

impl<'py> Source for Objects<'py> {
    type Kept = Py<PyAny>;
    type Node = PyNode<'py>;

    fn open(&self, kept: &Py<PyAny>) -> PyNode<'py> {
        PyNode::new(kept.bind(self.0).clone())
    }

    fn surely_same(&self, one: &Py<PyAny>, other: &Py<PyAny>) -> bool {
        alike(one.bind(self.0), other.bind(self.0))
    }
}
