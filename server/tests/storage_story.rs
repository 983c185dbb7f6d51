//! What every storage backend must do, told once and run for each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use switchboard::model::*;
use switchboard::storage::sqlite::{Settings, Sqlite, open};
use switchboard::storage::*;
use tokio::sync::{mpsc, oneshot};

type Events = mpsc::Receiver<Vec<Event>>;
type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

struct Hands(AtomicI64);
impl Clock for Hands {
    fn now(&self) -> Millis {
        Millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A backend under test; opening it again finds what it was told before.
struct House {
    store: Arc<Sqlite>,
    events: Events,
}

impl House {
    async fn open(path: &Path) -> Self {
        Self::with(Settings {
            checkpoint_ms: 5,
            ..Settings::new(path)
        })
        .await
    }
    async fn with(settings: Settings) -> Self {
        let clock = Arc::new(Hands(AtomicI64::new(1_000)));
        let (store, events) = open(settings, clock).await.expect("opens");
        Self { store, events }
    }
    async fn reopen(self, path: &Path) -> Self {
        self.store.close().await;
        drop(self);
        Self::open(path).await
    }
    /// Events that are there now: every write that was answered has announced, or is about to.
    async fn heard(&mut self) -> Vec<Event> {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let mut all = Vec::new();
        while let Ok(list) = self.events.try_recv() {
            all.extend(list);
        }
        all
    }
}

fn app(n: u64) -> AppId {
    AppId::new(n).expect("an id")
}
fn queue(n: u64) -> InstallKey {
    InstallKey {
        app: app(n),
        plugin: plugin("watch"),
    }
}
fn user(name: &str) -> UserId {
    UserId::new(name).expect("a uid")
}
fn plugin(name: &str) -> PluginName {
    PluginName::new(name).expect("a name")
}
const A: u64 = 1;
const B: u64 = 2;

fn row(kind: ConversationKind, members: &[&str]) -> NewRow {
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
        members: members
            .iter()
            .enumerate()
            .map(|(at, name)| (user(name), role(at)))
            .collect(),
        now: Millis(5),
    }
}

async fn group(store: &dyn Storage, members: &[&str]) -> Arc<Roster> {
    let made = store
        .create_conversation(app(A), row(ConversationKind::Group, members), Sequel::none())
        .await;
    Arc::new(made.expect("made").0)
}

fn append(roster: &Arc<Roster>, from: &str, nonce: &str) -> (Append, oneshot::Receiver<Result<Stored>>) {
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
            except: ConnectionId::new(9).ok(),
            jobs: vec![],
            ack,
        },
        answer,
    )
}

async fn send(store: &dyn Storage, roster: &Arc<Roster>, from: &str, nonce: &str) -> Result<Stored> {
    let (append, answer) = append(roster, from, nonce);
    store.append(append).await;
    answer.await.expect("an answer")
}

async fn say(store: &dyn Storage, roster: &Arc<Roster>, from: &str, nonce: &str) -> MessageId {
    send(store, roster, from, nonce)
        .await
        .expect("stored")
        .id
        .expect("an id")
}

async fn bodies(store: &dyn Storage, roster: &Roster, viewer: Option<&UserId>, from: HistoryFrom) -> Vec<u64> {
    let page = store
        .history(app(A), roster.conversation.id, viewer, from, 100)
        .await
        .expect("a page");
    page.messages.iter().map(|message| message.seq.0).collect()
}

fn observed(name: &str) -> NewJob {
    let work = Observation::Event {
        name: name.into(),
        message: None,
        users: vec![],
        by: None,
        emoji: None,
    };
    NewJob {
        plugin: plugin("watch"),
        work,
        depth: 1,
    }
}

