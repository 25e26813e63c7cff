//! An event: the five shapes in which change records arrive.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html>

use super::error::{Error, ErrorKind, Step};
use super::node::{Kind, Node, Text};
use super::record::{Fields, read_record};

/// How the records came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `Records` of a DynamoDB stream: an event source mapping, or GetRecords.
    Stream,
    /// `Records` of a Kinesis stream that carries DynamoDB changes.
    Kinesis,
    /// The list that EventBridge Pipes sends.
    Pipes,
}

/// What an event holds.
pub enum Event<K> {
    /// Its records.
    Records(Shape, Vec<Fields<K>>),
    /// An on-failure object whose payload is the event as text.
    Payload(K),
}

/// Reads an event, or says why it is none.
pub fn read_event<N: Node>(node: &mut N) -> Result<Event<N::Kept>, Error> {
    read(node, true).map_err(|error| error.into_kind(ErrorKind::Event))
}

fn read<N: Node>(node: &mut N, outermost: bool) -> Result<Event<N::Kept>, Error> {
    match node.kind()? {
        Kind::Array => {
            let list = List::Records(read_records(node)?);
            must_be_changes(&list)?;
            Ok(list.into_event(Some(Shape::Pipes)))
        }
        Kind::Object => read_object(node, outermost),
        kind => Err(Error::event(format!(
            "no stream event: expected an object with \"Records\", or a list, found {}",
            kind.name()
        ))),
    }
}

fn read_object<N: Node>(node: &mut N, outermost: bool) -> Result<Event<N::Kept>, Error> {
    // Of two members of one name the last counts, so what is wrong with the value is said at the end.
    let (mut event, mut payload) = (None, None);
    node.object(|name, value| {
        match &*name.bytes()? {
            b"Records" => event = Some(read_list(value).map_err(|error| error.at_name(b"Records"))?),
            b"payload" if outermost => payload = read_payload(value).map_err(|error| error.at_name(b"payload"))?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    if let Some(found) = &event {
        must_be_changes(found).map_err(|error| error.at_name(b"Records"))?;
    }
    event
        .map(|list| list.into_event(None))
        .or(payload)
        .ok_or_else(|| Error::event("no stream event: the object has neither \"Records\" nor a \"payload\""))
}

fn read_payload<N: Node>(node: &mut N) -> Result<Option<Event<N::Kept>>, Error> {
    match node.kind()? {
        Kind::String => Ok(node.keep()?.map(Event::Payload)),
        Kind::Object | Kind::Array => read(node, false).map(Some),
        _ => node.skip().map(|()| None),
    }
}

/// What a member `Records` holds.
enum List<K> {
    Records(Vec<Fields<K>>),
    No(Kind),
}

impl<K> List<K> {
    fn into_event(self, shape: Option<Shape>) -> Event<K> {
        let records = match self {
            Self::Records(records) => records,
            Self::No(_) => Vec::new(),
        };
        let through_kinesis = records.first().is_some_and(|record| record.kinesis.is_some());
        let told = if through_kinesis { Shape::Kinesis } else { Shape::Stream };
        Event::Records(shape.unwrap_or(told), records)
    }
}

fn read_list<N: Node>(node: &mut N) -> Result<List<N::Kept>, Error> {
    match node.kind()? {
        Kind::Array => read_records(node).map(List::Records),
        kind => node.skip().map(|()| List::No(kind)),
    }
}

fn read_records<N: Node>(node: &mut N) -> Result<Vec<Fields<N::Kept>>, Error> {
    let mut records = Vec::new();
    node.array(|record| {
        let fields = read_record(record).map_err(|error| error.at(Step::Index(records.len())))?;
        records.push(fields);
        Ok(())
    })?;
    Ok(records)
}

/// A record of another service must never look like a success.
fn must_be_changes<K>(list: &List<K>) -> Result<(), Error> {
    let records = match list {
        List::Records(records) => records,
        List::No(kind) => {
            return Err(Error::event(format!("no stream event: \"Records\" holds a list, found {}", kind.name())));
        }
    };
    match records.iter().position(|record| record.change.is_none() && record.kinesis.is_none()) {
        None => Ok(()),
        Some(index) => {
            Err(Error::event("no stream event: a record has neither \"dynamodb\" nor \"kinesis\"")
                .at(Step::Index(index)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json_node::JsonNode;

    fn read(text: &str) -> Result<(Shape, usize), Error> {
        let mut node = JsonNode::new(text.as_bytes());
        let event = read_event(&mut node)?;
        node.end()?;
        Ok(match event {
            Event::Records(shape, records) => (shape, records.len()),
            Event::Payload(_) => (Shape::Stream, usize::MAX),
        })
    }

    #[test]
    fn tells_the_shapes_apart() {
        let record = r#"{"eventID":"1","dynamodb":{"Keys":{"a":{"S":"x"}},"SequenceNumber":"1"}}"#;
        let kinesis = r#"{"kinesis":{"data":"e30=","sequenceNumber":"1"}}"#;
        for (text, wanted) in [
            (format!("{{\"Records\":[{record},{record}]}}"), (Shape::Stream, 2)),
            (format!("{{\"NextShardIterator\":\"x\",\"Records\":[{record}]}}"), (Shape::Stream, 1)),
            (format!("[{record}]"), (Shape::Pipes, 1)),
            ("[]".to_owned(), (Shape::Pipes, 0)),
            (format!("{{\"Records\":[{kinesis}]}}"), (Shape::Kinesis, 1)),
            (format!("{{\"version\":\"1.0\",\"payload\":{{\"Records\":[{record}]}}}}"), (Shape::Stream, 1)),
            ("{\"payload\":\"{}\"}".to_owned(), (Shape::Stream, usize::MAX)),
            (format!("{{\"Records\":[{{}}],\"Records\":[{record}]}}"), (Shape::Stream, 1)),
            (format!("{{\"Records\":5,\"Records\":[{record}]}}"), (Shape::Stream, 1)),
        ] {
            assert_eq!(read(&text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_stream_event() {
        for text in [
            "{}",
            "null",
            "1",
            "\"x\"",
            "{\"Records\":null}",
            "{\"Records\":{}}",
            "{\"Records\":[1]}",
            "{\"payload\":5}",
            "{\"Records\":[{\"s3\":{}}]}",
            "{\"Records\":[{\"dynamodb\":null}]}",
            "{\"payload\":{\"payload\":{\"Records\":[]}}}",
        ] {
            assert!(read(text).is_err_and(|e| e.kind() == ErrorKind::Event), "{text}");
        }
    }
}
