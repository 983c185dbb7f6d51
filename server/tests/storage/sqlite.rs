//! The embedded backend.

use std::path::Path;
use std::sync::Arc;

use switchboard::model::*;
use switchboard::storage::sqlite::{Settings, Sqlite, open};
use switchboard::storage::*;
use tempfile::TempDir;

use crate::house::{Backend, Conditions, Events, Hands, House, Outcome};
use crate::things::*;

every_story!(Sqlite);

impl Backend for Sqlite {
    type Place = TempDir;

    fn place() -> TempDir {
        tempfile::tempdir().expect("a directory")
    }

    async fn open(place: &TempDir, conditions: Conditions, clock: Arc<dyn Clock>) -> Result<(Arc<Self>, Events)> {
        let defaults = Settings::new(place.path());
        let settings = Settings {
            checkpoint_ms: 5,
            // Stories listen when they are done.
            announcements: 100_000,
            group: 64,
            remembered: conditions.remembered.unwrap_or(defaults.remembered),
            max_pages: conditions.small.then_some(120),
            ..defaults
        };
        open(settings, clock).await
    }

    async fn close(&self) {
        Self::close(self).await;
    }

    async fn make_room(&self) -> Result<()> {
        self.limit_pages(100_000).await
    }
}

#[tokio::test]
async fn a_directory_belongs_to_one_server() -> Outcome {
    let house = House::<Sqlite>::open().await;
    let error = open(Settings::new(house.place.path()), Hands::at(0))
        .await
        .err()
        .expect("refused");
    assert!(error.reason().contains("another server"), "{}", error.reason());
    let file = house.place.path().join("lock");
    let error = open(Settings::new(file), Hands::at(0)).await.err().expect("refused");
    let reason = error.reason();
    assert!(reason.contains("cannot make the data directory"), "{reason}");
    house.store.close().await;
    let refused = house.store.limit_pages(9).await;
    assert!(matches!(refused, Err(StorageError::Unavailable(_))));
    Ok(())
}

/// What would be on the disk if the server were killed now: nothing has been folded into the database yet.
fn image(of: &Path) -> std::io::Result<TempDir> {
    let place = tempfile::tempdir()?;
    for name in ["switchboard.db", "switchboard.db-wal"] {
        std::fs::copy(of.join(name), place.path().join(name))?;
    }
    Ok(place)
}

#[tokio::test]
async fn no_number_is_given_out_twice_after_a_kill() -> Outcome {
    let place = tempfile::tempdir()?;
    let settings = Settings {
        checkpoint_ms: 3_600_000,
        ..Settings::new(place.path())
    };
    let (store, _events) = open(settings, Hands::at(1)).await?;
    let room = group(&*store, &["ann", "bob"]).await;
    let last = say(&*store, &room, "ann", "1").await;
    let (id, bob) = (room.conversation.id, user("bob"));
    // The newest number of all is of a job that follows from no stamped change, and is finished and gone.
    let sequel = Sequel::none().with_jobs(vec![observed(EventKind::Marked)]);
    store.mark(app(A), id, &bob, Some(Seq(1)), None, sequel).await?;
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    let gone = due[0].job.id;
    assert!(gone.get() > last.get());
    store.finish_jobs(app(A), vec![gone]).await?;
    let head = store.head();

    let house = House::<Sqlite>::at(image(place.path())?, Conditions::default()).await;
    assert!(
        house.store.head() >= head,
        "who has seen the end of the stream is not ahead of it"
    );
    assert!(say(&*house.store, &room, "ann", "2").await.get() > gone.get());
    let peace = house.reopen().await;
    let before = say(&*peace.store, &room, "ann", "3").await;
    let peace = peace.reopen().await;
    let after = say(&*peace.store, &room, "ann", "4").await;
    assert!(
        after.get() > before.get() && after.get() < before.get() + 10,
        "a start after a peaceful end loses none"
    );
    Ok(())
}
