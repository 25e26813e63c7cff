//! Events: the same records and parts as the references find, and every part read.

use std::ops::Range;

use tailrace::core::binary;
use tailrace::core::error::Error;
use tailrace::core::event::{Event as CoreEvent, Shape, read_event};
use tailrace::core::json_node::{Buffers, ByteRange, JsonNode};
use tailrace::core::record::{
    Change, Fields, Kinesis, read_created, read_identity, read_record, read_sequence_number, read_size, read_text,
};
use tailrace::core::sequence_number::is_sequence_number;

use crate::reference::Refused;
use crate::reference::base64;
use crate::reference::event::{Event, Parts, Record, event, record_alone};
use crate::reference::item::{Plain as PlainValue, item};
use crate::reference::json::{Plain, Reader, Serde, string};
use crate::reference::number::parse;
use crate::{Outcome, check_error, item as images};

/// Checks a text that may be an event.
pub fn check(data: &[u8]) -> Outcome {
    let wanted = event(&Plain(data));
    if Serde(data).whole().is_ok() {
        assert_eq!(event(&Serde(data)), wanted, "the references disagree");
    }
    let found = index(data);
    assert_eq!(found.is_ok(), wanted.is_ok(), "{:?} in {:?}", found.as_ref().err(), String::from_utf8_lossy(data));
    match (found, wanted) {
        (Ok(Indexed::Records(shape, records)), Ok(Event::Records(wanted_shape, wanted))) => {
            assert_eq!((shape, records.len()), (wanted_shape, wanted.len()));
            let outcomes = records.iter().zip(&wanted).map(|(found, wanted)| check_record(data, found, wanted));
            outcomes.fold(Outcome::Read, Outcome::and)
        }
        (Ok(Indexed::Payload(text)), Ok(Event::Payload(wanted))) => {
            assert_eq!(text, wanted);
            check(text.as_bytes())
        }
        (Err(error), _) => {
            check_error(&error, data.len());
            Outcome::Refused
        }
        (_, wanted) => panic!("another event than {wanted:?}"),
    }
}

enum Indexed {
    Records(Shape, Vec<Fields<ByteRange>>),
    Payload(String),
}

fn index(data: &[u8]) -> Result<Indexed, Error> {
    let mut node = JsonNode::new(data);
    let found = read_event(&mut node)?;
    node.end()?;
    Ok(match found {
        CoreEvent::Records(shape, records) => Indexed::Records(shape, records),
        CoreEvent::Payload(part) => {
            let text = read_text(&Buffers { wire: data, decoded: b"" }, Some(&part), "payload")?;
            Indexed::Payload(text.expect("a payload that was found"))
        }
    })
}

fn check_record(data: &[u8], found: &Fields<ByteRange>, wanted: &Record) -> Outcome {
    let buffers = Buffers { wire: data, decoded: b"" };
    check_parts(found, wanted, 0);
    match &found.kinesis {
        Some(kinesis) => check_fields(buffers, found).and(check_kinesis(buffers, kinesis)),
        None => check_fields(buffers, found),
    }
}

/// What Kinesis carries is decoded behind the wire, and read there.
fn check_kinesis(buffers: Buffers<'_>, kinesis: &Kinesis<ByteRange>) -> Outcome {
    check_sequence_number(buffers, kinesis.sequence_number);
    let Some(data) = kinesis.data else { return Outcome::Refused };
    let text = read_text(&buffers, Some(&data), "data").ok().flatten();
    assert_eq!(text, string(buffers.slice(data)).ok());
    let Some(text) = text else { return Outcome::Refused };
    let payload = binary::decode(text.as_bytes()).ok();
    assert_eq!(payload, base64::decode(text.as_bytes()));
    payload.map_or(Outcome::Refused, |payload| check_payload(buffers.wire, &payload))
}

