//! Python values to DynamoDB JSON: what `loads` reads, written in one way only.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping};

use super::args::{DataShape, Floats};
use super::errors::{foreign, guard, raise_marshall};
use super::marshall::Marshall;
use super::py_node::{PyNode, PyText, for_each_member};
use super::refusal::type_name;
use crate::core::error::{Error, Step};
use crate::core::json::{JsonWriter, write_plain, write_string};
use crate::core::node::Text;

/// Bytes of text that there is room for from the start: many an item is shorter.
const START: usize = 2048;

/// What becomes of each value, and of each member by its name. No generic functions: these would be copied for each
/// shape, and what they call takes a hundred times as long.
type EachValue<'a, 'py> = &'a mut dyn FnMut(&mut Writer, &Bound<'py, PyAny>) -> Result<(), Error>;
type EachMember<'a, 'py> = &'a mut dyn FnMut(&mut Writer, &str, &Bound<'py, PyAny>) -> Result<(), Error>;

/// Text that grows.
struct Writer {
    out: String,
    floats: Floats,
}

impl Writer {
    fn data(&mut self, data: &Bound<'_, PyAny>, shape: DataShape) -> Result<(), Error> {
        match shape {
            DataShape::Item => self.item(data),
            DataShape::Items => self.array(data, &mut Self::item),
            DataShape::Answer => self.object(data, &mut Self::answer_member),
            DataShape::Export => self.lines(data),
        }
    }

    /// The writer of attribute values takes the text over and gives it back longer.
    fn item(&mut self, item: &Bound<'_, PyAny>) -> Result<(), Error> {
        let mut writer = JsonWriter::behind(std::mem::take(&mut self.out));
        let written = Marshall::new(&mut writer, self.floats).item(item);
        self.out = writer.into_text();
        written
    }

    fn plain(&mut self, value: &Bound<'_, PyAny>) -> Result<(), Error> {
        write_plain(&mut self.out, &mut PyNode::new(value.clone()), 0)
    }

    fn answer_member(&mut self, name: &str, value: &Bound<'_, PyAny>) -> Result<(), Error> {
        match name {
            "Item" | "Attributes" if !value.is_none() => self.item(value),
            "Items" => self.array(value, &mut Self::item),
            "Responses" if value.cast::<PyMapping>().is_ok() => {
                self.object(value, &mut |writer, _, items| writer.array(items, &mut Self::item))
            }
            "Responses" => {
                self.array(value, &mut |writer, response| writer.object(response, &mut Self::response_member))
            }
            "Records" => self.array(value, &mut |writer, record| writer.object(record, &mut Self::record_member)),
            _ => self.plain(value),
        }
    }

    /// Of one answer in many: TransactGetItems, BatchExecuteStatement.
    fn response_member(&mut self, name: &str, value: &Bound<'_, PyAny>) -> Result<(), Error> {
        if name == "Item" && !value.is_none() { self.item(value) } else { self.plain(value) }
    }

    fn record_member(&mut self, name: &str, value: &Bound<'_, PyAny>) -> Result<(), Error> {
        if name == "dynamodb" { self.object(value, &mut Self::image_member) } else { self.plain(value) }
    }

    fn image_member(&mut self, name: &str, value: &Bound<'_, PyAny>) -> Result<(), Error> {
        match name {
            "Keys" | "NewImage" | "OldImage" if !value.is_none() => self.item(value),
            _ => self.plain(value),
        }
    }

    /// The lines of an export to S3: every member of a line is an item.
    fn lines(&mut self, lines: &Bound<'_, PyAny>) -> Result<(), Error> {
        for_each(lines, &mut |line| {
            self.object(line, &mut |writer, _, item| writer.item(item))?;
            self.out.push('\n');
            Ok(())
        })
    }

    fn array<'py>(&mut self, values: &Bound<'py, PyAny>, each: EachValue<'_, 'py>) -> Result<(), Error> {
        self.out.push('[');
        let mut is_first = true;
        for_each(values, &mut |value| {
            if !std::mem::take(&mut is_first) {
                self.out.push(',');
            }
            each(self, value)
        })?;
        self.out.push(']');
        Ok(())
    }

    fn object<'py>(&mut self, value: &Bound<'py, PyAny>, each: EachMember<'_, 'py>) -> Result<(), Error> {
        if value.cast::<PyMapping>().is_err() {
            return Err(Error::shape(format!("expected a dict around the items, found {}", type_name(value))));
        }
        self.out.push('{');
        let mut is_first = true;
        for_each_member(value, |name: PyText<'py>, member| {
            if !std::mem::take(&mut is_first) {
                self.out.push(',');
            }
            let name = name.string()?;
            write_string(&mut self.out, &name);
            self.out.push(':');
            each(self, &name, &member).map_err(|error| error.at_name(name.as_bytes()))
        })?;
        self.out.push('}');
        Ok(())
    }
}

/// What an iterable yields; text and bytes are no lists of items.
fn for_each<'py>(
    values: &Bound<'py, PyAny>,
    each: &mut dyn FnMut(&Bound<'py, PyAny>) -> Result<(), Error>,
) -> Result<(), Error> {
    let iterator = values
        .try_iter()
        .map_err(|_| Error::shape(format!("expected a list or another iterable, found {}", type_name(values))))?;
    for (at, value) in iterator.enumerate() {
        each(&value.map_err(foreign)?).map_err(|error| error.at(Step::Index(at)))?;
    }
    Ok(())
}

/// Writes Python values as DynamoDB JSON.
#[pyfunction]
#[pyo3(signature = (data, *, shape="item", floats="error"))]
pub fn dumps<'py>(data: &Bound<'py, PyAny>, shape: &str, floats: &str) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    guard(py, || {
        let mut writer = Writer { out: String::with_capacity(START), floats: Floats::parse(floats)? };
        let written = writer.data(data, DataShape::parse(shape)?);
        written.map(|()| PyBytes::new(py, writer.out.as_bytes())).map_err(|error| raise_marshall(py, error))
    })
}
