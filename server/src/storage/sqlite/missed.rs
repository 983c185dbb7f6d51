//! What a user has not seen: looked for in the user's own conversations only, however much happens elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::Sqlite;
use super::fault::fault;
use super::rows::{
    ConversationRow, MemberRow, MessageRow, conversation_id, conversation_json, decode, ids, int, members_json,
    message_id, message_json, roster,
};
use crate::model::{
    AppId, Audience, Change, ConversationId, Cursor, Event, Except, Message, MessageId, MessageState, Roster, Seq,
    UserId,
};
use crate::storage::{Messages, Missed, Result};

/// Conversations with something after the cursor: `[[id, last seq, last id, joined, left, changed, dissolved]]`.
/// Parameters: app, user, cursor, end.
pub(super) const TOUCHED: &str = "SELECT json_group_array(json_array(id, last_seq, last_id, joined, left, changed, dissolved)) FROM (SELECT c.id, \
     (SELECT max(x.seq) FROM messages x WHERE x.conversation = c.id) AS last_seq, (SELECT x.id FROM messages x WHERE \
     x.conversation = c.id ORDER BY x.seq DESC LIMIT 1) AS last_id, m.joined, m.left, c.changed, c.dissolved FROM members m \
     CROSS JOIN conversations c ON c.id = m.conversation WHERE m.app = ?1 AND m.user = ?2 AND coalesce(m.left > ?3, true) \
     AND coalesce(c.dissolved > ?3, true)) t WHERE last_id > ?3 OR changed > ?3 OR joined > ?3 OR left > ?3 OR EXISTS \
     (SELECT 1 FROM messages x WHERE x.conversation = t.id AND x.changed > ?3)";

/// Messages after the cursor, walking back from the newest of each conversation: their places have no gaps. The list is
/// `[[conversation, last seq, after]]`. Parameters: list, end, app, user, limit.
pub(super) const NEW: &str = concat!(
    "WITH RECURSIVE walk (conversation, seq, after) AS (SELECT w.value ->> 0, w.value ->> 1, w.value ->> 2 FROM \
     json_each(?1) w UNION ALL SELECT walk.conversation, walk.seq - 1, walk.after FROM walk CROSS JOIN messages x ON \
     x.conversation = walk.conversation AND x.seq = walk.seq - 1 WHERE x.id > walk.after) \
     SELECT json_group_array(",
    message_json!(),
    ") FROM (SELECT m.* FROM walk CROSS JOIN messages m ON m.conversation = walk.conversation AND m.seq = walk.seq WHERE \
     m.id > walk.after AND m.id <= ?2 AND m.seq > coalesce((SELECT y.cleared FROM members y WHERE y.conversation = \
     m.conversation AND y.user = ?4), 0) AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?3 AND h.user = ?4 AND \
     h.message = m.id) LIMIT ?5) m"
);

/// Older messages that changed after the cursor: `[[changed, message]]`. Parameters: conversations, cursor, end, app, user,
/// limit.
pub(super) const CHANGED: &str = concat!(
    "SELECT json_group_array(json_array(m.changed, ",
    message_json!(),
    ")) FROM (SELECT x.* FROM json_each(?1) w CROSS JOIN messages x ON x.conversation = w.value AND x.changed > ?2 AND \
     x.changed <= ?3 WHERE x.id <= ?2 AND x.seq > coalesce((SELECT y.cleared FROM members y WHERE y.conversation = \
     x.conversation AND y.user = ?5), 0) AND NOT EXISTS (SELECT 1 FROM hidden h WHERE h.app = ?4 AND h.user = ?5 AND h.message \
     = x.id) LIMIT ?6) m"
);

pub(super) const ROSTERS: &str = concat!(
    "SELECT json_group_array(json_array(",
    conversation_json!(),
    ", ",
    members_json!(),
    ")) FROM json_each(?) w CROSS JOIN conversations c ON c.id = w.value"
);

