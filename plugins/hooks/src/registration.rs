//! What a token is registered for: events by name, and chat as a user in groups.

use crate::answer::{Failure, Outcome};
use crate::fields::{self, Params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Bytes of an event's name, a group's id, a user's id.
pub const NAME: usize = 100;
const ID: usize = 64;
/// Groups of one registration, and chat registrations of one token.
const GROUPS: usize = 64;
const CHATS: usize = 16;
/// Events of one token.
const EVENTS: usize = 64;
/// Bytes of `attach`, as JSON.
const ATTACH: usize = 2048;

/// Register, or the contrary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `add`.
    Add,
    /// `del`.
    Del,
}

/// `modeType`: `add` if it is absent.
///
/// # Errors
/// 400.
pub fn mode(params: &Params) -> Outcome<Mode> {
    match fields::optional(params, "modeType").map(Value::as_str) {
        None | Some(Some("add")) => Ok(Mode::Add),
        Some(Some("del")) => Ok(Mode::Del),
        Some(_) => Err(Failure::malformed("modeType", "must be add or del")),
    }
}

/// Where to call back, and what the tenant wants to find there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    /// `notifyUrl`.
    pub url: String,
    /// `attach`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attach: Map<String, Value>,
}

/// What to register for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Events of this name.
    Event(String),
    /// Chat.
    Chat {
        /// As this user.
        uid: String,
        /// In these groups, sorted.
        gids: Vec<String>,
    },
}

/// A request to register.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// Add or delete.
    pub mode: Mode,
    /// Sealed.
    pub token: String,
    /// For what.
    pub purpose: Purpose,
    /// Absent only when something is deleted.
    pub callback: Option<Callback>,
}

impl Registration {
    /// Reads the parameters of `register`.
    ///
    /// # Errors
    /// 400 and 413.
    pub fn read(params: &Params) -> Outcome<Self> {
        let mode = mode(params)?;
        let purpose = match fields::optional(params, "eventName") {
            Some(name) => Purpose::Event(fields::name(name, "eventName", NAME)?),
            None if fields::optional(params, "uid").is_none() && fields::optional(params, "gids").is_none() => {
                return Err(Failure::missing("eventName"));
            }
            None => {
                let uid = fields::name(fields::required(params, "uid")?, "uid", ID)?;
                let mut gids = fields::list(fields::required(params, "gids")?, "gids", GROUPS, ID)?;
                if gids.is_empty() {
                    return Err(Failure::missing("gids"));
                }
                gids.sort_unstable();
                Purpose::Chat { uid, gids }
            }
        };
        let callback = match mode {
            Mode::Del if fields::optional(params, "notifyUrl").is_none() => None,
            _ => Some(Callback {
                url: fields::address(params, "notifyUrl")?,
                attach: fields::object(params, "attach", ATTACH)?,
            }),
        };
        Ok(Self {
            mode,
            token: fields::text(params, "token")?.to_owned(),
            purpose,
            callback,
        })
    }
}

/// A chat that a token is registered for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    /// As this user.
    pub uid: String,
    /// In these groups.
    pub gids: Vec<String>,
    /// Where to call back.
    pub callback: Callback,
}

/// Everything a token is registered for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// By name.
    #[serde(default)]
    pub events: BTreeMap<String, Callback>,
    /// All of one user.
    #[serde(default)]
    pub chats: Vec<Chat>,
}

impl Record {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.chats.is_empty()
    }

    /// The user that chats with the token.
    pub fn chatter(&self) -> Option<&str> {
        self.chats.last().map(|chat| chat.uid.as_str())
    }

    /// Whether the token is in a group.
    pub fn is_in(&self, gid: &str) -> bool {
        self.chats.iter().any(|chat| chat.gids.iter().any(|known| known == gid))
    }

    /// Adds a purpose; true if it was there and is modified.
    ///
    /// # Errors
    /// 413 if there are too many.
    pub fn add(&mut self, purpose: &Purpose, callback: Callback) -> Outcome<bool> {
        match purpose {
            Purpose::Event(name) => {
                let known = self.events.insert(name.clone(), callback).is_some();
                if self.events.len() > EVENTS {
                    return Err(Failure::too_large("eventName"));
                }
                Ok(known)
            }
            Purpose::Chat { uid, gids } => {
                // A token that is given to another user is no longer the first one's.
                self.chats.retain(|chat| chat.uid == *uid);
                if let Some(chat) = self.chats.iter_mut().find(|chat| chat.gids == *gids) {
                    chat.callback = callback;
                    return Ok(true);
                }
                let (uid, gids) = (uid.clone(), gids.clone());
                self.chats.push(Chat { uid, gids, callback });
                if self.chats.len() > CHATS {
                    return Err(Failure::too_large("gids"));
                }
                Ok(false)
            }
        }
    }

    /// Takes a purpose away; false if it was not there.
    pub fn remove(&mut self, purpose: &Purpose) -> bool {
        match purpose {
            Purpose::Event(name) => self.events.remove(name).is_some(),
            Purpose::Chat { uid, gids } => {
                let before = self.chats.len();
                self.chats.retain(|chat| chat.uid != *uid || chat.gids != *gids);
                self.chats.len() < before
            }
        }
    }

    /// Whom to tell that the token went offline: for each address what is registered there.
    pub fn callbacks(&self) -> BTreeMap<&str, Told<'_>> {
        let mut all: BTreeMap<&str, Told<'_>> = BTreeMap::new();
        for (name, callback) in &self.events {
            let told = all.entry(&callback.url).or_default();
            told.events.push(name);
            told.attach.push(&callback.attach);
        }
        for chat in &self.chats {
            let told = all.entry(&chat.callback.url).or_default();
            told.uid = Some(&chat.uid);
            told.gids.extend(chat.gids.iter().map(String::as_str));
            told.attach.push(&chat.callback.attach);
        }
        all
    }
}

/// What is registered at one address.
#[derive(Debug, Default, PartialEq)]
pub struct Told<'a> {
    /// Names of events.
    pub events: Vec<&'a str>,
    /// The user of a chat.
    pub uid: Option<&'a str>,
    /// Its groups.
    pub gids: Vec<&'a str>,
    /// What was attached.
    pub attach: Vec<&'a Map<String, Value>>,
}

#[cfg(test)]
mod tests;
