//! The members of an exact dict, read where they lie.
#![allow(unsafe_code)]

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

#[cfg(not(feature = "abi3"))]
mod table {
    //! The table of a dict's members as CPython 3.11 to 3.14 lay it out. Nothing promises that, so it is tried at import,
    //! and where it does not hold every walk goes through PyDict_Next, as it does for names that are no str and for the
    //! shared tables of instances.

    use std::sync::atomic::{AtomicBool, Ordering};

    use pyo3::ffi;
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    static IS_KNOWN: AtomicBool = AtomicBool::new(false);

    /// Whether the layout holds.
    #[inline]
    pub fn is_known() -> bool {
        IS_KNOWN.load(Ordering::Relaxed)
    }

    /// Of a table whose names are all exact strs.
    const NAMES: u8 = 1;

    #[repr(C)]
    struct Table {
        references: isize,
        log2_size: u8,
        log2_index_bytes: u8,
        kind: u8,
        version: u32,
        usable: isize,
        count: isize,
    }

    #[repr(C)]
    struct Entry {
        name: *mut ffi::PyObject,
        value: *mut ffi::PyObject,
    }

    /// What is behind a position.
    #[derive(PartialEq)]
    pub enum Next {
        /// A member: name and value.
        Member(*mut ffi::PyObject, *mut ffi::PyObject),
        /// Nothing.
        End,
        /// Only PyDict_Next can tell.
        Unknown,
    }

    /// What is behind a position, which moves on. A call of PyDict_Next takes 5 ns, twice for each attribute: without it
    /// an item is unmarshalled in 0.84 to 0.95 of the time.
    ///
    /// # Safety
    /// `dict` is a live exact dict.
    #[inline]
    pub unsafe fn next(dict: *mut ffi::PyObject, position: &mut ffi::Py_ssize_t) -> Next {
        if !is_known() {
            return Next::Unknown;
        }
        // SAFETY: a live dict has a table, whose layout was tried.
        unsafe { read(dict, position) }
    }

    /// # Safety
    /// As of `next`, and the layout is the one above.
    #[inline]
    unsafe fn read(dict: *mut ffi::PyObject, position: &mut ffi::Py_ssize_t) -> Next {
        // SAFETY: behind the head of a table lie its hashes, one byte or more each, and behind those `count` entries; one
        // that was deleted has no value. No entry moves while nothing else runs.
        unsafe {
            let table = (*dict.cast::<ffi::PyDictObject>()).ma_keys.cast::<Table>();
            if (*table).kind != NAMES {
                return Next::Unknown;
            }
            let entries = table.add(1).byte_add(1 << (*table).log2_index_bytes).cast::<Entry>();
            while *position < (*table).count {
                let entry = entries.offset(*position);
                *position += 1;
                if !(*entry).value.is_null() {
                    return Next::Member((*entry).name, (*entry).value);
                }
            }
            Next::End
        }
    }

