//! One app, five foreign protocols and the native one at once: what is sent in one arrives in every other as what it is.

mod limits;
mod pairs;
mod party;
mod said;
mod town;
mod turns;
