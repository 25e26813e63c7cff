//! Record: a view of one change in an event.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::args::Image;
use super::compare;
use super::diff::ImageDiff;
use super::errors::{Place, guard, raise};
use super::event::{Entry, Event};
use super::make::Maker;
use super::paths::{Given, Path};
use super::plain::{Names, plain};
use super::unmarshall::unmarshall_node;
use super::vocabulary::{datetime, event_name_member, identity_dict, member};
use super::wire;
use crate::core::error::{Error, ErrorKind};
use crate::core::item_key::item_key;
use crate::core::node::Source;
use crate::core::record::{
    Change, Fields, UserIdentity, is_kinesis_arn, read_created, read_identity, read_sequence_number, read_size,
    read_text, table_of,
};

/// One change of one item. What it reads it keeps.
#[pyclass(frozen, module = "tailrace")]
pub struct Record {
    event: Arc<Event>,
    row: u32,
    // std's OnceLock: it can be read without the GIL token, which a garbage collector's visit does not have. Nothing
    // is computed inside it, so it cannot deadlock.
    keys: OnceLock<Py<PyAny>>,
    new_image: OnceLock<Py<PyAny>>,
    old_image: OnceLock<Py<PyAny>>,
    diff: OnceLock<Py<ImageDiff>>,
}

/// Runs code over the source and the fields of a record, whichever road they came on.
macro_rules! over {
    ($record:expr, $py:expr, |$source:ident, $fields:ident| $body:expr) => {
        match &$record.entry()?.parts {
            $crate::py::event::Parts::Json($fields) => {
                let $source = &$record.event().buffers($py);
                $body
            }
            $crate::py::event::Parts::Python($fields) => {
                let $source = &$crate::py::py_node::Objects($py);
                $body
            }
        }
    };
}

pub(super) use over;

impl Record {
    /// A view of a row.
    pub fn new(event: Arc<Event>, row: u32) -> Self {
        let (keys, new_image, old_image, diff) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { event, row, keys, new_image, old_image, diff }
    }

    /// Whether it looks at this row of this event.
    pub fn is_view_of(&self, event: &Arc<Event>, row: u32) -> bool {
        Arc::ptr_eq(&self.event, event) && self.row == row
    }

    /// The event it looks at.
    pub(super) fn event(&self) -> &Arc<Event> {
        &self.event
    }

    /// The row of the event.
    pub fn row(&self) -> u32 {
        self.row
    }

    pub(super) fn entry(&self) -> Result<&Entry, Error> {
        self.event.entries.get(self.row as usize).ok_or_else(|| Error::event("the record is gone"))
    }

    /// The entry of a record that can be read; the payload of a Kinesis record may be broken.
    pub(super) fn sound(&self) -> Result<(), Error> {
        match self.entry()?.envelope.as_ref().and_then(|envelope| envelope.fault.as_ref()) {
            Some(fault) => Err(Error::event(fault.clone())),
            None => Ok(()),
        }
    }

    pub(super) fn number(&self, py: Python<'_>) -> Result<Option<String>, Error> {
        if let Some(envelope) = &self.entry()?.envelope {
            return Ok(envelope.sequence_number.clone());
        }
        Ok(over!(self, py, |source, fields| {
            read_sequence_number(source, fields.change.as_ref().and_then(|change| change.sequence_number.as_ref()))
        }))
    }

    fn arn(&self, py: Python<'_>) -> Result<Option<String>, Error> {
        let own = match &self.entry()?.envelope {
            Some(envelope) => envelope.event_source_arn.clone(),
            None => over!(self, py, |source, fields| {
                read_text(source, fields.event_source_arn.as_ref(), "eventSourceARN")?
            }),
        };
        Ok(own.or_else(|| self.event.default_arn.clone()))
    }

    fn table(&self, py: Python<'_>) -> Result<Option<String>, Error> {
        self.sound()?;
        let named = over!(self, py, |source, fields| read_text(source, fields.table_name.as_ref(), "tableName")?)
            .filter(|name| !name.is_empty());
        if named.is_some() {
            return Ok(named);
        }
        Ok(self.arn(py)?.as_deref().and_then(table_of).map(str::to_owned))
    }

    pub(super) fn name(&self, py: Python<'_>) -> Result<Option<String>, Error> {
        self.sound()?;
        over!(self, py, |source, fields| read_text(source, fields.event_name.as_ref(), "eventName"))
    }

    fn identity(&self, py: Python<'_>) -> Result<Option<UserIdentity>, Error> {
        self.sound()?;
        over!(self, py, |source, fields| read_identity(source, fields.user_identity.as_ref()))
    }

    pub(super) fn created(&self, py: Python<'_>) -> Result<Option<i64>, Error> {
        self.sound()?;
        over!(self, py, |source, fields| match &fields.change {
            Some(change) => read_created(source, change),
            None => Ok(None),
        })
    }

