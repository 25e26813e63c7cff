//! Events and records as a search for names: which parts a record has, and where they stand.

use std::collections::BTreeMap;
use std::ops::Range;

use tailrace::core::event::Shape;

use super::Refused;
use super::json::{Reader, string};

const OF_RECORD: [&str; 6] = ["eventID", "eventName", "awsRegion", "eventSourceARN", "userIdentity", "tableName"];
const OF_CHANGE: [&str; 5] = [
    "ApproximateCreationDateTime",
    "ApproximateCreationDateTimePrecision",
    "SequenceNumber",
    "SizeBytes",
    "StreamViewType",
];
const IMAGES: [&str; 3] = ["Keys", "NewImage", "OldImage"];
const OF_KINESIS: [&str; 2] = ["data", "sequenceNumber"];

/// Where the parts of an object stand, by name. Absent and null parts are not in it.
pub type Parts = BTreeMap<&'static str, Range<usize>>;

/// What is found of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record itself.
    pub whole: Range<usize>,
    /// Its own parts.
    pub parts: Parts,
    /// The parts of `dynamodb`, if that is an object.
    pub change: Option<Parts>,
    /// The parts of `kinesis`, if that is an object.
    pub kinesis: Option<Parts>,
}

/// What is found of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // as in the core
pub enum Event {
    Records(Shape, Vec<Record>),
    Payload(String),
}

/// The event of a text that is one.
pub fn event(json: &impl Reader) -> Result<Event, Refused> {
    match find(json, &json.whole()?, true)? {
        Found::Records(shape, records) => Ok(Event::Records(shape, records)),
        Found::Payload(at) => string(json.slice(&at)).map(Event::Payload),
    }
}

/// The one record of a text that is one.
pub fn record_alone(json: &impl Reader) -> Result<Record, Refused> {
    record(json, &json.whole()?)
}

enum Found {
    Records(Shape, Vec<Record>),
    Payload(Range<usize>),
}

fn find(json: &impl Reader, at: &Range<usize>, outermost: bool) -> Result<Found, Refused> {
    match json.first(at) {
        b'[' => changes(records(json, at)?).map(|records| Found::Records(Shape::Pipes, records)),
        b'{' => find_in_object(json, at, outermost),
        _ => Err(Refused),
    }
}

/// Every member `Records` and `payload` is looked into, and the last of each counts.
fn find_in_object(json: &impl Reader, at: &Range<usize>, outermost: bool) -> Result<Found, Refused> {
    let (mut list, mut payload) = (None, None);
    for (name, at) in json.members(at)? {
        match (&*name, json.first(&at)) {
            (b"Records", b'[') => list = Some(Some(records(json, &at)?)),
            (b"Records", _) => list = Some(None),
            (b"payload", b'"') if outermost => payload = Some(Found::Payload(at)),
            (b"payload", b'{' | b'[') if outermost => payload = Some(find(json, &at, false)?),
            (b"payload", _) if outermost => payload = None,
            _ => {}
        }
    }
    match list {
        Some(list) => {
            let records = changes(list.ok_or(Refused)?)?;
            let through_kinesis = records.first().is_some_and(|record| record.kinesis.is_some());
            Ok(Found::Records(if through_kinesis { Shape::Kinesis } else { Shape::Stream }, records))
        }
        None => payload.ok_or(Refused),
    }
}

fn records(json: &impl Reader, at: &Range<usize>) -> Result<Vec<Record>, Refused> {
    json.elements(at)?.iter().map(|at| record(json, at)).collect()
}

/// Nothing but changes: the records of another service are no success.
fn changes(records: Vec<Record>) -> Result<Vec<Record>, Refused> {
    let all = records.iter().all(|record| record.change.is_some() || record.kinesis.is_some());
    if all { Ok(records) } else { Err(Refused) }
}

fn record(json: &impl Reader, at: &Range<usize>) -> Result<Record, Refused> {
    if json.first(at) != b'{' {
        return Err(Refused);
    }
    let members = json.members(at)?;
    let mut record = Record { whole: at.clone(), parts: Parts::new(), change: None, kinesis: None };
    for (name, at) in members {
        match &*name {
            b"dynamodb" => record.change = nested(json, &at, &OF_CHANGE, &IMAGES)?,
            b"kinesis" => record.kinesis = nested(json, &at, &OF_KINESIS, &[])?,
            _ => keep(json, &mut record.parts, &name, at, &OF_RECORD, &[]),
        }
    }
    Ok(record)
}

fn nested(
    json: &impl Reader,
    at: &Range<usize>,
    names: &[&'static str],
    images: &[&'static str],
) -> Result<Option<Parts>, Refused> {
    if json.first(at) != b'{' {
        return Ok(None);
    }
    let mut parts = Parts::new();
    for (name, at) in json.members(at)? {
        keep(json, &mut parts, &name, at, names, images);
    }
    Ok(Some(parts))
}

/// The last member of a name counts, and null and the empty image are as good as none.
fn keep(
    json: &impl Reader,
    parts: &mut Parts,
    name: &[u8],
    at: Range<usize>,
    names: &[&'static str],
    images: &[&'static str],
) {
    let Some(known) = names.iter().chain(images).find(|known| known.as_bytes() == name) else {
        return;
    };
    parts.remove(known);
    let empty = images.contains(known) && json.members(&at).is_ok_and(|members| members.is_empty());
    if json.first(&at) != b'n' && !(empty && json.first(&at) == b'{') {
        parts.insert(known, at);
    }
}
