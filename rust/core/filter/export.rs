//! Filters as patterns that Lambda takes, or what of them it cannot express.
//!
//! A pattern made here never lets a record go by that the filter takes: what is no more than nearly the same is refused.

use super::compile::{Filters, RESERVED, Rule};
use super::counterpart::{Condition, Conjunction, Obstacle, of_leaf};
use super::criteria::Source;
use super::dialect::Dialect;
use super::expression::expression;
use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use super::pattern::Test;
use super::quirks::{Asked, hidden, share};
use crate::core::json::write_string;
use crate::core::limits::{FILTER_ALTERNATIVES, FILTER_CHARACTERS};

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
            Err(met) => met.into_iter().for_each(|obstacle| add(&mut obstacles, obstacle)),
        }
        if all.len() > FILTER_ALTERNATIVES {
            return Err(vec![format!("it would have more than {FILTER_ALTERNATIVES} alternatives")]);
        }
    }
    let merged = merged(all);
    for conditions in &merged {
        let count = text_of(conditions).chars().count();
        if count > FILTER_CHARACTERS {
            add(
                &mut obstacles,
                format!("a pattern of it would have {count} characters, and at most {FILTER_CHARACTERS} are allowed"),
            );
        }
    }
    if obstacles.is_empty() { Ok(joined(&merged)) } else { Err(obstacles) }
}

fn add(obstacles: &mut Vec<Obstacle>, obstacle: Obstacle) {
    if !obstacles.contains(&obstacle) {
        obstacles.push(obstacle);
    }
}

/// The alternatives of one alternative: a change from or to several values is several of them.
fn of_rule(filters: &Filters, rule: &Rule) -> Result<Vec<Conjunction>, Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    if !rule.nots.is_empty() {
        obstacles.push("$not has no counterpart".to_owned());
    }
    let mut all: Vec<Conjunction> = vec![Vec::new()];
    for leaf in rule.leaves.iter().filter_map(|&leaf| filters.leaf(leaf)) {
        match of_leaf(leaf, filters.dialect) {
            Ok(choices) if all.len() * choices.len() > FILTER_ALTERNATIVES => {
                return Err(vec![format!("it would have more than {FILTER_ALTERNATIVES} alternatives")]);
            }
            Ok(choices) => {
                all = all
                    .iter()
                    .flat_map(|one| choices.iter().map(move |more| [one.clone(), more.clone()].concat()))
                    .collect();
            }
            Err(met) => obstacles.extend(met.into_iter().map(|obstacle| format!("{}: {obstacle}", leaf.path))),
        }
    }
    for conditions in &mut all {
        once(conditions);
    }
    if let Some(path) = all.iter().find_map(twice) {
        obstacles.push(format!("{path}: two conditions on one path"));
    }
    if obstacles.is_empty() { Ok(all) } else { Err(obstacles) }
}

/// Leaves out what is asked a second time.
fn once(conditions: &mut Conjunction) {
    let mut kept: Conjunction = Vec::new();
    for condition in std::mem::take(conditions) {
        if !kept.contains(&condition) {
            kept.push(condition);
        }
    }
    *conditions = kept;
}

fn twice(conditions: &Conjunction) -> Option<String> {
    let is_again = |index: usize, path: &str| conditions.iter().take(index).any(|other| other.path == path);
    let mut found = conditions.iter().enumerate().filter(|(index, condition)| is_again(*index, &condition.path));
    found.next().map(|(_, condition)| condition.path.clone())
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
    if into.len() != one.len() || into.iter().zip(one).any(|(condition, other)| condition.path != other.path) {
        return false;
    }
    let mut differing = into.iter().zip(one).enumerate().filter(|(_, (condition, other))| condition.list != other.list);
    let (place, more) = match (differing.next(), differing.next()) {
        (Some((place, (_, other))), None) => (place, &other.list),
        (None, _) => return true,
        _ => return false,
    };
    let mut longer = into.clone();
    if let Some(condition) = longer.get_mut(place) {
        let new: Vec<String> = more.iter().filter(|value| !condition.list.contains(value)).cloned().collect();
        condition.list.extend(new);
    }
    let fits = text_of(&longer).chars().count() <= FILTER_CHARACTERS;
    if fits {
        *into = longer;
    }
    fits
}

/// Alternatives of one pattern.
struct Group<'a> {
    texts: Vec<String>,
    asked: Vec<Vec<Asked<'a>>>,
    characters: usize,
    is_open: bool,
}

const OR: (&str, &str) = ("{\"$or\":[", "]}");