#[tokio::test]
async fn apps_users_blocks_and_tokens() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let new = |name: &'static str| -> NewApp {
        Box::new(move |id| App {
            id,
            name: name.into(),
            secret: "s".into(),
            enabled: true,
            demo: false,
            settings: AppSettings {
                login: Login::Single,
                ..AppSettings::default()
            },
        })
    };
    assert_eq!(store.create_app(None, new("first")).await?.id, app(10_000_000));
    assert_eq!(store.create_app(Some(app(7)), new("own")).await?.id, app(7));
    assert_eq!(store.create_app(None, new("next")).await?.id, app(10_000_001));
    assert!(matches!(
        store.create_app(Some(app(7)), new("x")).await,
        Err(StorageError::Exists(_))
    ));
    let mut saved = store.app(app(7)).await?.expect("there");
    assert_eq!(saved.settings.login, Login::Single);
    saved.enabled = false;
    assert!(store.save_app(&saved).await?);
    assert_eq!(store.app(app(7)).await?, Some(saved.clone()));
    assert!(!store.save_app(&App { id: app(8), ..saved }).await?);
    assert_eq!(store.apps().await?.len(), 3);

    let (ann, bob) = (user("ann"), user("bob"));
    let patch = UserPatch {
        nickname: Some("A\u{0}\"".into()),
        ..UserPatch::default()
    };
    assert!(store.put_user(app(A), &ann, patch, Millis(1)).await?.1);
    let (again, new) = store.put_user(app(A), &ann, UserPatch::default(), Millis(2)).await?;
    assert!(!new && again.nickname == "A\u{0}\"" && again.created_at == Millis(1));
    assert_eq!(store.user(app(B), &ann).await?, None);
    store
        .ensure_users(app(A), &[ann.clone(), bob.clone()], Millis(3))
        .await?;
    assert_eq!(
        store
            .known_users(app(A), &[bob.clone(), ann.clone(), user("x")])
            .await?,
        [ann.clone(), bob.clone()]
    );
    assert!(store.known_users(app(B), std::slice::from_ref(&ann)).await?.is_empty());
    assert!(store.set_ban(app(A), &bob, Some("spam".into())).await?);
    assert!(!store.set_ban(app(B), &bob, Some("spam".into())).await?);
    assert_eq!(
        store.user(app(A), &bob).await?.and_then(|bob| bob.ban),
        Some("spam".into())
    );

    assert!(store.set_block(app(A), &ann, &bob, true).await?);
    assert!(!store.set_block(app(A), &ann, &bob, true).await?);
    assert!(!store.set_block(app(B), &ann, &bob, false).await?);
    assert_eq!(store.blocks(app(A), &ann).await?, std::slice::from_ref(&bob));
    assert!(store.blocks(app(B), &ann).await?.is_empty());

    let token = |at| Token {
        app: app(A),
        user: ann.clone(),
        device: DeviceId::new("phone").ok(),
        expires_at: Millis(at),
    };
    store.put_token([1; 32], token(10), Millis(0)).await?;
    assert_eq!(store.token([1; 32]).await?, Some(token(10)));
    store.put_token([2; 32], token(90), Millis(50)).await?;
    assert_eq!(store.token([1; 32]).await?, None, "expired ones are dropped");
    assert_eq!(store.drop_tokens(app(B), &ann).await?, 0);
    assert_eq!(store.drop_tokens(app(A), &ann).await?, 1);
    Ok(())
}

