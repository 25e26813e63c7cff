//! Values inside arrays: those that match together must come from the same elements.
//!
//! Paths are gone through in their sorted order, each with every choice of elements that the paths before it left
//! open. A choice keeps only those arrays that later paths look into, and equal choices are one: so their number
//! stays that of the elements, however many arrays there are side by side.

use std::collections::{HashMap, HashSet};

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
        let later = leaves.get(index + 1..).unwrap_or_default();
        let arrays = arrays_of(later, fields);
        choices = step(&choices, leaf, fields, &arrays, outside);
        if choices.is_empty() {
            return false;
        }
    }
    true
}

/// The arrays that these leaves have values in.
fn arrays_of(leaves: &[u32], fields: &[Field]) -> HashSet<u32> {
    let fields = fields.iter().filter(|field| leaves.contains(&field.leaf));
    fields.flat_map(|field| field.members.iter().map(|&(array, _)| array)).collect()
}

/// The choices that one more leaf leaves.
fn step(
    choices: &HashSet<Vec<Member>>,
    leaf: u32,
    fields: &[Field],
    later: &HashSet<u32>,
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

fn kept(choice: &[Member], arrays: &HashSet<u32>) -> Vec<Member> {
    choice.iter().filter(|(array, _)| arrays.contains(array)).copied().collect()
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

/// The values of one leaf, by the element of the outermost array.
struct Found<'a> {
    by_element: HashMap<Member, Vec<&'a Field>>,
    by_array: HashMap<u32, Vec<&'a Field>>,
}

impl<'a> Found<'a> {
    fn of(leaf: u32, fields: &'a [Field]) -> Self {
        let (mut by_element, mut by_array) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for field in fields.iter().filter(|field| field.leaf == leaf) {
            if let Some(&member) = field.members.first() {
                by_element.entry(member).or_default().push(field);
                by_array.entry(member.0).or_default().push(field);
            }
        }
        Self { by_element, by_array }
    }

    /// Those that lie in no other element of an array than was chosen.
    fn each(&self, choice: &[Member], mut each: impl FnMut(&Field)) {
        let chosen: HashMap<u32, u32> = choice.iter().copied().collect();
        for (array, all) in &self.by_array {
            let fields = match chosen.get(array) {
                Some(&element) => self.by_element.get(&(*array, element)).map_or(&[][..], Vec::as_slice),
                None => all,
            };
            for field in fields {
                if field.members.iter().all(|(array, element)| chosen.get(array).is_none_or(|chosen| chosen == element))
                {
                    each(field);
                }
            }
        }
    }
}
