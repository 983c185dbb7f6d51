//! How fast users may send: each has a bucket of messages, and so has each app for all its users together. What plugins
//! send in their own name has quotas of its own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::error::Result;
use crate::model::{Actor, AppId, Bucket, Buckets, Context, Limits, Rate, Refusal, UserId};

/// Users whose buckets are remembered: those who have sent last.
const KEPT: usize = 50_000;

const USER: &str = "user_messages_per_minute";
const APP: &str = "app_messages_per_second";

/// How fast users may send.
pub struct Pace {
    users: Buckets<(AppId, UserId)>,
    of_user: Rate,
    of_app: Rate,
    refused: [AtomicU64; 2],
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            users: Buckets::new(KEPT),
            of_user: Rate::per_minute(limits.user_messages_per_minute),
            of_app: Rate::per_second(limits.app_messages_per_second),
            refused: Default::default(),
        }
    }

    /// Takes a message of whoever asks out of its buckets; what its user is refused is not taken from the app's.
    ///
    /// # Errors
    /// `RateLimited`, which is counted.
    pub(super) fn keep(&self, ctx: &Context, app: &Bucket) -> Result<()> {
        let Actor::User { user, .. } = &ctx.actor else {
            return Ok(());
        };
        if self.of_user.is_bound() {
            let bucket = self.users.of(&(ctx.app, user.clone()));
            let taken = bucket.take(1, self.of_user, ctx.now);
            taken.map_err(|wait| self.refuse(0, USER, wait))?;
        }
        let taken = app.take(1, self.of_app, ctx.now);
        taken.map_err(|wait| self.refuse(1, APP, wait))
    }

    fn refuse(&self, which: usize, limit: &'static str, wait: u64) -> Refusal {
        self.refused[which].fetch_add(1, Relaxed);
        Refusal::rate_limited(limit, wait)
    }

    /// How many messages each limit has refused.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [USER, APP]
            .into_iter()
            .zip(self.refused.iter().map(|count| count.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::{DeviceId, Millis};

    fn ctx(user: &str, now: i64) -> Context {
        let actor = Actor::User {
            user: UserId::new(user).unwrap(),
            device: DeviceId::unnamed(),
            connection: None,
        };
        Context {
            app: AppId::new(1).unwrap(),
            actor,
            now: Millis(now),
        }
    }

    #[test]
    fn a_hasty_user_takes_nothing_from_the_others() {
        let limits = Limits {
            user_messages_per_minute: 2,
            app_messages_per_second: 3,
            ..Config::load(None, &[]).unwrap().limits
        };
        let (pace, app) = (Pace::new(&limits), Bucket::default());
        let send = |user, now| {
            let refused = pace.keep(&ctx(user, now), &app).err();
            refused.map(|refusal| (refusal.field.unwrap().into_owned(), refusal.retry_after_ms.unwrap()))
        };
        assert_eq!((send("ann", 0), send("ann", 0)), (None, None));
        for _ in 0..5 {
            assert_eq!(send("ann", 0), Some((USER.to_owned(), 30_000)));
        }
        assert_eq!(send("bob", 0), None);
        assert_eq!(send("bob", 0), Some((APP.to_owned(), 334)));
        assert!(
            pace.keep(&Context::admin(AppId::new(1).unwrap(), Millis(0)), &app)
                .is_ok()
        );
        assert_eq!((send("bob", 30_334), send("ann", 30_334)), (None, None));
        assert_eq!(pace.refused().collect::<Vec<_>>(), [(USER, 5), (APP, 1)]);
    }
}