#[tokio::test]
async fn conversations_and_members() -> Outcome {
    let dir = tempfile::tempdir()?;
    let mut house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let direct = || row(ConversationKind::Direct, &["bob", "ann"]);
    let (pair, new) = store.create_conversation(app(A), direct(), Sequel::none()).await?;
    let (same, fresh) = store.create_conversation(app(A), direct(), Sequel::none()).await?;
    let (other, apart) = store.create_conversation(app(B), direct(), Sequel::none()).await?;
    assert!(new && !fresh && apart && same == pair && other.conversation.id != pair.conversation.id);

    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    assert_eq!(store.roster(app(A), id).await?.as_ref(), Some(&*room));
    assert_eq!(store.roster(app(B), id).await?, None);
    let cat = Member {
        user: user("cat"),
        role: Role::Admin,
        muted_until: Some(Millis(9)),
        joined_at: Millis(6),
    };
    let bob = room.member(&user("bob")).cloned().expect("in it");
    let list = vec![cat.clone(), bob, cat.clone()];
    assert!(
        store
            .add_members(app(B), id, list.clone(), Sequel::none())
            .await
            .is_err()
    );
    assert_eq!(
        store.add_members(app(A), id, list.clone(), Sequel::none()).await?,
        std::slice::from_ref(&cat)
    );
    assert!(store.add_members(app(A), id, list, Sequel::none()).await?.is_empty());
    assert_eq!(
        store
            .roster(app(A), id)
            .await?
            .and_then(|r| r.member(&user("cat")).cloned()),
        Some(cat.clone())
    );
    assert_eq!(store.acquaintances(app(A), &user("cat"), 9).await?.len(), 2);
    assert!(store.acquaintances(app(B), &user("cat"), 9).await?.is_empty());

    store
        .save_members(
            app(A),
            id,
            vec![Member {
                role: Role::Owner,
                ..cat
            }],
            Sequel::none(),
        )
        .await?;
    assert_eq!(
        store.roster(app(A), id).await?.and_then(|r| r.conversation.owner),
        Some(user("cat"))
    );
    assert!(
        store
            .remove_members(app(B), id, vec![user("cat")], None, Sequel::none())
            .await
            .is_err()
    );
    let gone = store
        .remove_members(
            app(A),
            id,
            vec![user("cat"), user("x")],
            Some(user("bob")),
            Sequel::none(),
        )
        .await?;
    assert_eq!(gone, [user("cat")]);
    let now = store.roster(app(A), id).await?.expect("there");
    assert_eq!(
        (now.conversation.owner.clone(), now.role(&user("bob"))),
        (Some(user("bob")), Some(Role::Owner))
    );

    let patch = ConversationPatch {
        name: Some("new".into()),
        muted: Some(true),
        ..Default::default()
    };
    assert!(
        store
            .update_conversation(app(B), id, patch.clone(), Sequel::none())
            .await
            .is_err()
    );
    let changed = store.update_conversation(app(A), id, patch, Sequel::none()).await?;
    assert!(changed.name == "new" && changed.muted);

    say(store, &room, "ann", "n1").await;
    let page = store.conversations_of(app(A), &user("ann"), None, 1).await?;
    assert_eq!(page.items[0].conversation.id, id);
    assert_eq!(
        (
            page.items[0].member_count,
            page.items[0].last_seq,
            page.items[0].unread()
        ),
        (2, Seq(1), Some(0))
    );
    assert_eq!(
        page.items[0].last_message.as_ref().map(|message| message.seq),
        Some(Seq(1))
    );
    let rest = store
        .conversations_of(app(A), &user("ann"), page.next.as_deref(), 1)
        .await?;
    assert_eq!((rest.items[0].peer.clone(), rest.next), (Some(user("bob")), None));
    assert_eq!(store.last_seq(app(A), id).await?, Seq(1));
    assert_eq!(store.last_seq(app(B), id).await?, Seq(0));

    assert!(
        !store
            .dissolve_conversation(app(B), id, Millis(7), Sequel::none())
            .await?
    );
    assert!(
        store
            .dissolve_conversation(app(A), id, Millis(7), Sequel::none())
            .await?
    );
    assert!(
        !store
            .dissolve_conversation(app(A), id, Millis(7), Sequel::none())
            .await?
    );
    assert_eq!(store.roster(app(A), id).await?, None);
    assert!(bodies(store, &room, None, HistoryFrom::End).await.is_empty());
    assert!(matches!(
        send(store, &room, "ann", "n2").await,
        Err(StorageError::Missing(_))
    ));
    assert!(
        store
            .dissolve_conversation(app(A), pair.conversation.id, Millis(7), Sequel::none())
            .await?
    );
    assert!(
        store.create_conversation(app(A), direct(), Sequel::none()).await?.1,
        "the pair may start again"
    );
    house.heard().await;
    Ok(())
}

