//! What only C can do for the drop-in: methods that bind like Python's own, and a stamp that tells when a class changes.
//!
//! A function of an extension does not bind when it is assigned to a class. A method descriptor does, also for
//! subclasses: 67 ns a call, where a Python function in between takes as much again.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
#[cfg(not(feature = "abi3"))]
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use super::errors::guard;

/// A method of one argument beside self.
pub trait Body {
    /// Its name.
    const NAME: &'static CStr;
    /// Signature and docstring in the form that `inspect` reads.
    const DOC: &'static CStr;
    /// The name by which the argument may be passed.
    const ARGUMENT: &'static str;

    /// The answer where it needs next to nothing. Whatever is dropped in here is owned by a `Bound`: pyo3 does not
    /// know yet that this thread is attached, and would keep anything else for later.
    fn quick<'py>(_me: &Bound<'py, PyAny>, _argument: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        None
    }

    /// What it does.
    fn run<'py>(me: &Bound<'py, PyAny>, argument: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;
}

/// A method as Python is told of it.
pub struct Method {
    name: &'static CStr,
    doc: &'static CStr,
    entry: ffi::PyCFunctionFastWithKeywords,
}

impl Method {
    /// The method with this body.
    pub const fn of<B: Body>() -> Self {
        Self { name: B::NAME, doc: B::DOC, entry: entry::<B> }
    }

    /// Its name.
    pub fn name(&self) -> &'static CStr {
        self.name
    }
}

/// A method descriptor for a class.
pub fn descriptor<'py>(class: &Bound<'py, PyType>, method: &Method) -> PyResult<Bound<'py, PyAny>> {
    let definition = Box::new(ffi::PyMethodDef {
        ml_name: method.name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: method.entry },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: method.doc.as_ptr(),
    });
    // SAFETY: the class is a live type. The definition is leaked, for the descriptor points to it as long as anybody
    // holds it; a class gets its descriptors once. The result is a new reference, or NULL with an exception set.
    unsafe {
        let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), Box::leak(definition));
        Bound::from_owned_ptr_or_err(class.py(), made)
    }
}

/// What Python calls.
///
/// # Safety
/// As a method with the convention of fast calls with keywords: self checked by the descriptor, `count` positional
/// arguments, and behind them one for each of `names`, all alive during the call.
unsafe extern "C" fn entry<B: Body>(
    me: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    if count == 1 && names.is_null() {
        // SAFETY: Python calls with this thread attached, and both objects are alive. To tell pyo3 as well takes 15 ns,
        // a sixth of a short value.
        let answer = unsafe {
            let py = Python::assume_attached();
            let (me, argument) = (Bound::from_borrowed_ptr(py, me), Bound::from_borrowed_ptr(py, *arguments));
            catch_unwind(AssertUnwindSafe(|| B::quick(&me, &argument)))
        };
        if let Ok(Some(answer)) = answer {
            return answer.into_ptr();
        }
    }
    Python::attach(|py| {
        // SAFETY: see above. There is an argument to borrow when one was passed, by position or by name.
        let (me, passed) = unsafe {
            let passed = match Bound::from_borrowed_ptr_or_opt(py, names) {
                None => count == 1,
                Some(names) => count == 0 && is_only(&names, B::ARGUMENT),
            };
            (Bound::from_borrowed_ptr(py, me), passed.then(|| Bound::from_borrowed_ptr(py, *arguments)))
        };
        let done = guard(py, || match passed {
            Some(passed) => B::run(&me, &passed),
            None => Err(PyTypeError::new_err(format!("expected one argument: {}", B::ARGUMENT))),
        });
        match done {
            Ok(value) => value.into_ptr(),
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    })
}

fn is_only(names: &Bound<'_, PyAny>, argument: &str) -> bool {
    names.extract::<(String,)>().is_ok_and(|(name,)| name == argument)
}

/// The attributes of an instance.
#[inline]
pub fn attributes<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    let py = object.py();
    // SAFETY: a live object; the result is a new reference, or NULL with an exception if it has no such dict.
    let found = unsafe {
        Bound::from_owned_ptr_or_opt(py, ffi::PyObject_GenericGetDict(object.as_ptr(), std::ptr::null_mut()))
    };
    if found.is_none() {
        drop(PyErr::take(py));
    }
    found.and_then(|found| found.cast_into::<PyDict>().ok())
}

/// Whether a class made by Python looks up attributes of its instances in another way than the usual.
pub fn looks_up_its_own_way(class: &Bound<'_, PyType>) -> bool {
    // SAFETY: a live type; since Python 3.10 any type may be asked for its slots.
    let slot = unsafe { ffi::PyType_GetSlot(class.as_type_ptr(), ffi::Py_tp_getattro) };
    !std::ptr::eq(slot, ffi::PyObject_GenericGetAttr as *const std::ffi::c_void)
}

/// Whether stamps were tried, and changed with their class.
static STAMPS_HOLD: AtomicBool = AtomicBool::new(false);

