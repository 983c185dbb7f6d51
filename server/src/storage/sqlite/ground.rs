//! Reads the durable state that a group is placed on: from memory, and what is not there in one query.

use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::group::{Ground, Group, Head, Memory, NonceKey, nonce_key};
use super::rows::{app_id, decode, message_id, sender_text};
use crate::model::{AppId, ConversationId, Marks, Millis, Seq, Stored};
use crate::storage::{Append, Result};

/// Where conversations are: `[[id, app, last seq]]`, without those that are over.
pub(super) const HEADS: &str = "SELECT json_group_array(json_array(c.id, c.app, (SELECT max(m.seq) FROM messages m WHERE \
                     m.conversation = c.id))) FROM conversations c WHERE c.id IN (SELECT value FROM json_each(?)) AND \
                     c.dissolved IS NULL";

/// Marks of members: `[[at, delivered, read]]`, without those who are not in it.
pub(super) const MARKS: &str = "SELECT json_group_array(json_array(w.key, m.delivered, m.read)) FROM json_each(?) w CROSS JOIN \
                     members m ON m.conversation = w.value ->> 0 AND m.user = w.value ->> 1 AND m.left IS NULL";

/// Messages with these nonces: `[[at, id, seq, created_at]]`.
pub(super) const NONCES: &str = "SELECT json_group_array(json_array(w.key, m.id, m.seq, m.created_at)) FROM json_each(?) w \
                      CROSS JOIN messages m ON m.app = w.value ->> 0 AND m.nonce = w.value ->> 1 AND m.sender = \
                      w.value ->> 2";

/// What the group touches.
pub(super) async fn load(conn: &mut SqliteConnection, group: &mut Group, memory: &mut Memory) -> Result<Ground> {
    let mut ground = Ground::default();
    let mut missing = FxHashSet::default();
    let touched = group.appends.iter().map(|append| append.draft.conversation);
    for id in touched.chain(group.marks.iter().map(|mark| mark.conversation)) {
        if ground.heads.contains_key(&id) {
            continue;
        }
        let head = memory.heads.get(&id).copied();
        if head.is_none() {
            missing.insert(id);
        }
        ground.heads.insert(id, head);
    }
    if !missing.is_empty() {
        load_heads(conn, &missing, &mut ground).await?;
    }
    load_marks(conn, group, memory, &mut ground).await?;
    Ok(ground)
}

async fn load_heads(
    conn: &mut SqliteConnection,
    missing: &FxHashSet<ConversationId>,
    ground: &mut Ground,
) -> Result<()> {
    let list = super::rows::ids(missing.iter().map(|id| id.get()));
    let json: String = sqlx::query_scalar(HEADS).bind(list).fetch_one(conn).await?;
    for (id, app, last) in decode::<Vec<(u64, u64, Option<u64>)>>(&json)? {
        let head = Head {
            app: app_id(app)?,
            last: Seq(last.unwrap_or(0)),
        };
        ground.heads.insert(super::rows::conversation_id(id)?, Some(head));
    }
    Ok(())
}

async fn load_marks(
    conn: &mut SqliteConnection,
    group: &mut Group,
    memory: &mut Memory,
    ground: &mut Ground,
) -> Result<()> {
    let mut missing = Vec::new();
    for mark in &group.marks {
        let key = (mark.conversation, mark.user.clone());
        if ground.marks.contains_key(&key) {
            continue;
        }
        let marks = memory.marks.get(&key).copied();
        if marks.is_none() {
            missing.push(key.clone());
        }
        ground.marks.insert(key, marks);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<(u64, &str)> = missing.iter().map(|(id, user)| (id.get(), user.as_str())).collect();
    let list = serde_json::json!(list).to_string();
    let json: String = sqlx::query_scalar(MARKS).bind(list).fetch_one(conn).await?;
    for (at, delivered, read) in decode::<Vec<(usize, u64, u64)>>(&json)? {
        if let Some(key) = missing.get(at) {
            ground.marks.insert(
                key.clone(),
                Some(Marks {
                    delivered: Seq(delivered),
                    read: Seq(read),
                }),
            );
        }
    }
    Ok(())
}

/// Which messages of a group are stored already.
pub(super) async fn stored_nonces(
    conn: &mut SqliteConnection,
    appends: &[Append],
) -> Result<FxHashMap<NonceKey, Stored>> {
    let list: Vec<(u64, &str, &str)> = appends
        .iter()
        .map(|append| {
            (
                AppId::get(append.app),
                append.draft.nonce.as_str(),
                sender_text(&append.draft.sender),
            )
        })
        .collect();
    let list = serde_json::json!(list).to_string();
    let json: String = sqlx::query_scalar(NONCES).bind(list).fetch_one(conn).await?;
    let mut known = FxHashMap::default();
    for (at, id, seq, created_at) in decode::<Vec<(usize, u64, u64, i64)>>(&json)? {
        if let Some(append) = appends.get(at) {
            let stored = Stored {
                id: Some(message_id(id)?),
                seq: Seq(seq),
                at: Millis(created_at),
                duplicate: true,
            };
            known.insert(nonce_key(append), stored);
        }
    }
    Ok(known)
}
