//! The walk through two items side by side.

use super::change::Change;
use super::lockstep::{Lockstep, Unlike};
use super::pairing::partners;
use super::paths::{Rules, Scope};
use super::shallow::{Member, Shallow, bytes_of, item, payload, shallow};
use super::trail::{Here, Side, Sides, Trail, locate};
use crate::core::attribute_value::{Tag, check_depth, read_tag};
use crate::core::error::Error;
use crate::core::node::{Node, Source, Text};
use crate::core::number::Number;

/// The changes from one item to another, in the order of the new one; what was removed from a map or list stands behind
/// what else changed in it. None is an item that is not there. Values that are surely the same are not read.
pub fn changes<S>(
    source: &S,
    old: Option<&S::Kept>,
    new: Option<&S::Kept>,
    rules: &Rules,
    sides: Sides,
) -> Result<Vec<Change<S::Kept>>, Error>
where
    S: Source,
    S::Node: Lockstep,
{
    let mut walk = Walk { source, whole_lists: rules.whole_lists(), sides, changes: Vec::new() };
    let attributes = walk.attributes(old, new)?;
    walk.members(None, attributes, rules.root(), 0)?;
    Ok(walk.changes)
}

type Place<'a> = Option<&'a Trail<'a>>;
type Members<S> = Unlike<<S as Source>::Node>;
type Value<S> = Shallow<<S as Source>::Node>;

/// What became of two values.
enum Compared {
    /// They are equal.
    Same,
    /// They are not.
    Different,
    /// They are two maps or two lists, in which changes may have been found; `as_one`: as one change of the whole.
    Inside { as_one: bool },
}

/// Two values that were read.
enum Read<N: Node> {
    /// Two maps.
    Maps(Unlike<N>),
    /// Any two.
    Values(Shallow<N>, Shallow<N>),
}

struct Walk<'a, S: Source> {
    source: &'a S,
    whole_lists: bool,
    sides: Sides,
    changes: Vec<Change<S::Kept>>,
}

