//! Finding things by words.

use std::time::Duration;

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

async fn write(store: &dyn Storage, room: &std::sync::Arc<Roster>, nonce: &str, text: &str) -> MessageId {
    let (mut append, answer) = append(room, "bob", nonce);
    append.draft.body = Body::text(text);
    store.append(append).await;
    answer.await.expect("an answer").expect("stored").id.expect("an id")
}

async fn find(store: &dyn Storage, viewer: &str, text: &str, room: Option<ConversationId>) -> Result<Vec<MessageId>> {
    let found = store.search_messages(app(A), &user(viewer), text, room, 10).await?;
    Ok(found.into_iter().filter_map(|message| message.id).collect())
}

pub async fn messages_are_found_by_words<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let other = group(store, &["cat", "bob"]).await;
    let id = room.conversation.id;
    let first = write(store, &room, "1", "我们明天去上海虹桥火车站").await;
    let second = write(store, &room, "2", "Tomorrow morning, 虹桥!").await;
    let elsewhere = write(store, &other, "3", "虹桥 tomorrow").await;
    // At once, when nothing can be indexed yet, and then from the index.
    for pause in [0, 1500] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        for (text, expected) in [
            ("虹桥", vec![second, first]),
            ("桥", vec![second, first]),
            ("桥虹", vec![]),
            ("海虹桥火", vec![first]),
            ("tomo", vec![second]),
            ("TOMORROW 虹", vec![second]),
            ("tomorrow-morning", vec![second]),
            ("omorrow", vec![]),
            ("\"", vec![]),
        ] {
            assert_eq!(find(store, "ann", text, None).await?, expected, "{text} after {pause}");
            assert_eq!(
                find(store, "ann", text, Some(id)).await?,
                expected,
                "{text} after {pause}"
            );
        }
        assert_eq!(find(store, "bob", "tomorrow", None).await?, [elsewhere, second]);
        assert!(find(store, "ann", "虹", Some(other.conversation.id)).await?.is_empty());
        assert!(find(store, "dan", "虹", None).await?.is_empty());
        assert!(
            store
                .search_messages(app(B), &user("ann"), "虹", None, 9)
                .await?
                .is_empty()
        );
    }
    let one = store.search_messages(app(A), &user("ann"), "虹", None, 1).await?;
    assert_eq!(one.len(), 1);

    store
        .edit_message(app(A), second, Body::text("昨天"), Millis(9), Sequel::none())
        .await?;
    assert_eq!(find(store, "ann", "虹桥", None).await?, [first]);
    assert_eq!(find(store, "ann", "昨", None).await?, [second]);
    // An action gives a message another body as an edit does.
    let seen = store.message_as_of(app(A), second, None).await?.expect("a message").1;
    let deed = Deed {
        seen,
        body: Some(Body::text("后天")),
        now: Millis(10),
        answer: None,
        sequel: Sequel::none(),
    };
    assert!(store.act_on_message(app(A), second, deed).await?);
    assert_eq!(find(store, "ann", "昨", None).await?, []);
    assert_eq!(find(store, "ann", "后天", None).await?, [second]);
    store
        .hide_messages(app(A), &user("ann"), vec![second], Sequel::none())
        .await?;
    assert!(find(store, "ann", "后天", None).await?.is_empty());
    assert_eq!(find(store, "bob", "后天", None).await?, [second]);
    store.recall_message(app(A), second, Millis(9), Sequel::none()).await?;
    assert!(find(store, "bob", "后天", None).await?.is_empty());
    store.clear_history(app(A), id, &user("ann"), Sequel::none()).await?;
    assert!(find(store, "ann", "上海", None).await?.is_empty());
    store
        .remove_members(app(A), id, vec![user("bob")], None, Sequel::none())
        .await?;
    assert!(find(store, "bob", "上海", None).await?.is_empty());
    house.heard().await;
    Ok(())
}

pub async fn users_are_found_by_nickname<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    for (uid, nickname) in [("u1", "张小明"), ("u2", "李小明"), ("u3", "Ming 100%"), ("u4", "")] {
        let patch = UserPatch {
            nickname: Some(nickname.into()),
            ..Default::default()
        };
        store.put_user(app(A), &user(uid), patch, Millis(1), vec![]).await?;
    }
    store.befriend(app(A), &user("u4"), &user("u2"), 9, Millis(1)).await?;
    let (u1, u2, u3, u4) = (user("u1"), user("u2"), user("u3"), user("u4"));
    for (text, of, limit, expected) in [
        ("小明", None, 9, vec![&u1, &u2]),
        ("小明", None, 1, vec![&u1]),
        ("小明", Some(&u4), 9, vec![&u2]),
        ("小明", Some(&u1), 9, vec![]),
        ("mING", None, 9, vec![&u3]),
        ("0%", None, 9, vec![&u3]),
        ("_", None, 9, vec![]),
    ] {
        let found = store.search_users(app(A), text, of, limit).await?;
        let ids: Vec<&UserId> = found.iter().map(|user| &user.id).collect();
        assert_eq!(ids, expected, "{text} of {of:?}");
        assert!(store.search_users(app(B), text, of, limit).await?.is_empty());
    }
    house.heard().await;
    Ok(())
}
