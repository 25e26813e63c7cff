//! Tests that do not fit what stands at their path: told without any record.

use super::fitting::{Fitting, take_any_text};
use super::lint::Lint;
use super::parse::Tree;
use super::pattern::Test;
use super::shape::{EVENT_NAMES, Holds, Lists, Many, Place};
use crate::core::error::Step;

/// One value of a list.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub path: &'a str,
    pub tree: &'a Tree,
    pub test: &'a Test,
    pub steps: &'a [Step],
}

impl Lint<'_> {
    pub(super) fn test(&mut self, asked: Asked<'_>, place: Place) {
        let told = self.found.len();
        match place {
            Place::Envelope | Place::Record | Place::Unknown => {}
            Place::Change | Place::Image | Place::Keys => self.of_object(asked),
            Place::Identity => self.of_identity(asked),
            // A type may be left out.
            Place::Map(_) | Place::Attribute(_) | Place::Key if self.is_extended() => {}
            Place::Map(_) => self.no_type(asked, ".name"),
            Place::Attribute(_) | Place::Key => self.no_type(asked, ""),
            Place::Value(holds, many) => self.of_value(asked, holds, many),
            Place::Nowhere => self.below_value(asked),
        }
        if let Test::Address(_) = asked.test
            && told == self.found.len()
        {
            self.value(
                asked,
                "address",
                "text that looks like an IP address is compared as one: other spellings match, too",
            );
        }
    }

    fn value(&mut self, asked: Asked<'_>, code: &'static str, message: impl Into<String>) {
        self.warn(code, asked.tree, asked.steps, message);
    }

    fn of_object(&mut self, asked: Asked<'_>) {
        let path = asked.path;
        let never = format!("{path} is an object, and filters see the ends of paths only: this never matches");
        let always =
            format!("{path} is an object, and exists tests the ends of paths only: exists: false always matches");
        let tell = if matches!(asked.test, Test::Exists | Test::Absent) && path.ends_with("Image") {
            "; which records have images, eventName tells"
        } else {
            ""
        };
        self.never_or_always(asked, never + tell, always + tell);
    }

    fn of_identity(&mut self, asked: Asked<'_>) {
        if *asked.test != Test::Null {
            let message = format!(
                "a userIdentity is an object, and filters see the ends of paths only: ask for {}.type",
                asked.path
            );
            self.value(asked, "ends-early", message);
        }
    }

    fn below_value(&mut self, asked: Asked<'_>) {
        let path = asked.path;
        let never = format!("no record has anything at {path}, as a value stands above it: this never matches");
        let always =
            format!("no record has anything at {path}, as a value stands above it: exists: false always matches");
        self.never_or_always(asked, never, always);
    }

    fn never_or_always(&mut self, asked: Asked<'_>, never: String, always: String) {
        if *asked.test == Test::Absent {
            self.value(asked, "always-matches", always);
        } else {
            self.value(asked, "never-matches", never);
        }
    }

    fn no_type(&mut self, asked: Asked<'_>, name: &str) {
        let path = asked.path;
        let (tag, how) = tag_for(asked.test);
        let such = format!("add its type, such as {path}{name}.{tag}{how}");
        if *asked.test == Test::Absent {
            let message = format!("exists: false always matches at {path}, which is an attribute and no value: {such}");
            self.value(asked, "always-matches", message);
        } else {
            let message = format!("the path ends at an attribute and never matches: {such}");
            self.value(asked, "missing-type-tag", message);
        }
    }

    fn of_value(&mut self, asked: Asked<'_>, holds: Holds, many: Many) {
        let is_image = asked.path.contains("Image.") || asked.path.contains("Keys.");
        let name = if is_image { asked.path.rsplit('.').next().unwrap_or_default() } else { asked.path };
        let fitting = Fitting { holds, many, name, extended: self.is_extended() };
        let is_event_name = holds == Holds::Word(EVENT_NAMES);
        if is_event_name && matches!(asked.test, Test::Exists | Test::Absent) {
            let (code, what) = match asked.test {
                Test::Exists => ("always-matches", "exists: true always matches"),
                _ => ("never-matches", "exists: false never matches"),
            };
            return self.value(asked, code, format!("every record has an {name}: {what}"));
        }
        if let Test::AnythingBut(excluded) = asked.test
            && let Some(reason) = fitting.excludes_nothing(excluded)
        {
            let code = if is_event_name { "always-matches" } else { "excludes-nothing" };
            return self.value(asked, code, format!("anything-but with this excludes nothing: {reason}"));
        }
        if let Some(reason) = fitting.never(asked.test) {
            return self.value(asked, "never-matches", reason);
        }
        let of = match many {
            Many::OfSet => "set",
            Many::OfList => "list",
            Many::One | Many::Perhaps => return,
        };
        if matches!(asked.test, Test::AnythingBut(_)) {
            let message = format!("anything-but matches as soon as one member of the {of} is none of these");
            self.value(asked, "any-member", message);
        }
    }

    /// What the values of one list mean beside one another.
    pub(super) fn list(&mut self, tree: &Tree, tests: &[Test], steps: &[Step], place: Place) {
        let is_value = matches!(place, Place::Value(..));
        let of_any_type = self.is_extended() && matches!(place, Place::Attribute(Lists::No));
        let any_text = is_value && tests.len() > 1 && take_any_text(tests);
        let always = matches!(place, Place::Value(Holds::Word(EVENT_NAMES), _));
        if (is_value || of_any_type) && tests.contains(&Test::Absent) && (any_text || tests.contains(&Test::Exists)) {
            let message =
                "one value of this list matches where the other does not: whether or not anything stands here";
            self.warn("always-matches", tree, steps, message);
        } else if any_text {
            let message = "what anything-but excludes, another value of this list takes: every value matches";
            self.warn(if always { "always-matches" } else { "excludes-nothing" }, tree, steps, message);
        }
    }
}

/// The type that a test is about, and how its value is to be written there.
fn tag_for(test: &Test) -> (&'static str, &'static str) {
    match test {
        Test::Number { .. } | Test::Range(_) => ("N", ", with the digits as a string"),
        Test::Boolean(_) => ("BOOL", ""),
        Test::Null => ("NULL", ", with true"),
        Test::AnythingBut(excluded) => excluded.first().map_or(("S", ""), tag_for),
        _ => ("S", ""),
    }
}
