//! Tries the ids of another app, which its configuration names, at every capability that takes one, and tells its log
//! what came of each, a line each.

use serde::Deserialize;
use switchboard_plugin::host::types::{Algorithm, Part, Recipe};
use switchboard_plugin::host::{
    contacts, conversations_write as rooms, credentials, files, impersonation, messages_edit, proofs, search,
    signatures, timers, users_write, webhooks,
};
use switchboard_plugin::prelude::*;

use crate::outcome::told;

/// What is known of the other app, and of one's own.
#[derive(Deserialize)]
struct Ids {
    theirs: Theirs,
    user: String,
    room: String,
}

#[derive(Deserialize)]
struct Theirs {
    app: String,
    secret: String,
    token: String,
    user: String,
    nickname: String,
    phone: String,
    room: String,
    message: String,
    nonce: String,
    file: String,
    url: String,
}

#[derive(Deserialize)]
struct Wish {
    spy: Ids,
}

/// Tries all, if the configuration says so; in an endpoint, where it can prove who it acts for, what needs a proof.
pub fn pry(in_endpoint: bool) {
    let Ok(Wish { spy }) = config::read() else {
        return;
    };
    let parts: &[fn(&Ids) -> Found] = if in_endpoint {
        &[proven]
    } else {
        &[people, secrets, seen, changed, said, rest]
    };
    for (what, outcome) in parts.iter().flat_map(|part| part(&spy)) {
        info!("{what}: {outcome}");
    }
    info!("done");
}

