//! Two items wherever they are, the changes between them, and the values of those.

use std::sync::Arc;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::compare::are_equal;
use super::errors::{Place, impossible, is_ours, raise, raise_marshall};
use super::event::Event;
use super::options::Modes;
use super::py_node::Objects;
use super::record::Record;
use super::unmarshall::{IntoBytes, IntoStr, Template, Unmarshall, unmarshall_node};
use crate::core::attribute_value::read_value;
use crate::core::diff::{Change, ChangeKind, Side, Sides, locate};
use crate::core::error::{Error, Step};
use crate::core::json_node::{Buffers, ByteRange};
use crate::core::node::{Node, Source};

static DEFAULT: Modes = Modes::DEFAULT;

/// Two items and the changes between them.
pub struct Compared<K> {
    /// The item before; None when there was none.
    pub old: Option<K>,
    /// The item after; None when there is none.
    pub new: Option<K>,
    /// What changed.
    pub changes: Vec<Change<K>>,
}

/// Where two items are.
pub enum Between {
    /// In a record of bytes.
    RecordOfBytes(Compared<ByteRange>, Arc<Event>, u32),
    /// In a record of Python objects.
    RecordOfObjects(Compared<Py<PyAny>>, Arc<Event>, u32),
    /// In texts of attribute values.
    Texts(Compared<ByteRange>, Texts),
    /// In Python objects of attribute values.
    Images(Compared<Py<PyAny>>),
    /// In Python values.
    Items(Compared<Py<PyAny>>),
}

/// The texts of two images.
#[derive(Default)]
pub struct Texts {
    /// The one before.
    pub old: Option<Py<PyBytes>>,
    /// The one after.
    pub new: Option<Py<PyBytes>>,
}

impl Texts {
    /// Both in one address space, the new one behind the old one.
    pub fn buffers<'a>(&'a self, py: Python<'a>) -> Buffers<'a> {
        let bytes = |text: &'a Option<Py<PyBytes>>| text.as_ref().map_or(&b""[..], |text| text.as_bytes(py));
        Buffers { wire: bytes(&self.old), decoded: bytes(&self.new) }
    }
}

/// Runs code over the changes, whatever their handles are.
macro_rules! each {
    ($between:expr, |$compared:ident| $body:expr) => {
        match $between {
            Between::RecordOfBytes($compared, ..) | Between::Texts($compared, _) => $body,
            Between::RecordOfObjects($compared, ..) | Between::Images($compared) | Between::Items($compared) => $body,
        }
    };
}

/// The same where the items are attribute values, with their source.
macro_rules! on_the_wire {
    ($between:expr, $py:expr, |$source:ident, $compared:ident| $body:expr, $items:ident => $native:expr) => {
        match $between {
            Between::RecordOfBytes($compared, event, _) => {
                let $source = &event.buffers($py);
                $body
            }
            Between::Texts($compared, texts) => {
                let $source = &texts.buffers($py);
                $body
            }
            Between::RecordOfObjects($compared, ..) | Between::Images($compared) => {
                let $source = &Objects($py);
                $body
            }
            Between::Items($items) => $native,
        }
    };
}

impl Between {
    /// How many changes there are.
    pub fn len(&self) -> usize {
        each!(self, |compared| compared.changes.len())
    }

    /// Where a change is.
    pub fn path(&self, place: usize) -> &[Step] {
        each!(self, |compared| compared.changes.get(place).map(|change| &*change.path)).unwrap_or_default()
    }

    /// What a change is.
    pub fn kind(&self, place: usize) -> ChangeKind {
        each!(self, |compared| compared.changes.get(place).map(Change::kind)).unwrap_or(ChangeKind::Changed)
    }

    /// Whether the values of a change are hidden.
    pub fn is_masked(&self, place: usize) -> bool {
        each!(self, |compared| compared.changes.get(place).is_some_and(|change| change.masked))
    }

    /// How its values are made.
    pub fn modes(&self) -> &Modes {
        match self {
            Self::RecordOfBytes(_, event, _) | Self::RecordOfObjects(_, event, _) => &event.modes,
            _ => &DEFAULT,
        }
    }

