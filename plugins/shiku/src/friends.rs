//! Profiles, friends, and what the app tells every client.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use switchboard_plugin::host::conversations::{self, Listing};
use switchboard_plugin::host::types::{ConversationKind, View};
use switchboard_plugin::host::{contacts, users};
use switchboard_plugin::number_of;

use crate::caller;
use crate::config;
use crate::envelope::{Failure, Outcome};
use crate::order;
use crate::params::{Params, wrong};
use crate::people::{self, People};
use crate::profile;
use crate::room_json::seconds;

/// Friends in one answer.
const FRIENDS: u32 = 500;

/// `/config`: where things are. It needs no token.
pub fn config(base: &str) -> Outcome {
    let (app, prefix) = (config::app(), config::install().prefix);
    let socket = base.replacen("http", "ws", 1);
    Ok(Some(json!({
        "apiUrl": format!("{base}{prefix}/"), "uploadUrl": format!("{base}{prefix}/"),
        "downloadUrl": format!("{base}/"), "downloadAvatarUrl": format!("{base}/"),
        "wsUrl": format!("{socket}{prefix}/ws"), "appName": app.name, "anonymousUpload": u8::from(app.anonymous_uploads),
        "isOpenRegister": 1, "isOpenCluster": 0, "fileValidTime": -1, "chatRecordTimeOut": -1, "maxUserSize": 1000,
    })))
}

/// `/user/get`: one's own profile, or *(ours)* that of `userId`, without phones.
pub fn profile(uid: &str, params: &Params) -> Outcome {
    let user = match params.get("userId") {
        Some(number) => people::user_of(number)?,
        None => users::get(uid)?.ok_or_else(|| Failure::unknown("用户"))?,
    };
    Ok(Some(profile::full(&user, user.uid == uid)))
}

/// `/friends/add`
pub fn add(uid: &str, params: &Params) -> Outcome {
    let friend = people::user_of(params.need("toUserId")?)?;
    if friend.uid == uid {
        return Err(wrong("toUserId"));
    }
    contacts::befriend(uid, &friend.uid)?;
    Ok(None)
}

/// `/friends/page`
pub fn page(uid: &str, params: &Params) -> Outcome {
    caller::is_meant(uid, params, "userId")?;
    let page = params.page(50, FRIENDS)?;
    let friends = contacts::friends(uid, page.start(), page.size)?;
    let people = People::of(friends.friends.iter().map(|friend| friend.uid.as_str()))?;
    let blocked: HashSet<String> = contacts::blocked(uid)?.into_iter().collect();
    let chats = chats_of(uid)?;
    let row = |friend: &contacts::Friend| {
        let shown = if friend.remark.is_empty() {
            people.name(&friend.uid)
        } else {
            &friend.remark
        };
        let chat = chats.get(&friend.uid);
        let pinned = chat.and_then(|view| view.preferences.pinned_at).unwrap_or_default();
        let quiet = chat.is_some_and(|view| view.preferences.do_not_disturb);
        let last = chat
            .and_then(|view| view.last_message.as_ref())
            .map(|message| message.created_at);
        json!({
            "account": profile::account(&friend.uid), "blacklist": u8::from(blocked.contains(&friend.uid)),
            "chatRecordTimeOut": -1.0, "createTime": seconds(friend.since), "encryptType": 0, "fromAddType": 4,
            "hideChatSwitch": 0, "hiding": -1, "isBeenBlack": 0, "isOpenSnapchat": 0,
            "lastTalkTime": seconds(last.unwrap_or_default()), "modifyTime": 0,
            "msgNum": chat.map_or(0, |view| view.unread), "offlineNoPushMsg": u8::from(quiet),
            "openTopChatTime": pinned, "orderKey": order::key(shown), "status": 2, "toFriendsRole": [2],
            "toNickname": shown, "toUserId": number_of(&friend.uid), "toUserType": 2, "userId": number_of(uid),
        })
    };
    let rows: Vec<Value> = friends.friends.iter().map(row).collect();
    Ok(Some(json!({
        "pageCount": friends.total.div_ceil(page.size), "pageData": rows, "pageIndex": page.index,
        "pageSize": page.size, "start": page.start(), "total": friends.total,
    })))
}

/// The user's newest direct conversations by the other user.
fn chats_of(uid: &str) -> Result<HashMap<String, View>, Failure> {
    let listing = Listing {
        viewer: uid.to_owned(),
        skip: 0,
        limit: FRIENDS,
        keyword: None,
        kinds: vec![ConversationKind::Direct],
        unread_only: false,
    };
    let views = conversations::list_of(&listing)?.views;
    Ok(views
        .into_iter()
        .filter_map(|view| Some((view.peer.clone()?, view)))
        .collect())
}
