//! Diffs: empty where two items are equal, else a way from one to the other.

use std::collections::BTreeSet;

use tailrace::core::attribute_value::{read_item, read_value};
use tailrace::core::diff::{Change, ChangeKind, Concern, Rules, Sides, changes, find};
use tailrace::core::error::{Error, Step};
use tailrace::core::json_node::{Buffers, ByteRange, JsonNode};
use tailrace::core::node::{Node, Source};
use tailrace::core::value::{Value, ValueBuilder};

use crate::{Outcome, check_error};

const SIDES: Sides = Sides { old: "old", new: "new" };

type Found = Vec<Change<ByteRange>>;
type Told = (Vec<Step>, ChangeKind);

/// Checks two lines that may be two items.
pub fn check(data: &[u8]) -> Outcome {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (old, new) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    match (whole(old, 0), whole(new, old.len())) {
        (Some(before), Some(after)) => Pair { buffers: Buffers { wire: old, decoded: new }, before, after }.check(),
        _ => Outcome::Refused,
    }
}

/// The range of a text that is JSON.
fn whole(text: &[u8], base: usize) -> Option<ByteRange> {
    let mut node = JsonNode::with_base(text, base);
    let mark = node.mark();
    node.skip().ok()?;
    let range = node.keep_since(mark).ok()?;
    node.end().ok().map(|()| range)
}

struct Pair<'a> {
    buffers: Buffers<'a>,
    before: ByteRange,
    after: ByteRange,
}

impl Pair<'_> {
    fn check(&self) -> Outcome {
        let found = self.changes(&Rules::default());
        if let (Ok(before), Ok(after)) = (self.item(self.before), self.item(self.after)) {
            let found = found.expect("what can be read can be compared");
            self.check_sound(&before, &after, &found);
            self.check_rules(&before, &after, &found);
            return Outcome::Read;
        }
        for error in [found.err(), self.backwards().err()].iter().flatten() {
            check_error(error, self.after.end());
        }
        Outcome::Refused
    }

    fn changes(&self, rules: &Rules) -> Result<Found, Error> {
        changes(&self.buffers, Some(&self.before), Some(&self.after), rules, SIDES)
    }

    fn backwards(&self) -> Result<Found, Error> {
        changes(&self.buffers, Some(&self.after), Some(&self.before), &Rules::default(), SIDES)
    }

    fn item(&self, range: ByteRange) -> Result<Value, Error> {
        read_item(&mut self.buffers.open(&range), &mut ValueBuilder)
    }

    fn value(&self, range: ByteRange) -> Value {
        read_value(&mut self.buffers.open(&range), &mut ValueBuilder, 0).expect("a part of an item that can be read")
    }

    fn check_sound(&self, before: &Value, after: &Value, found: &Found) {
        assert_eq!(found.is_empty(), before == after, "{found:?}");
        assert_eq!(&self.applied(before, found), after, "{found:?}");
        for change in found {
            self.check_change(change);
        }
        let backwards = self.backwards().expect("it can be compared the other way");
        assert_eq!(&self.applied(after, &backwards), before, "{backwards:?}");
        let mirrored: BTreeSet<Told> = backwards.iter().map(|change| mirrored(told(change))).collect();
        assert_eq!(found.iter().map(told).collect::<BTreeSet<_>>(), mirrored);
        let names: BTreeSet<&str> = found.iter().map(attribute).collect();
        assert_eq!(names, unlike(before, after));
    }

    /// A change has the values that stand at its path.
    fn check_change(&self, change: &Change<ByteRange>) {
        for (item, value) in [(&self.before, change.old), (&self.after, change.new)] {
            let there = find(&self.buffers, item, &change.path).expect("a path of an item that can be read");
            assert_eq!(there, value, "{:?}", change.path);
        }
        let values = [change.old, change.new].map(|value| value.map(|value| self.value(value)));
        assert_ne!(values[0], values[1], "{:?}", change.path);
    }

    /// The item that the changes lead to: elements that go leave from the end of their list.
    fn applied(&self, item: &Value, found: &Found) -> Value {
        let mut made = item.clone();
        let gone = |change: &&Change<ByteRange>| change.kind() == ChangeKind::Removed;
        for change in found.iter().filter(|change| !gone(change)).chain(found.iter().rev().filter(gone)) {
            put(&mut made, &change.path, change.new.map(|value| self.value(value)));
        }
        made
    }

    /// What is asked of the paths that were told changes what is told of them and nothing else.
    fn check_rules(&self, before: &Value, after: &Value, found: &Found) {
        let with = |concern| {
            let mut rules = Rules::default();
            for change in found {
                rules.add(concern, change.path.clone());
            }
            self.changes(&rules).expect("less is looked at")
        };
        let all: Vec<Told> = found.iter().map(told).collect();
        assert!(with(Concern::Ignore).is_empty());
        assert_eq!(with(Concern::Only).iter().map(told).collect::<Vec<_>>(), all);
        let masked = with(Concern::Mask);
        assert_eq!(masked.iter().map(told).collect::<Vec<_>>(), all);
        assert!(masked.iter().all(|change| change.masked) && !found.iter().any(|change| change.masked));
        let whole = self.changes(&Rules::new(true)).expect("no more is looked at");
        assert_eq!(&self.applied(before, &whole), after);
        assert!(whole.iter().all(|change| !change.path.iter().any(|step| matches!(step, Step::Index(_)))));
    }
}

fn told(change: &Change<ByteRange>) -> Told {
    (change.path.clone(), change.kind())
}

fn mirrored((path, kind): Told) -> Told {
    let kind = match kind {
        ChangeKind::Added => ChangeKind::Removed,
        ChangeKind::Removed => ChangeKind::Added,
        ChangeKind::Changed => ChangeKind::Changed,
    };
    (path, kind)
}

fn attribute(change: &Change<ByteRange>) -> &str {
    match change.path.first() {
        Some(Step::Name(name)) => name,
        _ => panic!("a path begins with the name of an attribute"),
    }
}

/// The names of the attributes that differ.
fn unlike<'a>(before: &'a Value, after: &'a Value) -> BTreeSet<&'a str> {
    let (Value::Map(before), Value::Map(after)) = (before, after) else { unreachable!("an item is a map") };
    let names = before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name));
    names.map(String::as_str).collect()
}

/// Puts a value at a path, or takes away what is there.
fn put(value: &mut Value, path: &[Step], new: Option<Value>) {
    match (value, path, new) {
        (Value::Map(members), [Step::Name(name)], Some(new)) => drop(members.insert(name.clone(), new)),
        (Value::Map(members), [Step::Name(name)], None) => drop(members.remove(name).expect("it was there")),
        (Value::List(elements), [Step::Index(at)], None) => {
            assert_eq!(*at + 1, elements.len(), "a list shrinks at its end");
            elements.pop();
        }
        (Value::List(elements), [Step::Index(at)], Some(new)) if *at == elements.len() => elements.push(new),
        (Value::List(elements), [Step::Index(at)], Some(new)) => elements[*at] = new,
        (Value::Map(members), [Step::Name(name), inside @ ..], new) => {
            put(members.get_mut(name).expect("a map around"), inside, new);
        }
        (Value::List(elements), [Step::Index(at), inside @ ..], new) => put(&mut elements[*at], inside, new),
        (value, path, _) => panic!("no way to {path:?} in {value:?}"),
    }
}
