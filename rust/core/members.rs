//! The members of one set, by value: two spellings of one number are one member.

use std::collections::BTreeSet;

use super::error::Error;
use super::number::Number;
use super::value::Value;

/// What a set has so far.
#[derive(Default)]
pub struct Members(BTreeSet<Value>);

impl Members {
    /// A member of SS.
    pub fn string(&mut self, text: &str) -> Result<(), Error> {
        self.add(Value::String(text.to_owned()))
    }

    /// A member of NS.
    pub fn number(&mut self, text: &[u8]) -> Result<(), Error> {
        self.add(Value::Number(Number::parse(text)?))
    }

    /// A member of BS.
    pub fn binary(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.add(Value::Binary(bytes.to_vec()))
    }

    fn add(&mut self, member: Value) -> Result<(), Error> {
        if self.0.insert(member) { Ok(()) } else { Err(Error::value("a set has a member twice")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart_by_value() {
        let mut members = Members::default();
        members.number(b"1.0").unwrap();
        members.number(b"2").unwrap();
        assert!(members.number(b"10E-1").is_err());
        members.string("1").unwrap();
        assert!(members.string("1").is_err());
    }
}
