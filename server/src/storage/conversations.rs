//! Conversations and their members.

use async_trait::async_trait;

use super::{EffectKey, Result, Sequel};
use crate::model::{
    AppId, Body, Conversation, ConversationId, ConversationKind, ConversationPatch, Member, Millis, Preferences,
    PreferencesPatch, Role, Roster, Seq, UserId,
};

/// A conversation to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// What it is.
    pub kind: ConversationKind,
    /// Its name.
    pub name: String,
    /// URL of its picture.
    pub cover: String,
    /// The app's own data.
    pub ext: Body,
    /// Who owns it.
    pub owner: Option<UserId>,
    /// Who makes it.
    pub creator: Option<UserId>,
    /// Who is in it, with which rank.
    pub members: Vec<(UserId, Role)>,
    /// When.
    pub now: Millis,
    /// Under what its id is to be remembered as an answer, if it is new.
    pub once: Option<EffectKey>,
}

/// Conversations.
#[async_trait]
pub trait Conversations {
    /// Makes one. For a direct one: finds the pair's, if there is one, and then nothing follows (`false`).
    async fn create_conversation(&self, app: AppId, row: NewRow, sequel: Sequel<Roster>) -> Result<(Roster, bool)>;
    /// One with its members; none if it is dissolved or another app's.
    async fn roster(&self, app: AppId, conversation: ConversationId) -> Result<Option<Roster>>;
    /// One that is dissolved, with those who were in it at the end.
    async fn dissolved_roster(&self, app: AppId, conversation: ConversationId) -> Result<Option<Roster>>;
    /// The seq of its newest message: 0 if there is none.
    async fn last_seq(&self, app: AppId, conversation: ConversationId) -> Result<Seq>;
    /// The id of the direct conversation of two users.
    async fn find_direct(&self, app: AppId, a: &UserId, b: &UserId) -> Result<Option<ConversationId>>;
    /// Changes its data.
    async fn update_conversation(
        &self,
        app: AppId,
        conversation: ConversationId,
        patch: ConversationPatch,
        sequel: Sequel<Conversation>,
    ) -> Result<Conversation>;
    /// Ends it: it is gone from every list and its messages cannot be reached. False if it was over already.
    async fn dissolve_conversation(
        &self,
        app: AppId,
        conversation: ConversationId,
        now: Millis,
        sequel: Sequel<()>,
    ) -> Result<bool>;
}

/// Members.
#[async_trait]
pub trait Members {
    /// Brings users in; answers (and announces) those who were not in it.
    async fn add_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        members: Vec<Member>,
        sequel: Sequel<Vec<Member>>,
    ) -> Result<Vec<Member>>;
    /// Puts users out; answers those who were in it. If the owner goes and `heir` is given, that member owns it.
    async fn remove_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        users: Vec<UserId>,
        heir: Option<UserId>,
        sequel: Sequel<Vec<UserId>>,
    ) -> Result<Vec<UserId>>;
    /// Writes ranks and mutes of members who are in it; with a new owner among them the conversation's owner changes.
    async fn save_members(
        &self,
        app: AppId,
        conversation: ConversationId,
        members: Vec<Member>,
        sequel: Sequel<Vec<Member>>,
    ) -> Result<()>;
    /// Members who are not to be disturbed by a conversation.
    async fn undisturbed(&self, app: AppId, conversation: ConversationId) -> Result<Vec<UserId>>;
    /// Writes what a member has chosen for a conversation; answers all of it.
    async fn prefer(
        &self,
        app: AppId,
        conversation: ConversationId,
        user: &UserId,
        patch: PreferencesPatch,
        sequel: Sequel<Preferences>,
    ) -> Result<Preferences>;
}
