//! `contacts`: friends and blacklists, by and for a user.

use super::{Answer, odd, uid};
use crate::model::{Command, Reply, UserId};
use crate::plugin_host::bindings::switchboard::plugin::contacts::{Friend, FriendsPage, Host};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::convert;
use crate::plugin_host::instance::State;
use crate::plugin_host::quota::Quota;

impl Host for State {
    async fn befriend(&mut self, by: String, other: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.change_contact(&by, &other, Command::AddFriend).await)
    }

    async fn unfriend(&mut self, by: String, other: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.change_contact(&by, &other, Command::RemoveFriend).await)
    }

    async fn set_remark(&mut self, by: String, other: String, remark: String) -> Answer<()> {
        self.charge()?;
        Ok(self.remark(&by, &other, remark).await)
    }

    async fn friends(&mut self, of: String, skip: u32, limit: u32) -> Answer<FriendsPage> {
        self.charge()?;
        Ok(self.friends_of(&of, skip, limit).await)
    }

    async fn block(&mut self, by: String, other: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.change_contact(&by, &other, Command::Block).await)
    }

    async fn unblock(&mut self, by: String, other: String) -> Answer<bool> {
        self.charge()?;
        Ok(self.change_contact(&by, &other, Command::Unblock).await)
    }

    async fn blocked(&mut self, of: String) -> Answer<Vec<String>> {
        self.charge()?;
        Ok(self.blocked_by(&of).await)
    }
}

impl State {
    async fn change_contact(&mut self, by: &str, other: &str, of: fn(UserId) -> Command) -> Result<bool, Error> {
        let (by, other) = (uid(by)?, uid(other)?);
        match self.change_as(Quota::Contacts, Some(by), of(other)).await? {
            Reply::Changed(changed) => Ok(changed),
            _ => Err(odd()),
        }
    }

    async fn remark(&mut self, by: &str, other: &str, remark: String) -> Result<(), Error> {
        let (by, user) = (uid(by)?, uid(other)?);
        let remark = Command::RemarkFriend { user, remark };
        self.change_as(Quota::Contacts, Some(by), remark).await.map(drop)
    }

    async fn friends_of(&mut self, of: &str, skip: u32, limit: u32) -> Result<FriendsPage, Error> {
        let of = uid(of)?;
        match self.ask_as(Some(of), Command::ListFriends { skip, limit }).await? {
            Reply::Friends(page) => Ok(FriendsPage {
                friends: page.friends.into_iter().map(friend).collect(),
                total: page.total,
            }),
            _ => Err(odd()),
        }
    }

    async fn blocked_by(&mut self, of: &str) -> Result<Vec<String>, Error> {
        let of = uid(of)?;
        match self.ask_as(Some(of), Command::ListBlocks).await? {
            Reply::Users(users) => Ok(users.iter().map(ToString::to_string).collect()),
            _ => Err(odd()),
        }
    }
}

fn friend(of: crate::model::Friend) -> Friend {
    Friend {
        uid: of.user.to_string(),
        remark: of.remark,
        since: convert::millis(of.since),
    }
}
