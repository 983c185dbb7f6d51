//! `pushUser`: the tenant's users become known here before they chat.

use serde::Serialize;
use serde_json::{Map, Value};
use switchboard_plugin::host::users_write::{self, Patch};
use switchboard_plugin::host::{credentials, types::Error, users};

use crate::fault::{Fault, refused};
use crate::params::Params;

/// What the tenant's server gives to its user's browser. The host puts the real token in the place of a sealed one.
#[derive(Debug, Serialize)]
pub struct Pushed {
    data: Token,
}

#[derive(Debug, Serialize)]
struct Token {
    token: String,
}

/// Texts of a user that are attributes here.
const ATTRIBUTES: [&str; 3] = ["remark", "auto_reply", "auto_reply_offline"];
/// The longest name or text, in characters.
const TEXT_CHARS: usize = 2_000;

/// Creates or changes a user; what is left out stays as it is.
pub fn push_user(params: &Params) -> Result<Pushed, Fault> {
    let uid = params.uid("uid")?;
    let missing = "用户不存在";
    let known = users::get(&uid).map_err(|error| refused(error, missing))?.is_some();
    if !known {
        params.required("nickname")?;
    }
    let mut attributes = Map::new();
    for name in ATTRIBUTES {
        if let Some(text) = bounded(params, name)? {
            attributes.insert(name.to_owned(), Value::from(text));
        }
    }
    let patch = Patch {
        nickname: bounded(params, "nickname")?,
        avatar: bounded(params, "avatar")?,
        attributes: (!attributes.is_empty()).then(|| Value::from(attributes).to_string()),
    };
    let given = params.text("token")?;
    let put = || users_write::put(&uid, &patch).map_err(|error| refused(error, missing));
    // A token that cannot be kept changes nothing about a user who is known.
    if !known {
        put()?;
    }
    let token = token(&uid, given).map_err(|error| bad_token(error, missing))?;
    if known {
        put()?;
    }
    Ok(Pushed { data: Token { token } })
}

/// The host says that a token is too long in general terms.
fn bad_token(error: Error, missing: &str) -> Fault {
    let too_long = match &error {
        Error::Invalid(_) => true,
        Error::Refused(refusal) => matches!(refusal.code.as_str(), "bad_field" | "too_large"),
        _ => false,
    };
    if too_long {
        return Fault::new("token不能超过100字符");
    }
    refused(error, missing)
}

/// The token that is given, else the one there is, else a new one.
fn token(uid: &str, given: Option<String>) -> Result<String, Error> {
    if given.is_none()
        && let Some(kept) = credentials::token_of(uid)?
    {
        return Ok(kept);
    }
    credentials::set_token(uid, given.as_deref())
}

fn bounded(params: &Params, name: &str) -> Result<Option<String>, Fault> {
    let text = params.given(name)?;
    if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS) {
        return Err(Fault(format!("{name}过长")));
    }
    Ok(text)
}
