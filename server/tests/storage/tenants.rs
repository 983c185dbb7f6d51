//! Another app's things do not exist: every method, asked with an app that is not theirs, finds nothing and changes nothing.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::restart::{World, all_of, furnish, install, set};
use crate::things::*;

/// Whether a call found nothing.
type Found = Vec<(&'static str, bool)>;

fn is_missing<T>(answer: Result<T>) -> bool {
    matches!(answer, Err(StorageError::Missing(_)))
}

pub async fn another_apps_things_do_not_exist<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let world = furnish(store).await?;
    let before = all_of(store, &world).await?;
    let mut calls = reads(store, &world).await?;
    calls.extend(conversation_writes(store, &world).await?);
    calls.extend(message_writes(store, &world).await?);
    calls.extend(other_writes(store, &world).await?);
    for (call, nothing) in calls {
        assert!(nothing, "{call} found what is another app's");
    }
    assert_eq!(all_of(store, &world).await?, before);
    Ok(())
}

async fn reads(store: &dyn Storage, world: &World) -> Result<Found> {
    let (ann, bob, watch) = (user("ann"), user("bob"), plugin("watch"));
    let (id, own) = (world.room.conversation.id, app(B));
    let places = [
        HistoryFrom::End,
        HistoryFrom::BeforeSeq(Seq(9)),
        HistoryFrom::AfterSeq(Seq(0)),
        HistoryFrom::BeforeId(world.hidden),
        HistoryFrom::AfterId(world.message),
    ];
    let mut found = Vec::new();
    for from in places {
        let page = store.history(own, id, Some(&ann), from, 9).await?;
        found.push(("history", page.messages.is_empty() && !page.has_more));
    }
    let missed = store.missed(own, &bob, Cursor(0), 9).await?;
    found.extend([
        ("app", store.app(own).await?.is_none()),
        ("user", store.user(own, &ann).await?.is_none()),
        (
            "known_users",
            store.known_users(own, &[ann.clone(), bob.clone()]).await?.is_empty(),
        ),
        ("users", store.users(own, std::slice::from_ref(&ann)).await?.is_empty()),
        ("user_by_key", store.user_by_key(own, "phone", "123").await?.is_none()),
        ("friends", store.friends(own, &ann, 0, 9).await?.total == 0),
        ("given_token", store.given_token(own, &ann).await?.is_none()),
        (
            "user_of_given_token",
            store.user_of_given_token(own, "given").await?.is_none(),
        ),
        ("password_hash", store.password_hash(own, &ann).await?.is_none()),
        ("acquaintances", store.acquaintances(own, &ann, 9).await?.is_empty()),
        ("blocks", store.blocks(own, &ann).await?.is_empty()),
        ("roster", store.roster(own, id).await?.is_none()),
        ("last_seq", store.last_seq(own, id).await? == Seq(0)),
        (
            "conversations_of",
            store.conversations_of(own, &ann, None, 9).await?.items.is_empty(),
        ),
        ("message", store.message(own, world.message, None).await?.is_none()),
        ("missed", missed.events.is_empty() && missed.heads.is_empty()),
        ("marks", store.marks(own, id, &bob).await? == Marks::default()),
        ("receipts", store.receipts(own, id).await?.is_empty()),
        ("installs_of", store.installs_of(own).await?.is_empty()),
        ("audit", store.audit(own, None, None, 9).await?.is_empty()),
        ("kv_get", store.kv_get(own, &watch, "key", Millis(1)).await?.is_none()),
        (
            "kv_scan",
            store.kv_scan(own, &watch, "", None, 9, Millis(1)).await?.is_empty(),
        ),
        (
            "due_jobs",
            store.due_jobs(&queue(B), Millis(i64::MAX), None, 9).await?.is_empty(),
        ),
        ("dead_jobs", store.dead_jobs(own, 9).await?.is_empty()),
    ]);
    Ok(found)
}

