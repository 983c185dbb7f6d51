//! How long a call waits, and for whom, and how long it computes. A call that runs out of time because the server was slow
//! is not the plugin's fault; and where nobody is held up, waiting for other servers does not use up the call's time.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

use super::stopwatch::Stopwatch;

/// A shorter wait is what a plugin that asks must reckon with.
const SLOW: Duration = Duration::from_millis(20);

tokio::task_local! {
    static OWN: Arc<Waits>;
}

/// The waits of one call.
#[derive(Debug, Default)]
pub struct Waits {
    sum: Mutex<Sum>,
    own: Stopwatch,
    away: Mutex<Abroad>,
}

/// The time in which at least one other server was waited for.
#[derive(Debug, Default)]
struct Abroad {
    sum: Duration,
    /// How many are waited for now, and since when.
    open: u32,
    since: Option<Instant>,
}

/// Another server is being waited for, until this is dropped.
#[derive(Debug)]
pub struct Away(Arc<Waits>);

impl Drop for Away {
    fn drop(&mut self) {
        let mut away = self.0.away.lock();
        away.open -= 1;
        if away.open == 0
            && let Some(since) = away.since.take()
        {
            away.sum += since.elapsed();
        }
    }
}

/// Others compute, and a call waits for them.
#[derive(Debug)]
pub struct Line {
    waits: Arc<Waits>,
    since: Instant,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.waits.sum.lock().slow += counted(self.since.elapsed());
    }
}

#[derive(Debug, Default)]
struct Sum {
    slow: Duration,
    since: Option<Instant>,
}

impl Waits {
    /// The time of all slow waits, with the one that still lasts.
    pub fn slow(&self) -> Duration {
        let sum = self.sum.lock();
        let present = sum.since.map_or(Duration::ZERO, |since| since.elapsed());
        sum.slow + counted(present)
    }

    /// The time in which other servers were waited for, with the present.
    fn away(&self) -> Duration {
        let away = self.away.lock();
        away.sum + away.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The call waits for others to compute, until this is dropped.
    pub fn in_line(self: Arc<Self>) -> Line {
        Line {
            waits: self,
            since: Instant::now(),
        }
    }

    fn begin(&self) {
        self.sum.lock().since = Some(Instant::now());
    }

    fn end(&self) {
        let mut sum = self.sum.lock();
        if let Some(since) = sum.since.take() {
            sum.slow += counted(since.elapsed());
        }
    }
}

fn counted(wait: Duration) -> Duration {
    if wait < SLOW { Duration::ZERO } else { wait }
}

/// Runs a call, whose waits are counted here.
pub async fn counting<T>(waits: Arc<Waits>, call: impl Future<Output = T>) -> T {
    let own = waits.clone();
    own.own.running(OWN.scope(waits, call)).await
}

/// Runs a call that counts its waits until a moment, which is put off by the time it waits for other servers, up to
/// `allowance`. None if it has not come to its end by then.
pub async fn within<T>(
    waits: &Arc<Waits>,
    until: Instant,
    allowance: Duration,
    call: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(call);
    let mut end = until;
    loop {
        if let Ok(answer) = timeout_at(end, &mut call).await {
            return Some(answer);
        }
        let later = until + waits.away().min(allowance);
        if later <= end {
            return None;
        }
        end = later;
    }
}

/// Says that the call that runs waits for another server. None outside of a call.
pub fn away() -> Option<Away> {
    let waits = OWN.try_with(Arc::clone).ok()?;
    let mut away = waits.away.lock();
    away.open += 1;
    away.since.get_or_insert_with(Instant::now);
    drop(away);
    Some(Away(waits))
}

/// How long the call that runs has computed. None outside of a call.
pub fn computed() -> Option<Duration> {
    OWN.try_with(|waits| waits.own.read()).ok()
}

/// Waits for the server on behalf of the call that runs.
pub async fn on_server<T>(answer: impl Future<Output = T>) -> T {
    // Outside of a call, nobody counts.
    let Ok(waits) = OWN.try_with(Arc::clone) else {
        return answer.await;
    };
    waits.begin();
    let answer = waits.own.standing(answer).await;
    waits.end();
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_waits_do_not_count() {
        assert_eq!(counted(Duration::from_millis(19)), Duration::ZERO);
        assert_eq!(counted(SLOW), SLOW);
    }

    #[tokio::test]
    async fn slow_waits_add_up_also_the_one_that_is_cut_off() {
        let waits = Arc::<Waits>::default();
        let long = || tokio::time::sleep(Duration::from_millis(25));
        counting(waits.clone(), async {
            on_server(long()).await;
            // The guest's own time does not count.
            assert_eq!(waits.sum.lock().since, None);
        })
        .await;
        let first = waits.slow();
        assert!(first >= Duration::from_millis(25));
        let cut = counting(waits.clone(), on_server(std::future::pending::<()>()));
        assert!(tokio::time::timeout(Duration::from_millis(30), cut).await.is_err());
        assert!(waits.slow() >= first + Duration::from_millis(30));
    }

    #[tokio::test]
    async fn waiting_for_others_puts_the_end_off_up_to_its_bound() {
        let millis = Duration::from_millis;
        let call = async |own: u64, waiting: [u64; 2], allowance: u64| {
            let waits = Arc::<Waits>::default();
            let work = async {
                tokio::time::sleep(millis(own)).await;
                // Both begin at the same time: what they have in common counts once.
                let wait = async |time: u64| {
                    let _away = away();
                    tokio::time::sleep(millis(time)).await;
                };
                tokio::join!(wait(waiting[0]), wait(waiting[1]));
                tokio::time::sleep(millis(own)).await;
            };
            let until = Instant::now() + millis(200);
            let call = counting(waits.clone(), work);
            within(&waits, until, millis(allowance), call).await.is_some()
        };
        assert!(call(30, [0, 0], 0).await);
        assert!(!call(120, [0, 0], 1000).await, "its own time does not count as waiting");
        assert!(!call(30, [150, 10], 0).await);
        assert!(call(30, [900, 10], 1000).await);
        assert!(!call(120, [900, 500], 5000).await);
        assert!(!call(30, [1200, 10], 1000).await, "not for ever");
    }
}
