//! N texts, one a line: what is a number, and what it is worth.

use tailrace::core::number::{Number, check as check_text, grammar, integer_digits, small_integer};
use tailrace::core::timestamp;

use crate::reference::number::{Decimal, is_written_as_number, parse};
use crate::{Outcome, check_error};

/// Lines that are looked at, so that no input takes long.
const LINES: usize = 16;

/// Checks every line, and every pair of lines.
pub fn check(data: &[u8]) -> Outcome {
    let texts: Vec<_> = data.split(|&byte| byte == b'\n').take(LINES).collect();
    let numbers: Vec<_> = texts.iter().filter_map(|text| check_one(text)).collect();
    for one in &numbers {
        for other in &numbers {
            check_pair(one, other);
        }
    }
    Outcome::of(numbers.len() == texts.len())
}

fn check_one(text: &[u8]) -> Option<(Number, Decimal)> {
    let (found, wanted) = (Number::parse(text), parse(text));
    assert_eq!(found.is_ok(), wanted.is_some(), "{:?}", String::from_utf8_lossy(text));
    assert_eq!(check_text(text).is_ok(), wanted.is_some(), "{:?}", String::from_utf8_lossy(text));
    assert_eq!(grammar(text).is_ok(), is_written_as_number(text), "{:?}", String::from_utf8_lossy(text));
    assert_eq!(integer_digits(text).ok(), wanted.as_ref().map(Decimal::integer_digits));
    check_small_integer(text);
    if let Err(error) = &found {
        check_error(error, text.len());
    }
    let (found, wanted) = (found.ok()?, wanted?);
    check_value(&found, &wanted);
    check_times(text, &wanted);
    Some((found, wanted))
}

/// One way to write an integer needs no more than a machine's.
fn check_small_integer(text: &[u8]) {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let small = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let wanted = std::str::from_utf8(text).ok().filter(|_| small).and_then(|text| text.parse::<i64>().ok());
    assert_eq!(small_integer(text), wanted, "{:?}", String::from_utf8_lossy(text));
}

fn check_value(found: &Number, wanted: &Decimal) {
    let canonical = found.to_string();
    assert_eq!(canonical, wanted.canonical());
    assert_eq!(Number::parse(canonical.as_bytes()).as_ref().ok(), Some(found), "{canonical} reads back");
    for power in [0, 3, 6, 38] {
        assert_eq!(found.scaled(power), wanted.scaled(i64::from(power)), "{canonical} times ten to the {power}");
    }
}

fn check_times(text: &[u8], wanted: &Decimal) {
    for precision in [None, Some("MILLISECOND"), Some("MICROSECOND"), Some("SECOND")] {
        let found = timestamp::microseconds(text, precision.map(str::as_bytes)).ok();
        assert_eq!(found, wanted.microseconds(precision), "{wanted:?} in {precision:?}");
    }
}

fn check_pair((one, wanted_one): &(Number, Decimal), (other, wanted_other): &(Number, Decimal)) {
    assert_eq!(one.cmp(other), wanted_one.compare(wanted_other), "{one} and {other}");
    assert_eq!(one == other, wanted_one == wanted_other, "{one} and {other}");
}
