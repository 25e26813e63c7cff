//! What a record says in Python's terms: members of AWS's enums, datetimes, dicts.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::core::record::UserIdentity;

/// userIdentity in Lambda's spelling.
pub fn identity_dict<'py>(py: Python<'py>, identity: &UserIdentity) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("type", &identity.kind)?;
    dict.set_item("principalId", &identity.principal_id)?;
    Ok(dict)
}

/// A member of one of AWS's enums in `tailrace.types`, or the text where nobody knows the word.
pub fn member<'py>(py: Python<'py>, class: &'static str, word: &str) -> PyResult<Bound<'py, PyAny>> {
    static TYPES: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let types = TYPES.get_or_try_init(py, || py.import("tailrace.types").map(Bound::unbind))?;
    let class = types.bind(py).getattr(class)?;
    let members = class.getattr(intern!(py, "__members__"))?;
    match members.get_item(word) {
        Ok(member) => Ok(member),
        Err(_) => Ok(word.into_pyobject(py)?.into_any()),
    }
}

/// The same for eventName, which is asked for each record: its three members are kept.
pub fn event_name_member<'py>(py: Python<'py>, word: &str) -> PyResult<Bound<'py, PyAny>> {
    static KNOWN: PyOnceLock<[Py<PyAny>; 3]> = PyOnceLock::new();
    let known = KNOWN.get_or_try_init(py, || {
        let find = |word| member(py, "EventName", word).map(Bound::unbind);
        Ok::<_, PyErr>([find("INSERT")?, find("MODIFY")?, find("REMOVE")?])
    })?;
    let [insert, modify, remove] = known;
    Ok(match word {
        "INSERT" => insert.bind(py).clone(),
        "MODIFY" => modify.bind(py).clone(),
        "REMOVE" => remove.bind(py).clone(),
        _ => word.into_pyobject(py)?.into_any(),
    })
}

/// The aware datetime of `1970-01-01T00:00:00Z` plus microseconds.
pub fn datetime(py: Python<'_>, microseconds: i64) -> PyResult<Bound<'_, PyAny>> {
    static EPOCH: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
    let (epoch, timedelta) = EPOCH.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let epoch = module.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
        Ok::<_, PyErr>((epoch.unbind(), module.getattr("timedelta")?.unbind()))
    })?;
    epoch.bind(py).add(timedelta.bind(py).call1((0, 0, microseconds))?)
}
