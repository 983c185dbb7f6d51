//! Whose turn it is to compute. A guest that is not done within a tick of the engine goes on only in its turn: fewer of them
//! compute at a time than the server has threads, and fewer still of one app, so that sockets and other tenants find a free
//! one at any time; and it goes on beside the threads that serve them, so that nobody has to wait behind it. The next call of
//! the same install begins so. Who waits for something else than its turn holds up nobody.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::waits;

tokio::task_local! {
    static OWN: Arc<AtomicBool>;
}

/// The turns on this node.
#[derive(Debug)]
pub struct Turns {
    node: Arc<Semaphore>,
    of_app: usize,
}

/// The turns of one app.
pub type AppTurns = Arc<Semaphore>;

/// Whether the last call of an install computed for long.
#[derive(Debug, Default)]
pub struct Habit(AtomicBool);

impl Default for Turns {
    /// For the threads of the runtime that runs this.
    fn default() -> Self {
        Self::among(Handle::try_current().map_or(1, |runtime| runtime.metrics().num_workers()))
    }
}

impl Turns {
    fn among(threads: usize) -> Self {
        let at_once = threads.saturating_sub(1).max(1);
        Self {
            node: Arc::new(Semaphore::new(at_once)),
            of_app: (at_once / 2).max(1),
        }
    }

    /// Those of an app.
    pub fn of_app(&self) -> AppTurns {
        Arc::new(Semaphore::new(self.of_app))
    }

    /// Runs a call of an app, in its turns once it computes for long.
    pub async fn take<T>(&self, app: &AppTurns, habit: &Habit, call: impl Future<Output = T>) -> T {
        // A call that another one waits for, as the policies of a message that a plugin sends, has the turns of that one.
        if OWN.try_with(|_| ()).is_ok() {
            return call.await;
        }
        let (long, expected) = (Arc::<AtomicBool>::default(), habit.0.load(Relaxed));
        let mut call = pin!(OWN.scope(long.clone(), call));
        let mut coming = None;
        let outcome = poll_fn(|context| {
            let is_long = long.load(Relaxed);
            if expected || is_long {
                // What is only expected may turn out otherwise: it has a place of its app's only once it is so.
                let of_app = || is_long.then(|| app.clone());
                let turn = coming.get_or_insert_with(|| Box::pin(next(self.node.clone(), of_app())));
                let Poll::Ready(_turn) = turn.as_mut().poll(context) else {
                    return Poll::Pending;
                };
                coming = None;
                return aside(|| call.as_mut().poll(context));
            }
            let polled = call.as_mut().poll(context);
            // Said at once: it may never be polled again.
            if long.load(Relaxed) {
                habit.0.store(true, Relaxed);
            }
            polled
        })
        .await;
        habit.0.store(long.load(Relaxed), Relaxed);
        outcome
    }
}

/// Computes while another thread takes up what this one has to do besides.
fn aside<T>(compute: impl FnOnce() -> T) -> T {
    // A runtime with one thread has no other.
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if matches!(flavor, Ok(RuntimeFlavor::MultiThread)) {
        tokio::task::block_in_place(compute)
    } else {
        compute()
    }
}

/// Says that the call that runs computes for long.
pub fn computes_on() {
    // Outside of a call, nobody counts.
    let _ = OWN.try_with(|long| long.store(true, Relaxed));
}

/// The next turn: among those of the app, whose own doing it is, then among everybody's, whose fault it is not.
async fn next(
    node: Arc<Semaphore>,
    app: Option<AppTurns>,
) -> Option<(Option<OwnedSemaphorePermit>, OwnedSemaphorePermit)> {
    let own = match app {
        Some(app) => Some(app.acquire_owned().await.ok()?),
        None => None,
    };
    let all = {
        let _queue = waits::in_line();
        node.acquire_owned().await.ok()?
    };
    Some((own, all))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use tokio::task::yield_now;

    use super::*;

    /// Computes for so many ticks; notes how many do so at the same time.
    async fn compute(ticks: u32, at_once: &AtomicUsize, most: &AtomicUsize) {
        for _ in 0..ticks {
            let others = at_once.fetch_add(1, Relaxed);
            most.fetch_max(others + 1, Relaxed);
            std::thread::sleep(Duration::from_millis(1));
            at_once.fetch_sub(1, Relaxed);
            computes_on();
            yield_now().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn who_computes_for_long_takes_turns_and_who_does_not_goes_first() {
        let turns = Arc::new(Turns::default());
        let app = turns.of_app();
        let (at_once, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut busy = Vec::new();
        for _ in 0..8 {
            let (turns, app, at_once, most) = (turns.clone(), app.clone(), at_once.clone(), most.clone());
            busy.push(tokio::spawn(async move {
                // The first tick needs no turn: it is not counted.
                let call = async {
                    computes_on();
                    yield_now().await;
                    compute(20, &at_once, &most).await;
                };
                turns.take(&app, &Habit::default(), call).await;
            }));
        }
        assert_eq!(turns.take(&app, &Habit::default(), async { 7 }).await, 7);
        assert!(busy.iter().any(|task| !task.is_finished()));
        for task in busy {
            task.await.unwrap();
        }
        assert_eq!(
            most.load(Relaxed),
            1,
            "3 of 4 threads may compute, and half of them for one app"
        );
    }

    #[tokio::test]
    async fn a_call_inside_a_call_waits_for_no_turn_of_its_own() {
        let turns = Turns::among(2);
        let app = turns.of_app();
        let (at_once, most, habit) = (AtomicUsize::new(0), AtomicUsize::new(0), Habit::default());
        let outer = async {
            compute(2, &at_once, &most).await;
            turns.take(&app, &habit, compute(2, &at_once, &most)).await;
            compute(2, &at_once, &most).await;
        };
        let ended = tokio::time::timeout(Duration::from_secs(10), turns.take(&app, &habit, outer)).await;
        assert!(ended.is_ok());
        assert_eq!((app.available_permits(), turns.node.available_permits()), (1, 1));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whose_last_call_was_long_begins_in_its_turn() {
        let (turns, habit) = (Turns::among(2), Habit::default());
        let app = turns.of_app();
        // In a task, as all calls are.
        let free = async |long: bool| {
            let call = async {
                if long {
                    computes_on();
                }
                turns.node.available_permits()
            };
            turns.take(&app, &habit, call).await
        };
        assert_eq!(free(true).await, 1, "nobody knew");
        assert_eq!(free(false).await, 0, "it was expected");
        assert_eq!(free(false).await, 1, "and is not any more");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_beside_who_computes() {
        let (turns, habit) = (Arc::new(Turns::among(2)), Arc::<Habit>::default());
        let app = turns.of_app();
        let (begun, beginning) = std::sync::mpsc::channel();
        let (end, ending) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn(async move {
            let call = async move {
                computes_on();
                yield_now().await;
                begun.send(()).unwrap();
                ending.recv_timeout(Duration::from_secs(10)).is_ok()
            };
            turns.take(&app, &habit, call).await
        });
        // The only thread of the runtime has other things to do than to wait for it.
        let other = tokio::spawn(async move {
            while beginning.try_recv().is_err() {
                yield_now().await;
            }
            end.send(()).unwrap();
        });
        other.await.unwrap();
        assert!(busy.await.unwrap());
    }
}
