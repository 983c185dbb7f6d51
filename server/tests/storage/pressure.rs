//! Many at once, and a full disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, Conditions, House, Outcome};
use crate::things::*;

pub async fn many_senders_leave_no_gap_and_are_heard_in_order<B: Backend>() -> Outcome {
    let mut house = House::<B>::with(Conditions {
        remembered: Some(8),
        ..Conditions::default()
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
            .filter(
                |event| matches!(&event.change, Change::MessageSent(one) if one.conversation == room.conversation.id),
            )
            .filter_map(seq_of)
            .collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
        assert_eq!(
            house.store.last_seq(app(A), room.conversation.id).await?,
            Seq(seqs.len() as u64)
        );
    }
    Ok(())
}

pub async fn a_full_disk_is_said_and_survived<B: Backend>() -> Outcome {
    let mut house = House::<B>::with(Conditions {
        small: true,
        ..Conditions::default()
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
    // As long as the one that did not fit: a shorter one may find room on a page that is there.
    assert!(matches!(
        send(&*house.store, &room, "ann", &format!("still{}", &long[..50])).await,
        Err(StorageError::Full)
    ));
    house.store.make_room().await?;
    assert_eq!(house.heard().await.len(), stored);
    assert_eq!(
        send(&*house.store, &room, "ann", "still").await?.seq,
        Seq(stored as u64 + 1)
    );
    Ok(())
}
