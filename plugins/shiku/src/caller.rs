//! Who asks: the user of the access token. Asking also proves it for the rest of the call.

use switchboard_plugin::host::proofs;

use crate::envelope::Failure;
use crate::params::Params;

/// The uid of who asks.
pub fn of(params: &Params) -> Result<String, Failure> {
    let token = params.get("access_token").ok_or(Failure::NoToken)?;
    proofs::by_token(token)?.user().ok_or(Failure::BadToken)
}

/// Makes sure that a parameter that names the caller, if it is there, does. `0` names nobody.
pub fn is_meant(uid: &str, params: &Params, name: &str) -> Result<(), Failure> {
    match params.get(name) {
        Some(given) if given != "0" && given.trim() != crate::people::number(Some(uid)) => {
            Err(Failure::because(format!("{name} 不是当前用户")))
        }
        _ => Ok(()),
    }
}
