//! What was done to plugins.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::restart::install;
use crate::things::*;

fn named(name: &str) -> Install {
    Install {
        name: plugin(name),
        ..install()
    }
}

fn step(name: &str, kind: StepKind) -> Step {
    Step {
        kind,
        plugin: plugin(name),
        digest: Digest(format!("digest of {name}")),
        detail: Body::trusted(r#"{"version":1}"#),
    }
}

fn record(who: Who, at: i64, name: &str, kinds: &[StepKind]) -> Record {
    Record {
        who,
        at: Millis(at),
        steps: kinds.iter().map(|kind| step(name, *kind)).collect(),
        keep: 5,
    }
}

/// Who did what when, newest first.
async fn told(store: &dyn Storage, of: u64, name: Option<&str>) -> Result<Vec<(Who, StepKind, i64)>> {
    let name = name.map(plugin);
    let entries = store.audit(app(of), name.as_ref(), None, 99).await?;
    assert!(entries.is_sorted_by(|a, b| a.id > b.id));
    let entry = |entry: &AuditEntry| (entry.who, entry.step.kind, entry.at.0);
    Ok(entries.iter().map(entry).collect())
}

pub async fn what_was_done_is_written_down<B: Backend>() -> Outcome {
    use StepKind::{Configured, Disabled, Granted, Installed, Removed};
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let by = |who, at, name, kinds| record(who, at, name, kinds);
    store
        .save_install(named("a"), by(Who::Operator, 10, "a", &[Installed]))
        .await?;
    store
        .save_install(named("b"), by(Who::Config, 20, "b", &[Installed]))
        .await?;
    // What is changed at once stands in the order in which it is told.
    store
        .save_install(named("a"), by(Who::App, 30, "a", &[Granted, Configured]))
        .await?;
    store.save_install(named("a"), unrecorded()).await?;
    let stranger = by(Who::App, 40, "a", &[Removed]);
    assert!(!store.remove_install(app(B), &plugin("a"), false, stranger).await?);

    let all = [
        (Who::App, Configured, 30),
        (Who::App, Granted, 30),
        (Who::Config, Installed, 20),
        (Who::Operator, Installed, 10),
    ];
    assert_eq!(told(store, A, None).await?, all);
    assert_eq!(told(store, A, Some("b")).await?, [all[2]]);
    assert!(
        told(store, B, None).await?.is_empty(),
        "nothing was done, and not there"
    );
    let page = store.audit(app(A), None, None, 1).await?;
    assert_eq!(page[0].step, step("a", Configured));
    let next = store.audit(app(A), None, Some(page[0].id), 2).await?;
    assert_eq!(
        (next.len(), next[0].step.kind, next[1].step.kind),
        (2, Granted, Installed)
    );
    let next = store.audit(app(A), Some(&plugin("a")), Some(next[0].id), 9).await?;
    assert_eq!((next.len(), next[0].who), (1, Who::Operator));

    // The oldest of the app go, and only they.
    let gone = by(Who::Automatic, 50, "b", &[Removed]);
    assert!(store.remove_install(app(A), &plugin("b"), true, gone).await?);
    store
        .save_install(named("a"), by(Who::App, 60, "a", &[Disabled]))
        .await?;
    let kept = [
        (Who::App, Disabled, 60),
        (Who::Automatic, Removed, 50),
        all[0],
        all[1],
        all[2],
    ];
    assert_eq!(told(store, A, None).await?, kept);
    let house = house.reopen().await;
    assert_eq!(told(&*house.store, A, None).await?, kept);
    Ok(())
}

pub async fn a_canary_is_kept_with_its_install<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let wanted = Install {
        canary: Some(Canary {
            version: Version {
                number: 7,
                digest: Digest("new".into()),
                created_at: Millis(8),
            },
            percent: 10,
            since: Millis(9),
        }),
        auto_rollback: Some(false),
        activated_at: Millis(11),
        ..install()
    };
    let saved = house.store.save_install(wanted, unrecorded()).await?;
    let house = house.reopen().await;
    assert_eq!(house.store.installs().await?, std::slice::from_ref(&saved));
    let ended = Install {
        canary: None,
        auto_rollback: Some(true),
        ..saved
    };
    let saved = house.store.save_install(ended, unrecorded()).await?;
    assert_eq!(house.store.installs_of(app(A)).await?, [saved]);
    Ok(())
}
