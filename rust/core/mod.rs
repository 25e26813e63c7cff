//! What a change record means. Knows no Python: `cargo test --no-default-features` proves it.

pub mod answer;
pub mod attribute_value;
pub mod binary;
pub mod diff;
pub mod error;
pub mod event;
pub mod filter;
pub mod item_key;
pub mod json;
pub mod json_node;
pub mod limits;
pub mod members;
pub mod node;
pub mod number;
pub mod record;
pub mod sequence_number;
pub mod timestamp;
pub mod value;
