//! Rooms: announcements, what members choose, cleared history, lists and pages.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

fn ids(views: &[ConversationView]) -> Vec<ConversationId> {
    views.iter().map(|view| view.conversation.id).collect()
}

pub async fn announcements<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    assert_eq!(
        (room.conversation.creator.clone(), room.conversation.updated_at),
        (Some(user("ann")), None)
    );
    let say = |text: &str, by: Option<UserId>| store.announce(app(A), id, text.into(), by, None, Sequel::none());
    let first = say("one", Some(user("ann"))).await?;
    let second = say("two", None).await?;
    assert!(second.id > first.id);
    let now = store.roster(app(A), id).await?.expect("there").conversation;
    assert_eq!(
        (now.updated_at, now.notice.as_ref()),
        (Some(second.created_at), Some(&second))
    );
    assert_eq!(store.notices(app(A), id, 0, 1).await?, (vec![second], 2));
    assert_eq!(store.notices(app(A), id, 1, 9).await?, (vec![first], 2));
    assert_eq!(store.notices(app(B), id, 0, 9).await?, (vec![], 0));
    assert!(
        store
            .announce(app(B), id, "x".into(), None, None, Sequel::none())
            .await
            .is_err()
    );

    let patch = ConversationPatch {
        members_invite: Some(true),
        ..Default::default()
    };
    let changed = store.update_conversation(app(A), id, patch, Sequel::none()).await?;
    assert!(changed.members_invite && changed.notice.is_some() && changed.updated_at > now.updated_at);
    assert_eq!(
        store.roster(app(A), id).await?.map(|roster| roster.conversation),
        Some(changed)
    );
    house.heard().await;
    Ok(())
}

