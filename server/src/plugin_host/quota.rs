//! What an install may do in a minute: a bucket for each thing, filled evenly and emptied by use, by the clock that is
//! passed in. A full bucket holds a minute's worth. What was refused is counted. Buckets survive swaps and upgrades.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::bindings::switchboard::plugin::types::Error;
use super::instance::State;
use crate::model::{Bucket, Millis, QuotaLimits, Rate};

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Messages it sends.
    Messages,
    /// Requests to other servers.
    Http,
    /// Webhooks.
    Webhooks,
    /// Users it makes or changes.
    Users,
    /// Files it keeps or deletes.
    Files,
    /// Events it pushes, and disconnects.
    Pushes,
    /// Changes of stored messages.
    Edits,
    /// Conversations it makes or changes.
    Conversations,
    /// Friendships and blacklists it changes.
    Contacts,
    /// Tokens and passwords it gives or ends.
    Credentials,
    /// Timers it sets or cancels.
    Timers,
    /// Bytes of keys and values; storage counts them.
    KvBytes,
    /// Webhooks that wait; storage counts them.
    WebhooksWaiting,
    /// Names and series of figures of its own.
    Figures,
}

impl Quota {
    /// Every one; the last three have no bucket.
    const ALL: [Self; 14] = [
        Self::Messages,
        Self::Http,
        Self::Webhooks,
        Self::Users,
        Self::Files,
        Self::Pushes,
        Self::Edits,
        Self::Conversations,
        Self::Contacts,
        Self::Credentials,
        Self::Timers,
        Self::KvBytes,
        Self::WebhooksWaiting,
        Self::Figures,
    ];

    /// Its name: the key of the configuration, if it has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages_per_minute",
            Self::Http => "http_per_minute",
            Self::Webhooks => "webhooks_per_minute",
            Self::Users => "users_per_minute",
            Self::Files => "files_per_minute",
            Self::Pushes => "pushes_per_minute",
            Self::Edits => "edits_per_minute",
            Self::Conversations => "conversations_per_minute",
            Self::Contacts => "contacts_per_minute",
            Self::Credentials => "credentials_per_minute",
            Self::Timers => "timers_per_minute",
            Self::KvBytes => "kv_quota_bytes",
            Self::WebhooksWaiting => "webhooks_waiting",
            Self::Figures => "figures",
        }
    }

    /// How much of it there is in a minute; 0: no bound.
    fn per_minute(self, settings: &QuotaLimits) -> u64 {
        u64::from(match self {
            Self::Messages => settings.messages_per_minute,
            Self::Http => settings.http_per_minute,
            Self::Webhooks => settings.webhooks_per_minute,
            Self::Users => settings.users_per_minute,
            Self::Files => settings.files_per_minute,
            Self::Pushes => settings.pushes_per_minute,
            Self::Edits => settings.edits_per_minute,
            Self::Conversations => settings.conversations_per_minute,
            Self::Contacts => settings.contacts_per_minute,
            Self::Credentials => settings.credentials_per_minute,
            Self::Timers => settings.timers_per_minute,
            Self::KvBytes | Self::WebhooksWaiting | Self::Figures => 0,
        })
    }

    /// Whether what a dialect does for somebody who is proven counts. It does not where the act is that one's own.
    const fn counts_for_the_proven(self) -> bool {
        matches!(self, Self::Http)
    }
}

/// The buckets of an install, and how often each was empty.
#[derive(Debug, Default)]
pub struct Quotas {
    buckets: [Bucket; Quota::ALL.len()],
    hits: [AtomicU64; Quota::ALL.len()],
}

impl Quotas {
    /// Takes one out, or says that there is none left.
    ///
    /// # Errors
    /// `Quota`, which is counted.
    pub fn take(&self, quota: Quota, settings: &QuotaLimits, now: Millis) -> Result<(), Error> {
        let rate = Rate::per_minute(quota.per_minute(settings));
        let taken = self.buckets[quota as usize].take(1, rate, now);
        taken.map_err(|_| self.hit(quota))
    }

    /// Counts that a quota was used up.
    pub fn hit(&self, quota: Quota) -> Error {
        self.hits[quota as usize].fetch_add(1, Relaxed);
        Error::Quota(quota.as_str().to_owned())
    }

    /// How often each was used up; only those that were.
    #[must_use]
    pub fn hits(&self) -> Vec<(&'static str, u64)> {
        let counted = Quota::ALL.into_iter().zip(&self.hits);
        counted
            .map(|(quota, hits)| (quota.as_str(), hits.load(Relaxed)))
            .filter(|(_, hits)| *hits > 0)
            .collect()
    }
}

impl State {
    /// Takes one of what the install may do in a minute. What a dialect does for somebody who is proven is that one's own
    /// and is not counted, but for requests to other servers.
    pub fn spend(&self, quota: Quota) -> Result<(), Error> {
        let Some(plugin) = &self.task.plugin else {
            return Ok(());
        };
        let is_theirs = self.task.desk.as_ref().is_some_and(|desk| desk.is_anothers_doing());
        if is_theirs && !quota.counts_for_the_proven() {
            return Ok(());
        }
        let machine = &plugin.machine;
        plugin
            .ledger
            .quotas
            .take(quota, &machine.settings.quotas, machine.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_is_counted_by_name() {
        let quotas = Quotas::default();
        let settings = QuotaLimits {
            http_per_minute: 1,
            ..QuotaLimits::default()
        };
        assert!(quotas.take(Quota::Http, &settings, Millis(0)).is_ok());
        for _ in 0..2 {
            let error = quotas.take(Quota::Http, &settings, Millis(0)).unwrap_err();
            assert_eq!(error, Error::Quota("http_per_minute".to_owned()));
        }
        assert!(quotas.take(Quota::Messages, &settings, Millis(0)).is_ok());
        quotas.hit(Quota::KvBytes);
        assert_eq!(quotas.hits(), [("http_per_minute", 2), ("kv_quota_bytes", 1)]);
    }
}
