//! What must survive. A trait per noun, one method is one transaction, and every method about a tenant's things takes
//! the app first. Storage knows no rules: it is told what to write, and says what was written.
//!
//! Order: all writes go through one writer. It stamps each with the next place in the stream of changes and, once the
//! write is durable, puts the events that follow from it on the announcement channel, in commit order. Whoever reads
//! that channel sees the server's history as it happened.

mod apps;
pub mod blobs;
mod blocks;
mod conversations;
mod credentials;
mod error;
mod files;
mod friends;
mod installs;
mod jobs;
mod kv;
mod messages;
mod mounts;
mod notices;
mod receipts;
mod search;
mod sequel;
pub mod sqlite;
mod users;
mod views;

pub use apps::{Apps, NewApp};
pub use blocks::Blocks;
pub use conversations::{Conversations, Members, NewRow};
pub use credentials::Credentials;
pub use error::{Result, StorageError};
pub use files::Files;
pub use friends::Friends;
pub use installs::Installs;
pub use jobs::{DeadJob, DueJob, InstallKey, JobBell, Jobs};
pub use kv::{EffectKey, Kv, KvChange, KvEntry, KvOutcome, KvWrite};
pub use messages::{Append, Messages, Missed};
pub use mounts::Mounts;
pub use notices::Notices;
pub use receipts::Receipts;
pub use search::Search;
pub use sequel::{Announce, NewJob, Remark, Remarks, Sequel};
pub use users::{Token, Users};
pub use views::Views;

/// Everything a backend must do.
pub trait Storage:
    Apps
    + Users
    + Credentials
    + Blocks
    + Friends
    + Conversations
    + Members
    + Blocks
    + Conversations
    + Members
    + Views
    + Notices
    + Search
    + Messages
    + Receipts
    + Installs
    + Kv
    + Jobs
    + Files
    + Mounts
    + Send
    + Sync
{
}

impl<T> Storage for T where
    T: Apps
        + Users
        + Credentials
        + Blocks
        + Friends
        + Conversations
        + Members
        + Views
        + Notices
        + Search
        + Messages
        + Receipts
        + Installs
        + Kv
        + Jobs
        + Files
        + Mounts
        + Send
        + Sync
{
}
