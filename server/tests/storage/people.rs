//! Key attributes, friends and credentials.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

fn merge(json: &str) -> UserPatch {
    UserPatch {
        merge: Some(Body::trusted(json)),
        ..UserPatch::default()
    }
}

fn exists<T>(answer: Result<T>) -> Option<&'static str> {
    match answer {
        Err(StorageError::Exists(what)) => Some(what),
        _ => None,
    }
}

pub async fn key_attributes_are_of_one_user<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let (ann, bob) = (user("ann"), user("bob"));
    let put = |app, user: UserId, patch| async move { store.put_user(app, &user, patch, Millis(1), vec![]).await };
    let (made, new) = put(
        app(A),
        ann.clone(),
        merge(r#"{"phone":"123","telephone":45,"x":{"a":1}}"#),
    )
    .await?;
    assert!(new);
    assert_eq!(
        made.attributes.as_str(),
        r#"{"phone":"123","telephone":45,"x":{"a":1}}"#
    );
    put(app(A), bob.clone(), UserPatch::default()).await?;
    let find = |app, name: &'static str, value: &'static str| async move {
        let found = store.user_by_key(app, name, value).await?;
        Ok::<_, StorageError>(found.map(|user| user.id.to_string()))
    };
    assert_eq!(find(app(A), "phone", "123").await?.as_deref(), Some("ann"));
    assert_eq!(find(app(A), "telephone", "45").await?.as_deref(), Some("ann"));
    assert_eq!(find(app(A), "telephone", "123").await?, None);
    assert_eq!(find(app(B), "phone", "123").await?, None);

    // Another user's is refused, with all that came with it; another app's is no matter.
    let taken = put(app(A), bob.clone(), merge(r#"{"telephone":"45","y":1}"#)).await;
    assert_eq!(exists(taken), Some("telephone"));
    assert_eq!(
        store.user(app(A), &bob).await?.expect("there").attributes,
        Body::empty()
    );
    put(app(B), bob.clone(), merge(r#"{"phone":"123"}"#)).await?;

    // One's own stays, changes and goes.
    put(app(A), ann.clone(), merge(r#"{"phone":"123","x":{"a":null,"b":2}}"#)).await?;
    let (now, new) = put(app(A), ann.clone(), merge(r#"{"phone":"999"}"#)).await?;
    assert!(!new);
    assert_eq!(now.attributes.as_str(), r#"{"phone":"999","telephone":45,"x":{"b":2}}"#);
    assert_eq!(find(app(A), "phone", "123").await?, None);
    put(app(A), bob.clone(), merge(r#"{"phone":"123"}"#)).await?;
    let replaced = UserPatch {
        attributes: Some(Body::empty()),
        ..merge(r#"{"z":1}"#)
    };
    let (now, _) = put(app(A), ann.clone(), replaced).await?;
    assert_eq!(now.attributes.as_str(), r#"{"z":1}"#);
    assert_eq!(find(app(A), "phone", "999").await?, None);
    put(app(A), bob.clone(), merge(r#"{"phone":"","telephone":"45"}"#)).await?;
    assert_eq!(find(app(A), "phone", "").await?, None);
    assert_eq!(find(app(A), "telephone", "45").await?.as_deref(), Some("bob"));

    // What grows by merging has an end.
    let large = format!("{{\"large\":\"{}\"}}", "x".repeat(User::ATTRIBUTES - 15));
    put(app(A), ann.clone(), merge(&large))
        .await
        .expect_err("too large with the rest");

    let mut many: Vec<String> = store
        .users(app(A), &[bob, user("x"), ann])
        .await?
        .into_iter()
        .map(|user| user.id.to_string())
        .collect();
    many.sort();
    assert_eq!(many, ["ann", "bob"]);
    Ok(())
}

pub async fn friends_have_two_sides<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let (ann, bob, cat) = (user("ann"), user("bob"), user("cat"));
    assert!(store.befriend(app(A), &ann, &cat, 2, Millis(1)).await?);
    assert!(store.befriend(app(A), &bob, &ann, 2, Millis(2)).await?);
    assert!(!store.befriend(app(A), &ann, &bob, 2, Millis(3)).await?);
    assert!(store.set_remark(app(A), &ann, &bob, "Bobby").await?);
    assert!(!store.set_remark(app(A), &bob, &cat, "none").await?);
    assert!(!store.set_remark(app(B), &ann, &bob, "strange").await?);
    let friend = |user: &UserId, remark: &str, since| Friend {
        user: user.clone(),
        remark: remark.to_owned(),
        since: Millis(since),
    };
    let of = |who: UserId, skip, limit| async move { store.friends(app(A), &who, skip, limit).await };
    let all = of(ann.clone(), 0, 9).await?;
    assert_eq!(
        (all.friends, all.total),
        (vec![friend(&cat, "", 1), friend(&bob, "Bobby", 2)], 2)
    );
    let second = of(ann.clone(), 1, 1).await?;
    assert_eq!((second.friends, second.total), (vec![friend(&bob, "Bobby", 2)], 2));
    assert_eq!(of(bob.clone(), 0, 9).await?.friends, [friend(&ann, "", 2)]);
    assert_eq!(store.friends(app(B), &ann, 0, 9).await?.total, 0);

    let full = store.befriend(app(A), &user("dan"), &ann, 2, Millis(4)).await;
    assert!(matches!(full, Err(StorageError::Quota("friends"))));
    assert_eq!(of(user("dan"), 0, 9).await?.total, 0);

    assert!(!store.unfriend(app(B), &cat, &ann).await?);
    assert!(store.unfriend(app(A), &cat, &ann).await?);
    assert!(!store.unfriend(app(A), &ann, &cat).await?);
    assert_eq!(of(cat, 0, 9).await?.total, 0);
    assert_eq!(of(ann, 0, 9).await?.friends, [friend(&bob, "Bobby", 2)]);
    Ok(())
}

pub async fn credentials_are_of_one_app<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let (ann, bob) = (user("ann"), user("bob"));
    for id in [A, B] {
        store
            .ensure_users(app(id), &[ann.clone(), bob.clone()], Millis(1))
            .await?;
    }
    store.set_given_token(app(A), &ann, "tok").await?;
    store.set_given_token(app(A), &ann, "tok").await?;
    store.set_given_token(app(B), &bob, "tok").await?;
    assert_eq!(exists(store.set_given_token(app(A), &bob, "tok").await), Some("token"));
    assert_eq!(store.user_of_given_token(app(A), "tok").await?, Some(ann.clone()));
    assert_eq!(store.user_of_given_token(app(B), "tok").await?, Some(bob.clone()));
    assert_eq!(store.given_token(app(A), &ann).await?.as_deref(), Some("tok"));
    assert_eq!(store.given_token(app(B), &ann).await?, None);
    let strange = store.set_given_token(app(A), &user("x"), "other").await;
    assert!(matches!(strange, Err(StorageError::Missing("user"))));

    store.set_password_hash(app(A), &ann, "hash").await?;
    assert_eq!(store.password_hash(app(A), &ann).await?.as_deref(), Some("hash"));
    assert_eq!(store.password_hash(app(B), &ann).await?, None);
    assert!(store.set_password_hash(app(A), &user("x"), "hash").await.is_err());

    store.set_given_token(app(A), &ann, "next").await?;
    assert_eq!(store.user_of_given_token(app(A), "tok").await?, None);
    store.set_given_token(app(A), &bob, "tok").await?;
    assert_eq!(store.drop_tokens(app(A), &ann).await?, 1);
    assert_eq!(store.given_token(app(A), &ann).await?, None);
    assert_eq!(store.user_of_given_token(app(A), "next").await?, None);
    assert_eq!(store.password_hash(app(A), &ann).await?.as_deref(), Some("hash"));

    assert_eq!(store.pepper([1; 32]).await?, [1; 32]);
    let house = house.reopen().await;
    assert_eq!(house.store.pepper([2; 32]).await?, [1; 32], "kept for good");
    assert_eq!(house.store.user_of_given_token(app(A), "tok").await?, Some(bob));
    Ok(())
}
