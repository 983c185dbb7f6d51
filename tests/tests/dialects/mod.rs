//! The foreign protocols, each with the requests its document prints.

mod shiku;
