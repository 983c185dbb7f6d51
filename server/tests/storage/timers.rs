//! Timers, and the runs they become.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

fn timer(name: &str, first_at: i64, every: Option<u64>, runs: Option<u32>) -> NewTimer {
    NewTimer {
        name: name.to_owned(),
        schedule: Schedule {
            first_at: Millis(first_at),
            every,
            runs,
        },
        payload: Body::trusted("[1]"),
        depth: 3,
    }
}

async fn due(store: &dyn Storage) -> Result<Vec<(JobId, Firing)>> {
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 99).await?;
    let runs = due.into_iter().filter_map(|due| match due.job.work {
        Observation::Fire(firing) => {
            assert_eq!(due.job.depth, 3, "a run is as deep as what has set it");
            Some((due.job.id, firing))
        }
        _ => None,
    });
    Ok(runs.collect())
}

fn effect(call: &str, index: u32) -> Option<EffectKey> {
    let call = CallId::new(call);
    Some(EffectKey { call, index })
}

pub async fn timers_are_set_replaced_and_cancelled<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let install = queue(A);
    assert!(
        !store
            .set_timer(&install, timer("a", 5_000, None, None), None, 2)
            .await?
    );
    assert_eq!(store.job_bell().wait().await, std::slice::from_ref(&install));
    assert!(
        store
            .set_timer(&install, timer("a", 6_000, Some(1_000), Some(3)), None, 2)
            .await?
    );
    store
        .set_timer(&install, timer("b", 4_000, None, None), None, 2)
        .await?;
    let third = store.set_timer(&install, timer("c", 1, None, None), None, 2).await;
    assert!(matches!(third, Err(StorageError::Quota("timers"))), "{third:?}");
    assert!(
        store
            .set_timer(&install, timer("b", 4_500, None, None), None, 2)
            .await?,
        "replacing one takes no room"
    );
    let other = queue(B);
    store.set_timer(&other, timer("a", 1, None, None), None, 2).await?;

    let all = store.timers(&install, None, 9).await?;
    let names: Vec<(&str, i64)> = all.iter().map(|one| (one.name.as_str(), one.next_at.0)).collect();
    assert_eq!(names, [("a", 6_000), ("b", 4_500)]);
    assert_eq!(store.timers(&install, Some("a"), 9).await?.len(), 1);
    let a = store.timer(&install, "a").await?.expect("a timer");
    assert_eq!((a.schedule.runs, a.payload.as_str(), a.runs_done), (Some(3), "[1]", 0));
    assert_eq!(store.next_timer(&install).await?, Some(Millis(4_500)));
    assert_eq!(
        store
            .installs_with_jobs()
            .await?
            .first()
            .map(|(key, at)| (key.clone(), *at)),
        Some((install.clone(), Millis(4_500)))
    );
    assert!(store.cancel_timer(&install, "b", None).await?);
    assert!(!store.cancel_timer(&install, "b", None).await?);
    assert_eq!(store.timer(&install, "b").await?, None);
    assert!(store.timer(&other, "a").await?.is_some(), "another app's timer");
    Ok(())
}

pub async fn each_run_is_taken_once<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let install = queue(A);
    store
        .set_timer(&install, timer("t", 5_000, Some(1_000), Some(2)), None, 9)
        .await?;
    assert_eq!(store.take_timers(&install, Millis(4_999), 9).await?, 0);
    assert_eq!(store.take_timers(&install, Millis(9_000), 9).await?, 1);
    assert_eq!(
        store.take_timers(&install, Millis(9_000), 9).await?,
        0,
        "the next run waits for this one"
    );
    assert_eq!(store.next_timer(&install).await?, None);
    let runs = due(store).await?;
    let (job, first) = runs.first().expect("a run");
    assert_eq!((first.run, first.due_at, first.last), (1, Millis(5_000), false));
    assert_eq!(store.timer(&install, "t").await?.expect("it").runs_done, 0);

    // What the run wrote is remembered until it is finished, and then both are gone together.
    let call = format!("j{job}");
    for _ in 0..2 {
        let set = store.set_timer(&install, timer("other", 9_999, None, None), effect(&call, 0), 9);
        assert!(!set.await?, "the second time is answered as the first");
    }
    store.finish_run(app(B), *job).await?;
    assert_eq!(due(store).await?.len(), 1, "another app finishes nothing");
    store.finish_run(app(A), *job).await?;
    assert_eq!(store.timer(&install, "t").await?.expect("it").runs_done, 1);
    assert_eq!(store.next_timer(&install).await?, Some(Millis(6_000)));
    let again = store.set_timer(&install, timer("other", 9_999, None, None), effect(&call, 0), 9);
    assert!(again.await?, "finished work is forgotten");

    assert_eq!(store.take_timers(&install, Millis(9_000), 9).await?, 1);
    let runs = due(store).await?;
    let (job, second) = runs.first().expect("a run");
    assert_eq!((second.run, second.due_at, second.last), (2, Millis(6_000), true));
    assert!(store.timer(&install, "t").await?.is_some(), "the last run is under way");
    store.finish_run(app(A), *job).await?;
    assert_eq!(store.timer(&install, "t").await?, None);
    Ok(())
}

pub async fn a_run_under_way_goes_with_its_timer_unless_it_asks_itself<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let install = queue(A);
    for by_itself in [false, true] {
        store
            .set_timer(&install, timer("t", 5_000, Some(1_000), None), None, 9)
            .await?;
        store.take_timers(&install, Millis(5_000), 9).await?;
        let (job, _) = due(store).await?.pop().expect("a run");
        let asks = if by_itself { effect(&format!("j{job}"), 0) } else { None };
        assert!(store.cancel_timer(&install, "t", asks).await?);
        assert_eq!(due(store).await?.len(), usize::from(by_itself));
        store.finish_run(app(A), job).await?;
        assert_eq!(store.timer(&install, "t").await?, None);
    }
    Ok(())
}

pub async fn timers_go_with_their_install_or_stay<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let install = queue(A);
    for keep in [true, false] {
        store.save_install(crate::restart::install(), unrecorded()).await?;
        store
            .set_timer(&install, timer("t", 5_000, None, None), None, 9)
            .await?;
        store
            .remove_install(app(A), &install.plugin, keep, unrecorded())
            .await?;
        assert_eq!(store.timer(&install, "t").await?.is_some(), keep);
    }
    Ok(())
}
