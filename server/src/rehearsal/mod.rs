//! A plugin's story, played without a server: the real rules, storage, jobs and plugin host in a folder that goes away,
//! under a clock that moves only when the story says so. Nothing listens, and nothing leaves the process: webhooks are
//! kept and looked at, never sent, and what the plugin asks other servers the story answers.
//!
//! A [`Story`] is read from a file, a [`Stage`] plays it, and whatever is not as the story expects is a [`Mismatch`].

mod acts;
mod compare;
mod dial;
mod far;
mod names;
mod play;
mod scenery;
mod seen;
mod stage;
mod state;
mod story;
mod times;

pub use compare::Mismatch;
pub use play::{Played, play};
pub use stage::{Stage, Troupe};
pub use story::Story;
