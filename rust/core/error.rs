//! The one error of the core: what is wrong, and where.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

/// What kind of wrong it is; the binding has one Python class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no JSON.
    Json,
    /// A value has the wrong shape: an unknown type tag, a payload of another type.
    Shape,
    /// The shape is right and the content is not: a bad number, base64 or UTF-8, too deep.
    Value,
    /// No batch of change records, or a malformed record.
    Event,
    /// What an object cannot do as it was made.
    Refused,
    /// Raised by what the core was reading from (a Python exception); travels untouched.
    Foreign,
}

/// One step of a path: an attribute name or a list position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member of an object.
    Name(String),
    /// A position of an array.
    Index(usize),
}

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    /// Innermost step first: each level adds its own on the way out.
    path: Vec<Step>,
    foreign: Option<Box<dyn Any + Send>>,
}

/// An error with its path. One pointer wide, so that results stay small on the fast road.
pub struct Error(Box<Inner>);

impl Error {
    /// An error of this kind.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), path: Vec::new(), foreign: None }))
    }

    /// Broken JSON at a byte of the text.
    #[cold]
    pub fn json(message: &str, bytes: &[u8], at: usize) -> Self {
        let before = bytes.get(..at).unwrap_or(bytes);
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|&&b| b != b'\n').count();
        Self::new(ErrorKind::Json, format!("broken JSON: {message} at byte {at} (line {line}, column {column})"))
    }

    /// A wrong shape.
    #[cold]
    pub fn shape(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Shape, message)
    }

    /// A wrong value.
    #[cold]
    pub fn value(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Value, message)
    }

    /// No stream event, or a malformed record.
    #[cold]
    pub fn event(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Event, message)
    }

    /// Somebody else's error, to be handed back as it is.
    #[cold]
    pub fn foreign(error: Box<dyn Any + Send>) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::Foreign,
            message: Cow::Borrowed(""),
            path: Vec::new(),
            foreign: Some(error),
        }))
    }

    /// The same error, one level further out.
    #[cold]
    #[must_use]
    pub fn at(mut self, step: Step) -> Self {
        self.0.path.push(step);
        self
    }

    /// The same error inside the member of this name.
    #[cold]
    #[must_use]
    pub fn at_name(self, name: &[u8]) -> Self {
        self.at(Step::Name(String::from_utf8_lossy(name).into_owned()))
    }

    /// The same error as another kind; a foreign one stays foreign.
    #[cold]
    #[must_use]
    pub fn into_kind(mut self, kind: ErrorKind) -> Self {
        if self.0.kind != ErrorKind::Foreign {
            self.0.kind = kind;
        }
        self
    }

    /// An error of the same kind that says no more than that, at the first steps of its path; a foreign one stays as it
    /// is.
    #[cold]
    #[must_use]
    pub fn hidden(mut self, message: &'static str, steps: usize) -> Self {
        if self.0.kind != ErrorKind::Foreign {
            self.0.message = Cow::Borrowed(message);
            self.0.path.drain(..self.0.path.len().saturating_sub(steps));
        }
        self
    }

    /// The same error in this line of a text, counted from 1.
    #[cold]
    #[must_use]
    pub fn in_line(mut self, line: usize) -> Self {
        self.0.message = Cow::Owned(format!("line {line}: {}", self.0.message));
        self
    }

    /// What kind of wrong it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong, without the path.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where, outermost step first.
    pub fn path(&self) -> impl Iterator<Item = &Step> {
        self.0.path.iter().rev()
    }

    /// The foreign error, if it is one.
    pub fn into_foreign(self) -> Option<Box<dyn Any + Send>> {
        self.0.foreign
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        for (i, step) in self.path().enumerate() {
            match (i, step) {
                (0, Step::Name(name)) => write!(f, " at {name}")?,
                (0, Step::Index(index)) => write!(f, " at [{index}]")?,
                (_, Step::Name(name)) => write!(f, ".{name}")?,
                (_, Step::Index(index)) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.kind())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_reads_from_outside_in() {
        let error = Error::value("bad").at_name(b"N").at(Step::Index(3)).at_name(b"lines");
        assert_eq!(error.to_string(), "bad at lines[3].N");
    }

    #[test]
    fn json_errors_name_line_and_column() {
        let error = Error::json("expected a value", b"{\n  x", 4);
        assert_eq!(error.message(), "broken JSON: expected a value at byte 4 (line 2, column 3)");
    }

    #[test]
    fn a_foreign_error_stays_foreign() {
        let error = Error::foreign(Box::new(7_u8)).into_kind(ErrorKind::Event);
        assert_eq!(error.kind(), ErrorKind::Foreign);
        assert_eq!(error.into_foreign().and_then(|e| e.downcast::<u8>().ok()).as_deref(), Some(&7));
    }
}
