//! The dialect `imrest`: conversations, members and messages over REST, and a WebSocket that tells of new messages.
//!
//! Pure translation first, then what asks the server: `answer`, `ids`, `fields`, `place`, `filter`, `paging`, `up` and
//! `down` reach no capability; `door` says who asks; `conversations`, `members`, `messages`, `upload` and `socket` do
//! what is asked, and `names` makes the ids with the server's key.

pub mod answer;
pub mod down;
pub mod fields;
pub mod filter;
pub mod ids;
pub mod known;
pub mod paging;
pub mod place;
pub mod up;

mod conversations;
mod door;
mod members;
mod messages;
mod names;
mod plugin;
mod schema;
mod socket;
mod upload;
