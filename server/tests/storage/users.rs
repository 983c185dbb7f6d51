//! Tenants, users, blacklists and tokens.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn apps_users_blocks_and_tokens<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let new = |name: &'static str| -> NewApp {
        Box::new(move |id| App {
            id,
            name: name.into(),
            secret: "s".into(),
            enabled: true,
            demo: false,
            settings: AppSettings {
                login: Login::Single,
                ..AppSettings::default()
            },
        })
    };
    assert_eq!(store.create_app(None, new("first")).await?.id, app(10_000_000));
    assert_eq!(store.create_app(Some(app(7)), new("own")).await?.id, app(7));
    assert_eq!(store.create_app(None, new("next")).await?.id, app(10_000_001));
    assert!(matches!(
        store.create_app(Some(app(7)), new("x")).await,
        Err(StorageError::Exists(_))
    ));
    let mut saved = store.app(app(7)).await?.expect("there");
    assert_eq!(saved.settings.login, Login::Single);
    saved.enabled = false;
    assert!(store.save_app(&saved).await?);
    assert_eq!(store.app(app(7)).await?, Some(saved.clone()));
    assert!(!store.save_app(&App { id: app(8), ..saved }).await?);
    assert_eq!(store.apps().await?.len(), 3);

    let (ann, bob) = (user("ann"), user("bob"));
    let patch = UserPatch {
        nickname: Some("A\u{0}\"".into()),
        ..UserPatch::default()
    };
    assert!(store.put_user(app(A), &ann, patch, Millis(1), vec![]).await?.1);
    let (again, new) = store
        .put_user(app(A), &ann, UserPatch::default(), Millis(2), vec![])
        .await?;
    assert!(!new && again.nickname == "A\u{0}\"" && again.created_at == Millis(1));
    assert_eq!(store.user(app(B), &ann).await?, None);
    store
        .ensure_users(app(A), &[ann.clone(), bob.clone()], Millis(3))
        .await?;
    assert_eq!(
        store
            .known_users(app(A), &[bob.clone(), ann.clone(), user("x")])
            .await?,
        [ann.clone(), bob.clone()]
    );
    assert!(store.known_users(app(B), std::slice::from_ref(&ann)).await?.is_empty());
    assert!(store.set_ban(app(A), &bob, Some("spam".into())).await?);
    assert!(!store.set_ban(app(B), &bob, Some("spam".into())).await?);
    assert_eq!(
        store.user(app(A), &bob).await?.and_then(|bob| bob.ban),
        Some("spam".into())
    );

    assert!(store.set_block(app(A), &ann, &bob, true).await?);
    assert!(!store.set_block(app(A), &ann, &bob, true).await?);
    assert!(!store.set_block(app(B), &ann, &bob, false).await?);
    assert_eq!(store.blocks(app(A), &ann).await?, std::slice::from_ref(&bob));
    assert!(store.blocks(app(B), &ann).await?.is_empty());

    let token = |at| Token {
        app: app(A),
        user: ann.clone(),
        device: DeviceId::new("phone").ok(),
        expires_at: Millis(at),
    };
    store.put_token([1; 32], token(10), Millis(0)).await?;
    assert_eq!(store.token([1; 32]).await?, Some(token(10)));
    store.put_token([2; 32], token(90), Millis(50)).await?;
    assert_eq!(store.token([1; 32]).await?, None, "expired ones are dropped");
    assert_eq!(store.drop_tokens(app(B), &ann).await?, 0);
    assert_eq!(store.drop_tokens(app(A), &ann).await?, 1);
    Ok(())
}
