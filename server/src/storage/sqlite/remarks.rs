//! What the server itself says about a change: a message written in the change's own transaction. It is rare, so it takes
//! the way of other writes; the group's messages have their places already, and the next group reads the newest again.

use std::sync::Arc;

use super::hot::INSERT_MESSAGE;
use super::rows::{int, message_id};
use super::task::{Stale, Tx};
use crate::model::{AppId, Audience, Change, Event, Except, Kind, Mentions, Message, MessageState, Nonce, Sender, Seq};
use crate::storage::{Remark, Result};

/// What was said, and for which app.
pub(super) struct Said {
    app: AppId,
    message: Message,
}

/// Writes a remark in the open transaction.
pub(super) async fn say(tx: &mut Tx, remark: Remark) -> Result<Said> {
    const NEXT: &str = "SELECT coalesce(max(seq), 0) + 1 FROM messages WHERE conversation = ?";
    let Remark {
        app,
        conversation,
        body,
        by,
        jobs,
    } = remark;
    let mut rows = tx.job_rows(app, Some(conversation), None, jobs);
    let id = message_id(tx.stamp().0)?;
    for row in &mut rows {
        row.message = Some(id.get());
    }
    tx.insert_jobs(&rows).await?;
    let seq: i64 = sqlx::query_scalar(NEXT)
        .bind(int(conversation.get()))
        .fetch_one(&mut tx.conn)
        .await?;
    let message = Message {
        id: Some(id),
        seq: Seq(seq.cast_unsigned()),
        conversation,
        sender: Sender::System,
        kind: Kind::system(),
        body,
        // No client and no plugin has such a one, and no two ids are the same.
        nonce: Nonce::new(&format!("~s{id}")).map_err(super::fault::fault)?,
        mentions: Mentions::default(),
        reply_to: None,
        origin: None,
        depth: 0,
        created_at: tx.now,
        state: MessageState::Sent,
        reactions: Vec::new(),
    };
    insert(tx, app, &message).await?;
    tx.stale.push(Stale::Conversation(conversation));
    if let Some(by) = by {
        const READ: &str = "UPDATE members SET delivered = max(delivered, ?1), read = ?1 WHERE conversation = ?2 AND user = \
                            ?3 AND left IS NULL AND read = ?1 - 1";
        sqlx::query(READ)
            .bind(seq)
            .bind(int(conversation.get()))
            .bind(by.as_str())
            .execute(&mut tx.conn)
            .await?;
        tx.stale.push(Stale::Member(conversation, by));
    }
    Ok(Said { app, message })
}

async fn insert(tx: &mut Tx, app: AppId, message: &Message) -> Result<()> {
    let none: Option<String> = None;
    sqlx::query(INSERT_MESSAGE)
        .bind(message.id.map(|id| int(id.get())))
        .bind(int(app.get()))
        .bind(int(message.conversation.get()))
        .bind(int(message.seq.0))
        .bind("")
        .bind(message.kind.as_str())
        .bind(message.body.as_str())
        .bind(message.nonce.as_str())
        .bind(none.as_deref())
        .bind(None::<i64>)
        .bind(none.as_deref())
        .bind(0)
        .bind(message.created_at.0)
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

/// Announces what was said after the change itself, to the members who hear of it.
pub(super) fn announce(said: Vec<Said>, events: &mut Vec<Event>) {
    let members = events.iter().find_map(|event| match &event.audience {
        Audience::Members(roster) | Audience::MembersAnd(roster, _) => Some(roster.clone()),
        Audience::Users(_) | Audience::Watchers(_) => None,
    });
    let Some(roster) = members else { return };
    events.extend(said.into_iter().map(|Said { app, message }| Event {
        app,
        cursor: message.cursor(),
        audience: Audience::Members(roster.clone()),
        except: Except::Nobody,
        change: Change::MessageSent(Arc::new(message)),
    }));
}