fn check_payload(wire: &[u8], payload: &[u8]) -> Outcome {
    // Whatever was decoded before: the payload need not be the first.
    let before = b"{\"another\":\"payload\"}";
    let decoded = [before, payload].concat();
    let base = wire.len() + before.len();
    let mut node = JsonNode::with_base(payload, base);
    let found = read_record(&mut node).and_then(|fields| node.end().map(|()| fields));
    let wanted = record_alone(&Plain(payload));
    assert_eq!(found.is_ok(), wanted.is_ok(), "{:?} in {:?}", found.as_ref().err(), String::from_utf8_lossy(payload));
    let (Ok(found), Ok(wanted)) = (found, wanted) else { return Outcome::Refused };
    check_parts(&found, &wanted, base);
    check_fields(Buffers { wire, decoded: &decoded }, &found)
}

/// The parts are those of the reference, to the byte.
fn check_parts(found: &Fields<ByteRange>, wanted: &Record, base: usize) {
    let whole = found.whole.map(|part| part.start() - base..part.end() - base);
    assert_eq!(whole.as_ref(), Some(&wanted.whole));
    assert_eq!(parts_of(&record_parts(found), base), wanted.parts);
    let change = found.change.as_ref().map(|change| parts_of(&change_parts(change), base));
    assert_eq!(change, wanted.change);
    let kinesis = found.kinesis.as_ref().map(|kinesis| parts_of(&kinesis_parts(kinesis), base));
    assert_eq!(kinesis, wanted.kinesis);
}