type Found = Vec<(&'static str, String)>;

fn people(Ids { theirs, user, .. }: &Ids) -> Found {
    let them = &theirs.user;
    vec![
        ("users.get", told(users::get(them))),
        ("users.get-many", told(users::get_many(std::slice::from_ref(them)))),
        ("users.by-attribute", told(users::by_attribute("phone", &theirs.phone))),
        ("users-write.ban", told(users_write::ban(them, "spite"))),
        ("users-write.unban", told(users_write::unban(them))),
        ("contacts.befriend", told(contacts::befriend(user, them))),
        ("contacts.befriend, theirs first", told(contacts::befriend(them, user))),
        ("contacts.unfriend", told(contacts::unfriend(user, them))),
        ("contacts.set-remark", told(contacts::set_remark(them, user, "x"))),
        (
            "contacts.friends",
            told(contacts::friends(them, 0, 10).map(|page| page.friends)),
        ),
        ("contacts.block", told(contacts::block(them, user))),
        ("contacts.unblock", told(contacts::unblock(them, user))),
        ("contacts.blocked", told(contacts::blocked(them))),
        ("connections.online", told(connections::online(them))),
        ("connections.was-told", told(connections::was_told(them))),
        ("connections.push", told(connections::push(them, "boo", "{}"))),
        ("connections.disconnect", told(connections::disconnect(them, "boo"))),
        ("search.users", told(search::users(&theirs.nickname, None, 10))),
    ]
}

fn secrets(Ids { theirs, .. }: &Ids) -> Found {
    let them = &theirs.user;
    vec![
        ("credentials.set-token", told(credentials::set_token(them, None))),
        ("credentials.token-of", told(credentials::token_of(them))),
        (
            "credentials.issue-token",
            told(credentials::issue_token(them, 60, None)),
        ),
        ("credentials.revoke-tokens", told(credentials::revoke_tokens(them))),
        ("credentials.set-password", told(credentials::set_password(them, "x"))),
        (
            "signatures.sign",
            told(signatures::sign(&recipe(Part::Token(them.clone())))),
        ),
    ]
}

fn recipe(part: Part) -> Recipe {
    Recipe {
        algorithm: Algorithm::Md5,
        parts: vec![part],
    }
}

fn proven(Ids { theirs, .. }: &Ids) -> Found {
    let them = &theirs.user;
    let (by_token, by_secret) = (recipe(Part::Token(them.clone())), recipe(Part::Secret));
    let proof = |proof: Result<proofs::Proof, proofs::Unproven>| match proof {
        Ok(_) => "proven".to_owned(),
        Err(why) => why.name().to_owned(),
    };
    vec![
        ("proofs.by-secret", proof(proofs::by_secret(&theirs.secret))),
        ("proofs.by-token", proof(proofs::by_token(&theirs.token))),
        ("proofs.by-password", proof(proofs::by_password(them, "password"))),
        ("proofs.by-trust", proof(proofs::by_trust(them))),
        (
            "proofs.by-signature",
            proof(proofs::by_signature(&by_secret, &theirs.secret, None)),
        ),
        (
            "proofs.by-user-signature",
            proof(proofs::by_user_signature(them, &by_token, &theirs.token, None)),
        ),
        ("impersonation.of-user", proof(impersonation::of_user(them))),
    ]
}

fn seen(Ids { theirs, user, room }: &Ids) -> Found {
    let (them, place) = (&theirs.user, &theirs.room);
    let filter = |id: Option<&str>, member: Option<&str>| conversations::Filter {
        id: id.map(str::to_owned),
        kind: None,
        creator: None,
        member: member.map(str::to_owned),
        name: None,
    };
    let count = |filter| told(conversations::query(&filter, 0, 10).map(|page| (page.conversations.len(), page.total)));
    let listing = conversations::Listing {
        viewer: them.clone(),
        skip: 0,
        limit: 10,
        keyword: None,
        kinds: Vec::new(),
        unread_only: false,
    };
    let page = |conversation_id: &str, viewer: Option<&str>, place| messages::PageRequest {
        conversation_id: conversation_id.to_owned(),
        viewer: viewer.map(str::to_owned),
        place,
        limit: 10,
        since: None,
        until: None,
    };
    let after = messages::Place::AfterId(theirs.message.clone());
    let pages = |request| told(messages::page(&request).map(|page| page.messages.len()));
    vec![
        ("conversations.get", told(conversations::get(place))),
        ("conversations.seat-of", told(conversations::seat_of(place, user))),
        (
            "conversations.seat-of, theirs",
            told(conversations::seat_of(place, them)),
        ),
        ("conversations.seen-by", told(conversations::seen_by(place, user))),
        (
            "conversations.seen-by, theirs",
            told(conversations::seen_by(place, them)),
        ),
        ("conversations.members", told(conversations::members(place, None, 10))),
        ("conversations.direct", told(conversations::direct(user, them))),
        ("conversations.query, by id", count(filter(Some(place), None))),
        ("conversations.query, by member", count(filter(None, Some(them)))),
        (
            "conversations.list-of",
            told(conversations::list_of(&listing).map(|page| page.views.len())),
        ),
        ("conversations.marks", told(conversations::marks(place))),
        (
            "conversations.notices",
            told(conversations::notices(place, 0, 10).map(|page| page.total)),
        ),
        ("messages.get", told(messages::get(&theirs.message))),
        ("messages.history", told(messages::history(place, None, 10))),
        ("messages.page", pages(page(place, None, messages::Place::End))),
        (
            "messages.page, theirs",
            pages(page(place, Some(them), messages::Place::End)),
        ),
        (
            "messages.page, own room after theirs",
            pages(page(room, Some(user), after)),
        ),
        ("messages.count", told(messages::count(place, None))),
        ("messages.by-nonce", told(messages::by_nonce(place, &theirs.nonce))),
        (
            "messages.by-nonce, own room",
            told(messages::by_nonce(room, &theirs.nonce)),
        ),
        (
            "search.conversations",
            told(search::conversations(&theirs.nickname, them, 10)),
        ),
        (
            "search.messages",
            told(search::messages("secret", user, Some(place), 10).map(|found| found.len())),
        ),
        (
            "search.messages, theirs",
            told(search::messages("secret", them, None, 10).map(|found| found.len())),
        ),
    ]
}

fn changed(Ids { theirs, user, room }: &Ids) -> Found {
    let (them, place) = (&theirs.user, &theirs.room);
    let patch = rooms::Patch {
        name: Some("taken over".to_owned()),
        cover: None,
        ext: None,
        merge: None,
        muted: None,
        members_invite: None,
    };
    let prefer = rooms::PreferencesPatch {
        pinned: Some(true),
        rank: None,
        do_not_disturb: None,
    };
    let (me, they) = (std::slice::from_ref(user), std::slice::from_ref(them));
    vec![
        ("conversations-write.update", told(rooms::update(None, place, &patch))),
        (
            "conversations-write.update, theirs",
            told(rooms::update(Some(them), place, &patch)),
        ),
        (
            "conversations-write.announce",
            told(rooms::announce(None, place, "boo")),
        ),
        ("conversations-write.dissolve", told(rooms::dissolve(None, place))),
        (
            "conversations-write.add-members",
            told(rooms::add_members(None, place, me)),
        ),
        (
            "conversations-write.remove-members",
            told(rooms::remove_members(None, place, they)),
        ),
        (
            "conversations-write.remove-members, own room",
            told(rooms::remove_members(None, room, they)),
        ),
        ("conversations-write.join", told(rooms::join(user, place))),
        ("conversations-write.join, theirs", told(rooms::join(them, place))),
        ("conversations-write.leave", told(rooms::leave(them, place))),
        (
            "conversations-write.set-role",
            told(rooms::set_role(None, place, them, Role::Member)),
        ),
        (
            "conversations-write.mute-member",
            told(rooms::mute_member(None, place, them, Some(u64::MAX >> 1))),
        ),
        ("conversations-write.prefer", told(rooms::prefer(them, place, prefer))),
        (
            "conversations-write.set-mark",
            told(rooms::set_mark(them, place, Some(1), Some(1))),
        ),
        ("conversations-write.open", told(rooms::open(them, place))),
        ("conversations-write.typing", told(rooms::typing(them, place, true))),
    ]
}

fn said(Ids { theirs, user, room }: &Ids) -> Found {
    let (them, place, message) = (&theirs.user, &theirs.room, &theirs.message);
    let delivery = messages_send::Delivery {
        nonce: Some(theirs.nonce.clone()),
        mention_all: false,
        echo: messages_send::Echo::All,
    };
    let submitted = messages_send::submit(&reply(place, "boo").as_user(them), &delivery);
    let body = text_body("boo");
    vec![
        ("messages-send.send", told(reply(place, "boo").send())),
        (
            "messages-send.send, theirs",
            told(reply(place, "boo").as_user(them).send()),
        ),
        (
            "messages-send.send, theirs in own room",
            told(reply(room, "boo").as_user(them).send()),
        ),
        (
            "messages-send.send, an answer to theirs",
            told(reply(room, "boo").reply_to(message).send()),
        ),
        ("messages-send.submit", told(submitted.map(drop))),
        ("messages-edit.edit", told(messages_edit::edit(None, message, &body))),
        (
            "messages-edit.edit, theirs",
            told(messages_edit::edit(Some(them), message, &body)),
        ),
        ("messages-edit.recall", told(messages_edit::recall(None, message))),
        (
            "messages-edit.hide",
            told(messages_edit::hide(them, std::slice::from_ref(message))),
        ),
        ("messages-edit.clear", told(messages_edit::clear(them, place))),
        (
            "messages-edit.react",
            told(messages_edit::react(user, message, "👍", true)),
        ),
        ("messages-edit.act", told(messages_edit::act(None, message, "{}"))),
    ]
}

fn rest(Ids { theirs, .. }: &Ids) -> Found {
    let signed = webhooks::Webhook {
        url: "https://example.invalid/".to_owned(),
        headers: vec![webhooks::Header {
            name: "x-token".to_owned(),
            value: webhooks::HeaderValue::Signature(recipe(Part::Token(theirs.user.clone()))),
        }],
        body: String::new(),
        order_key: None,
    };
    vec![
        ("kv.get", told(kv::get("kept"))),
        ("kv.scan", told(kv::scan("", None, 10))),
        ("timers.get", told(timers::get("kept"))),
        ("timers.cancel", told(timers::cancel("kept"))),
        ("timers.all", told(timers::all(None, 10))),
        ("files.get", told(files::get(&theirs.file))),
        ("files.delete", told(files::delete(&theirs.file))),
        ("files.keep", told(files::keep(&theirs.file, None))),
        (
            "metrics.count",
            told(metrics::count("stolen", &[("app", &theirs.app)], 1)),
        ),
        (
            "http.fetch",
            told(http::get(&theirs.url).send().map(|answer| answer.status)),
        ),
        ("webhooks.post", told(webhooks::post(&signed).map(drop))),
    ]
}
