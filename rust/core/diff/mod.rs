//! What changed between two items, by DynamoDB's value semantics: numbers by value, sets without order, maps by name,
//! lists by position, types apart. No value is built: a change is a path and a handle on either side.

mod change;
mod find;
mod lockstep;
mod marks;
mod pairing;
mod paths;
mod shallow;
mod trail;
mod walk;

pub use change::{Change, ChangeKind};
pub use find::find;
pub use lockstep::{Lockstep, Unlike};
pub use paths::{Concern, Rules};
pub use shallow::Member;
pub use trail::{Side, Sides, locate};
pub use walk::changes;
