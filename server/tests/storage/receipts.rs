//! How far members have got.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

pub async fn marks_never_go_back<B: Backend>() -> Outcome {
    let house = House::<B>::open().await;
    let store: &dyn Storage = &*house.store;
    let room = group(store, &["ann", "bob"]).await;
    let id = room.conversation.id;
    let (ann, bob) = (user("ann"), user("bob"));
    for n in 1..=5 {
        say(store, &room, "ann", &n.to_string()).await;
    }
    assert_eq!(
        store.marks(app(A), id, &ann).await?,
        Marks {
            delivered: Seq(5),
            read: Seq(5)
        }
    );
    let mark = |delivered: Option<u64>, read: Option<u64>| {
        store.mark(app(A), id, &bob, delivered.map(Seq), read.map(Seq), Sequel::none())
    };
    assert_eq!(
        mark(Some(3), None).await?,
        (
            Marks {
                delivered: Seq(3),
                read: Seq(0)
            },
            Seq(5)
        )
    );
    assert_eq!(
        mark(Some(1), Some(4)).await?.0,
        Marks {
            delivered: Seq(4),
            read: Seq(4)
        }
    );
    assert_eq!(
        mark(None, Some(2)).await?.0,
        Marks {
            delivered: Seq(4),
            read: Seq(4)
        }
    );
    assert_eq!(
        mark(Some(99), None).await?.0,
        Marks {
            delivered: Seq(5),
            read: Seq(4)
        }
    );
    assert!(
        store
            .mark(app(B), id, &bob, Some(Seq(1)), None, Sequel::none())
            .await
            .is_err()
    );
    assert!(
        store
            .mark(app(A), id, &user("eve"), Some(Seq(1)), None, Sequel::none())
            .await
            .is_err()
    );
    assert_eq!(store.marks(app(B), id, &bob).await?, Marks::default());
    let house = house.reopen().await;
    let list = house.store.receipts(app(A), id).await?;
    assert_eq!(
        list[1],
        Receipt {
            user: bob,
            marks: Marks {
                delivered: Seq(5),
                read: Seq(4)
            }
        }
    );
    assert!(house.store.receipts(app(B), id).await?.is_empty());
    Ok(())
}
