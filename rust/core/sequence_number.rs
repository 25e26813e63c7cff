//! Sequence numbers: digits of any length, compared by value and never as text or machine integers.
//!
//! Streams writes 21 to 40 digits, Kinesis 56: neither fits 128 bits.

use super::limits::{KINESIS_SEQUENCE_DIGITS, STREAM_SEQUENCE_DIGITS};

/// Whether text is a sequence number: one digit or more and nothing else.
pub fn is_sequence_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The number padded with zeros to a width at which texts compare as numbers; longer ones stay as long as they are.
pub fn padded(number: &str, width: usize) -> String {
    let significant = number.trim_start_matches('0');
    format!("{significant:0>width$}")
}

/// What orders the changes of one item that came straight from its stream.
pub fn stream_guard(number: &str) -> String {
    padded(number, STREAM_SEQUENCE_DIGITS)
}

/// What orders them when they came through Kinesis, which may repeat and reorder: the time of the change, then the
/// number (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html>).
pub fn kinesis_guard(created_microseconds: i64, number: &str) -> String {
    format!("{created_microseconds:020}-{}", padded(number, KINESIS_SEQUENCE_DIGITS))
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
    fn padding_orders_by_value() {
        let mut numbers =
            ["99", "100", "0000000000000000000000000000000000000000000000101", "7"].map(|n| padded(n, 40));
        numbers.sort();
        assert_eq!(numbers.map(|n| n.trim_start_matches('0').to_owned()), ["7", "99", "100", "101"]);
        assert!(numbers_are_40_wide(&padded("0", 40)));
    }

    fn numbers_are_40_wide(text: &str) -> bool {
        text.len() == 40
    }
}
