//! Makes Python's str, dict, list, set, bytes and Decimal: the only place that knows how.
//!
//! Two bodies where it pays, version-specific and abi3. A string of ASCII is made by `PyUnicode_New` and one copy,
//! names of attributes come from a cache, and the Decimals of 0 to 9999 from a table.
#![allow(unsafe_code)]

use std::cell::Cell;

use pyo3::exceptions::PyUnicodeDecodeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PySet, PyString};

use super::boto3_types;
use super::dict::length;
use super::errors::foreign;
use crate::core::error::Error;
use crate::core::json::{JsonText, no_utf8};

/// Names of attributes up to this length are cached.
const NAME_BYTES: usize = 40;
/// Places in the cache of names; a place holds one. With 512 an item of 200 names lost a fifth of them to each other.
const NAMES: usize = 2048;
/// Canonical integers below this have their Decimal ready: 8.7x boto3 with the table, 6.9x without, on flat items.
const INTEGERS: usize = 10_000;

/// An attribute name and the str made of it.
struct Name {
    length: u8,
    bytes: [u8; NAME_BYTES],
    text: Py<PyAny>,
}

/// What outlives a call: one set a thread, taken by the call that uses it and put back at its end, so that a call
/// inside a call (a garbage collector's, say) just makes its own.
struct Tables {
    names: Vec<Option<Name>>,
    integers: Vec<Option<Py<PyAny>>>,
    create_decimal: Option<Py<PyAny>>,
}

thread_local! {
    static TABLES: Cell<Option<Box<Tables>>> = const { Cell::new(None) };
}

/// Makes Python objects during one call.
pub struct Maker<'py> {
    /// The interpreter.
    pub py: Python<'py>,
    tables: Option<Box<Tables>>,
    /// Elements of lists and sets that are being read, the innermost last.
    elements: Vec<Bound<'py, PyAny>>,
    /// Room for a string whose escapes are resolved.
    scratch: Vec<u8>,
}

