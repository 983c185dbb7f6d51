//! Requests: the tenant's server (`wokchatadmin`) and users (`wokchatuser`) ask for the same things.

use std::cell::OnceCell;

use switchboard_plugin::hooks::dialect::{Request, Response};
use switchboard_plugin::host::types::Context;

use crate::accounts;
use crate::answer::{DONE, Nothing, SENT, failure, response, success};
use crate::call::{Call, Way};
use crate::fault::{Fault, MALFORMED, NO_APP};
use crate::greeting::Told;
use crate::history::{self, Direction};
use crate::identify::fields;
use crate::params::Params;
use crate::{proof, push, rooms, sending, sessions, upload};

/// What all calls of the tenant's server begin with.
pub const ADMIN: &str = "/api/wokchatadmin/";
/// What all calls of users begin with.
pub const USER: &str = "/api/wokchatuser/";

/// Answers a request, whatever it is.
pub fn answer(ctx: &Context, request: &Request) -> Response {
    response(route(ctx, request).unwrap_or_else(|fault| failure(&fault)))
}

fn route(ctx: &Context, request: &Request) -> Result<String, Fault> {
    let params = fields(request).ok_or_else(|| Fault::new(MALFORMED))?;
    // A mount may be for one app, whatever a request says.
    if params.required("app_id")? != ctx.app_id {
        return Err(Fault::new(NO_APP));
    }
    if let Some(name) = request.path.strip_prefix(ADMIN) {
        return admin(ctx, &name.to_ascii_lowercase(), &params);
    }
    match request.path.strip_prefix(USER) {
        Some(name) => user(ctx, &name.to_ascii_lowercase(), request, &params),
        None => Err(unknown()),
    }
}

fn unknown() -> Fault {
    Fault::new("接口不存在")
}

fn admin(ctx: &Context, name: &str, params: &Params) -> Result<String, Fault> {
    let _app = proof::of_app(params)?;
    if name == "pushuser" {
        return Ok(success(DONE, &accounts::push_user(params)?));
    }
    let call = Call {
        ctx,
        uid: params.uid("uid")?,
        way: Way::Admin,
        told: Told::default(),
        clock: OnceCell::new(),
    };
    call.oneself()?;
    match name {
        "createmsg" => Ok(success(SENT, &sending::from_user_to_user(&call, params)?.sent(&call))),
        _ => lists(&call, name, params),
    }
}

fn user(ctx: &Context, name: &str, request: &Request, params: &Params) -> Result<String, Fault> {
    let (uid, _proof) = proof::of_user(params)?;
    let call = Call {
        ctx,
        uid,
        way: Way::User,
        told: Told::default(),
        clock: OnceCell::new(),
    };
    Ok(match name {
        "connecttouser" => success(DONE, &sessions::connect_to_user(&call, params)?),
        "connecttosession" => success(DONE, &sessions::connect_to_session(&call, params)?),
        "sendbysession" => {
            let sent = sending::by_session(&call, params);
            let answer = sent.map_or_else(|fault| failure(&fault), |sent| success(SENT, &sent.sent(&call)));
            push::sent(&call, params, || answer.clone());
            answer
        }
        "createroom" => success(DONE, &rooms::create(&call, params)?.made),
        "createroombysession" => success(DONE, &rooms::create_by_session(&call, params)?.made),
        "addusertoroom" => {
            rooms::add(&call, params)?;
            success(DONE, &Nothing {})
        }
        "setsessionrank" => {
            sessions::set_rank(&call, params)?;
            success(DONE, &Nothing {})
        }
        "upfile" => success(DONE, &upload::keep(&call, request, params)?),
        _ => return lists(&call, name, params),
    })
}

/// What both may ask.
fn lists(call: &Call<'_>, name: &str, params: &Params) -> Result<String, Fault> {
    Ok(match name {
        "getsessionlist" => success(DONE, &sessions::list(call, params)?),
        "gethistorymessagelist" => success(DONE, &history::list(call, params, Direction::History)?.page),
        "getnewmessagelist" => success(DONE, &history::list(call, params, Direction::News)?.page),
        "getnewmessagecount" => success(DONE, &sessions::count(call, params)?),
        _ => return Err(unknown()),
    })
}
