//! ApproximateCreationDateTime: seconds, milliseconds or microseconds since 1970, told apart by value.
//!
//! Lambda and GetRecords send seconds (`1.7E9` among them), the KCL adapter milliseconds, Kinesis micro- or
//! milliseconds. 1E11 seconds would be the year 5138, 1E11 milliseconds were 1973: no time is ambiguous.

use super::error::Error;
use super::number::Number;

/// Just past the year 9999, in microseconds: what Python's datetime can hold.
const END_OF_TIME: i64 = 253_402_300_800_000_000;

/// Microseconds since 1970 of a number's text. `precision` is Kinesis' ApproximateCreationDateTimePrecision.
pub fn microseconds(text: &[u8], precision: Option<&[u8]>) -> Result<i64, Error> {
    let number = Number::parse(text)?;
    let power = match precision {
        Some(b"MILLISECOND") => 3,
        Some(b"MICROSECOND") => 0,
        _ => match number.magnitude() {
            ..11 => 6,
            11..14 => 3,
            _ => 0,
        },
    };
    let scaled = number.scaled(power).and_then(|value| i64::try_from(value).ok());
    scaled
        .filter(|&value| (0..END_OF_TIME).contains(&value))
        .ok_or_else(|| Error::value("ApproximateCreationDateTime is no time between 1970 and 9999"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_by_value() {
        for text in ["1700000000", "1.7E9", "1700000000.000", "1700000000000", "1.7E12", "1700000000000000", "1.7E+15"]
        {
            assert_eq!(microseconds(text.as_bytes(), None).ok(), Some(1_700_000_000_000_000), "{text}");
        }
        assert_eq!(microseconds(b"1700000000.25", None).ok(), Some(1_700_000_000_250_000));
        assert_eq!(microseconds(b"5", Some(b"MILLISECOND")).ok(), Some(5_000));
        assert_eq!(microseconds(b"5", Some(b"MICROSECOND")).ok(), Some(5));
        assert_eq!(microseconds(b"0", None).ok(), Some(0));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "x", "-1", "1E30", "253402300800000000"] {
            assert!(microseconds(text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
