//! The rules: a command comes in, storage is told what to write, and an event says what has happened. This is the one
//! place that decides. It never sees a socket, JSON or SQL.
//!
//! Every command takes the same way, which `execute` shows; a message's is in `send`. Whoever asks (a user, a plugin,
//! the admin API) comes through the same door.

mod absence;
mod actions;
mod conversations;
mod credentials;
mod error;
mod files;
mod friends;
mod jobs;
mod listings;
mod members;
mod messages;
mod notices;
mod observers;
mod pace;
mod people;
pub mod permission;
mod policies;
mod preferences;
mod receipts;
mod rosters;
mod search;
mod send;
mod signals;
mod slash;
mod system;
mod tenants;
mod users;

use std::sync::Arc;

use absence::Herald;
use credentials::Locksmith;
pub use error::Result;
pub use files::{Files, Reading};
pub use pace::Pace;
pub use people::People;
pub use policies::Visitor;
pub use send::Pending;
pub use tenants::{AppPatch, Tenants};

use crate::delivery::Delivery;
use crate::hub::Hub;
use crate::model::{Actor, Command, Context, Limits, Random, Refusal, Reply, Roster, UserId};
use crate::plugin_host::PluginHost;
use crate::storage::Storage;
pub use crate::storage::blobs::{Blobs, Staged};
pub use crate::storage::{Backlog, DeadJob, Deliveries, DeliveryFilter, InstallKey, Missed, TargetKey, Token};
use permission::{Action, Asker, Subject};
use rosters::Rosters;

/// What chat is made of.
pub struct Parts {
    /// What must survive.
    pub storage: Arc<dyn Storage>,
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// The way out.
    pub delivery: Arc<Delivery>,
    /// The tenants' code.
    pub plugins: Arc<PluginHost>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// What clients may ask for.
    pub limits: Limits,
    /// What was uploaded.
    pub files: Files,
    /// Conversations kept in memory.
    pub kept_conversations: usize,
    /// Bytes of users' profiles kept in memory.
    pub profile_bytes: usize,
}

/// The rules.
pub struct Chat {
    storage: Arc<dyn Storage>,
    hub: Arc<Hub>,
    delivery: Arc<Delivery>,
    plugins: Arc<PluginHost>,
    random: Arc<dyn Random>,
    limits: Limits,
    pace: Pace,
    tenants: Tenants,
    people: People,
    locksmith: Locksmith,
    rosters: Arc<Rosters>,
    files: Files,
    herald: Herald,
}

