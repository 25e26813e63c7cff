//! The operators that only the extended dialect has, and several in one place.

use super::dialect::Dialect;
use super::expression::{Made, expression, known, named, string};
use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use super::pattern::{Change, Expression, Test};
use crate::core::error::Step;

/// The operators of one object, all of which must hold.
pub fn several(tree: &Tree, members: &[(String, Tree)]) -> Made {
    let tests = members.iter().map(|(name, argument)| {
        known(tree, name, Dialect::Extended)?;
        named(name, argument, Dialect::Extended).map_err(|fault| fault.inside_name(name).operator(name))
    });
    let mut tests = tests.collect::<Result<Vec<_>, _>>()?;
    if let [_] = tests.as_slice() {
        return Ok(tests.remove(0));
    }
    values_only(tree, &tests).map(|()| Test::All(tests))
}

/// Refuses what asks for no value where several tests are put together.
fn values_only(tree: &Tree, tests: &[Test]) -> Result<(), Refusal> {
    let stray = tests.iter().flat_map(Test::all).find_map(|test| match test {
        Test::Absent => Some("exists: false"),
        Test::Change(change) => Some(change.word()),
        Test::ContainsAll(_) => Some("contains-all"),
        _ => None,
    });
    match stray {
        None => Ok(()),
        Some(name) => Err(Fault::here(
            tree.at,
            format!("{name} stands in a list by itself: put $and or $not around whole patterns"),
        )
        .operator(name.split(':').next().unwrap_or(name))),
    }
}

/// The operators that only tailrace has.
pub fn of_ours(name: &str, argument: &Tree) -> Made {
    match name {
        "regex" => regex(argument),
        "contains-all" => many(name, argument).map(Test::ContainsAll),
        "$and" => many(name, argument).map(Test::All),
        "$not" => {
            let tests = match &argument.value {
                Value::Array(_) => many(name, argument)?,
                _ => vec![expression(argument, Dialect::Extended)?],
            };
            values_only(argument, &tests).map(|()| Test::AnythingBut(tests))
        }
        "added" => is_true(argument).map(|()| Test::Change(Change::Added)),
        "removed" => is_true(argument).map(|()| Test::Change(Change::Removed)),
        _ => changed(argument),
    }
}

fn regex(argument: &Tree) -> Made {
    let text = string(argument, "")?;
    let expression = Expression::parse(text).map(Test::Regex);
    expression
        .ok_or_else(|| Fault::here(argument.at, "the regular expression cannot be read, or is too large").found(text))
}

fn many(name: &str, argument: &Tree) -> Result<Vec<Test>, Refusal> {
    let elements = match &argument.value {
        Value::Array(elements) if !elements.is_empty() => elements,
        _ => {
            let found = if let Value::Array(_) = argument.value { "an empty list" } else { argument.kind() };
            return Err(Fault::here(argument.at, format!("{name} has a list of values, found {found}"))
                .found(found)
                .allowed(&["an array"]));
        }
    };
    let tests = elements.iter().enumerate();
    let tests = tests.map(|(index, element)| {
        expression(element, Dialect::Extended).map_err(|fault| fault.inside(Step::Index(index)))
    });
    let tests = tests.collect::<Result<Vec<_>, _>>()?;
    values_only(argument, &tests).map(|()| tests)
}

fn is_true(argument: &Tree) -> Result<(), Refusal> {
    if argument.value == Value::Boolean(true) {
        return Ok(());
    }
    let found = if argument.value == Value::Boolean(false) { "false" } else { argument.kind() };
    Err(Fault::here(argument.at, format!("true is expected, found {found}")).found(found).allowed(&["true"]))
}

fn changed(argument: &Tree) -> Made {
    let Value::Array(elements) = &argument.value else {
        return is_true(argument)
            .map(|()| Test::Change(Change::Any))
            .map_err(|fault| fault.allowed(&["true", "[from, to]"]));
    };
    let [from, to] = elements.as_slice() else {
        return Err(Fault::here(
            argument.at,
            format!("changed has true or a list [from, to], found {} elements", elements.len()),
        )
        .found(elements.len().to_string())
        .allowed(&["true", "[from, to]"]));
    };
    let side = |index, tree: &Tree| {
        let test = expression(tree, Dialect::Extended).and_then(|test| match test {
            Test::Absent | Test::ContainsAll(_) => Ok(test),
            test => values_only(tree, std::slice::from_ref(&test)).map(|()| test),
        });
        test.map_err(|fault| fault.inside(Step::Index(index)))
    };
    Ok(Test::Change(Change::FromTo(Box::new(side(0, from)?), Box::new(side(1, to)?))))
}
