//! What this plugin asks of the server, as a trait of its own: decisions are tested natively against a fake.

use serde_json::Value;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It will not work the next time either.
    Final(String),
    /// It may work the next time.
    Passing(String),
}

/// What may be trouble.
pub type Outcome<T> = Result<T, Trouble>;

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// JSON text.
    pub value: String,
    /// To be named when it is replaced; never 0.
    pub version: u64,
}

/// A conversation, as far as the desk cares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Room {
    /// `direct`, `temporary`, `group` or `chatroom`.
    pub kind: String,
    /// The desk's part of its data.
    pub desk: Value,
    /// Who owns or made it.
    pub owner: Option<String>,
    /// Who is in it; of many, the first thousand.
    pub members: Vec<String>,
}

/// A user, as far as the desk cares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Person {
    /// What to call it.
    pub name: String,
    /// The app's own data about it.
    pub attributes: Value,
}

/// A message to say.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Where.
    pub conversation: &'a str,
    /// Of which kind.
    pub kind: &'a str,
    /// A JSON object.
    pub body: &'a str,
    /// With it, a message is stored once, however often it is said.
    pub nonce: &'a str,
}

/// The server.
pub trait Host {
    /// A value.
    fn get(&self, key: &str) -> Outcome<Option<Entry>>;
    /// Writes a value if its version is still this one (0: absent). Whether it did; in a call that is made again, perhaps
    /// only whether it did then.
    fn swap(&self, key: &str, expect: u64, value: &str, ttl_seconds: Option<u32>) -> Outcome<bool>;
    /// Writes a value.
    fn put(&self, key: &str, value: &str, ttl_seconds: Option<u32>) -> Outcome<()>;
    /// Removes a value.
    fn drop_key(&self, key: &str) -> Outcome<()>;
    /// Keys with a prefix, in order, after one.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: u32) -> Outcome<Vec<String>>;
    /// When a timer runs next, and with what.
    fn timer(&self, name: &str) -> Outcome<Option<(u64, String)>>;
    /// Sets a timer to run once.
    fn set_timer(&self, name: &str, at: u64, payload: &str) -> Outcome<()>;
    /// Says something as the app itself.
    fn say(&self, words: &Words<'_>) -> Outcome<()>;
    /// A conversation; none if it is over.
    fn room(&self, conversation: &str) -> Outcome<Option<Room>>;
    /// Merges into a conversation's data.
    fn note(&self, conversation: &str, merge: &Value) -> Outcome<()>;
    /// The newest conversation of a customer whose data say that it is the case of this direct one.
    fn case_of(&self, customer: &str, direct: &str) -> Outcome<Option<String>>;
    /// Makes one, of this name, with the customer in it. Made again it is another one.
    fn open_case(&self, customer: &str, direct: &str, name: &str) -> Outcome<String>;
    /// Brings a user in.
    fn bring_in(&self, conversation: &str, uid: &str) -> Outcome<()>;
    /// Puts a user out.
    fn put_out(&self, conversation: &str, uid: &str) -> Outcome<()>;
    /// A user.
    fn person(&self, uid: &str) -> Outcome<Option<Person>>;
    /// Whether a user has a connection.
    fn online(&self, uid: &str) -> Outcome<bool>;
    /// Tells a user's connections something that is not stored.
    fn push(&self, uid: &str, name: &str, data: &Value) -> Outcome<()>;
    /// When a person last said something in a conversation; 0: not lately.
    fn last_word(&self, conversation: &str) -> Outcome<u64>;
    /// A line for the tenant.
    fn warn(&self, text: &str);
}

/// How often a write that somebody else was faster with is tried.
const TRIES: u32 = 40;
/// How often a write is tried that only seems to have been done, because the call is made again.
const REPEATS: u32 = 300;

/// Writes that are sure of themselves.
///
/// In a call that is made again, the server answers a write that was done before as it did then, and does nothing: it knows
/// the writes of a call by their order. Because the second call sees what the first has written, its order is another one.
/// So each write is looked at: if it is not there, it is made again, with a number that is not used up.
pub trait Sure: Host {
    /// Replaces a value. False if somebody else did, or if it is not known.
    ///
    /// # Errors
    /// Trouble of the server.
    fn swap_surely(&self, key: &str, expect: u64, value: &str, ttl_seconds: Option<u32>) -> Outcome<bool> {
        for _ in 0..REPEATS {
            let said = self.swap(key, expect, value, ttl_seconds)?;
            let now = self.get(key)?;
            match now {
                Some(entry) if entry.value == value && entry.version != expect => return Ok(said),
                Some(entry) if entry.version != expect => return Ok(false),
                None if expect != 0 => return Ok(false),
                // Neither this nor anybody else's write was done: the answer was an old one.
                _ => {}
            }
        }
        Err(again("a value"))
    }

    /// Writes a key of an index.
    ///
    /// # Errors
    /// Trouble of the server.
    fn put_surely(&self, key: &str, value: &str, ttl_seconds: Option<u32>) -> Outcome<()> {
        for _ in 0..REPEATS {
            self.put(key, value, ttl_seconds)?;
            if self.get(key)?.is_some_and(|entry| entry.value == value) {
                return Ok(());
            }
        }
        Err(again("a key"))
    }

    /// Removes a key of an index.
    ///
    /// # Errors
    /// Trouble of the server.
    fn drop_surely(&self, key: &str) -> Outcome<()> {
        for _ in 0..REPEATS {
            if self.get(key)?.is_none() {
                return Ok(());
            }
            self.drop_key(key)?;
        }
        Err(again("a key"))
    }

    /// Sees to it that a timer runs at a time or sooner.
    ///
    /// # Errors
    /// Trouble of the server.
    fn wake(&self, name: &str, at: u64, now: u64) -> Outcome<()> {
        let payload = format!(r#"{{"at":{at}}}"#);
        for _ in 0..REPEATS {
            if let Some((next, set)) = self.timer(name)?
                && (set == payload || next > now && next <= at)
            {
                return Ok(());
            }
            self.set_timer(name, at, &payload)?;
        }
        Err(again("a timer"))
    }
}

impl<H: Host + ?Sized> Sure for H {}

fn again(what: &str) -> Trouble {
    Trouble::Passing(format!("{what} could not be written"))
}

/// Replaces a value by what is made of it, until nobody else was faster. None: `change` did not want to.
///
/// # Errors
/// Trouble of the server, or of `change`; too many others.
pub fn exchange<T, E: From<Trouble>>(
    host: &(impl Host + ?Sized),
    key: &str,
    mut change: impl FnMut(Option<Entry>) -> Result<Option<(String, Option<u32>, T)>, E>,
) -> Result<Option<T>, E> {
    for _ in 0..TRIES {
        let entry = host.get(key)?;
        let version = entry.as_ref().map_or(0, |entry| entry.version);
        let Some((value, ttl, answer)) = change(entry)? else {
            return Ok(None);
        };
        if host.swap_surely(key, version, &value, ttl)? {
            return Ok(Some(answer));
        }
    }
    Err(Trouble::Passing("too many want the same at once".to_owned()).into())
}
