//! TypeSerializer: Python values as boto3 writes them, leniencies and hooks included.
//!
//! Values of Python's own classes are written here. Whatever else a value may be goes to the plain function of the
//! class, which is written in Python as boto3's is, and whose answers and errors are boto3's.

use std::ffi::CStr;

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType};

use super::boto3_types::{self, Context};
use super::classes::{BINARY, DECIMAL};
use super::digits;
use super::dropin::{Body, Method};
use super::errors::{foreign, guard, impossible, raise_marshall, refused};
use super::hooks::{Cache, Family, Methods, depth, too_deep};
use super::make::Maker;
use super::members::EachMember;
use super::py_node::{PyText, small_int};
use super::tag::tagged;
use crate::core::attribute_value::{SetKind, Tag};
use crate::core::error::{Error, Step};
use crate::core::limits::{ATTRIBUTE_DEPTH, NUMBER_DIGITS};
use crate::core::node::Text;

/// `serialize`, the method of each tag, and what tells the tag of a value, in this order.
const NAMES: [&str; 21] = [
    "serialize",
    "_serialize_s",
    "_serialize_n",
    "_serialize_b",
    "_serialize_bool",
    "_serialize_null",
    "_serialize_l",
    "_serialize_m",
    "_serialize_ss",
    "_serialize_ns",
    "_serialize_bs",
    "_get_dynamodb_type",
    "_is_null",
    "_is_boolean",
    "_is_number",
    "_is_string",
    "_is_binary",
    "_is_set",
    "_is_type_set",
    "_is_map",
    "_is_listlike",
];

const SERIALIZE: usize = 0;
/// The first of those that tell the tag: with a hook among them, all of it is done in Python.
const TELLING: usize = 11;

fn place_of(tag: Tag) -> usize {
    match tag {
        Tag::S => 1,
        Tag::N => 2,
        Tag::B => 3,
        Tag::Bool => 4,
        Tag::Null => 5,
        Tag::L => 6,
        Tag::M => 7,
        Tag::Set(SetKind::String) => 8,
        Tag::Set(SetKind::Number) => 9,
        Tag::Set(SetKind::Binary) => 10,
    }
}

/// `serialize(value)`.
struct Serialize;

impl Body for Serialize {
    const NAME: &'static CStr = c"serialize";
    const DOC: &'static CStr = c"serialize($self, value)\n--\n\nTurn one Python value into an attribute value.";
    const ARGUMENT: &'static str = "value";

    /// Scalars, for which the calls around take longer than the work.
    #[inline]
    fn quick<'py>(me: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let tag = scalar_tag(value)?;
        if !CACHE.with(|cache| Methods::is_plain(me, cache)) {
            return None;
        }
        match tag {
            Tag::N => {
                let context = boto3_types::context(me.py()).ok()?;
                let text = if context.keeps_plain_numbers { plain_number(value).ok()?? } else { return None };
                tagged(tag, &text).ok()
            }
            Tag::Null => tagged(tag, PyBool::new(me.py(), true).as_any()).ok(),
            _ => tagged(tag, value).ok(),
        }
    }

    fn run<'py>(me: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        writing(me, |writer| writer.value(value))
    }
}

/// `serialize_item(item)`.
struct Item;

impl Body for Item {
    const NAME: &'static CStr = c"serialize_item";
    const DOC: &'static CStr = c"serialize_item($self, item)\n--\n\nTurn an item into attribute values.";
    const ARGUMENT: &'static str = "item";

    fn run<'py>(me: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        writing(me, |writer| writer.item(item))
    }
}

/// `serialize_items(items)`.
struct Items;

impl Body for Items {
    const NAME: &'static CStr = c"serialize_items";
    const DOC: &'static CStr = c"serialize_items($self, items)\n--\n\nTurn items into attribute values.";
    const ARGUMENT: &'static str = "items";

    fn run<'py>(me: &Bound<'py, PyAny>, items: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        writing(me, |writer| writer.items(items))
    }
}

static METHODS: [Method; 3] = [Method::of::<Serialize>(), Method::of::<Item>(), Method::of::<Items>()];

static FAMILY: Family = Family::new(&NAMES, &METHODS);

