//! What of one path Lambda can be asked for, and why not for the rest.

use super::address::address;
use super::compile::{Leaf, attribute_of};
use super::criteria::write;
use super::dialect::Dialect;
use super::expression::expression;
use super::parse::{Tree, Value};
use super::paths::TAGS;
use super::pattern::{Change, Test};
use crate::core::json::write_string;
use crate::core::number::Number;

/// What a Lambda pattern asks of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The path, each type in it.
    pub path: String,
    /// The values of its list, as compact JSON.
    pub list: Vec<String>,
}

/// Conditions all of which must hold.
pub type Conjunction = Vec<Condition>;

/// Why something cannot be written.
pub type Obstacle = String;

/// The alternatives that a leaf has.
pub fn of_leaf(leaf: &Leaf, dialect: Dialect) -> Result<Vec<Conjunction>, Vec<Obstacle>> {
    let Ok(Value::Array(elements)) = Tree::parse(&leaf.written).map(|tree| tree.value) else {
        return Err(vec!["its list cannot be read".to_owned()]);
    };
    let mut obstacles = Vec::new();
    if leaf.loose {
        obstacles.push(left_out(leaf));
    }
    let (mut list, mut choices) = (Vec::new(), Vec::new());
    let digits = dialect == Dialect::Extended && is_digits(leaf);
    for (element, test) in elements.iter().zip(&leaf.tests) {
        let made = match test {
            Test::Change(change) => of_change(change, leaf).map(|made| choices.push(made)),
            _ => of_value(element, test, digits).map(|value| list.push(value)),
        };
        if let Err(obstacle) = made
            && !obstacles.contains(&obstacle)
        {
            obstacles.push(obstacle);
        }
    }
    if !list.is_empty() {
        choices.push(vec![Condition { path: leaf.path.clone(), list }]);
    }
    if obstacles.is_empty() { Ok(choices) } else { Err(obstacles) }
}

/// Whether the values of a path are numbers that are written as text.
fn is_digits(leaf: &Leaf) -> bool {
    let tag = tag_of(leaf);
    attribute_of(&leaf.path).is_some() && (tag == "N" || tag == "NS" || leaf.typed && told(&leaf.tests) == "N")
}

fn tag_of(leaf: &Leaf) -> &str {
    leaf.path.rsplit('.').next().unwrap_or_default()
}

/// A value of several types is looked for in sets and lists, too, however deep these lie.
fn left_out(leaf: &Leaf) -> Obstacle {
    let named = attribute_of(&leaf.path).map(|attribute| attribute.names).unwrap_or_default();
    let mut steps: Vec<&str> = leaf.path.split('.').take(2).collect();
    let mut is_value = false;
    for step in leaf.path.split('.').skip(2) {
        let is_tag = is_value && TAGS.contains(&step);
        if is_value && !is_tag {
            steps.push("M");
        }
        steps.push(step);
        is_value = !is_tag || step == "L";
    }
    if leaf.typed {
        steps.push(told(&leaf.tests));
    }
    format!(
        "it leaves types out, so that lists are looked into, too, and at its end sets: name them all, such as {} if {} is of that type",
        steps.join("."),
        named.last().map_or("it", String::as_str)
    )
}

/// The type that a list asks for first.
fn told(tests: &[Test]) -> &'static str {
    match tests.first() {
        Some(Test::Number { .. } | Test::Range(_)) => "N",
        Some(Test::Boolean(_)) => "BOOL",
        Some(Test::Null) => "NULL",
        Some(Test::AnythingBut(tests) | Test::All(tests)) => told(tests),
        Some(Test::ContainsAll(tests)) if told(tests) == "N" => "NS",
        Some(Test::ContainsAll(_)) => "SS",
        Some(Test::Change(Change::FromTo(_, to))) => told(std::slice::from_ref(to)),
        _ => "S",
    }
}

fn text(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text);
    out
}

fn operator(name: &str, argument: &str) -> String {
    format!("{{\"{name}\":{argument}}}")
}

fn anything_but(values: &[String]) -> String {
    operator("anything-but", &format!("[{}]", values.join(",")))
}

/// A value of a list. `digits`: numbers are asked for where there is text.
fn of_value(element: &Tree, test: &Test, digits: bool) -> Result<String, Obstacle> {
    if digits && test.all().iter().any(|test| matches!(test, Test::Number { .. } | Test::Range(_))) {
        return match test {
            Test::Number { value: Some(number), .. } => Ok(text(&digits_of(number)?)),
            Test::AnythingBut(tests) => excluded(tests, true),
            _ => Err("Lambda compares no N as a number".to_owned()),
        };
    }
    if expression(element, Dialect::Lambda).is_ok() {
        let mut out = String::new();
        write(&mut out, element);
        return Ok(out);
    }
    match test {
        Test::Text(wanted) => literal(wanted),
        Test::Wildcard(wildcard) => match wildcard.pieces() {
            [only] => literal(only),
            [start, end] if end.is_empty() => Ok(operator("prefix", &text(start))),
            [start, end] if start.is_empty() => Ok(operator("suffix", &text(end))),
            _ => Err("a wildcard that is neither a prefix nor a suffix".to_owned()),
        },
        Test::AnythingBut(tests) => excluded(tests, false),
        _ => Err(missing(test).to_owned()),
    }
}

