//! The document's addresses, in its order. Methods other than GET and POST are none of them.

use switchboard_plugin::hooks::dialect::{Request, Response};

use crate::envelope::{self, Failure, Outcome};
use crate::params::Params;
use crate::{account, caller, chats, console, deletion, friends, members, pins, rooms, search, upload};

/// What the mount answers.
pub const PATHS: [&str; 7] = [
    "/config",
    "/user/*",
    "/friends/*",
    "/room/*",
    "/tigase/*",
    "/upload/*",
    "/console/*",
];
/// What the mount answers as a socket.
pub const SOCKETS: [&str; 1] = ["/ws"];

type Handler = fn(&str, &Params) -> Outcome;

/// Handlers of what a user asks.
fn handler(path: &str) -> Option<Handler> {
    Some(match path {
        "/user/get" => friends::profile,
        "/friends/page" => friends::page,
        "/friends/add" => friends::add,
        "/room/list/his" => rooms::list,
        "/room/add" => rooms::add,
        "/room/get" => rooms::get,
        "/room/update" => rooms::update,
        "/room/noticesPage" => rooms::notices,
        "/room/transfer" => members::transfer,
        "/room/member/list" => members::list,
        "/room/member/setOfflineNoPushMsg" => members::set_offline_no_push,
        "/room/member/delete" => members::delete,
        "/room/member/update" => members::update,
        "/tigase/getLastChatList" => chats::last,
        "/tigase/shiku_muc_msgs" => chats::of_room,
        "/tigase/shiku_msgs" => chats::direct,
        "/tigase/deleteMsg" => deletion::delete,
        "/tigase/search" => search::search,
        "/tigase/dialog/add" => pins::add,
        "/tigase/dialog/delete" => pins::delete,
        "/console/oneSendOne" => console::one_send_one,
        _ => return None,
    })
}

/// Answers a request.
pub fn answer(request: &Request, now: u64) -> Response {
    let params = Params::of(request);
    let path = request.path.trim_end_matches('/');
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return Failure::because("不支持的请求方式").response(now);
    }
    let outcome = match path {
        "/config" => friends::config(&request.base),
        "/user/register" => account::register(&params, now),
        "/user/login" => account::login(&params),
        "/upload/UploadServlet" => return upload::answer(request, &params, now),
        _ => match handler(path) {
            Some(handler) => caller::of(&params).and_then(|uid| handler(&uid, &params)),
            None => Err(Failure::NoPath),
        },
    };
    if path == "/tigase/shiku_muc_msgs"
        && let Ok(Some(data)) = outcome
    {
        return envelope::with_empty_words(&data, now);
    }
    envelope::response(outcome, now)
}
