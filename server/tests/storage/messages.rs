//! Messages: stored once, found again, changed.

use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, Conditions, House, Outcome};
use crate::things::*;

pub async fn a_nonce_is_stored_once<B: Backend>() -> Outcome {
    let mut house = House::<B>::with(Conditions {
        remembered: Some(2),
        ..Conditions::default()
    })
    .await;
    let room = group(&*house.store, &["ann", "bob"]).await;
    // One group: new, twin, new; and the same nonce of another sender is another message.
    let held = house.hold().await;
    let mut answers = Vec::new();
    for (from, nonce) in [("ann", "1"), ("ann", "1"), ("ann", "2"), ("bob", "1"), ("", "1")] {
        let (append, answer) = append(&room, from, nonce);
        house.store.append(append).await;
        answers.push(answer);
    }
    drop(held);
    let mut stored = Vec::new();
    for answer in answers {
        stored.push(answer.await??);
    }
    assert_eq!(stored.iter().map(|one| one.seq.0).collect::<Vec<_>>(), [1, 1, 2, 3, 4]);
    assert!(stored[1].duplicate && !stored[0].duplicate && stored[1].id == stored[0].id);
    let head = house.store.head();
    let heard = house.heard().await;
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|event| matches!(event.except, Except::Connection(_))));
    assert_eq!(head, heard[3].cursor.expect("stored"));
    for n in 3..30 {
        say(&*house.store, &room, "ann", &n.to_string()).await;
    }
    // Long out of the window, in one group with new ones: no gap.
    let held = house.hold().await;
    let mut answers = Vec::new();
    for nonce in ["1", "30", "2", "31"] {
        let (append, answer) = append(&room, "ann", nonce);
        house.store.append(append).await;
        answers.push(answer);
    }
    // A write of another kind goes into the same group, and is done once though the messages are placed twice.
    let (store, zoe) = (Arc::clone(&house.store), user("zoe"));
    let mut other = store.put_user(app(A), &zoe, UserPatch::default(), Millis(1), vec![]);
    tokio::select! {
        biased;
        _ = &mut other => unreachable!("the writer is held up"),
        () = std::future::ready(()) => {}
    }
    drop(held);
    let mut seqs = Vec::new();
    for answer in answers {
        let stored = answer.await??;
        seqs.push((stored.seq.0, stored.duplicate));
    }
    assert_eq!(seqs, [(1, true), (32, false), (2, true), (33, false)]);
    assert!(other.await?.1);
    drop(store);
    let mut house = house.reopen().await;
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
    assert_eq!(house.heard().await.len(), 1);
    Ok(())
}

/// Everyone who sends the same in one commit is told the same.
pub async fn twins_share_a_commit<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let room = group(&*house.store, &["ann", "bob"]).await;
    say(&*house.store, &room, "ann", "old").await;
    house.heard().await;
    let held = house.hold().await;
    let mut answers = Vec::new();
    for nonce in ["new", "old", "new", "next", "old", "new"] {
        let (append, answer) = append(&room, "ann", nonce);
        house.store.append(append).await;
        answers.push(answer);
    }
    drop(held);
    let mut seqs = Vec::new();
    for answer in answers {
        let stored = answer.await??;
        seqs.push((stored.seq.0, stored.duplicate));
    }
    assert_eq!(
        seqs,
        [(2, false), (1, true), (2, true), (3, false), (1, true), (2, true)]
    );
    let sent: Vec<u64> = house.heard().await.iter().filter_map(seq_of).collect();
    assert_eq!(sent, [2, 3], "a twin is announced once");
    Ok(())
}

pub async fn history_by_seq_and_by_id<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    let first = say(store, &room, "ann", "1").await;
    for n in 2..=34 {
        say(store, &room, "ann", &n.to_string()).await;
    }
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

pub async fn edit_recall_hide_and_react<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let one = say(store, &room, "ann", "1").await;
    let two = say(store, &room, "ann", "2").await;
    let edited = |message: &Message, cursor: Cursor| {
        vec![Event {
            app: app(A),
            cursor: Some(cursor),
            audience: Audience::Users(vec![]),
            except: Except::Nobody,
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
            .react(app(B), two, &ann, "👍", true, Sequel::none())
            .await
            .is_err()
    );
    assert!(
        store
            .react(app(A), two, &bob, "👍", true, Sequel::events(edited))
            .await?
    );
    assert!(
        !store
            .react(app(A), two, &bob, "👍", true, Sequel::events(edited))
            .await?
    );
    assert!(store.react(app(A), two, &ann, "👍", true, Sequel::none()).await?);
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
            .react(app(A), two, &ann, &n.to_string(), true, Sequel::none())
            .await?;
    }
    let full = store.react(app(A), two, &ann, "one more", true, Sequel::none()).await;
    assert!(matches!(full, Err(StorageError::Quota(_))));
    assert!(store.react(app(A), two, &bob, "👍", false, Sequel::none()).await?);
    let heard = house.heard().await;
    let cursors: Vec<_> = heard.iter().filter_map(|event| event.cursor).collect();
    assert_eq!(heard.len(), 5, "two messages, an edit, a recall, a reaction");
    assert!(cursors.is_sorted());
    Ok(())
}