/// The class of an object and its stamp, which changes when the class or one of its bases does. None where there is no
/// stamp: then nothing about the class may be remembered.
#[inline]
pub fn stamp(object: &Bound<'_, PyAny>) -> Option<(usize, u32)> {
    if STAMPS_HOLD.load(Ordering::Relaxed) { version_tag(object) } else { None }
}

#[cfg(not(feature = "abi3"))]
#[inline]
fn version_tag(object: &Bound<'_, PyAny>) -> Option<(usize, u32)> {
    // SAFETY: a live object has a live type. Python resets the version tag of a type and its subclasses whenever the
    // type is changed, and never gives a tag out twice; 0 is no tag.
    let (class, tag) = unsafe {
        let class = ffi::Py_TYPE(object.as_ptr());
        (class as usize, (*class).tp_version_tag)
    };
    (tag != 0).then_some((class, tag))
}

/// The stable ABI hides it.
#[cfg(feature = "abi3")]
fn version_tag(_object: &Bound<'_, PyAny>) -> Option<(usize, u32)> {
    None
}

/// Tries on classes made for it whether stamps do what is said of them. Until then nothing is remembered.
pub fn try_stamps(py: Python<'_>) {
    if !STAMPS_HOLD.load(Ordering::Relaxed) && stamps_hold(py).unwrap_or(false) {
        STAMPS_HOLD.store(true, Ordering::Relaxed);
    }
}

fn stamps_hold<'py>(py: Python<'py>) -> PyResult<bool> {
    let class = |name, base: &Bound<'py, PyAny>| py.get_type::<PyType>().call1((name, (base,), PyDict::new(py)));
    let look = |object: &Bound<'_, PyAny>| object.getattr("method").map(|_| version_tag(object));
    let base = class("Base", py.get_type::<PyAny>().as_any())?;
    base.setattr("method", 0)?;
    let (one, other) = (class("One", &base)?.call0()?, class("Other", &base)?.call0()?);
    let mut before = look(&one)?;
    let mut hold = before.is_some() && look(&one)? == before && look(&other)? != before;
    // A change of the base shows in what is derived from it, again and again.
    for value in [1, 2] {
        base.setattr("method", value)?;
        let after = look(&one)?;
        hold &= after.is_some() && after != before;
        before = after;
    }
    Ok(hold)
}

/// What a decimal context holds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Limits {
    /// Digits of a coefficient.
    pub precision: isize,
    /// The largest exponent of a first digit.
    pub top: isize,
    /// The smallest.
    pub bottom: isize,
}

/// The limits of a decimal context.
#[cfg(not(feature = "abi3"))]
pub fn limits(context: &Bound<'_, PyAny>) -> PyResult<Limits> {
    /// The beginning of a context of the `_decimal` extension.
    #[repr(C)]
    struct Head {
        object: ffi::PyObject,
        limits: Limits,
    }

    fn read(context: &Bound<'_, PyAny>) -> Limits {
        // SAFETY: `context` is a live object of a type that is as large as `Head` or larger; `layout` has looked.
        unsafe { (*context.as_ptr().cast::<Head>()).limits }
    }

    /// The class whose objects begin like `Head`: tried once, on a context that is told its numbers twice.
    fn layout(py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let class = py.import("_decimal")?.getattr("Context")?;
        let size: usize = class.getattr("__basicsize__")?.extract()?;
        if size < size_of::<Head>() {
            return Ok(None);
        }
        let tried = class.call0()?;
        for (precision, top, bottom) in [(17, 4321, -1234), (29, 765, -56)] {
            tried.setattr("prec", precision)?;
            tried.setattr("Emax", top)?;
            tried.setattr("Emin", bottom)?;
            if read(&tried) != (Limits { precision, top, bottom }) {
                return Ok(None);
            }
        }
        Ok(Some(class.unbind()))
    }

    static CLASS: PyOnceLock<Option<Py<PyAny>>> = PyOnceLock::new();
    let py = context.py();
    match CLASS.get_or_init(py, || layout(py).ok().flatten()) {
        // 5 ns instead of 40 for each attribute: half of the time of one number.
        Some(class) if context.get_type().is(class) => Ok(read(context)),
        _ => asked_limits(context),
    }
}

/// The stable ABI promises nothing about what an object looks like.
#[cfg(feature = "abi3")]
pub fn limits(context: &Bound<'_, PyAny>) -> PyResult<Limits> {
    asked_limits(context)
}

/// No limits where the class is somebody's own: what its methods do is not known.
fn asked_limits(context: &Bound<'_, PyAny>) -> PyResult<Limits> {
    if !context.get_type().is(&context.py().import("decimal")?.getattr("Context")?) {
        return Ok(Limits::default());
    }
    Ok(Limits {
        precision: context.getattr("prec")?.extract()?,
        top: context.getattr("Emax")?.extract()?,
        bottom: context.getattr("Emin")?.extract()?,
    })
}