    pub(super) fn through_kinesis(&self, py: Python<'_>) -> Result<bool, Error> {
        Ok(self.entry()?.envelope.is_some() || self.arn(py)?.as_deref().is_some_and(is_kinesis_arn))
    }

    /// The canonical identity of the item.
    pub fn key_bytes(&self, py: Python<'_>) -> PyResult<Vec<u8>> {
        let read = self.sound().and_then(|()| {
            over!(self, py, |source, fields| {
                let keys = part(fields, Image::Keys).ok_or_else(no_keys)?;
                item_key(&mut source.open(keys))
            })
        });
        self.raise_in(py, read, &["dynamodb", "Keys"])
    }

    fn image<'py>(
        &self,
        py: Python<'py>,
        image: Image,
        cell: &OnceLock<Py<PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(made) = cell.get() {
            return Ok(Some(made.bind(py).clone()));
        }
        let made = self.sound().and_then(|()| {
            over!(self, py, |source, fields| build(source, fields, image, |node| unmarshall_node(
                py,
                node,
                &self.event.modes
            )))
        });
        let made = self.raise_in(py, made, &["dynamodb", image.wire_name()])?;
        // While this thread was reading, another may have been first: then all keep its object.
        Ok(made.map(|made| cell.get_or_init(|| made.unbind()).bind(py).clone()))
    }

    pub(super) fn raise_in<T>(&self, py: Python<'_>, result: Result<T, Error>, path: &[&str]) -> PyResult<T> {
        result.map_err(|error| {
            let number = self.number(py).ok().flatten();
            raise(py, error, Place { path, sequence_number: number.as_deref() })
        })
    }

    fn wire_dict<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>, Error> {
        over!(self, py, |source, fields| {
            let whole = fields.whole.as_ref().ok_or_else(|| Error::event("the record cannot be read"))?;
            plain(&mut Maker::new(py), &mut source.open(whole), 0, Names::LastWins)
        })
    }

    /// What the record's own form leaves to its surroundings: the number of Kinesis, the ARN, the spelling.
    fn complete(&self, py: Python<'_>, record: &Bound<'_, PyDict>) -> PyResult<()> {
        let read = |error| raise(py, error, Place::default());
        if self.entry().map_err(read)?.envelope.is_some() {
            let change = record.get_item("dynamodb")?;
            if let Some(Ok(change)) = change.as_ref().map(|change| change.cast::<PyDict>()) {
                change.set_item("SequenceNumber", self.number(py).map_err(read)?)?;
            }
        }
        if let Some(arn) = self.arn(py).map_err(read)? {
            record.set_item("eventSourceARN", arn)?;
        }
        if let Some(identity) = self.identity(py).map_err(read)? {
            record.set_item("userIdentity", identity_dict(py, &identity)?)?;
        }
        Ok(())
    }
}

/// The keys or an image, where the record carries it.
pub(super) fn part<K>(fields: &Fields<K>, image: Image) -> Option<&K> {
    let change = fields.change.as_ref()?;
    match image {
        Image::Keys => change.keys.as_ref(),
        Image::New => change.new_image.as_ref(),
        Image::Old => change.old_image.as_ref(),
    }
}

/// Opens a part and makes something of it; None when the record does not carry it.
pub(super) fn build<S: Source, T>(
    source: &S,
    fields: &Fields<S::Kept>,
    image: Image,
    make: impl FnOnce(&mut S::Node) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    part(fields, image).map(|kept| make(&mut source.open(kept))).transpose()
}

#[cold]
fn no_keys() -> Error {
    Error::event("the record has no Keys")
}

