//! Any wire value as the Python objects that `json.dumps` takes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString};

use super::errors::foreign;
use super::make::Maker;
use super::unmarshall::IntoStr;
use crate::core::binary;
use crate::core::error::{Error, Step};
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node, Text};
use crate::core::value::duplicate_name;

/// What a name that stands twice in one object means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The last one counts, as in an envelope.
    LastWins,
    /// An error, as in an image.
    Unique,
}

/// A copy of the value: bytes become base64 text, numbers int or float, a datetime its seconds.
pub fn plain<'py, N>(maker: &mut Maker<'py>, node: &mut N, depth: u32, names: Names) -> Result<Bound<'py, PyAny>, Error>
where
    N: Node,
    N::Text: IntoStr<'py>,
{
    let py = maker.py;
    if depth > JSON_DEPTH {
        return Err(Error::value("nested too deep"));
    }
    Ok(match node.kind()? {
        Kind::Object => {
            let dict = PyDict::new(py);
            node.object(|name, value| {
                let made = member(maker, &dict, &name, value, depth, names);
                made.or_else(|error| Err(error.at_name(&name.bytes()?)))
            })?;
            dict.into_any()
        }
        Kind::Array => {
            let list = PyList::empty(py);
            node.array(|element| {
                let made = plain(maker, element, depth + 1, names);
                list.append(made.map_err(|error| error.at(Step::Index(list.len())))?).map_err(foreign)
            })?;
            list.into_any()
        }
        Kind::String => node.text()?.make(maker)?,
        Kind::Bytes => PyString::new(py, &binary::encode(node.bytes()?.as_ref())).into_any(),
        Kind::Boolean(value) => {
            node.literal()?;
            value.into_pyobject(py).map(|b| b.to_owned().into_any()).map_err(|error| match error {})?
        }
        Kind::Null => {
            node.literal()?;
            py.None().into_bound(py)
        }
        Kind::Number | Kind::Time => number(py, &node.number()?)?,
        Kind::Other => return Err(Error::event("a record holds only what JSON has, and bytes and datetimes")),
    })
}

/// Puts a member into the copy of its object.
fn member<'py, N>(
    maker: &mut Maker<'py>,
    dict: &Bound<'py, PyDict>,
    name: &N::Text,
    value: &mut N,
    depth: u32,
    names: Names,
) -> Result<(), Error>
where
    N: Node,
    N::Text: IntoStr<'py>,
{
    let inside = if is_image(&name.bytes()?) { Names::Unique } else { names };
    let key = name.make_name(maker)?;
    let value = plain(maker, value, depth + 1, inside)?;
    let is_new = maker.insert(dict, &key, &value)?;
    if is_new || names == Names::LastWins { Ok(()) } else { Err(duplicate_name()) }
}

fn is_image(name: &[u8]) -> bool {
    matches!(name, b"Keys" | b"NewImage" | b"OldImage")
}

/// An int, or else a float: only of what stands around images, whose numbers are text.
pub fn number<'py>(py: Python<'py>, text: &str) -> Result<Bound<'py, PyAny>, Error> {
    if let Ok(small) = text.parse::<i64>() {
        return small.into_pyobject(py).map(Bound::into_any).map_err(|error| match error {});
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        let int = py.get_type::<PyInt>().call1((text,));
        return int.map_err(|_| Error::event("a number has more digits than Python reads"));
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(PyFloat::new(py, float).into_any()),
        _ => Err(Error::event("a number is out of range for a float")),
    }
}
