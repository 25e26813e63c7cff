//! Where event-ruler, the program behind AWS's filters, may lose a match.

use super::pattern::Test;

/// A path and what is asked there.
pub type Asked = (String, Vec<Test>);

/// The condition that two alternatives of the same paths share at the first path, if they share one at each and are not
/// the same: event-ruler may take one for the other and drop it.
pub fn share(one: &[Asked], other: &[Asked]) -> Option<(String, Test)> {
    let theirs =
        |path: &str| other.iter().find(|(name, _)| name == path).map_or(&[][..], |(_, tests)| tests.as_slice());
    let shared = one.iter().map(|(path, tests)| {
        let found = tests.iter().find(|test| is_among(test, theirs(path)));
        found.map(|test| (path.clone(), test.clone()))
    });
    let shared = shared.collect::<Option<Vec<_>>>()?;
    let is_same = one.iter().all(|(path, tests)| {
        let theirs = theirs(path);
        tests.iter().all(|test| is_among(test, theirs)) && theirs.iter().all(|test| is_among(test, tests))
    });
    if one.len() != other.len() || is_same { None } else { shared.into_iter().next() }
}

fn is_among(test: &Test, tests: &[Test]) -> bool {
    tests.iter().any(|other| is_alike(test, other))
}

/// Whether event-ruler keeps both as one condition: numbers by value, what is excluded in no order.
fn is_alike(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Number { value: Some(one), .. }, Test::Number { value: Some(other), .. }) => one == other,
        (Test::AnythingBut(one), Test::AnythingBut(other)) => {
            one.iter().all(|test| is_among(test, other)) && other.iter().all(|test| is_among(test, one))
        }
        _ => one == other,
    }
}

/// The place of a text that is followed by a range without a lower end, and that by another condition on text:
/// event-ruler at times loses the first.
#[allow(dead_code)]
pub fn hidden(tests: &[Test]) -> Option<usize> {
    let text = tests.iter().position(is_whole_text)?;
    let after = tests.get(text + 1..)?;
    let range = after.iter().position(|test| matches!(test, Test::Range(range) if range.low.is_none()))?;
    after.get(range + 1..)?.iter().any(is_about_text).then_some(text)
}

#[allow(dead_code)]
fn is_whole_text(test: &Test) -> bool {
    matches!(test, Test::Text(_) | Test::Address(_))
}

#[allow(dead_code)]
fn is_about_text(test: &Test) -> bool {
    match test {
        Test::Number { .. } | Test::Boolean(_) | Test::Null | Test::Range(_) | Test::Exists | Test::Absent => false,
        Test::AnythingBut(tests) => tests.iter().any(is_about_text),
        _ => true,
    }
}
