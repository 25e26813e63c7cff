//! Classes of modules that are not imported for their sake: nobody has an instance of a class whose module was never
//! imported.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use super::errors::foreign;
use crate::core::error::Error;

/// A class, known from the first time its module is there.
pub struct Class {
    module: &'static str,
    name: &'static str,
    found: PyOnceLock<Py<PyType>>,
}

/// `decimal.Decimal`
pub static DECIMAL: Class = Class::new("decimal", "Decimal");
/// `enum.Enum`
pub static ENUM: Class = Class::new("enum", "Enum");
/// `boto3.dynamodb.types.Binary`
pub static BINARY: Class = Class::new("boto3.dynamodb.types", "Binary");
/// `collections.abc.Set`
pub static ABSTRACT_SET: Class = Class::new("collections.abc", "Set");
/// `numbers.Number`
pub static NUMBER: Class = Class::new("numbers", "Number");
/// `datetime.date`, which `datetime.datetime` is too
pub static DATE: Class = Class::new("datetime", "date");
/// `datetime.time`
pub static TIME: Class = Class::new("datetime", "time");
/// `uuid.UUID`
pub static UUID: Class = Class::new("uuid", "UUID");

impl Class {
    const fn new(module: &'static str, name: &'static str) -> Self {
        Self { module, name, found: PyOnceLock::new() }
    }

    /// Whether the value is of this very class.
    #[inline]
    pub fn is_exact(&self, value: &Bound<'_, PyAny>) -> bool {
        self.get(value.py()).is_some_and(|class| value.get_type_ptr() == class.as_ptr().cast())
    }

    /// Whether the value is of this class or one derived from it.
    pub fn is_instance(&self, value: &Bound<'_, PyAny>) -> Result<bool, Error> {
        self.get(value.py()).map_or(Ok(false), |class| value.is_instance(class).map_err(foreign))
    }

    /// The class, if its module was imported.
    #[inline]
    pub fn get<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyType>> {
        match self.found.get(py) {
            Some(class) => Some(class.bind(py)),
            None => self.find(py),
        }
    }

    #[cold]
    fn find<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyType>> {
        let modules = py.import("sys").and_then(|sys| sys.getattr("modules")).ok()?.cast_into::<PyDict>().ok()?;
        let module = modules.get_item(self.module).ok()??;
        let class = module.getattr(self.name).ok()?.cast_into::<PyType>().ok()?;
        Some(self.found.get_or_init(py, || class.unbind()).bind(py))
    }
}
