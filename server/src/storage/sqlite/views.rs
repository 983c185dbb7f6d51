//! Conversations as somebody sees them: the viewer's marks and choices, and the newest message it can see, which is
//! looked up with the list and so follows every recall, hiding and clearing.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sqlite;
use super::fault::fault;
use super::rows::{
    ConversationRow, MessageRow, conversation_json, decode, int, message_json, read_role, user_id, write_kind,
};
use crate::model::{
    AppId, ConversationFilter, ConversationId, ConversationView, Listing, Marks, Millis, Page, Preferences, Seq, UserId,
};
use crate::storage::{Result, Views};

/// What is read of a member `m` for a view.
macro_rules! own_columns {
    () => {
        "m.conversation AS id, m.role, m.delivered, m.read, m.cleared, m.pinned_at, m.rank, m.do_not_disturb"
    };
}

/// A view of conversation `c` by the member `p`, for [`ViewRow`]. Parameters: app, user.
macro_rules! view_json {
    () => {
        concat!(
            "json_array(p.activity, ",
            conversation_json!(),
            ", (SELECT count(*) FROM members x WHERE x.conversation = c.id AND x.left IS NULL), (SELECT max(x.seq) FROM \
             messages x WHERE x.conversation = c.id), p.role, p.delivered, p.read, json_array(p.pinned_at, p.rank, \
             p.do_not_disturb), CASE c.kind WHEN 0 THEN (SELECT x.user FROM members x WHERE x.conversation = c.id AND x.user \
             <> ?2 LIMIT 1) END, json((SELECT ",
            message_json!(),
            " FROM messages m WHERE m.conversation = c.id AND m.seq > p.cleared AND NOT EXISTS (SELECT 1 FROM hidden h WHERE \
             h.app = ?1 AND h.user = ?2 AND h.message = m.id) ORDER BY m.seq DESC LIMIT 1)))"
        )
    };
}

/// A user's conversations with their newest message's id, or that of their making if there is none: both come from one
/// counter, and tell the newest activity.
macro_rules! mine {
    () => {
        concat!(
            "WITH mine AS (SELECT ",
            own_columns!(),
            ", coalesce((SELECT x.id FROM messages x WHERE x.conversation = m.conversation ORDER BY x.seq DESC LIMIT 1), \
             m.conversation) AS activity FROM members m WHERE m.app = ?1 AND m.user = ?2 AND m.left IS NULL) "
        )
    };
}

/// By newest activity. Parameters: app, user, before, limit.
pub(super) const LIST: &str = concat!(
    mine!(),
    "SELECT json_group_array(json(",
    view_json!(),
    ") ORDER BY p.activity DESC) FROM (SELECT mine.* FROM mine CROSS JOIN conversations d ON d.id = mine.id WHERE \
     d.dissolved IS NULL AND mine.activity < ?3 ORDER BY mine.activity DESC LIMIT ?4) p CROSS JOIN conversations c ON c.id \
     = p.id"
);

/// As a client lists them. Parameters: app, user, kinds, only unread, keyword, limit, skip.
pub(super) const VIEWS: &str = concat!(
    mine!(),
    "SELECT json_group_array(json(",
    view_json!(),
    ") ORDER BY p.pinned_at DESC NULLS LAST, p.rank DESC, p.activity DESC) FROM (SELECT mine.* FROM mine CROSS JOIN \
     conversations d ON d.id = mine.id WHERE d.dissolved IS NULL AND (?3 IS NULL OR d.kind IN (SELECT value FROM \
     json_each(?3))) AND (NOT ?4 OR mine.read < (SELECT max(x.seq) FROM messages x WHERE x.conversation = d.id)) AND (?5 IS \
     NULL OR instr(lower(d.name), ?5) OR d.kind = 0 AND EXISTS (SELECT 1 FROM members x CROSS JOIN users u ON u.app = ?1 AND \
     u.uid = x.user WHERE x.conversation = d.id AND x.user <> ?2 AND (instr(lower(u.nickname), ?5) OR \
     instr(lower(u.attributes ->> '$.remark'), ?5)))) ORDER BY mine.pinned_at DESC NULLS LAST, mine.rank DESC, \
     mine.activity DESC LIMIT ?6 OFFSET ?7) p CROSS JOIN conversations c ON c.id = p.id"
);

