//! Which methods of a TypeDeserializer or TypeSerializer are somebody else's: those are called, the rest is done here.

use std::cell::Cell;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use pyo3::exceptions::{PyAttributeError, PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyType};

use super::boto3_types;
use super::dict::length;
use super::dropin::{Method, attributes, descriptor, looks_up_its_own_way, stamp, try_stamps};
use super::errors::{foreign, impossible, internal, is_ours, refused};
use super::options::{Modes, Options};
use crate::core::error::Error;
use crate::core::limits::ATTRIBUTE_DEPTH;

/// Places in the cache of classes that were looked at.
const CLASSES: usize = 16;

thread_local! {
    /// How deep the calls are that are under way in this thread: a hook may come back.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// A class whose methods are known.
struct Base {
    class: Py<PyType>,
    /// Its plain functions, in the order of the family's names; None where somebody replaced one.
    known: Vec<Option<Py<PyAny>>>,
    /// What stands in the class for the first name.
    main: Py<PyAny>,
    descriptors: Py<PyDict>,
}

/// Methods that belong together. The first is the one that is called for every value.
pub struct Family {
    names: &'static [&'static str],
    methods: &'static [Method],
    interned: PyOnceLock<Vec<Py<PyString>>>,
    bases: RwLock<Vec<Arc<Base>>>,
}

/// What was found out about a class.
#[derive(Clone, Copy)]
struct Plan {
    /// A bit for each of the family's names whose method is a hook.
    hooks: u32,
    /// A bit for each of the names that was looked at. All, where the stamp lets the plan be kept; else a look costs
    /// 25 ns a name, and only names that are needed are looked at.
    looked: u32,
    /// The place of its base.
    base: usize,
}

/// A class that was looked at, and its stamp then.
#[derive(Clone, Copy)]
struct Seen {
    class: usize,
    stamp: u32,
    plan: Plan,
}

/// What was found out about classes, in one thread.
pub struct Cache([Cell<Option<Seen>>; CLASSES]);

impl Cache {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self([const { Cell::new(None) }; CLASSES])
    }

    fn place(class: usize) -> usize {
        (class >> 4) % CLASSES
    }

    #[inline]
    fn find(&self, class: usize, stamp: u32) -> Option<Plan> {
        let seen = self.0.get(Self::place(class))?.get()?;
        (seen.class == class && seen.stamp == stamp).then_some(seen.plan)
    }

    fn keep(&self, class: usize, stamp: u32, plan: Plan) {
        if let Some(place) = self.0.get(Self::place(class)) {
            place.set(Some(Seen { class, stamp, plan }));
        }
    }
}

