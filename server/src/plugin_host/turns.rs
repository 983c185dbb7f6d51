//! Whose turn it is to compute. A guest that has had a processor for a tick of the engine and more goes on only in its turn:
//! fewer of them compute at a time than the server has threads, and fewer still of one app, so that sockets and other tenants
//! find a free one at any time; and it goes on beside the threads that serve them, on one that stands back behind them, so
//! that nobody has to wait for it. The next call of the same install begins so. Who waits for something else than its turn
//! holds up nobody.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use rayon_core::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{Span, warn};

use super::engine::TICK;
use super::stopwatch;
use super::waits::Waits;

/// Makes this thread, and those it starts, stand back behind all others: of two on one processor, at 5 the other has three
/// quarters of it, and whoever has waited for something goes first.
///
/// # Errors
/// Why the system does not let it.
pub fn stand_back(nice: u8) -> std::io::Result<()> {
    rustix::process::nice(nice.into())?;
    Ok(())
}

tokio::task_local! {
    static OWN: Arc<Pace>;
}

/// How long the call that runs computes.
#[derive(Debug, Default)]
struct Pace {
    /// A tick has passed in it. Whether it is to blame is not known: something else may have had the processor. So what
    /// it computes is measured from here on.
    ticked: AtomicBool,
    /// So many microseconds were measured.
    computed: AtomicU64,
}

impl Pace {
    fn is_long(&self) -> bool {
        u128::from(self.computed.load(Relaxed)) >= TICK.as_micros()
    }

    fn measured<T>(&self, compute: impl FnOnce() -> T) -> T {
        let before = stopwatch::computed();
        let outcome = compute();
        let own = stopwatch::computed().saturating_sub(before).as_micros();
        self.computed.fetch_add(u64::try_from(own).unwrap_or(u64::MAX), Relaxed);
        outcome
    }
}

/// The turns on this node.
#[derive(Debug)]
pub struct Turns {
    node: Arc<Semaphore>,
    at_once: usize,
    nice: u8,
    /// The threads that stand back, one a turn: made when the first is taken. None if they cannot be made.
    aside: OnceLock<Option<ThreadPool>>,
}

/// The turns of one app.
pub type AppTurns = Arc<Semaphore>;

/// Whether the last call of an install has computed for long.
#[derive(Debug, Default)]
pub struct Habit(AtomicBool);

impl Turns {
    /// For the threads of the runtime that runs this; who computes for long stands back so far.
    pub fn new(nice: u8) -> Self {
        let threads = Handle::try_current().map_or(1, |runtime| runtime.metrics().num_workers());
        Self::among(threads, nice)
    }

    fn among(threads: usize, nice: u8) -> Self {
        let at_once = threads.saturating_sub(1).max(1);
        Self {
            node: Arc::new(Semaphore::new(at_once)),
            at_once,
            nice,
            aside: OnceLock::new(),
        }
    }

    /// Those of an app.
    pub fn of_app(&self) -> AppTurns {
        Arc::new(Semaphore::new((self.at_once / 2).max(1)))
    }

    /// Runs a call of an app, in its turns once it computes for long. `waits` has to know how long it waits for one.
    pub async fn take<T: Send>(
        &self,
        app: &AppTurns,
        habit: &Habit,
        waits: Option<&Arc<Waits>>,
        call: impl Future<Output = T> + Send,
    ) -> T {
        // A call that another one waits for, as the policies of a message that a plugin sends, has the turns of that one.
        if OWN.try_with(|_| ()).is_ok() {
            return call.await;
        }
        let (pace, expected) = (Arc::<Pace>::default(), habit.0.load(Relaxed));
        let mut call = pin!(OWN.scope(pace.clone(), call));
        let mut coming = None;
        let outcome = poll_fn(|context| {
            let is_long = pace.is_long();
            if expected || is_long {
                // What is only expected may turn out otherwise: it has a place of its app's only once it is so.
                let of_app = || is_long.then(|| app.clone());
                let turn = coming.get_or_insert_with(|| Box::pin(next(self.node.clone(), of_app(), waits.cloned())));
                let Poll::Ready(_turn) = turn.as_mut().poll(context) else {
                    return Poll::Pending;
                };
                coming = None;
                return self.aside(call.as_mut(), context, &pace);
            }
            let mut poll = || call.as_mut().poll(context);
            let polled = if pace.ticked.load(Relaxed) {
                pace.measured(poll)
            } else {
                poll()
            };
            // Said at once: it may never be polled again.
            if pace.is_long() {
                habit.0.store(true, Relaxed);
            }
            polled
        })
        .await;
        habit.0.store(pace.is_long(), Relaxed);
        outcome
    }

    /// Computes on a thread that stands back, while another one takes up what this one has to do besides.
    fn aside<T: Send>(
        &self,
        call: Pin<&mut (impl Future<Output = T> + Send)>,
        context: &mut Context<'_>,
        pace: &Pace,
    ) -> Poll<T> {
        // A runtime with one thread has no other.
        let runtime = Handle::try_current().ok();
        let Some(runtime) = runtime.filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread) else {
            return pace.measured(|| call.poll(context));
        };
        let waker = context.waker();
        let poll = || {
            let _runtime = runtime.enter();
            pace.measured(|| call.poll(&mut Context::from_waker(waker)))
        };
        let span = Span::current();
        tokio::task::block_in_place(|| match self.aside.get_or_init(|| threads(self.at_once, self.nice)) {
            Some(threads) => threads.install(|| span.in_scope(poll)),
            None => poll(),
        })
    }
}

