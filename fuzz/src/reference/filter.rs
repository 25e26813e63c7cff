//! The filter language in the plainest way: an event becomes a list of fields, and every choice among them is tried.

use std::collections::BTreeMap;

use super::filter_value::{is_passed, is_there};
use super::tree::Json;

/// Choices that are tried before the question is given up.
const CHOICES: usize = 200_000;

/// The conditions at each path of one alternative.
type Branch = BTreeMap<Vec<u16>, Vec<Json>>;
/// An array, by its number, and an element of it.
type Element = (usize, usize);

struct Field<'a> {
    path: Vec<u16>,
    value: &'a Json,
    elements: Vec<Element>,
}

/// Whether an event matches a valid pattern of the lambda or eventbridge dialect; None if that takes too long.
pub fn matches(pattern: &Json, event: &Json) -> Option<bool> {
    let (mut fields, mut arrays) = (Vec::new(), 0);
    flatten(event, "", true, &[], &mut arrays, &mut fields);
    let mut budget = CHOICES;
    for branch in branches(pattern, "", &[Branch::new()]) {
        let paths: Vec<_> = branch.iter().collect();
        if holds(&fields, &paths, &[], &mut budget)? {
            return Some(true);
        }
    }
    Some(false)
}

/// The alternatives of an object, which go on from those before it; what stands later wins.
fn branches(tree: &Json, at: &str, before: &[Branch]) -> Vec<Branch> {
    let mut grown = before.to_vec();
    let Json::Object(members) = tree else { panic!("a pattern that was taken is made of objects") };
    for (name, value) in members {
        let path = format!("{at}{name}");
        match (name.as_str(), value) {
            ("$or", Json::Array(trees)) => grown = trees.iter().flat_map(|tree| branches(tree, at, &grown)).collect(),
            (_, Json::Array(conditions)) => {
                for branch in &mut grown {
                    branch.insert(path.encode_utf16().collect(), conditions.clone());
                }
            }
            _ => grown = branches(value, &format!("{path}."), &grown),
        }
    }
    grown
}

fn flatten<'a>(
    value: &'a Json,
    at: &str,
    is_root: bool,
    elements: &[Element],
    arrays: &mut usize,
    fields: &mut Vec<Field<'a>>,
) {
    match value {
        Json::Object(members) => {
            for (name, member) in members {
                let path = if is_root { name.clone() } else { format!("{at}.{name}") };
                flatten(member, &path, false, elements, arrays, fields);
            }
        }
        Json::Array(values) => {
            let array = *arrays;
            *arrays += 1;
            for (index, value) in values.iter().enumerate() {
                let mut inside = elements.to_vec();
                // A scalar goes together with any element of its array.
                if matches!(value, Json::Object(_) | Json::Array(_)) {
                    inside.push((array, index));
                }
                flatten(value, at, false, &inside, arrays, fields);
            }
        }
        _ => fields.push(Field { path: at.encode_utf16().collect(), value, elements: elements.to_vec() }),
    }
}

/// Whether one value can be chosen for each path, no two from different elements of one array. Absence looks at what
/// was chosen for the paths before.
fn holds(fields: &[Field], paths: &[(&Vec<u16>, &Vec<Json>)], chosen: &[Element], budget: &mut usize) -> Option<bool> {
    let Some(((path, conditions), rest)) = paths.split_first() else { return Some(true) };
    *budget = budget.checked_sub(1)?;
    let found: Vec<&Field> =
        fields.iter().filter(|field| field.path == **path && agree(&field.elements, chosen)).collect();
    let may_lack = conditions.iter().any(|condition| !is_there(condition));
    if found.is_empty() && may_lack && holds(fields, rest, chosen, budget)? {
        return Some(true);
    }
    for field in found {
        if conditions.iter().any(|condition| is_passed(condition, field.value)) {
            let chosen = [chosen, &field.elements].concat();
            if holds(fields, rest, &chosen, budget)? {
                return Some(true);
            }
        }
    }
    Some(false)
}

fn agree(elements: &[Element], chosen: &[Element]) -> bool {
    let other = |(array, element): &Element| chosen.iter().any(|(one, index)| one == array && index != element);
    !elements.iter().any(other)
}