/// One. Parameters: app, user, conversation.
pub(super) const VIEW: &str = concat!(
    "SELECT ",
    view_json!(),
    " FROM (SELECT ",
    own_columns!(),
    ", m.conversation AS activity FROM members m WHERE m.conversation = ?3 AND m.user = ?2 AND m.app = ?1 AND m.left IS \
     NULL) p CROSS JOIN conversations c ON c.id = p.id WHERE c.dissolved IS NULL"
);

/// Conversations of an app by what narrows them best, `$first`. Parameters: app, id, kind, creator, member, part of the
/// name; of the page: limit, skip.
macro_rules! query {
    ($from:expr, $first:expr) => {
        concat!(
            " FROM ",
            $from,
            " WHERE ",
            $first,
            " AND c.app = ?1 AND c.dissolved IS NULL AND (?2 IS NULL OR c.id = ?2) AND (?3 IS NULL OR c.kind = ?3) AND (?4 IS \
             NULL OR c.creator = ?4) AND (?5 IS NULL OR EXISTS (SELECT 1 FROM members y WHERE y.conversation = c.id AND \
             y.user = ?5 AND y.left IS NULL)) AND (?6 IS NULL OR instr(lower(c.name), ?6))"
        )
    };
}

/// The page of a query, and how many there are.
macro_rules! statements {
    ($from:expr, $first:expr) => {
        (
            concat!(
                "SELECT json_group_array(json_array(",
                conversation_json!(),
                ", (SELECT count(*) FROM members x WHERE x.conversation = c.id AND x.left IS NULL), (SELECT max(x.seq) FROM \
                 messages x WHERE x.conversation = c.id)) ORDER BY c.id DESC) FROM (SELECT c.id",
                query!($from, $first),
                " ORDER BY c.id DESC LIMIT ?7 OFFSET ?8) p CROSS JOIN conversations c ON c.id = p.id"
            ),
            concat!("SELECT count(*)", query!($from, $first)),
        )
    };
}

pub(super) const BY_ID: (&str, &str) = statements!("conversations c", "c.id = ?2");
pub(super) const BY_MEMBER: (&str, &str) = statements!(
    "members m CROSS JOIN conversations c ON c.id = m.conversation",
    "m.app = ?1 AND m.user = ?5 AND m.left IS NULL"
);
pub(super) const BY_CREATOR: (&str, &str) = statements!("conversations c", "c.creator = ?4");
pub(super) const OF_APP: (&str, &str) = statements!("conversations c", "true");

#[derive(Deserialize)]
struct ViewRow<'a>(
    u64,
    ConversationRow,
    u32,
    Option<u64>,
    u8,
    u64,
    u64,
    PreferencesRow,
    Option<String>,
    #[serde(borrow)] Option<MessageRow<'a>>,
);

/// Pinned at, rank, do not disturb.
#[derive(Deserialize)]
pub(super) struct PreferencesRow(Option<i64>, i32, u8);

impl PreferencesRow {
    pub(super) fn into_model(self) -> Preferences {
        Preferences {
            pinned_at: self.0.map(Millis),
            rank: self.1,
            do_not_disturb: self.2 != 0,
        }
    }
}

impl ViewRow<'_> {
    fn into_model(self) -> Result<ConversationView> {
        let Self(_, conversation, member_count, last_seq, role, delivered, read, preferences, peer, last) = self;
        Ok(ConversationView {
            conversation: conversation.into_model()?,
            member_count,
            last_seq: Seq(last_seq.unwrap_or(0)),
            role: Some(read_role(role)),
            marks: Some(Marks {
                delivered: Seq(delivered),
                read: Seq(read),
            }),
            preferences: Some(preferences.into_model()),
            peer: peer.as_deref().map(user_id).transpose()?,
            last_message: last.map(MessageRow::into_model).transpose()?.map(Box::new),
        })
    }
}

/// A conversation as nobody in particular sees it.
#[derive(Deserialize)]
struct BareRow(ConversationRow, u32, Option<u64>);

