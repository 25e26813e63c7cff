//! The members of an exact dict, read where they lie.
#![allow(unsafe_code)]

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A walk through the members of an exact dict.
pub struct Walk<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
    position: ffi::Py_ssize_t,
    length: usize,
    /// Members given so far.
    given: usize,
}

impl<'a, 'py> Walk<'a, 'py> {
    /// A walk from the first member.
    #[inline]
    pub fn of(dict: &'a Bound<'py, PyDict>) -> Self {
        Self { dict, position: 0, length: length(dict), given: 0 }
    }

    /// The next member, whatever has become of the dict.
    #[inline]
    pub fn step(&mut self) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let py = self.dict.py();
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: `dict` is a live dict. PyDict_Next lends its key and value when it returns true; both get a
        // reference of their own before anything can run that might change the dict, and a changed dict only ends the
        // walk early or late.
        unsafe {
            if ffi::PyDict_Next(self.dict.as_ptr(), &raw mut self.position, &raw mut key, &raw mut value) == 0 {
                return None;
            }
            Some((Bound::from_borrowed_ptr(py, key), Bound::from_borrowed_ptr(py, value)))
        }
    }

    /// The next member; an error, as in a loop of Python's, when the dict has changed its size or its keys.
    #[inline]
    pub fn next(&mut self) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        self.check()?;
        let member = self.step();
        self.given += usize::from(member.is_some());
        if self.given > self.length {
            return Err(PyRuntimeError::new_err("dictionary keys changed during iteration"));
        }
        Ok(member)
    }

    /// That error, when it has.
    #[inline]
    pub fn check(&self) -> PyResult<()> {
        if length(self.dict) == self.length {
            return Ok(());
        }
        Err(PyRuntimeError::new_err("dictionary changed size during iteration"))
    }
}

/// How many members a dict has.
#[inline]
pub fn length(dict: &Bound<'_, PyDict>) -> usize {
    #[cfg(not(feature = "abi3"))]
    // SAFETY: a live dict; the count is the first field behind its head. A call of PyDict_Size takes 2 ns, three times
    // for each attribute.
    let length = unsafe { (*dict.as_ptr().cast::<ffi::PyDictObject>()).ma_used.cast_unsigned() };
    #[cfg(feature = "abi3")]
    let length = dict.len();
    length
}

/// The name and value of an exact dict of one member.
#[inline]
pub fn only_member<'py>(value: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    value.cast_exact::<PyDict>().ok().filter(|dict| length(dict) == 1).and_then(first_member)
}

/// The first member of a dict.
#[inline]
pub fn first_member<'py>(dict: &Bound<'py, PyDict>) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    Walk { dict, position: 0, length: 0, given: 0 }.step()
}

/// All members of a dict, as they are now. The objects of a parsed event lie all over the memory, and to wait for one
/// after the other takes longer than to read them: the processor is asked for all of them before it needs the first.
pub fn members<'py>(dict: &Bound<'py, PyDict>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let mut lent = Vec::with_capacity(length(dict));
    let (mut position, mut key, mut value) = (0, std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: `dict` is a live dict. Nothing that could change it runs before its members, which PyDict_Next lends, get
    // references of their own.
    unsafe {
        while ffi::PyDict_Next(dict.as_ptr(), &raw mut position, &raw mut key, &raw mut value) != 0 {
            fetch(value);
            lent.push((key, value));
        }
    }
    let owned = lent.into_iter().map(|(key, value)| {
        // SAFETY: as above; both are alive.
        let member = unsafe { (Bound::from_borrowed_ptr(dict.py(), key), Bound::from_borrowed_ptr(dict.py(), value)) };
        fetch_members(&member.1);
        member
    });
    owned.collect()
}

/// Asks the processor for the memory at this address, whatever it is.
#[cfg(target_arch = "x86_64")]
#[inline]
fn fetch<T>(address: *const T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: nothing is read: the processor ignores an address that it cannot use.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
}

/// Elsewhere the processor finds out by itself.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn fetch<T>(_address: *const T) {}

/// The same for the members of a dict.
#[inline]
fn fetch_members(value: &Bound<'_, PyAny>) {
    #[cfg(not(feature = "abi3"))]
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        // SAFETY: a live dict; behind its count stands the address of its table.
        let table = unsafe { (*dict.as_ptr().cast::<ffi::PyDictObject>()).ma_keys };
        fetch(table);
        fetch(table.cast::<u8>().wrapping_add(64));
    }
    #[cfg(feature = "abi3")]
    let _ = value;
}
