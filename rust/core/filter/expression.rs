//! One value of a pattern's list, a literal or an operator, to a Test.

use super::address::{Broken as BrokenAddress, Network, address};
use super::dialect::Dialect;
use super::fault::{Fault, Refusal};
use super::fold::folded;
use super::parse::{Tree, Value};
use super::pattern::{Bound, Change, Expression, Range, Test};
use super::suggest::nearest;
use super::wildcard::{Broken as BrokenWildcard, Wildcard};
use crate::core::error::Step;
use crate::core::number::Number;

type Made = Result<Test, Refusal>;

/// The operators that may stand inside anything-but.
const INSIDE_ANYTHING_BUT: &[&str] = &["equals-ignore-case", "prefix", "suffix", "wildcard"];

const NUMERIC: &[&str] = &["<", "<=", "=", ">", ">="];

const TOO_MANY: &str = "Too many elements in numeric expression";
const ONE_KEY: &str = "Only one key allowed in match expression";

/// Reads one value of a list.
pub fn expression(tree: &Tree, dialect: Dialect) -> Made {
    match &tree.value {
        Value::Text(text) => Ok(address(text).map_or_else(|| Test::Text(text.clone()), Test::Address)),
        Value::Number(text) => Ok(literal_number(text)),
        Value::Boolean(value) => Ok(Test::Boolean(*value)),
        Value::Null => Ok(Test::Null),
        Value::Object(members) => operator(tree, members, dialect),
        Value::Array(_) => Err(Fault::here(
            tree.at,
            "a list of values holds strings, numbers, true, false, null and operators, found an array",
        )
        .ruler("Match value must be String, number, true, false, or null")
        .found("an array")),
    }
}

fn literal_number(text: &str) -> Test {
    Test::Number { text: text.to_owned(), value: Number::parse_any_size(text.as_bytes()).ok() }
}

fn operator(tree: &Tree, members: &[(String, Tree)], dialect: Dialect) -> Made {
    let Some((name, argument)) = members.first() else {
        return Err(Fault::here(tree.at, "an empty object: an operator such as {\"prefix\": \"a\"} is expected")
            .ruler("Match expression name not found")
            .allowed(dialect.operators()));
    };
    if dialect == Dialect::Extended {
        return several(tree, members);
    }
    known(tree, name, dialect)?;
    let test = named(name, argument, dialect).map_err(|fault| fault.inside_name(name).operator(name))?;
    let many = if matches!(name.as_str(), "numeric" | "anything-but") { TOO_MANY } else { ONE_KEY };
    only(tree, members, many).map_err(|fault| fault.operator(name))?;
    Ok(test)
}

fn known(tree: &Tree, name: &str, dialect: Dialect) -> Result<(), Refusal> {
    if dialect.operators().contains(&name) {
        return Ok(());
    }
    Err(unknown(tree, name, dialect).inside_name(name))
}

/// The operators of one object, all of which must hold.
fn several(tree: &Tree, members: &[(String, Tree)]) -> Made {
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
        Test::Change(Change::Any | Change::FromTo(..)) => Some("changed"),
        Test::Change(Change::Added) => Some("added"),
        Test::Change(Change::Removed) => Some("removed"),
        Test::ContainsAll(_) => Some("contains-all"),
        _ => None,
    });
    match stray {
        None => Ok(()),
        Some(name) => Err(Fault::here(
            tree.at,
            format!("{name} cannot be put together with other operators in one place: use $and around two patterns"),
        )
        .operator(name)),
    }
}

fn only(tree: &Tree, members: &[(String, Tree)], ruler: &str) -> Result<(), Refusal> {
    match members.get(1) {
        None => Ok(()),
        Some((second, _)) => Err(Fault::here(
            tree.at,
            "one operator in one object: give each its own in the list, any of which may match",
        )
        .ruler(ruler)
        .found(second.as_str())),
    }
}

