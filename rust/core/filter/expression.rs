//! One value of a pattern's list, a literal or an operator, to a Test.

use super::address::{Broken as BrokenAddress, Network, address};
use super::dialect::Dialect;
use super::excluded::anything_but;
use super::fault::{Fault, Refusal};
use super::fold::folded;
use super::numeric::numeric;
use super::ours::{of_ours, several};
use super::parse::{Tree, Value};
use super::pattern::Test;
use super::suggest::nearest;
use super::wildcard::{Broken as BrokenWildcard, Wildcard};
use crate::core::number::Number;

pub(super) type Made = Result<Test, Refusal>;

pub(super) const TOO_MANY: &str = "Too many elements in numeric expression";
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

pub(super) fn literal_number(text: &str) -> Test {
    Test::Number { text: text.to_owned(), value: Number::parse_any_size(text.as_bytes()).ok() }
}

fn operator(tree: &Tree, members: &[(String, Tree)], dialect: Dialect) -> Made {
    let Some((name, argument)) = members.first() else {
        return Err(Fault::here(tree.at, "an empty object: an operator such as {\"prefix\": \"a\"} is expected")
            .ruler("Match expression name not found")
            .found("an empty object")
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

pub(super) fn known(tree: &Tree, name: &str, dialect: Dialect) -> Result<(), Refusal> {
    if dialect.operators().contains(&name) {
        return Ok(());
    }
    Err(unknown(tree, name, dialect).inside_name(name))
}

pub(super) fn only(tree: &Tree, members: &[(String, Tree)], ruler: &str) -> Result<(), Refusal> {
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

pub(super) fn named(name: &str, argument: &Tree, dialect: Dialect) -> Made {
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

pub(super) fn string<'a>(argument: &'a Tree, ruler: &str) -> Result<&'a str, Refusal> {
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
            .found("an empty object")
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
        let what = format!("equals-ignore-case inside {name}");
        return Err(eventbridge_only(argument, &what, inner).allowed(&["a string"]));
    }
    let text =
        string(value, "equals-ignore-case match pattern must be a string").map_err(|fault| fault.inside_name(inner))?;
    only(argument, members, ONE_KEY)?;
    Ok(ignoring_case(folded(text)))
}

pub(super) fn eventbridge_only(tree: &Tree, what: &str, found: &str) -> Refusal {
    Fault::here(tree.at, format!("{what} is of the eventbridge dialect only, and this is lambda")).found(found)
}

pub(super) fn wildcard(argument: &Tree, dialect: Dialect) -> Made {
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
    let wrong_network = |reason: &str, ruler: &str| {
        Fault::here(tree.at, reason).ruler(ruler).found(tree.token()).allowed(&["10.0.0.0/24", "2001:db8::/32"])
    };
    match broken {
        BrokenAddress::Slash => wrong_network("a range of addresses has one /", "Malformed CIDR, one '/' required"),
        BrokenAddress::NoInteger => wrong_network(
            "the number of bits behind the / is no integer",
            "Malformed CIDR, mask bits must be an integer",
        ),
        BrokenAddress::Negative => wrong_network(
            "the number of bits behind the / is negative",
            "Malformed CIDR, mask bits must not be negative",
        ),
        BrokenAddress::NoAddress(text) => {
            wrong_network("what stands before the / is no IP address", &format!("Nonstandard IP address: {text}"))
        }
        BrokenAddress::Invalid(text) => {
            wrong_network("the IP address before the / is not valid", &format!("Invalid IP address: {text}"))
        }
        BrokenAddress::TooLongFor4 => wrong_network(
            "a range of IPv4 addresses has 0 to 31 bits: write a single address as a string of its own",
            "IPv4 mask bits must be < 32",
        ),
        BrokenAddress::TooLongFor6 => wrong_network(
            "a range of IPv6 addresses has 0 to 127 bits: write a single address as a string of its own",
            "IPv6 mask bits must be < 128",
        ),
    }
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
