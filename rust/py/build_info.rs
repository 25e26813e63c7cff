//! What this extension is: wheel kind, profile, instruction set.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::dict;
use super::errors::guard;
use crate::core::json::instruction_set;

const WHEEL: &str = if cfg!(feature = "abi3") { "abi3" } else { "version-specific" };

/// Whether the build has debug assertions, and so is many times slower.
pub const IS_DEBUG: bool = cfg!(debug_assertions);

/// How this extension was built.
#[pyfunction]
pub fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    guard(py, || {
        let info = PyDict::new(py);
        info.set_item("version", env!("CARGO_PKG_VERSION"))?;
        info.set_item("wheel", WHEEL)?;
        info.set_item("profile", if IS_DEBUG { "debug" } else { "release" })?;
        info.set_item("simd", instruction_set())?;
        info.set_item("python", built_for(py))?;
        info.set_item("dicts", if dict::is_read_in_place() { "in place" } else { "PyDict_Next" })?;
        Ok(info)
    })
}

fn built_for(py: Python<'_>) -> String {
    if cfg!(feature = "abi3") {
        return "3.10+".to_owned();
    }
    let version = py.version_info();
    format!("{}.{}", version.major, version.minor)
}

/// A debug build says so where it is imported: nobody should measure or deploy one by mistake.
pub fn warn_of_debug_build(py: Python<'_>) -> PyResult<()> {
    if !IS_DEBUG {
        return Ok(());
    }
    let category = py.get_type::<pyo3::exceptions::PyRuntimeWarning>();
    PyErr::warn(py, &category, c"tailrace is a debug build, many times slower than a release build", 1)
}
