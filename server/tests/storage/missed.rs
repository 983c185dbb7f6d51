//! What a user is told who was away.

use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn what_was_missed<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
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

/// Each thing that can become of a conversation, told to a member who was away.
pub async fn what_became_of_conversations<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let (ann, bob, cat) = (user("ann"), user("bob"), user("cat"));
    let mut rooms = Vec::new();
    for _ in 0..8 {
        rooms.push(group(store, &["ann", "bob"]).await);
    }
    let quiet = group(store, &["ann", "bob"]).await;
    say(store, &quiet, "ann", "before").await;
    let others = group(store, &["ann", "cat"]).await;
    let ids: Vec<_> = rooms.iter().map(|room| room.conversation.id).collect();
    let since = store.head();
    let member = |user: &UserId, role, muted| Member {
        user: user.clone(),
        role,
        muted_until: muted,
        joined_at: Millis(5),
    };
    let promoted = vec![member(&bob, Role::Admin, None)];
    store.save_members(app(A), ids[0], promoted, Sequel::none()).await?;
    let muted = vec![member(&bob, Role::Member, Some(Millis(99)))];
    store.save_members(app(A), ids[1], muted, Sequel::none()).await?;
    let new = vec![member(&cat, Role::Member, None)];
    store.add_members(app(A), ids[2], new, Sequel::none()).await?;
    let patch = ConversationPatch {
        name: Some("renamed".into()),
        ..Default::default()
    };
    store.update_conversation(app(A), ids[3], patch, Sequel::none()).await?;
    let gone = vec![ann.clone()];
    store
        .remove_members(app(A), ids[4], gone, Some(bob.clone()), Sequel::none())
        .await?;
    store
        .remove_members(app(A), ids[5], vec![bob.clone()], None, Sequel::none())
        .await?;
    store
        .dissolve_conversation(app(A), ids[6], Millis(9), Sequel::none())
        .await?;
    store
        .remove_members(app(A), ids[7], vec![bob.clone()], None, Sequel::none())
        .await?;
    let back = vec![member(&bob, Role::Member, None)];
    store.add_members(app(A), ids[7], back.clone(), Sequel::none()).await?;
    store
        .add_members(app(A), others.conversation.id, back, Sequel::none())
        .await?;

    let missed = store.missed(app(A), &bob, since, 10).await?;
    assert!(missed.complete && missed.events.len() == 9, "{missed:?}");
    let told = |at: usize| missed.events.iter().find_map(|event| became(&event.change, ids[at]));
    for (at, what) in [
        (0, "updated"),
        (1, "updated"),
        (2, "updated"),
        (3, "updated"),
        (4, "updated"),
        (5, "left"),
        (6, "dissolved"),
        (7, "joined"),
    ] {
        assert_eq!(told(at).map(|(what, _)| what), Some(what), "room {at}");
    }
    let roster = |at| told(at).map(|(_, roster)| Arc::clone(roster)).expect("told");
    assert_eq!(roster(0).role(&bob), Some(Role::Admin));
    assert_eq!(roster(1).member(&bob).and_then(|bob| bob.muted_until), Some(Millis(99)));
    assert!(roster(2).member(&cat).is_some());
    assert_eq!(roster(3).conversation.name, "renamed");
    assert_eq!(roster(4).conversation.owner, Some(bob.clone()));
    let other = missed
        .events
        .iter()
        .find_map(|event| became(&event.change, others.conversation.id));
    assert_eq!(other.map(|(what, _)| what), Some("joined"));
    assert!(missed.heads.iter().all(|(id, _)| *id != quiet.conversation.id));
    let short = store.missed(app(A), &bob, since, 8).await?;
    assert!(!short.complete && short.events.is_empty() && short.heads == missed.heads);
    Ok(())
}

fn became(change: &Change, id: ConversationId) -> Option<(&'static str, &Arc<Roster>)> {
    let (what, roster) = match change {
        Change::ConversationUpdated(roster) => ("updated", roster),
        Change::ConversationDissolved(roster) => ("dissolved", roster),
        Change::MembersJoined { roster, .. } => ("joined", roster),
        Change::MembersLeft { roster, .. } => ("left", roster),
        _ => return None,
    };
    (roster.conversation.id == id).then_some((what, roster))
}
