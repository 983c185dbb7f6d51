//! Who is registered for what, in the plugin's store.
//!
//! `token:<fingerprint>` says what a token is registered for; `ev:<length>:<name>:<fingerprint>` finds the tokens of an
//! event, and holds the user whose connections hear of it. A token belongs to a user of its own, `t-<fingerprint>`,
//! which keeps the token itself and is who connects as long as the token chats as nobody.

use crate::answer::{Failure, Outcome};
use crate::groups;
use crate::object::Object;
use crate::registration::{Mode, Purpose, Record, Registration};
use switchboard_plugin::host::users_write::{self, Patch};
use switchboard_plugin::host::{connections, credentials};
use switchboard_plugin::kv;

/// How often a change is tried again when another one came in between.
const TRIES: usize = 5;
/// Bytes of a record at most: what the store takes.
const RECORD: usize = 60 * 1024;

/// The user that a token is kept at.
pub fn keeper(fingerprint: &str) -> String {
    format!("t-{fingerprint}")
}

fn record_key(fingerprint: &str) -> String {
    format!("token:{fingerprint}")
}

/// What the keys of an event's tokens begin with.
pub fn event_prefix(name: &str) -> String {
    format!("ev:{}:{name}:", name.len())
}

/// What a token is registered for.
pub fn record(fingerprint: &str) -> Outcome<Option<Record>> {
    Ok(kv::get_json(&record_key(fingerprint))?)
}

/// `POST /register`.
pub fn register(registration: Registration) -> Outcome<(&'static str, Object)> {
    let fingerprint = credentials::fingerprint(&registration.token)?;
    match (registration.mode, &registration.callback) {
        (Mode::Add, Some(_)) => add(&fingerprint, &registration),
        _ => remove(&fingerprint, &registration.purpose),
    }
}

fn add(fingerprint: &str, registration: &Registration) -> Outcome<(&'static str, Object)> {
    let keeper = keeper(fingerprint);
    ensure(&keeper)?;
    if credentials::token_of(&keeper)?.is_none() {
        credentials::set_token(&keeper, Some(&registration.token))?;
    }
    if let Purpose::Chat { uid, gids } = &registration.purpose {
        ensure(uid)?;
        groups::enter(uid, gids)?;
    }
    let (modified, record) = change(fingerprint, |record| match registration.callback.clone() {
        Some(callback) => record.add(&registration.purpose, callback),
        None => Err(Failure::missing("notifyUrl")),
    })?;
    index(fingerprint, &record, &registration.purpose)?;
    let msg = match (&registration.purpose, modified) {
        (Purpose::Event(_), true) => "事件修改成功",
        (Purpose::Event(_), false) => "事件注册成功",
        (Purpose::Chat { .. }, true) => "修改成功",
        (Purpose::Chat { .. }, false) => "注册成功",
    };
    Ok((msg, info(&registration.purpose, &record)))
}

/// Writes who hears of the token's events: of one, or of all when the token now chats as a user.
fn index(fingerprint: &str, record: &Record, purpose: &Purpose) -> Outcome<()> {
    let keeper = keeper(fingerprint);
    let uid = record.chatter().unwrap_or(&keeper);
    for name in record.events.keys() {
        if matches!(purpose, Purpose::Event(added) if added != name) {
            continue;
        }
        kv::set(&format!("{}{fingerprint}", event_prefix(name)), uid.as_bytes(), None)?;
    }
    Ok(())
}

fn remove(fingerprint: &str, purpose: &Purpose) -> Outcome<(&'static str, Object)> {
    let (_, record) = change(fingerprint, |record| match record.remove(purpose) {
        true => Ok(()),
        false => Err(Failure::unknown("注册")),
    })?;
    let msg = match purpose {
        Purpose::Event(name) => {
            kv::delete(&format!("{}{fingerprint}", event_prefix(name)))?;
            "事件删除成功"
        }
        Purpose::Chat { uid, gids } => {
            let left: Vec<String> = gids.iter().filter(|gid| !record.is_in(gid)).cloned().collect();
            groups::leave(uid, &left)?;
            index(fingerprint, &record, purpose)?;
            "删除成功"
        }
    };
    if record.is_empty() {
        kv::delete(&record_key(fingerprint))?;
        let keeper = keeper(fingerprint);
        credentials::revoke_tokens(&keeper)?;
        connections::disconnect(&keeper, "unregistered")?;
    }
    Ok((msg, info(purpose, &record)))
}

fn info(purpose: &Purpose, record: &Record) -> Object {
    match purpose {
        Purpose::Event(_) => {
            let names: Vec<&str> = record.events.keys().map(String::as_str).collect();
            Object::new().with("eventNames", names).with("serviceType", "event")
        }
        Purpose::Chat { uid, gids } => {
            let info = Object::new().with("uid", uid.as_str()).with("gids", gids.clone());
            info.with("serviceType", "chat")
        }
    }
}

/// Changes a token's record, against others that do so at the same time.
fn change<T>(fingerprint: &str, change: impl Fn(&mut Record) -> Outcome<T>) -> Outcome<(T, Record)> {
    let key = record_key(fingerprint);
    for _ in 0..TRIES {
        let entry = kv::get(&key)?;
        let stored = entry
            .as_ref()
            .and_then(|entry| serde_json::from_slice(&entry.value).ok());
        let mut record: Record = stored.unwrap_or_default();
        let answer = change(&mut record)?;
        let text = serde_json::to_vec(&record).map_err(|_| Failure::too_large("attach"))?;
        if text.len() > RECORD {
            return Err(Failure::too_large("attach"));
        }
        if kv::compare_and_set(&key, entry.map_or(0, |entry| entry.version), &text, None)? {
            return Ok((answer, record));
        }
    }
    Err(Failure::busy())
}

/// Makes a user who is not there yet.
fn ensure(uid: &str) -> Outcome<()> {
    let nothing = Patch {
        nickname: None,
        avatar: None,
        attributes: None,
    };
    users_write::put(uid, &nothing)?;
    Ok(())
}