thread_local! {
    static CACHE: Cache = const { Cache::new() };
}

/// Makes a class known as a TypeSerializer.
#[pyfunction]
pub fn bind_serializer<'py>(class: &Bound<'py, PyType>, known: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    guard(class.py(), || FAMILY.bind(class, known))
}

/// Writes values for one object, during one call.
struct Writer<'a, 'py> {
    py: Python<'py>,
    methods: Methods<'a, 'py>,
    maker: Maker<'py>,
    /// As it was when nobody's code has run since.
    context: Option<Context<'py>>,
    depth: u32,
}

fn writing<'py, T>(
    me: &Bound<'py, PyAny>,
    write: impl FnOnce(&mut Writer<'_, 'py>) -> Result<T, Error>,
) -> PyResult<T> {
    let py = me.py();
    let methods = CACHE.with(|cache| Methods::of(&FAMILY, me, cache))?;
    let mut writer = Writer { py, methods, maker: Maker::new(py), context: None, depth: depth() };
    write(&mut writer).map_err(|error| raise_marshall(py, error))
}

impl<'py> EachMember<'py> for Writer<'_, 'py> {
    fn maker(&self) -> &Maker<'py> {
        &self.maker
    }

    fn has_hooks(&self) -> bool {
        self.methods.any_hook()
    }

    /// A value inside another: boto3 calls the method for it, which may be a hook.
    #[inline]
    fn nested(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.methods.is_hook(SERIALIZE) {
            self.context = None;
            return self.methods.call_hook(SERIALIZE, value, self.depth);
        }
        self.value(value)
    }
}

impl<'py> Writer<'_, 'py> {
    #[inline]
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        match self.tag_of(value)? {
            Some(tag) => {
                let payload = self.payload(tag, value)?;
                tagged(tag, &payload)
            }
            None => self.plain(value),
        }
    }

    /// boto3's way, step by step in Python.
    #[cold]
    fn plain(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        self.context = None;
        self.methods.call_plain(SERIALIZE, value, self.depth + 1)
    }

    #[cold]
    fn hooked(&mut self, place: usize, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        self.context = None;
        self.methods.call_hook(place, value, self.depth + 1)
    }

    /// The tag of a value of one of Python's own classes; None for any other.
    #[inline]
    fn tag_of(&self, value: &Bound<'py, PyAny>) -> Result<Option<Tag>, Error> {
        if self.methods.any_hook_of(TELLING..NAMES.len()) {
            return Ok(None);
        }
        if let Some(tag) = scalar_tag(value) {
            return Ok(Some(tag));
        }
        Ok(Some(if value.is_exact_instance_of::<PyDict>() {
            Tag::M
        } else if value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyTuple>() {
            Tag::L
        } else if is_binary(value) {
            Tag::B
        } else if value.is_exact_instance_of::<PySet>() || value.is_exact_instance_of::<PyFrozenSet>() {
            return set_kind(value).map(|kind| kind.map(Tag::Set));
        } else {
            return Ok(None);
        }))
    }

    #[inline]
    fn payload(&mut self, tag: Tag, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let place = place_of(tag);
        if self.methods.is_hook(place) {
            return self.hooked(place, value);
        }
        match tag {
            Tag::S | Tag::Bool => Ok(value.clone()),
            Tag::N => self.number(value),
            Tag::B => binary(value),
            Tag::Null => Ok(PyBool::new(self.py, true).to_owned().into_any()),
            Tag::M => self.map(value),
            Tag::L => self.list(value),
            Tag::Set(kind) => self.set(kind, value),
        }
    }

    fn context(&mut self) -> Result<&Context<'py>, Error> {
        if self.context.is_none() {
            self.context = Some(boto3_types::context(self.py).map_err(foreign)?);
        }
        self.context.as_ref().ok_or_else(impossible)
    }

    /// The text of an int, bool or Decimal that has gone through boto3's context.
    fn number(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.context()?.keeps_plain_numbers
            && let Some(text) = plain_number(value)?
        {
            return Ok(text);
        }
        let made = self.context()?.create.call1((value,)).map_err(refused)?;
        let text = made.str().map_err(refused)?;
        if matches!(text.to_str(), Ok("Infinity" | "NaN")) {
            return Err(refused(PyTypeError::new_err("Infinity and NaN not supported")));
        }
        Ok(text.into_any())
    }

    fn deeper<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= ATTRIBUTE_DEPTH {
            return Err(refused(too_deep()));
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    fn list(&mut self, list: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        self.deeper(|writer| {
            let start = writer.maker.open();
            let mut at = 0;
            while let Some(element) = element(list, at) {
                let value = writer.nested(&element).map_err(|error| error.at(Step::Index(at)))?;
                writer.maker.push(value);
                at += 1;
            }
            writer.maker.list(start)
        })
    }

    fn map(&mut self, map: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        match map.cast_exact::<PyDict>() {
            Ok(dict) => self.deeper(|writer| writer.members(dict)),
            Err(_) => self.plain(map),
        }
    }

    fn set(&mut self, kind: SetKind, set: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let tag = match kind {
            SetKind::String => Tag::S,
            SetKind::Number => Tag::N,
            SetKind::Binary => Tag::B,
        };
        let start = self.maker.open();
        for member in set.try_iter().map_err(foreign)? {
            let made = self.payload(tag, &member.map_err(refused)?)?;
            self.maker.push(made);
        }
        self.maker.list(start)
    }
}

