//! Numbers as whole numbers times a power of ten, of any length.

use std::cmp::Ordering;

use num_bigint::BigInt;
use tailrace::core::limits::EXPONENT_DIGITS;

/// A number by value: `coefficient` times ten to the `exponent`, without zeros at the end of the coefficient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal {
    coefficient: BigInt,
    exponent: i64,
}

/// The number of a text that DynamoDB holds: 38 significant digits, and a first digit between 1E-130 and 1E+125.
pub fn parse(text: &[u8]) -> Option<Decimal> {
    let number = grammar(std::str::from_utf8(text).ok()?)?;
    let fits = number.digits() <= 38 && (-130..=125).contains(&number.magnitude());
    (number.coefficient == BigInt::ZERO || fits).then_some(number)
}

/// The number of a text, of whatever size.
pub fn parse_any_size(text: &[u8]) -> Option<Decimal> {
    grammar(std::str::from_utf8(text).ok()?)
}

/// Whether a text is written like a number, of whatever size.
pub fn is_written_as_number(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| grammar(text).is_some())
}

fn grammar(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (text, 0),
    };
    let (negative, mantissa) = signed(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !is_digits(&digits) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    let coefficient: BigInt = if significant.is_empty() { BigInt::ZERO } else { significant.parse().ok()? };
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let places = i64::try_from(fraction.len()).ok()?;
    Some(Decimal::new(if negative { -coefficient } else { coefficient }, exponent - places + zeros))
}

fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !is_digits(digits) || digits.trim_start_matches('0').len() > EXPONENT_DIGITS {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    Some(if negative { -value } else { value })
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_digits(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit())
}

fn power_of_ten(power: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).expect("small and positive"))
}

impl Decimal {
    /// The number of a coefficient and an exponent.
    pub fn new(mut coefficient: BigInt, mut exponent: i64) -> Self {
        if coefficient == BigInt::ZERO {
            return Self { coefficient, exponent: 0 };
        }
        while &coefficient % 10 == BigInt::ZERO {
            coefficient /= 10;
            exponent += 1;
        }
        Self { coefficient, exponent }
    }

    fn digits(&self) -> usize {
        self.coefficient.magnitude().to_string().len()
    }

    /// The power of ten of the first digit.
    fn magnitude(&self) -> i64 {
        self.exponent + i64::try_from(self.digits()).expect("few digits") - 1
    }

    /// The order by value.
    pub fn compare(&self, other: &Self) -> Ordering {
        let least = self.exponent.min(other.exponent);
        let whole = |number: &Self| &number.coefficient * power_of_ten(number.exponent - least);
        whole(self).cmp(&whole(other))
    }

    /// The text that is the same for every spelling.
    pub fn canonical(&self) -> String {
        if self.coefficient == BigInt::ZERO {
            "0".to_owned()
        } else {
            format!("{}E{}", self.coefficient, self.exponent)
        }
    }

    /// The digits of a whole number, behind a minus where it is negative.
    pub fn integer_digits(&self) -> Option<Vec<u8>> {
        let whole = (self.exponent >= 0).then(|| &self.coefficient * power_of_ten(self.exponent));
        whole.map(|whole| whole.to_string().into_bytes())
    }

    /// The value times a power of ten, rounded down; None where 128 bits do not hold it.
    pub fn scaled(&self, power: i64) -> Option<i128> {
        let exponent = self.exponent + power;
        let whole = if exponent >= 0 {
            &self.coefficient * power_of_ten(exponent)
        } else {
            let divisor = power_of_ten(-exponent);
            let (quotient, remainder) = (&self.coefficient / &divisor, &self.coefficient % &divisor);
            if remainder < BigInt::ZERO { quotient - 1 } else { quotient }
        };
        i128::try_from(whole).ok()
    }

    /// The microseconds since 1970 that this number of seconds, milliseconds or microseconds means, up to the year 9999.
    pub fn microseconds(&self, precision: Option<&str>) -> Option<i64> {
        let power = match (precision, self.magnitude()) {
            (Some("MILLISECOND"), _) => 3,
            (Some("MICROSECOND"), _) => 0,
            (_, ..11) => 6,
            (_, 11..14) => 3,
            _ => 0,
        };
        let value = i64::try_from(self.scaled(power)?).ok()?;
        (0..253_402_300_800_000_000).contains(&value).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_exact() {
        for (text, canonical) in
            [("0", "0"), ("-0.00E5", "0"), ("12.50", "125E-1"), ("-1200", "-12E2"), (".5e+3", "5E2"), ("1.", "1E0")]
        {
            assert_eq!(parse(text.as_bytes()).map(|number| number.canonical()).as_deref(), Some(canonical), "{text}");
        }
        for text in ["", ".", "-", "1e", "e5", "1 ", "--1", "1.2.3", "0x1", "NaN", "1E+126", "1E-131", "٣"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn scaled_rounds_down() {
        let scaled = |text: &str, power| parse(text.as_bytes()).and_then(|number| number.scaled(power));
        assert_eq!(scaled("1.29", 1), Some(12));
        assert_eq!(scaled("-1.21", 1), Some(-13));
        assert_eq!(scaled("-1E-130", 0), Some(-1));
        assert_eq!(scaled("1E40", 0), None);
    }
}