#[tokio::test]
async fn messages_duplicates_and_history() -> Outcome {
    let dir = tempfile::tempdir()?;
    let mut house = House::with(Settings {
        remembered: 2,
        ..Settings::new(dir.path())
    })
    .await;
    let room = group(&*house.store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    // One group: new, twin, new; and the same nonce of another sender is another message.
    let mut answers = Vec::new();
    for (from, nonce) in [("ann", "1"), ("ann", "1"), ("ann", "2"), ("bob", "1"), ("", "1")] {
        let (append, answer) = append(&room, from, nonce);
        house.store.append(append).await;
        answers.push(answer);
    }
    let mut stored = Vec::new();
    for answer in answers {
        stored.push(answer.await??);
    }
    assert_eq!(stored.iter().map(|one| one.seq.0).collect::<Vec<_>>(), [1, 1, 2, 3, 4]);
    assert!(stored[1].duplicate && !stored[0].duplicate && stored[1].id == stored[0].id);
    let heard = house.heard().await;
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|event| event.except == ConnectionId::new(9).ok()));
    assert_eq!(house.store.head(), heard[3].cursor.expect("stored"));
    for n in 3..30 {
        say(&*house.store, &room, "ann", &n.to_string()).await;
    }
    // Long out of the window, in one group with new ones: no gap.
    let mut answers = Vec::new();
    for nonce in ["1", "30", "2", "31"] {
        let (append, answer) = append(&room, "ann", nonce);
        house.store.append(append).await;
        answers.push(answer);
    }
    let mut seqs = Vec::new();
    for answer in answers {
        let stored = answer.await??;
        seqs.push((stored.seq.0, stored.duplicate));
    }
    assert_eq!(seqs, [(1, true), (32, false), (2, true), (33, false)]);
    let first = stored[0].id.expect("an id");
    let mut house = house.reopen(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let again = send(store, &room, "ann", "1").await?;
    assert_eq!(
        Some(again),
        Some(Stored {
            duplicate: true,
            ..stored[0]
        }),
        "also after a restart"
    );
    assert_eq!(send(store, &room, "ann", "new").await?.seq, Seq(34));
    assert!(house.events.recv().await.is_some_and(|list| list.len() == 1));

    assert_eq!(
        bodies(store, &room, None, HistoryFrom::BeforeSeq(Seq(4))).await,
        [3, 2, 1]
    );
    assert_eq!(
        bodies(store, &room, None, HistoryFrom::AfterSeq(Seq(32))).await,
        [33, 34]
    );
    assert_eq!(bodies(store, &room, None, HistoryFrom::AfterId(first)).await[0], 2);
    assert!(
        bodies(store, &room, None, HistoryFrom::BeforeId(first))
            .await
            .is_empty()
    );
    let page = store.history(app(A), id, None, HistoryFrom::End, 5).await?;
    assert!(page.has_more && page.messages.len() == 5);
    assert!(
        store
            .history(app(B), id, None, HistoryFrom::End, 5)
            .await?
            .messages
            .is_empty()
    );
    let message = store.message(app(A), first, None).await?.expect("there");
    assert_eq!(
        (message.body.clone(), message.mentions.users.len()),
        (Body::text("1"), 1)
    );
    assert_eq!(message.sender, Sender::User(user("ann")));
    assert_eq!(store.message(app(B), first, None).await?, None);
    Ok(())
}

#[tokio::test]
async fn edit_recall_hide_and_react() -> Outcome {
    let dir = tempfile::tempdir()?;
    let mut house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let one = say(store, &room, "ann", "1").await;
    let two = say(store, &room, "ann", "2").await;
    let edited = |message: &Message, cursor: Cursor| {
        vec![Event {
            app: app(A),
            cursor: Some(cursor),
            audience: Audience::Users(vec![]),
            except: None,
            change: Change::MessageEdited(Arc::new(message.clone())),
        }]
    };
    assert!(
        store
            .edit_message(app(B), one, Body::text("x"), Millis(7), Sequel::none())
            .await
            .is_err()
    );
    let now = store
        .edit_message(app(A), one, Body::text("x"), Millis(7), Sequel::events(edited))
        .await?;
    assert_eq!(
        (now.body, now.state),
        (Body::text("x"), MessageState::Edited(Millis(7)))
    );
    assert!(
        store
            .recall_message(app(B), one, Millis(8), Sequel::none())
            .await
            .is_err()
    );
    let gone = store
        .recall_message(app(A), one, Millis(8), Sequel::events(edited))
        .await?;
    assert_eq!(
        (gone.body.as_str(), gone.state),
        ("{}", MessageState::Recalled(Millis(8)))
    );
    let twice = store
        .recall_message(app(A), one, Millis(9), Sequel::events(edited))
        .await?;
    assert_eq!(twice.state, MessageState::Recalled(Millis(8)));
    assert!(
        store
            .edit_message(app(A), one, Body::text("y"), Millis(9), Sequel::none())
            .await
            .is_err()
    );

    let (ann, bob) = (user("ann"), user("bob"));
    assert!(
        store
            .hide_messages(app(B), &ann, vec![two], Sequel::none())
            .await?
            .is_empty()
    );
    assert_eq!(
        store
            .hide_messages(app(A), &ann, vec![two, two], Sequel::none())
            .await?,
        [two]
    );
    assert!(
        store
            .hide_messages(app(A), &ann, vec![two], Sequel::none())
            .await?
            .is_empty()
    );
    assert_eq!(store.message(app(A), two, Some(&ann)).await?, None);
    assert!(store.message(app(A), two, Some(&bob)).await?.is_some());
    assert_eq!(bodies(store, &room, Some(&ann), HistoryFrom::End).await, [1]);

    assert!(
        store
            .react(app(B), two, &ann, "👍", true, Millis(9), Sequel::none())
            .await
            .is_err()
    );
    assert!(
        store
            .react(app(A), two, &bob, "👍", true, Millis(9), Sequel::events(edited))
            .await?
    );
    assert!(
        !store
            .react(app(A), two, &bob, "👍", true, Millis(9), Sequel::events(edited))
            .await?
    );
    assert!(
        store
            .react(app(A), two, &ann, "👍", true, Millis(9), Sequel::none())
            .await?
    );
    let reactions = store.message(app(A), two, None).await?.expect("there").reactions;
    assert_eq!(
        reactions,
        [Reaction {
            emoji: "👍".into(),
            users: vec![bob.clone(), ann.clone()]
        }]
    );
    for n in 1..20 {
        store
            .react(app(A), two, &ann, &n.to_string(), true, Millis(9), Sequel::none())
            .await?;
    }
    let full = store
        .react(app(A), two, &ann, "one more", true, Millis(9), Sequel::none())
        .await;
    assert!(matches!(full, Err(StorageError::Quota(_))));
    assert!(
        store
            .react(app(A), two, &bob, "👍", false, Millis(9), Sequel::none())
            .await?
    );
    let heard = house.heard().await;
    let cursors: Vec<_> = heard.iter().filter_map(|event| event.cursor).collect();
    assert_eq!(heard.len(), 5, "two messages, an edit, a recall, a reaction");
    assert!(cursors.is_sorted());
    Ok(())
}

