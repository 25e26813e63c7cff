//! Values inside arrays: those that match together must come from the same elements.
//!
//! Paths are gone through in their sorted order, each with every choice of elements that the paths before it left
//! open. A choice keeps only those arrays that later paths look into, and equal choices are one: so their number
//! stays that of the elements, however many arrays there are side by side.

use std::collections::HashSet;

/// An array, by its number in the event, and an element of it.
pub type Member = (u32, u32);

/// A value found inside arrays.
#[derive(Clone, Debug)]
pub struct Field {
    /// What was asked.
    pub leaf: u32,
    /// Whether the value passes.
    pub passes: bool,
    /// The elements it lies in, outermost first.
    pub members: Box<[Member]>,
}

/// What was found outside of arrays, by leaf.
pub trait Outside {
    /// Whether a value passes.
    fn passes(&self, leaf: u32) -> bool;
    /// Whether there is a value.
    fn is_there(&self, leaf: u32) -> bool;
    /// Whether the lack of one passes.
    fn may_lack(&self, leaf: u32) -> bool;
}

/// Whether all leaves of a rule, in sorted order, can be met together.
pub fn meets(leaves: &[u32], fields: &[Field], outside: &impl Outside) -> bool {
    let mut choices: HashSet<Vec<Member>> = HashSet::from([Vec::new()]);
    for (index, &leaf) in leaves.iter().enumerate() {
        let arrays = arrays_of(leaves.get(index + 1..).unwrap_or_default(), fields);
        choices = step(&choices, leaf, fields, &arrays, outside);
        if choices.is_empty() {
            return false;
        }
    }
    true
}

/// For each array, by its number, whether these leaves have values in it.
fn arrays_of(leaves: &[u32], fields: &[Field]) -> Vec<bool> {
    let mut arrays = Vec::new();
    let fields = fields.iter().filter(|field| leaves.contains(&field.leaf));
    for &(array, _) in fields.flat_map(|field| &field.members) {
        let array = array as usize;
        if arrays.len() <= array {
            arrays.resize(array + 1, false);
        }
        if let Some(is_used) = arrays.get_mut(array) {
            *is_used = true;
        }
    }
    arrays
}

/// The choices that one more leaf leaves.
fn step(
    choices: &HashSet<Vec<Member>>,
    leaf: u32,
    fields: &[Field],
    later: &[bool],
    outside: &impl Outside,
) -> HashSet<Vec<Member>> {
    let found = Found::of(leaf, fields);
    let mut next = HashSet::new();
    for choice in choices {
        if outside.passes(leaf) {
            next.insert(kept(choice, later));
        }
        let mut alone = true;
        found.each(choice, |field| {
            alone = false;
            if field.passes {
                next.insert(kept(&joined(choice, &field.members), later));
            }
        });
        if alone && outside.may_lack(leaf) && !outside.is_there(leaf) {
            next.insert(kept(choice, later));
        }
    }
    next
}

fn kept(choice: &[Member], arrays: &[bool]) -> Vec<Member> {
    let is_used = |member: &&Member| arrays.get(member.0 as usize).is_some_and(|is_used| *is_used);
    choice.iter().filter(is_used).copied().collect()
}

fn joined(choice: &[Member], members: &[Member]) -> Vec<Member> {
    let mut all = choice.to_vec();
    for &member in members {
        let place = all.partition_point(|other| *other < member);
        if all.get(place) != Some(&member) {
            all.insert(place, member);
        }
    }
    all
}

/// The values of one leaf, by the outermost array; in each they are in the order of its elements.
struct Found<'a>(Vec<(u32, Vec<&'a Field>)>);

impl<'a> Found<'a> {
    fn of(leaf: u32, fields: &'a [Field]) -> Self {
        let mut arrays: Vec<(u32, Vec<&Field>)> = Vec::new();
        for field in fields.iter().filter(|field| field.leaf == leaf) {
            let Some(&(array, _)) = field.members.first() else { continue };
            // The walk through an event is in one outermost array at a time.
            match arrays.last_mut() {
                Some((last, fields)) if *last == array => fields.push(field),
                _ => arrays.push((array, vec![field])),
            }
        }
        Self(arrays)
    }

    /// Those that lie in no other element of an array than was chosen.
    fn each(&self, choice: &[Member], mut each: impl FnMut(&Field)) {
        for (array, fields) in &self.0 {
            let fields = match element_of(choice, *array) {
                None => fields.as_slice(),
                Some(chosen) => {
                    let place = |field: &&Field| field.members.first().map_or(0, |&(_, element)| element);
                    let start = fields.partition_point(|field| place(field) < chosen);
                    let end = fields.partition_point(|field| place(field) <= chosen);
                    fields.get(start..end).unwrap_or_default()
                }
            };
            let fits = |&(array, element): &Member| element_of(choice, array).is_none_or(|chosen| chosen == element);
            fields.iter().filter(|field| field.members.iter().all(fits)).for_each(|field| each(field));
        }
    }
}

/// The element of an array that a choice has. Members of a choice are in order.
fn element_of(choice: &[Member], array: u32) -> Option<u32> {
    let place = choice.partition_point(|&(other, _)| other < array);
    choice.get(place).filter(|(other, _)| *other == array).map(|&(_, element)| element)
}
