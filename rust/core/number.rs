//! N: the grammar of its text, DynamoDB's limits, and exact equality and order. Never through a float. No message says
//! what the text is: messages go to logs, and values of items do not.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use std::cmp::Ordering;
use std::fmt;

use super::error::Error;
use super::limits::{EXPONENT_DIGITS, NUMBER_DIGITS, NUMBER_MAX_EXPONENT, NUMBER_MIN_EXPONENT};

/// A number by value: every spelling of it is equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    /// ASCII digits without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// The power of ten of the last digit.
    exponent: i64,
}

/// Text that has the grammar of a number, cut into its parts.
struct Parts<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// Checks that text is a number DynamoDB can hold: at most 38 significant digits, 1E-130 to 9.99...E+125.
#[inline]
pub fn check(text: &[u8]) -> Result<(), Error> {
    if is_short_integer(text) {
        return Ok(());
    }
    check_parts(&Parts::parse(text)?)
}

/// Checks that text is written like a number, whatever its size.
pub fn grammar(text: &[u8]) -> Result<(), Error> {
    Parts::parse(text).map(drop)
}

/// Digits that a `u64` and an `f64` hold exactly, as do all powers of ten of so many digits.
const SHORT_DIGITS: usize = 15;

/// A number of at most 15 digits, as nearly all are: what it is in units of its last digit, and how many of its digits
/// stand behind the point. None for every other text.
#[inline]
pub fn short(text: &[u8]) -> Option<(i64, u32)> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    };
    if digits.len() > SHORT_DIGITS + 1 {
        return None;
    }
    let (mut value, mut point) = (0, None);
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at + 1),
            _ => return None,
        }
    }
    let count = digits.len() - usize::from(point.is_some());
    // An integer has no negative zero, and a float has one.
    if count == 0 || count > SHORT_DIGITS || (negative && value == 0) {
        return None;
    }
    let behind = point.map_or(0, |point| digits.len() - point);
    Some((if negative { -value } else { value }, u32::try_from(behind).ok()?))
}

/// The integer that a short number is, if it has no fraction. Few are written with a point, and dividing takes as long
/// as all the rest.
#[inline]
pub fn short_integer(value: i64, behind: u32) -> Option<i64> {
    if behind == 0 {
        return Some(value);
    }
    let factor = 10_i64.pow(behind);
    (value % factor == 0).then(|| value / factor)
}

/// The float nearest to a short number: both sides of the division are exact, so its result is rounded once.
#[inline]
#[allow(clippy::cast_precision_loss)]
pub fn short_float(value: i64, behind: u32) -> f64 {
    value as f64 / 10_i64.pow(behind) as f64
}

/// The digits of a number that has no fraction, behind an optional minus; None where it has one. Checks it as `check`.
pub fn integer_digits(text: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let parts = Parts::parse(text)?;
    check_parts(&parts)?;
    let number = Number::from_parts(&parts);
    let Ok(zeros) = usize::try_from(number.exponent) else {
        return Ok(None);
    };
    let sign = if number.negative { &b"-"[..] } else { b"" };
    let zeros = vec![b'0'; if number.digits.is_empty() { 1 } else { zeros }];
    Ok(Some([sign, &number.digits, &zeros].concat()))
}

/// The common case: an integer of few digits has nothing that could be wrong.
#[inline]
fn is_short_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    !digits.is_empty() && digits.len() <= NUMBER_DIGITS && digits.iter().all(u8::is_ascii_digit)
}

fn check_parts(parts: &Parts<'_>) -> Result<(), Error> {
    // Up to 38 digits and no exponent: neither limit can be passed.
    if parts.exponent == 0 && parts.whole.len() + parts.fraction.len() <= NUMBER_DIGITS {
        return Ok(());
    }
    let Some((first, last)) = parts.significant() else {
        return Ok(());
    };
    if last - first + 1 > NUMBER_DIGITS {
        return Err(Error::value(format!(
            "the text has {} significant digits: a number has at most {NUMBER_DIGITS}",
            last - first + 1
        )));
    }
    let magnitude = parts.power_of(first);
    if (NUMBER_MIN_EXPONENT..=NUMBER_MAX_EXPONENT).contains(&magnitude) {
        return Ok(());
    }
    Err(out_of_range())
}

/// The error of a number that is too large or too small.
#[cold]
pub fn out_of_range() -> Error {
    Error::value("the number is out of range: a number lies between 1E-130 and 9.99...E+125")
}