#[inline]
fn scalar_tag(value: &Bound<'_, PyAny>) -> Option<Tag> {
    if value.is_exact_instance_of::<PyString>() {
        Some(Tag::S)
    } else if DECIMAL.is_exact(value) || value.is_exact_instance_of::<PyInt>() {
        Some(Tag::N)
    } else if value.is_exact_instance_of::<PyBool>() {
        Some(Tag::Bool)
    } else if value.is_none() {
        Some(Tag::Null)
    } else {
        None
    }
}

fn is_binary(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyBytes>() || value.is_exact_instance_of::<PyByteArray>() || BINARY.is_exact(value)
}

fn binary<'py>(value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
    if BINARY.is_exact(value) {
        return value.getattr(intern!(value.py(), "value")).map_err(refused);
    }
    Ok(value.clone())
}

/// The element at this place as of now, as in Python's own loop.
#[inline]
fn element<'py>(list: &Bound<'py, PyAny>, at: usize) -> Option<Bound<'py, PyAny>> {
    match list.cast_exact::<PyList>() {
        Ok(list) if at < list.len() => list.get_item(at).ok(),
        Ok(_) => None,
        Err(_) => list.cast_exact::<PyTuple>().ok().filter(|tuple| at < tuple.len())?.get_item(at).ok(),
    }
}

/// What a set holds, if all of it is of Python's own classes and of one kind. boto3 takes an empty one for numbers.
fn set_kind(set: &Bound<'_, PyAny>) -> Result<Option<SetKind>, Error> {
    let mut kind = None;
    for member in set.try_iter().map_err(foreign)? {
        let member = member.map_err(refused)?;
        let of_member = if member.is_exact_instance_of::<PyString>() {
            SetKind::String
        } else if DECIMAL.is_exact(&member) || member.is_exact_instance_of::<PyInt>() {
            SetKind::Number
        } else if is_binary(&member) {
            SetKind::Binary
        } else {
            return Ok(None);
        };
        if *kind.get_or_insert(of_member) != of_member {
            return Ok(None);
        }
    }
    Ok(Some(kind.unwrap_or(SetKind::Number)))
}

/// The text of an int or Decimal that boto3's context lets through as it is, if it surely is one.
#[inline]
fn plain_number<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyAny>>, Error> {
    let text = if value.is_exact_instance_of::<PyInt>() {
        match small_int(value) {
            Some(small) => return digits::small_text(value.py(), small).map(|text| Some(text.0.into_any())),
            None => return Ok(None),
        }
    } else {
        PyText(value.str().map_err(foreign)?)
    };
    let is_plain = is_plain(&text.bytes()?);
    Ok(is_plain.then(|| text.0.into_any()))
}

/// Up to 38 digits, without an exponent.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let marks = text.iter().filter(|&&byte| byte == b'.' || byte == b'-').count();
    digits > 0 && digits <= NUMBER_DIGITS && digits + marks == text.len()
}
