//! The operator `numeric`: comparisons with one or two numbers.

use super::expression::{Made, TOO_MANY};
use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use super::pattern::{Bound, Range, Test};
use crate::core::error::Step;
use crate::core::number::Number;

const NUMERIC: &[&str] = &["<", "<=", "=", ">", ">="];

/// Reads what stands behind `numeric`.
pub fn numeric(argument: &Tree) -> Made {
    let Value::Array(terms) = &argument.value else {
        return Err(Fault::here(
            argument.at,
            format!("numeric has a list such as [\">\", 0, \"<=\", 5], found {}", argument.kind()),
        )
        .ruler("Value of numeric must be an array.")
        .found(argument.kind())
        .allowed(&["an array"]));
    };
    range(argument, terms)
}

fn range(argument: &Tree, terms: &[Tree]) -> Made {
    let (word, rest) = comparison(argument, terms)?;
    let (number, rest) = term(argument, word, rest, 1)?;
    let inclusive = word.len() > 1 || word == "=";
    let first = Bound { number: number?, inclusive };
    match (word, rest) {
        ("=", []) => Ok(Test::Range(Range { low: Some(first.clone()), high: Some(first) })),
        (">" | ">=", []) => Ok(Test::Range(Range { low: Some(first), high: None })),
        (_, []) => Ok(Test::Range(Range { low: None, high: Some(first) })),
        (">" | ">=", [next, rest @ ..]) => upper(argument, next, rest, first),
        (_, [next, ..]) => Err(Fault::here(
            next.at,
            format!("after {word} and its number nothing follows: a range starts with > or >="),
        )
        .ruler(TOO_MANY)
        .found(next.token())
        .inside(Step::Index(2))),
    }
}

/// The word at the start.
fn comparison<'a>(argument: &Tree, terms: &'a [Tree]) -> Result<(&'a str, &'a [Tree]), Refusal> {
    let invalid = |at, token: &str, found: &str| {
        Fault::here(at, "numeric starts with one of = < <= > >=")
            .ruler(format!("Invalid member in numeric match: {token}"))
            .found(found)
            .allowed(NUMERIC)
    };
    match terms.split_first() {
        None => Err(invalid(argument.at, "]", "an empty list")),
        Some((Tree { value: Value::Text(word), .. }, rest)) if NUMERIC.contains(&word.as_str()) => Ok((word, rest)),
        Some((Tree { value: Value::Text(word), at }, _)) => {
            Err(Fault::here(*at, format!("\"{word}\" compares no numbers: numeric knows = < <= > >="))
                .ruler(format!("Unrecognized numeric range operator: {word}"))
                .found(word.as_str())
                .allowed(NUMERIC)
                .suggest((word == "==").then_some("="))
                .inside(Step::Index(0)))
        }
        Some((other, _)) => Err(invalid(other.at, other.token(), other.kind()).inside(Step::Index(0))),
    }
}

type Term<'a> = (Result<Number, Refusal>, &'a [Tree]);

/// The number behind a word. Whether it can be compared is said last, as event-ruler does.
fn term<'a>(argument: &Tree, word: &str, rest: &'a [Tree], index: usize) -> Result<Term<'a>, Refusal> {
    let name = if word == "=" { "equals" } else { word };
    let wrong = |at, found: &str| {
        Fault::here(at, format!("behind {word} stands a number, found {found}"))
            .ruler(format!("Value of {name} must be numeric"))
            .found(found)
            .allowed(&["a number"])
            .inside(Step::Index(index))
    };
    match rest.split_first() {
        Some((Tree { value: Value::Number(text), at }, rest)) => {
            Ok((comparable(text, *at).map_err(|fault| fault.inside(Step::Index(index))), rest))
        }
        Some((other, _)) => Err(wrong(other.at, other.kind())),
        None => Err(wrong(argument.at, "nothing")),
    }
}

/// A number that can be compared.
pub fn comparable(text: &str, at: Option<usize>) -> Result<Number, Refusal> {
    Number::parse_any_size(text.as_bytes()).map_err(|_| {
        Fault::here(at, "the exponent of the number is too large to compare it")
            .ruler(format!("Cannot compare number : {text}"))
            .found(text)
    })
}

/// The upper end of a range.
fn upper(argument: &Tree, next: &Tree, rest: &[Tree], low: Bound) -> Made {
    let Value::Text(word) = &next.value else {
        return Err(Fault::here(next.at, format!("a range goes on with < or <=, found {}", next.kind()))
            .ruler(format!("Bad value in numeric range: {}", next.token()))
            .found(next.token())
            .allowed(&["<", "<="])
            .inside(Step::Index(2)));
    };
    if word != "<" && word != "<=" {
        return Err(Fault::here(next.at, format!("a range goes on with < or <=, found \"{word}\""))
            .ruler(format!("Bad numeric range operator: {word}"))
            .found(word.as_str())
            .allowed(&["<", "<="])
            .inside(Step::Index(2)));
    }
    let (number, rest) = term(argument, word, rest, 3)?;
    if let Some(more) = rest.first() {
        return Err(Fault::here(more.at, "a range has two ends and no more")
            .ruler("Too many terms in numeric range expression")
            .found(more.token())
            .inside(Step::Index(4)));
    }
    let high = Bound { number: number?, inclusive: word == "<=" };
    if low.number >= high.number {
        return Err(Fault::here(argument.at, "the lower end of a range must be less than the upper end")
            .ruler("Bottom must be less than top"));
    }
    Ok(Test::Range(Range { low: Some(low), high: Some(high) }))
}