impl Family {
    /// A family without classes.
    pub const fn new(names: &'static [&'static str], methods: &'static [Method]) -> Self {
        Self { names, methods, interned: PyOnceLock::new(), bases: RwLock::new(Vec::new()) }
    }

    /// Makes a class known; gives its descriptors, always the same.
    pub fn bind<'py>(&self, class: &Bound<'py, PyType>, known: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        let py = class.py();
        try_stamps(py);
        let mut functions = Vec::with_capacity(self.names.len());
        for name in self.names {
            functions.push(known.get_item(name)?.map(Bound::unbind));
        }
        let before = self.base_of(class);
        let descriptors = match &before {
            Some((_, base)) => base.descriptors.bind(py).clone(),
            None => self.descriptors(class)?,
        };
        let main = descriptors.as_any().get_item(self.names.first().copied().unwrap_or_default())?;
        let base = Arc::new(Base {
            class: class.clone().unbind(),
            known: functions,
            main: main.unbind(),
            descriptors: descriptors.clone().unbind(),
        });
        let mut bases = self.bases.write().unwrap_or_else(PoisonError::into_inner);
        // The one before is dropped when the lock is free again: that may run Python code.
        let dropped =
            before.and_then(|(place, _)| bases.get_mut(place)).map(|place| std::mem::replace(place, Arc::clone(&base)));
        if dropped.is_none() {
            bases.push(base);
        }
        drop(bases);
        drop(dropped);
        Ok(descriptors)
    }

    fn descriptors<'py>(&self, class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyDict>> {
        let descriptors = PyDict::new(class.py());
        for method in self.methods {
            descriptors.set_item(&*method.name().to_string_lossy(), descriptor(class, method)?)?;
        }
        Ok(descriptors)
    }

    fn base_of(&self, class: &Bound<'_, PyType>) -> Option<(usize, Arc<Base>)> {
        let bases = self.bases.read().unwrap_or_else(PoisonError::into_inner);
        bases.iter().enumerate().find(|(_, base)| base.class.is(class)).map(|(place, base)| (place, Arc::clone(base)))
    }

    fn base(&self, place: usize) -> Result<Arc<Base>, Error> {
        let bases = self.bases.read().unwrap_or_else(PoisonError::into_inner);
        bases.get(place).map(Arc::clone).ok_or_else(impossible)
    }

    fn interned(&self, py: Python<'_>) -> &[Py<PyString>] {
        self.interned.get_or_init(py, || self.names.iter().map(|name| PyString::intern(py, name).unbind()).collect())
    }

    #[inline]
    fn plan(&self, me: &Bound<'_, PyAny>, cache: &Cache) -> PyResult<Plan> {
        let Some((class, before)) = stamp(me) else {
            return self.start(me);
        };
        if let Some(plan) = cache.find(class, before) {
            return Ok(plan);
        }
        let plan = self.look(me)?;
        // Looking may have run Python code (a metaclass's) that changed the class.
        if stamp(me) == Some((class, before)) {
            cache.keep(class, before, plan);
        }
        Ok(plan)
    }

    /// Finds the base of a class, and looks at none of its methods yet.
    #[cold]
    fn start(&self, me: &Bound<'_, PyAny>) -> PyResult<Plan> {
        let class = me.get_type();
        let base = self
            .base_of(&class)
            .or_else(|| class.mro().iter().find_map(|class| self.base_of(class.cast::<PyType>().ok()?)));
        let Some((base, _)) = base else {
            return Err(PyTypeError::new_err("the method belongs to a class that is not bound"));
        };
        let all = if looks_up_its_own_way(&class) { u32::MAX } else { 0 };
        Ok(Plan { hooks: all, looked: all, base })
    }

    /// Compares each method of a class with the one that is known.
    #[cold]
    fn look(&self, me: &Bound<'_, PyAny>) -> PyResult<Plan> {
        let mut plan = self.start(me)?;
        for place in 0..self.names.len() {
            self.look_at(me, place, &mut plan);
        }
        Ok(Plan { looked: u32::MAX, ..plan })
    }

    /// Compares the method of one place with the one that is known.
    #[cold]
    fn look_at(&self, me: &Bound<'_, PyAny>, place: usize, plan: &mut Plan) {
        if plan.looked & (1 << place) != 0 {
            return;
        }
        plan.looked |= 1 << place;
        let py = me.py();
        let name = self.interned(py).get(place);
        let found = name.and_then(|name| me.get_type().getattr(name.bind(py)).ok());
        let is_known = self.base(plan.base).is_ok_and(|base| {
            let expected = if place == 0 { Some(&base.main) } else { base.known.get(place).and_then(Option::as_ref) };
            expected.zip(found).is_some_and(|(expected, found)| found.is(expected))
        });
        if !is_known {
            plan.hooks |= 1 << place;
        }
    }
}

/// The methods of one object, during one call.
pub struct Methods<'a, 'py> {
    family: &'static Family,
    /// The object.
    pub me: &'a Bound<'py, PyAny>,
    plan: Cell<Plan>,
    /// The stamp of its class when it was looked at.
    stamp: Option<(usize, u32)>,
    options: Option<Bound<'py, Options>>,
}

