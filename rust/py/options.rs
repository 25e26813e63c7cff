//! The modes in which attribute values become Python values.

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// What an N becomes.
pub enum Numbers {
    /// An exact Decimal.
    Decimal,
    /// The Decimal of boto3's context, which raises where that does.
    Strict,
    /// int where there is no fraction, else Decimal.
    IntDecimal,
    /// int where there is no fraction, else float.
    IntFloat,
    /// float.
    Float,
    /// The text as written.
    Text,
    /// What a function makes of the text.
    Call(Py<PyAny>),
}

/// What a B becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// bytes.
    Bytes,
    /// boto3's Binary.
    Boto3,
    /// What the wire has: base64 text stays text.
    Raw,
}

/// What SS, NS and BS become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sets {
    /// A set.
    Set,
    /// A list in the order of the wire.
    List,
}

/// All of them.
pub struct Modes {
    /// N
    pub numbers: Numbers,
    /// B
    pub binary: Binary,
    /// SS, NS, BS
    pub sets: Sets,
    /// Whether what has no meaning is refused, also where boto3 passes it by.
    pub strict: bool,
}

impl Modes {
    /// What `unmarshall` does when nothing is said.
    pub const DEFAULT: Self = Self { numbers: Numbers::Decimal, binary: Binary::Bytes, sets: Sets::Set, strict: false };

    /// Whether the values are those of the wire, each of a type that is written back as the same attribute value.
    pub fn are_exact(&self) -> bool {
        let numbers = matches!(self.numbers, Numbers::Decimal | Numbers::Strict | Numbers::IntDecimal);
        numbers && self.binary != Binary::Raw && self.sets == Sets::Set
    }

    /// Whether they are what `unmarshall` does when nothing is said.
    pub fn are_default(&self) -> bool {
        let decimal = matches!(self.numbers, Numbers::Decimal);
        decimal && self.binary == Binary::Bytes && self.sets == Sets::Set && !self.strict
    }

    /// What TypeDeserializer does when nothing is said.
    pub const BOTO3: Self = Self { binary: Binary::Boto3, ..Self::DEFAULT };
}

impl<'py> FromPyObject<'_, 'py> for Numbers {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(match object.extract::<&str>() {
            Ok("decimal") => Self::Decimal,
            Ok("decimal-strict") => Self::Strict,
            Ok("int-decimal") => Self::IntDecimal,
            Ok("int-float") => Self::IntFloat,
            Ok("float") => Self::Float,
            Ok("str") => Self::Text,
            _ if !object.is_instance_of::<PyString>() && object.is_callable() => Self::Call(object.to_owned().unbind()),
            _ => {
                return Err(PyValueError::new_err(
                    "numbers is \"decimal\", \"decimal-strict\", \"int-decimal\", \"int-float\", \"float\", \"str\" \
                     or a function of the text",
                ));
            }
        })
    }
}

impl<'py> FromPyObject<'_, 'py> for Binary {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("bytes") => Ok(Self::Bytes),
            Ok("boto3") => Ok(Self::Boto3),
            Ok("raw") => Ok(Self::Raw),
            _ => Err(PyValueError::new_err("binary is \"bytes\", \"boto3\" or \"raw\"")),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Sets {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("set") => Ok(Self::Set),
            Ok("list") => Ok(Self::List),
            _ => Err(PyValueError::new_err("sets is \"set\" or \"list\"")),
        }
    }
}

/// The modes of a TypeDeserializer, read once.
#[pyclass(frozen, module = "tailrace._core")]
pub struct Options {
    /// The modes.
    pub modes: Modes,
}

#[pymethods]
impl Options {
    #[new]
    #[pyo3(
        signature = (*, numbers=Numbers::Decimal, binary=Binary::Boto3, sets=Sets::Set, strict=false),
        text_signature = "(*, numbers='decimal', binary='boto3', sets='set', strict=False)"
    )]
    fn new(numbers: Numbers, binary: Binary, sets: Sets, strict: bool) -> Self {
        Self { modes: Modes { numbers, binary, sets, strict } }
    }

    /// The words it was made of.
    #[getter]
    fn words<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let Modes { numbers, binary, sets, strict } = &self.modes;
        let words = PyDict::new(py);
        match numbers {
            Numbers::Decimal => words.set_item("numbers", "decimal"),
            Numbers::Strict => words.set_item("numbers", "decimal-strict"),
            Numbers::IntDecimal => words.set_item("numbers", "int-decimal"),
            Numbers::IntFloat => words.set_item("numbers", "int-float"),
            Numbers::Float => words.set_item("numbers", "float"),
            Numbers::Text => words.set_item("numbers", "str"),
            Numbers::Call(function) => words.set_item("numbers", function),
        }?;
        let binary = match binary {
            Binary::Bytes => "bytes",
            Binary::Boto3 => "boto3",
            Binary::Raw => "raw",
        };
        words.set_item("binary", binary)?;
        words.set_item("sets", if *sets == Sets::Set { "set" } else { "list" })?;
        words.set_item("strict", strict)?;
        Ok(words)
    }

    /// A function for numbers may lead back to whoever has these options.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.modes.numbers {
            Numbers::Call(function) => visit.call(function),
            _ => Ok(()),
        }
    }
}
