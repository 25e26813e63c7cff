//! The operator `anything-but`: what a value must not be.

use super::dialect::Dialect;
use super::expression::{Made, TOO_MANY, eventbridge_only, literal_number, only, string, wildcard};
use super::fault::{Fault, Refusal};
use super::fold::folded;
use super::numeric::comparable;
use super::parse::{Tree, Value};
use super::pattern::Test;
use super::suggest::nearest;
use crate::core::error::Step;

/// The operators that may stand inside anything-but.
const INSIDE_ANYTHING_BUT: &[&str] = &["equals-ignore-case", "prefix", "suffix", "wildcard"];

/// What may stand behind anything-but in every dialect.
const EXCLUDED: &[&str] = &["a string", "a number", "an array"];

/// Reads what stands behind `anything-but`.
pub fn anything_but(argument: &Tree, dialect: Dialect) -> Made {
    match &argument.value {
        Value::Text(text) => Ok(Test::AnythingBut(vec![Test::Text(text.clone())])),
        Value::Number(text) => excluded_number(text, argument.at).map(|test| Test::AnythingBut(vec![test])),
        Value::Array(values) => excluded(argument, values).map(Test::AnythingBut),
        Value::Object(members) => anything_but_operator(argument, members, dialect),
        _ => Err(excluded_kind(argument)),
    }
}

fn excluded_kind(argument: &Tree) -> Refusal {
    Fault::here(
        argument.at,
        format!("anything-but has a string, a number or a list of these, found {}", argument.kind()),
    )
    .ruler("Value of anything-but must be an array or single string/number value.")
    .found(argument.kind())
    .allowed(EXCLUDED)
}

fn excluded_number(text: &str, at: Option<usize>) -> Made {
    comparable(text, at)?;
    Ok(literal_number(text))
}

fn excluded(argument: &Tree, values: &[Tree]) -> Result<Vec<Test>, Refusal> {
    let mut tests = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let test = match &value.value {
            Value::Text(text) => Ok(Test::Text(text.clone())),
            Value::Number(text) => excluded_number(text, value.at),
            _ => Err(Fault::here(
                value.at,
                format!("a list of anything-but holds strings or numbers, found {}", value.kind()),
            )
            .ruler("Inside anything but list, start|null|boolean is not supported.")
            .found(value.kind())
            .allowed(&["a string", "a number"])),
        };
        tests.push(test.map_err(|fault| fault.inside(Step::Index(index)))?);
    }
    let strings = tests.iter().filter(|test| matches!(test, Test::Text(_))).count();
    if tests.is_empty() || (strings != 0 && strings != tests.len()) {
        let what = if tests.is_empty() { "an empty list" } else { "strings and numbers" };
        return Err(Fault::here(
            argument.at,
            format!("a list of anything-but holds only strings or only numbers, found {what}"),
        )
        .ruler("Inside anything but list, either all values are number or string, mixed type is not supported")
        .found(what));
    }
    Ok(tests)
}

fn anything_but_operator(argument: &Tree, members: &[(String, Tree)], dialect: Dialect) -> Made {
    let Some((name, value)) = members.first() else {
        return Err(Fault::here(argument.at, "an empty object inside anything-but")
            .ruler("Anything-But expression name not found")
            .found("an empty object")
            .allowed(INSIDE_ANYTHING_BUT));
    };
    if !INSIDE_ANYTHING_BUT.contains(&name.as_str()) {
        return Err(Fault::here(argument.at, format!("\"{name}\" cannot stand inside anything-but"))
            .ruler(format!("Unsupported anything-but pattern: {name}"))
            .found(name.as_str())
            .allowed(INSIDE_ANYTHING_BUT)
            .suggest(nearest(name, INSIDE_ANYTHING_BUT)));
    }
    if dialect == Dialect::Lambda {
        let what = format!("{name} inside anything-but");
        return Err(eventbridge_only(argument, &what, name).allowed(EXCLUDED));
    }
    let tests = excluded_texts(name, value).map_err(|fault| fault.inside_name(name))?;
    only(argument, members, TOO_MANY)?;
    Ok(Test::AnythingBut(tests))
}

fn excluded_texts(name: &str, value: &Tree) -> Result<Vec<Test>, Refusal> {
    match &value.value {
        Value::Array(values) if values.is_empty() => Err(Fault::here(value.at, "an empty list inside anything-but")
            .found("an empty list")
            .allowed(&["a string", "strings"])),
        Value::Array(values) => {
            let tests = values.iter().enumerate();
            let tests = tests
                .map(|(index, value)| excluded_text(name, value).map_err(|fault| fault.inside(Step::Index(index))));
            tests.collect()
        }
        Value::Text(_) | Value::Number(_) => Ok(vec![excluded_text(name, value)?]),
        _ => Err(excluded_kind(value)),
    }
}

fn excluded_text(name: &str, value: &Tree) -> Made {
    let ruler = match name {
        "equals-ignore-case" => {
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        }
        "wildcard" => "wildcard match pattern must be a string",
        _ => "prefix/suffix match pattern must be a string",
    };
    let text = string(value, ruler)?;
    match name {
        "prefix" | "suffix" if text.is_empty() => {
            Err(Fault::here(value.at, format!("an empty {name} inside anything-but would exclude every string"))
                .ruler("Null prefix/suffix not allowed")
                .found("an empty string"))
        }
        "prefix" => Ok(Test::Prefix(text.to_owned())),
        "suffix" => Ok(Test::Suffix(text.to_owned())),
        "wildcard" => wildcard(value, Dialect::EventBridge),
        _ => Ok(Test::Folded(folded(text))),
    }
}
