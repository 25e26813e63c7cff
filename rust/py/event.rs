//! An event in memory, shared by the Batches and Records that look at it.

use std::ops::Range;

use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use super::errors::{Place, foreign, raise};
use super::options::Modes;
use super::py_node::{Objects, PyNode};
use crate::core::binary;
use crate::core::error::{Error, ErrorKind};
use crate::core::event::{Event as Found, Shape, read_event};
use crate::core::json_node::{Buffers, ByteRange, JsonNode};
use crate::core::limits::EVENT_BYTES;
use crate::core::node::{Kind, Node, Source, Text};
use crate::core::record::{Fields, Kinesis, read_record, read_sequence_number, read_text};

/// Events from this size on are indexed with the GIL released; below, giving it up costs more than it gives.
pub const DETACH_BYTES: usize = 64 * 1024;

/// The bytes of an event as it came.
enum Wire {
    /// Python objects, or nothing.
    None,
    /// The caller's bytes, or a copy of what may change.
    Python(Py<PyBytes>),
    /// A payload that was text inside the event.
    Own(Vec<u8>),
}

/// Where the parts of one record are.
pub enum Parts {
    /// In the bytes of the event.
    Json(Fields<ByteRange>),
    /// In the caller's objects.
    Python(Fields<Py<PyAny>>),
}

/// What Kinesis wrapped around a change.
pub struct Envelope {
    /// kinesis.sequenceNumber
    pub sequence_number: Option<String>,
    /// The ARN of the Kinesis stream.
    pub event_source_arn: Option<String>,
    /// Why the payload cannot be read.
    pub fault: Option<String>,
    /// Where the Kinesis record is in the bytes of the event.
    whole: Option<ByteRange>,
}

/// One record of an event.
pub struct Entry {
    /// Its parts; of a change that came through Kinesis, those of the payload, if that can be read.
    pub parts: Parts,
    /// Of a change that came through Kinesis, what was around it.
    pub envelope: Option<Box<Envelope>>,
}

/// An event and the index of its records.
pub struct Event {
    wire: Wire,
    decoded: Vec<u8>,
    /// Its records in order.
    pub entries: Vec<Entry>,
    /// How they came.
    pub shape: Shape,
    /// The ARN for records that carry none.
    pub default_arn: Option<String>,
    /// How its images become Python values.
    pub modes: Modes,
}

impl Event {
    /// Reads an event from whatever the caller has.
    pub fn read(event: &Bound<'_, PyAny>, event_source_arn: Option<String>, modes: Modes) -> PyResult<Self> {
        let py = event.py();
        let read = bytes_of(event).and_then(|bytes| match bytes {
            Some(bytes) => Self::from_bytes(py, bytes),
            None => Self::from_objects(event),
        });
        let mut read = read.map_err(|error| raise(py, error.into_kind(ErrorKind::Event), Place::default()))?;
        read.default_arn = event_source_arn;
        read.modes = modes;
        Ok(read)
    }

    fn from_bytes(py: Python<'_>, bytes: Bound<'_, PyBytes>) -> Result<Self, Error> {
        let text = bytes.as_bytes();
        let indexed = if text.len() >= DETACH_BYTES { py.detach(|| index(text)) } else { index(text) }?;
        match indexed {
            Indexed::Records(shape, entries, decoded) => Ok(Self {
                wire: Wire::Python(bytes.unbind()),
                decoded,
                entries,
                shape,
                default_arn: None,
                modes: Modes::DEFAULT,
            }),
            Indexed::Payload(text) => Self::from_payload(text),
        }
    }

    fn from_objects(event: &Bound<'_, PyAny>) -> Result<Self, Error> {
        let source = Objects(event.py());
        match read_event(&mut PyNode::new(event.clone()))? {
            Found::Records(shape, records) => {
                let mut event = Self {
                    wire: Wire::None,
                    decoded: Vec::new(),
                    entries: Vec::new(),
                    shape,
                    default_arn: None,
                    modes: Modes::DEFAULT,
                };
                for fields in records {
                    event.entries.push(entry(&source, fields, &mut event.decoded, 0, Parts::Python, |_| None)?);
                }
                Ok(event)
            }
            Found::Payload(kept) => {
                let text = read_text(&source, Some(&kept), "payload")?.unwrap_or_default();
                Self::from_payload(text)
            }
        }
    }

    /// The event that stands as text inside an on-failure object; there is no third level.
    fn from_payload(text: String) -> Result<Self, Error> {
        match index(text.as_bytes()).map_err(|error| error.at_name(b"payload"))? {
            Indexed::Records(shape, entries, decoded) => Ok(Self {
                wire: Wire::Own(text.into_bytes()),
                decoded,
                entries,
                shape,
                default_arn: None,
                modes: Modes::DEFAULT,
            }),
            Indexed::Payload(_) => Err(Error::event("no stream event: a payload inside a payload")),
        }
    }

    /// The caller's bytes, where it came as bytes.
    pub fn bytes<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyBytes>> {
        match &self.wire {
            Wire::Python(bytes) => Some(bytes.bind(py)),
            Wire::None | Wire::Own(_) => None,
        }
    }

    /// Where a record is in the caller's bytes.
    pub fn range(&self, row: u32) -> Option<(usize, usize)> {
        let entry = self.entries.get(row as usize)?;
        let whole = match (&self.wire, &entry.envelope, &entry.parts) {
            (Wire::Python(_), Some(envelope), _) => envelope.whole,
            (Wire::Python(_), None, Parts::Json(fields)) => fields.whole,
            _ => None,
        }?;
        Some((whole.start(), whole.end()))
    }

