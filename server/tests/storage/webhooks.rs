//! Webhooks: kept in order until they have arrived.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

fn webhook(delivery: &str, target: &str) -> Webhook {
    Webhook {
        delivery: delivery.to_owned(),
        target: target.to_owned(),
        url: "https://example.com/hook".to_owned(),
        headers: vec![("x-time".to_owned(), HeaderValue::TimeSeconds)],
        body: "{\"é\":1}".to_owned(),
    }
}

fn key(target: &str) -> TargetKey {
    TargetKey {
        install: queue(A),
        target: target.to_owned(),
    }
}

pub async fn webhooks_of_a_target_come_in_order<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    for (delivery, target) in [("1", "t"), ("2", "t"), ("3", "u")] {
        let posted = store
            .post_webhook(&queue(A), webhook(delivery, target), None, 3)
            .await?;
        assert_eq!(posted, delivery);
    }
    // The bell rings after the answer: it may ring once for both, or for one after the other.
    let mut rung = store.webhook_bell().wait().await;
    while !rung.contains(&key("u")) {
        rung.extend(store.webhook_bell().wait().await);
    }
    rung.sort();
    rung.dedup();
    assert_eq!(rung, [key("t"), key("u")]);
    let full = store.post_webhook(&queue(A), webhook("4", "t"), None, 3).await;
    assert!(matches!(full, Err(StorageError::Quota(_))), "{full:?}");

    let first = store.next_webhook(&key("t")).await?.expect("one");
    assert_eq!(first.webhook, webhook("1", "t"));
    let mut targets: Vec<TargetKey> = store.webhook_targets().await?.into_iter().map(|(key, _)| key).collect();
    targets.sort();
    assert_eq!(targets, [key("t"), key("u")]);
    store.postpone_webhook(app(A), first.id, Millis(7_000), "no").await?;
    let first = store.next_webhook(&key("t")).await?.expect("one");
    assert_eq!(
        (
            first.webhook.delivery.as_str(),
            first.due_at,
            first.attempts,
            first.error.as_str()
        ),
        ("1", Millis(7_000), 1, "no"),
        "the second waits for it"
    );
    store.finish_webhook(app(B), first.id).await?;
    assert!(
        store
            .next_webhook(&key("t"))
            .await?
            .is_some_and(|next| next.id == first.id)
    );
    store.finish_webhook(app(A), first.id).await?;
    let second = store.next_webhook(&key("t")).await?.expect("one");
    assert_eq!(second.webhook.delivery, "2");
    Ok(())
}

pub async fn webhooks_that_are_given_up_are_kept_and_tried_again<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    for delivery in ["1", "2", "3"] {
        store.post_webhook(&queue(A), webhook(delivery, "t"), None, 9).await?;
    }
    for _ in 0..3 {
        let next = store.next_webhook(&key("t")).await?.expect("one");
        store.bury_webhook(app(A), next.id, "dead", 2).await?;
    }
    assert_eq!(store.next_webhook(&key("t")).await?, None);
    let list = |filter| store.deliveries(app(A), filter, 9);
    let names = |found: &[Delivery]| -> Vec<String> { found.iter().map(|one| one.webhook.delivery.clone()).collect() };
    let dead = list(DeliveryFilter::default()).await?;
    assert_eq!(names(&dead), ["3", "2"], "the newest two are kept");
    assert!(dead.iter().all(|one| one.dead && one.error == "dead"));
    for (filter, expected) in [
        (
            DeliveryFilter {
                dead: Some(false),
                ..DeliveryFilter::default()
            },
            0,
        ),
        (
            DeliveryFilter {
                target: Some("t".to_owned()),
                ..DeliveryFilter::default()
            },
            2,
        ),
        (
            DeliveryFilter {
                target: Some("u".to_owned()),
                ..DeliveryFilter::default()
            },
            0,
        ),
        (
            DeliveryFilter {
                plugin: Some(plugin("other")),
                ..DeliveryFilter::default()
            },
            0,
        ),
        (
            DeliveryFilter {
                before: Some(dead[0].id),
                ..DeliveryFilter::default()
            },
            1,
        ),
    ] {
        assert_eq!(list(filter.clone()).await?.len(), expected, "{filter:?}");
    }
    store.webhook_bell().wait().await;
    let one = Deliveries::One("3".to_owned());
    assert_eq!(store.revive_webhooks(app(B), one.clone(), Millis(1)).await?, 0);
    assert_eq!(store.revive_webhooks(app(A), one.clone(), Millis(1)).await?, 1);
    assert_eq!(store.revive_webhooks(app(A), one, Millis(1)).await?, 0);
    assert_eq!(store.webhook_bell().wait().await, [key("t")]);
    assert_eq!(
        store
            .revive_webhooks(app(A), Deliveries::Target(key("t")), Millis(1))
            .await?,
        1
    );
    let next = store.next_webhook(&key("t")).await?.expect("one");
    assert_eq!(
        (next.webhook.delivery.as_str(), next.attempts),
        ("2", 0),
        "in order again"
    );
    assert!(!store.delete_webhook(app(B), "2").await?);
    assert!(store.delete_webhook(app(A), "2").await?);
    assert!(!store.delete_webhook(app(A), "2").await?);
    assert_eq!(names(&list(DeliveryFilter::default()).await?), ["3"]);
    Ok(())
}

pub async fn a_webhook_of_a_job_is_posted_once<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann"]).await;
    let (mut append, answer) = append(&room, "ann", "1");
    append.jobs = vec![observed(EventKind::MessageSent)];
    store.append(append).await;
    answer.await??;
    let job = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?[0].job.id;
    let effect = Some(EffectKey {
        call: CallId::new(&format!("j{job}")),
        index: 0,
    });
    for delivery in ["first", "second"] {
        let posted = store
            .post_webhook(&queue(A), webhook(delivery, "t"), effect.clone(), 9)
            .await?;
        assert_eq!(posted, "first");
    }
    assert_eq!(store.deliveries(app(A), DeliveryFilter::default(), 9).await?.len(), 1);
    Ok(())
}
