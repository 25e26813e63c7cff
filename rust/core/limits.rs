//! Every limit, once, with its source.

/// Levels of nested attribute values that are read. DynamoDB itself stores at most 32
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>); the rest is room for
/// other servers, and small enough for a thread stack of 256 KB.
pub const ATTRIBUTE_DEPTH: u32 = 128;

/// Levels of nested JSON that are read outside attribute values (an envelope has five).
pub const JSON_DEPTH: u32 = 2 * ATTRIBUTE_DEPTH + 16;

/// Significant digits of a number
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>).
pub const NUMBER_DIGITS: usize = 38;

/// Largest power of ten of a number's first digit: 9.99...E+125 (same source).
pub const NUMBER_MAX_EXPONENT: i64 = 125;

/// Smallest power of ten of a number's first digit: 1E-130 (same source).
pub const NUMBER_MIN_EXPONENT: i64 = -130;

/// Digits of an exponent that are read: enough for every number DynamoDB holds, small enough for `i64`.
pub const EXPONENT_DIGITS: usize = 6;

/// Digits of a sequence number of DynamoDB Streams: 21 to 40
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html>).
pub const STREAM_SEQUENCE_DIGITS: usize = 40;

/// Digits of a sequence number of Kinesis Data Streams: 56.
pub const KINESIS_SEQUENCE_DIGITS: usize = 56;

/// Longest event in bytes: ranges are kept in 32 bits.
pub const EVENT_BYTES: usize = u32::MAX as usize;

/// Levels of nested objects and arrays in a filter pattern: twice the 32 levels that an item has, with room.
pub const FILTER_DEPTH: u32 = 128;

/// Characters of a filter pattern (<https://docs.aws.amazon.com/lambda/latest/api/API_Filter.html>).
pub const FILTER_CHARACTERS: usize = 4096;

/// Filters of an event source mapping; 10 once Lambda has raised the quota
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>).
pub const FILTER_COUNT: usize = 5;

/// The most that the quota can be raised to (same source).
pub const FILTER_COUNT_RAISED: usize = 10;

/// Alternatives that `$or` may unfold a pattern into. Ours: every `$or` multiplies those of the others.
pub const FILTER_ALTERNATIVES: usize = 1024;
