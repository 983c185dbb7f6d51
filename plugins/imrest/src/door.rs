//! Who asks: the app by its key, or a user by a token. A credential that is brought is always checked, also where it
//! could have been left out.

use crate::answer::{Failure, Outcome};
use crate::schema::Config;
use crate::{fields, ids};
use switchboard_plugin::hooks::dialect::Request;
use switchboard_plugin::host::proofs::{self, Proof, Unproven};
use switchboard_plugin::host::types::User;
use switchboard_plugin::host::users;

/// Users looked up in one call at most.
const LOOKED_UP: usize = 1000;

/// Who asks. The proofs are kept as long as the call is answered.
pub struct Caller {
    /// The user of the token, if one was brought and no key: it sees what this user sees.
    pub viewer: Option<String>,
    _proofs: Vec<Proof>,
}

/// The app a request names in its headers.
pub fn app_id(request: &Request) -> Option<&str> {
    let named = request.header("app-id").or_else(|| request.header("im-app-id"));
    named.map(str::trim).filter(|id| !id.is_empty())
}

/// The token a request brings in its header, without the word before it.
pub fn bearer(request: &Request) -> Option<&str> {
    let given = request.header("authorization")?.trim();
    let token = match given.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => given,
    };
    Some(token).filter(|token| !token.is_empty())
}

/// Lets a request in.
///
/// # Errors
/// 4002 without a header that must be there, 1 with a wrong one, 213 with a banned user's token.
pub fn admit(app: &str, request: &Request, without_key: bool) -> Outcome<Caller> {
    let named = app_id(request).ok_or_else(|| Failure::no_header("app-id"))?;
    if named != app {
        return Err(Failure::other("unknown app"));
    }
    let key = request.header("app-key").filter(|key| !key.is_empty());
    let token = bearer(request);
    if key.is_none() && !without_key {
        return Err(Failure::no_header("app-key"));
    }
    if token.is_none() && Config::of_install().require_tokens {
        return Err(Failure::no_header("Authorization"));
    }
    let mut kept = Vec::new();
    if let Some(key) = key {
        kept.push(proofs::by_secret(key).map_err(|_| Failure::other("wrong app-key"))?);
    }
    let mut viewer = None;
    if let Some(token) = token {
        let proof = proofs::by_token(token).map_err(unproven)?;
        viewer = proof.user().filter(|_| key.is_none());
        kept.push(proof);
    }
    Ok(Caller { viewer, _proofs: kept })
}

/// The failure of a proof by token or trust.
pub fn unproven(why: Unproven) -> Failure {
    match why {
        Unproven::Banned => Failure::banned(),
        Unproven::Expired => Failure::other("the token has expired"),
        Unproven::UnknownUser => Failure::other("the token is of no user"),
        Unproven::NotAllowed => Failure::no_header("Authorization"),
        Unproven::Wrong => Failure::other("wrong token"),
    }
}

/// Those of these ids that no user has.
pub fn strangers(uids: &[String]) -> Outcome<Vec<String>> {
    let mut missing = Vec::new();
    for some in uids.chunks(LOOKED_UP) {
        let known: std::collections::HashSet<String> =
            users::get_many(some)?.into_iter().map(|user: User| user.uid).collect();
        missing.extend(some.iter().filter(|uid| !known.contains(*uid)).cloned());
    }
    Ok(missing)
}

/// Checks ids that may become users.
///
/// # Errors
/// 212 for one that is no user yet and may not become one.
pub fn may_exist(uids: &[String]) -> Outcome<()> {
    let odd: Vec<String> = uids.iter().filter(|uid| !ids::may_be_new(uid)).cloned().collect();
    if odd.is_empty() {
        return Ok(());
    }
    strangers(&odd)?.first().map_or(Ok(()), |uid| Err(Failure::bad_id(uid)))
}

/// A user who must exist and not be banned.
///
/// # Errors
/// 211 and 213.
pub fn active(uid: &str) -> Outcome<()> {
    match users::get(uid)? {
        None => Err(Failure::unknown_user(uid)),
        Some(user) if user.banned => Err(Failure::banned()),
        Some(_) => Ok(()),
    }
}

/// The parameters of a request: those of its body, and over them those of its query.
///
/// # Errors
/// 4406 if the body is not a JSON object.
pub fn params(request: &Request) -> Outcome<fields::Params> {
    use switchboard_plugin::hooks::dialect::Content;
    let mut params = match &request.content {
        Content::None => fields::Params::new(),
        Content::Text(text) => fields::parse(text)?,
        Content::Form(form) if form.is_empty() => fields::Params::new(),
        Content::Bytes(bytes) if bytes.is_empty() => fields::Params::new(),
        Content::Form(_) | Content::Multipart(_) | Content::Bytes(_) => {
            return Err(Failure::malformed("body", "must be JSON"));
        }
    };
    for param in &request.query {
        params.insert(param.name.clone(), param.value.clone().into());
    }
    Ok(params)
}
