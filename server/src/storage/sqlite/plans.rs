//! Every statement that runs often finds its rows by an index: what it costs does not grow with what is stored.

use std::error::Error;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::{
    actions, audit, conversations, credentials, effects, friends, ground, history, installs, jobs, kv, kv_ground,
    messages, missed, notices, pages, preferences, receipts, runs, search, timers, user_keys, users, views, webhooks,
};

/// Statements, by what they are for.
const HOT: &[(&str, &str)] = &[
    ("history before a seq", history::BEFORE_SEQ),
    ("history after a seq", history::AFTER_SEQ),
    ("history before an id", history::BEFORE_ID),
    ("history after an id", history::AFTER_ID),
    ("message", messages::MESSAGE),
    ("missed: conversations", missed::TOUCHED),
    ("missed: new messages", missed::NEW),
    ("missed: changed messages", missed::CHANGED),
    ("missed: members", missed::ROSTERS),
    ("missed: hidden messages", missed::HIDDEN),
    ("conversations of a user", views::LIST),
    ("conversations of a user, sorted", views::VIEWS),
    ("a conversation as seen", views::VIEW),
    ("conversations: one", views::BY_ID.0),
    ("conversations of a member", views::BY_MEMBER.0),
    ("conversations of a creator", views::BY_CREATOR.0),
    ("conversations of an app", views::OF_APP.0),
    ("conversations of an app, how many", views::OF_APP.1),
    ("direct conversation", conversations::DIRECT),
    ("announcements", notices::NOTICES),
    ("history by time, backwards", pages::BACKWARDS),
    ("history by time, forwards", pages::FORWARDS),
    ("place of a message", pages::SEQ_OF),
    ("place of a time", pages::FIRST_SINCE),
    ("how many messages", pages::COUNT),
    ("message by nonce", pages::BY_NONCE),
    ("search: the index", search::FOUND),
    ("search: what is recent", search::RECENT),
    ("search: where", search::ACTIVE),
    ("search: friends", search::FRIENDS),
    ("roster", conversations::ROSTER),
    ("roster of what is dissolved", conversations::DISSOLVED),
    ("last seq", conversations::LAST_SEQ),
    ("user", users::USER),
    ("users", users::MANY),
    ("user by a key", user_keys::FIND),
    ("given token", credentials::TOKEN),
    ("owner of a given token", credentials::OWNER),
    ("password", credentials::PASSWORD),
    ("friends", friends::PAGE),
    ("number of friends", friends::COUNT),
    ("marks", receipts::MARKS),
    ("everyone's marks", receipts::EVERYONES),
    ("moving marks", receipts::MOVE_MARKS),
    ("who is not to be disturbed", preferences::UNDISTURBED),
    ("heads of a group", ground::HEADS),
    ("marks of a group", ground::MARKS),
    ("nonces of a group", ground::NONCES),
    ("due jobs", jobs::DUE),
    ("dead jobs", jobs::DEAD),
    ("forgetting effects", jobs::FORGET_EFFECTS),
    ("finishing jobs", jobs::REMOVE_JOBS),
    ("effect", effects::EFFECT),
    ("last change of a message", actions::CHANGED),
    ("timer", timers::ONE),
    ("timers", timers::PAGE),
    ("next timer", timers::NEXT),
    ("due timers", timers::DUE),
    ("timers that are over", timers::OVER),
    ("timers that go on", timers::WAIT),
    ("next webhook", webhooks::NEXT),
    ("webhooks that are forgotten", webhooks::CLEAR),
    ("jobs that are forgotten", jobs::CLEAR),
    ("deliveries", webhooks::LIST),
    ("webhooks of a target that are tried again", webhooks::REVIVE_TARGET),
    ("effects of an install", installs::EFFECTS_OF_INSTALL),
    ("jobs of an install", installs::JOBS_OF_INSTALL),
    ("audit log", audit::ENTRIES),
    ("audit log of a plugin", audit::ENTRIES_OF_PLUGIN),
    ("keys: one", kv::GET),
    ("keys: prefix", kv::PREFIX),
    ("keys: what a group writes on", kv_ground::ENTRIES),
    ("keys: a space", kv_ground::SPACE),
    ("keys: what has expired", kv_ground::EXPIRED),
    ("keys: purge", kv_ground::PURGE),
    ("keys: set", kv::UPSERT_KEYS),
    ("keys: delete", kv::DELETE_KEYS),
    ("keys: effects", kv::INSERT_EFFECTS),
    ("run", runs::OUTCOME),
    ("runs: forgetting what they have written", runs::FORGET_WRITES),
    ("runs: forgetting them", runs::FORGET),
];