fn unknown(tree: &Tree, name: &str, dialect: Dialect) -> Refusal {
    let ruler = format!("Unrecognized match type {name}");
    let all = dialect.operators();
    let fault = match Dialect::of_operator(name) {
        Some(other) => Fault::here(
            tree.at,
            format!("\"{name}\" is an operator of the {} dialect only, and this is {}", other.name(), dialect.name()),
        ),
        None => match nearest(name, all) {
            Some(near) => {
                Fault::here(tree.at, format!("\"{name}\" is no operator: did you mean \"{near}\"?")).suggest(Some(near))
            }
            None => Fault::here(tree.at, format!("\"{name}\" is no operator")),
        },
    };
    fault.ruler(ruler).operator(name).found(name).allowed(all)
}

fn named(name: &str, argument: &Tree, dialect: Dialect) -> Made {
    match name {
        "prefix" => affix(argument, dialect, "prefix", Test::Prefix, Test::FoldedPrefix),
        "suffix" => affix(argument, dialect, "suffix", Test::Suffix, Test::FoldedSuffix),
        "equals-ignore-case" => {
            string(argument, "equals-ignore-case match pattern must be a string").map(|text| Test::Folded(folded(text)))
        }
        "exactly" => string(argument, "exact match pattern must be a string").map(|text| Test::Text(text.to_owned())),
        "wildcard" => wildcard(argument, dialect),
        "cidr" => cidr(argument),
        "exists" => exists(argument),
        "numeric" => numeric(argument),
        "anything-but" => anything_but(argument, dialect),
        _ => of_ours(name, argument),
    }
}

/// The operators that only tailrace has.
fn of_ours(name: &str, argument: &Tree) -> Made {
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
    expression.ok_or_else(|| Fault::here(argument.at, "the regular expression cannot be read, or is too large"))
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
    Err(Fault::here(argument.at, format!("true is expected, found {}", argument.kind()))
        .found(argument.kind())
        .allowed(&["true"]))
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
        let test = expression(tree, Dialect::Extended)?;
        match test {
            Test::Absent => Ok(test),
            test => values_only(tree, std::slice::from_ref(&test)).map(|()| test),
        }
        .map_err(|fault: Refusal| fault.inside(Step::Index(index)))
    };
    Ok(Test::Change(Change::FromTo(Box::new(side(0, from)?), Box::new(side(1, to)?))))
}

fn string<'a>(argument: &'a Tree, ruler: &str) -> Result<&'a str, Refusal> {
    match &argument.value {
        Value::Text(text) => Ok(text),
        _ => Err(Fault::here(argument.at, format!("a string is expected, found {}", argument.kind()))
            .ruler(ruler)
            .found(argument.kind())
            .allowed(&["a string"])),
    }
}

/// prefix and suffix, plain or with equals-ignore-case inside.
fn affix(
    argument: &Tree,
    dialect: Dialect,
    name: &str,
    plain: fn(String) -> Test,
    ignoring_case: fn(String) -> Test,
) -> Made {
    let Value::Object(members) = &argument.value else {
        return string(argument, &format!("{name} match pattern must be a string")).map(|text| plain(text.to_owned()));
    };
    let Some((inner, value)) = members.first() else {
        let capital = if name == "prefix" { "Prefix" } else { "Suffix" };
        return Err(Fault::here(argument.at, format!("an empty object inside {name}: a string is expected"))
            .ruler(format!("{capital} expression name not found"))
            .allowed(&["a string"]));
    };
    if inner != "equals-ignore-case" {
        return Err(Fault::here(
            argument.at,
            format!("\"{inner}\" cannot stand inside {name}: only equals-ignore-case can"),
        )
        .ruler(format!("Unsupported {name} pattern: {inner}"))
        .found(inner.as_str())
        .allowed(&["a string", "equals-ignore-case"])
        .suggest(nearest(inner, &["equals-ignore-case"])));
    }
    if dialect == Dialect::Lambda {
        return Err(eventbridge_only(argument, &format!("equals-ignore-case inside {name}"), inner));
    }
    let text =
        string(value, "equals-ignore-case match pattern must be a string").map_err(|fault| fault.inside_name(inner))?;
    only(argument, members, ONE_KEY)?;
    Ok(ignoring_case(folded(text)))
}