async fn conversation_writes(store: &dyn Storage, world: &World) -> Result<Found> {
    let (bob, cat, own) = (user("bob"), user("cat"), app(B));
    let id = world.room.conversation.id;
    let member = |user: &UserId| {
        vec![Member {
            user: user.clone(),
            role: Role::Owner,
            muted_until: None,
            joined_at: Millis(1),
        }]
    };
    let patch = ConversationPatch::default();
    let seq = Some(Seq(2));
    Ok(vec![
        (
            "update_conversation",
            is_missing(store.update_conversation(own, id, patch, Sequel::none()).await),
        ),
        (
            "dissolve_conversation",
            !store.dissolve_conversation(own, id, Millis(1), Sequel::none()).await?,
        ),
        (
            "add_members",
            is_missing(store.add_members(own, id, member(&cat), Sequel::none()).await),
        ),
        (
            "save_members",
            is_missing(store.save_members(own, id, member(&bob), Sequel::none()).await),
        ),
        (
            "remove_members",
            is_missing(
                store
                    .remove_members(own, id, vec![bob.clone()], None, Sequel::none())
                    .await,
            ),
        ),
        (
            "mark",
            is_missing(store.mark(own, id, &bob, seq, seq, Sequel::none()).await),
        ),
    ])
}

async fn message_writes(store: &dyn Storage, world: &World) -> Result<Found> {
    let (bob, own, message) = (user("bob"), app(B), world.message);
    let (mut strange, answer) = append(&world.room, "ann", "strange");
    strange.app = own;
    store.append(strange).await;
    let (mut known, again) = append(&world.room, "ann", "first");
    known.app = own;
    store.append(known).await;
    let body = Body::text("x");
    let react = store.react(own, message, &bob, "👍", false, Sequel::none()).await;
    Ok(vec![
        ("append", is_missing(answer.await.expect("an answer"))),
        ("append of a known nonce", is_missing(again.await.expect("an answer"))),
        (
            "edit_message",
            is_missing(store.edit_message(own, message, body, Millis(1), Sequel::none()).await),
        ),
        (
            "recall_message",
            is_missing(store.recall_message(own, message, Millis(1), Sequel::none()).await),
        ),
        (
            "hide_messages",
            store
                .hide_messages(own, &bob, vec![message], Sequel::none())
                .await?
                .is_empty(),
        ),
        ("react", is_missing(react)),
    ])
}

async fn other_writes(store: &dyn Storage, world: &World) -> Result<Found> {
    let (ann, cat, own, watch) = (user("ann"), user("cat"), app(B), plugin("watch"));
    let gone = KvWrite {
        change: KvChange::Delete,
        ..set("key")
    };
    let full = store.kv_write(own, &watch, set("key"), None, 8, Millis(1)).await?;
    let deleted = store.kv_write(own, &watch, gone, None, 8, Millis(1)).await?;
    store.finish_jobs(own, vec![world.waiting, world.dead]).await?;
    store.postpone_job(own, world.waiting, Millis(1), "strange").await?;
    store.bury_job(own, world.waiting, "strange", 9).await?;
    let other = App {
        id: own,
        ..store.app(app(A)).await?.expect("there")
    };
    let (direct, new) = store
        .create_conversation(own, row(ConversationKind::Direct, &["ann", "bob"]), Sequel::none())
        .await?;
    let patch = UserPatch {
        nickname: Some("strange".into()),
        ..UserPatch::default()
    };
    let found = vec![
        ("save_app", !store.save_app(&other).await?),
        ("set_ban", !store.set_ban(own, &cat, None).await?),
        ("set_block", !store.set_block(own, &ann, &cat, false).await?),
        ("drop_tokens", store.drop_tokens(own, &ann).await? == 0),
        ("set_remark", !store.set_remark(own, &ann, &user("bob"), "x").await?),
        ("unfriend", !store.unfriend(own, &ann, &user("bob")).await?),
        (
            "set_given_token",
            is_missing(store.set_given_token(own, &ann, "given").await),
        ),
        (
            "set_password_hash",
            is_missing(store.set_password_hash(own, &ann, "x").await),
        ),
        ("put_user", store.put_user(own, &ann, patch, Millis(1), vec![]).await?.1),
        (
            "create_conversation",
            new && direct.conversation.id != world.room.conversation.id,
        ),
        ("kv_write", full == KvOutcome::Written && deleted == KvOutcome::Written),
        (
            "remove_install",
            !store.remove_install(own, &watch, false, unrecorded()).await?,
        ),
        ("revive_job", !store.revive_job(own, world.dead, Millis(1)).await?),
    ];
    let own_install = Install { app: own, ..install() };
    let saved = store.save_install(own_install, unrecorded()).await?;
    store.remove_install(own, &watch, false, unrecorded()).await?;
    store.ensure_users(own, &[cat], Millis(1)).await?;
    Ok(found
        .into_iter()
        .chain([("save_install", saved.revision == 1)])
        .collect())
}
