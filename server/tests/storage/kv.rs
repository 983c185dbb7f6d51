//! Key-value spaces.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn key_value_spaces<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let name = plugin("bot");
    let room = group(store, &["ann"]).await;
    let job = job(store, &room, "1").await;
    let effect_of = |call: String, index| {
        Some(EffectKey {
            call: CallId::new(&call),
            index,
        })
    };
    let effect = |index| effect_of(format!("j{job}"), index);
    let write = async |key: &str, change, expires_at: Option<i64>, effect, now| {
        let write = KvWrite {
            key: key.into(),
            change,
            expires_at: expires_at.map(Millis),
        };
        store
            .kv_write(app(A), &plugin("bot"), write, effect, 100, Millis(now))
            .await
    };
    let get = async |key: &str, now| store.kv_get(app(A), &name, key, Millis(now)).await;
    assert_eq!(
        write("a", KvChange::Set(vec![0, 255]), None, None, 1).await?,
        KvOutcome::Written
    );
    let first = get("a", 1).await?.expect("there");
    assert_eq!(first.value, [0, 255]);
    assert_eq!(store.kv_get(app(B), &name, "a", Millis(1)).await?, None);
    assert_eq!(store.kv_get(app(A), &plugin("other"), "a", Millis(1)).await?, None);
    let cas = |expect| KvChange::CompareAndSet {
        expect,
        value: b"x".to_vec(),
    };
    assert_eq!(write("a", cas(0), None, None, 1).await?, KvOutcome::Stale);
    assert_eq!(write("a", cas(first.version), None, None, 1).await?, KvOutcome::Written);
    assert!(get("a", 1).await?.expect("there").version > first.version);
    assert_eq!(
        write("n", KvChange::Increment(5), Some(50), effect(0), 1).await?,
        KvOutcome::Counter(5)
    );
    assert_eq!(
        write("n", KvChange::Increment(5), Some(50), effect(0), 1).await?,
        KvOutcome::Counter(5),
        "a replay"
    );
    for (call, twice) in [
        ("o1234".to_owned(), 2),
        (format!("x{job}"), 2),
        ("j99999999".to_owned(), 2),
    ] {
        let effect = || effect_of(call.clone(), 0);
        write("o", KvChange::Increment(1), None, effect(), 1).await?;
        assert_eq!(
            write("o", KvChange::Increment(1), None, effect(), 1).await?,
            KvOutcome::Counter(twice),
            "{call} is no job: nothing of it is remembered"
        );
        write("o", KvChange::Delete, None, None, 1).await?;
    }
    assert_eq!(
        write("n", KvChange::Increment(-7), Some(90), effect(1), 1).await?,
        KvOutcome::Counter(-2)
    );
    assert_eq!(
        write("a", KvChange::Increment(1), None, None, 1).await?,
        KvOutcome::NotACounter
    );
    assert_eq!(store.kv_scan(app(A), &name, "", None, 9, Millis(1)).await?, ["a", "n"]);
    assert_eq!(store.kv_scan(app(A), &name, "", Some("a"), 9, Millis(1)).await?, ["n"]);
    assert!(store.kv_scan(app(B), &name, "", None, 9, Millis(1)).await?.is_empty());
    assert_eq!(get("n", 50).await?, None, "its time is over");
    assert_eq!(write("n", cas(0), None, None, 60).await?, KvOutcome::Written);
    let big = write("big", KvChange::Set(vec![7; 99]), None, None, 60).await;
    assert!(matches!(big, Err(StorageError::Quota(_))));
    assert_eq!(
        write("t", KvChange::Set(vec![7; 80]), Some(70), None, 60).await?,
        KvOutcome::Written
    );
    assert!(write("u", KvChange::Set(vec![7; 80]), None, None, 61).await.is_err());
    assert_eq!(
        write("u", KvChange::Set(vec![7; 80]), None, None, 70).await?,
        KvOutcome::Written,
        "expired keys make room"
    );
    assert_eq!(write("u", KvChange::Delete, None, None, 70).await?, KvOutcome::Written);
    assert_eq!(get("u", 70).await?, None);
    Ok(())
}
