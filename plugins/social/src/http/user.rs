//! Users: who they are, and their way in.

use serde_json::Value;
use switchboard_plugin::host::types::ConversationKind;
use switchboard_plugin::host::users_write::{self, Patch};
use switchboard_plugin::host::{conversations, credentials, proofs, users};
use switchboard_plugin::warn;

use super::{Call, unproven, user_of};
use crate::answer::{Done, Fault};
use crate::frames::{self, Card, Stamp};
use crate::params::Params;
use crate::people::card_of;
use crate::{pending, system};

/// How long a token is good, in seconds: a year.
const TOKEN: u32 = 365 * 24 * 60 * 60;

/// Users who are told of a new profile when they come: each costs two questions to the host.
const TOLD: usize = 100;

/// Makes a user and a token. For a user who is there already it takes a token of that user, the app's secret, or an app
/// that trusts everyone: else whoever knows a name could take it.
pub fn register(call: &Call<'_>) -> Done<Value> {
    if call.params.text("app_id").is_some_and(|app| app != call.ctx.app_id) {
        return Err(Fault::bad("this app_id is another app's"));
    }
    let uid = call.params.need("app_user_id")?;
    let patch = patch(&call.params)?;
    let known = users::get(&uid)?;
    if known.as_ref().is_some_and(|user| user.banned) {
        return Err(Fault::stranger("this user is banned"));
    }
    if known.is_some() {
        prove(call, &uid)?;
    }
    let put = users_write::put(&uid, &patch)?;
    if known.is_none() && !put.created {
        // Someone was faster.
        prove(call, &uid)?;
    }
    let token = credentials::issue_token(&uid, TOKEN, None)?;
    let mut data = card_of(put.user).full();
    data["token"] = token.into();
    Ok(data)
}

fn prove(call: &Call<'_>, uid: &str) -> Done<()> {
    let token = call.request.parameter("token").map(str::to_owned);
    if let Some(token) = token.or_else(|| call.params.text("token")) {
        return if user_of(&token)? == uid {
            Ok(())
        } else {
            Err(Fault::stranger("this token is another user's"))
        };
    }
    if let Some(secret) = call.params.text("secret") {
        return proofs::by_secret(&secret).map(drop).map_err(unproven);
    }
    let trusted = proofs::by_trust(uid).map(drop);
    trusted.map_err(|_| Fault::stranger("this app_user_id is taken: its token, or the app's secret, is needed"))
}

/// Changes the caller's profile.
pub fn update(call: &Call<'_>) -> Done<Value> {
    let uid = call.caller()?;
    let put = users_write::put(&uid, &patch(&call.params)?)?;
    let card = card_of(put.user);
    let frame = frames::system(
        &system::profile(&card),
        &Stamp::made(call.ctx.now, &format!("10/{uid}")),
        Some(&uid),
        None,
    );
    keep_for_acquaintances(&card, &frame);
    Ok(card.full())
}

fn patch(params: &Params) -> Done<Patch> {
    Ok(Patch {
        nickname: params.words("nickname")?,
        avatar: params.words("head")?,
        attributes: None,
    })
}

/// Those who share a conversation and are not there hear of a new profile when they come. To lose one of these is no
/// error: every message carries its sender's name.
fn keep_for_acquaintances(card: &Card, frame: &str) {
    let listing = conversations::Listing {
        viewer: card.uid.clone(),
        skip: 0,
        limit: 50,
        keyword: None,
        kinds: vec![
            ConversationKind::Direct,
            ConversationKind::Temporary,
            ConversationKind::Group,
        ],
        unread_only: false,
    };
    let Ok(page) = conversations::list_of(&listing) else {
        return;
    };
    let mut others: Vec<String> = Vec::new();
    for view in page.views {
        if others.len() >= TOLD {
            break;
        }
        match view.peer {
            Some(peer) => others.push(peer),
            None => {
                let members = conversations::members(&view.conversation.id, None, 1_000).unwrap_or_default();
                others.extend(members.into_iter().map(|member| member.uid));
            }
        }
    }
    others.sort();
    others.dedup();
    others.retain(|uid| *uid != card.uid);
    others.truncate(TOLD);
    let kept = pending::keep_for_absent(
        others.iter().map(String::as_str),
        &format!("10-{}", card.uid),
        frame.to_owned(),
    );
    if let Err(error) = kept {
        warn!("a new profile is not kept: {}", String::from(error));
    }
}