    /// The value of a change on one side; None where there is none.
    pub fn value<'py>(&self, py: Python<'py>, place: usize, side: Side) -> PyResult<Option<Bound<'py, PyAny>>> {
        let read = on_the_wire!(
            self,
            py,
            |source, compared| {
                let kept = compared.value(place, side);
                kept.map(|kept| value(py, source, kept, self.modes())).transpose()
            },
            items => Ok(items.value(place, side).map(|value| value.bind(py).clone()))
        );
        read.map_err(|error| self.raise(py, error, self.path(place), side))
    }

    /// The item on one side.
    pub fn item<'py>(&self, py: Python<'py>, side: Side) -> PyResult<Option<Bound<'py, PyAny>>> {
        let read = on_the_wire!(
            self,
            py,
            |source, compared| {
                let kept = compared.item(side);
                kept.map(|kept| unmarshall_node(py, &mut source.open(kept), self.modes())).transpose()
            },
            items => Ok(items.item(side).map(|item| item.bind(py).clone()))
        );
        read.map_err(|error| self.raise(py, error, &[], side))
    }

    /// Whether a change says the same as one of another diff: of the same path, by what DynamoDB holds.
    pub fn is_same_change(&self, py: Python<'_>, place: usize, other: &Self, its_place: usize) -> PyResult<bool> {
        let masked = self.is_masked(place);
        if self.path(place) != other.path(its_place)
            || self.kind(place) != other.kind(its_place)
            || masked != other.is_masked(its_place)
        {
            return Ok(false);
        }
        let same = |side| match (self.value(py, place, side)?, other.value(py, its_place, side)?) {
            // What a function for numbers made, DynamoDB may not hold.
            (Some(one), Some(other)) => {
                are_equal(&one, &other).or_else(|error| if is_ours(py, &error) { one.eq(&other) } else { Err(error) })
            }
            (one, other) => Ok(one.is_none() && other.is_none()),
        };
        Ok(masked || (same(Side::Old)? && same(Side::New)?))
    }

    /// The exception of an error at a path of one of the items.
    #[cold]
    fn raise(&self, py: Python<'_>, error: Error, path: &[Step], side: Side) -> PyErr {
        let sides = self.sides();
        let item = if side == Side::Old { sides.old } else { sides.new };
        let error = locate(error, path, !matches!(self, Self::Items(_)), item);
        match self {
            Self::RecordOfBytes(_, event, row) | Self::RecordOfObjects(_, event, row) => {
                let raised = Record::new(Arc::clone(event), *row).raise_in::<()>(py, Err(error), &["dynamodb"]);
                raised.err().unwrap_or_else(|| raise(py, impossible(), Place::default()))
            }
            Self::Items(_) => raise_marshall(py, error),
            _ => raise(py, error, Place::default()),
        }
    }

    fn sides(&self) -> Sides {
        match self {
            Self::RecordOfBytes(..) | Self::RecordOfObjects(..) => IN_RECORD,
            Self::Texts(..) | Self::Images(_) => IMAGES,
            Self::Items(_) => ITEMS,
        }
    }

    /// For the garbage collector.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::RecordOfObjects(compared, ..) | Self::Images(compared) | Self::Items(compared) => {
                let values = compared.changes.iter().flat_map(|change| [&change.old, &change.new]);
                [&compared.old, &compared.new].into_iter().chain(values).flatten().try_for_each(|kept| visit.call(kept))
            }
            _ => Ok(()),
        }
    }
}

/// The images of a record.
pub const IN_RECORD: Sides = Sides { old: "OldImage", new: "NewImage" };
/// The arguments of `diff_images`.
pub const IMAGES: Sides = Sides { old: "old_image", new: "new_image" };
/// The arguments of `diff`.
pub const ITEMS: Sides = Sides { old: "old", new: "new" };

impl<K> Compared<K> {
    fn value(&self, place: usize, side: Side) -> Option<&K> {
        self.changes.get(place)?.value(side)
    }

    fn item(&self, side: Side) -> Option<&K> {
        if side == Side::Old { self.old.as_ref() } else { self.new.as_ref() }
    }
}

/// The Python value of an attribute value.
pub fn value<'py, S>(py: Python<'py>, source: &S, kept: &S::Kept, modes: &Modes) -> Result<Bound<'py, PyAny>, Error>
where
    S: Source,
    S::Node: Template<'py>,
    <S::Node as Node>::Text: IntoStr<'py>,
    <S::Node as Node>::Bytes: IntoBytes<'py>,
{
    read_value(&mut source.open(kept), &mut Unmarshall::with(py, modes), 0)
}