    /// The bytes that ranges point into.
    pub fn buffers<'a>(&'a self, py: Python<'a>) -> Buffers<'a> {
        let wire = match &self.wire {
            Wire::None => &[],
            Wire::Python(bytes) => bytes.as_bytes(py),
            Wire::Own(bytes) => bytes,
        };
        Buffers { wire, decoded: &self.decoded }
    }
}

/// What bytes hold.
enum Indexed {
    Records(Shape, Vec<Entry>, Vec<u8>),
    Payload(String),
}

/// Reads the bytes of an event; touches no Python object.
fn index(text: &[u8]) -> Result<Indexed, Error> {
    if text.len() > EVENT_BYTES {
        return Err(Error::event("an event is at most 4 GiB long"));
    }
    let mut node = JsonNode::new(text);
    let found = read_event(&mut node)?;
    node.end()?;
    let source = Buffers { wire: text, decoded: &[] };
    match found {
        Found::Records(shape, records) => {
            let mut decoded = Vec::new();
            let entries = records
                .into_iter()
                .map(|fields| entry(&source, fields, &mut decoded, text.len(), Parts::Json, |whole| Some(*whole)));
            let entries = entries.collect::<Result<_, _>>()?;
            Ok(Indexed::Records(shape, entries, decoded))
        }
        Found::Payload(kept) => {
            read_text(&source, Some(&kept), "payload").map(|text| Indexed::Payload(text.unwrap_or_default()))
        }
    }
}

/// One record's entry; the payload of a Kinesis record is decoded behind those before it.
fn entry<S: Source>(
    source: &S,
    mut fields: Fields<S::Kept>,
    decoded: &mut Vec<u8>,
    base: usize,
    parts: impl FnOnce(Fields<S::Kept>) -> Parts,
    range: impl FnOnce(&S::Kept) -> Option<ByteRange>,
) -> Result<Entry, Error> {
    let Some(kinesis) = fields.kinesis.take() else {
        return Ok(Entry { parts: parts(fields), envelope: None });
    };
    let sequence_number = read_sequence_number(source, kinesis.sequence_number.as_ref());
    let event_source_arn = read_text(source, fields.event_source_arn.as_ref(), "eventSourceARN").ok().flatten();
    let whole = fields.whole.as_ref().and_then(range);
    let (parts, fault) = match open_payload(source, &kinesis, decoded, base) {
        Ok(change) => (Parts::Json(change), None),
        Err(error) if error.kind() == ErrorKind::Foreign => return Err(error),
        Err(error) => (parts(fields), Some(format!("the payload is no DynamoDB change: {error}"))),
    };
    let envelope = Envelope { sequence_number, event_source_arn, fault, whole };
    Ok(Entry { parts, envelope: Some(Box::new(envelope)) })
}

fn open_payload<S: Source>(
    source: &S,
    kinesis: &Kinesis<S::Kept>,
    decoded: &mut Vec<u8>,
    base: usize,
) -> Result<Fields<ByteRange>, Error> {
    let data = kinesis.data.as_ref().ok_or_else(|| Error::event("the record has no data"))?;
    let payload = payload_bytes(&mut source.open(data))?;
    let fields = change_of(&payload, base + decoded.len())?;
    decoded.extend(payload);
    Ok(fields)
}

fn payload_bytes<N: Node>(data: &mut N) -> Result<Vec<u8>, Error> {
    if data.kind()? == Kind::Bytes {
        return Ok(data.bytes()?.as_ref().to_vec());
    }
    let text = data.text()?;
    let text = text.bytes()?;
    binary::decode(&text)
}

fn change_of(payload: &[u8], base: usize) -> Result<Fields<ByteRange>, Error> {
    let mut node = JsonNode::with_base(payload, base);
    let fields = read_record(&mut node)?;
    node.end()?;
    if fields.change.is_none() {
        return Err(Error::event("it has no \"dynamodb\""));
    }
    Ok(fields)
}

/// The bytes of JSON text in any of Python's forms; None for other objects. What may change is copied.
pub fn bytes_of<'py>(text: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyBytes>>, Error> {
    let py = text.py();
    if let Ok(bytes) = text.cast::<PyBytes>() {
        return Ok(Some(bytes.clone()));
    }
    if let Ok(string) = text.cast::<PyString>() {
        let utf8 = string.to_str().map_err(|_| Error::value("the text has half of a surrogate pair"))?;
        return Ok(Some(PyBytes::new(py, utf8.as_bytes())));
    }
    if text.is_instance_of::<PyByteArray>() || text.is_instance_of::<PyMemoryView>() {
        let copied = py.get_type::<PyBytes>().call1((text,)).map_err(foreign)?;
        return copied.cast_into().map(Some).map_err(|error| foreign(error.into()));
    }
    Ok(None)
}

/// Positions of a whole event, or those that a view was given.
#[derive(Clone)]
pub enum Rows {
    /// All of them.
    All(Range<u32>),
    /// These, in this order.
    Some(Vec<u32>),
}

impl Rows {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::All(range) => range.len(),
            Self::Some(rows) => rows.len(),
        }
    }

    /// The row at a position.
    pub fn get(&self, position: usize) -> Option<u32> {
        match self {
            Self::All(range) => range.clone().nth(position),
            Self::Some(rows) => rows.get(position).copied(),
        }
    }
}
