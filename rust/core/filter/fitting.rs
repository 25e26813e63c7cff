//! Whether a test can be passed by what stands at a place, whatever the record.

use super::lint::meant;
use super::pattern::{Change, Scalar, Subject, Test};
use super::shape::{EVENT_NAMES, Holds, Many, event_meant};
use crate::core::binary;
use crate::core::number::Number;
use crate::core::value::Value;

/// The values of one place.
#[derive(Clone, Copy)]
pub struct Fitting<'a> {
    pub holds: Holds,
    pub many: Many,
    /// What to call them: a type, or a path outside of images.
    pub name: &'a str,
    /// Whether N is compared as a number, too.
    pub extended: bool,
}

impl Fitting<'_> {
    /// Why no value passes, if none can.
    pub fn never(&self, test: &Test) -> Option<String> {
        match test {
            Test::Exists | Test::Absent | Test::Change(Change::Any | Change::Added | Change::Removed) => None,
            Test::All(tests) => tests.iter().find_map(|test| self.never(test)),
            Test::AnythingBut(excluded) => self.nothing_left(excluded),
            Test::ContainsAll(_) if self.many == Many::One => Some(self.no_members()),
            Test::ContainsAll(tests) if self.holds == Holds::Digits => {
                tests.iter().find_map(|test| self.never_in_value(test))
            }
            Test::ContainsAll(tests) => tests.iter().find_map(|test| self.never(test)),
            Test::Change(Change::FromTo(from, to)) => self.never_changes(from, to),
            _ => self.misfit(test),
        }
    }

    /// Why all values pass `anything-but`, if they do.
    pub fn excludes_nothing(&self, excluded: &[Test]) -> Option<String> {
        let reasons: Option<Vec<String>> = excluded.iter().map(|test| self.never(test)).collect();
        reasons?.into_iter().next()
    }

    fn no_members(&self) -> String {
        format!("{} is one value on the wire: contains-all matches sets and lists only", self.name)
    }

    fn nothing_left(&self, excluded: &[Test]) -> Option<String> {
        let Holds::Word(words) = self.holds else { return None };
        let is_excluded = |word: &&str| excluded.iter().any(|test| passes(test, word));
        words.iter().all(is_excluded).then(|| format!("{} is one of {}: none is left", self.name, words.join(", ")))
    }

    /// The values of a change are compared as what they are: an N is a number there, and a NULL null.
    fn never_changes(&self, from: &Test, to: &Test) -> Option<String> {
        if self.many == Many::One && is_same_value(from, to) {
            return Some("what stays as it is does not change".to_owned());
        }
        [from, to].into_iter().find_map(|side| self.never_in_value(side))
    }

    fn never_in_value(&self, test: &Test) -> Option<String> {
        match (self.holds, test) {
            (Holds::True, Test::Boolean(_)) => Some("in a change NULL is null: write null".to_owned()),
            (Holds::True, Test::Null)
            | (Holds::Digits, Test::Number { .. } | Test::Range(_))
            | (_, Test::Exists | Test::Absent | Test::AnythingBut(_) | Test::ContainsAll(_)) => None,
            (_, Test::All(tests)) => tests.iter().find_map(|test| self.never_in_value(test)),
            (Holds::Digits, _) => Some(format!("{} is compared as a number here: write it without quotes", self.name)),
            _ => self.never(test),
        }
    }

    /// Why no value of this kind is that one, or like it.
    fn misfit(&self, test: &Test) -> Option<String> {
        let name = self.name;
        let is_text = !matches!(test, Test::Number { .. } | Test::Range(_) | Test::Boolean(_) | Test::Null);
        match self.holds {
            Holds::Number => (!matches!(test, Test::Number { .. } | Test::Range(_)))
                .then(|| format!("{name} is a number on the wire: only numbers match")),
            Holds::True if matches!(test, Test::Null | Test::Boolean(false)) => {
                Some("NULL holds true on the wire: null never matches, write true".to_owned())
            }
            Holds::Boolean | Holds::True => (!matches!(test, Test::Boolean(_)))
                .then(|| format!("{name} is a boolean on the wire: write true or false without quotes")),
            Holds::Digits if matches!(test, Test::Number { .. } | Test::Range(_)) => (!self.extended).then(|| {
                format!("{name} is text on the wire: a number or numeric never matches; write the digits as a string, or take the extended dialect")
            }),
            _ if !is_text => Some(format!("{name} is text on the wire: only strings match")),
            Holds::Digits => self.no_digits(test),
            Holds::Base64 => no_base64(test).then(|| format!("{name} is base64 text on the wire, and this is none")),
            Holds::Word(words) => self.no_word(test, words),
            Holds::Spelled(word) => matches!(test, Test::Text(wanted) if wanted != word && wanted.eq_ignore_ascii_case(word))
                .then(|| format!("it is spelled {word}")),
            Holds::Text => None,
        }
    }

    fn no_word(&self, test: &Test, words: &[&str]) -> Option<String> {
        if words.iter().any(|word| passes(test, word)) {
            return None;
        }
        let meant = match test {
            Test::Text(wanted) if words == EVENT_NAMES && event_meant(wanted).is_some() => {
                event_meant(wanted).map_or_else(String::new, |name| format!(": did you mean {name}?"))
            }
            Test::Text(wanted) => meant(wanted, words),
            _ => format!(": there are {}", words.join(", ")),
        };
        Some(format!("no record has this {}{meant}", self.name))
    }

    fn no_digits(&self, test: &Test) -> Option<String> {
        let name = self.name;
        let no_number = || Some(format!("{name} holds numbers, as digits such as -0.5: this is none"));
        let no_part = |is_part: bool| {
            (!is_part).then(|| format!("{name} holds numbers, as plain digits such as -0.5: none has this part"))
        };
        match test {
            Test::Text(wanted) | Test::Folded(wanted) => {
                let Ok(number) = Number::parse(wanted.as_bytes()) else { return no_number() };
                let plain = number.plain_text().unwrap_or_default();
                (plain != *wanted).then(|| format!("DynamoDB writes this number as {plain}"))
            }
            Test::Address(_) | Test::Cidr(_) => no_number(),
            Test::Prefix(wanted) | Test::FoldedPrefix(wanted) => no_part(starts_number(wanted)),
            Test::Suffix(wanted) | Test::FoldedSuffix(wanted) => no_part(ends_number(wanted)),
            Test::Wildcard(wildcard) | Test::FoldedWildcard(wildcard) => {
                no_part(wildcard.pieces().iter().all(|piece| piece.bytes().all(is_of_number)))
            }
            _ => None,
        }
    }
}

