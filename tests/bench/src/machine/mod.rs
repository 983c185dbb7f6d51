//! The machine: which cores, how many files, what a process has used.

pub mod cores;
pub mod files;
pub mod usage;
