//! Two maps read side by side. The images of a change are mostly in the same order and mostly the same: what is the same
//! at the same place needs no handle, no pairing and, in bytes, no second scan.

use super::marks::Marks;
use super::shallow::Member;
use crate::core::error::Error;
use crate::core::json::JsonText;
use crate::core::json_node::JsonNode;
use crate::core::node::Node;

/// The members of two maps, but for those that stand at the same place in both and are surely the same.
pub struct Unlike<N: Node> {
    /// Those of the map before.
    pub old: Vec<Member<N>>,
    /// Those of the map after.
    pub new: Vec<Member<N>>,
    /// Whether the partner of each has its place in the other list, and no name stands twice.
    pub in_step: bool,
}

impl<N: Node> Unlike<N> {
    /// All members of two maps, of whose names nothing is known.
    pub fn of(old: Vec<Member<N>>, new: Vec<Member<N>>) -> Self {
        Self { old, new, in_step: false }
    }
}

/// A map that can be read beside another.
pub trait Lockstep: Node {
    /// Reads two maps. None where anything needs a closer look: then each is to be read by itself.
    fn lockstep(old: &mut Self, new: &mut Self) -> Option<Unlike<Self>>;
}

impl Lockstep for JsonNode<'_> {
    /// The names of what was passed by are not kept: an unlike member that may have one of them is looked at again. Where
    /// nothing was passed by, all members are there for others to compare.
    fn lockstep(old: &mut Self, new: &mut Self) -> Option<Unlike<Self>> {
        let mut walk = Walk::default();
        let mut there = (old.enter().ok()?, new.enter().ok()?);
        while there != (false, false) {
            walk.step(old, new, there)?;
            there = (there.0 && old.goes_on().ok()?, there.1 && new.goes_on().ok()?);
        }
        let told_apart = is_told_apart(&walk.old, walk.passed) && is_told_apart(&walk.new, walk.passed);
        if !told_apart && walk.passed != Marks::default() {
            return None;
        }
        let in_step = told_apart && !walk.out_of_step && walk.old.len() == walk.new.len();
        Some(Unlike { old: walk.old, new: walk.new, in_step })
    }
}

#[derive(Default)]
struct Walk<'a> {
    passed: Marks,
    old: Vec<Member<JsonNode<'a>>>,
    new: Vec<Member<JsonNode<'a>>>,
    /// A name without a partner was met: the places do not belong together any more.
    out_of_step: bool,
}

impl<'a> Walk<'a> {
    #[inline]
    fn step(&mut self, old: &mut JsonNode<'a>, new: &mut JsonNode<'a>, there: (bool, bool)) -> Option<()> {
        if there == (true, true) && !self.out_of_step {
            return self.both(old, new);
        }
        if there.0 {
            self.old.push(member(old.member())?);
        }
        if there.1 {
            self.new.push(member(new.member())?);
        }
        Some(())
    }

    #[inline]
    fn both(&mut self, old: &mut JsonNode<'a>, new: &mut JsonNode<'a>) -> Option<()> {
        let before = old.mark();
        let read = old.member();
        if new.passes(old.since(before)) {
            let (name, _) = read.ok()?;
            self.passed.is_new(name.raw());
            // Of a name with escapes the mark tells nothing.
            return (!name.is_escaped()).then_some(());
        }
        let (before, after) = (member(read)?, member(new.member())?);
        self.out_of_step = before.name.raw() != after.name.raw();
        self.old.push(before);
        self.new.push(after);
        Some(())
    }
}

type Read<'a> = Result<(JsonText<'a>, Option<<JsonNode<'a> as Node>::Kept>), Error>;

/// A member of which nothing else has to be said: its name has no escapes, its value is not null.
#[inline]
fn member(read: Read<'_>) -> Option<Member<JsonNode<'_>>> {
    let (name, value) = read.ok()?;
    (!name.is_escaped() && value.is_some()).then_some(Member { name, value })
}

fn is_told_apart(unlike: &[Member<JsonNode<'_>>], passed: Marks) -> bool {
    let mut seen = passed;
    unlike.iter().all(|member| seen.is_new(member.name.raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlike(old: &str, new: &str) -> Option<(String, String)> {
        let (mut before, mut after) = (JsonNode::new(old.as_bytes()), JsonNode::new(new.as_bytes()));
        let found = JsonNode::lockstep(&mut before, &mut after)?;
        let names = |members: Vec<Member<JsonNode<'_>>>| {
            let names = members.iter().map(|member| String::from_utf8_lossy(member.name.raw()).into_owned());
            names.collect::<Vec<_>>().join(" ")
        };
        Some((names(found.old), names(found.new)))
    }

    fn told(old: &str, new: &str) -> Option<String> {
        unlike(old, new).map(|(old, new)| format!("{old}|{new}"))
    }

    #[test]
    fn what_is_the_same_at_the_same_place_is_passed_by() {
        for (old, new, wanted) in [
            ("{}", "{}", "|"),
            (r#"{"a":1,"b":{}}"#, r#"{"a":1,"b":{}}"#, "|"),
            (r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"b":4,"c":3}"#, "b|b"),
            (r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"c":3}"#, "b c|c"),
            (r#"{"a":1}"#, r#"{"a":1,"b":2,"c":3}"#, "|b c"),
            (r#"{"a":1,"b":2}"#, "{}", "a b|"),
            (r#"{"a":1}"#, r#"{"a":12}"#, "a|a"),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, "a b|b a"),
            (r#"{"a":1}"#, r#"{"b":1,"b":2}"#, "a|b b"),
            (r#" { "a":1 , "b":[2] }"#, r#"{"a":1,"b":[2] }"#, "b|b"),
        ] {
            assert_eq!(told(old, new).as_deref(), Some(wanted), "{old} {new}");
        }
    }

    #[test]
    fn what_needs_a_closer_look_is_left_to_others() {
        for (old, new) in [
            (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":1,"b":2}"#),
            (r#"{"\u0061":1}"#, r#"{"a":1}"#),
            (r#"{"\u0061":1,"a":2}"#, r#"{"\u0061":1,"a":3}"#),
            (r#"{"a":null}"#, r#"{"a":1}"#),
            (r#"{"a":1"#, r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":1]"#),
            (r#"{"a":1}"#, "[]"),
            ("1", "{}"),
        ] {
            assert_eq!(told(old, new), None, "{old} {new}");
        }
    }
}