/// The steps SQLite takes for a text of one or more statements.
async fn plan(conn: &mut SqliteConnection, sql: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut steps = Vec::new();
    for statement in sql.split(';') {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        for row in sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut *conn).await? {
            steps.push(row.try_get("detail")?);
        }
    }
    Ok(steps)
}

/// Steps that read a stored table from end to end: not a list that was bound, nor what an inner query gives.
fn table_scans(steps: &[String]) -> Vec<&String> {
    let count = |wanted: &str| steps.iter().filter(|step| *step == wanted).count();
    let is_inner = |scan: &str| {
        let name = scan.trim_start_matches("SCAN ");
        let inner = count(&format!("CO-ROUTINE {name}")) + count(&format!("MATERIALIZE {name}"));
        inner > 0 && count(scan) <= inner + count("RECURSIVE STEP")
    };
    let scans = steps.iter().filter(|step| step.starts_with("SCAN "));
    scans
        .filter(|step| !step.contains("VIRTUAL TABLE") && *step != "SCAN CONSTANT ROW" && !is_inner(step))
        .collect()
}

async fn database() -> Result<SqliteConnection, Box<dyn Error>> {
    let options = SqliteConnectOptions::new().in_memory(true);
    let mut conn = SqliteConnection::connect_with(&options).await?;
    sqlx::migrate!("src/storage/sqlite/migrations").run(&mut conn).await?;
    Ok(conn)
}

#[tokio::test]
async fn hot_statements_scan_no_table() -> Result<(), Box<dyn Error>> {
    let mut conn = database().await?;
    for (what, sql) in HOT {
        let steps = plan(&mut conn, sql).await?;
        assert!(!steps.is_empty(), "{what}");
        let scans = table_scans(&steps);
        assert!(scans.is_empty(), "{what}: {scans:?} in {steps:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_scan_is_seen() -> Result<(), Box<dyn Error>> {
    let mut conn = database().await?;
    for sql in [
        "SELECT * FROM messages WHERE body = ''",
        "SELECT app FROM tokens WHERE device = ''",
        "SELECT * FROM (SELECT * FROM messages m ORDER BY body LIMIT 9) m",
    ] {
        let steps = plan(&mut conn, sql).await?;
        assert!(!table_scans(&steps).is_empty(), "{steps:?}");
    }
    Ok(())
}

#[tokio::test]
async fn pages_come_in_the_order_of_their_index() -> Result<(), Box<dyn Error>> {
    let mut conn = database().await?;
    for (what, sql) in HOT.iter().filter(|(what, _)| what.starts_with("history")) {
        // Reactions are sorted by the time they came; there are few to a message.
        let page = sql.replace("ORDER BY r.cursor", "");
        let steps = plan(&mut conn, &page).await?;
        assert!(
            steps.iter().all(|step| !step.contains("TEMP B-TREE")),
            "{what}: {steps:#?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn conversations_are_found_by_what_narrows_them_best() -> Result<(), Box<dyn Error>> {
    let mut conn = database().await?;
    for (sql, first) in [
        (views::OF_APP.0, "SEARCH c USING INDEX conversations_of_app (app=?)"),
        (
            views::BY_CREATOR.0,
            "SEARCH c USING INDEX conversations_of_creator (app=? AND creator=?)",
        ),
        (
            views::BY_MEMBER.0,
            "SEARCH m USING INDEX members_of_user (app=? AND user=?)",
        ),
        (views::BY_ID.0, "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"),
    ] {
        let steps = plan(&mut conn, sql).await?;
        let found = steps.iter().find(|step| step.starts_with("SEARCH"));
        assert_eq!(found.map(String::as_str), Some(first), "{steps:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn keys_are_removed_one_by_one() -> Result<(), Box<dyn Error>> {
    let mut conn = database().await?;
    for (sql, whole) in [
        (
            kv::DELETE_KEYS,
            "SEARCH kv USING PRIMARY KEY (app=? AND plugin=? AND key=?)",
        ),
        (
            jobs::FORGET_EFFECTS,
            "SEARCH effects USING PRIMARY KEY (app=? AND call=?)",
        ),
        (
            jobs::NEXT_TRY,
            "SEARCH jobs USING INDEX jobs_failed (app=? AND plugin=?)",
        ),
        (
            installs::EFFECTS_OF_INSTALL,
            "SEARCH effects USING PRIMARY KEY (app=? AND call=?)",
        ),
    ] {
        let steps = plan(&mut conn, sql).await?;
        assert!(steps.iter().any(|step| step == whole), "{steps:#?}");
    }
    Ok(())
}