pub async fn lists_as_clients_show_them<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let ann = user("ann");
    let (old, ranked, pinned, last) = (
        group(store, &["ann", "bob"]).await,
        group(store, &["ann", "bob"]).await,
        group(store, &["ann", "bob"]).await,
        group(store, &["ann", "bob"]).await,
    );
    let pair = store
        .create_conversation(app(A), row(ConversationKind::Direct, &["ann", "bob"]), Sequel::none())
        .await?
        .0
        .conversation
        .id;
    assert_eq!(store.find_direct(app(A), &user("bob"), &ann).await?, Some(pair));
    assert_eq!(store.find_direct(app(A), &user("cat"), &ann).await?, None);
    assert_eq!(store.find_direct(app(B), &user("bob"), &ann).await?, None);
    say(store, &last, "bob", "n1").await;
    let id = |roster: &Roster| roster.conversation.id;
    let choose = |room: &Roster, patch| store.prefer(app(A), id(room), &ann, patch, Sequel::none());
    let pin = |pinned| PreferencesPatch {
        pinned: Some(pinned),
        ..Default::default()
    };
    let rank = PreferencesPatch {
        rank: Some(3),
        ..Default::default()
    };
    assert_eq!(choose(&ranked, rank).await?.rank, 3);
    let first = choose(&old, pin(true)).await?.pinned_at;
    assert!(first.is_some() && choose(&old, pin(true)).await?.pinned_at == first);
    choose(&pinned, pin(true)).await?;
    assert!(
        store
            .prefer(app(B), id(&old), &ann, pin(true), Sequel::none())
            .await
            .is_err()
    );
    assert!(
        store
            .prefer(app(A), id(&old), &user("cat"), pin(true), Sequel::none())
            .await
            .is_err()
    );

    let all = Listing {
        limit: 10,
        ..Default::default()
    };
    let (views, more) = store.views(app(A), &ann, &all).await?;
    let order = vec![id(&pinned), id(&old), id(&ranked), id(&last), pair];
    assert_eq!((ids(&views), more), (order.clone(), false));
    assert_eq!(views[3].last_message.as_ref().map(|message| message.seq), Some(Seq(1)));
    assert_eq!(
        (views[4].peer.clone(), views[2].preferences.map(|chosen| chosen.rank)),
        (Some(user("bob")), Some(3))
    );
    let part = Listing {
        skip: 1,
        limit: 2,
        ..all.clone()
    };
    let (views, more) = store.views(app(A), &ann, &part).await?;
    assert_eq!((ids(&views), more), (order[1..3].to_vec(), true));
    choose(&old, pin(false)).await?;
    assert_eq!(
        ids(&store.views(app(A), &ann, &all).await?.0)[..2],
        [id(&pinned), id(&ranked)]
    );
    let unread = Listing {
        unread_only: true,
        ..all.clone()
    };
    assert_eq!(ids(&store.views(app(A), &ann, &unread).await?.0), [id(&last)]);
    assert!(store.views(app(A), &user("bob"), &unread).await?.0.is_empty());
    assert!(store.views(app(B), &ann, &all).await?.0.is_empty());
    let direct = Listing {
        kinds: vec![ConversationKind::Direct],
        ..all.clone()
    };
    assert_eq!(ids(&store.views(app(A), &ann, &direct).await?.0), [pair]);

    let profile = UserPatch {
        nickname: Some("Robert".into()),
        attributes: Some(Body::trusted(r#"{"remark":"the Boss"}"#)),
        ..Default::default()
    };
    store.put_user(app(A), &user("bob"), profile, Millis(1), vec![]).await?;
    for (word, found) in [
        ("obER", vec![pair]),
        ("boss", vec![pair]),
        ("100%", vec![]),
        ("N", order.clone()),
    ] {
        let keyword = Listing {
            keyword: Some(word.into()),
            ..all.clone()
        };
        let mut got = ids(&store.views(app(A), &ann, &keyword).await?.0);
        let mut found = found;
        got.sort();
        found.sort();
        assert_eq!(got, found, "{word}");
    }

    let filter = ConversationFilter::default();
    let (page, total) = store.query_conversations(app(A), &filter, 1, 2).await?;
    assert_eq!((ids(&page), total), (vec![id(&last), id(&pinned)], 5));
    assert_eq!((page[0].last_seq, page[0].member_count), (Seq(1), 2));
    let count = |filter: ConversationFilter| async move {
        let (page, total) = store.query_conversations(app(A), &filter, 0, 100).await?;
        assert_eq!(page.len() as u64, total);
        Ok::<u64, StorageError>(total)
    };
    let of = |kind, creator: Option<&str>, member: Option<&str>, name: Option<&str>| ConversationFilter {
        id: None,
        kind,
        creator: creator.map(user),
        member: member.map(user),
        name: name.map(Into::into),
    };
    assert_eq!(count(of(Some(ConversationKind::Direct), None, None, None)).await?, 1);
    assert_eq!(count(of(None, Some("ann"), None, None)).await?, 5);
    assert_eq!(count(of(None, Some("bob"), None, None)).await?, 0);
    assert_eq!(count(of(None, None, Some("bob"), Some("N"))).await?, 5);
    assert_eq!(
        count(of(Some(ConversationKind::Group), Some("ann"), Some("bob"), None)).await?,
        4
    );
    let one = |id| ConversationFilter {
        id: Some(id),
        ..Default::default()
    };
    assert_eq!(count(one(pair)).await?, 1);
    assert_eq!(store.query_conversations(app(B), &one(pair), 0, 9).await?.1, 0);
    store
        .dissolve_conversation(app(A), pair, Millis(1), Sequel::none())
        .await?;
    assert_eq!(count(one(pair)).await?, 0);
    house.heard().await;
    Ok(())
}

pub async fn cleared_history_is_gone_for_one<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let (id, ann, bob) = (room.conversation.id, user("ann"), user("bob"));
    let mut said = Vec::new();
    for n in 1..=4 {
        said.push(say(store, &room, "bob", &format!("n{n}")).await);
    }
    let before = store.head();
    let cleared = store.clear_history(app(A), id, &ann, Sequel::none()).await?;
    assert_eq!(cleared, Seq(4));
    assert!(store.clear_history(app(B), id, &ann, Sequel::none()).await.is_err());
    assert!(
        store
            .clear_history(app(A), id, &user("cat"), Sequel::none())
            .await
            .is_err()
    );
    let view = store.view(app(A), id, &ann).await?.expect("a member");
    assert_eq!((view.unread(), view.last_message), (Some(0), None));
    assert_eq!(
        store
            .view(app(A), id, &bob)
            .await?
            .and_then(|view| view.last_message)
            .map(|last| last.seq),
        Some(Seq(4))
    );
    assert_eq!(store.view(app(A), id, &user("cat")).await?, None);
    say(store, &room, "bob", "n5").await;
    assert_eq!(bodies(store, &room, Some(&ann), HistoryFrom::End).await, [5]);
    assert_eq!(
        bodies(store, &room, Some(&ann), HistoryFrom::AfterSeq(Seq(1))).await,
        [5]
    );
    assert_eq!(
        bodies(store, &room, Some(&ann), HistoryFrom::AfterId(said[0])).await,
        [5]
    );
    assert_eq!(
        bodies(store, &room, Some(&bob), HistoryFrom::End).await,
        [5, 4, 3, 2, 1]
    );
    assert!(store.message(app(A), said[3], Some(&ann)).await?.is_none());
    assert!(store.message(app(A), said[3], Some(&bob)).await?.is_some());
    assert_eq!(store.marks(app(A), id, &ann).await?.read, Seq(4));
    store.react(app(A), said[0], &bob, "x", true, Sequel::none()).await?;
    let missed = store.missed(app(A), &ann, before, 100).await?;
    assert_eq!(missed.events.iter().filter_map(seq_of).collect::<Vec<_>>(), [5]);
    assert_eq!(missed.events.len(), 1, "what was cleared is not told when it changes");
    for (viewer, count) in [(None, 5), (Some(&bob), 5), (Some(&ann), 1), (Some(&user("cat")), 5)] {
        assert_eq!(store.count_messages(app(A), id, viewer).await?, count, "{viewer:?}");
    }
    store.hide_messages(app(A), &bob, vec![said[1]], Sequel::none()).await?;
    assert_eq!(store.count_messages(app(A), id, Some(&bob)).await?, 4);
    assert_eq!(store.count_messages(app(B), id, None).await?, 0);

    let nonce = |text: &str| Nonce::new(text).expect("a nonce");
    let found = store.message_by_nonce(app(A), id, &nonce("n2"), None).await?;
    assert_eq!(found.and_then(|message| message.id), Some(said[1]));
    assert!(
        store
            .message_by_nonce(app(A), id, &nonce("n2"), Some(&bob))
            .await?
            .is_none()
    );
    assert!(store.message_by_nonce(app(A), id, &nonce("n9"), None).await?.is_none());
    assert!(store.message_by_nonce(app(B), id, &nonce("n2"), None).await?.is_none());
    house.heard().await;
    Ok(())
}

