//! N texts, one a line: what is a number, and what it is worth.

use tailrace::core::number::{Number, check as check_text, grammar, integer_digits, short, short_float};
use tailrace::core::timestamp;

use crate::reference::number::{Decimal, is_written_as_number, parse};
use crate::{Outcome, check_error};

/// Lines that are looked at, so that no input takes long.
const LINES: usize = 16;

/// Checks every line, and every pair of lines.
pub fn check(data: &[u8]) -> Outcome {
    let texts: Vec<_> = data.split(|&byte| byte == b'\n').take(LINES).collect();
    let numbers: Vec<_> = texts.iter().filter_map(|text| check_one(text)).collect();
    for (at, one) in numbers.iter().enumerate() {
        for other in &numbers[at..] {
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
    check_short(text);
    if let Err(error) = &found {
        check_error(error, text.len());
    }
    let (found, wanted) = (found.ok()?, wanted?);
    check_value(&found, &wanted);
    check_times(text, &wanted);
    Some((found, wanted))
}

/// At most 15 digits, a point among them, and a minus before: such a number needs no more than a machine's. -0 does.
fn check_short(text: &[u8]) {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let count = digits.iter().filter(|byte| byte.is_ascii_digit()).count();
    let points = digits.split(|&byte| byte == b'.').count() - 1;
    let negative_zero = text.starts_with(b"-") && !digits.iter().any(|digit| (b'1'..=b'9').contains(digit));
    let is_short = !negative_zero && (1..=15).contains(&count) && points <= 1 && count + points == digits.len();
    let found = short(text);
    assert_eq!(found.is_some(), is_short, "{:?}", String::from_utf8_lossy(text));
    let Some((value, behind)) = found else { return };
    assert_eq!(Some(Decimal::new(value.into(), -i64::from(behind))), parse(text), "{value} and {behind}");
    let nearest: f64 = String::from_utf8_lossy(text).parse().expect("a number");
    assert_eq!(short_float(value, behind).to_bits(), nearest.to_bits(), "{value} and {behind}");
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
    let order = wanted_one.compare(wanted_other);
    assert_eq!((one.cmp(other), other.cmp(one)), (order, order.reverse()), "{one} and {other}");
    assert_eq!(one == other, wanted_one == wanted_other, "{one} and {other}");
}