impl<'py> Maker<'py> {
    /// A maker with this thread's tables.
    pub fn new(py: Python<'py>) -> Self {
        Self {
            py,
            tables: TABLES.take().or_else(|| Some(Box::new(Tables::new()))),
            elements: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// A str of JSON text.
    #[inline]
    pub fn text(&mut self, text: &JsonText<'_>) -> Result<Bound<'py, PyAny>, Error> {
        if text.is_plain_ascii() { ascii(self.py, text.raw()) } else { self.rare_text(text) }
    }

    /// The same with escapes or outside ASCII. Kept out of line: it would cost every other string 3 %.
    #[inline(never)]
    fn rare_text(&mut self, text: &JsonText<'_>) -> Result<Bound<'py, PyAny>, Error> {
        if !text.is_escaped() {
            return self.utf8(text.raw());
        }
        // A string of its own for each would be a third of the time of text with escapes.
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let made = match text.unescape(&mut scratch) {
            Ok(true) => ascii(self.py, &scratch),
            Ok(false) => self.utf8(&scratch),
            Err(error) => Err(error),
        };
        self.scratch = scratch;
        made
    }

    /// A str of UTF-8, which Python checks.
    fn utf8(&self, raw: &[u8]) -> Result<Bound<'py, PyAny>, Error> {
        // SAFETY: pointer and length of a live slice; without a name of an error handler the decoder is strict. The
        // result is a new reference, or NULL with an exception set.
        let made = unsafe {
            let made = ffi::PyUnicode_DecodeUTF8(raw.as_ptr().cast(), raw.len().cast_signed(), std::ptr::null());
            Bound::from_owned_ptr_or_err(self.py, made)
        };
        made.map_err(
            |error| {
                if error.is_instance_of::<PyUnicodeDecodeError>(self.py) { no_utf8() } else { foreign(error) }
            },
        )
    }

    /// A str of an attribute name, the same one each time. Not interned: some Pythons never free those.
    #[inline]
    pub fn name(&mut self, text: &JsonText<'_>) -> Result<Bound<'py, PyAny>, Error> {
        let raw = text.raw();
        if !text.is_plain_ascii() || raw.len() > NAME_BYTES {
            return self.text(text);
        }
        let place = self.tables.as_mut().and_then(|tables| tables.names.get_mut(place_of(raw)));
        let Some(place) = place else {
            return self.text(text);
        };
        if let Some(name) = place
            && name.bytes.get(..usize::from(name.length)) == Some(raw)
        {
            return Ok(name.text.bind(self.py).clone());
        }
        let made = PyString::new(self.py, std::str::from_utf8(raw).unwrap_or_default()).into_any();
        *place = Some(Name::new(raw, made.clone().unbind()));
        Ok(made)
    }

    /// The Decimal of a canonical small integer, if it was made before.
    #[inline]
    pub fn ready_decimal(&self, raw: &[u8]) -> Option<Bound<'py, PyAny>> {
        let ready = self.tables.as_ref()?.integers.get(canonical_index(raw)?)?;
        ready.as_ref().map(|decimal| decimal.bind(self.py).clone())
    }

    /// The Decimal of a number's text, which was checked before.
    #[inline]
    pub fn decimal(&mut self, raw: &[u8], text: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let decimal = self.create_decimal(text)?;
        self.keep_decimal(raw, &decimal);
        Ok(decimal)
    }

    /// Keeps a Decimal ready, if it is a small integer's.
    #[inline]
    pub fn keep_decimal(&mut self, raw: &[u8], decimal: &Bound<'py, PyAny>) {
        if let Some(index) = canonical_index(raw) {
            self.remember(index, decimal);
        }
    }

    #[cold]
    fn remember(&mut self, index: usize, decimal: &Bound<'py, PyAny>) {
        if let Some(tables) = self.tables.as_mut() {
            tables.integers.resize_with(INTEGERS, || None);
            if let Some(place) = tables.integers.get_mut(index) {
                *place = Some(decimal.clone().unbind());
            }
        }
    }

    #[inline]
    fn create_decimal(&mut self, text: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if let Some(create) = self.tables.as_ref().and_then(|tables| tables.create_decimal.as_ref()) {
            return call_one(create.bind(self.py), text);
        }
        let create = exact_create_decimal(self.py).map_err(foreign)?;
        let decimal = call_one(&create, text);
        if let Some(tables) = self.tables.as_mut() {
            tables.create_decimal = Some(create.unbind());
        }
        decimal
    }

    /// An int of ASCII digits behind an optional minus.
    pub fn integer(&self, raw: &[u8]) -> Result<Bound<'py, PyAny>, Error> {
        let text = std::str::from_utf8(raw).unwrap_or_default();
        // 38 digits fit; PyLong's own reading of text takes three times as long.
        if let Ok(value) = text.parse::<i128>() {
            #[cfg_attr(feature = "abi3", allow(clippy::useless_conversion))] // elsewhere it cannot fail
            return value.into_pyobject(self.py).map(Bound::into_any).map_err(|error| foreign(error.into()));
        }
        self.py.get_type::<pyo3::types::PyInt>().call1((text,)).map_err(foreign)
    }

    /// boto3's Binary of bytes.
    pub fn boto3_binary(&self, bytes: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        call_one(&boto3_types::binary(self.py).map_err(foreign)?, bytes)
    }

    /// bytes.
    pub fn bytes(&self, bytes: &[u8]) -> Bound<'py, PyAny> {
        PyBytes::new(self.py, bytes).into_any()
    }

    /// Sets a member that must not be there yet; false if it was.
    #[inline]
    pub fn insert(
        &self,
        dict: &Bound<'py, PyDict>,
        key: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
    ) -> Result<bool, Error> {
        let before = length(dict);
        // SAFETY: all three are live objects owned by `Bound`s, and `dict` is a dict.
        let status = unsafe { ffi::PyDict_SetItem(dict.as_ptr(), key.as_ptr(), value.as_ptr()) };
        if status != 0 {
            return Err(foreign(PyErr::fetch(self.py)));
        }
        Ok(length(dict) > before)
    }

    /// Sets a member that is there.
    #[inline]
    pub fn replace(
        &self,
        dict: &Bound<'py, PyDict>,
        key: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
    ) -> Result<(), Error> {
        // SAFETY: all three are live objects owned by `Bound`s, and `dict` is a dict.
        let status = unsafe { ffi::PyDict_SetItem(dict.as_ptr(), key.as_ptr(), value.as_ptr()) };
        if status == 0 { Ok(()) } else { Err(foreign(PyErr::fetch(self.py))) }
    }

    /// Starts a list or set; its elements are those pushed from here on.
    #[inline]
    pub fn open(&self) -> usize {
        self.elements.len()
    }

    /// Adds an element to the innermost list or set.
    #[inline]
    pub fn push(&mut self, element: Bound<'py, PyAny>) {
        self.elements.push(element);
    }

    /// A list of the elements pushed since `start`.
    pub fn list(&mut self, start: usize) -> Result<Bound<'py, PyAny>, Error> {
        let elements = self.elements.drain(start.min(self.elements.len())..);
        Ok(PyList::new(self.py, elements).map_err(foreign)?.into_any())
    }

    /// A set of the elements pushed since `start`.
    pub fn set(&mut self, start: usize) -> Result<Bound<'py, PyAny>, Error> {
        let set = PySet::empty(self.py).map_err(foreign)?;
        for element in self.elements.drain(start.min(self.elements.len())..) {
            set.add(element).map_err(foreign)?;
        }
        Ok(set.into_any())
    }
}