    /// Tries the layout on tables with hashes of one byte and of two, with and without gaps.
    pub fn learn(py: Python<'_>) -> PyResult<()> {
        let mut is_known = true;
        for count in [1_usize, 6, 200] {
            let dict = PyDict::new(py);
            for at in 0..count {
                dict.set_item(format!("name {at}"), at)?;
            }
            is_known = is_known && holds(&dict);
            dict.del_item("name 0")?;
            is_known = is_known && holds(&dict);
        }
        IS_KNOWN.store(is_known, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it gives what PyDict_Next gives. Stops at the first difference, so that nothing is read by a wrong layout
    /// but the head of a table and its first entry, both inside of the smallest table.
    fn holds(dict: &Bound<'_, PyDict>) -> bool {
        let dict = dict.as_ptr();
        let (mut position, mut behind) = (0, 0);
        loop {
            let (mut name, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
            // SAFETY: a live dict.
            let more = unsafe { ffi::PyDict_Next(dict, &raw mut behind, &raw mut name, &raw mut value) } != 0;
            let wanted = if more { Next::Member(name, value) } else { Next::End };
            // SAFETY: a live dict with strs for names.
            if unsafe { read(dict, &mut position) } != wanted || position != behind && more {
                return false;
            }
            if !more {
                return true;
            }
        }
    }
}

/// Whether dicts are read without a call for each member.
pub fn is_read_in_place() -> bool {
    #[cfg(not(feature = "abi3"))]
    let known = table::is_known();
    #[cfg(feature = "abi3")]
    let known = false;
    known
}

/// Learns how dicts lie in memory.
#[cfg(not(feature = "abi3"))]
pub use table::learn;

/// The next member behind a position, lent by the dict.
///
/// # Safety
/// `dict` is a live exact dict, and nothing that could change it runs before the member has references of its own.
#[inline]
unsafe fn lend(
    dict: *mut ffi::PyObject,
    position: &mut ffi::Py_ssize_t,
) -> Option<(*mut ffi::PyObject, *mut ffi::PyObject)> {
    #[cfg(not(feature = "abi3"))]
    // SAFETY: as above.
    match unsafe { table::next(dict, position) } {
        table::Next::Member(key, value) => return Some((key, value)),
        table::Next::End => return None,
        table::Next::Unknown => {}
    }
    let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: as above.
    let more = unsafe { ffi::PyDict_Next(dict, position, &raw mut key, &raw mut value) } != 0;
    more.then_some((key, value))
}

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
        // SAFETY: `dict` is a live dict. Key and value get a reference of their own before anything can run that might
        // change the dict, and a changed dict only ends the walk early or late.
        unsafe {
            let (key, value) = lend(self.dict.as_ptr(), &mut self.position)?;
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
    let mut position = 0;
    // SAFETY: `dict` is a live dict. Nothing that could change it runs before its members get references of their own.
    while let Some((key, value)) = unsafe { lend(dict.as_ptr(), &mut position) } {
        fetch(value);
        lent.push((key, value));
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

/// The value at a place in a dict, if the name there is this ASCII text. Dicts that one parser has made hold the same
/// names at the same places: looking there first takes a third of the time of a look-up, and misses no cache line of
/// the table of hashes.
#[cfg(not(feature = "abi3"))]
#[inline]
pub fn member_at<'py>(dict: &Bound<'py, PyDict>, place: u32, name: &[u8]) -> Option<Bound<'py, PyAny>> {
    let py = dict.py();
    let mut position = ffi::Py_ssize_t::try_from(place).ok()?;
    let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: `dict` is a live dict. PyDict_Next takes any position that is not negative: one behind the last entry
    // gives nothing. It lends its key and value; the value gets a reference of its own before anything else runs.
    unsafe {
        if ffi::PyDict_Next(dict.as_ptr(), &raw mut position, &raw mut key, &raw mut value) == 0 {
            return None;
        }
        if ffi::PyUnicode_CheckExact(key) == 0 || ffi::PyUnicode_IS_COMPACT_ASCII(key) == 0 {
            return None;
        }
        let length = usize::try_from(ffi::PyUnicode_GET_LENGTH(key)).ok()?;
        let text = std::slice::from_raw_parts(ffi::PyUnicode_1BYTE_DATA(key), length);
        (text == name).then(|| Bound::from_borrowed_ptr(py, value))
    }
}

/// The stable ABI has no way to the text of a str that is not a call.
#[cfg(feature = "abi3")]
pub fn member_at<'py>(_dict: &Bound<'py, PyDict>, _place: u32, _name: &[u8]) -> Option<Bound<'py, PyAny>> {
    None
}

/// The place of a name in a dict, for `member_at`.
pub fn place_of(dict: &Bound<'_, PyDict>, name: &[u8]) -> Option<u32> {
    let mut walk = Walk::of(dict);
    loop {
        let before = walk.position;
        let (key, _) = walk.step()?;
        let found = key.cast_exact::<PyString>().is_ok_and(|key| key.to_str().is_ok_and(|key| key.as_bytes() == name));
        if found {
            return u32::try_from(before).ok();
        }
    }
}