fn eventbridge_only(tree: &Tree, what: &str, found: &str) -> Refusal {
    Fault::here(tree.at, format!("{what} is of the eventbridge dialect only, and this is lambda")).found(found)
}

fn wildcard(argument: &Tree, dialect: Dialect) -> Made {
    if let (Dialect::Extended, Value::Object(members)) = (dialect, &argument.value)
        && let [(inner, value)] = members.as_slice()
        && inner == "equals-ignore-case"
    {
        let text = string(value, "").map_err(|fault| fault.inside_name(inner))?;
        let wildcard = Wildcard::parse(text).map_err(|broken| broken_wildcard(value, broken).inside_name(inner))?;
        return Ok(Test::FoldedWildcard(wildcard.ignoring_case()));
    }
    let text = string(argument, "wildcard match pattern must be a string")?;
    Wildcard::parse(text).map(Test::Wildcard).map_err(|broken| broken_wildcard(argument, broken))
}

/// event-ruler counts the quote before the text.
fn broken_wildcard(tree: &Tree, broken: BrokenWildcard) -> Refusal {
    match broken {
        BrokenWildcard::Consecutive(at) => {
            Fault::here(tree.at, format!("two * in a row, the first at byte {at} of the text: one stands for any text"))
                .ruler(format!("Consecutive wildcard characters at pos {}", at + 1))
                .found("**")
                .allowed(&["*"])
        }
        BrokenWildcard::Escape(at) => {
            Fault::here(tree.at, format!("a backslash at byte {at} of the text stands before neither * nor backslash"))
                .ruler(format!("Invalid escape character at pos {}", at + 1))
                .found("\\")
                .allowed(&["\\*", "\\\\"])
        }
    }
}

fn cidr(argument: &Tree) -> Made {
    // The text that event-ruler gives here names another operator.
    let text = string(argument, "prefix match pattern must be a string")?;
    Network::parse(text).map(Test::Cidr).map_err(|broken| broken_network(argument, &broken))
}

fn broken_network(tree: &Tree, broken: &BrokenAddress) -> Refusal {
    let (reason, ruler) = match broken {
        BrokenAddress::Slash => {
            ("a range of addresses has one /".to_owned(), "Malformed CIDR, one '/' required".to_owned())
        }
        BrokenAddress::NoInteger => (
            "the number of bits behind the / is no integer".to_owned(),
            "Malformed CIDR, mask bits must be an integer".to_owned(),
        ),
        BrokenAddress::Negative => (
            "the number of bits behind the / is negative".to_owned(),
            "Malformed CIDR, mask bits must not be negative".to_owned(),
        ),
        BrokenAddress::NoAddress(text) => {
            ("what stands before the / is no IP address".to_owned(), format!("Nonstandard IP address: {text}"))
        }
        BrokenAddress::Invalid(text) => {
            ("the IP address before the / is not valid".to_owned(), format!("Invalid IP address: {text}"))
        }
        BrokenAddress::TooLongFor4 => (
            "a range of IPv4 addresses has 0 to 31 bits: write a single address as a string of its own".to_owned(),
            "IPv4 mask bits must be < 32".to_owned(),
        ),
        BrokenAddress::TooLongFor6 => (
            "a range of IPv6 addresses has 0 to 127 bits: write a single address as a string of its own".to_owned(),
            "IPv6 mask bits must be < 128".to_owned(),
        ),
    };
    Fault::here(tree.at, reason).ruler(ruler).found(tree.token()).allowed(&["10.0.0.0/24", "2001:db8::/32"])
}

fn exists(argument: &Tree) -> Made {
    match argument.value {
        Value::Boolean(true) => Ok(Test::Exists),
        Value::Boolean(false) => Ok(Test::Absent),
        _ => Err(Fault::here(argument.at, format!("exists is true or false, found {}", argument.kind()))
            .ruler("exists match pattern must be either true or false.")
            .found(argument.kind())
            .allowed(&["true", "false"])),
    }
}

