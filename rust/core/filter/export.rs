//! Filters as patterns that Lambda takes, or what of them it cannot express.

use super::address::address;
use super::compile::{Filters, Leaf, RESERVED, Rule, attribute_of};
use super::criteria::{Source, write};
use super::dialect::Dialect;
use super::expression::expression;
use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use super::pattern::{Change, Test};
use crate::core::limits::{FILTER_CHARACTERS, NUMBER_MAX_EXPONENT, NUMBER_MIN_EXPONENT};
use crate::core::number::Number;

/// A condition of a Lambda pattern: the steps of a path, and its list.
type Condition = (Vec<String>, Vec<Tree>);

/// Conditions all of which must hold.
type Conjunction = Vec<Condition>;

/// Why something cannot be written.
type Obstacle = String;

/// The texts of patterns that match what the filters match.
pub fn export(filters: &Filters, most: usize) -> Result<Vec<String>, Refusal> {
    let mut texts = Vec::new();
    for (index, (source, range)) in filters.sources.iter().zip(&filters.filters).enumerate() {
        let rules = filters.rules.get(range.clone()).unwrap_or_default();
        let patterns = patterns(filters, source, rules).map_err(|obstacles| refused(&obstacles, index))?;
        texts.extend(patterns);
    }
    if texts.len() > most {
        return Err(Fault::here(
            None,
            format!("Lambda would need {} filters, and at most {most} are allowed", texts.len()),
        )
        .found(texts.len().to_string())
        .allowed(&[&most.to_string()])
        .ours());
    }
    Ok(texts)
}

#[cold]
fn refused(obstacles: &[Obstacle], filter: usize) -> Refusal {
    let mut fault = Fault::here(None, format!("Lambda has no filter like this: {}", obstacles.join("; "))).ours();
    fault.filter = Some(filter);
    fault
}

fn patterns(filters: &Filters, source: &Source, rules: &[Rule]) -> Result<Vec<String>, Vec<Obstacle>> {
    // The two languages differ in what $or does to a path outside of it.
    let means_the_same = filters.dialect != Dialect::Extended;
    let tree = Tree { value: Value::Array(vec![source.tree.clone()]), at: None };
    if means_the_same && Filters::compile(&tree, Dialect::Lambda, 1).is_ok() {
        return Ok(vec![source.text.clone()]);
    }
    let (mut all, mut obstacles) = (Vec::new(), Vec::new());
    for rule in rules {
        match of_rule(filters, rule) {
            Ok(made) => all.extend(made),
            Err(obstacle) => obstacles.extend(obstacle),
        }
    }
    obstacles.dedup();
    if obstacles.is_empty() { Ok(joined(&merged(all))) } else { Err(obstacles) }
}

/// Alternatives that differ in one list only are one: any value of a list may match.
fn merged(all: Vec<Conjunction>) -> Vec<Conjunction> {
    let mut merged: Vec<Conjunction> = Vec::new();
    for one in all {
        if !merged.iter_mut().any(|other| is_taken_in(other, &one)) {
            merged.push(one);
        }
    }
    merged
}

fn is_taken_in(into: &mut Conjunction, one: &Conjunction) -> bool {
    let written = |list: &[Tree]| list.iter().map(text_of).collect::<Vec<_>>();
    if into.len() != one.len() || into.iter().zip(one).any(|((path, _), (other, _))| path != other) {
        return false;
    }
    let mut differing = into.iter_mut().zip(one).filter(|((_, list), (_, other))| written(list) != written(other));
    match (differing.next(), differing.next()) {
        (Some(((_, list), (_, more))), None) => {
            list.extend(more.iter().cloned());
            true
        }
        (None, _) => true,
        _ => false,
    }
}

