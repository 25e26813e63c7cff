//! TypeDeserializer: attribute values as boto3 reads them, leniencies and hooks included.
//!
//! Dicts and lists as JSON parsers and botocore make them are read here. Whatever else a value may be goes to the plain
//! function of the class, which is written in Python as boto3's is, and whose answers and errors are boto3's.

use std::ffi::CStr;

use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PySet, PyString, PyTuple, PyType};

use super::boto3_types::{self, Context};
use super::dict::{first_member, length, only_member};
use super::dropin::{Body, Method};
use super::errors::{Place, foreign, guard, impossible, raise, refused};
use super::hooks::{Cache, Family, Methods, depth, too_deep};
use super::make::{Maker, call_or_clear, canonical_index};
use super::members::EachMember;
use super::numbers;
use super::options::{Binary, Numbers, Sets};
use super::py_node::PyText;
use crate::core::attribute_value::{SetKind, Tag};
use crate::core::error::{Error, Step};
use crate::core::limits::ATTRIBUTE_DEPTH;
use crate::core::members::Members;
use crate::core::node::Text;
use crate::core::{binary, number};

/// `deserialize`, and behind it the method of each tag, in this order.
const NAMES: [&str; 11] = [
    "deserialize",
    "_deserialize_s",
    "_deserialize_n",
    "_deserialize_b",
    "_deserialize_bool",
    "_deserialize_null",
    "_deserialize_l",
    "_deserialize_m",
    "_deserialize_ss",
    "_deserialize_ns",
    "_deserialize_bs",
];

const DESERIALIZE: usize = 0;
const L: usize = 6;
const M: usize = 7;

fn place_of(tag: Tag) -> usize {
    match tag {
        Tag::S => 1,
        Tag::N => 2,
        Tag::B => 3,
        Tag::Bool => 4,
        Tag::Null => 5,
        Tag::L => L,
        Tag::M => M,
        Tag::Set(SetKind::String) => 8,
        Tag::Set(SetKind::Number) => 9,
        Tag::Set(SetKind::Binary) => 10,
    }
}

/// `deserialize(value)`.
struct Deserialize;

impl Body for Deserialize {
    const NAME: &'static CStr = c"deserialize";
    const DOC: &'static CStr = c"deserialize($self, value)\n--\n\nTurn one attribute value into a Python value.";
    const ARGUMENT: &'static str = "value";

    /// Scalars, for which the calls around take longer than the work.
    #[inline]
    fn quick<'py>(me: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let (key, payload) = only_member(value)?;
        let name = PyText(key.cast_into_exact::<PyString>().ok()?);
        let tag = Tag::parse(&name.bytes().ok()?)?;
        if !matches!(tag, Tag::S | Tag::N | Tag::Bool | Tag::Null) || !CACHE.with(|cache| Methods::is_plain(me, cache))
        {
            return None;
        }
        match tag {
            Tag::N => quick_number(payload),
            Tag::Null => Some(me.py().None().into_bound(me.py())),
            _ => Some(payload),
        }
    }

    fn run<'py>(me: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        reading(me, |reader| reader.value(value))
    }
}

/// `deserialize_item(item)`.
struct Item;

impl Body for Item {
    const NAME: &'static CStr = c"deserialize_item";
    const DOC: &'static CStr = c"deserialize_item($self, item)\n--\n\nTurn an item into Python values.";
    const ARGUMENT: &'static str = "item";

    fn run<'py>(me: &Bound<'py, PyAny>, item: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        reading(me, |reader| reader.item(item))
    }
}

/// `deserialize_items(items)`.
struct Items;

impl Body for Items {
    const NAME: &'static CStr = c"deserialize_items";
    const DOC: &'static CStr = c"deserialize_items($self, items)\n--\n\nTurn items into Python values.";
    const ARGUMENT: &'static str = "items";

    fn run<'py>(me: &Bound<'py, PyAny>, items: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        reading(me, |reader| reader.items(items))
    }
}