pub async fn pages_by_place_and_time<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let mut said = Vec::new();
    for n in 1..=9 {
        said.push(say(store, &room, "ann", &format!("n{n}")).await);
    }
    let all = store
        .history(app(A), room.conversation.id, None, HistoryFrom::AfterSeq(Seq(0)), 100)
        .await?
        .messages;
    let at = |seq: usize| Some(all[seq - 1].created_at);
    let ask = |place, since, until, limit| PageRequest {
        conversation: room.conversation.id,
        place,
        limit,
        since,
        until,
    };
    let other = group(store, &["ann"]).await;
    let foreign = say(store, &other, "ann", "f").await;
    for (request, expected, more) in [
        (ask(PagePlace::End, None, None, 3), vec![9, 8, 7], true),
        (ask(PagePlace::Skip(7), None, None, 3), vec![2, 1], false),
        (ask(PagePlace::BeforeId(said[2]), None, None, 3), vec![2, 1], false),
        (ask(PagePlace::AfterId(said[6]), None, None, 1), vec![8], true),
        (ask(PagePlace::AfterId(said[8]), None, None, 1), vec![], false),
        (ask(PagePlace::BeforeId(foreign), None, None, 3), vec![], false),
        (ask(PagePlace::AfterId(foreign), None, None, 3), vec![], false),
        (ask(PagePlace::End, at(3), at(5), 9), vec![5, 4, 3], false),
        (ask(PagePlace::End, at(8), None, 9), vec![9, 8], false),
        (ask(PagePlace::End, None, at(1), 9), vec![1], false),
        (ask(PagePlace::End, None, Some(Millis(0)), 9), vec![], false),
        (ask(PagePlace::End, Some(Millis(i64::MAX)), None, 9), vec![], false),
        (ask(PagePlace::AfterId(said[0]), at(4), at(6), 2), vec![4, 5], true),
        (ask(PagePlace::Skip(1), at(4), at(6), 2), vec![5, 4], false),
    ] {
        let page = store.page(app(A), None, &request).await?;
        let seqs: Vec<u64> = page.messages.iter().map(|message| message.seq.0).collect();
        assert_eq!((seqs, page.has_more), (expected, more), "{request:?}");
        assert!(store.page(app(B), None, &request).await?.messages.is_empty());
    }
    house.heard().await;
    Ok(())
}

