//! What records are made of, as far as it is known without any: what a path of names may lead to.

use super::paths::TAGS;

/// What a filter is given records by, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A stream of DynamoDB: the record itself is asked.
    Stream,
    /// A stream of Kinesis that carries the changes of a table: the record is in `data`.
    Kinesis,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A record of Kinesis.
    Envelope,
    /// A change record.
    Record,
    /// `dynamodb`
    Change,
    /// `userIdentity`: an object, null or nothing.
    Identity,
    /// An image.
    Image,
    /// Keys: its attributes are of few types.
    Keys,
    /// The names of a map inside an image.
    Map(Lists),
    /// An attribute value, or those inside a list, without the type.
    Attribute(Lists),
    /// The value of a key, without the type.
    Key,
    /// A value.
    Value(Holds, Many),
    /// Nothing, whatever the record.
    Nowhere,
    /// Something of which nothing is known.
    Unknown,
}

/// Whether a path leads through lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    No,
    /// A type is left out: a list may be that, too.
    Perhaps,
    Yes,
}

/// Whether a path leads to several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    One,
    Perhaps,
    OfSet,
    OfList,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Any text.
    Text,
    /// One of some texts.
    Word(&'static [&'static str]),
    /// Any text, but this is spelled so.
    Spelled(&'static str),
    /// A number of JSON.
    Number,
    /// N or a member of NS: a number as text.
    Digits,
    /// B or a member of BS.
    Base64,
    /// true or false.
    Boolean,
    /// NULL, which is true.
    True,
}