impl Chat {
    /// Puts the parts together and reads the apps.
    ///
    /// # Errors
    /// What storage answers.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, crate::storage::StorageError> {
        let Parts {
            storage,
            hub,
            delivery,
            plugins,
            random,
            limits,
            files,
            kept_conversations,
            profile_bytes,
        } = parts;
        let mut fresh = [0; 32];
        random.fill(&mut fresh);
        Ok(Arc::new(Self {
            tenants: Tenants::load(storage.clone(), random.clone()).await?,
            people: People::new(storage.clone(), profile_bytes),
            locksmith: Locksmith::new(storage.pepper(fresh).await?),
            rosters: Arc::new(Rosters::new(storage.clone(), kept_conversations)),
            herald: Herald::start(storage.clone()),
            storage,
            hub,
            delivery,
            plugins,
            random,
            pace: Pace::new(&limits),
            limits,
            files,
        }))
    }

    /// Stores what is still on its way to storage. Who comes or goes from then on is not told to observers.
    pub async fn close(&self) {
        self.herald.close().await;
    }

    /// The apps.
    #[must_use]
    pub const fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    /// The users.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// How fast users may send.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The files.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// Does what is asked, or says why not.
    ///
    /// # Errors
    /// A refusal with a stable code.
    pub async fn execute(&self, ctx: &Context, command: Command) -> Result<Reply> {
        self.tenants.enabled(ctx.app)?;
        match command {
            Command::SendMessage(message) => self.send(ctx, *message).await?.await.map(Reply::Sent),
            Command::GetMessage(message) => self.get_message(ctx, message).await,
            Command::ListMessages {
                conversation,
                from,
                limit,
            } => self.list_messages(ctx, conversation, from, limit).await,
            Command::EditMessage { message, body } => self.edit_message(ctx, message, body).await,
            Command::RecallMessage(message) => self.recall_message(ctx, message).await,
            Command::DeleteMessages(messages) => self.delete_messages(ctx, messages).await,
            Command::React { message, emoji, add } => self.react(ctx, message, emoji, add).await,
            Command::Act { message, data, once } => self.act(ctx, message, data, once).await,
            Command::Mark {
                conversation,
                delivered,
                read,
            } => self.mark(ctx, conversation, delivered, read).await,
            Command::ListReceipts(conversation) => self.list_receipts(ctx, conversation).await,
            Command::SetTyping { conversation, typing } => self.set_typing(ctx, conversation, typing).await,
            Command::CreateConversation(new) => self.create_conversation(ctx, *new).await,
            Command::GetConversation(conversation) => self.get_conversation(ctx, conversation).await,
            Command::ListConversations { before, limit } => self.list_conversations(ctx, before, limit).await,
            Command::OpenConversation(conversation) => self.open_conversation(ctx, conversation).await,
            Command::UpdateConversation { conversation, patch } => {
                self.update_conversation(ctx, conversation, patch).await
            }
            Command::DissolveConversation(conversation) => self.dissolve_conversation(ctx, conversation).await,
            Command::ListMembers {
                conversation,
                after,
                limit,
            } => self.list_members(ctx, conversation, after, limit).await,
            Command::AddMembers { conversation, users } => self.add_members(ctx, conversation, users).await,
            Command::RemoveMembers { conversation, users } => self.remove_members(ctx, conversation, users).await,
            Command::Join(conversation) => self.join(ctx, conversation).await,
            Command::Leave(conversation) => self.leave(ctx, conversation).await,
            Command::SetRole {
                conversation,
                user,
                role,
            } => self.set_role(ctx, conversation, user, role).await,
            Command::MuteMember {
                conversation,
                user,
                until,
            } => self.mute_member(ctx, conversation, user, until).await,
            Command::GetUser(user) => self.get_user(ctx, user).await,
            Command::UpdateUser(patch) => self.update_user(ctx, patch).await,
            Command::GetUsers(users) => self.get_users(ctx, &users).await,
            Command::FindUser { name, value } => self.find_user(ctx, &name, &value).await,
            Command::PutUser { user, patch } => self.put_user_as_app(ctx, &user, patch).await,
            Command::SetBan { user, reason } => self.set_ban(ctx, &user, reason).await,
            Command::AddFriend(user) => self.add_friend(ctx, &user).await,
            Command::RemoveFriend(user) => self.remove_friend(ctx, &user).await,
            Command::RemarkFriend { user, remark } => self.remark_friend(ctx, &user, &remark).await,
            Command::ListFriends { skip, limit } => self.list_friends(ctx, skip, limit).await,
            Command::Block(user) => self.set_block(ctx, user, true).await,
            Command::Unblock(user) => self.set_block(ctx, user, false).await,
            Command::ListBlocks => self.list_blocks(ctx).await,
            Command::GetPresence(users) => self.presence(ctx, &users),
            Command::Push { user, name, data } => self.push(ctx, user, name, data),
            Command::Disconnect { user, reason } => self.disconnect(ctx, &user, &reason),
            Command::Announce {
                conversation,
                text,
                once,
            } => self.announce(ctx, conversation, text, once).await,
            Command::ListNotices {
                conversation,
                skip,
                limit,
            } => self.list_notices(ctx, conversation, skip, limit).await,
            Command::Prefer { conversation, patch } => self.prefer(ctx, conversation, patch).await,
            Command::ClearHistory(conversation) => self.clear_history(ctx, conversation).await,
            Command::ListViews(listing) => self.list_views(ctx, *listing).await,
            Command::QueryConversations { filter, skip, limit } => {
                self.query_conversations(ctx, &filter, skip, limit).await
            }
            Command::FindDirect { a, b } => self.find_direct(ctx, &a, &b).await,
            Command::PageMessages(request) => self.page_messages(ctx, *request).await,
            Command::CountMessages(conversation) => self.count_messages(ctx, conversation).await,
            Command::SearchUsers { text, friends, limit } => self.search_users(ctx, &text, friends, limit).await,
            Command::SearchConversations { text, limit } => self.search_conversations(ctx, &text, limit).await,
            Command::SearchMessages {
                text,
                conversation,
                limit,
            } => self.search_messages(ctx, &text, conversation, limit).await,
            Command::ListCommands(conversation) => self.list_commands(ctx, conversation).await,
            Command::CompleteCommand {
                conversation,
                name,
                arguments,
            } => self.complete_command(ctx, conversation, &name, &arguments).await,
            Command::FindByNonce { conversation, nonce } => self.find_by_nonce(ctx, conversation, &nonce).await,
        }
    }

    /// Whether who asks may do this in a conversation.
    fn check(&self, ctx: &Context, roster: &Roster, action: Action, subject: Subject) -> Result<()> {
        permission::check(action, asker(ctx, roster), subject)
    }

    /// The same for what concerns the conversation as such.
    fn check_plain(&self, ctx: &Context, roster: &Roster, action: Action) -> Result<()> {
        self.check(ctx, roster, action, Subject::of(roster.conversation.kind))
    }
}

/// Who asks, as far as the rules of this conversation are concerned.
fn asker(ctx: &Context, roster: &Roster) -> Asker {
    let Some(user) = ctx.user() else { return Asker::App };
    let member = roster.member(user);
    let muted = member.is_some_and(|member| send::is_muted(member.muted_until, ctx.now));
    Asker::User {
        role: member.map(|member| member.role),
        muted,
    }
}

/// The user who asks, for what only a user can do.
fn user(ctx: &Context) -> Result<&UserId> {
    ctx.user().ok_or_else(|| Refusal::not_permitted("only a user may"))
}

/// Refuses what only the app itself may ask for.
fn app_only(ctx: &Context) -> Result<()> {
    match ctx.actor {
        Actor::User { .. } => Err(Refusal::not_permitted("only the app may")),
        Actor::Plugin { .. } | Actor::Admin => Ok(()),
    }
}

/// Who is named as the doer of a change: nobody if it was the app itself.
fn doer(ctx: &Context) -> Option<UserId> {
    match &ctx.actor {
        Actor::User { user, .. } => Some(user.clone()),
        Actor::Plugin { speaks_as, .. } => speaks_as.clone(),
        Actor::Admin => None,
    }
}