impl<'a> Parts<'a> {
    fn parse(text: &'a [u8]) -> Result<Self, Error> {
        Self::cut(text).ok_or_else(|| {
            Error::value("the text is no number: expected digits such as \"12\", \"-1.50\" or \"1E+20\"")
        })
    }

    fn cut(text: &'a [u8]) -> Option<Self> {
        let (negative, rest) = sign(text);
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', rest)) => digits(rest),
            _ => (&[][..], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', rest)) => exponent(rest)?,
            Some(_) => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    fn digit(&self, at: usize) -> u8 {
        let digit = self.whole.get(at).or_else(|| self.fraction.get(at - self.whole.len()));
        digit.copied().unwrap_or(b'0')
    }

    /// Positions of the first and last digit that is not zero.
    fn significant(&self) -> Option<(usize, usize)> {
        let mut nonzero = (0..self.whole.len() + self.fraction.len()).filter(|&at| self.digit(at) != b'0');
        let first = nonzero.next()?;
        Some((first, nonzero.next_back().unwrap_or(first)))
    }

    /// The power of ten of the digit at this position.
    #[allow(clippy::cast_possible_wrap)]
    fn power_of(&self, at: usize) -> i64 {
        self.whole.len() as i64 - 1 - at as i64 + self.exponent
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, rest) = sign(text);
    let (all, rest) = digits(rest);
    let zeros = all.iter().take_while(|&&digit| digit == b'0').count();
    let significant = all.get(zeros..)?;
    if all.is_empty() || !rest.is_empty() || significant.len() > EXPONENT_DIGITS {
        return None;
    }
    let value = significant.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(if negative { -value } else { value })
}

impl Number {
    /// The value of a number's text.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let parts = Parts::parse(text)?;
        check_parts(&parts)?;
        Ok(Self::from_parts(&parts))
    }

    /// The value of text that may be longer than DynamoDB's numbers are: the exact one of a float is.
    pub fn parse_any_size(text: &[u8]) -> Result<Self, Error> {
        Parts::parse(text).map(|parts| Self::from_parts(&parts))
    }

    fn from_parts(parts: &Parts<'_>) -> Self {
        let Some((first, last)) = parts.significant() else {
            return Self::default();
        };
        Self {
            negative: parts.negative,
            digits: (first..=last).map(|at| parts.digit(at)).collect(),
            exponent: parts.power_of(last),
        }
    }

    /// The power of ten of the first digit.
    #[allow(clippy::cast_possible_wrap)]
    pub fn magnitude(&self) -> i64 {
        self.exponent + self.digits.len() as i64 - 1
    }

    /// The value times a power of ten, rounded down to an integer; None where that does not fit.
    pub fn scaled(&self, power: u32) -> Option<i128> {
        let coefficient = self.digits.iter().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        let coefficient = if self.negative { -coefficient } else { coefficient };
        let exponent = self.exponent + i64::from(power);
        let factor = 10_i128.checked_pow(u32::try_from(exponent.unsigned_abs()).ok()?);
        if exponent < 0 {
            return Some(factor.map_or(if self.negative { -1 } else { 0 }, |factor| coefficient.div_euclid(factor)));
        }
        coefficient.checked_mul(factor?)
    }

    /// The digits as DynamoDB gives them back: no exponent, and no zeros that change nothing. None for what is no N.
    pub fn plain_text(&self) -> Option<String> {
        let sign = if self.negative { "-" } else { "" };
        let digits = String::from_utf8_lossy(&self.digits);
        if digits.is_empty() {
            return Some("0".to_owned());
        }
        if !(NUMBER_MIN_EXPONENT..=NUMBER_MAX_EXPONENT).contains(&self.magnitude()) {
            return None;
        }
        let places = usize::try_from(self.exponent.unsigned_abs()).ok()?;
        let text = if self.exponent >= 0 {
            format!("{sign}{digits}{}", "0".repeat(places))
        } else {
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            format!("{sign}{whole}.{fraction}")
        };
        Some(text)
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The canonical text: `0`, or sign, digits and `E` with the power of the last digit.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{}E{}", String::from_utf8_lossy(&self.digits), self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_spelling_is_equal() {
        for group in [
            &["1", "1.0", "01", "+1", "1E0", "10E-1", "0.1e+1", "1.", "001.000"][..],
            &["0", "-0", "0.000", "0E+9", "-.0"],
            &["-12.50", "-1.25E1", "-1250E-2"],
            &["1E+100", &format!("1{}", "0".repeat(100))],
            &["1E-130", &format!("0.{}1", "0".repeat(129))],
        ] {
            for text in group {
                assert_eq!(number(text), number(group.first().unwrap()), "{text}");
            }
        }
    }

    #[test]
    fn plain_text_has_no_exponent_and_no_idle_zeros() {
        for (text, wanted) in [
            ("15.0", "15"),
            ("9.50", "9.5"),
            ("-0.05", "-0.05"),
            ("1E+3", "1000"),
            ("0", "0"),
            ("-0.0", "0"),
            ("-120", "-120"),
            ("1E-3", "0.001"),
            (".5", "0.5"),
        ] {
            assert_eq!(number(text).plain_text().as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(number("1E-130").plain_text().map(|text| text.len()), Some(132));
        assert_eq!(Number::parse_any_size(b"1E+999").unwrap().plain_text(), None);
    }

    #[test]
    fn order_is_by_value() {
        let sorted = ["-9E125", "-10", "-9.9", "-1", "-1E-130", "0", "1E-130", "0.5", "1", "1.5", "2", "10", "9.9E125"];
        for (i, one) in sorted.iter().enumerate() {
            for (j, other) in sorted.iter().enumerate() {
                assert_eq!(number(one).cmp(&number(other)), i.cmp(&j), "{one} {other}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "",
            "-",
            ".",
            "1_000",
            " 1",
            "1 ",
            "NaN",
            "Infinity",
            "1e",
            "1e+",
            "0x1",
            "--1",
            "1.2.3",
            "1E9999999",
            "é",
            "٣",
        ] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_dynamodbs() {
        let digits_38 = "9".repeat(38);
        for good in [
            digits_38.as_str(),
            "1E-130",
            "9.9E+125",
            "1E+125",
            &format!("0.{}", "1".repeat(38)),
            &format!("1{}", "0".repeat(125)),
        ] {
            check(good.as_bytes()).unwrap();
        }
        for bad in [&format!("{digits_38}9"), "1E+126", "1E-131", &format!("1{}1", "0".repeat(37))] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn scaled_rounds_down() {
        assert_eq!(number("1.7E9").scaled(6), Some(1_700_000_000_000_000));
        assert_eq!(number("1700000000.1234567").scaled(6), Some(1_700_000_000_123_456));
        assert_eq!(number("-0.5").scaled(0), Some(-1));
        assert_eq!(number("1E-130").scaled(6), Some(0));
        assert_eq!(number("1E125").scaled(6), None);
    }

    #[test]
    fn integers_have_digits_and_fractions_none() {
        for (text, digits) in [
            ("1.0", Some("1")),
            ("-12E+3", Some("-12000")),
            ("0.00", Some("0")),
            ("-0", Some("0")),
            ("120E-1", Some("12")),
            ("1.5", None),
            ("1E-3", None),
        ] {
            let found = integer_digits(text.as_bytes()).unwrap();
            assert_eq!(found.as_deref(), digits.map(str::as_bytes), "{text}");
        }
        assert!(integer_digits(b"1E+126").is_err());
    }

    #[test]
    fn short_numbers_are_cut_in_two() {
        for (text, parts) in [
            ("0", Some((0, 0))),
            ("-12.50", Some((-1250, 2))),
            (".5", Some((5, 1))),
            ("5.", Some((5, 0))),
            ("999999999999999", Some((999_999_999_999_999, 0))),
            ("1000000000000000", None),
            ("", None),
            ("-", None),
            (".", None),
            ("1.2.3", None),
            ("1E2", None),
            ("+1", None),
            ("-0.0", None),
        ] {
            assert_eq!(short(text.as_bytes()), parts, "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_floats_are_the_nearest(text in "-?[0-9]{1,10}(\\.[0-9]{0,10})?") {
            if let Some((value, behind)) = short(text.as_bytes()) {
                let nearest: f64 = text.parse().unwrap();
                prop_assert_eq!(short_float(value, behind).abs().to_bits(), nearest.abs().to_bits());
                prop_assert!(short_float(value, behind) <= 0.0 || !text.starts_with('-'));
            }
        }

        #[test]
        fn integers_agree_with_i64(one in any::<i64>(), other in any::<i64>()) {
            let (a, b) = (number(&one.to_string()), number(&other.to_string()));
            prop_assert_eq!(a.cmp(&b), one.cmp(&other));
            prop_assert_eq!(a.scaled(0), Some(i128::from(one)));
        }

        #[test]
        fn check_and_parse_agree(text in "[-+]?[0-9]{0,45}(\\.[0-9]{0,45})?([eE][-+]?[0-9]{1,4})?") {
            prop_assert_eq!(check(text.as_bytes()).is_ok(), Number::parse(text.as_bytes()).is_ok());
        }
    }
}
