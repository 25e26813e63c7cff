//! The records of a batch held against filters, without a Record made of any.

use std::sync::Arc;

use pyo3::prelude::*;

use super::event::{DETACH_BYTES, Entry, Event, Parts, Rows};
use super::filter::FilterCriteria;
use super::record::Record;
use crate::core::error::Error;
use crate::core::filter::{Filters, Matcher, Named, Scanned};
use crate::core::json_node::{Buffers, ByteRange};
use crate::core::record::Fields;

/// Whether each of these records matches.
pub fn matching(py: Python<'_>, event: &Arc<Event>, rows: &Rows, criteria: &FilterCriteria) -> PyResult<Vec<bool>> {
    let found = match fields(event, rows) {
        Some(records) => matching_bytes(py, event.buffers(py), &records, criteria.filters()),
        None => matching_rows(py, event, rows, criteria),
    };
    found.map_err(|(position, error)| {
        let record = rows.get(position).map(|row| Record::new(Arc::clone(event), row));
        let raised = record.map(|record| record.raise_in::<()>(py, Err(error), &[]));
        raised.and_then(Result::err).unwrap_or_else(|| super::errors::internal(py))
    })
}

type Matching = Result<Vec<bool>, (usize, Error)>;

/// The records, if all of them are bytes and can be read.
fn fields<'a>(event: &'a Event, rows: &Rows) -> Option<Vec<&'a Fields<ByteRange>>> {
    let records = (0..rows.len()).map(|position| {
        let entry = event.entries.get(rows.get(position)? as usize)?;
        match &entry.parts {
            Parts::Json(fields) if fault(entry).is_none() => Some(fields),
            _ => None,
        }
    });
    records.collect()
}

fn matching_bytes(py: Python<'_>, buffers: Buffers<'_>, records: &[&Fields<ByteRange>], filters: &Filters) -> Matching {
    let length: usize = records.iter().filter_map(|fields| fields.whole).map(|range| range.end() - range.start()).sum();
    let run = || {
        let mut matcher = Matcher::new(filters);
        let each = records.iter().enumerate();
        let each = each.map(|(position, fields)| {
            matcher
                .matches_record(&Scanned { of_record: true }, &Named, &buffers, fields)
                .map_err(|error| (position, error))
        });
        each.collect()
    };
    if length >= DETACH_BYTES { py.detach(run) } else { run() }
}

fn matching_rows(py: Python<'_>, event: &Arc<Event>, rows: &Rows, criteria: &FilterCriteria) -> Matching {
    let mut matcher = Matcher::new(criteria.filters());
    let buffers = event.buffers(py);
    let mut found = Vec::with_capacity(rows.len());
    for position in 0..rows.len() {
        let entry = rows.get(position).and_then(|row| event.entries.get(row as usize));
        let entry = entry.ok_or_else(|| (position, Error::event("the record is gone")))?;
        let is_met = match (&entry.parts, fault(entry)) {
            (_, Some(fault)) => Err(Error::event(fault.to_owned())),
            (Parts::Python(fields), _) => criteria.matches_objects(py, &mut matcher, fields),
            (Parts::Json(fields), _) => matcher.matches_record(&Scanned { of_record: true }, &Named, &buffers, fields),
        };
        found.push(is_met.map_err(|error| (position, error))?);
    }
    Ok(found)
}

fn fault(entry: &Entry) -> Option<&str> {
    entry.envelope.as_ref().and_then(|envelope| envelope.fault.as_deref())
}