impl<'a, 'py> Methods<'a, 'py> {
    /// Looks at an object: its class, and what it carries itself.
    #[inline]
    pub fn of(family: &'static Family, me: &'a Bound<'py, PyAny>, cache: &Cache) -> PyResult<Self> {
        let mut plan = family.plan(me, cache)?;
        let mut options = None;
        if let Some(own) = attributes(me)
            && !own.is_empty()
        {
            options = own_attributes(family, &own, &mut plan)?;
        }
        Ok(Self { family, me, plan: Cell::new(plan), stamp: stamp(me), options })
    }

    /// Looks again after somebody's code has run, which may have given the class or the object other methods.
    fn look_again(&self) {
        let mut plan = self.plan.get();
        let looked = match self.stamp {
            Some(_) if stamp(self.me) == self.stamp => Ok(plan),
            Some(_) => self.family.look(self.me),
            None => self.family.start(self.me),
        };
        plan = looked.unwrap_or(Plan { hooks: u32::MAX, looked: u32::MAX, ..plan });
        if let Some(own) = attributes(self.me)
            && !own.is_empty()
            && own_attributes(self.family, &own, &mut plan).is_err()
        {
            plan = Plan { hooks: u32::MAX, looked: u32::MAX, ..plan };
        }
        self.plan.set(plan);
    }

    /// Whether an object is known to have no hooks and no options, without looking at it closely.
    #[inline]
    pub fn is_plain(me: &Bound<'py, PyAny>, cache: &Cache) -> bool {
        let plan = stamp(me).and_then(|(class, stamp)| cache.find(class, stamp));
        plan.is_some_and(|plan| plan.hooks == 0) && attributes(me).is_some_and(|own| own.is_empty())
    }

    /// The modes it was made with.
    pub fn modes(&self) -> &Modes {
        match &self.options {
            Some(options) => &options.get().modes,
            None => const { &Modes::BOTO3 },
        }
    }

    /// Whether the method of this place is a hook.
    #[inline]
    pub fn is_hook(&self, place: usize) -> bool {
        let mut plan = self.plan.get();
        if plan.looked & (1 << place) == 0 {
            self.family.look_at(self.me, place, &mut plan);
            self.plan.set(plan);
        }
        plan.hooks & (1 << place) != 0
    }

    /// Whether any method is.
    #[inline]
    pub fn any_hook(&self) -> bool {
        if self.plan.get().looked != u32::MAX {
            self.look_at_all();
        }
        self.plan.get().hooks != 0
    }

    #[cold]
    fn look_at_all(&self) {
        let mut plan = self.plan.get();
        for place in 0..self.family.names.len() {
            self.family.look_at(self.me, place, &mut plan);
        }
        self.plan.set(Plan { looked: u32::MAX, ..plan });
    }

    /// Whether any method of these places is.
    #[inline]
    pub fn any_hook_of(&self, places: Range<usize>) -> bool {
        let plan = self.plan.get();
        (plan.hooks != 0 || plan.looked != u32::MAX) && places.into_iter().any(|place| self.is_hook(place))
    }

