//! Whether two Python values are surely the same, found without running any code of theirs: both are of Python's own
//! classes all through, and in the same order.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyInt, PyList, PySet, PyString};

use super::classes::DECIMAL;
use super::dict::{Walk, first_member, length, members};
use super::py_node::{PyText, ascii_of};
use crate::core::diff::{Member, Unlike};
use crate::core::node::Node;

/// Deeper values are left to a walk that knows the limit of DynamoDB; each level of a map takes two.
const LEVELS: u32 = 80;

/// Whether two values are surely the same.
#[inline]
pub fn alike(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> bool {
    are_alike(one, other, LEVELS)
}

#[inline]
fn are_alike(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, levels: u32) -> bool {
    if one.is(other) {
        return true;
    }
    if one.get_type_ptr() != other.get_type_ptr() || levels == 0 {
        return false;
    }
    if let (Ok(one), Ok(other)) = (one.cast_exact::<PyString>(), other.cast_exact::<PyString>()) {
        return same_text(one, other);
    }
    if let (Ok(one), Ok(other)) = (one.cast_exact::<PyDict>(), other.cast_exact::<PyDict>()) {
        return same_members(one, other, levels - 1);
    }
    if let (Ok(one), Ok(other)) = (one.cast_exact::<PyList>(), other.cast_exact::<PyList>()) {
        let mut both = one.iter().zip(other.iter());
        return one.len() == other.len() && both.all(|(one, other)| are_alike(&one, &other, levels - 1));
    }
    same_scalar(one, other)
}

/// Of scalars that Python itself compares as DynamoDB does.
fn same_scalar(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> bool {
    let compares_by_value = one.is_exact_instance_of::<PyInt>()
        || one.is_exact_instance_of::<PyBytes>()
        || one.is_exact_instance_of::<PyFloat>()
        || DECIMAL.is_exact(one)
        || is_plain_set(one) && is_plain_set(other);
    // A signalling NaN raises.
    compares_by_value && one.eq(other).unwrap_or(false)
}

fn is_plain_set(value: &Bound<'_, PyAny>) -> bool {
    let is_plain = |member: Bound<'_, PyAny>| {
        member.is_exact_instance_of::<PyString>()
            || member.is_exact_instance_of::<PyInt>()
            || member.is_exact_instance_of::<PyBytes>()
            || DECIMAL.is_exact(&member)
    };
    value.cast_exact::<PySet>().is_ok_and(|set| set.iter().all(is_plain))
}

#[inline]
fn same_text(one: &Bound<'_, PyString>, other: &Bound<'_, PyString>) -> bool {
    match (ascii_of(one), ascii_of(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.to_str().is_ok_and(|one| other.to_str().is_ok_and(|other| one == other)),
        _ => false,
    }
}

#[inline]
fn same_members(one: &Bound<'_, PyDict>, other: &Bound<'_, PyDict>, levels: u32) -> bool {
    let count = length(one);
    if count != length(other) {
        return false;
    }
    // Nearly every attribute value is a dict of one member.
    if count == 1 {
        return match (first_member(one), first_member(other)) {
            (Some((name, value)), Some((its_name, its_value))) => {
                same_name(&name, &its_name) && are_alike(&value, &its_value, levels)
            }
            _ => false,
        };
    }
    all_alike(one, other, levels)
}

fn all_alike(one: &Bound<'_, PyDict>, other: &Bound<'_, PyDict>, levels: u32) -> bool {
    let (mut walk, mut beside) = (Walk::of(one), Walk::of(other));
    loop {
        match (walk.step(), beside.step()) {
            (Some((name, value)), Some((its_name, its_value))) => {
                if !same_name(&name, &its_name) || !are_alike(&value, &its_value, levels) {
                    return false;
                }
            }
            (None, None) => return true,
            _ => return false,
        }
    }
}

#[inline]
fn same_name(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>) -> bool {
    if one.is(other) {
        return true;
    }
    match (one.cast_exact::<PyString>(), other.cast_exact::<PyString>()) {
        (Ok(one), Ok(other)) => same_text(one, other),
        _ => false,
    }
}

/// The members of two exact dicts whose names are exact strs, but for those alike at the same place. `member` makes one
/// of a name and a value, or says that it cannot.
pub fn unlike<'py, N: Node>(
    old: &Bound<'py, PyDict>,
    new: &Bound<'py, PyDict>,
    member: impl Fn(PyText<'py>, Bound<'py, PyAny>) -> Option<Member<N>>,
) -> Option<Unlike<N>> {
    let (old, new) = (members(old), members(new));
    let made = |(name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>)| {
        let name = name.cast_into_exact::<PyString>().ok().map(PyText)?;
        name.check().ok().and_then(|()| member(name, value))
    };
    let mut unlike = Unlike::of(Vec::new(), Vec::new());
    unlike.in_step = old.len() == new.len();
    let both = old.len().min(new.len());
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    for (before, after) in old.by_ref().take(both).zip(new.by_ref()) {
        let in_step = same_name(&before.0, &after.0);
        if !in_step || !alike(&before.1, &after.1) {
            unlike.in_step &= in_step;
            unlike.old.push(made(before)?);
            unlike.new.push(made(after)?);
        }
    }
    for (rest, unlike) in [(old, &mut unlike.old), (new, &mut unlike.new)] {
        for pair in rest {
            unlike.push(made(pair)?);
        }
    }
    Some(unlike)
}