impl<S> Walk<'_, S>
where
    S: Source,
    S::Node: Lockstep,
{
    /// The attributes of two items.
    fn attributes(&self, old: Option<&S::Kept>, new: Option<&S::Kept>) -> Result<Members<S>, Error> {
        if let (Some(old), Some(new)) = (old, new) {
            let nodes = (self.source.open_item(old), self.source.open_item(new));
            if let (Ok(mut old), Ok(mut new)) = nodes
                && let Some(unlike) = Lockstep::lockstep(&mut old, &mut new)
            {
                return Ok(unlike);
            }
        }
        let read = |kept: Option<&S::Kept>, side| {
            let read = kept.map(|kept| self.source.open_item(kept).and_then(|mut node| item(&mut node))).transpose();
            read.map(Option::unwrap_or_default).map_err(|error| self.at(error, None, side))
        };
        Ok(Unlike::of(read(old, Side::Old)?, read(new, Side::New)?))
    }

    /// The members of two maps.
    fn members(&mut self, outer: Place<'_>, mut maps: Members<S>, scope: Scope<'_>, depth: u32) -> Result<(), Error> {
        check_depth(depth).map_err(|error| self.at(error, outer, Side::New))?;
        if maps.in_step {
            let mut pairs = maps.old.into_iter().zip(maps.new);
            return pairs.try_for_each(|(old, new)| self.member(outer, &new.name, old.value, new.value, scope, depth));
        }
        let partners = self.partners(&maps, outer)?;
        for (member, partner) in maps.new.iter_mut().zip(partners) {
            let before = partner.and_then(|place| maps.old.get_mut(place)).and_then(|member| member.value.take());
            let after = member.value.take();
            if !self.surely_same(before.as_ref(), after.as_ref()) {
                self.member(outer, &member.name, before, after, scope, depth)?;
            }
        }
        for member in &mut maps.old {
            if let Some(before) = member.value.take() {
                self.member(outer, &member.name, Some(before), None, scope, depth)?;
            }
        }
        Ok(())
    }

    fn partners(&self, maps: &Members<S>, outer: Place<'_>) -> Result<Vec<Option<usize>>, Error> {
        partners(&maps.old, &maps.new).map_err(|(side, error)| {
            // A map is inside its tag; the item has none.
            let error = if outer.is_some() && <S::Node as Node>::HAS_TAGS { error.at_name(b"M") } else { error };
            self.at(error, outer, side)
        })
    }

    /// A member that is not surely the same on both sides.
    fn member(
        &mut self,
        outer: Place<'_>,
        name: &<S::Node as Node>::Text,
        old: Option<S::Kept>,
        new: Option<S::Kept>,
        scope: Scope<'_>,
        depth: u32,
    ) -> Result<(), Error> {
        let side = if new.is_some() { Side::New } else { Side::Old };
        let name = name.string().map_err(|error| self.at(error, outer, side))?;
        self.pair(Trail::new(outer, Here::Name(&name)), old, new, scope.name(&name), depth)
    }

    /// The elements of two lists.
    fn elements(
        &mut self,
        outer: Place<'_>,
        old: Vec<S::Kept>,
        new: Vec<S::Kept>,
        scope: Scope<'_>,
        depth: u32,
    ) -> Result<(), Error> {
        check_depth(depth).map_err(|error| self.at(error, outer, Side::New))?;
        let (mut old, mut new) = (old.into_iter(), new.into_iter());
        for index in 0.. {
            let (before, after) = (old.next(), new.next());
            if before.is_none() && after.is_none() {
                break;
            }
            if !self.surely_same(before.as_ref(), after.as_ref()) {
                self.pair(Trail::new(outer, Here::Index(index)), before, after, scope.index(index), depth)?;
            }
        }
        Ok(())
    }

    fn surely_same(&self, old: Option<&S::Kept>, new: Option<&S::Kept>) -> bool {
        old.zip(new).is_some_and(|(old, new)| self.source.surely_same(old, new))
    }

    /// Two values of one path, either of which may not be there.
    fn pair(
        &mut self,
        trail: Trail<'_>,
        old: Option<S::Kept>,
        new: Option<S::Kept>,
        scope: Scope<'_>,
        depth: u32,
    ) -> Result<(), Error> {
        if scope.is_outside() {
            return Ok(());
        }
        if !scope.is_chosen() {
            return self.inside(&trail, old.as_ref(), new.as_ref(), scope, depth);
        }
        let (Some(before), Some(after)) = (&old, &new) else {
            self.emit(&trail, old, new, scope);
            return Ok(());
        };
        let known = self.changes.len();
        let is_one_change = match self.compare(&trail, before, after, scope, depth)? {
            Compared::Same => false,
            Compared::Different => true,
            Compared::Inside { as_one } => (as_one || scope.is_masked()) && self.changes.len() > known,
        };
        if is_one_change {
            self.changes.truncate(known);
            self.emit(&trail, old, new, scope);
        }
        Ok(())
    }

    /// Compares two values, and tells what changed inside of them.
    fn compare(
        &mut self,
        trail: &Trail<'_>,
        old: &S::Kept,
        new: &S::Kept,
        scope: Scope<'_>,
        depth: u32,
    ) -> Result<Compared, Error> {
        match self.read_both(trail, old, new)? {
            Read::Maps(maps) => {
                self.members(Some(trail), maps, scope, depth + 1)?;
                Ok(Compared::Inside { as_one: false })
            }
            Read::Values(Shallow::List(before), Shallow::List(after)) => {
                self.elements(Some(trail), before, after, scope, depth + 1)?;
                Ok(Compared::Inside { as_one: self.whole_lists })
            }
            Read::Values(before, after) if self.is_same(trail, &before, &after)? => Ok(Compared::Same),
            Read::Values(..) => Ok(Compared::Different),
        }
    }

    fn read_both(&self, trail: &Trail<'_>, old: &S::Kept, new: &S::Kept) -> Result<Read<S::Node>, Error> {
        if let Some(read) = both(&mut self.source.open(old), &mut self.source.open(new)) {
            return Ok(read);
        }
        Ok(match (self.read(trail, old, Side::Old)?, self.read(trail, new, Side::New)?) {
            (Shallow::Map(before), Shallow::Map(after)) => Read::Maps(Unlike::of(before, after)),
            (before, after) => Read::Values(before, after),
        })
    }

    /// What changed at some places inside of two values, of which neither need be there or have an inside.
    fn inside(
        &mut self,
        trail: &Trail<'_>,
        old: Option<&S::Kept>,
        new: Option<&S::Kept>,
        scope: Scope<'_>,
        depth: u32,
    ) -> Result<(), Error> {
        let before = old.map(|old| self.read(trail, old, Side::Old)).transpose()?;
        let after = new.map(|new| self.read(trail, new, Side::New)).transpose()?;
        let (members_before, elements_before) = contents(before);
        let (members_after, elements_after) = contents(after);
        self.members(Some(trail), Unlike::of(members_before, members_after), scope, depth + 1)?;
        self.elements(Some(trail), elements_before, elements_after, scope, depth + 1)
    }

    fn read(&self, trail: &Trail<'_>, kept: &S::Kept, side: Side) -> Result<Value<S>, Error> {
        shallow(&mut self.source.open(kept)).map_err(|error| self.at(error, Some(trail), side))
    }

    /// Whether two values are the same; of a map and a list, or of two types, never.
    fn is_same(&self, trail: &Trail<'_>, old: &Value<S>, new: &Value<S>) -> Result<bool, Error> {
        Ok(match (old, new) {
            (Shallow::String(old), Shallow::String(new)) => {
                self.bytes(trail, old, Side::Old)? == self.bytes(trail, new, Side::New)?
            }
            (Shallow::Number(old), Shallow::Number(new)) => self.same_number(trail, old, new)?,
            (Shallow::Boolean(old), Shallow::Boolean(new)) => old == new,
            (Shallow::Null, Shallow::Null) => true,
            (Shallow::Set(old), Shallow::Set(new)) => old == new,
            (Shallow::Bytes(_) | Shallow::Base64(_), Shallow::Bytes(_) | Shallow::Base64(_)) => {
                self.binary(trail, old, Side::Old)? == self.binary(trail, new, Side::New)?
            }
            _ => false,
        })
    }

    fn same_number(
        &self,
        trail: &Trail<'_>,
        old: &<S::Node as Node>::Text,
        new: &<S::Node as Node>::Text,
    ) -> Result<bool, Error> {
        if self.bytes(trail, old, Side::Old)? == self.bytes(trail, new, Side::New)? {
            return Ok(true);
        }
        Ok(self.number(trail, old, Side::Old)? == self.number(trail, new, Side::New)?)
    }

    fn number(&self, trail: &Trail<'_>, text: &<S::Node as Node>::Text, side: Side) -> Result<Number, Error> {
        text.number().map_err(|error| self.at_tag(error, b"N", trail, side))
    }

    fn bytes<'t>(
        &self,
        trail: &Trail<'_>,
        text: &'t <S::Node as Node>::Text,
        side: Side,
    ) -> Result<std::borrow::Cow<'t, [u8]>, Error> {
        text.bytes().map_err(|error| self.at_tag(error, b"S", trail, side))
    }

    fn binary<'t>(
        &self,
        trail: &Trail<'_>,
        value: &'t Value<S>,
        side: Side,
    ) -> Result<Option<std::borrow::Cow<'t, [u8]>>, Error> {
        bytes_of(value).map_err(|error| self.at_tag(error, b"B", trail, side))
    }

    fn emit(&mut self, trail: &Trail<'_>, old: Option<S::Kept>, new: Option<S::Kept>, scope: Scope<'_>) {
        self.changes.push(Change { path: trail.path(), old, new, masked: scope.hides() });
    }

    #[cold]
    fn at_tag(&self, error: Error, tag: &[u8], trail: &Trail<'_>, side: Side) -> Error {
        let error = if <S::Node as Node>::HAS_TAGS { error.at_name(tag) } else { error };
        self.at(error, Some(trail), side)
    }

    #[cold]
    fn at(&self, error: Error, place: Place<'_>, side: Side) -> Error {
        let item = if side == Side::Old { self.sides.old } else { self.sides.new };
        locate(error, &place.map(Trail::path).unwrap_or_default(), <S::Node as Node>::HAS_TAGS, item)
    }
}