#[tokio::test]
async fn marks_never_go_back() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    let (ann, bob) = (user("ann"), user("bob"));
    for n in 1..=5 {
        say(store, &room, "ann", &n.to_string()).await;
    }
    assert_eq!(
        store.marks(app(A), id, &ann).await?,
        Marks {
            delivered: Seq(5),
            read: Seq(5)
        }
    );
    let mark = |delivered: Option<u64>, read: Option<u64>| {
        store.mark(app(A), id, &bob, delivered.map(Seq), read.map(Seq), Sequel::none())
    };
    assert_eq!(
        mark(Some(3), None).await?,
        (
            Marks {
                delivered: Seq(3),
                read: Seq(0)
            },
            Seq(5)
        )
    );
    assert_eq!(
        mark(Some(1), Some(4)).await?.0,
        Marks {
            delivered: Seq(4),
            read: Seq(4)
        }
    );
    assert_eq!(
        mark(None, Some(2)).await?.0,
        Marks {
            delivered: Seq(4),
            read: Seq(4)
        }
    );
    assert_eq!(
        mark(Some(99), None).await?.0,
        Marks {
            delivered: Seq(5),
            read: Seq(4)
        }
    );
    assert!(
        store
            .mark(app(B), id, &bob, Some(Seq(1)), None, Sequel::none())
            .await
            .is_err()
    );
    assert!(
        store
            .mark(app(A), id, &user("eve"), Some(Seq(1)), None, Sequel::none())
            .await
            .is_err()
    );
    assert_eq!(store.marks(app(B), id, &bob).await?, Marks::default());
    let house = house.reopen(dir.path()).await;
    let list = house.store.receipts(app(A), id).await?;
    assert_eq!(
        list[1],
        Receipt {
            user: bob,
            marks: Marks {
                delivered: Seq(5),
                read: Seq(4)
            }
        }
    );
    assert!(house.store.receipts(app(B), id).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_was_missed() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let old = say(store, &room, "ann", "1").await;
    let lost = group(store, &["ann", "bob"]).await;
    let left = group(store, &["ann", "bob"]).await;
    let since = store.head();
    let none = store.missed(app(A), &user("bob"), since, 10).await?;
    assert!(none.complete && none.events.is_empty() && none.heads.is_empty() && none.until == since);
    for n in 2..5 {
        say(store, &room, "ann", &n.to_string()).await;
    }
    store.recall_message(app(A), old, Millis(9), Sequel::none()).await?;
    let fresh = group(store, &["ann", "bob"]).await;
    store
        .dissolve_conversation(app(A), lost.conversation.id, Millis(9), Sequel::none())
        .await?;
    store
        .remove_members(app(A), left.conversation.id, vec![user("bob")], None, Sequel::none())
        .await?;
    say(store, &left, "ann", "unseen").await;
    let missed = store.missed(app(A), &user("bob"), since, 10).await?;
    let what: Vec<&str> = missed
        .events
        .iter()
        .map(|event| match &event.change {
            Change::MessageSent(_) => "sent",
            Change::MessageRecalled(message) if message.id == Some(old) => "recalled",
            Change::ConversationCreated(roster) if roster.conversation.id == fresh.conversation.id => "created",
            Change::ConversationDissolved(_) => "dissolved",
            Change::MembersLeft { .. } => "left",
            _ => "other",
        })
        .collect();
    assert_eq!(
        what,
        ["sent", "sent", "sent", "recalled", "created", "dissolved", "left"]
    );
    assert!(missed.events.iter().map(|event| event.cursor).is_sorted());
    assert_eq!(missed.until, store.head());
    assert!(missed.heads.contains(&(room.conversation.id, Seq(4))));
    let short = store.missed(app(A), &user("bob"), since, 6).await?;
    assert!(!short.complete && short.events.is_empty() && short.heads == missed.heads);
    assert!(
        store
            .missed(app(B), &user("bob"), Cursor(0), 10)
            .await?
            .events
            .is_empty()
    );
    Ok(())
}