impl Drop for Maker<'_> {
    fn drop(&mut self) {
        TABLES.set(self.tables.take());
    }
}

impl Tables {
    fn new() -> Self {
        let mut names = Vec::new();
        names.resize_with(NAMES, || None);
        Self { names, integers: Vec::new(), create_decimal: None }
    }
}

impl Name {
    fn new(raw: &[u8], text: Py<PyAny>) -> Self {
        let mut bytes = [0; NAME_BYTES];
        for (to, from) in bytes.iter_mut().zip(raw) {
            *to = *from;
        }
        Self { length: u8::try_from(raw.len()).unwrap_or_default(), bytes, text }
    }
}

/// The place of a name: its length and first and last eight bytes, mixed. Two names of one table that fall on one
/// place only cost their making.
#[inline]
fn place_of(raw: &[u8]) -> usize {
    let head = raw.first_chunk::<8>().map_or_else(|| short_word(raw), |bytes| u64::from_le_bytes(*bytes));
    let tail = raw.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let mixed = (head ^ tail.rotate_left(29) ^ raw.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    #[allow(clippy::cast_possible_truncation)] // the upper eleven bits: below 2048
    let place = (mixed >> 53) as usize;
    place
}

#[inline]
fn short_word(raw: &[u8]) -> u64 {
    raw.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte))
}

/// The value of "0" to "9999" without leading zeros.
#[inline]
pub fn canonical_index(raw: &[u8]) -> Option<usize> {
    if raw.is_empty() || raw.len() > 4 || (raw.len() > 1 && raw.first() == Some(&b'0')) {
        return None;
    }
    raw.iter().try_fold(0, |value, &byte| byte.is_ascii_digit().then(|| value * 10 + usize::from(byte - b'0')))
}

/// `create_decimal` of a context of our own that never rounds: the texts are checked before, and a user who changes
/// boto3's shared context changes nothing here. It is 12 to 25 % faster than calling `Decimal`.
fn exact_create_decimal(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let decimal = py.import("decimal")?;
    let kwargs = PyDict::new(py);
    for (name, limit) in [("prec", "MAX_PREC"), ("Emin", "MIN_EMIN"), ("Emax", "MAX_EMAX")] {
        kwargs.set_item(name, decimal.getattr(limit)?)?;
    }
    decimal.getattr("Context")?.call((), Some(&kwargs))?.getattr("create_decimal")
}

/// Calls a Python function with one argument.
#[inline]
pub fn call_one<'py>(function: &Bound<'py, PyAny>, argument: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
    #[cfg(not(feature = "abi3"))]
    // SAFETY: both are live objects; the result is a new reference or NULL with an exception set.
    let result = unsafe {
        let result = ffi::PyObject_CallOneArg(function.as_ptr(), argument.as_ptr());
        Bound::from_owned_ptr_or_err(function.py(), result)
    };
    #[cfg(feature = "abi3")]
    let result = function.call1((argument,));
    result.map_err(foreign)
}

/// The same; an exception is forgotten.
#[inline]
pub fn call_or_clear<'py>(function: &Bound<'py, PyAny>, argument: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = function.py();
    // SAFETY: both are live objects; the result is a new reference, or NULL with an exception set, which is cleared
    // here without ever being pyo3's.
    unsafe {
        let arguments = ffi::PyTuple_New(1);
        let arguments = Bound::from_owned_ptr_or_opt(py, arguments)?;
        ffi::PyTuple_SetItem(arguments.as_ptr(), 0, argument.clone().into_ptr());
        let made = ffi::PyObject_CallObject(function.as_ptr(), arguments.as_ptr());
        if made.is_null() {
            ffi::PyErr_Clear();
        }
        Bound::from_owned_ptr_or_opt(py, made)
    }
}

/// A str of ASCII bytes. Only the version-specific body can fail.
#[cfg_attr(feature = "abi3", allow(clippy::unnecessary_wraps))]
#[inline]
pub fn ascii<'py>(py: Python<'py>, raw: &[u8]) -> Result<Bound<'py, PyAny>, Error> {
    #[cfg(not(feature = "abi3"))]
    if raw.len() > 1 {
        // SAFETY: a str of maximal character 127 and this length has exactly `len` bytes of data behind its head,
        // nobody else has seen it yet, and every byte written is ASCII (the scanner saw no other).
        return unsafe {
            let made = ffi::PyUnicode_New(raw.len().cast_signed(), 127);
            let text = Bound::from_owned_ptr_or_err(py, made).map_err(foreign)?;
            std::ptr::copy_nonoverlapping(raw.as_ptr(), ffi::PyUnicode_1BYTE_DATA(made), raw.len());
            Ok(text)
        };
    }
    // Python keeps one str for "" and for each single character.
    Ok(PyString::new(py, std::str::from_utf8(raw).unwrap_or_default()).into_any())
}