#[pymethods]
impl Record {
    #[getter]
    fn event_id(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || {
            let read = self.sound().and_then(|()| {
                over!(self, py, |source, fields| read_text(source, fields.event_id.as_ref(), "eventID"))
            });
            self.raise_in(py, read, &["eventID"])
        })
    }

    #[getter]
    fn event_name<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let name = self.raise_in(py, self.name(py), &["eventName"])?;
            name.map(|name| event_name_member(py, &name)).transpose()
        })
    }

    #[getter]
    fn event_source_arn(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || self.raise_in(py, self.arn(py), &["eventSourceARN"]))
    }

    #[getter]
    fn table_name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || self.raise_in(py, self.table(py), &[]))
    }

    #[getter]
    fn aws_region(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || {
            let read = self.sound().and_then(|()| {
                over!(self, py, |source, fields| read_text(source, fields.aws_region.as_ref(), "awsRegion"))
            });
            self.raise_in(py, read, &["awsRegion"])
        })
    }

    #[getter]
    fn sequence_number(&self, py: Python<'_>) -> PyResult<Option<String>> {
        guard(py, || self.number(py).map_err(|error| raise(py, error, Place::default())))
    }

    #[getter]
    fn stream_view_type<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let read = self.sound().and_then(|()| {
                over!(self, py, |source, fields| {
                    let found = fields.change.as_ref().and_then(|change: &Change<_>| change.stream_view_type.as_ref());
                    read_text(source, found, "StreamViewType")
                })
            });
            let word = self.raise_in(py, read, &["dynamodb", "StreamViewType"])?;
            word.map(|word| member(py, "StreamViewType", &word)).transpose()
        })
    }

    #[getter]
    fn size_bytes(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        guard(py, || {
            let read = self.sound().and_then(|()| {
                over!(self, py, |source, fields| match &fields.change {
                    Some(change) => read_size(source, change),
                    None => Ok(None),
                })
            });
            self.raise_in(py, read, &["dynamodb", "SizeBytes"])
        })
    }

    #[getter]
    fn approximate_creation_time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let created = self.created(py).map_err(|error| error.into_kind(ErrorKind::Event));
            let created = self.raise_in(py, created, &["dynamodb", "ApproximateCreationDateTime"])?;
            created.map(|microseconds| datetime(py, microseconds)).transpose()
        })
    }

    #[getter]
    fn user_identity<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        guard(py, || {
            let identity = self.raise_in(py, self.identity(py), &["userIdentity"])?;
            identity.map(|identity| identity_dict(py, &identity)).transpose()
        })
    }

    #[getter]
    fn is_ttl_delete(&self, py: Python<'_>) -> PyResult<bool> {
        guard(py, || {
            let removed = self.raise_in(py, self.name(py), &["eventName"])?.as_deref() == Some("REMOVE");
            let identity = self.raise_in(py, self.identity(py), &["userIdentity"])?;
            Ok(removed && identity.is_some_and(|identity| identity.is_time_to_live()))
        })
    }

    #[getter]
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || match self.image(py, Image::Keys, &self.keys)? {
            Some(keys) => Ok(keys),
            None => self.raise_in(py, Err(no_keys()), &["dynamodb", "Keys"]),
        })
    }

    #[getter]
    fn new_image<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.image(py, Image::New, &self.new_image))
    }

    #[getter]
    fn old_image<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || self.image(py, Image::Old, &self.old_image))
    }

    #[getter]
    fn diff<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, ImageDiff>>> {
        guard(py, || {
            if let Some(made) = self.diff.get() {
                return Ok(Some(made.bind(py).clone()));
            }
            let Some(made) = ImageDiff::of_record(py, self)? else {
                return Ok(None);
            };
            let made = Py::new(py, made)?;
            Ok(Some(self.diff.get_or_init(|| made).bind(py).clone()))
        })
    }

    #[pyo3(
        signature = (path, *, old=Given(None), new=Given(None)),
        text_signature = "($self, path, *, old=..., new=...)"
    )]
    fn changed(&self, py: Python<'_>, path: Path, old: Given<'_>, new: Given<'_>) -> PyResult<bool> {
        guard(py, move || {
            let Path(path) = path;
            compare::has_changed(py, self, &path, old, new)
        })
    }

    #[getter]
    fn item_key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guard(py, || Ok(PyBytes::new(py, &self.key_bytes(py)?)))
    }

    fn attribute_values<'py>(&self, py: Python<'py>, image: Image) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            let made = self.sound().and_then(|()| {
                over!(self, py, |source, fields| build(source, fields, image, |node| wire::attribute_values(py, node)))
            });
            self.raise_in(py, made, &["dynamodb", image.wire_name()])
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let record = self.wire_dict(py).map_err(|error| error.into_kind(ErrorKind::Event));
            let record = self.raise_in(py, record, &[])?;
            // What Kinesis wrapped around a payload that cannot be read is given as it came.
            if let (Ok(record), true) = (record.cast::<PyDict>(), self.sound().is_ok()) {
                self.complete(py, record)?;
            }
            Ok(record)
        })
    }

    /// Two views of the same record are equal.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().is_view_of(&self.event, self.row))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (Arc::as_ptr(&self.event) as usize, self.row).hash(&mut hasher);
        hasher.finish()
    }

    /// Says which record it is, and nothing that it holds.
    fn __repr__(&self, py: Python<'_>) -> String {
        let name = self.name(py).ok().flatten().unwrap_or_else(|| "malformed".to_owned());
        let table = self.table(py).ok().flatten().unwrap_or_else(|| "unknown".to_owned());
        let number = self.number(py).ok().flatten().unwrap_or_else(|| "none".to_owned());
        format!("<Record {name} table={table} sequence_number={number}>")
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for cell in [&self.keys, &self.new_image, &self.old_image] {
            if let Some(image) = cell.get() {
                visit.call(image)?;
            }
        }
        self.diff.get().map_or(Ok(()), |diff| visit.call(diff))
    }
}
