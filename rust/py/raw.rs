//! Events that were read from bytes before anybody asked for their records: a Batch behind a member `Records`.

use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::batch::Batch;
use super::errors::guard;
use super::event::Event;
use super::options::Modes;

/// What was read before.
pub struct ReadBefore<'py> {
    batch: Bound<'py, Batch>,
    bytes: Bound<'py, PyBytes>,
}

impl ReadBefore<'_> {
    /// A Batch of the same records; the index of the bytes serves again where nothing else is asked for.
    pub fn again(&self, event_source_arn: Option<String>, modes: Modes) -> PyResult<Batch> {
        let (event, rows) = self.batch.get().parts();
        if event_source_arn.is_none() && modes.are_default() {
            return Ok(Batch::new(Arc::clone(event), rows.clone()));
        }
        let event = Event::read(self.bytes.as_any(), event_source_arn, modes)?;
        Ok(Batch::new(Arc::new(event), rows.clone()))
    }
}

/// The Batch of an event whose `Records` are no list, but a sequence over a Batch, which it names `batch`.
pub fn read_before<'py>(event: &Bound<'py, PyAny>) -> PyResult<Option<ReadBefore<'py>>> {
    let py = event.py();
    let Ok(event) = event.cast::<PyDict>() else {
        return Ok(None);
    };
    let Some(records) = event.get_item(intern!(py, "Records"))? else {
        return Ok(None);
    };
    if records.is_exact_instance_of::<PyList>() {
        return Ok(None);
    }
    let batch = records.getattr_opt(intern!(py, "batch"))?;
    let Some(Ok(batch)) = batch.map(Bound::cast_into::<Batch>) else {
        return Ok(None);
    };
    let bytes = batch.get().parts().0.bytes(py).cloned();
    Ok(bytes.map(|bytes| ReadBefore { batch, bytes }))
}

/// Where each record of a Batch is in the bytes that it was read from; nothing, where they are not all there.
#[pyfunction]
pub fn record_ranges(batch: &Bound<'_, Batch>) -> PyResult<Vec<(usize, usize)>> {
    guard(batch.py(), || {
        let (event, rows) = batch.get().parts();
        let ranges = (0..rows.len()).map(|position| event.range(rows.get(position)?));
        Ok(ranges.collect::<Option<_>>().unwrap_or_default())
    })
}