/// A number that has its Decimal ready, or that boto3's context takes.
fn quick_number(payload: Bound<'_, PyAny>) -> Option<Bound<'_, PyAny>> {
    let text = PyText(payload.cast_into_exact::<PyString>().ok()?);
    let context = boto3_types::context(text.0.py()).ok()?;
    let raw = text.bytes().ok()?;
    if context.keeps_small_integers && canonical_index(&raw).is_some() {
        return Maker::new(text.0.py()).ready_decimal(&raw);
    }
    call_or_clear(&context.create, text.0.as_any())
}

static METHODS: [Method; 3] = [Method::of::<Deserialize>(), Method::of::<Item>(), Method::of::<Items>()];

static FAMILY: Family = Family::new(&NAMES, &METHODS);

thread_local! {
    static CACHE: Cache = const { Cache::new() };
}

/// Makes a class known as a TypeDeserializer.
#[pyfunction]
#[pyo3(signature = (class_, known, /))]
pub fn bind_deserializer<'py>(class_: &Bound<'py, PyType>, known: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    guard(class_.py(), || FAMILY.bind(class_, known))
}

/// Reads values for one object, during one call.
struct Reader<'a, 'py> {
    py: Python<'py>,
    methods: Methods<'a, 'py>,
    maker: Maker<'py>,
    /// As it was when nobody's code has run since.
    context: Option<Context<'py>>,
    depth: u32,
}

fn reading<'py, T>(me: &Bound<'py, PyAny>, read: impl FnOnce(&mut Reader<'_, 'py>) -> Result<T, Error>) -> PyResult<T> {
    let py = me.py();
    let methods = CACHE.with(|cache| Methods::of(&FAMILY, me, cache))?;
    let mut reader = Reader { py, methods, maker: Maker::new(py), context: None, depth: depth() };
    read(&mut reader).map_err(|error| raise(py, error, Place::default()))
}

impl<'py> EachMember<'py> for Reader<'_, 'py> {
    fn maker(&self) -> &Maker<'py> {
        &self.maker
    }

    fn has_hooks(&self) -> bool {
        self.methods.any_hook()
    }

    /// A value inside another: boto3 calls the method for it, which may be a hook.
    #[inline]
    fn nested(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.methods.is_hook(DESERIALIZE) {
            return self.hooked(DESERIALIZE, value, self.depth);
        }
        self.value(value)
    }
}

