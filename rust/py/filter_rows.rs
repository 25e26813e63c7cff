//! The records of a batch held against filters, without a Record made of any.

use std::sync::Arc;

use pyo3::prelude::*;

use super::event::{DETACH_BYTES, Event, Parts, Rows};
use super::filter::FilterCriteria;
use super::record::Record;
use crate::core::error::Error;
use crate::core::filter::{Filters, Matcher, Named};
use crate::core::json_node::{Buffers, ByteRange};
use crate::core::node::Source;

/// Whether each of these records matches.
pub fn matching(py: Python<'_>, event: &Arc<Event>, rows: &Rows, criteria: &FilterCriteria) -> PyResult<Vec<bool>> {
    let found = match ranges(event, rows) {
        Some(ranges) => matching_bytes(py, event.buffers(py), &ranges, criteria.filters()),
        None => matching_rows(py, event, rows, criteria),
    };
    found.map_err(|(position, error)| {
        let record = rows.get(position).map(|row| Record::new(Arc::clone(event), row));
        let raised = record.map(|record| record.raise_in::<()>(py, Err(error), &[]));
        raised.and_then(Result::err).unwrap_or_else(|| super::errors::internal(py))
    })
}

type Matching = Result<Vec<bool>, (usize, Error)>;

/// Where the records stand, if all of them are bytes and can be read.
fn ranges(event: &Event, rows: &Rows) -> Option<Vec<ByteRange>> {
    let ranges = (0..rows.len()).map(|position| {
        let entry = event.entries.get(rows.get(position)? as usize)?;
        match &entry.parts {
            Parts::Json(fields) if entry.envelope.as_ref().is_none_or(|envelope| envelope.fault.is_none()) => {
                fields.whole
            }
            _ => None,
        }
    });
    ranges.collect()
}

fn matching_bytes(py: Python<'_>, buffers: Buffers<'_>, ranges: &[ByteRange], filters: &Filters) -> Matching {
    let length: usize = ranges.iter().map(|range| range.end() - range.start()).sum();
    let run = || {
        let mut matcher = Matcher::new(filters);
        let each = ranges.iter().enumerate();
        let each = each.map(|(position, range)| {
            matcher.matches(&Named, &mut buffers.open(range)).map_err(|error| (position, error))
        });
        each.collect()
    };
    if length >= DETACH_BYTES { py.detach(run) } else { run() }
}

fn matching_rows(py: Python<'_>, event: &Arc<Event>, rows: &Rows, criteria: &FilterCriteria) -> Matching {
    let mut matcher = Matcher::new(criteria.filters());
    let each = (0..rows.len()).filter_map(|position| rows.get(position).map(|row| (position, row)));
    let each = each.map(|(position, row)| {
        let record = Record::new(Arc::clone(event), row);
        let matches = record.sound().and_then(|()| criteria.matches_parts(py, &record, &mut matcher));
        matches.map_err(|error| (position, error))
    });
    each.collect()
}