/// One pattern with `$or`, or one for each alternative where a name or the length forbids that.
fn joined(all: &[Conjunction]) -> Vec<String> {
    let texts: Vec<String> = all.iter().map(|conditions| text_of(&object_of(conditions))).collect();
    let is_reserved = |conditions: &Conjunction| {
        conditions.iter().any(|(path, _)| path.iter().any(|name| RESERVED.contains(&name.as_str())))
    };
    if texts.len() < 2 || all.iter().any(is_reserved) {
        return texts;
    }
    let one = format!("{{\"$or\":[{}]}}", texts.join(","));
    if one.chars().count() > FILTER_CHARACTERS { texts } else { vec![one] }
}

fn text_of(tree: &Tree) -> String {
    let mut text = String::new();
    write(&mut text, tree);
    text
}

fn object_of(conditions: &[Condition]) -> Tree {
    let mut root = tree(Value::Object(Vec::new()));
    for (path, list) in conditions {
        put(&mut root, path, tree(Value::Array(list.clone())));
    }
    root
}

fn put(object: &mut Tree, path: &[String], list: Tree) {
    let (Value::Object(members), Some((name, rest))) = (&mut object.value, path.split_first()) else { return };
    if rest.is_empty() {
        members.push((name.clone(), list));
        return;
    }
    let place = members.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
        members.push((name.clone(), tree(Value::Object(Vec::new()))));
        members.len() - 1
    });
    if let Some((_, inner)) = members.get_mut(place) {
        put(inner, rest, list);
    }
}

fn tree(value: Value) -> Tree {
    Tree { value, at: None }
}

fn text(value: impl Into<String>) -> Tree {
    tree(Value::Text(value.into()))
}

fn operator(name: &str, argument: Tree) -> Tree {
    tree(Value::Object(vec![(name.to_owned(), argument)]))
}

/// The alternatives of one alternative: a list with values of several types becomes one for each type.
fn of_rule(filters: &Filters, rule: &Rule) -> Result<Vec<Conjunction>, Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    if !rule.nots.is_empty() {
        obstacles.push("$not has no counterpart".to_owned());
    }
    let mut all: Vec<Conjunction> = vec![Vec::new()];
    for leaf in rule.leaves.iter().filter_map(|&leaf| filters.leaf(leaf)) {
        match of_leaf(leaf, filters.dialect) {
            Ok(choices) => {
                all = all
                    .iter()
                    .flat_map(|one| choices.iter().map(move |more| [one.clone(), more.clone()].concat()))
                    .collect();
            }
            Err(obstacle) => obstacles.push(format!("{}: {obstacle}", leaf.path)),
        }
    }
    let twice = all
        .iter()
        .flatten()
        .find(|(path, _)| all.iter().any(|one| one.iter().filter(|(other, _)| other == path).count() > 1));
    if let Some((path, _)) = twice {
        obstacles.push(format!("{}: two conditions on one path", path.join(".")));
    }
    if obstacles.is_empty() { Ok(all) } else { Err(obstacles) }
}

fn of_leaf(leaf: &Leaf, dialect: Dialect) -> Result<Vec<Conjunction>, Obstacle> {
    let written = Tree::parse(&leaf.written).map(|tree| tree.value);
    let Ok(Value::Array(elements)) = written else {
        return Err("its list cannot be read".to_owned());
    };
    if leaf.compares.is_none() && !leaf.typed {
        let list =
            elements.iter().zip(&leaf.tests).map(|(element, test)| of_tagged(element, test, dialect, &leaf.path));
        let path = leaf.path.split('.').map(str::to_owned).collect();
        return Ok(vec![vec![(path, list.collect::<Result<_, _>>()?)]]);
    }
    let (names, _) = attribute_of(&leaf.path).ok_or("no path of an attribute")?;
    let image = leaf.path.split('.').nth(1).unwrap_or_default();
    let mut choices: Vec<Conjunction> = Vec::new();
    for test in &leaf.tests {
        if let Test::Change(change) = test {
            let tag = if leaf.typed { None } else { leaf.path.rsplit('.').next() };
            choices.push(of_change(change, &names, tag)?);
            continue;
        }
        let (tag, value) = of_typed(test)?;
        let path = attribute_path(image, &names, tag);
        match choices.iter_mut().find(|choice| matches!(choice.as_slice(), [(other, _)] if *other == path)) {
            Some(same) => same.iter_mut().for_each(|(_, list)| list.push(value.clone())),
            None => choices.push(vec![(path, vec![value])]),
        }
    }
    Ok(choices)
}

