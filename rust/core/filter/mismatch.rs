//! Tests that do not fit what stands at their path: told without any record.

use super::compile::attribute_of;
use super::lint::{Lint, meant};
use super::parse::Tree;
use super::paths::{IMAGES, TAGS};
use super::pattern::Test;
use crate::core::error::Step;

const EVENT_NAMES: &[&str] = &["INSERT", "MODIFY", "REMOVE"];

/// The text parts of a record.
const TEXTS: &[&str] = &[
    "awsRegion",
    "dynamodb.SequenceNumber",
    "dynamodb.StreamViewType",
    "eventID",
    "eventName",
    "eventSource",
    "eventSourceARN",
    "eventVersion",
    "userIdentity.principalId",
    "userIdentity.type",
];

/// Its numbers.
const NUMBERS: &[&str] = &["dynamodb.ApproximateCreationDateTime", "dynamodb.SizeBytes"];

/// What a value of a record is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Text,
    Number,
    /// Text that is compared as a number, too.
    Digits,
    Boolean,
}

impl Lint<'_> {
    pub(super) fn test(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        if let Test::Address(_) = test {
            self.warn(
                "address",
                tree,
                steps,
                "text that looks like an IP address is compared as one: other spellings match, too",
            );
        }
        match attribute_of(path) {
            None => self.of_record(path, tree, test, steps),
            // Types may be left out.
            Some(attribute) if attribute.loose && self.is_extended() => {}
            Some(attribute) if attribute.typed => self.no_type(path, tree, test, steps),
            Some(attribute) => {
                if attribute.loose && !steps.iter().any(|step| matches!(step, Step::Name(name) if name.contains('.'))) {
                    self.no_type_between(&attribute.names, tree, steps);
                }
                self.of_attribute(path, tree, test, steps);
            }
        }
    }

    /// Outside of images.
    fn of_record(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        if path == "eventName" {
            self.event_name(tree, test, steps);
        }
        let image = path.strip_prefix("dynamodb.").is_some_and(|name| IMAGES.contains(&name));
        if path == "dynamodb" || image {
            return self.of_object(path, tree, test, steps);
        }
        if path == "userIdentity" && *test != Test::Null {
            let message =
                "a userIdentity is an object, and filters see the ends of paths only: ask for userIdentity.type";
            return self.warn("ends-early", tree, steps, message);
        }
        let is = |known: &[&str]| known.contains(&path);
        let below =
            |known: &[&str]| known.iter().any(|name| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        if below(TEXTS) || below(NUMBERS) {
            self.below_value(path, tree, test, steps);
        } else if is(TEXTS) {
            self.of_value(Holds::Text, path, tree, test, steps);
        } else if is(NUMBERS) {
            self.of_value(Holds::Number, path, tree, test, steps);
        }
    }

    fn event_name(&mut self, tree: &Tree, test: &Test, steps: &[Step]) {
        if let Test::Text(name) = test
            && !EVENT_NAMES.contains(&name.as_str())
        {
            let message = format!("no record has this eventName{}", meant(name, EVENT_NAMES));
            self.warn("never-matches", tree, steps, message);
        }
    }

    fn of_object(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        let never = format!("{path} is an object, and filters see the ends of paths only: this never matches");
        let always =
            format!("{path} is an object, and exists tests the ends of paths only: exists: false always matches");
        self.never_or_always(tree, test, steps, never, always);
    }

    fn below_value(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        let never = format!("no record has anything at {path}, as a value stands above it: this never matches");
        let always =
            format!("no record has anything at {path}, as a value stands above it: exists: false always matches");
        self.never_or_always(tree, test, steps, never, always);
    }

    fn never_or_always(&mut self, tree: &Tree, test: &Test, steps: &[Step], never: String, always: String) {
        if *test == Test::Absent {
            self.warn("always-matches", tree, steps, always);
        } else {
            self.warn("never-matches", tree, steps, never);
        }
    }

    fn no_type(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        let more = if path.rsplit('.').next() == Some("M") { ".name.S" } else { ".S" };
        if *test == Test::Absent {
            let message = format!(
                "exists: false always matches at {path}, which is an attribute and no value: add its type, such as {path}{more}"
            );
            self.warn("always-matches", tree, steps, message);
        } else {
            let message =
                format!("the path ends at an attribute and never matches: add its type, such as {path}{more}");
            self.warn("missing-type-tag", tree, steps, message);
        }
    }

    /// The value of an attribute has no names but those of types.
    fn no_type_between(&mut self, names: &[String], tree: &Tree, steps: &[Step]) {
        let message = format!(
            "a type is missing on the way: between the names of attributes stands M, as in {}; without it, this is an attribute called \"{}\"",
            names.join(".M."),
            names.join(".")
        );
        self.warn("missing-type-tag", tree, steps, message);
    }

    /// At a path that ends with a type.
    fn of_attribute(&mut self, path: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        let mut types = path.split('.').skip(3).filter(|step| TAGS.contains(step));
        let tag = path.rsplit('.').next().unwrap_or_default();
        if types.any(|step| !matches!(step, "L" | "M")) && !TAGS.contains(&tag) {
            return self.below_value(path, tree, test, steps);
        }
        let in_list = path.contains(".L.");
        if matches!(test, Test::AnythingBut(_)) && (in_list || matches!(tag, "SS" | "NS" | "BS")) {
            let of = if in_list { "list" } else { "set" };
            let message = format!("anything-but matches as soon as one member of the {of} is none of these");
            self.warn("any-member", tree, steps, message);
        }
        let holds = match tag {
            "N" | "NS" if self.is_extended() => Holds::Digits,
            "BOOL" | "NULL" => Holds::Boolean,
            _ => Holds::Text,
        };
        if tag == "NULL" && matches!(test, Test::Null | Test::Boolean(false)) {
            let message = "NULL holds true on the wire: null never matches, write true";
            return self.warn("never-matches", tree, steps, message);
        }
        self.of_value(holds, tag, tree, test, steps);
    }

    fn of_value(&mut self, holds: Holds, name: &str, tree: &Tree, test: &Test, steps: &[Step]) {
        if let Test::AnythingBut(excluded) = test {
            if excluded.iter().all(|test| never_passes(holds, test)) {
                let message = format!("{}: anything-but with this excludes nothing", what(holds, name));
                self.warn("excludes-nothing", tree, steps, message);
            }
        } else if never_passes(holds, test) {
            let message = what(holds, name);
            let advice = match holds {
                Holds::Boolean => "write true or false without quotes",
                Holds::Text if matches!(name, "N" | "NS") => {
                    "a number or numeric never matches; write the digits as a string, or take the extended dialect"
                }
                Holds::Number => "only numbers match",
                Holds::Text | Holds::Digits => "only strings match",
            };
            self.warn("never-matches", tree, steps, format!("{message}: {advice}"));
        }
    }
}

fn what(holds: Holds, name: &str) -> String {
    let what = match holds {
        Holds::Text | Holds::Digits => "text",
        Holds::Number => "a number",
        Holds::Boolean => "a boolean",
    };
    format!("{name} is {what} on the wire")
}

/// Whether no value of a kind passes.
fn never_passes(holds: Holds, test: &Test) -> bool {
    match test {
        Test::Exists | Test::Absent | Test::AnythingBut(_) | Test::All(_) | Test::ContainsAll(_) | Test::Change(_) => {
            false
        }
        Test::Number { .. } | Test::Range(_) => matches!(holds, Holds::Text | Holds::Boolean),
        Test::Boolean(_) => holds != Holds::Boolean,
        Test::Null => true,
        _ => matches!(holds, Holds::Number | Holds::Boolean),
    }
}
