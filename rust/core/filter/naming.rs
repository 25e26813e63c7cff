//! Names of a pattern that lead where no record has anything: told without any record.

use super::dialect::Dialect;
use super::lint::{Lint, meant};
use super::parse::{Tree, Value};
use super::shape::{CHANGE, FILTERED, KEY_TAGS, Lists, Next, OF_KINESIS, Origin, Place, RECORD, next, type_meant};
use super::suggest::nearest;
use crate::core::error::Step;

/// A name of a pattern, or the part of one between dots.
#[derive(Clone, Copy)]
struct Named<'a> {
    name: &'a str,
    /// The path before it.
    before: &'a str,
    /// What it stands for.
    tree: &'a Tree,
    steps: &'a [Step],
}

impl Named<'_> {
    fn path(&self) -> String {
        if self.before.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.before, self.name) }
    }

    fn is_at_end(&self) -> bool {
        matches!(self.tree.value, Value::Array(_))
    }

    fn is_operator(&self) -> bool {
        !self.name.starts_with('$') && Dialect::of_operator(self.name).is_some()
    }
}

impl Lint<'_> {
    /// Tells what a name may not mean, and where it leads.
    pub(super) fn name(&mut self, name: &str, path: &str, place: Place, tree: &Tree, steps: &[Step]) -> Place {
        if name.contains('.') {
            let message = format!("\"{name}\" is the same as names inside one another, parted at the dots");
            self.warn_of_name("dotted-name", tree, steps, message);
        }
        let (mut before, mut place) = (path.to_owned(), place);
        for (index, part) in name.split('.').enumerate() {
            let named = Named { name: part, before: &before, tree, steps };
            place = self.part(named, place, index > 0);
            before = named.path();
        }
        place
    }

    fn part(&mut self, named: Named<'_>, place: Place, is_behind_dot: bool) -> Place {
        match next(place, named.name, self.origin) {
            Next::To(to) => {
                if place == Place::Record {
                    self.outside(named);
                }
                to
            }
            Next::NoName(what, known) => self.no_name(named, place, what, known),
            Next::BelowValue if self.is_operator_of(named) => self.operator(named),
            Next::BelowValue => Place::Nowhere,
            Next::NoType if self.is_extended() && !(named.is_operator() && named.name.contains('-')) => {
                Place::Attribute(Lists::Perhaps)
            }
            // An attribute may have dots in its name, and this name has them.
            Next::NoType if is_behind_dot => Place::Attribute(Lists::No),
            Next::NoType => self.no_type_between(named),
            Next::NoTypeOfKey => {
                let message = format!(
                    "a key is of type S, N or B: add it, such as {}.{}",
                    named.before,
                    type_meant(named.name).filter(|tag| KEY_TAGS.contains(tag)).unwrap_or("S")
                );
                self.say(named, "missing-type-tag", message)
            }
        }
    }

    /// Below this nothing more is said.
    fn say(&mut self, named: Named<'_>, code: &'static str, message: impl Into<String>) -> Place {
        self.warn_of_name(code, named.tree, named.steps, message);
        Place::Unknown
    }

    fn outside(&mut self, named: Named<'_>) {
        let name = named.name;
        if OF_KINESIS.contains(&name) && self.origin.is_none() {
            let message = format!("{name} is there only in changes that come through Kinesis");
            self.say(named, "outside-dynamodb", message);
        } else if self.origin != Some(Origin::Kinesis) && !FILTERED.contains(&name) {
            let known = FILTERED.join(", ");
            let message = format!(
                "AWS documents filters on dynamodb only, and is seen to filter on {known}: {name} may not be there yet"
            );
            self.say(named, "outside-dynamodb", message);
        }
    }

    fn no_name(&mut self, named: Named<'_>, place: Place, what: &str, known: &[&str]) -> Place {
        let name = named.name;
        if place != Place::Record && named.is_operator() {
            return self.operator(named);
        }
        if name == "Records" && place == Place::Record {
            return self.say(named, "unknown-name", "a pattern is held against one record: leave Records out");
        }
        let like = |names: &[&'static str]| names.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
        let beside = match place {
            Place::Record => {
                like(CHANGE).map(|name| format!(": did you mean {}?", beneath(named.before, &["dynamodb", name])))
            }
            Place::Change => like(RECORD).map(|name| format!(": {name} stands beside it")),
            Place::Envelope => like(RECORD)
                .map(|name| format!(": did you mean data.{name}?"))
                .or_else(|| like(CHANGE).map(|name| format!(": did you mean data.dynamodb.{name}?"))),
            _ => None,
        };
        let kinesis = match place {
            Place::Record if name == "data" => {
                Some(": that is what a mapping of Kinesis has, and Batch asks the record inside".to_owned())
            }
            Place::Record if OF_KINESIS.contains(&name) => Some(", but where it comes through Kinesis".to_owned()),
            _ => None,
        };
        let more = beside.or(kinesis).unwrap_or_else(|| meant(name, known));
        self.say(named, "unknown-name", format!("{what} has no {name}{more}"))
    }

    /// Below a value nothing can stand, so that whatever is like an operator is meant as one.
    fn is_operator_of(&self, named: Named<'_>) -> bool {
        named.is_operator() || nearest(named.name, self.filters.dialect.operators()).is_some()
    }

    fn operator(&mut self, named: Named<'_>) -> Place {
        let known = self.filters.dialect.operators();
        let name = if named.is_operator() { named.name } else { nearest(named.name, known).unwrap_or(named.name) };
        let message = format!(
            "\"{}\" is read as a name here, and no record has that: an operator stands in a list, such as [{{\"{name}\": ...}}]",
            named.name
        );
        self.say(named, "operator-as-name", message)
    }

    /// The value of an attribute has no names but those of types.
    fn no_type_between(&mut self, named: Named<'_>) -> Place {
        let (name, before) = (named.name, named.before);
        if named.is_operator() && (named.is_at_end() || name.contains('-')) {
            return self.operator(named);
        }
        if let Some(tag) = type_meant(name).filter(|_| named.is_at_end()) {
            let message = format!("{name} is no type, and never matches: did you mean {before}.{tag}?");
            return self.say(named, "missing-type-tag", message);
        }
        let end = if named.is_at_end() { ".S" } else { "" };
        let attribute = before.rsplit('.').next().unwrap_or_default();
        let message = format!(
            "a type is missing on the way: between the names of attributes stands M, as in {before}.M.{name}{end}; without it, this is an attribute called \"{attribute}.{name}\""
        );
        self.say(named, "missing-type-tag", message)
    }
}

/// Names behind a path.
fn beneath(path: &str, names: &[&str]) -> String {
    let behind = names.join(".");
    if path.is_empty() { behind } else { format!("{path}.{behind}") }
}