/// Threads that stand back behind all others.
fn threads(count: usize, nice: u8) -> Option<ThreadPool> {
    let threads = ThreadPoolBuilder::new()
        .num_threads(count)
        .thread_name(|number| format!("guest-aside-{number}"))
        .start_handler(move |_| {
            stopwatch::stands_back();
            if let Err(error) = stand_back(nice) {
                warn!(%error, "guests that compute for long do not stand back");
            }
        });
    let made = threads.build();
    made.inspect_err(|error| warn!(%error, "no threads for guests that compute for long"))
        .ok()
}

/// Says that a tick has passed while a call computed.
pub fn ticked() {
    // Outside of a call, nobody counts.
    let _ = OWN.try_with(|pace| pace.ticked.store(true, Relaxed));
}

/// The next turn: among those of the app, whose own doing it is, then among everybody's, whose fault it is not.
async fn next(
    node: Arc<Semaphore>,
    app: Option<AppTurns>,
    waits: Option<Arc<Waits>>,
) -> Option<(Option<OwnedSemaphorePermit>, OwnedSemaphorePermit)> {
    let own = match app {
        Some(app) => Some(app.acquire_owned().await.ok()?),
        None => None,
    };
    let all = {
        let _queue = waits.map(Waits::in_line);
        node.acquire_owned().await.ok()?
    };
    Some((own, all))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use rustix::process::getpriority_process;
    use tokio::task::yield_now;

    use super::*;

    /// Computes for a tick, and lets others be looked at.
    async fn tick() {
        let begun = stopwatch::computed();
        while stopwatch::computed() - begun < TICK {}
        ticked();
        yield_now().await;
    }

    /// Computes for so many ticks; notes how many do so at the same time.
    async fn compute(ticks: u32, at_once: &AtomicUsize, most: &AtomicUsize) {
        for _ in 0..ticks {
            let others = at_once.fetch_add(1, Relaxed);
            most.fetch_max(others + 1, Relaxed);
            std::thread::sleep(Duration::from_millis(1));
            at_once.fetch_sub(1, Relaxed);
            tick().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn who_computes_for_long_takes_turns_and_who_does_not_goes_first() {
        let turns = Arc::new(Turns::new(5));
        let app = turns.of_app();
        let (at_once, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut busy = Vec::new();
        for _ in 0..8 {
            let (turns, app, at_once, most) = (turns.clone(), app.clone(), at_once.clone(), most.clone());
            busy.push(tokio::spawn(async move {
                // The first ticks need no turn: they are not counted.
                let call = async {
                    tick().await;
                    tick().await;
                    compute(20, &at_once, &most).await;
                };
                turns.take(&app, &Habit::default(), None, call).await;
            }));
        }
        assert_eq!(turns.take(&app, &Habit::default(), None, async { 7 }).await, 7);
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
        let turns = Turns::among(2, 5);
        let app = turns.of_app();
        let (at_once, most, habit) = (AtomicUsize::new(0), AtomicUsize::new(0), Habit::default());
        let outer = async {
            compute(2, &at_once, &most).await;
            turns.take(&app, &habit, None, compute(2, &at_once, &most)).await;
            compute(2, &at_once, &most).await;
        };
        let ended = tokio::time::timeout(Duration::from_secs(10), turns.take(&app, &habit, None, outer)).await;
        assert!(ended.is_ok());
        assert_eq!((app.available_permits(), turns.node.available_permits()), (1, 1));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whose_last_call_was_long_begins_in_its_turn() {
        let (turns, habit) = (Turns::among(2, 5), Habit::default());
        let app = turns.of_app();
        // In a task, as all calls are.
        let free = async |long: bool| {
            let call = async {
                if long {
                    tick().await;
                    tick().await;
                }
                turns.node.available_permits()
            };
            turns.take(&app, &habit, None, call).await
        };
        assert_eq!(free(false).await, 1, "nobody knew");
        assert_eq!(free(true).await, 0, "it turned out");
        assert_eq!(free(false).await, 0, "it was expected");
        assert_eq!(free(false).await, 1, "and is not any more");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_only_has_to_wait_for_a_processor_does_not_compute_for_long() {
        let (turns, habit) = (Turns::among(2, 5), Habit::default());
        let app = turns.of_app();
        let call = async {
            for _ in 0..10 {
                // Ticks pass, and somebody else computes.
                std::thread::sleep(TICK);
                ticked();
                yield_now().await;
            }
            turns.node.available_permits()
        };
        assert_eq!(turns.take(&app, &habit, None, call).await, 1);
        assert!(!habit.0.load(Relaxed));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_beside_who_computes() {
        let (turns, habit) = (Arc::new(Turns::among(2, 5)), Arc::<Habit>::default());
        let app = turns.of_app();
        let (begun, beginning) = std::sync::mpsc::channel();
        let (end, ending) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn(async move {
            let call = async move {
                tick().await;
                tick().await;
                begun.send(()).unwrap();
                let ended = ending.recv_timeout(Duration::from_secs(10)).is_ok();
                (ended, getpriority_process(None).unwrap())
            };
            turns.take(&app, &habit, None, call).await
        });
        // The only thread of the runtime has other things to do than to wait for it.
        let other = tokio::spawn(async move {
            while beginning.try_recv().is_err() {
                yield_now().await;
            }
            end.send(()).unwrap();
        });
        other.await.unwrap();
        let usual = getpriority_process(None).unwrap();
        let (ended, own) = busy.await.unwrap();
        assert!(ended);
        assert!(own > usual || usual == 19, "it stands back: {own}, others {usual}");
    }
}