pub(super) const HIDDEN: &str = "SELECT json_group_array(json_array(cursor, message)) FROM (SELECT cursor, message FROM hidden WHERE \
                      app = ? AND user = ? AND cursor > ? AND cursor <= ? ORDER BY cursor, message LIMIT ?)";

/// A conversation as [`TOUCHED`] finds it.
#[derive(Deserialize)]
struct Touched(u64, Option<u64>, Option<u64>, u64, Option<u64>, u64, Option<u64>);

impl Touched {
    /// Its newest message's place.
    fn last_seq(&self) -> u64 {
        self.1.unwrap_or(0)
    }

    /// Whether the user is still in it and it is still there.
    const fn is_open(&self) -> bool {
        self.4.is_none() && self.6.is_none()
    }

    /// Whether it is not as it was: its data or members, or whether the user is in it.
    const fn has_moved(&self, after: Cursor) -> bool {
        self.5 > after.0 || self.3 > after.0 || self.4.is_some()
    }
}

impl Sqlite {
    /// See [`Messages::missed`].
    pub(super) async fn changes_since(&self, app: AppId, user: &UserId, after: Cursor, limit: u32) -> Result<Missed> {
        // Read before anything else: what is committed later is announced, and is left out here.
        let until = self.head();
        let span = Span {
            app,
            user: user.clone(),
            after,
            until,
            limit,
        };
        let json: String = sqlx::query_scalar(TOUCHED)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(int(after.0))
            .fetch_one(&self.readers)
            .await?;
        let touched: Vec<Touched> = decode(&json)?;
        let heads = touched
            .iter()
            .filter(|one| one.is_open())
            .map(|one| Ok((conversation_id(one.0)?, Seq(one.last_seq()))))
            .collect::<Result<Vec<_>>>()?;
        let moved: Vec<&Touched> = touched.iter().filter(|one| one.has_moved(after)).collect();
        let mut events = self.missed_messages(&span, &touched).await?;
        // Each of them is an event with everyone in it: they are read only if they are going to be told.
        let mut complete = events.len() + moved.len() <= limit as usize;
        if complete {
            events.extend(self.missed_conversations(&span, &moved).await?);
            events.extend(self.missed_hiding(&span).await?);
            complete = events.len() <= limit as usize;
        }
        if !complete {
            events.clear();
        }
        events.sort_by_key(|event| event.cursor);
        Ok(Missed {
            events,
            until,
            complete,
            heads,
        })
    }

    async fn missed_messages(&self, span: &Span, touched: &[Touched]) -> Result<Vec<Event>> {
        let mut events = self.missed_new(span, touched).await?;
        if events.len() <= span.limit as usize {
            events.extend(self.missed_changes(span, touched).await?);
        }
        Ok(events)
    }

