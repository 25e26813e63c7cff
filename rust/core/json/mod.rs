//! JSON without a tree: a scanner over borrowed bytes that reads, skips and remembers ranges.

mod scanner;
mod simd;
mod skip;
mod text;
mod write;

pub use scanner::Scanner;
pub use simd::instruction_set;
pub use text::{JsonText, no_utf8};
pub use write::{JsonWriter, write_plain, write_string};