#[tokio::test]
async fn key_value_spaces() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let name = plugin("bot");
    let effect = |index| {
        Some(EffectKey {
            call: CallId::new("j7"),
            index,
        })
    };
    let write = async |key: &str, change, expires_at: Option<i64>, effect, now| {
        let write = KvWrite {
            key: key.into(),
            change,
            expires_at: expires_at.map(Millis),
        };
        store
            .kv_write(app(A), &plugin("bot"), write, effect, 100, Millis(now))
            .await
    };
    let get = async |key: &str, now| store.kv_get(app(A), &name, key, Millis(now)).await;
    assert_eq!(
        write("a", KvChange::Set(vec![0, 255]), None, None, 1).await?,
        KvOutcome::Written
    );
    let first = get("a", 1).await?.expect("there");
    assert_eq!(first.value, [0, 255]);
    assert_eq!(store.kv_get(app(B), &name, "a", Millis(1)).await?, None);
    assert_eq!(store.kv_get(app(A), &plugin("other"), "a", Millis(1)).await?, None);
    let cas = |expect| KvChange::CompareAndSet {
        expect,
        value: b"x".to_vec(),
    };
    assert_eq!(write("a", cas(0), None, None, 1).await?, KvOutcome::Stale);
    assert_eq!(write("a", cas(first.version), None, None, 1).await?, KvOutcome::Written);
    assert!(get("a", 1).await?.expect("there").version > first.version);
    assert_eq!(
        write("n", KvChange::Increment(5), Some(50), effect(0), 1).await?,
        KvOutcome::Counter(5)
    );
    assert_eq!(
        write("n", KvChange::Increment(5), Some(50), effect(0), 1).await?,
        KvOutcome::Counter(5),
        "a replay"
    );
    assert_eq!(
        write("n", KvChange::Increment(-7), Some(90), effect(1), 1).await?,
        KvOutcome::Counter(-2)
    );
    assert_eq!(
        write("a", KvChange::Increment(1), None, None, 1).await?,
        KvOutcome::NotACounter
    );
    assert_eq!(store.kv_scan(app(A), &name, "", None, 9, Millis(1)).await?, ["a", "n"]);
    assert_eq!(store.kv_scan(app(A), &name, "", Some("a"), 9, Millis(1)).await?, ["n"]);
    assert!(store.kv_scan(app(B), &name, "", None, 9, Millis(1)).await?.is_empty());
    assert_eq!(get("n", 50).await?, None, "its time is over");
    assert_eq!(write("n", cas(0), None, None, 60).await?, KvOutcome::Written);
    let big = write("big", KvChange::Set(vec![7; 99]), None, None, 60).await;
    assert!(matches!(big, Err(StorageError::Quota(_))));
    assert_eq!(
        write("t", KvChange::Set(vec![7; 80]), Some(70), None, 60).await?,
        KvOutcome::Written
    );
    assert!(write("u", KvChange::Set(vec![7; 80]), None, None, 61).await.is_err());
    assert_eq!(
        write("u", KvChange::Set(vec![7; 80]), None, None, 70).await?,
        KvOutcome::Written,
        "expired keys make room"
    );
    assert_eq!(write("u", KvChange::Delete, None, None, 70).await?, KvOutcome::Written);
    assert_eq!(get("u", 70).await?, None);
    Ok(())
}

