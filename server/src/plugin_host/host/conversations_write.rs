//! `conversations-write`: make and change conversations. `as-user` is who does it, under the rules; none: the app itself.

use super::{Answer, conversation_id, invalid, json, odd, uid};
use crate::model::{self, Body, Command, ConversationId, ConversationPatch, Reply, Seq, UserId};
use crate::plugin_host::bindings::switchboard::plugin::conversations_write::{
    Conversation, Created, Host, NewConversation, Patch, Preferences, PreferencesPatch,
};
use crate::plugin_host::bindings::switchboard::plugin::types::{Error, Notice, Role};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;

/// How many users one call may name.
const USERS: usize = 1000;
/// The largest data of the app's own, in bytes; the rules may ask for less.
const EXT: usize = 64 << 10;

impl Host for State {
    async fn create(&mut self, as_user: Option<String>, new: NewConversation) -> Answer<Created> {
        self.charge()?;
        Ok(self.make(as_user, new).await)
    }

    async fn update(&mut self, as_user: Option<String>, id: String, patch: Patch) -> Answer<Conversation> {
        self.charge()?;
        Ok(self.patch(as_user, &id, patch).await)
    }

    async fn announce(&mut self, as_user: Option<String>, id: String, text: String) -> Answer<Notice> {
        self.charge()?;
        Ok(self.announce_to(as_user, &id, text).await)
    }

    async fn dissolve(&mut self, as_user: Option<String>, id: String) -> Answer<()> {
        self.charge()?;
        Ok(done(
            self.change_room(as_user, &id, |id| Ok(Command::DissolveConversation(id)))
                .await,
        ))
    }

    async fn add_members(&mut self, as_user: Option<String>, id: String, list: Vec<String>) -> Answer<Vec<String>> {
        self.charge()?;
        let add = |conversation| {
            Ok(Command::AddMembers {
                conversation,
                users: uids(&list)?,
            })
        };
        Ok(moved(self.change_room(as_user, &id, add).await))
    }

    async fn remove_members(&mut self, as_user: Option<String>, id: String, list: Vec<String>) -> Answer<Vec<String>> {
        self.charge()?;
        let remove = |conversation| {
            Ok(Command::RemoveMembers {
                conversation,
                users: uids(&list)?,
            })
        };
        Ok(moved(self.change_room(as_user, &id, remove).await))
    }

    async fn join(&mut self, as_user: String, id: String) -> Answer<()> {
        self.charge()?;
        Ok(done(
            self.change_room(Some(as_user), &id, |id| Ok(Command::Join(id))).await,
        ))
    }

    async fn leave(&mut self, as_user: String, id: String) -> Answer<()> {
        self.charge()?;
        Ok(done(
            self.change_room(Some(as_user), &id, |id| Ok(Command::Leave(id))).await,
        ))
    }

    async fn set_role(&mut self, as_user: Option<String>, id: String, member: String, role: Role) -> Answer<()> {
        self.charge()?;
        let set = |conversation| {
            Ok(Command::SetRole {
                conversation,
                user: uid(&member)?,
                role: convert::read_role(role),
            })
        };
        Ok(done(self.change_room(as_user, &id, set).await))
    }

    async fn mute_member(
        &mut self,
        as_user: Option<String>,
        id: String,
        member: String,
        until: Option<u64>,
    ) -> Answer<()> {
        self.charge()?;
        let mute = |conversation| {
            Ok(Command::MuteMember {
                conversation,
                user: uid(&member)?,
                until: until.map(convert::read_millis),
            })
        };
        Ok(done(self.change_room(as_user, &id, mute).await))
    }

    async fn prefer(&mut self, as_user: String, id: String, patch: PreferencesPatch) -> Answer<Preferences> {
        self.charge()?;
        let patch = model::PreferencesPatch {
            pinned: patch.pinned,
            rank: patch.rank,
            do_not_disturb: patch.do_not_disturb,
        };
        let prefer = move |conversation| Ok(Command::Prefer { conversation, patch });
        Ok(match self.change_room(Some(as_user), &id, prefer).await {
            Ok(Reply::Preferences(now)) => Ok(convert::preferences(&now)),
            other => Err(unexpected(other)),
        })
    }

