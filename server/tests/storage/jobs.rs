//! Durable work.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn jobs_live_as_long_as_their_work<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann"]).await;
    let mut ids = Vec::new();
    for nonce in ["1", "2"] {
        let (mut append, answer) = append(&room, "ann", nonce);
        append.jobs = vec![observed(EventKind::MessageSent)];
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
    store.bury_job(app(A), two, "broken", 9).await?;
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

pub async fn only_the_newest_given_up_jobs_of_an_install_are_kept<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann"]).await;
    for nonce in ["1", "2", "3"] {
        let (mut append, answer) = append(&room, "ann", nonce);
        append.jobs = vec![observed(EventKind::MessageSent)];
        store.append(append).await;
        answer.await??;
    }
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    let ids: Vec<_> = due.iter().map(|due| due.job.id).collect();
    let kept = async || {
        let dead = store.dead_jobs(app(A), 9).await?;
        Ok::<_, StorageError>(dead.into_iter().map(|dead| dead.job.id).collect::<Vec<_>>())
    };
    store.bury_job(app(A), ids[0], "broken", 2).await?;
    store.bury_job(app(A), ids[1], "broken", 2).await?;
    assert_eq!(kept().await?, [ids[1], ids[0]]);
    store.bury_job(app(A), ids[2], "broken", 2).await?;
    assert_eq!(kept().await?, [ids[2], ids[1]], "the oldest made room");
    Ok(())
}

pub async fn a_job_to_be_tried_again_holds_up_its_conversation_only<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let (one_room, other_room) = (group(store, &["ann"]).await, group(store, &["ann"]).await);
    for (room, nonce) in [(&one_room, "1"), (&one_room, "2"), (&other_room, "3")] {
        let (mut append, answer) = append(room, "ann", nonce);
        append.jobs = vec![observed(EventKind::MessageSent)];
        store.append(append).await;
        answer.await??;
    }
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    let ids: Vec<_> = due.iter().map(|due| due.job.id).collect();
    store.postpone_job(app(A), ids[0], Millis(5_000), "later").await?;
    let install = queue(A);
    for (of, now, next) in [(A, 4_999, Some(Millis(5_000))), (A, 5_000, None), (B, 4_999, None)] {
        assert_eq!(store.next_try(&queue(of), Millis(now)).await?, next, "{of} at {now}");
    }
    let at = |now| store.due_jobs(&install, Millis(now), None, 9);
    let due_at = |due: Vec<DueJob>| due.into_iter().map(|due| due.job.id).collect::<Vec<_>>();
    assert_eq!(due_at(at(4_999).await?), ids[2..], "the second waits for the first");
    assert_eq!(due_at(at(5_000).await?), ids);
    store.bury_job(app(A), ids[0], "given up", 9).await?;
    assert_eq!(
        due_at(at(4_999).await?),
        ids[1..],
        "work that is given up holds up nobody"
    );
    Ok(())
}

pub async fn one_job_is_replaced_by_others_in_one_step<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob", "zoe"]).await;
    let (mut append, answer) = append(&room, "ann", "1");
    append.jobs = vec![NewJob {
        plugin: PluginName::core(),
        work: Observation::Offline,
        depth: 0,
    }];
    store.append(append).await;
    let message = answer.await??.id;
    let own = InstallKey {
        app: app(A),
        plugin: PluginName::core(),
    };
    let due = store.due_jobs(&own, Millis(i64::MAX), None, 9).await?;
    let job = due[0].job.id;
    assert_eq!(due[0].job.work, Observation::Offline);
    assert!(
        MessageId::new(job.get()).ok() < message,
        "a job has its number right before its message"
    );
    store
        .replace_job(app(B), job, vec![observed(EventKind::UserUpdated)])
        .await?;
    for _ in 0..2 {
        // A second time there is nothing to replace.
        store
            .replace_job(app(A), job, vec![observed(EventKind::MessageUndelivered)])
            .await?;
    }
    assert!(store.due_jobs(&own, Millis(i64::MAX), None, 9).await?.is_empty());
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    assert_eq!(due.len(), 1);
    assert_eq!(
        (
            due[0].job.conversation,
            due[0].message.as_ref().and_then(|message| message.id)
        ),
        (Some(room.conversation.id), message)
    );

    let quiet = PreferencesPatch {
        do_not_disturb: Some(true),
        ..PreferencesPatch::default()
    };
    let id = room.conversation.id;
    store.prefer(app(A), id, &user("zoe"), quiet, Sequel::none()).await?;
    assert_eq!(store.undisturbed(app(A), id).await?, [user("zoe")]);
    assert!(store.undisturbed(app(B), id).await?.is_empty());
    Ok(())
}

pub async fn jobs_follow_what_is_stored<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let ann = user("ann");
    let of_user = || vec![observed(EventKind::UserUpdated)];
    store
        .put_user(app(A), &ann, UserPatch::default(), Millis(1), of_user())
        .await?;
    assert!(
        store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?.is_empty(),
        "a new user"
    );
    store
        .put_user(app(A), &ann, UserPatch::default(), Millis(2), of_user())
        .await?;
    store.add_jobs(app(A), vec![observed(EventKind::UserOnline)]).await?;
    store.add_jobs(app(A), vec![]).await?;
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    let names: Vec<_> = due
        .iter()
        .map(|due| match &due.job.work {
            Observation::Event { kind, .. } => kind.as_str(),
            _ => "another",
        })
        .collect();
    assert_eq!(names, ["user-updated", "user-online"]);
    assert!(
        due.iter()
            .all(|due| due.job.conversation.is_none() && due.message.is_none())
    );
    Ok(())
}