impl BareRow {
    fn into_model(self) -> Result<ConversationView> {
        Ok(ConversationView {
            conversation: self.0.into_model()?,
            member_count: self.1,
            last_seq: Seq(self.2.unwrap_or(0)),
            role: None,
            marks: None,
            preferences: None,
            peer: None,
            last_message: None,
        })
    }
}

fn read(rows: Vec<ViewRow<'_>>) -> Result<Vec<ConversationView>> {
    rows.into_iter().map(ViewRow::into_model).collect()
}

/// As SQLite's `lower` does it.
pub(super) fn folded(text: Option<&String>) -> Option<String> {
    text.map(|text| text.to_ascii_lowercase())
}

#[async_trait]
impl Views for Sqlite {
    async fn view(&self, app: AppId, conversation: ConversationId, user: &UserId) -> Result<Option<ConversationView>> {
        let json: Option<String> = sqlx::query_scalar(VIEW)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(int(conversation.get()))
            .fetch_optional(&self.readers)
            .await?;
        let Some(json) = json else { return Ok(None) };
        let row: ViewRow<'_> = serde_json::from_str(&json).map_err(fault)?;
        row.into_model().map(Some)
    }

    async fn conversations_of(
        &self,
        app: AppId,
        user: &UserId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Page<ConversationView>> {
        // A place that is no number is no place of ours: nothing comes after it.
        let before = before.map_or(i64::MAX, |text| text.parse().unwrap_or(0));
        let json: String = sqlx::query_scalar(LIST)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind(before)
            .bind(i64::from(limit) + 1)
            .fetch_one(&self.readers)
            .await?;
        let mut rows: Vec<ViewRow<'_>> = serde_json::from_str(&json).map_err(fault)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.0.to_string());
        Ok(Page {
            items: read(rows)?,
            next,
        })
    }

    async fn views(&self, app: AppId, user: &UserId, listing: &Listing) -> Result<(Vec<ConversationView>, bool)> {
        let kinds: Vec<i64> = listing.kinds.iter().map(|kind| write_kind(*kind)).collect();
        let json: String = sqlx::query_scalar(VIEWS)
            .bind(int(app.get()))
            .bind(user.as_str())
            .bind((!kinds.is_empty()).then(|| serde_json::json!(kinds).to_string()))
            .bind(listing.unread_only)
            .bind(folded(listing.keyword.as_ref()))
            .bind(i64::from(listing.limit) + 1)
            .bind(i64::from(listing.skip))
            .fetch_one(&self.readers)
            .await?;
        let mut rows: Vec<ViewRow<'_>> = serde_json::from_str(&json).map_err(fault)?;
        let more = rows.len() > listing.limit as usize;
        rows.truncate(listing.limit as usize);
        Ok((read(rows)?, more))
    }

    async fn query_conversations(
        &self,
        app: AppId,
        filter: &ConversationFilter,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<ConversationView>, u64)> {
        let (page, count) = match filter {
            ConversationFilter { id: Some(_), .. } => BY_ID,
            ConversationFilter { member: Some(_), .. } => BY_MEMBER,
            ConversationFilter { creator: Some(_), .. } => BY_CREATOR,
            _ => OF_APP,
        };
        let page = narrow(sqlx::query_scalar(page), app, filter);
        let json: String = page
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_one(&self.readers)
            .await?;
        let rows: Vec<BareRow> = decode(&json)?;
        let count = narrow(sqlx::query_scalar(count), app, filter);
        let total: i64 = count.fetch_one(&self.readers).await?;
        let items = rows.into_iter().map(BareRow::into_model).collect::<Result<_>>()?;
        Ok((items, total.cast_unsigned()))
    }
}

type Scalar<'a, T> = sqlx::query::QueryScalar<'a, sqlx::Sqlite, T, sqlx::sqlite::SqliteArguments>;

/// Binds what a filter asks.
fn narrow<'a, T>(query: Scalar<'a, T>, app: AppId, filter: &ConversationFilter) -> Scalar<'a, T> {
    query
        .bind(int(app.get()))
        .bind(filter.id.map(|id| int(id.get())))
        .bind(filter.kind.map(write_kind))
        .bind(filter.creator.as_ref().map(ToString::to_string))
        .bind(filter.member.as_ref().map(ToString::to_string))
        .bind(folded(filter.name.as_ref()))
}
