//! Commands that users type: a run is known by its name until it is forgotten.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn a_run_is_known_until_it_is_forgotten<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let call = CallId::new("cafe");
    let add = async || {
        let write = KvWrite {
            key: "k".into(),
            change: KvChange::Increment(1),
            expires_at: None,
        };
        let effect = EffectKey {
            call: call.clone(),
            index: 0,
        };
        store
            .kv_write(app(A), &plugin("bot"), write, Some(effect), 100, Millis(1))
            .await
    };
    let run = |name: &str, outcome| -> std::result::Result<SlashRun, IdError> {
        Ok(SlashRun {
            plugin: PluginName::new("bot")?,
            name: SlashName::new(name)?,
            outcome,
        })
    };
    // Of what is no run nothing is remembered.
    add().await?;
    assert_eq!(add().await?, KvOutcome::Counter(2));

    assert_eq!(store.begin_run(app(A), &call, Millis(10)).await?, None);
    assert_eq!(add().await?, KvOutcome::Counter(3));
    assert_eq!(add().await?, KvOutcome::Counter(3), "a run writes once");
    assert_eq!(
        store.begin_run(app(A), &call, Millis(11)).await?,
        None,
        "it has not ended"
    );
    let said = SlashOutcome::Say {
        kind: Kind::new("text")?,
        body: Body::text("hi"),
    };
    let first = run("greet", said)?;
    store.end_run(app(A), &call, first.clone()).await?;
    store.end_run(app(A), &call, run("late", SlashOutcome::Silent)?).await?;
    assert_eq!(store.begin_run(app(A), &call, Millis(12)).await?, Some(first.clone()));
    assert_eq!(
        store.begin_run(app(B), &call, Millis(12)).await?,
        None,
        "another app's run"
    );
    for (name, outcome) in [
        ("hush", SlashOutcome::Silent),
        ("psst", SlashOutcome::Whisper(String::new())),
    ] {
        let (call, run) = (CallId::new(name), run(name, outcome)?);
        store.begin_run(app(A), &call, Millis(20)).await?;
        store.end_run(app(A), &call, run.clone()).await?;
        assert_eq!(store.begin_run(app(A), &call, Millis(21)).await?, Some(run));
    }

    assert_eq!(store.forget_runs(Millis(10), 9).await?, 0);
    assert_eq!(store.forget_runs(Millis(20), 1).await?, 1, "the oldest first");
    assert_eq!(store.forget_runs(Millis(20), 9).await?, 1);
    assert_eq!(store.forget_runs(Millis(20), 9).await?, 0);
    assert_eq!(store.begin_run(app(A), &call, Millis(30)).await?, None);
    assert_eq!(add().await?, KvOutcome::Counter(4), "and so is what it has written");
    Ok(())
}
