//! From numbers to a judged table.

pub mod figure;
pub mod statistics;
pub mod table;
pub mod target;