fn passes(test: &Test, word: &str) -> bool {
    test.passes_value(Some(&Value::String(word.to_owned())))
}

fn is_same_value(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Number { value: Some(one), .. }, Test::Number { value: Some(other), .. }) => one == other,
        (Test::Text(_) | Test::Boolean(_) | Test::Null | Test::Absent, _) => one == other,
        _ => false,
    }
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.' || byte == b'-'
}

/// Whether a number that DynamoDB writes starts so.
fn starts_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole)
        && fraction.is_none_or(|fraction| !whole.is_empty() && is_number(fraction))
        && (whole.len() < 2 || !whole.starts_with('0'))
}

/// Whether one ends so.
fn ends_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let points = digits.bytes().filter(|byte| *byte == b'.').count();
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && (text.is_empty() || !digits.is_empty())
        && !digits.ends_with('.')
        && (points == 0 || points == 1 && !digits.ends_with('0'))
}

fn no_base64(test: &Test) -> bool {
    let is_part = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    match test {
        Test::Text(wanted) => binary::decode(wanted.as_bytes()).is_err(),
        Test::Address(_) | Test::Cidr(_) => true,
        Test::Prefix(wanted) | Test::Suffix(wanted) => !is_part(wanted),
        _ => false,
    }
}

/// Whether some of these together let any text pass: what each `anything-but` excludes, another test takes.
pub fn take_any_text(tests: &[Test]) -> bool {
    let exclusions = tests.iter().filter_map(|test| match test {
        Test::AnythingBut(excluded) => excluded.iter().map(text_of).collect::<Option<Vec<_>>>(),
        _ => None,
    });
    let exclusions: Vec<Vec<&str>> = exclusions.collect();
    let Some((first, others)) = exclusions.split_first() else { return false };
    let in_all = first.iter().filter(|text| others.iter().all(|excluded| excluded.contains(text)));
    let mut in_all = in_all.copied();
    in_all.all(|text| tests.iter().any(|test| test.passes(&Subject::new(Scalar::Text(text.as_bytes()), text))))
}

fn text_of(test: &Test) -> Option<&str> {
    match test {
        Test::Text(wanted) => Some(wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_numbers() {
        for text in ["", "-", "0", "-0", "0.", "0.00", "10", "-1.50"] {
            assert!(starts_number(text), "{text}");
        }
        for text in ["00", "01", "-05", "1e", "+1", ".5", "1.2.3", "-.", "x"] {
            assert!(!starts_number(text), "{text}");
        }
        for text in ["", "0", "00", ".5", "0.05", "-5", "5"] {
            assert!(ends_number(text), "{text}");
        }
        for text in ["-", ".", "5.", ".50", "e3", "1.2.3", "--5"] {
            assert!(!ends_number(text), "{text}");
        }
    }
}
