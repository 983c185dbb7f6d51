//! The JSON shapes that frames and REST share, a file per noun: what goes out borrows from the model, what comes in
//! becomes commands. Nothing else in the server knows these shapes. A body of a message is carried as its text.
//!
//! Ids and names of the model are given their JSON form here (`scalar`), at this edge and for it alone.

mod action;
mod conversation;
mod decode;
mod file;
mod member;
mod message;
mod presence;
mod receipt;
mod refused;
mod reply;
mod room;
mod scalar;
mod search;
mod slash;
mod user;

pub use action::{Act, Answered};
pub use conversation::{
    ChangeConversation, Conversation, Conversations, InConversation, ListConversations, NewConversation,
};
pub use decode::{blame, decode, text};
pub use file::{Uploaded, Uploads};
pub use member::{ChangeMember, ListMembers, Member, Members, Mute, SetRole, UserList};
pub use message::{
    Changed, DeleteMessages, Deleted, EditMessage, History, Message, Messages, NewMessage, OfMessage, React, Reaction,
    Stored,
};
pub use presence::{Presence, PresenceList, PresenceOf};
pub use receipt::{Mark, MarkSeq, Marked, Receipt, Receipts, Typing};
pub use refused::Refused;
pub use reply::{Added, Asked, Nothing, Removed, Reply};
pub use room::{Announce, ListNotices, Notice, Notices, Prefer, Preferences};
pub use scalar::{List, PageSize};
pub use search::{Among, Search};
pub use slash::{Complete, Ran, Slash, Slashes, Suggestion, Suggestions};
pub use user::{Blocks, ChangeUser, Friends, ListFriends, OfUser, Profiles, Remark, User};