/// What Lambda does not have.
fn missing(test: &Test) -> &'static str {
    match test {
        Test::ContainsAll(_) => "contains-all",
        Test::Regex(_) => "regex",
        Test::FoldedWildcard(_) => "a wildcard that ignores case",
        Test::Cidr(_) => "cidr",
        Test::All(_) => "several operators that must hold at once",
        Test::FoldedPrefix(_) | Test::FoldedSuffix(_) => "a prefix or suffix that ignores case",
        Test::Range(_) => "Lambda compares no N as a number",
        Test::Address(_) => "text that looks like an IP address is compared as one",
        _ => "an operator that Lambda does not have there",
    }
}

/// Text that Lambda would take for an IP address means more there than itself.
fn literal(wanted: &str) -> Result<String, Obstacle> {
    if address(wanted).is_some() {
        return Err("text that looks like an IP address is compared as one".to_owned());
    }
    Ok(text(wanted))
}

/// `anything-but`, or `$not` with values of one type.
fn excluded(tests: &[Test], digits: bool) -> Result<String, Obstacle> {
    let mut written = Vec::new();
    let mut numbers = 0;
    for test in tests {
        match test {
            Test::Text(excluded) => written.push(text(excluded)),
            Test::Number { value: Some(number), .. } if digits => written.push(text(&digits_of(number)?)),
            Test::Number { text, value: Some(_) } => {
                numbers += 1;
                written.push(text.clone());
            }
            _ => return Err("anything-but or $not with an operator inside".to_owned()),
        }
    }
    if numbers != 0 && numbers != tests.len() {
        return Err("$not with values of several types".to_owned());
    }
    Ok(anything_but(&written))
}

/// A change between two values is two conditions, if they leave no room for a value that stays.
fn of_change(change: &Change, leaf: &Leaf) -> Result<Conjunction, Obstacle> {
    let (from, to) = match change {
        Change::Any => {
            return Err("Lambda compares no images: name the values, as in {\"changed\": [from, to]}".to_owned());
        }
        Change::FromTo(from, to) => (&**from, &**to),
        Change::Added => (&Test::Absent, &Test::Exists),
        Change::Removed => (&Test::Exists, &Test::Absent),
    };
    if !excludes(from, to) && !excludes(to, from) {
        return Err("a value that stays the same would match, too".to_owned());
    }
    let named = attribute_of(&leaf.path).map_or(0, |attribute| attribute.names.len());
    if !leaf.loose && leaf.path.split('.').count() != 2 + 2 * named {
        return Err("a change inside of a list".to_owned());
    }
    let tag = if leaf.typed { told(std::slice::from_ref(to)) } else { tag_of(leaf) };
    let rest = leaf.path.splitn(3, '.').nth(2).unwrap_or_default();
    let side = |image: &str, test: &Test| {
        of_side(test, tag).map(|value| Condition { path: format!("dynamodb.{image}.{rest}"), list: vec![value] })
    };
    Ok(vec![side("OldImage", from)?, side("NewImage", to)?])
}

/// A value before or after a change, at a path that ends with a type.
fn of_side(test: &Test, tag: &str) -> Result<String, Obstacle> {
    let of_type = match (tag, test) {
        (_, Test::Absent | Test::Exists) => true,
        ("S" | "B", Test::AnythingBut(tests)) => tests.iter().all(|test| matches!(test, Test::Text(_))),
        ("N", Test::AnythingBut(tests)) => tests.iter().all(|test| matches!(test, Test::Number { .. })),
        ("S" | "B", _) => !matches!(test, Test::Number { .. } | Test::Range(_) | Test::Boolean(_) | Test::Null),
        ("N", _) => matches!(test, Test::Number { .. } | Test::Range(_)),
        ("BOOL", _) => matches!(test, Test::Boolean(_)),
        ("NULL", _) => matches!(test, Test::Null),
        _ => false,
    };
    if !of_type {
        return Err(format!("a change of {tag} to or from a value of another type"));
    }
    Ok(match test {
        Test::Text(wanted) => literal(wanted)?,
        Test::Prefix(start) => operator("prefix", &text(start)),
        Test::Suffix(end) => operator("suffix", &text(end)),
        Test::Folded(folded) => operator("equals-ignore-case", &text(folded)),
        Test::Number { value: Some(number), .. } => text(&digits_of(number)?),
        Test::Boolean(value) => value.to_string(),
        // NULL holds true on the wire.
        Test::Null => "true".to_owned(),
        Test::Exists => operator("exists", "true"),
        Test::Absent => operator("exists", "false"),
        Test::AnythingBut(tests) => excluded(tests, tag == "N")?,
        _ => return Err(missing(test).to_owned()),
    })
}

/// Whether what is exactly one value is none that another test takes.
fn excludes(one: &Test, other: &Test) -> bool {
    use crate::core::value::Value as Held;
    let value = match one {
        Test::Text(text) => Held::String(text.clone()),
        Test::Number { value: Some(number), .. } => Held::Number(number.clone()),
        Test::Boolean(value) => Held::Boolean(*value),
        Test::Null => Held::Null,
        Test::Absent => return *other != Test::Absent,
        _ => return false,
    };
    !other.passes_value(Some(&value))
}

/// The digits as DynamoDB gives them back.
fn digits_of(number: &Number) -> Result<String, Obstacle> {
    number.plain_text().ok_or_else(|| "no N is that large or small".to_owned())
}
