//! Finding users and messages. The index of words is asked for what it holds; the few messages it does not hold yet are
//! looked through, newest first and a bounded number of them.

use std::collections::HashSet;

use async_trait::async_trait;

use super::rows::{decode, int, message_json, read_messages};
use super::views::folded;
use super::{Sqlite, users, words};
use crate::model::{AppId, ConversationId, Message, MessageId, User, UserId};
use crate::storage::{Result, Search};

/// Conversations that are searched at most: the most active.
const CONVERSATIONS: i64 = 500;
/// Messages that are not indexed yet and are looked through at most.
const TAIL: i64 = 1000;

/// What a member can see of messages `m`. Parameters: app, viewer.
macro_rules! visible {
    () => {
        " CROSS JOIN members own ON own.conversation = m.conversation AND own.user = ?2 AND own.app = ?1 AND own.left IS NULL \
         AND m.seq > own.cleared WHERE m.app = ?1 AND m.recalled_at IS NULL AND NOT EXISTS (SELECT 1 FROM hidden h WHERE \
         h.app = ?1 AND h.user = ?2 AND h.message = m.id) AND EXISTS (SELECT 1 FROM conversations c WHERE c.id = \
         m.conversation AND c.dissolved IS NULL)"
    };
}

/// What the index finds. Parameters: app, viewer, expression, limit.
pub(super) const FOUND: &str = concat!(
    "SELECT json_group_array(",
    message_json!(),
    ") FROM (SELECT m.* FROM message_words w CROSS JOIN messages m ON m.id = w.rowid",
    visible!(),
    " AND w.message_words MATCH ?3 ORDER BY w.rowid DESC LIMIT ?4) m"
);

/// What is not indexed yet. Parameters: app, viewer, indexed, limit, conversation.
pub(super) const RECENT: &str = concat!(
    "SELECT json_group_array(",
    message_json!(),
    ") FROM (SELECT m.* FROM (SELECT * FROM messages WHERE id > ?3 ORDER BY id DESC LIMIT ?4) m",
    visible!(),
    " AND (?5 IS NULL OR m.conversation = ?5) ORDER BY m.id DESC) m"
);

/// A user's most active conversations. Parameters: app, user, limit.
pub(super) const ACTIVE: &str = "SELECT json_group_array(id) FROM (SELECT m.conversation AS id FROM members m WHERE m.app = ?1 AND \
     m.user = ?2 AND m.left IS NULL ORDER BY (SELECT x.id FROM messages x WHERE x.conversation = m.conversation ORDER BY x.seq \
     DESC LIMIT 1) DESC LIMIT ?3)";

pub(super) const INDEXED: &str = "SELECT indexed FROM search_state";

/// Users of an app by part of the nickname. Parameters: app, part, limit.
const USERS: &str = "SELECT json_group_array(uid) FROM (SELECT uid FROM users WHERE app = ?1 AND instr(lower(nickname), ?2) ORDER \
                     BY nickname, uid LIMIT ?3)";

/// A user's friends by part of the nickname. Parameters: app, part, limit, user.
pub(super) const FRIENDS: &str = "SELECT json_group_array(uid) FROM (SELECT u.uid FROM friends f CROSS JOIN users u ON u.app = f.app AND \
     u.uid = f.friend WHERE f.app = ?1 AND f.user = ?4 AND instr(lower(u.nickname), ?2) ORDER BY u.nickname, u.uid LIMIT ?3)";

impl Sqlite {
    /// Where messages are looked for, as FTS5 is asked for it; none if there is nowhere.
    async fn places(
        &self,
        app: AppId,
        viewer: &UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>> {
        let ids = match conversation {
            Some(one) => vec![one.get()],
            None => {
                let json: String = sqlx::query_scalar(ACTIVE)
                    .bind(int(app.get()))
                    .bind(viewer.as_str())
                    .bind(CONVERSATIONS)
                    .fetch_one(&self.readers)
                    .await?;
                decode::<Vec<u64>>(&json)?
            }
        };
        let places: Vec<String> = ids.iter().map(|id| format!("c{id}")).collect();
        Ok((!places.is_empty()).then(|| places.join(" OR ")))
    }
}

#[async_trait]
impl Search for Sqlite {
    async fn search_users(&self, app: AppId, text: &str, friends_of: Option<&UserId>, limit: u32) -> Result<Vec<User>> {
        let query = sqlx::query_scalar(if friends_of.is_some() { FRIENDS } else { USERS })
            .bind(int(app.get()))
            .bind(folded(Some(&text.to_owned())))
            .bind(i64::from(limit));
        let query = match friends_of {
            Some(user) => query.bind(user.as_str()),
            None => query,
        };
        let json: String = query.fetch_one(&self.readers).await?;
        let order = super::rows::user_ids(&decode::<Vec<String>>(&json)?)?;
        let mut found = users::of(&mut *self.readers.acquire().await?, app, &order).await?;
        found.sort_by_key(|user| order.iter().position(|id| *id == user.id));
        Ok(found)
    }

    async fn search_messages(
        &self,
        app: AppId,
        viewer: &UserId,
        text: &str,
        conversation: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let phrases = words::phrases(text);
        if phrases.is_empty() {
            return Ok(Vec::new());
        }
        let Some(places) = self.places(app, viewer, conversation).await? else {
            return Ok(Vec::new());
        };
        // Read first: what is indexed meanwhile is found twice, never missed.
        let indexed: i64 = sqlx::query_scalar(INDEXED).fetch_one(&self.readers).await?;
        let json: String = sqlx::query_scalar(RECENT)
            .bind(int(app.get()))
            .bind(viewer.as_str())
            .bind(indexed)
            .bind(TAIL)
            .bind(conversation.map(|id| int(id.get())))
            .fetch_one(&self.readers)
            .await?;
        let mut found = read_messages(&json)?;
        found.retain(|message| words::found(&phrases, &words::of_body(message.body.as_str())));
        let json: String = sqlx::query_scalar(FOUND)
            .bind(int(app.get()))
            .bind(viewer.as_str())
            .bind(format!(
                "place : ({places}) AND words : ({})",
                words::expression(&phrases)
            ))
            .bind(i64::from(limit))
            .fetch_one(&self.readers)
            .await?;
        let seen: HashSet<Option<MessageId>> = found.iter().map(|message| message.id).collect();
        found.extend(
            read_messages(&json)?
                .into_iter()
                .filter(|message| !seen.contains(&message.id)),
        );
        found.truncate(limit as usize);
        Ok(found)
    }
}