/// Reads two values at once. None where there is a closer look to take, or an error to tell.
fn both<N: Lockstep>(old: &mut N, new: &mut N) -> Option<Read<N>> {
    let again = || Error::shape("");
    let read = read_tag(old, false, |old_tag, before| {
        read_tag(new, false, |new_tag, after| match (old_tag, new_tag) {
            (Tag::M, Tag::M) => N::lockstep(before, after).map(Read::Maps).ok_or_else(again),
            _ => Ok(Read::Values(payload(old_tag, before)?, payload(new_tag, after)?)),
        })
    });
    read.ok()
}

/// What is inside a value: the members of a map, the elements of a list.
fn contents<N: Node>(value: Option<Shallow<N>>) -> (Vec<Member<N>>, Vec<N::Kept>) {
    match value {
        Some(Shallow::Map(members)) => (members, Vec::new()),
        Some(Shallow::List(elements)) => (Vec::new(), elements),
        _ => (Vec::new(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::ChangeKind;
    use super::super::paths::Concern;
    use super::*;
    use crate::core::error::Step;
    use crate::core::json_node::{Buffers, ByteRange};

    const SIDES: Sides = Sides { old: "old", new: "new" };

    fn told(old: &str, new: &str, rules: &Rules) -> Result<String, Error> {
        let buffers = Buffers { wire: old.as_bytes(), decoded: new.as_bytes() };
        let range =
            |start: usize, text: &str| (text != "-").then(|| ByteRange::new(start, start + text.len())).flatten();
        let (before, after) = (range(0, old), range(old.len(), new));
        let found = changes(&buffers, before.as_ref(), after.as_ref(), rules, SIDES)?;
        let told = found.iter().map(|change| {
            let sign = match change.kind() {
                ChangeKind::Added => "+",
                ChangeKind::Removed => "-",
                ChangeKind::Changed => "~",
            };
            let path = locate(Error::value(""), &change.path, false, "").to_string();
            format!("{sign}{}{}", path.trim_start_matches(" at "), if change.masked { "?" } else { "" })
        });
        Ok(told.collect::<Vec<_>>().join(" "))
    }

    fn plain(old: &str, new: &str) -> String {
        told(old, new, &Rules::default()).unwrap()
    }

    #[test]
    fn values_count_and_spellings_do_not() {
        for (old, new) in [
            (r#"{"a":{"N":"1"}}"#, r#"{"a": {"N":"1.0"}}"#),
            (r#"{"a":{"N":"-0"}}"#, r#"{"a":{"N":"0"}}"#),
            (r#"{"a":{"SS":["x","y"]}}"#, r#"{"a":{"SS":["y","\u0078"]}}"#),
            (r#"{"a":{"NS":["1","2"]}}"#, r#"{"a":{"NS":["2.0","1E0"]}}"#),
            (r#"{"a":{"M":{"x":{"S":"1"},"y":{"S":"2"}}}}"#, r#"{"a":{"M":{"y":{"S":"2"},"x":{"S":"1"}}}}"#),
            (r#"{"a":{"S":"é"}}"#, r#"{"\u0061":{"S":"\u00e9"}}"#),
            (r#"{"a":{"B":"aGk="}}"#, r#"{"a":{"B":"aGk\u003d"}}"#),
        ] {
            assert_eq!(plain(old, new), "", "{old} {new}");
        }
        for (old, new) in [
            (r#"{"a":{"S":"1"}}"#, r#"{"a":{"N":"1"}}"#),
            (r#"{"a":{"M":{}}}"#, r#"{"a":{"L":[]}}"#),
            (r#"{"a":{"SS":["x"]}}"#, r#"{"a":{"BS":["eA=="]}}"#),
            (r#"{"a":{"NULL":true}}"#, r#"{"a":{"BOOL":true}}"#),
            (r#"{"a":{"N":"9007199254740992"}}"#, r#"{"a":{"N":"9007199254740993"}}"#),
        ] {
            assert_eq!(plain(old, new), "~a", "{old} {new}");
        }
    }

    #[test]
    fn changes_are_told_at_their_place_in_the_order_of_the_new_item() {
        let old = r#"{"z":{"S":""},"m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}},"l":{"L":[{"S":"a"},{"S":"b"},{"S":"c"}]}}"#;
        let new = r#"{"l":{"L":[{"S":"A"}]},"n":{"NULL":true},"m":{"M":{"y":{"N":"3"},"w":{"N":"0"}}}}"#;
        assert_eq!(plain(old, new), "~l[0] -l[1] -l[2] +n ~m.y +m.w -m.x -z");
        assert_eq!(plain(new, old), "+z +m.x ~m.y -m.w ~l[0] +l[1] +l[2] -n");
        assert_eq!(told(old, new, &Rules::new(true)).unwrap(), "~l +n ~m.y +m.w -m.x -z");
        assert_eq!(plain("-", new), "+l +n +m");
        assert_eq!(plain(new, "-"), "-l -n -m");
        assert_eq!(plain("-", "-"), "");
    }

    #[test]
    fn rules_choose_pass_by_and_hide() {
        let with = |concern, path: &[&str]| {
            let mut rules = Rules::default();
            rules.add(concern, path.iter().map(|step| Step::Name((*step).to_owned())).collect());
            rules
        };
        let old = r#"{"a":{"M":{"x":{"N":"1"},"y":{"N":"2"}}},"b":{"S":""}}"#;
        let new = r#"{"a":{"M":{"x":{"N":"3"},"y":{"N":"4"}}},"c":{"M":{"x":{"S":""}}}}"#;
        for (concern, path, wanted) in [
            (Concern::Only, &["a", "x"][..], "~a.x"),
            (Concern::Only, &["c", "x"], "+c.x"),
            (Concern::Only, &["b", "x"], ""),
            (Concern::Only, &["b"], "-b"),
            (Concern::Ignore, &["a", "x"], "~a.y +c -b"),
            (Concern::Ignore, &["a"], "+c -b"),
            (Concern::Mask, &["a"], "~a? +c -b"),
            (Concern::Mask, &["a", "x"], "~a.x? ~a.y +c -b"),
            (Concern::Mask, &["c", "x"], "~a.x ~a.y +c? -b"),
        ] {
            assert_eq!(told(old, new, &with(concern, path)).unwrap(), wanted, "{concern:?} {path:?}");
        }
        let mut rules = with(Concern::Mask, &["a"]);
        rules.add(Concern::Only, vec![Step::Name("a".to_owned()), Step::Name("x".to_owned())]);
        assert_eq!(told(old, new, &rules).unwrap(), "~a.x?");
    }

    #[test]
    fn errors_say_in_which_item_and_where() {
        for (old, new, error) in [
            (r#"{"a":{"N":"x"}}"#, r#"{"a":{"N":"1"}}"#, " at old.a.N"),
            (r#"{"a":{"M":{"b":{"L":[{"B":""}]}}}}"#, r#"{"a":{"M":{"b":{"L":[{"B":"?"}]}}}}"#, " at new.a.M.b.L[0].B"),
            (r#"{"a":{"M":{"b":{"S":""},"b":{"S":""}}}}"#, r#"{"a":{"M":{}}}"#, "twice in one map at old.a.M.b"),
            (r#"{"a":{"S":""},"a":{"S":""}}"#, r#"{"a":{"S":""},"a":{"S":"x"}}"#, "twice in one map at new.a"),
            (r#"{"a":{"M":{"b":null}}}"#, r#"{"a":{"M":{}}}"#, "found null at old.a.M.b"),
            (r#"{"a":{"NS":["1"]}}"#, r#"{"a":{"NS":["1","x"]}}"#, " at new.a.NS[1]"),
            ("[]", "{}", "found an array at old"),
        ] {
            let found = told(old, new, &Rules::default()).unwrap_err().to_string();
            assert!(found.ends_with(error), "{found}");
        }
    }
}
