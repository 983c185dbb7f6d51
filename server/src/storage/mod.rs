//! What must survive. A trait per noun, one method is one transaction, and every method about a tenant's things takes
//! the app first. Storage knows no rules: it is told what to write, and says what was written.
//!
//! Order: all writes go through one writer. It stamps each with the next place in the stream of changes and, once the
//! write is durable, puts the events that follow from it on the announcement channel, in commit order. Whoever reads
//! that channel sees the server's history as it happened.

mod actions;
mod apps;
mod audit;
pub mod blobs;
mod blocks;
mod conversations;
mod credentials;
mod error;
mod files;
mod friends;
pub mod headers;
mod installs;
mod jobs;
mod kv;
mod messages;
mod mounts;
mod notices;
mod receipts;
mod runs;
mod search;
mod sequel;
pub mod sqlite;
mod timers;
mod users;
mod views;
mod webhooks;

pub use actions::{Actions, Deed};
pub use apps::{Apps, NewApp};
pub use audit::{Audit, Record};
pub use blocks::Blocks;
pub use conversations::{Conversations, Members, NewRow};
pub use credentials::Credentials;
pub use error::{Result, StorageError};
pub use files::Files;
pub use friends::Friends;
pub use installs::Installs;
pub use jobs::{Bell, DeadJob, DueJob, InstallKey, JobBell, Jobs};
pub use kv::{EffectKey, Kv, KvChange, KvEntry, KvOutcome, KvWrite};
pub use messages::{Append, Messages, Missed};
pub use mounts::Mounts;
pub use notices::Notices;
pub use receipts::Receipts;
pub use runs::Runs;
pub use search::Search;
pub use sequel::{Announce, NewJob, Remark, Remarks, Sequel};
pub use timers::{NewTimer, Timers};
pub use users::{Token, Users};
pub use views::Views;
pub use webhooks::{Deliveries, DeliveryFilter, TargetKey, Webhooks};

/// Work that is put off: what plugins reach of it.
pub trait Later: Timers + Webhooks + Send + Sync {}

impl<T> Later for T where T: Timers + Webhooks + Send + Sync {}

/// What is stored of users: who they are, what proves it, whom they know.
pub trait People: Users + Credentials + Friends + Blocks {}

impl<T> People for T where T: Users + Credentials + Friends + Blocks {}

/// What is stored of conversations and what was said in them.
pub trait Talk:
    Conversations + Members + Views + Notices + Messages + Actions + Runs + Receipts + Search + Files
{
}

impl<T> Talk for T where
    T: Conversations + Members + Views + Notices + Messages + Actions + Runs + Receipts + Search + Files
{
}

/// What is stored of plugins: what they are, and what was done to them.
pub trait Plugins: Installs + Audit + Send + Sync {}

impl<T> Plugins for T where T: Installs + Audit + Send + Sync {}

/// Everything a backend must do.
pub trait Storage: Apps + People + Talk + Plugins + Kv + Jobs + Later + Mounts + Send + Sync {}

impl<T> Storage for T where T: Apps + People + Talk + Plugins + Kv + Jobs + Later + Mounts + Send + Sync {}
