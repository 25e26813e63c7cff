//! The timestamps of one answer, each of which botocore's own function would read by itself.

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::errors::foreign;
use super::make::call_one;
use super::plain::number;
use crate::core::error::{Error, ErrorKind};

type Made<'py> = Result<Bound<'py, PyAny>, Error>;

const QUARTER_SECONDS: i64 = 900;
/// 2000-01-01 to 2100-01-01: what is outside is read one by one.
const COUNTED_SECONDS: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// What is known of a quarter of an hour.
enum Quarter<'py> {
    /// It was not met yet.
    New,
    /// It was met once.
    Met,
    /// All of it has one offset from UTC: its start.
    Even(Bound<'py, PyAny>),
    /// Its ends differ.
    Uneven,
}

/// Reads timestamps that are numbers.
pub struct Times<'a, 'py> {
    parse: &'a Bound<'py, PyAny>,
    /// By their text: the records of a second share one.
    known: HashMap<&'a [u8], Bound<'py, PyAny>>,
    /// By their number, where the function is known to count seconds since 1970.
    ///
    /// botocore's takes 10 us a time, most of it in a time zone written in Python: more than all the rest of a record.
    /// Two times of a quarter of an hour at whose ends the offset is the same are as far apart as their numbers, so
    /// from the second one on they are counted from its start.
    quarters: Option<HashMap<i64, Quarter<'py>>>,
}

impl<'a, 'py> Times<'a, 'py> {
    /// Times that this function reads.
    pub fn new(parse: &'a Bound<'py, PyAny>, counts_seconds: bool) -> Self {
        Self { parse, known: HashMap::new(), quarters: counts_seconds.then(HashMap::new) }
    }

    /// The time of a value that is no number.
    pub fn of_value(&self, value: &Bound<'py, PyAny>) -> Made<'py> {
        call_one(self.parse, value)
    }

    /// The time of a number's text.
    pub fn of_text(&mut self, text: &'a [u8]) -> Made<'py> {
        if let Some(time) = self.known.get(text) {
            return Ok(time.clone());
        }
        let time = match self.counted(text)? {
            Some(time) => time,
            None => self.parsed(text)?,
        };
        self.known.insert(text, time.clone());
        Ok(time)
    }

    fn parsed(&self, text: &[u8]) -> Made<'py> {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let value = number(self.parse.py(), text).map_err(|error| error.into_kind(ErrorKind::Value))?;
        call_one(self.parse, &value)
    }

    fn counted(&mut self, text: &[u8]) -> Result<Option<Bound<'py, PyAny>>, Error> {
        let (Some(quarters), Some(seconds)) = (&mut self.quarters, whole_seconds(text)) else {
            return Ok(None);
        };
        let quarter = seconds.div_euclid(QUARTER_SECONDS);
        let known = quarters.entry(quarter).or_insert(Quarter::New);
        match known {
            Quarter::New => *known = Quarter::Met,
            Quarter::Met => *known = look_at(self.parse, quarter).map_err(foreign)?,
            Quarter::Even(_) | Quarter::Uneven => {}
        }
        match known {
            Quarter::Even(start) => later(start, seconds - quarter * QUARTER_SECONDS).map(Some),
            _ => Ok(None),
        }
    }
}

/// A number of seconds without a fraction, if it is a time of this century.
fn whole_seconds(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let seconds = text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        #[allow(clippy::cast_possible_truncation)] // what does not fit lies outside the range
        (float.fract() == 0.0).then_some(float as i64)
    })?;
    COUNTED_SECONDS.contains(&seconds).then_some(seconds)
}

fn look_at<'py>(parse: &Bound<'py, PyAny>, quarter: i64) -> PyResult<Quarter<'py>> {
    let start = parse.call1((quarter * QUARTER_SECONDS,))?;
    let last = parse.call1(((quarter + 1) * QUARTER_SECONDS - 1,))?;
    let same = start.call_method0("utcoffset")?.eq(last.call_method0("utcoffset")?)?;
    let twice = start.getattr("fold")?.is_truthy()? || last.getattr("fold")?.is_truthy()?;
    Ok(if same && !twice { Quarter::Even(start) } else { Quarter::Uneven })
}

fn later<'py>(start: &Bound<'py, PyAny>, seconds: i64) -> Made<'py> {
    static TIMEDELTA: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = start.py();
    let timedelta = TIMEDELTA.get_or_try_init(py, || Ok(py.import("datetime")?.getattr("timedelta")?.unbind()));
    let delta = timedelta.and_then(|timedelta| timedelta.bind(py).call1((0, seconds)));
    delta.and_then(|delta| start.add(delta)).map_err(foreign)
}
