//! Conversations and their members.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn conversations_and_members<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
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
