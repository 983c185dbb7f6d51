//! Requests: fields in, `{code, msg, data}` out, the caller by `token`.

mod blacklist;
mod group;
mod upload;
mod user;

use serde_json::{Value, json};
use switchboard_plugin::hooks::dialect::{Request, Response};
use switchboard_plugin::host::proofs::{self, Unproven};
use switchboard_plugin::host::types::Context;

use crate::answer::{Done, Fault, respond};
use crate::params::Params;

/// A request, read.
pub struct Call<'a> {
    /// The host's.
    pub ctx: &'a Context,
    /// As it came.
    pub request: &'a Request,
    /// Its fields.
    pub params: Params,
}

impl Call<'_> {
    /// The user whose token this is.
    pub fn caller(&self) -> Done<String> {
        let given = self.request.parameter("token").filter(|token| !token.is_empty());
        let given = given.map(str::to_owned).or_else(|| self.params.text("token"));
        user_of(&given.ok_or_else(|| Fault::stranger("not logged in: token is missing"))?)
    }
}

/// The user whose token this is: from now on the call can act as that user.
fn user_of(token: &str) -> Done<String> {
    let proof = proofs::by_token(token).map_err(unproven)?;
    proof.user().ok_or_else(|| Fault::stranger("this token is of no user"))
}

/// Why a token, or anything else, is no proof.
pub fn unproven(why: Unproven) -> Fault {
    Fault::stranger(match why {
        Unproven::Wrong => "not logged in: the token is not right",
        Unproven::Expired => "not logged in: the token has expired",
        Unproven::UnknownUser => "not logged in: no such user",
        Unproven::Banned => "this user is banned",
        Unproven::NotAllowed => "not logged in: a token is needed",
    })
}

/// Answers a request.
pub fn answer(ctx: &Context, request: &Request) -> Response {
    if request.method != "POST" {
        return respond(Err(Fault::bad(format!(
            "{} is not answered here: POST",
            request.method
        ))));
    }
    respond(Params::of(request).and_then(|params| route(&Call { ctx, request, params })))
}

fn route(call: &Call<'_>) -> Done<Value> {
    match call.request.path.trim_end_matches('/') {
        "/user/register" => user::register(call),
        "/user/update" => user::update(call),
        "/blacklist/add" => blacklist::change(call, true),
        "/blacklist/remove" => blacklist::change(call, false),
        "/group/create" => group::create(call),
        "/group/edit" => group::edit(call),
        "/group/invite" => group::invite(call),
        "/group/join" => group::join(call),
        "/group/remove" => group::remove(call),
        "/group/dissolve" => group::dissolve(call),
        "/group/info" => group::info(call),
        "/group/members" => group::members(call),
        "/upload" => upload::upload(call),
        path => Err(Fault::bad(format!("no such path: {path}"))),
    }
}

/// Nothing to tell but that it is done.
fn nothing() -> Value {
    json!({})
}