pub async fn remarks_are_messages_of_the_change<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let (id, ann) = (room.conversation.id, user("ann"));
    say(store, &room, "ann", "n1").await;
    let remark = |by: Option<UserId>| -> Option<Remarks<Conversation>> {
        Some(Box::new(move |now: &Conversation| {
            vec![Remark {
                app: app(A),
                conversation: now.id,
                body: Body::text(&now.name),
                by,
                jobs: vec![observed(EventKind::MessageSent)],
            }]
        }))
    };
    let sequel = |by| {
        let roster = room.clone();
        let tell = move |_: &Conversation, cursor| {
            vec![Event {
                app: app(A),
                cursor: Some(cursor),
                audience: Audience::Members(roster.clone()),
                except: Except::Nobody,
                change: Change::ConversationUpdated(roster),
            }]
        };
        Sequel::events(tell).with_remarks(remark(by))
    };
    let rename = |name: &str| ConversationPatch {
        name: Some(name.into()),
        ..Default::default()
    };
    house.heard().await;
    let store: &dyn Storage = &*house.store;
    store
        .update_conversation(app(A), id, rename("x"), sequel(Some(ann.clone())))
        .await?;
    store.update_conversation(app(A), id, rename("y"), sequel(None)).await?;
    assert!(
        store
            .update_conversation(app(B), id, rename("z"), sequel(None))
            .await
            .is_err()
    );
    let sent = send(store, &room, "ann", "n2").await?;
    assert_eq!(sent.seq, Seq(4), "the next message comes after what was said");
    let page = store
        .history(app(A), id, None, HistoryFrom::AfterSeq(Seq(0)), 9)
        .await?
        .messages;
    let told = &page[1];
    assert!(told.kind.is_system() && told.sender == Sender::System && told.body == Body::text("x"));
    assert_eq!(page[2].body, Body::text("y"));
    assert_eq!(store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?.len(), 2);
    assert_eq!(
        store
            .view(app(A), id, &user("bob"))
            .await?
            .and_then(|view| view.unread()),
        Some(4)
    );
    let heard = house.heard().await;
    let seqs: Vec<Option<u64>> = heard.iter().map(seq_of).collect();
    assert_eq!(seqs, [None, Some(2), None, Some(3), Some(4)], "each after its change");
    assert!(heard.windows(2).all(|pair| pair[0].cursor < pair[1].cursor));
    Ok(())
}

pub async fn ones_own_remark_is_read<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    let announce = |name: &str| {
        let by = user(name);
        let remarks: Remarks<Notice> = Box::new(move |notice: &Notice| {
            vec![Remark {
                app: app(A),
                conversation: id,
                body: Body::text(&notice.text),
                by: Some(by),
                jobs: vec![],
            }]
        });
        store.announce(
            app(A),
            id,
            "x".into(),
            None,
            None,
            Sequel::none().with_remarks(Some(remarks)),
        )
    };
    let read =
        |name: &'static str| async move { Ok::<u64, StorageError>(store.marks(app(A), id, &user(name)).await?.read.0) };
    announce("ann").await?;
    assert_eq!((read("ann").await?, read("bob").await?), (1, 0));
    announce("bob").await?;
    assert_eq!(
        (read("ann").await?, read("bob").await?),
        (1, 0),
        "what is before it is not read"
    );
    let (marks, newest) = store
        .mark(app(A), id, &user("ann"), None, Some(Seq(2)), Sequel::none())
        .await?;
    assert_eq!((marks.read, newest), (Seq(2), Seq(2)));
    house.heard().await;
    Ok(())
}
