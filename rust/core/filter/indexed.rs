//! Records whose parts are known already: a filter goes straight to those that it names.

use super::paths::{Branch, Paths};
use crate::core::record::Fields;

/// A part of a record that the index of an event has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// eventName; the first, for it costs least and tells most.
    EventName,
    /// eventID
    EventId,
    /// awsRegion
    AwsRegion,
    /// eventSourceARN
    EventSourceArn,
    /// tableName
    TableName,
    /// userIdentity
    UserIdentity,
    /// dynamodb.SequenceNumber
    SequenceNumber,
    /// dynamodb.SizeBytes
    SizeBytes,
    /// dynamodb.StreamViewType
    StreamViewType,
    /// dynamodb.ApproximateCreationDateTime
    Created,
    /// dynamodb.ApproximateCreationDateTimePrecision
    Precision,
    /// dynamodb.Keys
    Keys,
    /// dynamodb.NewImage
    NewImage,
    /// dynamodb.OldImage
    OldImage,
}

const OF_RECORD: [(&str, Part); 6] = [
    ("eventName", Part::EventName),
    ("eventID", Part::EventId),
    ("awsRegion", Part::AwsRegion),
    ("eventSourceARN", Part::EventSourceArn),
    ("tableName", Part::TableName),
    ("userIdentity", Part::UserIdentity),
];

const OF_CHANGE: [(&str, Part); 8] = [
    ("SequenceNumber", Part::SequenceNumber),
    ("SizeBytes", Part::SizeBytes),
    ("StreamViewType", Part::StreamViewType),
    ("ApproximateCreationDateTime", Part::Created),
    ("ApproximateCreationDateTimePrecision", Part::Precision),
    ("Keys", Part::Keys),
    ("NewImage", Part::NewImage),
    ("OldImage", Part::OldImage),
];

/// The parts that some paths name, each with the branch it stands at; None if they name anything else, too.
pub fn parts(paths: &Paths) -> Option<Vec<(Part, u32)>> {
    let root = paths.branch(0)?;
    let mut found = Vec::new();
    find(root, &OF_RECORD, Some("dynamodb"), &mut found)?;
    if let Some(change) = root.next(b"dynamodb") {
        let change = paths.branch(change).filter(|change| change.leaves.is_empty())?;
        find(change, &OF_CHANGE, None, &mut found)?;
    }
    Some(found)
}

/// Finds the parts named at a branch, and passes one name by.
fn find(branch: &Branch, known: &[(&str, Part)], other: Option<&str>, found: &mut Vec<(Part, u32)>) -> Option<()> {
    if !branch.is_plain {
        return None;
    }
    for edge in branch.edges.iter().filter(|edge| Some(&*edge.name) != other) {
        let (_, part) = known.iter().find(|(name, _)| *name == &*edge.name)?;
        let place = found.partition_point(|(other, _)| other < part);
        found.insert(place, (*part, edge.to));
    }
    Some(())
}

impl Part {
    /// Where it is in a record. None stands for null, too, and for an image without attributes.
    #[inline]
    pub fn of<K>(self, fields: &Fields<K>) -> Option<&K> {
        let change = fields.change.as_ref();
        match self {
            Self::EventName => fields.event_name.as_ref(),
            Self::EventId => fields.event_id.as_ref(),
            Self::AwsRegion => fields.aws_region.as_ref(),
            Self::EventSourceArn => fields.event_source_arn.as_ref(),
            Self::TableName => fields.table_name.as_ref(),
            Self::UserIdentity => fields.user_identity.as_ref(),
            Self::SequenceNumber => change?.sequence_number.as_ref(),
            Self::SizeBytes => change?.size_bytes.as_ref(),
            Self::StreamViewType => change?.stream_view_type.as_ref(),
            Self::Created => change?.created.as_ref(),
            Self::Precision => change?.precision.as_ref(),
            Self::Keys => change?.keys.as_ref(),
            Self::NewImage => change?.new_image.as_ref(),
            Self::OldImage => change?.old_image.as_ref(),
        }
    }

    /// Its names, innermost first.
    pub fn names(self) -> Vec<&'static str> {
        let name = |known: &[(&'static str, Self)]| known.iter().find(|(_, part)| *part == self).map(|(name, _)| *name);
        match name(&OF_RECORD) {
            Some(name) => vec![name],
            None => name(&OF_CHANGE).into_iter().chain(["dynamodb"]).collect(),
        }
    }
}
