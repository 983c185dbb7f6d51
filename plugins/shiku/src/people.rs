//! Users by the numbers and phones of this protocol, and their names. A user of another system has a number made of its
//! id; it is kept when it is shown, so that it can be read back.

use std::collections::{BTreeSet, HashMap};

use switchboard_plugin::host::types::User;
use switchboard_plugin::host::{kv, users};
use switchboard_plugin::number_of;

use crate::envelope::Failure;
use crate::ids;
use crate::profile;

/// Numbers from here on stand for ids that are none.
const MADE: u64 = 1 << 52;
/// Made numbers that one answer keeps at most; a room's others are found among its members.
const KEPT: usize = 100;
/// Who speaks when nobody does, as text and as a number.
pub const SERVER: &str = "10005";
pub const SERVER_NUMBER: u64 = 10_005;

/// Users that an answer speaks of.
#[derive(Debug, Default)]
pub struct People(HashMap<String, User>);

impl People {
    /// Looks them up, and keeps the numbers that are made of their ids.
    pub fn of<U: Into<String>>(uids: impl IntoIterator<Item = U>) -> Result<Self, Failure> {
        let uids: BTreeSet<String> = uids.into_iter().map(Into::into).collect();
        let uids: Vec<String> = uids.into_iter().collect();
        let mut people = HashMap::new();
        for some in uids.chunks(1_000) {
            people.extend(users::get_many(some)?.into_iter().map(|user| (user.uid.clone(), user)));
        }
        let made = uids.iter().filter(|uid| number_of(uid) >= MADE);
        for uid in made.take(KEPT) {
            remember(uid)?;
        }
        Ok(Self(people))
    }

    /// What a user is called.
    pub fn name<'a>(&'a self, uid: &'a str) -> &'a str {
        self.0.get(uid).map_or(uid, profile::name)
    }
}

/// Keeps what a made number stands for.
fn remember(uid: &str) -> Result<(), Failure> {
    let key = format!("uid:{}", number_of(uid));
    if kv::get(&key)?.is_none() {
        kv::set(&key, uid.as_bytes(), None)?;
    }
    Ok(())
}

/// The number of a user as text; the server's own for none.
pub fn number(uid: Option<&str>) -> String {
    uid.map_or_else(|| SERVER.to_owned(), |uid| number_of(uid).to_string())
}

/// The uid that a number stands for, whether or not there is such a user. `near` names users among whom the number may
/// have been seen; it is asked if the number is a made one that was not kept.
pub fn uid_of(text: &str, near: impl FnOnce() -> Result<Vec<String>, Failure>) -> Result<Option<String>, Failure> {
    let Some(number) = ids::user_number(text.trim()) else {
        return Ok(None);
    };
    if number < MADE {
        return Ok(Some(number.to_string()));
    }
    if let Some(entry) = kv::get(&format!("uid:{number}"))? {
        return Ok(String::from_utf8(entry.value).ok());
    }
    Ok(near()?.into_iter().find(|uid| number_of(uid) == number))
}

/// The user that a number stands for.
pub fn user_of(text: &str) -> Result<User, Failure> {
    let uid = uid_of(text, || Ok(Vec::new()))?;
    let user = match uid {
        Some(uid) => users::get(&uid)?,
        None => None,
    };
    user.ok_or_else(|| Failure::unknown("用户"))
}

/// The user who has a phone, with or without the area in front.
pub fn by_phone(phone: &str) -> Result<Option<User>, Failure> {
    if phone.is_empty() || phone.len() > 32 {
        return Ok(None);
    }
    match users::by_attribute("phone", phone)? {
        Some(user) => Ok(Some(user)),
        None => Ok(users::by_attribute("telephone", phone)?),
    }
}

/// The users that a list of phones names; it may also hold users' numbers, as the document's example does. All or an
/// error that names the first unknown one.
pub fn by_phones(phones: &[String]) -> Result<Vec<String>, Failure> {
    const MOST: usize = 200;
    if phones.len() > MOST {
        return Err(Failure::because(format!("参数错误: phones 最多 {MOST} 个")));
    }
    let mut found = Vec::with_capacity(phones.len());
    for phone in phones {
        let user = match by_phone(phone)? {
            Some(user) => user,
            None => user_of(phone).map_err(|_| Failure::unknown(&format!("用户 {phone} ")))?,
        };
        if !found.contains(&user.uid) {
            found.push(user.uid);
        }
    }
    Ok(found)
}
