//! FilterCriteria: compiled filter patterns.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::errors::{Place, guard, raise};
use super::event::{Parts, bytes_of};
use super::filter_fault::raise_refusal;
use super::filter_names::Names;
use super::py_node::{Objects, PyNode};
use super::record::Record;
use crate::core::error::{Error, ErrorKind};
use crate::core::filter::{Dialect, Filters, Matcher, Named, Scanned, Tree, export};
use crate::core::json_node::{Buffers, JsonNode};
use crate::core::limits::{FILTER_COUNT, FILTER_COUNT_RAISED};
use crate::core::record::{Fields, read_record};

impl<'py> FromPyObject<'_, 'py> for Dialect {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(match object.extract::<&str>() {
            Ok("lambda") => Self::Lambda,
            Ok("eventbridge") => Self::EventBridge,
            Ok("extended") => Self::Extended,
            _ => return Err(PyValueError::new_err("dialect is \"lambda\", \"eventbridge\" or \"extended\"")),
        })
    }
}

/// How many filters there may be.
#[derive(Clone, Copy)]
struct Count(usize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<usize>() {
            Ok(count) if (1..=FILTER_COUNT_RAISED).contains(&count) => Ok(Self(count)),
            Err(error) if error.is_instance_of::<PyTypeError>(object.py()) => Err(error),
            _ => Err(PyValueError::new_err("max_filters is 1 to 10")),
        }
    }
}

/// Filter patterns, any of which may match.
#[pyclass(frozen, module = "tailrace")]
pub struct FilterCriteria {
    filters: Filters,
    /// The names that are looked up in dicts, by the number of their key.
    names: Names,
    most: usize,
}

impl FilterCriteria {
    /// The compiled filters.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    fn matches_object(&self, event: &Bound<'_, PyAny>) -> Result<bool, Error> {
        let (mut matcher, mut node) = (Matcher::new(&self.filters), PyNode::new(event.clone()));
        if self.filters.compares {
            return self.matches_objects(event.py(), &mut matcher, &read_record(&mut node)?);
        }
        matcher.matches(&self.names, &mut node)
    }

    fn matches_text(&self, text: &[u8]) -> Result<bool, Error> {
        if self.filters.compares {
            let fields = read_record(&mut JsonNode::new(text))?;
            let source = Buffers { wire: text, decoded: &[] };
            let members = Scanned { of_record: true };
            return Matcher::new(&self.filters).matches_record(&members, &Named, &source, &fields);
        }
        Matcher::new(&self.filters).matches_json(&mut JsonNode::new(text))
    }

    /// Holds a record against the filters.
    pub fn matches_record(&self, py: Python<'_>, record: &Record) -> PyResult<bool> {
        let mut matcher = Matcher::new(&self.filters);
        let found = record.sound().and_then(|()| self.matches_parts(py, record, &mut matcher));
        record.raise_in(py, found, &[])
    }

    fn matches_parts(&self, py: Python<'_>, record: &Record, matcher: &mut Matcher<'_>) -> Result<bool, Error> {
        match &record.entry()?.parts {
            Parts::Json(fields) => {
                matcher.matches_record(&Scanned { of_record: true }, &Named, &record.event().buffers(py), fields)
            }
            Parts::Python(fields) => self.matches_objects(py, matcher, fields),
        }
    }

    /// Holds a record of Python objects against the filters.
    pub fn matches_objects(
        &self,
        py: Python<'_>,
        matcher: &mut Matcher<'_>,
        fields: &Fields<Py<PyAny>>,
    ) -> Result<bool, Error> {
        matcher.matches_record(&self.names, &self.names, &Objects(py), fields)
    }
}

/// The tree of what was given as filters.
fn tree_of(given: &Bound<'_, PyAny>) -> Result<Tree, Error> {
    match bytes_of(given)? {
        Some(text) => {
            let text = std::str::from_utf8(text.as_bytes()).map_err(|_| Error::value("the text is not UTF-8"))?;
            Ok(Tree::of_text(text))
        }
        None => Tree::of(&mut PyNode::new(given.clone())),
    }
}

#[pymethods]
impl FilterCriteria {
    #[new]
    #[pyo3(
        signature = (filters, *, dialect=Dialect::Lambda, max_filters=Count(FILTER_COUNT)),
        text_signature = "(filters, *, dialect='lambda', max_filters=5)"
    )]
    fn new(filters: &Bound<'_, PyAny>, dialect: Dialect, max_filters: Count) -> PyResult<Self> {
        let py = filters.py();
        guard(py, || {
            let Count(max_filters) = max_filters;
            let tree = tree_of(filters).map_err(|error| match Tree::refused(error) {
                Ok(refusal) => raise_refusal(py, &refusal, dialect),
                Err(error) => raise(py, error, Place::default()),
            })?;
            let filters = Filters::compile(&tree, dialect, max_filters);
            let filters = filters.map_err(|refusal| raise_refusal(py, &refusal, dialect))?;
            let names = Names::new(py, &filters);
            Ok(Self { filters, names, most: max_filters })
        })
    }

    fn matches(&self, event: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = event.py();
        guard(py, || {
            if let Ok(record) = event.cast::<Record>() {
                return self.matches_record(py, record.get());
            }
            let matches = if let Ok(bytes) = event.cast::<PyBytes>() {
                self.matches_text(bytes.as_bytes())
            } else if let Some(text) = bytes_of(event).map_err(|error| raise(py, error, Place::default()))? {
                self.matches_text(text.as_bytes())
            } else {
                self.matches_object(event)
            };
            matches.map_err(|error| raise(py, error.into_kind(ErrorKind::Event), Place::default()))
        })
    }

    fn to_lambda<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guard(py, || {
            let patterns = export(&self.filters, self.most);
            let patterns = patterns.map_err(|refusal| raise_refusal(py, &refusal, self.filters.dialect))?;
            let filters = PyList::empty(py);
            for pattern in patterns {
                let filter = PyDict::new(py);
                filter.set_item("Pattern", pattern)?;
                filters.append(filter)?;
            }
            let criteria = PyDict::new(py);
            criteria.set_item("Filters", filters)?;
            Ok(criteria)
        })
    }

    fn explain<'py>(slf: &Bound<'py, Self>, event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || py.import("tailrace.filters.explanation")?.getattr("explain")?.call1((slf, event)))
    }

    #[pyo3(signature = (*, source=None))]
    fn lint<'py>(slf: &Bound<'py, Self>, source: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        guard(py, || py.import("tailrace.filters.warning")?.getattr("lint")?.call1((slf, source)))
    }

    #[getter]
    fn dialect(&self) -> &'static str {
        self.filters.dialect.name()
    }

    #[getter]
    fn patterns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.filters.sources.iter().map(|source| &source.text))
    }

    fn __len__(&self) -> usize {
        self.filters.sources.len()
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let kwargs = PyDict::new(py);
        kwargs.set_item("dialect", self.dialect())?;
        kwargs.set_item("max_filters", self.most)?;
        let patterns = PyList::new(py, self.filters.sources.iter().map(|source| &source.text))?;
        Ok((PyTuple::new(py, [patterns])?, kwargs))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let Ok(other) = other.cast::<Self>() else {
            return false;
        };
        let (one, other) = (&self.filters, &other.get().filters);
        let texts = |filters: &Filters| filters.sources.iter().map(|source| source.text.clone()).collect::<Vec<_>>();
        one.dialect == other.dialect && texts(one) == texts(other)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.patterns(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let count = self.filters.sources.len();
        format!("<FilterCriteria of {count} {} in {}>", if count == 1 { "filter" } else { "filters" }, self.dialect())
    }
}