fn numeric(argument: &Tree) -> Made {
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
    let invalid = |at, found: &str| {
        Fault::here(at, "numeric starts with one of = < <= > >=")
            .ruler(format!("Invalid member in numeric match: {found}"))
            .found(found)
            .allowed(NUMERIC)
    };
    match terms.split_first() {
        None => Err(invalid(argument.at, "]")),
        Some((Tree { value: Value::Text(word), .. }, rest)) if NUMERIC.contains(&word.as_str()) => Ok((word, rest)),
        Some((Tree { value: Value::Text(word), at }, _)) => {
            Err(Fault::here(*at, format!("\"{word}\" compares no numbers: numeric knows = < <= > >="))
                .ruler(format!("Unrecognized numeric range operator: {word}"))
                .found(word.as_str())
                .allowed(NUMERIC)
                .suggest((word == "==").then_some("="))
                .inside(Step::Index(0)))
        }
        Some((other, _)) => Err(invalid(other.at, other.token()).inside(Step::Index(0))),
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

fn comparable(text: &str, at: Option<usize>) -> Result<Number, Refusal> {
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

fn anything_but(argument: &Tree, dialect: Dialect) -> Made {
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
    .allowed(&["a string", "a number", "an array"])
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
    let texts = tests.iter().filter(|test| matches!(test, Test::Text(_))).count();
    if tests.is_empty() || (texts != 0 && texts != tests.len()) {
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
        return Err(eventbridge_only(argument, &format!("{name} inside anything-but"), name));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Made {
        expression(&Tree::parse(text).unwrap(), Dialect::EventBridge)
    }

    /// Every message of event-ruler about one value.
    #[test]
    fn broken_values_are_told_in_the_words_of_event_ruler() {
        for (text, ruler) in [
            ("[]", "Match value must be String, number, true, false, or null"),
            ("{}", "Match expression name not found"),
            (r#"{"prefix":"M","suffix":"Y"}"#, "Only one key allowed in match expression"),
            (r#"{"regex":"M"}"#, "Unrecognized match type regex"),
            (r#"{"exactly":1}"#, "exact match pattern must be a string"),
            (r#"{"prefix":1}"#, "prefix match pattern must be a string"),
            (r#"{"suffix":["x"]}"#, "suffix match pattern must be a string"),
            (r#"{"equals-ignore-case":null}"#, "equals-ignore-case match pattern must be a string"),
            (r#"{"wildcard":true}"#, "wildcard match pattern must be a string"),
            (r#"{"cidr":8}"#, "prefix match pattern must be a string"),
            (r#"{"prefix":{}}"#, "Prefix expression name not found"),
            (r#"{"suffix":{}}"#, "Suffix expression name not found"),
            (r#"{"prefix":{"suffix":"x"}}"#, "Unsupported prefix pattern: suffix"),
            (r#"{"suffix":{"prefix":"x"}}"#, "Unsupported suffix pattern: prefix"),
            (r#"{"prefix":{"equals-ignore-case":1}}"#, "equals-ignore-case match pattern must be a string"),
            (r#"{"prefix":{"equals-ignore-case":"a","x":1}}"#, "Only one key allowed in match expression"),
            (r#"{"wildcard":"a**b"}"#, "Consecutive wildcard characters at pos 2"),
            (r#"{"wildcard":"a\\nb"}"#, "Invalid escape character at pos 2"),
            (r#"{"wildcard":"ab\\"}"#, "Invalid escape character at pos 3"),
            (r#"{"cidr":"10.0.0.0"}"#, "Malformed CIDR, one '/' required"),
            (r#"{"cidr":"10.0.0.0/x"}"#, "Malformed CIDR, mask bits must be an integer"),
            (r#"{"cidr":"10.0.0.0/-1"}"#, "Malformed CIDR, mask bits must not be negative"),
            (r#"{"cidr":"10.0.0.0/32"}"#, "IPv4 mask bits must be < 32"),
            (r#"{"cidr":"::/128"}"#, "IPv6 mask bits must be < 128"),
            (r#"{"cidr":"host/8"}"#, "Nonstandard IP address: host"),
            (r#"{"cidr":"10.0.0.256/8"}"#, "Invalid IP address: 10.0.0.256"),
            (r#"{"exists":"true"}"#, "exists match pattern must be either true or false."),
            (r#"{"numeric":5}"#, "Value of numeric must be an array."),
            (r#"{"numeric":[]}"#, "Invalid member in numeric match: ]"),
            (r#"{"numeric":[5]}"#, "Invalid member in numeric match: 5"),
            (r#"{"numeric":["!=",1]}"#, "Unrecognized numeric range operator: !="),
            (r#"{"numeric":["=","1"]}"#, "Value of equals must be numeric"),
            (r#"{"numeric":[">","1"]}"#, "Value of > must be numeric"),
            (r#"{"numeric":["<="]}"#, "Value of <= must be numeric"),
            (r#"{"numeric":["=",1,2]}"#, "Too many elements in numeric expression"),
            (r#"{"numeric":["<",30,">",1]}"#, "Too many elements in numeric expression"),
            (r#"{"numeric":[">",1],"x":1}"#, "Too many elements in numeric expression"),
            (r#"{"numeric":[">",1,2]}"#, "Bad value in numeric range: 2"),
            (r#"{"numeric":[">",1,">",2]}"#, "Bad numeric range operator: >"),
            (r#"{"numeric":[">",1,"<","x"]}"#, "Value of < must be numeric"),
            (r#"{"numeric":[">",1,"<",2,3]}"#, "Too many terms in numeric range expression"),
            (r#"{"numeric":[">=",26,"<=",26]}"#, "Bottom must be less than top"),
            (r#"{"numeric":["=",1e9999999]}"#, "Cannot compare number : 1e9999999"),
            (r#"{"anything-but":[1e9999999]}"#, "Cannot compare number : 1e9999999"),
            (r#"{"anything-but":null}"#, "Value of anything-but must be an array or single string/number value."),
            (r#"{"anything-but":[null]}"#, "Inside anything but list, start|null|boolean is not supported."),
            (
                r#"{"anything-but":["a",1]}"#,
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            ),
            (
                r#"{"anything-but":[]}"#,
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            ),
            (r#"{"anything-but":{}}"#, "Anything-But expression name not found"),
            (r#"{"anything-but":{"numeric":[]}}"#, "Unsupported anything-but pattern: numeric"),
            (r#"{"anything-but":{"prefix":""}}"#, "Null prefix/suffix not allowed"),
            (r#"{"anything-but":{"suffix":["a",1]}}"#, "prefix/suffix match pattern must be a string"),
            (
                r#"{"anything-but":{"equals-ignore-case":1}}"#,
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            ),
            (r#"{"anything-but":{"wildcard":1}}"#, "wildcard match pattern must be a string"),
            (r#"{"anything-but":{"wildcard":"**"}}"#, "Consecutive wildcard characters at pos 1"),
            (
                r#"{"anything-but":{"prefix":true}}"#,
                "Value of anything-but must be an array or single string/number value.",
            ),
            (r#"{"anything-but":{"prefix":"a","x":1}}"#, "Too many elements in numeric expression"),
        ] {
            let fault = read(text).expect_err(text);
            assert_eq!(fault.ruler.as_deref(), Some(ruler), "{text}");
        }
        assert_eq!(read(r#"{"anything-but":{"prefix":[]}}"#).unwrap_err().ruler, None);
    }

    #[test]
    fn lambda_refuses_by_name_what_only_eventbridge_has() {
        for text in [
            r#"{"wildcard":"a*"}"#,
            r#"{"cidr":"10.0.0.0/8"}"#,
            r#"{"exactly":"a"}"#,
            r#"{"prefix":{"equals-ignore-case":"a"}}"#,
            r#"{"anything-but":{"prefix":"a"}}"#,
        ] {
            let tree = Tree::parse(text).unwrap();
            let fault = expression(&tree, Dialect::Lambda).expect_err(text);
            assert!(fault.reason.contains("eventbridge dialect only"), "{}", fault.reason);
            assert!(expression(&tree, Dialect::EventBridge).is_ok(), "{text}");
        }
    }
}