#[tokio::test]
async fn jobs_live_as_long_as_their_work() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann"]).await;
    let mut ids = Vec::new();
    for nonce in ["1", "2"] {
        let (mut append, answer) = append(&room, "ann", nonce);
        append.jobs = vec![observed("message-sent")];
        store.append(append).await;
        ids.push(answer.await??.id);
    }
    assert_eq!(store.job_bell().wait().await, [queue(A)]);
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    assert_eq!(
        due.iter()
            .map(|one| one.message.as_ref().and_then(|m| m.id))
            .collect::<Vec<_>>(),
        ids
    );
    assert!(matches!(&due[0].job.work, Observation::Event { message, .. } if *message == ids[0]));
    assert_eq!(due[0].job.conversation, Some(room.conversation.id));
    assert!(store.due_jobs(&queue(B), Millis(i64::MAX), None, 9).await?.is_empty());
    assert_eq!(store.installs_with_jobs().await?, [(queue(A), due[0].job.due_at)]);
    let (one, two) = (due[0].job.id, due[1].job.id);
    assert_eq!(
        store.due_jobs(&queue(A), Millis(i64::MAX), Some(one), 9).await?.len(),
        1
    );

    let effect = Some(EffectKey {
        call: CallId::new(&format!("j{one}")),
        index: 0,
    });
    let add = || KvWrite {
        key: "k".into(),
        change: KvChange::Increment(1),
        expires_at: None,
    };
    for _ in 0..2 {
        let outcome = store
            .kv_write(app(A), &plugin("watch"), add(), effect.clone(), 100, Millis(1))
            .await?;
        assert_eq!(outcome, KvOutcome::Counter(1));
    }
    store.postpone_job(app(A), two, Millis(i64::MAX), "late").await?;
    store.postpone_job(app(B), one, Millis(i64::MAX), "not yours").await?;
    store.finish_jobs(app(B), vec![one]).await?;
    let now = store.due_jobs(&queue(A), Millis(9_999), None, 9).await?;
    assert_eq!(now.iter().map(|due| due.job.id).collect::<Vec<_>>(), [one]);
    store.finish_jobs(app(A), vec![one]).await?;
    let outcome = store
        .kv_write(app(A), &plugin("watch"), add(), effect, 100, Millis(1))
        .await?;
    assert_eq!(outcome, KvOutcome::Counter(2), "finished work is forgotten");
    store.bury_job(app(A), two, "broken").await?;
    assert!(store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?.is_empty());
    let dead = store.dead_jobs(app(A), 9).await?;
    assert_eq!(
        (dead[0].job.id, dead[0].error.as_str(), dead[0].job.attempts),
        (two, "broken", 2)
    );
    assert!(store.dead_jobs(app(B), 9).await?.is_empty());
    assert!(!store.revive_job(app(B), two, Millis(1)).await?);
    assert!(store.revive_job(app(A), two, Millis(1)).await?);
    assert_eq!(store.due_jobs(&queue(A), Millis(1), None, 9).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_job_to_be_tried_again_holds_up_its_conversation_only() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let (one_room, other_room) = (group(store, &["ann"]).await, group(store, &["ann"]).await);
    for (room, nonce) in [(&one_room, "1"), (&one_room, "2"), (&other_room, "3")] {
        let (mut append, answer) = append(room, "ann", nonce);
        append.jobs = vec![observed("message-sent")];
        store.append(append).await;
        answer.await??;
    }
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    let ids: Vec<_> = due.iter().map(|due| due.job.id).collect();
    store.postpone_job(app(A), ids[0], Millis(5_000), "later").await?;
    let at = |now| store.due_jobs(&queue(A), Millis(now), None, 9);
    let due_at = |due: Vec<DueJob>| due.into_iter().map(|due| due.job.id).collect::<Vec<_>>();
    assert_eq!(due_at(at(4_999).await?), ids[2..], "the second waits for the first");
    assert_eq!(due_at(at(5_000).await?), ids);
    store.bury_job(app(A), ids[0], "given up").await?;
    assert_eq!(
        due_at(at(4_999).await?),
        ids[1..],
        "work that is given up holds up nobody"
    );
    Ok(())
}