/// As few patterns as can be, each of the alternatives that `$or` can hold together.
fn joined(all: &[Conjunction]) -> Vec<String> {
    let tests: Vec<Vec<Vec<Test>>> = all.iter().map(|conditions| conditions.iter().map(tests_of).collect()).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (conditions, tests) in all.iter().zip(&tests) {
        let asked = conditions.iter().zip(tests).map(|(condition, tests)| (condition.path.as_str(), tests.as_slice()));
        let (text, asked) = (text_of(conditions), asked.collect::<Vec<_>>());
        let is_open = !asked.iter().any(|(path, _)| path.split('.').any(|name| RESERVED.contains(&name)));
        let place = groups.iter().position(|group| is_open && group.takes(&text, &asked)).unwrap_or_else(|| {
            groups.push(Group { texts: Vec::new(), asked: Vec::new(), characters: OR.0.len() + OR.1.len(), is_open });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.add(text, asked);
        }
    }
    groups.into_iter().map(Group::text).collect()
}

impl<'a> Group<'a> {
    /// Whether one more keeps within the length, and event-ruler loses none for it.
    fn takes(&self, text: &str, asked: &[Asked<'_>]) -> bool {
        self.is_open
            && self.characters + text.chars().count() <= FILTER_CHARACTERS
            && !self.asked.iter().any(|other| share(asked, other))
            && asked.iter().all(|(path, tests)| {
                let before = self.asked.iter().flatten().filter(|(other, _)| other == path);
                hidden(&before.flat_map(|(_, tests)| *tests).chain(*tests).collect::<Vec<_>>()).is_none()
            })
    }

    fn add(&mut self, text: String, asked: Vec<Asked<'a>>) {
        // And a comma.
        self.characters += text.chars().count() + 1;
        self.texts.push(text);
        self.asked.push(asked);
    }

    fn text(mut self) -> String {
        match self.texts.pop() {
            Some(only) if self.texts.is_empty() => only,
            last => {
                self.texts.extend(last);
                format!("{}{}{}", OR.0, self.texts.join(","), OR.1)
            }
        }
    }
}

fn tests_of(condition: &Condition) -> Vec<Test> {
    let trees = ordered(&condition.list).into_iter().filter_map(|value| Tree::parse(value).ok());
    trees.filter_map(|tree| expression(&tree, Dialect::Lambda).ok()).collect()
}

fn text_of(conditions: &Conjunction) -> String {
    let steps: Vec<(Vec<&str>, &[String])> =
        conditions.iter().map(|condition| (steps_of(&condition.path), condition.list.as_slice())).collect();
    let mut text = String::new();
    write(&mut text, &steps.iter().map(|(steps, list)| (steps.as_slice(), *list)).collect::<Vec<_>>());
    text
}

/// The names of a path. `$or` by itself would be the operator: it stays behind a dot.
fn steps_of(path: &str) -> Vec<&str> {
    let (mut steps, mut start) = (Vec::new(), 0);
    for (dot, _) in path.match_indices('.') {
        let (step, rest) = (path.get(start..dot).unwrap_or_default(), path.get(dot + 1..).unwrap_or_default());
        if step != "$or" && rest.split('.').next() != Some("$or") {
            steps.push(step);
            start = dot + 1;
        }
    }
    steps.push(path.get(start..).unwrap_or_default());
    steps
}

/// An object whose members are written in the order in which they come first.
fn write(out: &mut String, all: &[(&[&str], &[String])]) {
    let mut names: Vec<&str> = Vec::new();
    out.push('{');
    for (steps, list) in all {
        let Some((name, rest)) = steps.split_first() else { continue };
        let has_list = all.iter().any(|(other, _)| *other == [*name]);
        if rest.is_empty() || has_list {
            // Where a list and deeper names stand at one name, the deeper ones are written with dots.
            member(out, &steps.join("."));
            out.push('[');
            out.push_str(&ordered(list).join(","));
            out.push(']');
        } else if !names.contains(name) {
            names.push(name);
            member(out, name);
            let inside = all.iter().filter(|(other, _)| other.first() == Some(name));
            write(out, &inside.map(|(other, list)| (other.get(1..).unwrap_or_default(), *list)).collect::<Vec<_>>());
        }
    }
    out.push('}');
}

/// Ranges of numbers first: behind a text, event-ruler at times loses that.
fn ordered(list: &[String]) -> Vec<&str> {
    let is_range = |value: &&String| value.starts_with("{\"numeric\"");
    list.iter().filter(is_range).chain(list.iter().filter(|value| !is_range(value))).map(String::as_str).collect()
}

fn member(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_string(out, name);
    out.push(':');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conjunction(paths: &[&str]) -> Conjunction {
        paths.iter().map(|path| Condition { path: (*path).to_owned(), list: vec!["1".to_owned()] }).collect()
    }

    #[test]
    fn paths_are_written_as_objects() {
        for (paths, wanted) in [
            (&["a.b", "c", "a.d"][..], r#"{"a":{"b":[1],"d":[1]},"c":[1]}"#),
            (&["a", "a.b.c", "a.b.d"], r#"{"a":[1],"a.b.c":[1],"a.b.d":[1]}"#),
            (&["x.a", "x.a.b"], r#"{"x":{"a":[1],"a.b":[1]}}"#),
            (&["a.$or.b"], r#"{"a.$or":{"b":[1]}}"#),
            (&["$or.b"], r#"{"$or.b":[1]}"#),
            (&["x.$or"], r#"{"x.$or":[1]}"#),
            (&["x.y.$or.$or.a.b"], r#"{"x":{"y.$or.$or":{"a":{"b":[1]}}}}"#),
            (&["a.", "b..c"], r#"{"a":{"":[1]},"b":{"":{"c":[1]}}}"#),
        ] {
            let text = text_of(&conjunction(paths));
            assert_eq!(text, wanted);
            assert!(Tree::parse(&text).is_ok());
        }
    }
}