/// Where a name leads.
pub enum Next {
    /// To this.
    To(Place),
    /// There is no such name: what the place is called, and its names.
    NoName(&'static str, &'static [&'static str]),
    /// A value has no names.
    BelowValue,
    /// Behind an attribute stands its type.
    NoType,
    /// No key has such a type.
    NoTypeOfKey,
}

/// Names of a record.
pub const RECORD: &[&str] =
    &["awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "eventSourceARN", "eventVersion", "userIdentity"];

/// Those of a record that comes through Kinesis.
pub const OF_KINESIS: &[&str] = &["recordFormat", "tableName"];

const RECORD_IN_KINESIS: &[&str] =
    &["awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "recordFormat", "tableName", "userIdentity"];

/// Those that AWS is seen to filter on.
pub const FILTERED: &[&str] = &["dynamodb", "eventID", "eventName", "userIdentity"];

/// Names inside `dynamodb`.
pub const CHANGE: &[&str] =
    &["ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType"];

const CHANGE_IN_KINESIS: &[&str] = &[
    "ApproximateCreationDateTime",
    "ApproximateCreationDateTimePrecision",
    "Keys",
    "NewImage",
    "OldImage",
    "SizeBytes",
];

const IDENTITY: &[&str] = &["principalId", "type"];

/// The names that eventName has.
pub const EVENT_NAMES: &[&str] = &["INSERT", "MODIFY", "REMOVE"];

const VIEW_TYPES: &[&str] = &["KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE"];

/// The types of keys.
pub const KEY_TAGS: &[&str] = &["B", "N", "S"];

/// Where a name leads from a place.
pub fn next(place: Place, name: &str, origin: Option<Origin>) -> Next {
    let one = |holds| Next::To(Place::Value(holds, Many::One));
    match place {
        Place::Envelope if name == "data" => Next::To(Place::Record),
        Place::Envelope if of_record(name) || of_change(name) => Next::NoName("a record of Kinesis", &["data"]),
        Place::Envelope | Place::Unknown => Next::To(Place::Unknown),
        Place::Record => match name {
            "dynamodb" => Next::To(Place::Change),
            "userIdentity" => Next::To(Place::Identity),
            "eventName" => one(Holds::Word(EVENT_NAMES)),
            _ if of_record(name) && (origin != Some(Origin::Stream) || RECORD.contains(&name)) => one(Holds::Text),
            _ if origin == Some(Origin::Kinesis) => Next::NoName("a record", RECORD_IN_KINESIS),
            _ => Next::NoName("a record", RECORD),
        },
        Place::Change => in_change(name, origin),
        Place::Identity => match name {
            "principalId" => one(Holds::Spelled("dynamodb.amazonaws.com")),
            "type" => one(Holds::Spelled("Service")),
            _ => Next::NoName("a userIdentity", IDENTITY),
        },
        Place::Image => Next::To(Place::Attribute(Lists::No)),
        Place::Map(lists) => Next::To(Place::Attribute(lists)),
        Place::Keys => Next::To(Place::Key),
        Place::Attribute(lists) => of_type(name, lists),
        Place::Key if KEY_TAGS.contains(&name) => of_type(name, Lists::No),
        Place::Key => Next::NoTypeOfKey,
        Place::Value(..) => Next::BelowValue,
        Place::Nowhere => Next::To(Place::Nowhere),
    }
}

fn of_record(name: &str) -> bool {
    RECORD.contains(&name) || OF_KINESIS.contains(&name)
}

fn of_change(name: &str) -> bool {
    CHANGE.contains(&name)
}

fn in_change(name: &str, origin: Option<Origin>) -> Next {
    let one = |holds| Next::To(Place::Value(holds, Many::One));
    let in_kinesis = origin != Some(Origin::Stream);
    match name {
        "NewImage" | "OldImage" => Next::To(Place::Image),
        "Keys" => Next::To(Place::Keys),
        "ApproximateCreationDateTime" | "SizeBytes" => one(Holds::Number),
        "SequenceNumber" => one(Holds::Text),
        "StreamViewType" => one(Holds::Word(VIEW_TYPES)),
        "ApproximateCreationDateTimePrecision" if in_kinesis => one(Holds::Text),
        _ if origin == Some(Origin::Kinesis) => Next::NoName("dynamodb", CHANGE_IN_KINESIS),
        _ => Next::NoName("dynamodb", CHANGE),
    }
}

fn of_type(name: &str, lists: Lists) -> Next {
    let holds = match name {
        "S" | "SS" => Holds::Text,
        "N" | "NS" => Holds::Digits,
        "B" | "BS" => Holds::Base64,
        "BOOL" => Holds::Boolean,
        "NULL" => Holds::True,
        "M" => return Next::To(Place::Map(lists)),
        "L" => return Next::To(Place::Attribute(Lists::Yes)),
        _ => return Next::NoType,
    };
    let many = match (lists, name) {
        (Lists::Yes, _) => Many::OfList,
        (_, "SS" | "NS" | "BS") => Many::OfSet,
        (Lists::Perhaps, _) => Many::Perhaps,
        (Lists::No, _) => Many::One,
    };
    Next::To(Place::Value(holds, many))
}

/// The type that another spelling of it means.
pub fn type_meant(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    if let Some(tag) = TAGS.iter().find(|tag| **tag == upper) {
        return Some(tag);
    }
    Some(match upper.as_str() {
        "STRING" | "STR" | "TEXT" => "S",
        "NUMBER" | "NUM" | "INT" | "INTEGER" | "FLOAT" => "N",
        "BINARY" | "BYTES" => "B",
        "BOOLEAN" => "BOOL",
        "LIST" | "ARRAY" => "L",
        "MAP" | "OBJECT" => "M",
        "STRINGSET" | "STRING_SET" => "SS",
        "NUMBERSET" | "NUMBER_SET" => "NS",
        "BINARYSET" | "BINARY_SET" => "BS",
        _ => return None,
    })
}

/// The event that another word for it means.
pub fn event_meant(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_uppercase().as_str() {
        "DELETE" | "DELETED" | "REMOVED" => "REMOVE",
        "UPDATE" | "UPDATED" | "MODIFIED" | "CHANGE" | "CHANGED" => "MODIFY",
        "CREATE" | "CREATED" | "ADD" | "ADDED" | "NEW" | "INSERTED" | "PUT" => "INSERT",
        _ => return None,
    })
}