#[tokio::test]
async fn installs_and_components() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let store: &dyn Storage = &*house.store;
    let version = |number| Version {
        number,
        digest: Digest("d".into()),
        created_at: Millis(3),
    };
    let install = Install {
        app: app(A),
        name: plugin("bot"),
        current: version(2),
        previous: Some(version(1)),
        grants: vec![Capability::Kv, Capability::MessagesSend],
        config: Body::empty(),
        priority: Some(-3),
        reuse: 1,
        enabled: true,
        revision: 0,
    };
    let saved = store.save_install(install.clone()).await?;
    assert_eq!(
        saved,
        Install {
            revision: 1,
            ..install.clone()
        }
    );
    assert_eq!(store.save_install(install.clone()).await?.revision, 2);
    assert_eq!(
        store.installs_of(app(A)).await?,
        [Install {
            revision: 2,
            ..install.clone()
        }]
    );
    assert!(store.installs_of(app(B)).await?.is_empty());
    assert!(!store.remove_install(app(B), &plugin("bot"), false).await?);
    assert!(store.remove_install(app(A), &plugin("bot"), false).await?);
    assert!(store.installs().await?.is_empty());
    assert_eq!(store.save_install(install).await?.revision, 3, "never a revision twice");
    for _ in 0..2 {
        store.put_component(&Digest("d".into()), vec![0, 1]).await?;
    }
    assert_eq!(store.component(&Digest("d".into())).await?, Some(vec![0, 1]));
    assert_eq!(store.component(&Digest("e".into())).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_senders_leave_no_gap_and_are_heard_in_order() -> Outcome {
    let dir = tempfile::tempdir()?;
    let mut house = House::with(Settings {
        remembered: 8,
        group: 64,
        ..Settings::new(dir.path())
    })
    .await;
    let mut rooms = Vec::new();
    for _ in 0..3 {
        rooms.push(group(&*house.store, &["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"]).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for sender in 0..8u64 {
        let (store, rooms) = (Arc::clone(&house.store), rooms.clone());
        tasks.spawn(async move {
            let mut random = sender + 1;
            let mut answers = Vec::new();
            for _ in 0..300 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // About a third repeats a nonce, near or far.
                let nonce = (random >> 33) % 400;
                let room = &rooms[(nonce % 3) as usize];
                let (append, answer) = append(room, &format!("u{sender}"), &nonce.to_string());
                store.append(append).await;
                answers.push((nonce, answer));
                if random >> 60 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            let mut first = BTreeMap::new();
            for (nonce, answer) in answers {
                let stored = answer.await.expect("an answer").expect("stored");
                assert_eq!(*first.entry(nonce).or_insert(stored.id), stored.id);
            }
            first.len()
        });
    }
    let mut total = 0;
    while let Some(count) = tasks.join_next().await {
        total += count?;
    }
    let heard = house.heard().await;
    assert_eq!(heard.len(), total);
    assert!(heard.windows(2).all(|pair| pair[0].cursor < pair[1].cursor));
    for room in &rooms {
        let seqs: Vec<u64> = heard
            .iter()
            .filter_map(|event| match &event.change {
                Change::MessageSent(message) if message.conversation == room.conversation.id => Some(message.seq.0),
                _ => None,
            })
            .collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
        assert_eq!(
            house.store.last_seq(app(A), room.conversation.id).await?,
            Seq(seqs.len() as u64)
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() -> Outcome {
    let dir = tempfile::tempdir()?;
    let mut house = House::with(Settings {
        max_pages: Some(120),
        announcements: 100_000,
        ..Settings::new(dir.path())
    })
    .await;
    let room = group(&*house.store, &["ann"]).await;
    let long = "x".repeat(60);
    let mut stored = 0;
    let full = loop {
        match send(&*house.store, &room, "ann", &format!("{stored}{}", &long[..50])).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100_000);
    };
    assert!(matches!(full, StorageError::Full), "{full:?}");
    assert!(matches!(
        send(&*house.store, &room, "ann", "still").await,
        Err(StorageError::Full)
    ));
    assert_eq!(house.heard().await.len(), stored);
    house.store.limit_pages(100_000).await?;
    assert_eq!(
        send(&*house.store, &room, "ann", "still").await?.seq,
        Seq(stored as u64 + 1)
    );
    Ok(())
}

#[tokio::test]
async fn a_directory_belongs_to_one_server() -> Outcome {
    let dir = tempfile::tempdir()?;
    let house = House::open(dir.path()).await;
    let clock = Arc::new(Hands(AtomicI64::new(0)));
    let error = open(Settings::new(dir.path()), clock.clone())
        .await
        .err()
        .expect("refused");
    assert!(error.reason().contains("another server"), "{}", error.reason());
    let file = dir.path().join("lock");
    let error = open(Settings::new(file), clock).await.err().expect("refused");
    assert!(
        error.reason().contains("cannot make the data directory"),
        "{}",
        error.reason()
    );
    house.store.close().await;
    assert!(matches!(
        house.store.limit_pages(9).await,
        Err(StorageError::Unavailable(_))
    ));
    Ok(())
}