    async fn missed_new(&self, span: &Span, touched: &[Touched]) -> Result<Vec<Event>> {
        let list: Vec<(u64, u64, u64)> = touched
            .iter()
            .filter(|one| one.is_open() && one.2.is_some_and(|last| last > span.after.0))
            .map(|one| (one.0, one.last_seq(), span.after.0.max(one.3)))
            .collect();
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let json: String = sqlx::query_scalar(NEW)
            .bind(serde_json::json!(list).to_string())
            .bind(int(span.until.0))
            .bind(int(span.app.get()))
            .bind(span.user.as_str())
            .bind(i64::from(span.limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        let event = |message: Message| {
            let cursor = message.cursor().unwrap_or_default();
            span.event(cursor, Change::MessageSent(Arc::new(message)))
        };
        Ok(super::rows::read_messages(&json)?.into_iter().map(event).collect())
    }

    async fn missed_changes(&self, span: &Span, touched: &[Touched]) -> Result<Vec<Event>> {
        let open = ids(touched.iter().filter(|one| one.is_open()).map(|one| one.0));
        let json: String = sqlx::query_scalar(CHANGED)
            .bind(open)
            .bind(int(span.after.0))
            .bind(int(span.until.0))
            .bind(int(span.app.get()))
            .bind(span.user.as_str())
            .bind(i64::from(span.limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        serde_json::from_str::<Vec<(u64, MessageRow<'_>)>>(&json)
            .map_err(fault)?
            .into_iter()
            .map(|(cursor, message)| Ok(span.event(Cursor(cursor), change_of(message.into_model()?))))
            .collect()
    }

    async fn missed_conversations(&self, span: &Span, moved: &[&Touched]) -> Result<Vec<Event>> {
        if moved.is_empty() {
            return Ok(Vec::new());
        }
        let list = ids(moved.iter().map(|one| one.0));
        let json: String = sqlx::query_scalar(ROSTERS).bind(list).fetch_one(&self.readers).await?;
        let mut rosters: HashMap<ConversationId, Arc<Roster>> = HashMap::new();
        for (conversation, members) in decode::<Vec<(ConversationRow, Vec<MemberRow>)>>(&json)? {
            let roster = roster(conversation, members)?;
            rosters.insert(roster.conversation.id, Arc::new(roster));
        }
        let mut events = Vec::new();
        for one in moved {
            if let Some(roster) = rosters.get(&conversation_id(one.0)?) {
                let (cursor, change) = span.conversation_change(one, Arc::clone(roster));
                if cursor <= span.until {
                    events.push(span.event(cursor, change));
                }
            }
        }
        Ok(events)
    }

    /// What the user has hidden from itself, on another device.
    async fn missed_hiding(&self, span: &Span) -> Result<Vec<Event>> {
        let json: String = sqlx::query_scalar(HIDDEN)
            .bind(int(span.app.get()))
            .bind(span.user.as_str())
            .bind(int(span.after.0))
            .bind(int(span.until.0))
            .bind(i64::from(span.limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        let mut groups: Vec<(Cursor, Vec<MessageId>)> = Vec::new();
        for (cursor, message) in decode::<Vec<(u64, u64)>>(&json)? {
            let message = message_id(message)?;
            match groups.last_mut().filter(|group| group.0 == Cursor(cursor)) {
                Some(group) => group.1.push(message),
                None => groups.push((Cursor(cursor), vec![message])),
            }
        }
        let event = |(cursor, list)| span.event(cursor, Change::MessagesDeleted(list));
        Ok(groups.into_iter().map(event).collect())
    }
}

/// What is asked for.
struct Span {
    app: AppId,
    user: UserId,
    after: Cursor,
    until: Cursor,
    limit: u32,
}

impl Span {
    fn event(&self, cursor: Cursor, change: Change) -> Event {
        Event {
            app: self.app,
            cursor: Some(cursor),
            audience: Audience::Users(vec![self.user.clone()]),
            except: Except::Nobody,
            change,
        }
    }

    /// What has become of a conversation, as one event.
    fn conversation_change(&self, one: &Touched, roster: Arc<Roster>) -> (Cursor, Change) {
        let Touched(id, _, _, joined, left, changed, dissolved) = *one;
        let users = vec![self.user.clone()];
        if let Some(left) = left {
            (
                Cursor(left),
                Change::MembersLeft {
                    roster,
                    users,
                    by: None,
                },
            )
        } else if let Some(dissolved) = dissolved {
            (Cursor(dissolved), Change::ConversationDissolved(roster))
        } else if id > self.after.0 {
            (Cursor(joined), Change::ConversationCreated(roster))
        } else if joined > self.after.0 {
            (
                Cursor(joined),
                Change::MembersJoined {
                    roster,
                    users,
                    by: None,
                },
            )
        } else {
            (Cursor(changed), Change::ConversationUpdated(roster))
        }
    }
}

/// What has become of an older message. A reaction that came or went is told as a change of the message, which carries
/// all of them.
fn change_of(message: Message) -> Change {
    match message.state {
        MessageState::Recalled(_) => Change::MessageRecalled(Arc::new(message)),
        MessageState::Sent | MessageState::Edited(_) => Change::MessageEdited(Arc::new(message)),
    }
}
