//! Sequence numbers: digits of any length, compared by value and never as text or machine integers.
//!
//! Streams writes 21 to 40 digits, Kinesis 56: neither fits 128 bits.

use super::error::Error;
use super::limits::{KINESIS_SEQUENCE_DIGITS, STREAM_SEQUENCE_DIGITS};

/// Whether text is a sequence number: one digit or more and nothing else.
pub fn is_sequence_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The number padded with zeros to a width at which texts compare as numbers; a longer one would not.
fn padded(number: &str, width: usize) -> Result<String, Error> {
    let significant = number.trim_start_matches('0');
    if significant.len() <= width {
        return Ok(format!("{significant:0>width$}"));
    }
    Err(Error::event(format!("a sequence number has at most {width} digits here, found {}", significant.len())))
}

/// What orders the changes of one item that came straight from its stream.
pub fn stream_guard(number: &str) -> Result<String, Error> {
    padded(number, STREAM_SEQUENCE_DIGITS)
}

/// What orders them when they came through Kinesis, which may repeat and reorder: the time of the change, then the
/// number (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html>).
pub fn kinesis_guard(created_microseconds: i64, number: &str) -> Result<String, Error> {
    Ok(format!("{created_microseconds:020}-{}", padded(number, KINESIS_SEQUENCE_DIGITS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_only() {
        assert!(is_sequence_number(b"000000000000000000001"));
        for bad in ["", "-1", "1e3", "٣", "1 "] {
            assert!(!is_sequence_number(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn guards_order_by_value() {
        let zeros = "0".repeat(60);
        let mut guards = ["99", "100", &format!("{zeros}101"), "7"].map(|number| stream_guard(number).unwrap());
        guards.sort();
        assert_eq!(guards, [7, 99, 100, 101].map(|number| format!("{number:040}")));
        assert!(stream_guard(&"9".repeat(41)).is_err());
    }

    #[test]
    fn kinesis_orders_by_time_first() {
        let number = "49590338271490256608559692538361571095921575989136588898";
        let (early, late) = (kinesis_guard(9, number).unwrap(), kinesis_guard(10, "1").unwrap());
        assert!(early < late);
        assert_eq!(early.len(), late.len());
    }
}
