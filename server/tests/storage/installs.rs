//! Plugins in apps.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn installs_and_components<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let version = |number| Version {
        number,
        digest: Digest("d".into()),
        created_at: Millis(3),
    };
    let install = Install {
        app: app(A),
        name: plugin("bot"),
        current: version(2),
        previous: Some(version(1)),
        grants: vec![Capability::Kv, Capability::MessagesSend],
        config: Body::empty(),
        priority: Some(-3),
        reuse: 1,
        enabled: true,
        revision: 0,
        canary: None,
        auto_rollback: None,
        activated_at: Millis(3),
    };
    let saved = store.save_install(install.clone(), unrecorded()).await?;
    assert_eq!(
        saved,
        Install {
            revision: 1,
            ..install.clone()
        }
    );
    assert_eq!(store.save_install(install.clone(), unrecorded()).await?.revision, 2);
    assert_eq!(
        store.installs_of(app(A)).await?,
        [Install {
            revision: 2,
            ..install.clone()
        }]
    );
    assert!(store.installs_of(app(B)).await?.is_empty());
    assert!(
        !store
            .remove_install(app(B), &plugin("bot"), false, unrecorded())
            .await?
    );
    assert!(
        store
            .remove_install(app(A), &plugin("bot"), false, unrecorded())
            .await?
    );
    assert!(store.installs().await?.is_empty());
    assert_eq!(
        store.save_install(install, unrecorded()).await?.revision,
        3,
        "never a revision twice"
    );
    for _ in 0..2 {
        store.put_component(&Digest("d".into()), vec![0, 1]).await?;
    }
    assert_eq!(store.component(&Digest("d".into())).await?, Some(vec![0, 1]));
    assert_eq!(store.component(&Digest("e".into())).await?, None);
    Ok(())
}
