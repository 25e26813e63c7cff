//! A change record: Record and StreamRecord of the Streams API, read through Node.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>

use super::error::{Error, ErrorKind};
use super::node::{Kind, Node, Source, Text};
use super::sequence_number::is_sequence_number;
use super::timestamp;

/// Where the parts of a record are. A part that is absent or null is None; of a part that stands twice the last
/// counts, as for every JSON parser of Lambda's runtimes.
#[derive(Clone, Debug)]
pub struct Fields<K> {
    /// The record itself.
    pub whole: Option<K>,
    /// eventID
    pub event_id: Option<K>,
    /// eventName
    pub event_name: Option<K>,
    /// awsRegion
    pub aws_region: Option<K>,
    /// eventSourceARN
    pub event_source_arn: Option<K>,
    /// userIdentity
    pub user_identity: Option<K>,
    /// tableName (of a change that came through Kinesis)
    pub table_name: Option<K>,
    /// The StreamRecord.
    pub change: Option<Change<K>>,
    /// What Kinesis wraps around a change.
    pub kinesis: Option<Kinesis<K>>,
}

/// The StreamRecord: the member `dynamodb` of a record.
#[derive(Clone, Debug)]
pub struct Change<K> {
    /// ApproximateCreationDateTime
    pub created: Option<K>,
    /// ApproximateCreationDateTimePrecision (Kinesis)
    pub precision: Option<K>,
    /// Keys
    pub keys: Option<K>,
    /// NewImage
    pub new_image: Option<K>,
    /// OldImage
    pub old_image: Option<K>,
    /// SequenceNumber
    pub sequence_number: Option<K>,
    /// SizeBytes
    pub size_bytes: Option<K>,
    /// StreamViewType
    pub stream_view_type: Option<K>,
}

impl<K> Change<K> {
    /// The images before and after a change of this name, nothing standing for an item that is not there. None where
    /// the record does not carry an image that such a change has: a stream may be told to leave it out.
    pub fn images(&self, event_name: &str) -> Option<(Option<&K>, Option<&K>)> {
        match (event_name, &self.old_image, &self.new_image) {
            ("INSERT", _, Some(new)) => Some((None, Some(new))),
            ("REMOVE", Some(old), _) => Some((Some(old), None)),
            ("MODIFY", Some(old), Some(new)) => Some((Some(old), Some(new))),
            _ => None,
        }
    }
}

/// The member `kinesis` of a record that came through Kinesis Data Streams.
#[derive(Clone, Debug)]
pub struct Kinesis<K> {
    /// The payload, base64 text or bytes.
    pub data: Option<K>,
    /// sequenceNumber
    pub sequence_number: Option<K>,
}

impl<K> Default for Fields<K> {
    fn default() -> Self {
        Self {
            whole: None,
            event_id: None,
            event_name: None,
            aws_region: None,
            event_source_arn: None,
            user_identity: None,
            table_name: None,
            change: None,
            kinesis: None,
        }
    }
}

impl<K> Default for Change<K> {
    fn default() -> Self {
        Self {
            created: None,
            precision: None,
            keys: None,
            new_image: None,
            old_image: None,
            sequence_number: None,
            size_bytes: None,
            stream_view_type: None,
        }
    }
}

