//! Where an answer of the API, or a line of an export, holds items: known by the place, never guessed from the look, since an attribute may be
//! called `Item` or `S` too.
//!
//! Sources: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>,
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html>,
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>

use super::attribute_value::want;
use super::error::Error;
use super::node::{Kind, Node};

/// A place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The answer itself.
    Answer,
    /// Item or Attributes, one of Items, an image, the keys of a record.
    Item,
    /// Items, or what `BatchGetItem` found in one table.
    Items,
    /// Responses: an object of tables, or an array.
    Responses,
    /// One of the array that `TransactGetItems` and PartiQL answer with.
    Response,
    /// Records of GetRecords.
    Records,
    /// One of them.
    Record,
    /// Its StreamRecord.
    Change,
    /// A line of an export: every member of it is an item.
    Line,
    /// Anything else: what stands there is plain JSON. Keys to go on with (LastEvaluatedKey, UnprocessedKeys) too.
    Plain,
}

impl Place {
    /// The place of a member.
    #[must_use]
    pub fn member(self, name: &[u8]) -> Self {
        match (self, name) {
            (Self::Answer, b"Item" | b"Attributes")
            | (Self::Response, b"Item")
            | (Self::Change, b"Keys" | b"NewImage" | b"OldImage")
            | (Self::Line, _) => Self::Item,
            (Self::Answer, b"Items") | (Self::Responses, _) => Self::Items,
            (Self::Answer, b"Responses") => Self::Responses,
            (Self::Answer, b"Records") => Self::Records,
            (Self::Record, b"dynamodb") => Self::Change,
            _ => Self::Plain,
        }
    }

    /// The place of an element.
    #[must_use]
    pub fn element(self) -> Self {
        match self {
            Self::Items => Self::Item,
            Self::Responses => Self::Response,
            Self::Records => Self::Record,
            _ => Self::Plain,
        }
    }

    /// Makes sure that what stands here has the shape of its place.
    pub fn check<N: Node>(self, node: &mut N) -> Result<(), Error> {
        match self {
            Self::Answer => want(node, Kind::Object, "an answer is an object"),
            Self::Item => want(node, Kind::Object, "an item is an object of attribute names and values"),
            Self::Items => want(node, Kind::Array, "items stand in an array"),
            Self::Responses if node.kind()? == Kind::Object => Ok(()),
            Self::Responses => want(node, Kind::Array, "Responses is an object or an array"),
            Self::Response => want(node, Kind::Object, "one of Responses is an object"),
            Self::Records => want(node, Kind::Array, "Records is an array"),
            Self::Record => want(node, Kind::Object, "a record of an answer is an object"),
            Self::Change => want(node, Kind::Object, "dynamodb is an object"),
            Self::Line => want(node, Kind::Object, "a line of an export is an object"),
            Self::Plain => Ok(()),
        }
    }
}

/// The error of a name that stands twice in one object around items.
#[cold]
pub fn name_twice() -> Error {
    Error::value("a name stands twice in one object")
}

#[cfg(test)]
mod tests {
    use super::super::json_node::JsonNode;
    use super::*;

    fn at(path: &[&str]) -> Place {
        path.iter().fold(Place::Answer, |place, step| match *step {
            "[]" => place.element(),
            name => place.member(name.as_bytes()),
        })
    }

    #[test]
    fn items_are_known_by_their_place() {
        for path in [
            &["Item"][..],
            &["Attributes"],
            &["Items", "[]"],
            &["Responses", "Item", "[]"],
            &["Responses", "[]", "Item"],
            &["Records", "[]", "dynamodb", "Keys"],
            &["Records", "[]", "dynamodb", "OldImage"],
        ] {
            assert_eq!(at(path), Place::Item, "{path:?}");
        }
        for path in [
            &["LastEvaluatedKey"][..],
            &["UnprocessedKeys", "t", "Keys", "[]"],
            &["Records", "[]", "Keys"],
            &["Records", "[]", "dynamodb", "SizeBytes"],
            &["Responses", "[]", "Error", "Item"],
            &["ConsumedCapacity", "Item"],
        ] {
            assert_eq!(at(path), Place::Plain, "{path:?}");
        }
    }

    #[test]
    fn a_place_has_a_shape() {
        for (place, fits, refused) in [
            (Place::Answer, "{}", "[]"),
            (Place::Items, "[]", "{}"),
            (Place::Responses, "{}", "null"),
            (Place::Responses, "[]", "5"),
            (Place::Line, "{}", "[]"),
        ] {
            assert!(place.check(&mut JsonNode::new(fits.as_bytes())).is_ok(), "{place:?}");
            assert!(place.check(&mut JsonNode::new(refused.as_bytes())).is_err(), "{place:?}");
        }
    }
}
