//! The usual kinds of message for every app: image, voice, video, location, file, card and link.
//!
//! One table (`kinds`) says what each kind carries; the JSON schemas, the checks and the README's tables follow it.
//! Everything but `plugin` is free of the host, so that it is tested natively.

pub mod check;
pub mod complete;
pub mod kinds;
pub mod name;
pub mod schema;
pub mod summary;
pub mod url;
pub mod value;

mod plugin;
