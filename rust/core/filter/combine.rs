//! `$or`, `$and` and `$not`: how alternatives grow.

use super::compile::{Compiler, Growing};
use super::fault::{Fault, Refusal};
use super::parse::{Tree, Value};
use crate::core::error::Step;
use crate::core::limits::FILTER_ALTERNATIVES;

impl Compiler {
    /// All of some patterns.
    pub(super) fn and(&mut self, rules: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        let patterns = match &tree.value {
            Value::Array(patterns) if !patterns.is_empty() => patterns,
            _ => {
                return Err(Fault::here(tree.at, format!("$and has a list of objects, found {}", tree.kind()))
                    .operator("$and")
                    .found(tree.kind())
                    .allowed(&["an array"]));
            }
        };
        for (index, pattern) in patterns.iter().enumerate() {
            let Value::Object(members) = &pattern.value else {
                return Err(Fault::here(pattern.at, format!("$and has objects, found {}", pattern.kind()))
                    .operator("$and")
                    .found(pattern.kind())
                    .allowed(&["an object"])
                    .inside(Step::Index(index)));
            };
            self.object(rules, path, pattern, members, true).map_err(|fault| fault.inside(Step::Index(index)))?;
        }
        Ok(())
    }

    /// A pattern that must not match.
    pub(super) fn not(&mut self, rules: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        let Value::Object(members) = &tree.value else {
            return Err(Fault::here(tree.at, format!("$not has an object, found {}", tree.kind()))
                .operator("$not")
                .found(tree.kind())
                .allowed(&["an object"]));
        };
        let mut inner = Vec::new();
        self.object(&mut inner, path, tree, members, true)?;
        self.negated.push(inner);
        let number = u32::try_from(self.negated.len() - 1).unwrap_or(u32::MAX);
        if rules.is_empty() {
            rules.push(Growing::default());
        }
        for rule in rules {
            rule.nots.push(number);
        }
        Ok(())
    }

    /// Each branch goes on from the alternatives before it.
    pub(super) fn or(&mut self, rules: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        let Value::Array(branches) = &tree.value else {
            return Err(Fault::here(tree.at, format!("$or has a list of objects, found {}", tree.kind()))
                .ruler("It must be an Array followed with $or.")
                .operator("$or")
                .found(tree.kind())
                .allowed(&["an array"]));
        };
        let before = std::mem::take(rules);
        for (index, branch) in branches.iter().enumerate() {
            let mut grown = if before.is_empty() { vec![Growing::default()] } else { before.clone() };
            self.branch(&mut grown, path, branch).map_err(|fault| fault.inside(Step::Index(index)))?;
            rules.extend(grown);
            if rules.len() > FILTER_ALTERNATIVES {
                return Err(Fault::here(
                    tree.at,
                    format!("the pattern unfolds to more than {FILTER_ALTERNATIVES} alternatives: each $or multiplies those of the others"),
                )
                .operator("$or")
                .ours());
            }
        }
        if branches.len() < 2 {
            return Err(Fault::here(tree.at, format!("$or has at least two objects, found {}", branches.len()))
                .ruler("There must have at least 2 Objects in $or relationship.")
                .operator("$or")
                .found(branches.len().to_string()));
        }
        Ok(())
    }

    fn branch(&mut self, grown: &mut Vec<Growing>, path: Option<&str>, tree: &Tree) -> Result<(), Refusal> {
        match &tree.value {
            Value::Object(members) => self.object(grown, path, tree, members, true),
            _ => Err(Fault::here(tree.at, format!("$or has objects, found {}", tree.kind()))
                .ruler("Only JSON object is allowed in array of $or relationship.")
                .operator("$or")
                .found(tree.kind())
                .allowed(&["an object"])),
        }
    }
}