    /// The hook of this place.
    fn hook(&self, place: usize) -> PyResult<Bound<'py, PyAny>> {
        let py = self.me.py();
        match self.family.interned(py).get(place) {
            Some(name) => self.me.getattr(name.bind(py)),
            None => Err(internal(py)),
        }
    }

    /// Calls the hook of this place; None where there is no such attribute, which boto3 takes for an unknown type.
    #[cold]
    pub fn call_if_there(
        &self,
        place: usize,
        argument: &Bound<'py, PyAny>,
        depth: u32,
    ) -> Result<Option<Bound<'py, PyAny>>, Error> {
        let called = below(depth, || match self.hook(place) {
            Ok(hook) => hook.call1((argument,)).map(Some),
            Err(error) if error.is_instance_of::<PyAttributeError>(self.me.py()) => Ok(None),
            Err(error) => Err(error),
        });
        self.look_again();
        called.map_err(foreign)
    }

    /// Calls the hook of this place.
    #[cold]
    pub fn call_hook(
        &self,
        place: usize,
        argument: &Bound<'py, PyAny>,
        depth: u32,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let called = below(depth, || self.hook(place)?.call1((argument,)));
        self.look_again();
        called.map_err(foreign)
    }

    /// Calls the plain function of this place: what has its own way in Python, errors included, is left to it.
    #[cold]
    pub fn call_plain(
        &self,
        place: usize,
        argument: &Bound<'py, PyAny>,
        depth: u32,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let py = self.me.py();
        let base = self.family.base(self.plan.get().base)?;
        let Some(plain) = base.known.get(place).and_then(Option::as_ref) else {
            return self.call_hook(place, argument, depth);
        };
        let plain = plain.bind(py);
        let called = below(depth, || plain.call1((self.me, argument)));
        self.look_again();
        called.map_err(|error| of_the_data(py, error, plain))
    }
}

/// The attributes of an instance: its options, and hooks of its own.
fn own_attributes<'py>(
    family: &Family,
    own: &Bound<'py, PyDict>,
    plan: &mut Plan,
) -> PyResult<Option<Bound<'py, Options>>> {
    let py = own.py();
    let options = own.get_item(pyo3::intern!(py, "_options"))?.and_then(|options| options.cast_into::<Options>().ok());
    if length(own) > usize::from(options.is_some()) {
        own_hooks(family, own, plan)?;
    }
    Ok(options)
}

#[cold]
fn own_hooks(family: &Family, own: &Bound<'_, PyDict>, plan: &mut Plan) -> PyResult<()> {
    for (bit, name) in family.interned(own.py()).iter().enumerate() {
        if own.contains(name.bind(own.py()))? {
            plan.hooks |= 1 << bit;
            plan.looked |= 1 << bit;
        }
    }
    Ok(())
}

/// An error that a plain function itself met is boto3's answer to the data; one from inside somebody's code is theirs.
fn of_the_data(py: Python<'_>, error: PyErr, plain: &Bound<'_, PyAny>) -> Error {
    if is_ours(py, &error) || !error.is_instance_of::<PyException>(py) {
        return foreign(error);
    }
    match is_raised_in(py, &error, plain) {
        Ok(true) => refused(error),
        _ => foreign(error),
    }
}

fn is_raised_in(py: Python<'_>, error: &PyErr, plain: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(traceback) = error.traceback(py) else {
        return Ok(true);
    };
    let mut innermost = traceback.into_any();
    loop {
        let next = innermost.getattr("tb_next")?;
        if next.is_none() {
            break;
        }
        innermost = next;
    }
    let raised = innermost.getattr("tb_frame")?.getattr("f_code")?.getattr("co_filename")?;
    if raised.eq(plain.getattr("__code__")?.getattr("co_filename")?)? {
        return Ok(true);
    }
    // boto3's Binary checks its bytes itself.
    boto3_types::file(py)?.map_or(Ok(false), |file| raised.eq(file))
}

/// The depth at which a call begins: deeper than 0 inside a hook.
#[inline]
pub fn depth() -> u32 {
    DEPTH.get()
}

/// Runs code that may come back here, one level further down: a way through Python takes some 2.5 KB of the stack.
fn below<T>(depth: u32, run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    if depth >= ATTRIBUTE_DEPTH {
        return Err(too_deep());
    }
    let before = DEPTH.replace(depth + 1);
    let done = run();
    DEPTH.set(before);
    done
}

/// The one limit that boto3 has elsewhere: there, Python's own recursion limit.
#[cold]
pub fn too_deep() -> PyErr {
    pyo3::exceptions::PyRecursionError::new_err(format!(
        "attribute values are nested deeper than {ATTRIBUTE_DEPTH} levels"
    ))
}