fn attribute_path(image: &str, names: &[String], tag: &str) -> Vec<String> {
    let mut path = vec!["dynamodb".to_owned(), image.to_owned()];
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            path.push("M".to_owned());
        }
        path.push(name.clone());
    }
    path.push(tag.to_owned());
    path
}

/// A value at a path that ends with its type, or outside of images.
fn of_tagged(element: &Tree, test: &Test, dialect: Dialect, path: &str) -> Result<Tree, Obstacle> {
    let digits = dialect == Dialect::Extended && matches!(path.rsplit('.').next(), Some("N" | "NS"));
    if digits && test.all().iter().any(|test| matches!(test, Test::Number { .. } | Test::Range(_))) {
        return match test {
            Test::Number { value: Some(number), .. } => Ok(text(digits_of(number)?)),
            _ => Err("Lambda compares no N as a number".to_owned()),
        };
    }
    if expression(element, Dialect::Lambda).is_ok() {
        return Ok(element.clone());
    }
    match test {
        Test::Text(wanted) => literal(wanted),
        Test::Wildcard(wildcard) => match wildcard.pieces() {
            [only] => literal(only),
            [start, end] if end.is_empty() => Ok(operator("prefix", text(start.clone()))),
            [start, end] if start.is_empty() => Ok(operator("suffix", text(end.clone()))),
            _ => Err("a wildcard that is neither a prefix nor a suffix".to_owned()),
        },
        Test::ContainsAll(_) => Err("contains-all".to_owned()),
        Test::Regex(_) => Err("regex".to_owned()),
        Test::FoldedWildcard(_) => Err("a wildcard that ignores case".to_owned()),
        Test::Cidr(_) => Err("cidr".to_owned()),
        Test::All(_) => Err("several operators that must hold at once".to_owned()),
        Test::FoldedPrefix(_) | Test::FoldedSuffix(_) => Err("a prefix or suffix that ignores case".to_owned()),
        Test::AnythingBut(tests) => excluded(tests),
        _ => Err("an operator that Lambda does not have".to_owned()),
    }
}

/// Text that Lambda would take for an IP address means more there than itself.
fn literal(wanted: &str) -> Result<Tree, Obstacle> {
    if address(wanted).is_some() {
        return Err("text that looks like an IP address is compared as one".to_owned());
    }
    Ok(text(wanted))
}

fn excluded(tests: &[Test]) -> Result<Tree, Obstacle> {
    let strings = tests.iter().map(|test| match test {
        Test::Text(excluded) => Ok(text(excluded.clone())),
        _ => Err("anything-but or $not with an operator inside".to_owned()),
    });
    Ok(operator("anything-but", tree(Value::Array(strings.collect::<Result<_, _>>()?))))
}

fn excluded_numbers(tests: &[Test]) -> Result<Tree, Obstacle> {
    let numbers = tests.iter().map(|test| match test {
        Test::Number { value: Some(number), .. } => digits_of(number).map(text),
        _ => Err("anything-but or $not with values of several types".to_owned()),
    });
    Ok(operator("anything-but", tree(Value::Array(numbers.collect::<Result<_, _>>()?))))
}