type Part = (&'static str, Option<ByteRange>);

fn parts_of(parts: &[Part], base: usize) -> Parts {
    let range = |part: ByteRange| -> Range<usize> { part.start() - base..part.end() - base };
    parts.iter().filter_map(|(name, part)| part.map(|part| (*name, range(part)))).collect()
}

fn record_parts(fields: &Fields<ByteRange>) -> [Part; 6] {
    [
        ("eventID", fields.event_id),
        ("eventName", fields.event_name),
        ("awsRegion", fields.aws_region),
        ("eventSourceARN", fields.event_source_arn),
        ("userIdentity", fields.user_identity),
        ("tableName", fields.table_name),
    ]
}

fn change_parts(change: &Change<ByteRange>) -> [Part; 8] {
    [
        ("ApproximateCreationDateTime", change.created),
        ("ApproximateCreationDateTimePrecision", change.precision),
        ("Keys", change.keys),
        ("NewImage", change.new_image),
        ("OldImage", change.old_image),
        ("SequenceNumber", change.sequence_number),
        ("SizeBytes", change.size_bytes),
        ("StreamViewType", change.stream_view_type),
    ]
}

fn kinesis_parts(kinesis: &Kinesis<ByteRange>) -> [Part; 2] {
    [("data", kinesis.data), ("sequenceNumber", kinesis.sequence_number)]
}

/// Every part is read, each by the reading that is meant for it.
fn check_fields(buffers: Buffers<'_>, fields: &Fields<ByteRange>) -> Outcome {
    let texts = [fields.event_id, fields.event_name, fields.aws_region, fields.event_source_arn, fields.table_name];
    let read = texts.map(|part| check_text(buffers, part)).into_iter().fold(Outcome::Read, Outcome::and);
    let read = read.and(check_identity(buffers, fields.user_identity));
    let Some(change) = &fields.change else { return read };
    check_sequence_number(buffers, change.sequence_number);
    let read = read.and(check_text(buffers, change.stream_view_type)).and(check_text(buffers, change.precision));
    read.and(check_created(buffers, change)).and(check_size(buffers, change)).and(check_images(buffers, change))
}

fn check_text(buffers: Buffers<'_>, part: Option<ByteRange>) -> Outcome {
    let found = read_text(&buffers, part.as_ref(), "part");
    let wanted = part.map(|part| string(buffers.slice(part))).transpose();
    assert_eq!(found.as_ref().ok(), wanted.as_ref().ok());
    Outcome::of(wanted.is_ok())
}

fn check_sequence_number(buffers: Buffers<'_>, part: Option<ByteRange>) {
    let found = read_sequence_number(&buffers, part.as_ref());
    let wanted = part.and_then(|part| string(buffers.slice(part)).ok());
    assert_eq!(found, wanted.filter(|text| is_sequence_number(text.as_bytes())));
}

fn check_created(buffers: Buffers<'_>, change: &Change<ByteRange>) -> Outcome {
    let found = read_created(&buffers, change);
    let precision = change.precision.map(|part| string(buffers.slice(part))).transpose();
    let wanted = match (change.created, precision) {
        (None, _) => Ok(None),
        (_, Err(refused)) => Err(refused),
        (Some(part), Ok(precision)) => parse(buffers.slice(part))
            .and_then(|number| number.microseconds(precision.as_deref()))
            .map(Some)
            .ok_or(Refused),
    };
    assert_eq!(found.as_ref().ok(), wanted.as_ref().ok(), "{found:?}");
    Outcome::of(wanted.is_ok())
}

fn check_size(buffers: Buffers<'_>, change: &Change<ByteRange>) -> Outcome {
    let found = read_size(&buffers, change);
    let wanted = change.size_bytes.map(|part| serde_json::from_slice::<u64>(buffers.slice(part))).transpose();
    assert_eq!(found.as_ref().ok(), wanted.as_ref().ok(), "{found:?}");
    Outcome::of(wanted.is_ok())
}

fn check_identity(buffers: Buffers<'_>, part: Option<ByteRange>) -> Outcome {
    let found = read_identity(&buffers, part.as_ref());
    let wanted = part.map(|part| identity(buffers.slice(part))).transpose();
    let found = found.map(|identity| identity.map(|identity| (identity.kind, identity.principal_id)));
    assert_eq!(found.as_ref().ok(), wanted.as_ref().ok(), "{found:?}");
    Outcome::of(wanted.is_ok())
}

fn identity(text: &[u8]) -> Result<(String, String), Refused> {
    let json = Plain(text);
    if !text.starts_with(b"{") {
        return Err(Refused);
    }
    let members = json.members(&(0..text.len()))?;
    let last = |names: [&str; 2]| {
        let found = members.iter().rev().find(|(name, _)| names.iter().any(|known| known.as_bytes() == &**name));
        match found.filter(|(_, at)| json.first(at) != b'n') {
            Some((_, at)) => string(json.slice(at)),
            None => Ok(String::new()),
        }
    };
    Ok((last(["type", "Type"])?, last(["principalId", "PrincipalId"])?))
}

fn check_images(buffers: Buffers<'_>, change: &Change<ByteRange>) -> Outcome {
    let parts = [change.keys, change.new_image, change.old_image];
    let outcomes = parts.into_iter().flatten().map(|part| images::check_part(buffers, part));
    let outcome = outcomes.fold(Outcome::Read, Outcome::and);
    check_changed(buffers, change);
    outcome
}

/// An attribute whose wire form is the same on both sides is not read, so only whole images can be compared.
fn check_changed(buffers: Buffers<'_>, change: &Change<ByteRange>) {
    let found = images::changed_attributes(buffers, change.old_image.as_ref(), change.new_image.as_ref());
    let members = |part: Option<ByteRange>| match part.map(|part| item(buffers.slice(part), false)) {
        Some(Ok(PlainValue::M(members))) => Ok(members),
        Some(_) => Err(Refused),
        None => Ok(std::collections::BTreeMap::new()),
    };
    let (Ok(old), Ok(new)) = (members(change.old_image), members(change.new_image)) else { return };
    let mut wanted: Vec<_> = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).collect();
    wanted.sort();
    wanted.dedup();
    assert_eq!(found.expect("both images are whole").iter().collect::<Vec<_>>(), wanted);
}
