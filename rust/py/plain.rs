//! Any wire value as the Python objects that `json.dumps` takes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyString};

use super::errors::foreign;
use super::make::Maker;
use super::unmarshall::IntoStr;
use crate::core::binary;
use crate::core::error::Error;
use crate::core::limits::JSON_DEPTH;
use crate::core::node::{Kind, Node};

/// A copy of the value: bytes become base64 text, numbers int or float, a datetime its seconds.
pub fn plain<'py, N>(maker: &mut Maker<'py>, node: &mut N, depth: u32) -> Result<Bound<'py, PyAny>, Error>
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
                let key = name.make_name(maker)?;
                let value = plain(maker, value, depth + 1)?;
                dict.set_item(key, value).map_err(foreign)
            })?;
            dict.into_any()
        }
        Kind::Array => {
            let list = PyList::empty(py);
            node.array(|element| list.append(plain(maker, element, depth + 1)?).map_err(foreign))?;
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
        Kind::Number | Kind::Other => number(py, &node.number()?)?,
    })
}

fn number<'py>(py: Python<'py>, text: &str) -> Result<Bound<'py, PyAny>, Error> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return py.get_type::<pyo3::types::PyInt>().call1((text,)).map_err(foreign);
    }
    py.get_type::<PyFloat>().call1((text,)).map_err(foreign)
}
