//! What is wrong with a pattern, where, and what would be right.

use super::dialect::Dialect;
use crate::core::error::Step;

/// Why a pattern is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in our words.
    pub reason: String,
    /// What event-ruler says of it, and EventBridge with it; None where it takes the pattern.
    pub ruler: Option<String>,
    /// Where in the pattern, innermost step first while it is on its way out.
    path: Vec<Step>,
    /// The byte of the text.
    at: Option<usize>,
    /// Line and column, both from 1.
    pub position: Option<(usize, usize)>,
    /// The operator at hand.
    pub operator: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// What may stand there.
    pub allowed: Vec<String>,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// The filter of a list, from 0.
    pub filter: Option<usize>,
    /// Whether AWS would take the pattern, or what it would say is not known.
    pub is_ours: bool,
}

/// A fault in a box, so that results stay small.
pub type Refusal = Box<Fault>;

impl Fault {
    /// What is wrong at this byte of the text.
    #[cold]
    pub fn here(at: Option<usize>, reason: impl Into<String>) -> Refusal {
        Self::with(at, reason.into())
    }

    #[cold]
    #[inline(never)]
    fn with(at: Option<usize>, reason: String) -> Refusal {
        Box::new(Self { reason, at, ..Self::default() })
    }

    /// The same, with the words of event-ruler.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn ruler(mut self: Box<Self>, text: impl Into<String>) -> Refusal {
        self.ruler = Some(text.into());
        self
    }

    /// The same, where AWS would take the pattern.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn ours(mut self: Box<Self>) -> Refusal {
        self.is_ours = true;
        self
    }

    /// The same, about this operator.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn operator(mut self: Box<Self>, name: &str) -> Refusal {
        self.operator.get_or_insert_with(|| name.to_owned());
        self
    }

    /// The same, with what was found.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn found(mut self: Box<Self>, what: impl Into<String>) -> Refusal {
        self.found = Some(what.into());
        self
    }

    /// The same, with what may stand there.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn allowed(mut self: Box<Self>, words: &[&str]) -> Refusal {
        self.allowed = words.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// The same, with what may have been meant.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn suggest(mut self: Box<Self>, word: Option<impl Into<String>>) -> Refusal {
        self.suggestion = word.map(Into::into);
        self
    }

    /// The same, one level further out.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn inside(mut self: Box<Self>, step: Step) -> Refusal {
        self.path.push(step);
        self
    }

    /// The same inside the member of this name.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn inside_name(self: Box<Self>, name: &str) -> Refusal {
        self.inside(Step::Name(name.to_owned()))
    }

    /// The same in this text, so that lines can be counted.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn in_text(mut self: Box<Self>, text: &[u8]) -> Refusal {
        self.position = self.at.map(|at| {
            let before = text.get(..at).unwrap_or(text);
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            let in_line = before.iter().rev().take_while(|&&byte| byte != b'\n');
            // Characters, not bytes: whoever reads it counts in an editor.
            (line, 1 + in_line.filter(|&&byte| byte & 0xc0 != 0x80).count())
        });
        self
    }

    /// Where, outermost step first.
    pub fn path(&self) -> impl Iterator<Item = &Step> {
        self.path.iter().rev()
    }

    /// What AWS says to whoever writes such a pattern, where that is known: Lambda gives no reason.
    pub fn aws_message(&self, dialect: Dialect) -> Option<String> {
        match dialect {
            _ if self.is_ours => None,
            Dialect::Lambda => Some("Invalid filter pattern definition.".to_owned()),
            Dialect::EventBridge => {
                self.ruler.as_ref().map(|ruler| format!("Event pattern is not valid. Reason: {ruler}"))
            }
            Dialect::Extended => None,
        }
    }
}
