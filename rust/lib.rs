//! DynamoDB change records: what they mean (`core`), and how Python sees them (`py`).

pub mod core;
#[cfg(feature = "python")]
mod py;
