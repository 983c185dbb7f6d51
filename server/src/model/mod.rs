//! The nouns everyone shares. Plain data: no I/O, no async, no wire format, and no serde, so that a change of a wire
//! never changes them. Ids and names are newtypes that can only hold what is allowed.

mod app;
mod audit;
mod body;
mod bucket;
mod call;
mod command;
mod context;
mod conversation;
mod event;
mod event_kind;
mod file;
mod http_host;
mod id;
mod install;
mod job;
mod limits;
mod listing;
mod member;
mod message;
mod mount;
mod notice;
mod receipt;
mod recipe;
mod refusal;
mod reply;
mod slash;
mod system;
mod timer;
mod user;
mod webhook;

pub use app::{App, AppSettings, Login};
pub use audit::{AuditEntry, Step, StepKind, Who};
pub use body::Body;
pub use bucket::{Bucket, Buckets, Rate};
pub use call::{Call, CallId};
pub use command::{Command, HistoryFrom, NewConversation, SendMessage};
pub use context::{Actor, Clock, Context, Random};
pub use conversation::{Conversation, ConversationKind, ConversationPatch, Roster};
pub use event::{Audience, Change, Event, Except};
pub use event_kind::EventKind;
pub use file::File;
pub use http_host::HttpHost;
pub use id::{
    AppId, ConnectionId, ConversationId, Cursor, DeviceId, FileId, IdError, JobId, Kind, MessageId, Millis, Nonce,
    PluginName, Seq, SlashName, UserId,
};
pub use install::{Canary, Capability, Digest, Hook, Install, InstallState, LogLevel, LogLine, Version};
pub use job::{Job, JobState, Observation};
pub use limits::{FileLimits, JobLimits, Limits, QuotaLimits};
pub use listing::{ConversationFilter, Listing, PagePlace, PageRequest};
pub use member::{Member, Preferences, PreferencesPatch, Role};
pub use message::{Draft, Echo, Mentions, Message, MessageState, Reaction, Sender, Sent, Stored};
pub use mount::{Mount, MountError};
pub use notice::Notice;
pub use receipt::{Marks, Receipt};
pub use recipe::{Algorithm, Ink, Part, Recipe};
pub use refusal::{Code, Refusal};
pub use reply::{ConversationView, MessagePage, Page, Presence, Reply};
pub use slash::{SlashCommand, SlashOutcome, SlashRun, SlashSuggestion, slash};
pub use system::SystemChange;
pub use timer::{Firing, Schedule, Tick, Timer};
pub use user::{Friend, FriendsPage, User, UserPatch};
pub use webhook::{Delivery, HeaderValue, Webhook};