impl<'py> Reader<'_, 'py> {
    fn value(&mut self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let member = value.cast_exact::<PyDict>().ok().and_then(|dict| Some((length(dict), first_member(dict)?)));
        if let Some((count, (key, payload))) = member
            && let Ok(key) = key.cast_into_exact::<PyString>()
        {
            let name = PyText(key);
            // A tag with half of a surrogate pair is boto3's to refuse.
            let name = name.bytes().unwrap_or_default();
            if let Some(tag) = Tag::parse(&name) {
                if count > 1 && self.methods.modes().strict {
                    return Err(Error::shape("an attribute value has two type tags"));
                }
                let place = place_of(tag);
                if !self.methods.is_hook(place) {
                    return self.payload(tag, payload).map_err(|error| error.at_name(&name));
                }
                self.context = None;
                if let Some(value) = self.methods.call_if_there(place, &payload, self.depth + 1)? {
                    return Ok(value);
                }
            }
        }
        self.plain(DESERIALIZE, value)
    }

    /// boto3's way, step by step in Python.
    #[cold]
    fn plain(&mut self, place: usize, argument: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        self.context = None;
        self.methods.call_plain(place, argument, self.depth + 1)
    }

    #[cold]
    fn hooked(&mut self, place: usize, argument: &Bound<'py, PyAny>, depth: u32) -> Result<Bound<'py, PyAny>, Error> {
        self.context = None;
        self.methods.call_hook(place, argument, depth)
    }

    #[inline]
    fn payload(&mut self, tag: Tag, payload: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        match tag {
            Tag::S | Tag::Bool => Ok(payload),
            Tag::N => self.number(&payload),
            Tag::Null => self.null(&payload),
            Tag::B => self.binary(&payload),
            Tag::L => self.list(&payload),
            Tag::M => self.map(&payload),
            Tag::Set(kind) => self.set(kind, &payload),
        }
    }

    fn null(&self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if self.methods.modes().strict && !payload.is(&*pyo3::types::PyBool::new(self.py, true)) {
            return Err(Error::shape("NULL holds true"));
        }
        Ok(self.py.None().into_bound(self.py))
    }

    fn number(&mut self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let Ok(text) = payload.cast_exact::<PyString>() else {
            return self.odd_number(payload);
        };
        let text = PyText(text.clone());
        match self.methods.modes().numbers {
            Numbers::Decimal | Numbers::Strict => self.decimal(&text, payload),
            _ => {
                let raw = text.bytes()?;
                numbers::other(&mut self.maker, &self.methods.modes().numbers, &raw, &text)
            }
        }
    }

    fn context(&mut self) -> Result<&Context<'py>, Error> {
        if self.context.is_none() {
            self.context = Some(boto3_types::context(self.py).map_err(foreign)?);
        }
        self.context.as_ref().ok_or_else(impossible)
    }

    fn decimal(&mut self, text: &PyText<'py>, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let keeps_small = self.context()?.keeps_small_integers;
        let raw = text.bytes();
        if keeps_small
            && let Ok(raw) = &raw
            && let Some(ready) = self.maker.ready_decimal(raw)
        {
            return Ok(ready);
        }
        match self.context()?.create.call1((payload,)) {
            Ok(decimal) => {
                if keeps_small && let Ok(raw) = &raw {
                    self.maker.keep_decimal(raw, &decimal);
                }
                Ok(decimal)
            }
            Err(error) => self.spelled_out(raw.ok().as_deref(), payload, error),
        }
    }

    /// A number that boto3's context refuses for its spelling, but DynamoDB can hold.
    #[cold]
    fn spelled_out(
        &mut self,
        raw: Option<&[u8]>,
        payload: &Bound<'py, PyAny>,
        error: PyErr,
    ) -> Result<Bound<'py, PyAny>, Error> {
        match raw {
            Some(raw) if !matches!(self.methods.modes().numbers, Numbers::Strict) && number::check(raw).is_ok() => {
                self.maker.decimal(raw, payload)
            }
            _ => Err(refused(error)),
        }
    }

    /// N given as an int, a float or whatever else a Decimal can be made of.
    #[cold]
    fn odd_number(&mut self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if let Ok(text) = payload.cast::<PyString>() {
            return self.decimal(&PyText(text.clone()), payload);
        }
        let decimal = self.context()?.create.call1((payload,)).map_err(refused)?;
        if matches!(self.methods.modes().numbers, Numbers::Decimal | Numbers::Strict) {
            return Ok(decimal);
        }
        let text = PyText(decimal.str().map_err(foreign)?);
        let raw = text.bytes()?;
        numbers::other(&mut self.maker, &self.methods.modes().numbers, &raw, &text)
    }

    fn binary(&mut self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        match self.methods.modes().binary {
            Binary::Raw => Ok(payload.clone()),
            Binary::Boto3 => {
                let class = boto3_types::binary(self.py).map_err(foreign)?;
                class.call1((payload,)).map_err(refused)
            }
            Binary::Bytes => self.bytes(payload),
        }
    }

    fn bytes(&self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        if payload.is_instance_of::<PyBytes>() {
            return Ok(payload.clone());
        }
        if let Ok(text) = payload.cast::<PyString>() {
            let text = PyText(text.clone());
            return Ok(self.maker.bytes(&binary::decode(&text.bytes()?)?));
        }
        if payload.is_instance_of::<PyByteArray>() || payload.is_instance_of::<PyMemoryView>() {
            return self.py.get_type::<PyBytes>().call1((payload,)).map_err(foreign);
        }
        Err(Error::shape("B holds base64 text or bytes"))
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= ATTRIBUTE_DEPTH {
            return Err(refused(too_deep()));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn list(&mut self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let Ok(list) = payload.cast_exact::<PyList>() else {
            return self.plain(L, payload);
        };
        self.deeper(|reader| {
            let start = reader.maker.open();
            let mut at = 0;
            // As Python's own loop: a list that hooks change meanwhile is read as it is then.
            while at < list.len() {
                let element = list.get_item(at).map_err(foreign)?;
                let value = reader.nested(&element).map_err(|error| error.at(Step::Index(at)))?;
                reader.maker.push(value);
                at += 1;
            }
            reader.maker.list(start)
        })
    }

    fn map(&mut self, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        match payload.cast_exact::<PyDict>() {
            Ok(dict) => self.deeper(|reader| reader.members(dict)),
            Err(_) => self.plain(M, payload),
        }
    }

    fn set(&mut self, kind: SetKind, payload: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Error> {
        let place = place_of(Tag::Set(kind));
        if !payload.is_exact_instance_of::<PyList>() && !payload.is_exact_instance_of::<PyTuple>() {
            return self.plain(place, payload);
        }
        let member_place = place_of(match kind {
            SetKind::String => Tag::S,
            SetKind::Number => Tag::N,
            SetKind::Binary => Tag::B,
        });
        let hook = self.methods.is_hook(member_place);
        let made = Elements::new(self)?;
        let mut seen = self.methods.modes().strict.then(Members::default);
        for (at, member) in payload.try_iter().map_err(foreign)?.enumerate() {
            let member = member.map_err(foreign)?;
            let value = if hook {
                self.hooked(member_place, &member, self.depth + 1)
            } else {
                self.member(kind, &member, seen.as_mut())
            };
            value.and_then(|value| made.add(value)).map_err(|error| error.at(Step::Index(at)))?;
        }
        Ok(made.done())
    }

    fn member(
        &mut self,
        kind: SetKind,
        member: &Bound<'py, PyAny>,
        seen: Option<&mut Members>,
    ) -> Result<Bound<'py, PyAny>, Error> {
        if let Some(seen) = seen {
            look_for_second(seen, kind, member)?;
        }
        match kind {
            SetKind::String => Ok(member.clone()),
            SetKind::Number => self.number(member),
            SetKind::Binary => self.binary(member),
        }
    }
}

fn look_for_second(seen: &mut Members, kind: SetKind, member: &Bound<'_, PyAny>) -> Result<(), Error> {
    if let Ok(text) = member.cast::<PyString>() {
        let text = PyText(text.clone());
        return if kind == SetKind::Number { seen.number(&text.bytes()?) } else { seen.string(&text.string()?) };
    }
    match member.extract::<&[u8]>() {
        Ok(bytes) => seen.binary(bytes),
        Err(_) => Ok(()),
    }
}

/// A set or list that is being filled.
enum Elements<'py> {
    Set(Bound<'py, PySet>),
    List(Bound<'py, PyList>),
}

impl<'py> Elements<'py> {
    fn new(reader: &Reader<'_, 'py>) -> Result<Self, Error> {
        Ok(match reader.methods.modes().sets {
            Sets::Set => Self::Set(PySet::empty(reader.py).map_err(foreign)?),
            Sets::List => Self::List(PyList::empty(reader.py)),
        })
    }

    fn add(&self, value: Bound<'py, PyAny>) -> Result<(), Error> {
        match self {
            Self::Set(set) => set.add(value).map_err(refused),
            Self::List(list) => list.append(value).map_err(foreign),
        }
    }

    fn done(self) -> Bound<'py, PyAny> {
        match self {
            Self::Set(set) => set.into_any(),
            Self::List(list) => list.into_any(),
        }
    }
}
