//! What is stored is there after a restart: all of it, as it was.

use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

/// One of everything, in one app.
pub struct World {
    pub room: Arc<Roster>,
    pub message: MessageId,
    pub hidden: MessageId,
    pub waiting: JobId,
    pub dead: JobId,
}

pub fn token() -> Token {
    Token {
        app: app(A),
        user: user("ann"),
        device: DeviceId::new("phone").ok(),
        expires_at: Millis(9_999_999),
    }
}

pub fn install() -> Install {
    let version = Version {
        number: 1,
        digest: Digest("d".into()),
        created_at: Millis(3),
    };
    Install {
        app: app(A),
        name: plugin("watch"),
        current: version,
        previous: None,
        grants: vec![Capability::Kv],
        http_hosts: Vec::new(),
        config: Body::empty(),
        priority: Some(4),
        reuse: 1,
        enabled: true,
        revision: 0,
        canary: None,
        auto_rollback: None,
        activated_at: Millis(3),
    }
}

pub fn set(key: &str) -> KvWrite {
    KvWrite {
        key: key.into(),
        change: KvChange::Set(b"value".to_vec()),
        expires_at: Some(Millis(9_999_999)),
    }
}

/// Makes a world.
pub async fn furnish(store: &dyn Storage) -> Result<World> {
    let (ann, bob, cat) = (user("ann"), user("bob"), user("cat"));
    let new = |id| App {
        id,
        name: "one".into(),
        secret: "s".into(),
        enabled: true,
        demo: false,
        settings: AppSettings::default(),
    };
    store.create_app(Some(app(A)), Box::new(new)).await?;
    let everyone = [ann.clone(), bob.clone(), cat.clone()];
    store.ensure_users(app(A), &everyone, Millis(3)).await?;
    store.set_ban(app(A), &cat, Some("spam".into())).await?;
    store.set_block(app(A), &ann, &cat, true).await?;
    store.put_token([1; 32], token(), Millis(1)).await?;
    let phone = UserPatch {
        merge: Some(Body::trusted(r#"{"phone":"123"}"#)),
        ..UserPatch::default()
    };
    store.put_user(app(A), &ann, phone, Millis(3), vec![]).await?;
    store.befriend(app(A), &ann, &bob, 9, Millis(4)).await?;
    store.set_given_token(app(A), &ann, "given").await?;
    store.set_password_hash(app(A), &ann, "hash").await?;

    let room = group(store, &["ann", "bob", "cat"]).await;
    let id = room.conversation.id;
    let patch = ConversationPatch {
        name: Some("named".into()),
        ..Default::default()
    };
    store.update_conversation(app(A), id, patch, Sequel::none()).await?;
    let ranked = Member {
        user: bob.clone(),
        role: Role::Admin,
        muted_until: Some(Millis(77)),
        joined_at: Millis(5),
    };
    store.save_members(app(A), id, vec![ranked], Sequel::none()).await?;
    store
        .remove_members(app(A), id, vec![cat], None, Sequel::none())
        .await?;
    let message = say(store, &room, "ann", "first").await;
    let hidden = say(store, &room, "loud", "second").await;
    store
        .edit_message(app(A), message, Body::text("edited"), Millis(8), Sequel::none())
        .await?;
    store.react(app(A), message, &bob, "👍", true, Sequel::none()).await?;
    store.hide_messages(app(A), &bob, vec![hidden], Sequel::none()).await?;
    store
        .mark(app(A), id, &bob, Some(Seq(2)), Some(Seq(1)), Sequel::none())
        .await?;

    store.save_install(install(), unrecorded()).await?;
    store.put_component(&Digest("d".into()), vec![1, 2]).await?;
    store
        .kv_write(app(A), &plugin("watch"), set("key"), None, 1_000, Millis(1))
        .await?;
    let waiting = job(store, &room, "third").await;
    let dead = job(store, &room, "fourth").await;
    store.postpone_job(app(A), waiting, Millis(5_000), "late").await?;
    store.bury_job(app(A), dead, "broken", 9).await?;
    Ok(World {
        room,
        message,
        hidden,
        waiting,
        dead,
    })
}

/// Everything that can be read of the world, as text.
pub async fn all_of(store: &dyn Storage, world: &World) -> Result<Vec<String>> {
    let (ann, bob, cat) = (user("ann"), user("bob"), user("cat"));
    let (id, name) = (world.room.conversation.id, plugin("watch"));
    let mut all = vec![
        format!("{:?}", store.app(app(A)).await?),
        format!("{:?}", store.blocks(app(A), &ann).await?),
        format!("{:?}", store.token([1; 32]).await?),
        format!("{:?}", store.user_by_key(app(A), "phone", "123").await?),
        format!("{:?}", store.friends(app(A), &bob, 0, 9).await?),
        format!("{:?}", store.user_of_given_token(app(A), "given").await?),
        format!("{:?}", store.password_hash(app(A), &ann).await?),
        format!("{:?}", store.roster(app(A), id).await?),
        format!("{:?}", store.last_seq(app(A), id).await?),
        format!("{:?}", store.receipts(app(A), id).await?),
        format!("{:?}", store.message(app(A), world.message, Some(&bob)).await?),
        format!("{:?}", store.message(app(A), world.hidden, Some(&bob)).await?),
        format!("{:?}", store.message(app(A), world.hidden, None).await?),
        format!("{:?}", store.history(app(A), id, None, HistoryFrom::End, 9).await?),
        format!("{:?}", store.installs_of(app(A)).await?),
        format!("{:?}", store.component(&Digest("d".into())).await?),
        format!("{:?}", store.kv_get(app(A), &name, "key", Millis(1)).await?),
        format!("{:?}", store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?),
        format!("{:?}", store.dead_jobs(app(A), 9).await?),
    ];
    for user in [&ann, &bob, &cat] {
        all.push(format!("{:?}", store.user(app(A), user).await?));
        all.push(format!("{:?}", store.conversations_of(app(A), user, None, 9).await?));
        all.push(format!("{:?}", store.missed(app(A), user, Cursor(0), 99).await?.events));
        all.push(format!("{:?}", store.marks(app(A), id, user).await?));
    }
    Ok(all)
}

pub async fn nothing_is_lost_over_a_restart<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let world = furnish(&*house.store).await?;
    let before = all_of(&*house.store, &world).await?;
    assert!(before.iter().any(|text| text.contains("Admin") && text.contains("77")));
    let house = house.reopen().await;
    assert_eq!(all_of(&*house.store, &world).await?, before);
    assert!(house.store.revive_job(app(A), world.dead, Millis(1)).await?);
    assert!(house.store.due_jobs(&queue(A), Millis(1), None, 9).await?.is_empty());
    house.store.finish_jobs(app(A), vec![world.waiting]).await?;
    let due = house.store.due_jobs(&queue(A), Millis(1), None, 9).await?;
    assert_eq!(
        due.len(),
        1,
        "revived, and held up by the one before until that was done"
    );
    Ok(())
}
