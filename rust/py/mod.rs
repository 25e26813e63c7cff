//! The extension module `tailrace._core`: registration only.

mod alike;
mod answer;
mod answer_shape;
mod answer_time;
mod args;
mod batch;
mod between;
mod boto3_types;
mod build_info;
mod change;
mod classes;
mod compare;
mod deserialize;
mod dict;
mod diff;
mod digits;
mod dropin;
mod dumps;
mod errors;
mod event;
mod filter;
mod filter_explain;
mod filter_fault;
mod filter_names;
mod filter_rows;
mod hooks;
mod loads;
mod make;
mod marshall;
mod members;
mod names;
mod native;
mod numbers;
mod options;
mod paths;
mod plain;
mod py_node;
mod raw;
mod record;
mod refusal;
mod serialize;
mod set;
mod storing;
mod tag;
mod unmarshall;
mod vocabulary;
mod wire;

use pyo3::prelude::*;

/// Caches and tables are shared without locks, so the module asks for the GIL.
#[pymodule(gil_used = true)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    build_info::warn_of_debug_build(module.py())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    #[cfg(not(feature = "abi3"))]
    dict::learn(module.py())?;
    module.add_class::<batch::Batch>()?;
    batch::register_sequence(module.py())?;
    module.add_class::<record::Record>()?;
    module.add_class::<diff::ImageDiff>()?;
    module.add_class::<change::Change>()?;
    module.add_class::<filter::FilterCriteria>()?;
    module.add_class::<options::Options>()?;
    module.add_class::<answer_shape::AnswerReader>()?;
    module.add_function(wrap_pyfunction!(build_info::build_info, module)?)?;
    module.add_function(wrap_pyfunction!(unmarshall::unmarshall, module)?)?;
    module.add_function(wrap_pyfunction!(loads::loads, module)?)?;
    module.add_function(wrap_pyfunction!(serialize::bind_serializer, module)?)?;
    module.add_function(wrap_pyfunction!(deserialize::bind_deserializer, module)?)?;
    module.add_function(wrap_pyfunction!(marshall::marshall, module)?)?;
    module.add_function(wrap_pyfunction!(dumps::dumps, module)?)?;
    module.add_function(wrap_pyfunction!(diff::diff, module)?)?;
    module.add_function(wrap_pyfunction!(diff::diff_images, module)?)?;
    module.add_function(wrap_pyfunction!(storing::order_guard, module)?)?;
    module.add_function(wrap_pyfunction!(storing::image_json, module)?)?;
    module.add_function(wrap_pyfunction!(raw::record_ranges, module)?)?;
    module.add_function(wrap_pyfunction!(filter_explain::explain_filters, module)?)?;
    module.add_function(wrap_pyfunction!(filter_explain::lint_filters, module)?)?;
    module.add_function(wrap_pyfunction!(errors::_panic, module)?)
}
