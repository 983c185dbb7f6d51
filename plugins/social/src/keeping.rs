//! Frames wait for who is away. Each is handed out once, by whoever claims its key first; and a call that is made again
//! keeps what the first try meant to keep, however many have come and gone since.
//!
//! The server knows a write of a repeated call by its place in it. So the places are the same in every try: first the plan,
//! which names who was away, then one write for each of them. Claims are made only by calls that are not repeated.

use switchboard_plugin::host::types::Error;
use switchboard_plugin::kv::Entry;

/// How long a frame waits, in seconds.
const KEPT: u32 = 30 * 24 * 60 * 60;

/// How long a plan is known, in seconds: longer than its call is repeated.
const PLANNED: u32 = 60 * 60;

/// How long a claimed key stays, in seconds: it is of no use any more.
const CLAIMED: u32 = 1;

/// Frames that are handed out at once; what is more waits for the next time.
const AT_ONCE: u32 = 100;

/// Users for whom one call keeps something: each costs a question to the host and a write.
const USERS: usize = 400;

/// What some users are to be told.
pub struct News {
    /// A later one of the same name takes its place.
    pub name: String,
    /// In the protocol's words.
    pub frame: String,
    /// Whom it concerns.
    pub uids: Vec<String>,
}

/// The server.
pub trait Place {
    /// Whether a user's connection was there when it happened, and told of it.
    fn was_told(&self, uid: &str) -> Result<bool, Error>;
    /// Whether a user has a connection now.
    fn online(&self, uid: &str) -> Result<bool, Error>;
    /// Says to a user's connections that something waits.
    fn nudge(&self, uid: &str) -> Result<(), Error>;
    /// What is under a key.
    fn read(&self, key: &str) -> Result<Option<Entry>, Error>;
    /// Puts something there for so many seconds.
    fn write(&self, key: &str, value: &[u8], ttl: u32) -> Result<(), Error>;
    /// The same if it is of this version still; answers whether it was.
    fn replace(&self, key: &str, version: u64, value: &[u8], ttl: u32) -> Result<bool, Error>;
    /// Keys that begin so, after another.
    fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error>;
}

/// Keeps news for those who were away, in a call that may be made again. Answers how many users were too many.
pub fn keep_durably(place: &impl Place, call: &str, news: &[News]) -> Result<usize, Error> {
    let key = format!("plan/{call}");
    let (plan, beyond) = match place
        .read(&key)?
        .and_then(|entry| serde_json::from_slice(&entry.value).ok())
    {
        Some(plan) => (plan, 0),
        None => away(place, news)?,
    };
    // Written in every try: it has the first place.
    place.write(&key, serde_json::json!(plan).to_string().as_bytes(), PLANNED)?;
    keep(place, news, &plan)?;
    Ok(beyond)
}

/// The same in a call that is made once.
pub fn keep_once(place: &impl Place, news: &News) -> Result<usize, Error> {
    let news = std::slice::from_ref(news);
    let (plan, beyond) = away(place, news)?;
    keep(place, news, &plan)?;
    Ok(beyond)
}

/// Who of them was not told, and how many are not asked about.
fn away(place: &impl Place, news: &[News]) -> Result<(Vec<Vec<String>>, usize), Error> {
    let (mut left, mut beyond) = (USERS, 0);
    let mut plan = Vec::new();
    for one in news {
        let asked = &one.uids[..one.uids.len().min(left)];
        left -= asked.len();
        beyond += one.uids.len() - asked.len();
        let mut away = Vec::new();
        for uid in asked {
            if !place.was_told(uid)? {
                away.push(uid.clone());
            }
        }
        plan.push(away);
    }
    Ok((plan, beyond))
}

fn keep(place: &impl Place, news: &[News], plan: &[Vec<String>]) -> Result<(), Error> {
    for (one, uids) in news.iter().zip(plan) {
        for uid in uids {
            place.write(&format!("{}{}", prefix(uid), one.name), one.frame.as_bytes(), KEPT)?;
        }
    }
    // Who comes after this question finds it; who came before is told to look.
    for uid in plan.iter().flatten() {
        if place.online(uid)? {
            place.nudge(uid)?;
        }
    }
    Ok(())
}

/// What waits for a user; it waits no longer. Only for a call that is made once: a claim of a repeated one would be
/// answered by what it gave the first time.
pub fn take(place: &impl Place, uid: &str) -> Vec<String> {
    let (prefix, mut frames, mut after) = (prefix(uid), Vec::new(), None::<String>);
    while frames.len() < AT_ONCE as usize {
        let keys = place.keys(&prefix, after.as_deref(), AT_ONCE).unwrap_or_default();
        let Some(last) = keys.last() else { break };
        after = Some(last.clone());
        frames.extend(keys.iter().filter_map(|key| claim(place, key)));
    }
    frames
}

/// The frame under a key, for the first who asks.
fn claim(place: &impl Place, key: &str) -> Option<String> {
    let entry = place.read(key).ok()?.filter(|entry| !entry.value.is_empty())?;
    let won = place.replace(key, entry.version, b"", CLAIMED).ok()?;
    String::from_utf8(entry.value).ok().filter(|_| won)
}

/// A uid may contain anything: its length keeps one user's keys from being the beginning of another's.
fn prefix(uid: &str) -> String {
    format!("frame/{}/{uid}/", uid.len())
}

#[cfg(test)]
mod tests;
