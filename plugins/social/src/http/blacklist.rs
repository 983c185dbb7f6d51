//! Whom the caller accepts nothing from.

use serde_json::Value;
use switchboard_plugin::host::contacts;

use super::{Call, nothing};
use crate::answer::{Done, Fault};
use crate::people::known;

/// Puts a user on the caller's blacklist, or takes one off it. Twice is no error.
pub fn change(call: &Call<'_>, on: bool) -> Done<Value> {
    let uid = call.caller()?;
    let other = call.params.need("app_user_id")?;
    if other == uid {
        return Err(Fault::bad("app_user_id is the caller"));
    }
    known(std::slice::from_ref(&other))?;
    if on {
        contacts::block(&uid, &other)?;
    } else {
        contacts::unblock(&uid, &other)?;
    }
    Ok(nothing())
}
