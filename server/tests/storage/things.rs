//! Names and things that stories are about.

use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::*;
use tokio::sync::oneshot;

pub fn app(n: u64) -> AppId {
    AppId::new(n).expect("an id")
}
pub fn queue(n: u64) -> InstallKey {
    InstallKey {
        app: app(n),
        plugin: plugin("watch"),
    }
}
pub fn user(name: &str) -> UserId {
    UserId::new(name).expect("a uid")
}
pub fn plugin(name: &str) -> PluginName {
    PluginName::new(name).expect("a name")
}
pub const A: u64 = 1;
pub const B: u64 = 2;

pub fn row(kind: ConversationKind, members: &[&str]) -> NewRow {
    let role = |at| {
        if at == 0 && kind != ConversationKind::Direct {
            Role::Owner
        } else {
            Role::Member
        }
    };
    NewRow {
        kind,
        name: "n".into(),
        cover: String::new(),
        ext: Body::empty(),
        owner: (kind != ConversationKind::Direct).then(|| user(members[0])),
        creator: Some(user(members[0])),
        members: members
            .iter()
            .enumerate()
            .map(|(at, name)| (user(name), role(at)))
            .collect(),
        now: Millis(5),
        once: None,
    }
}

pub async fn group(store: &dyn Storage, members: &[&str]) -> Arc<Roster> {
    let made = store
        .create_conversation(app(A), row(ConversationKind::Group, members), Sequel::none())
        .await;
    Arc::new(made.expect("made").0)
}

pub fn append(roster: &Arc<Roster>, from: &str, nonce: &str) -> (Append, oneshot::Receiver<Result<Stored>>) {
    let (ack, answer) = oneshot::channel();
    let draft = Draft {
        conversation: roster.conversation.id,
        sender: if from.is_empty() {
            Sender::System
        } else {
            Sender::User(user(from))
        },
        role: None,
        kind: Kind::new("text").expect("a kind"),
        body: Body::text(nonce),
        nonce: Nonce::new(nonce).expect("a nonce"),
        mentions: Mentions {
            all: from == "loud",
            users: vec![user("bob")],
        },
        reply_to: None,
        origin: None,
        depth: 0,
        transient: false,
    };
    let roster = Arc::clone(roster);
    (
        Append {
            app: app(A),
            draft,
            roster,
            except: Except::Connection(ConnectionId::new(9).expect("an id")),
            jobs: vec![],
            ack,
        },
        answer,
    )
}

pub async fn send(store: &dyn Storage, roster: &Arc<Roster>, from: &str, nonce: &str) -> Result<Stored> {
    let (append, answer) = append(roster, from, nonce);
    store.append(append).await;
    answer.await.expect("an answer")
}

pub async fn say(store: &dyn Storage, roster: &Arc<Roster>, from: &str, nonce: &str) -> MessageId {
    send(store, roster, from, nonce)
        .await
        .expect("stored")
        .id
        .expect("an id")
}

pub async fn bodies(store: &dyn Storage, roster: &Roster, viewer: Option<&UserId>, from: HistoryFrom) -> Vec<u64> {
    let page = store
        .history(app(A), roster.conversation.id, viewer, from, 100)
        .await
        .expect("a page");
    page.messages.iter().map(|message| message.seq.0).collect()
}

pub fn observed(kind: EventKind) -> NewJob {
    let work = Observation::Event {
        kind,
        message: None,
        users: vec![],
        by: None,
        emoji: None,
        things: vec![],
    };
    NewJob {
        plugin: plugin("watch"),
        work,
        depth: 1,
    }
}

/// The seq of a new message.
pub fn seq_of(event: &Event) -> Option<u64> {
    match &event.change {
        Change::MessageSent(message) => Some(message.seq.0),
        _ => None,
    }
}

/// Sends a message that makes work, and names the work.
pub async fn job(store: &dyn Storage, roster: &Arc<Roster>, nonce: &str) -> JobId {
    let (mut append, answer) = append(roster, "ann", nonce);
    append.jobs = vec![observed(EventKind::MessageSent)];
    store.append(append).await;
    let id = answer.await.expect("an answer").expect("stored").id;
    let due = store
        .due_jobs(&queue(A), Millis(i64::MAX), None, 100)
        .await
        .expect("jobs");
    let own = due
        .into_iter()
        .find(|due| due.message.as_ref().and_then(|message| message.id) == id);
    own.expect("a job").job.id
}

/// A change of which nothing is written down.
pub const fn unrecorded() -> Record {
    Record {
        who: Who::App,
        at: Millis(1),
        steps: Vec::new(),
        keep: 1,
    }
}
