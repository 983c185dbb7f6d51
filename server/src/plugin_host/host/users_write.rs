//! `users-write`: makes and changes users of this app. The grant is enough: it is the app itself that does it.

use super::{Answer, invalid, json, odd, uid};
use crate::model::{Command, Reply, User, UserPatch};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::bindings::switchboard::plugin::users_write::{Host, Patch, PutOutcome};
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;

impl Host for State {
    async fn put(&mut self, id: String, patch: Patch) -> Answer<PutOutcome> {
        self.charge()?;
        Ok(self.put_user(&id, patch).await)
    }

    async fn ban(&mut self, id: String, reason: String) -> Answer<()> {
        self.charge()?;
        Ok(self.set_ban(&id, Some(reason)).await)
    }

    async fn unban(&mut self, id: String) -> Answer<()> {
        self.charge()?;
        Ok(self.set_ban(&id, None).await)
    }
}

impl State {
    async fn put_user(&mut self, id: &str, patch: Patch) -> Result<PutOutcome, Error> {
        let merge = patch.attributes.as_deref();
        let merge = merge
            .map(|body| json("attributes", body, User::ATTRIBUTES))
            .transpose()?;
        if merge.as_ref().is_some_and(|body| !body.is_object()) {
            return Err(invalid("attributes must be a JSON object"));
        }
        let command = Command::PutUser {
            user: uid(id)?,
            patch: UserPatch {
                nickname: patch.nickname,
                avatar: patch.avatar,
                attributes: None,
                merge,
            },
        };
        match self.change_as(Quota::Users, None, command).await? {
            Reply::UserPut { user, created } => Ok(PutOutcome {
                user: convert::user(&user),
                created,
            }),
            _ => Err(odd()),
        }
    }

    async fn set_ban(&mut self, id: &str, reason: Option<String>) -> Result<(), Error> {
        let user = uid(id)?;
        let ban = Command::SetBan { user, reason };
        self.change_as(Quota::Users, None, ban).await.map(drop)
    }
}
