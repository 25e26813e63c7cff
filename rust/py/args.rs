//! Words of the Python API as enums.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What DynamoDB JSON holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataShape {
    /// One item.
    Item,
    /// An array of items.
    Items,
    /// What an operation of the API answers.
    Answer,
    /// The lines of an export to S3.
    Export,
}

impl DataShape {
    /// The word as an option.
    pub fn parse(word: &str) -> PyResult<Self> {
        match word {
            "item" => Ok(Self::Item),
            "items" => Ok(Self::Items),
            "answer" => Ok(Self::Answer),
            "export" => Ok(Self::Export),
            _ => Err(PyValueError::new_err("shape is \"item\", \"items\", \"answer\" or \"export\"")),
        }
    }
}

/// What becomes of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    /// It is refused.
    Error,
    /// It is written as its `repr`.
    Repr,
    /// It is refused where nobody can say otherwise.
    Never,
}

impl Floats {
    /// The word as an option.
    pub fn parse(word: &str) -> PyResult<Self> {
        match word {
            "error" => Ok(Self::Error),
            "repr" => Ok(Self::Repr),
            _ => Err(PyValueError::new_err("floats is \"error\" or \"repr\"")),
        }
    }
}

/// Which part of a record: its keys or one of its images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// `keys`
    Keys,
    /// `new_image`
    New,
    /// `old_image`
    Old,
}

impl Image {
    /// The name of the part on the wire.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Keys => "Keys",
            Self::New => "NewImage",
            Self::Old => "OldImage",
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Image {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("keys") => Ok(Self::Keys),
            Ok("new_image") => Ok(Self::New),
            Ok("old_image") => Ok(Self::Old),
            _ => Err(PyValueError::new_err("image is \"keys\", \"new_image\" or \"old_image\"")),
        }
    }
}
