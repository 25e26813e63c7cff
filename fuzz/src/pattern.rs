//! Filter patterns: taken or refused with a place in them, and what was taken can be written again.

use tailrace::core::error::Step;
use tailrace::core::filter::{Dialect, Fault, Filters, Tree, export, lint};
use tailrace::core::limits::FILTER_COUNT;

use crate::Outcome;
use crate::reference::tree::{Json, json};

/// All dialects.
pub const DIALECTS: [Dialect; 3] = [Dialect::Lambda, Dialect::EventBridge, Dialect::Extended];

/// The filters of a text.
pub fn compile(text: &str, dialect: Dialect) -> Result<Filters, Box<Fault>> {
    Filters::compile(&Tree::of_text(text), dialect, FILTER_COUNT)
}

/// Checks a text that may be a pattern.
pub fn check(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let compiled = DIALECTS.map(|dialect| compile(text, dialect));
    for (found, dialect) in compiled.iter().zip(DIALECTS) {
        match found {
            Ok(filters) => check_taken(filters),
            Err(fault) => check_refused(text, fault, dialect),
        }
    }
    if let [Ok(small), large, _] = &compiled {
        let large = large.as_ref().expect("a larger dialect takes what a smaller one does");
        assert_eq!((&small.leaves, &small.rules), (&large.leaves, &large.rules));
    }
    Outcome::of(compiled.iter().any(Result::is_ok))
}

/// Written again, it is the same; so is each pattern that is made of it for Lambda.
fn check_taken(filters: &Filters) {
    for warning in lint(filters, None) {
        assert!(!warning.code.is_empty() && !warning.message.is_empty());
        check_position(&filters.sources[warning.filter].text, warning.position);
    }
    for source in &filters.sources {
        // As objects of Python come: the text is then our own. It may be longer, where it needs escapes.
        let Ok(written) = Filters::compile(&source.tree, filters.dialect, 1) else { continue };
        let again = compile(&written.sources[0].text, filters.dialect).expect("what was written can be read");
        assert_eq!((&written.leaves, &written.rules, &written.negated), (&again.leaves, &again.rules, &again.negated));
        assert_eq!(json(source.text.as_bytes()), json(written.sources[0].text.as_bytes()));
    }
    match export(filters, FILTER_COUNT) {
        Ok(patterns) => {
            assert!(patterns.len() <= FILTER_COUNT);
            for pattern in patterns {
                assert!(compile(&pattern, Dialect::Lambda).is_ok(), "{pattern}");
            }
        }
        Err(fault) => assert!(!fault.reason.is_empty()),
    }
}

fn check_refused(text: &str, fault: &Fault, dialect: Dialect) {
    assert!(!fault.reason.is_empty());
    assert!(fault.aws_message(dialect).is_none_or(|message| !message.is_empty()));
    assert!(
        fault.suggestion.as_ref().is_none_or(|word| fault.reason.contains(word.as_str()) || !fault.allowed.is_empty())
    );
    check_position(text, fault.position);
    // The path of one filter of several begins in it.
    if let (Ok(tree), None) = (json(text.as_bytes()), fault.filter)
        && !text.contains("Pattern")
    {
        check_path(&tree, &fault.path().collect::<Vec<_>>(), &fault.reason);
    }
}

/// A line and column of this text, or just behind it.
fn check_position(text: &str, position: Option<(usize, usize)>) {
    let Some((line, column)) = position else { return };
    let found = text.split('\n').nth(line - 1).unwrap_or_else(|| panic!("no line {line} in {text:?}"));
    assert!((1..=found.chars().count() + 1).contains(&column), "{line}:{column} in {text:?}");
}

/// Each step leads on but the last, where something may be missing.
fn check_path(tree: &Json, path: &[&Step], reason: &str) {
    let mut at = vec![tree];
    for (index, step) in path.iter().enumerate() {
        let next: Vec<&Json> = at.into_iter().flat_map(|value| behind(value, step)).collect();
        assert!(!next.is_empty() || index + 1 == path.len(), "{path:?} in {tree:?}: {reason}");
        at = next;
    }
}

fn behind<'a>(value: &'a Json, step: &Step) -> Vec<&'a Json> {
    match (value, step) {
        (Json::Object(members), Step::Name(name)) => {
            members.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect()
        }
        (Json::Array(elements), Step::Index(index)) => elements.get(*index).into_iter().collect(),
        _ => Vec::new(),
    }
}
