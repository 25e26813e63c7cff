//! Where event-ruler, the program behind AWS's filters, may lose a match.

use super::pattern::{Range, Test};
use crate::core::number::Number;

/// A path and what is asked there.
pub type Asked<'a> = (&'a str, &'a [Test]);

/// Whether two alternatives of the same paths share a condition at each, and are not the same: event-ruler may take one
/// for the other and drop it.
pub fn share(one: &[Asked<'_>], other: &[Asked<'_>]) -> bool {
    let mut is_same = true;
    let shared = one.len() == other.len()
        && one.iter().all(|(path, tests)| {
            let Some((_, theirs)) = other.iter().find(|(name, _)| name == path) else { return false };
            is_same &=
                tests.iter().all(|test| is_among(test, theirs)) && theirs.iter().all(|test| is_among(test, tests));
            tests.iter().any(|test| is_among(test, theirs))
        });
    shared && !is_same
}

fn is_among(test: &Test, tests: &[Test]) -> bool {
    tests.iter().any(|other| is_alike(test, other))
}

/// Whether event-ruler keeps both as one condition: numbers by value, what is excluded in no order.
fn is_alike(one: &Test, other: &Test) -> bool {
    if let (Some(one), Some(other)) = (number_of(one), number_of(other)) {
        return one == other;
    }
    match (one, other) {
        (Test::AnythingBut(one), Test::AnythingBut(other)) => {
            one.iter().all(|test| is_among(test, other)) && other.iter().all(|test| is_among(test, one))
        }
        _ => one == other,
    }
}

/// The one number that passes.
fn number_of(test: &Test) -> Option<&Number> {
    match test {
        Test::Number { value, .. } => value.as_ref(),
        Test::Range(Range { low: Some(low), high: Some(high) }) if low == high => Some(&low.number),
        _ => None,
    }
}

/// The place of a text that is followed by a range of numbers on both sides of zero, and that by another condition on
/// text: event-ruler at times loses the first.
pub fn hidden(tests: &[&Test]) -> Option<usize> {
    let text = tests.iter().position(|test| matches!(test, Test::Text(_)))?;
    let after = tests.get(text + 1..)?;
    let range = after.iter().position(|test| matches!(test, Test::Range(range) if range.spans_zero()))?;
    after.get(range + 1..)?.iter().any(|test| looks_at_characters(test)).then_some(text)
}

fn looks_at_characters(test: &Test) -> bool {
    matches!(
        test,
        Test::Text(_)
            | Test::Prefix(_)
            | Test::Suffix(_)
            | Test::Folded(_)
            | Test::FoldedPrefix(_)
            | Test::FoldedSuffix(_)
            | Test::Wildcard(_)
    )
}

/// The place of a wildcard whose text before the star has no letters and starts a later text that is compared without
/// letter case: event-ruler then finds that text behind the star, too.
pub fn afloat(tests: &[&Test]) -> Option<usize> {
    tests.iter().enumerate().find_map(|(place, test)| {
        let start = start_of(test).filter(|start| !start.chars().any(has_case))?;
        let later = tests.iter().skip(place + 1).flat_map(|test| test.all());
        let goes_on =
            |text: String| text.strip_prefix(start).and_then(|rest| rest.chars().next()).is_some_and(has_case);
        later.filter_map(without_case).any(goes_on).then_some(place)
    })
}

/// The text before the first star of a wildcard, alone or inside `anything-but`.
fn start_of(test: &Test) -> Option<&str> {
    let mut inside = test.all().into_iter();
    inside.find_map(|test| match test {
        Test::Wildcard(wildcard) if wildcard.pieces().len() > 1 => wildcard.pieces().first().map(String::as_str),
        _ => None,
    })
}

/// A text in the order in which its characters are compared.
fn without_case(test: &Test) -> Option<String> {
    match test {
        Test::Folded(folded) | Test::FoldedPrefix(folded) => Some(folded.clone()),
        Test::FoldedSuffix(folded) => Some(folded.chars().rev().collect()),
        _ => None,
    }
}

fn has_case(character: char) -> bool {
    !character.to_lowercase().eq(character.to_uppercase())
}