    async fn set_mark(&mut self, as_user: String, id: String, delivered: Option<u64>, read: Option<u64>) -> Answer<()> {
        self.charge()?;
        let mark = |conversation| {
            Ok(Command::Mark {
                conversation,
                delivered: delivered.map(Seq),
                read: read.map(Seq),
            })
        };
        Ok(done(self.change_room(Some(as_user), &id, mark).await))
    }

    async fn open(&mut self, as_user: String, id: String) -> Answer<()> {
        self.charge()?;
        let open = |id| Ok(Command::OpenConversation(id));
        Ok(done(self.change_room(Some(as_user), &id, open).await))
    }

    async fn typing(&mut self, as_user: String, id: String, typing: bool) -> Answer<()> {
        self.charge()?;
        let say = move |conversation| Ok(Command::SetTyping { conversation, typing });
        Ok(done(self.change_room(Some(as_user), &id, say).await))
    }
}

impl State {
    /// Asks for a change of a conversation.
    pub(super) async fn change_room(
        &mut self,
        as_user: Option<String>,
        id: &str,
        command: impl FnOnce(ConversationId) -> Result<Command, Error>,
    ) -> Result<Reply, Error> {
        let as_user = as_user.as_deref().map(uid).transpose()?;
        let command = command(conversation_id(id)?)?;
        self.change_as(Quota::Conversations, as_user, command).await
    }

    async fn announce_to(&mut self, as_user: Option<String>, id: &str, text: String) -> Result<Notice, Error> {
        let as_user = as_user.as_deref().map(uid).transpose()?;
        let conversation = conversation_id(id)?;
        let announce = |once| Command::Announce {
            conversation,
            text,
            once,
        };
        match self.change_once(Quota::Conversations, as_user, announce).await? {
            Reply::Notice(notice) => Ok(convert::notice(&notice)),
            _ => Err(odd()),
        }
    }

    async fn make(&mut self, as_user: Option<String>, new: NewConversation) -> Result<Created, Error> {
        let as_user = as_user.as_deref().map(uid).transpose()?;
        let new = model::NewConversation {
            kind: convert::read_conversation_kind(new.kind),
            members: uids(&new.members)?,
            name: new.name,
            cover: new.cover,
            ext: new
                .ext
                .map_or_else(|| Ok(Body::empty()), |ext| json("ext", &ext, EXT))?,
            once: None,
        };
        let make = |once| Command::CreateConversation(Box::new(model::NewConversation { once, ..new }));
        match self.change_once(Quota::Conversations, as_user, make).await? {
            Reply::Conversation { view, created } => Ok(Created {
                conversation: convert::shown(&view),
                created,
            }),
            _ => Err(odd()),
        }
    }

    async fn patch(&mut self, as_user: Option<String>, id: &str, patch: Patch) -> Result<Conversation, Error> {
        let patch = ConversationPatch {
            name: patch.name,
            cover: patch.cover,
            ext: patch.ext.map(|ext| json("ext", &ext, EXT)).transpose()?,
            merge: patch.merge.map(|merge| json("merge", &merge, EXT)).transpose()?,
            muted: patch.muted,
            members_invite: patch.members_invite,
        };
        let update = move |conversation| Ok(Command::UpdateConversation { conversation, patch });
        match self.change_room(as_user, id, update).await? {
            Reply::Conversation { view, .. } => Ok(convert::shown(&view)),
            _ => Err(odd()),
        }
    }
}

fn uids(list: &[String]) -> Result<Vec<UserId>, Error> {
    if list.len() > USERS {
        return Err(invalid(format!("at most {USERS} users")));
    }
    list.iter().map(|id| uid(id)).collect()
}

/// Whatever was answered, it is done.
pub(super) fn done(answer: Result<Reply, Error>) -> Result<(), Error> {
    answer.map(drop)
}

fn moved(answer: Result<Reply, Error>) -> Result<Vec<String>, Error> {
    match answer? {
        Reply::Moved(users) => Ok(users.iter().map(ToString::to_string).collect()),
        _ => Err(odd()),
    }
}

fn unexpected(answer: Result<Reply, Error>) -> Error {
    answer.err().unwrap_or_else(odd)
}
