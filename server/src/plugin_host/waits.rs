//! How long a call waits for the server itself. A call that runs out of time because the server was slow is not the
//! plugin's fault.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// A shorter wait is what a plugin that asks must reckon with.
const SLOW: Duration = Duration::from_millis(20);

tokio::task_local! {
    static OWN: Arc<Waits>;
}

/// The waits of one call.
#[derive(Debug, Default)]
pub struct Waits {
    sum: Mutex<Sum>,
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
    OWN.scope(waits, call).await
}

/// Waits for the server on behalf of the call that runs.
pub async fn on_server<T>(answer: impl Future<Output = T>) -> T {
    // Outside of a call, nobody counts.
    let Ok(waits) = OWN.try_with(Arc::clone) else {
        return answer.await;
    };
    waits.begin();
    let answer = answer.await;
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
}