/// A value of an attribute whose type is told by the value.
fn of_typed(test: &Test) -> Result<(&'static str, Tree), Obstacle> {
    Ok(match test {
        Test::Text(wanted) => ("S", literal(wanted)?),
        Test::Prefix(start) => ("S", operator("prefix", text(start.clone()))),
        Test::Suffix(end) => ("S", operator("suffix", text(end.clone()))),
        Test::Folded(folded) => ("S", operator("equals-ignore-case", text(folded.clone()))),
        Test::Number { value: Some(number), .. } => ("N", text(digits_of(number)?)),
        Test::Boolean(value) => ("BOOL", tree(Value::Boolean(*value))),
        Test::Null => ("NULL", tree(Value::Boolean(true))),
        Test::AnythingBut(tests) if matches!(tests.as_slice(), [Test::Number { .. }, ..]) => {
            ("N", excluded_numbers(tests)?)
        }
        Test::AnythingBut(tests) => ("S", excluded(tests)?),
        Test::Range(_) => return Err("Lambda compares no N as a number".to_owned()),
        Test::Exists | Test::Absent => return Err("exists needs the type of the attribute there".to_owned()),
        Test::ContainsAll(_) => return Err("contains-all".to_owned()),
        Test::Regex(_) => return Err("regex".to_owned()),
        Test::All(_) => return Err("several operators that must hold at once".to_owned()),
        _ => return Err("an operator that Lambda does not have".to_owned()),
    })
}

/// A change between two values is two conditions, if they leave no room for a value that stays.
fn of_change(change: &Change, names: &[String], tag: Option<&str>) -> Result<Conjunction, Obstacle> {
    let Change::FromTo(from, to) = change else {
        return Err("Lambda compares no images: name the values, as in {\"changed\": [from, to]}".to_owned());
    };
    if !excludes(from, to) && !excludes(to, from) {
        return Err("a value that stays the same would match, too".to_owned());
    }
    let absent = || operator("exists", tree(Value::Boolean(false)));
    let typed = |test| of_typed(test).and_then(|(told, value)| Ok((one_type(tag, told)?, value)));
    let (old, new) = match (&**from, &**to) {
        (Test::Absent, to) => typed(to).map(|(tag, new)| ((tag, absent()), (tag, new)))?,
        (from, Test::Absent) => typed(from).map(|(tag, old)| ((tag, old), (tag, absent())))?,
        (from, to) => (typed(from)?, typed(to)?),
    };
    let side = |image, (tag, value)| (attribute_path(image, names, tag), vec![value]);
    Ok(vec![side("OldImage", old), side("NewImage", new)])
}

/// The type that a path ends with, or else the one that its value tells.
fn one_type<'a>(tag: Option<&'a str>, told: &'a str) -> Result<&'a str, Obstacle> {
    match tag {
        None => Ok(told),
        Some(tag) if tag == told || (tag, told) == ("B", "S") => Ok(tag),
        Some(tag) => Err(format!("a change of {tag} to or from a value of another type")),
    }
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

/// The digits as DynamoDB gives them back: no zeros that change nothing, no exponent.
fn digits_of(number: &Number) -> Result<String, Obstacle> {
    let text = number.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (digits, exponent) = text.split_once('E').unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or_default();
    if !(NUMBER_MIN_EXPONENT - NUMBER_MAX_EXPONENT..=NUMBER_MAX_EXPONENT).contains(&exponent) {
        return Err("no N is that large or small".to_owned());
    }
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or_default();
    if exponent >= 0 {
        return Ok(format!("{sign}{digits}{}", "0".repeat(places)));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    Ok(format!("{sign}{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_plain() {
        for (text, wanted) in [
            ("15.0", "15"),
            ("9.50", "9.5"),
            ("-0.05", "-0.05"),
            ("1E+3", "1000"),
            ("0", "0"),
            ("-120", "-120"),
            ("1E-3", "0.001"),
        ] {
            assert_eq!(digits_of(&Number::parse(text.as_bytes()).unwrap()).as_deref(), Ok(wanted), "{text}");
        }
        assert!(digits_of(&Number::parse_any_size(b"1E+999").unwrap()).is_err());
    }
}