/// Finds the parts of one record.
pub fn read_record<N: Node>(node: &mut N) -> Result<Fields<N::Kept>, Error> {
    let kind = node.kind()?;
    if kind != Kind::Object {
        return Err(Error::event(format!("a record is an object, found {}", kind.name())));
    }
    let mut fields = Fields::default();
    let mark = node.mark();
    node.object(|name, value| {
        match &*name.bytes()? {
            b"eventID" => fields.event_id = value.keep()?,
            b"eventName" => fields.event_name = value.keep()?,
            b"awsRegion" => fields.aws_region = value.keep()?,
            b"eventSourceARN" => fields.event_source_arn = value.keep()?,
            b"userIdentity" => fields.user_identity = value.keep()?,
            b"tableName" => fields.table_name = value.keep()?,
            b"dynamodb" => fields.change = read_change(value)?,
            b"kinesis" => fields.kinesis = read_kinesis(value)?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    fields.whole = Some(node.keep_since(mark)?);
    Ok(fields)
}

fn read_change<N: Node>(node: &mut N) -> Result<Option<Change<N::Kept>>, Error> {
    if node.kind()? != Kind::Object {
        node.skip()?;
        return Ok(None);
    }
    let mut change = Change::default();
    node.object(|name, value| {
        match &*name.bytes()? {
            b"ApproximateCreationDateTime" => change.created = value.keep()?,
            b"ApproximateCreationDateTimePrecision" => change.precision = value.keep()?,
            b"Keys" => change.keys = value.keep_image()?,
            b"NewImage" => change.new_image = value.keep_image()?,
            b"OldImage" => change.old_image = value.keep_image()?,
            b"SequenceNumber" => change.sequence_number = value.keep()?,
            b"SizeBytes" => change.size_bytes = value.keep()?,
            b"StreamViewType" => change.stream_view_type = value.keep()?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    Ok(Some(change))
}

fn read_kinesis<N: Node>(node: &mut N) -> Result<Option<Kinesis<N::Kept>>, Error> {
    if node.kind()? != Kind::Object {
        node.skip()?;
        return Ok(None);
    }
    let mut kinesis = Kinesis { data: None, sequence_number: None };
    node.object(|name, value| {
        match &*name.bytes()? {
            b"data" => kinesis.data = value.keep()?,
            b"sequenceNumber" => kinesis.sequence_number = value.keep()?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    Ok(Some(kinesis))
}

/// Who made the change: the principal of the Time to Live service, or nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIdentity {
    /// type
    pub kind: String,
    /// principalId
    pub principal_id: String,
}

impl UserIdentity {
    /// Whether it is the service that removes expired items
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html>).
    pub fn is_time_to_live(&self) -> bool {
        self.kind == "Service" && self.principal_id == "dynamodb.amazonaws.com"
    }
}

/// Reads a part that is a string; None when it is absent.
pub fn read_text<S: Source>(source: &S, part: Option<&S::Kept>, name: &str) -> Result<Option<String>, Error> {
    let Some(part) = part else {
        return Ok(None);
    };
    let mut node = source.open(part);
    let kind = node.kind()?;
    if kind != Kind::String {
        return Err(Error::event(format!("{name} is a string, found {}", kind.name())));
    }
    let text = node.text()?;
    Ok(Some(text.string()?.into_owned()))
}

/// Reads SequenceNumber; None when it is absent or no number that could be reported.
pub fn read_sequence_number<S: Source>(source: &S, part: Option<&S::Kept>) -> Option<String> {
    read_text(source, part, "SequenceNumber").ok().flatten().filter(|text| is_sequence_number(text.as_bytes()))
}

/// Reads ApproximateCreationDateTime as microseconds since 1970; None when it is absent.
pub fn read_created<S: Source>(source: &S, change: &Change<S::Kept>) -> Result<Option<i64>, Error> {
    let Some(created) = &change.created else {
        return Ok(None);
    };
    let precision = read_text(source, change.precision.as_ref(), "ApproximateCreationDateTimePrecision")?;
    let text = number_of(source, created, "ApproximateCreationDateTime")?;
    let microseconds = timestamp::microseconds(text.as_bytes(), precision.as_deref().map(str::as_bytes));
    microseconds.map(Some).map_err(|error| error.into_kind(ErrorKind::Event))
}

fn number_of<S: Source>(source: &S, part: &S::Kept, name: &str) -> Result<String, Error> {
    let mut node = source.open(part);
    match node.kind()? {
        Kind::Number | Kind::Time => node.number().map_err(|error| error.into_kind(ErrorKind::Event)),
        kind => Err(Error::event(format!("{name} is a number, found {}", kind.name()))),
    }
}

/// Reads SizeBytes; None when it is absent.
pub fn read_size<S: Source>(source: &S, change: &Change<S::Kept>) -> Result<Option<u64>, Error> {
    let Some(size) = &change.size_bytes else {
        return Ok(None);
    };
    let text = number_of(source, size, "SizeBytes")?;
    text.parse().map(Some).map_err(|_| Error::event("SizeBytes is a number of bytes"))
}

/// Reads userIdentity in either spelling: Lambda's, or that of GetRecords with capital letters.
pub fn read_identity<S: Source>(source: &S, part: Option<&S::Kept>) -> Result<Option<UserIdentity>, Error> {
    let Some(part) = part else {
        return Ok(None);
    };
    let mut node = source.open(part);
    if node.kind()? != Kind::Object {
        return Err(Error::event("userIdentity is an object"));
    }
    let (mut kind, mut principal) = (None, None);
    node.object(|name, value| {
        match &*name.bytes()? {
            b"type" | b"Type" => kind = value.keep()?,
            b"principalId" | b"PrincipalId" => principal = value.keep()?,
            _ => value.skip()?,
        }
        Ok(())
    })?;
    let kind = read_text(source, kind.as_ref(), "type")?.unwrap_or_default();
    let principal_id = read_text(source, principal.as_ref(), "principalId")?.unwrap_or_default();
    Ok(Some(UserIdentity { kind, principal_id }))
}

/// The table of a stream's ARN: `arn:aws:dynamodb:region:account:table/NAME/stream/LABEL`.
pub fn table_of(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let table = resource.strip_prefix("table/")?.split('/').next()?;
    Some(table).filter(|name| !name.is_empty())
}

/// Whether an ARN names a Kinesis stream.
pub fn is_kinesis_arn(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("kinesis")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_from_arns() {
        let arn = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/a.b_c-1/stream/2026-01-01T00:00:00.000";
        assert_eq!(table_of(arn), Some("a.b_c-1"));
        assert_eq!(table_of("arn:aws:kinesis:eu-west-1:123456789012:stream/orders"), None);
        for bad in ["", "orders", "arn:aws:dynamodb:r:a:table/", "arn:aws:dynamodb:r:a:index/x"] {
            assert_eq!(table_of(bad), None, "{bad}");
        }
        assert!(is_kinesis_arn("arn:aws:kinesis:eu-west-1:123456789012:stream/orders"));
        assert!(!is_kinesis_arn(arn));
    }
}
