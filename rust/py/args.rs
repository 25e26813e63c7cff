//! Words of the Python API as enums.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What becomes of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    /// It is refused.
    Error,
    /// It is written as its `repr`.
    Repr,
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
