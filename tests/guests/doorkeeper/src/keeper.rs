//! Asked about everything, it says in its log what it is shown and does what its configuration says of the attempt:
//! `allow` (also if nothing is said), `change`, `wrong` (a change that does not fit), `refuse`, `trap`, `write` (notes and
//! speaks, then allows), `write-refuse` (the same, then refuses) and `slow` (allows after a while).

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use switchboard_plugin::prelude::*;

/// What it takes to be slow.
const WHILE: Duration = Duration::from_millis(20);

/// Everything there is.
pub const EVERYTHING: [AttemptKind; 11] = [
    AttemptKind::Send,
    AttemptKind::Edit,
    AttemptKind::Recall,
    AttemptKind::React,
    AttemptKind::Join,
    AttemptKind::Leave,
    AttemptKind::Create,
    AttemptKind::Update,
    AttemptKind::Connect,
    AttemptKind::Upload,
    AttemptKind::DeliverOffline,
];

#[derive(Deserialize)]
struct Config {
    /// What to do at which attempt.
    #[serde(flatten)]
    orders: BTreeMap<String, String>,
    /// Where to speak.
    #[serde(default)]
    log: Option<String>,
}

/// Judges as it is told.
pub fn judge(sender: &Sender, attempt: &Attempt) -> Verdict {
    let name = name(attempt.kind());
    let who = sender.uid.as_deref().unwrap_or("the app");
    let role = match sender.role {
        Some(Role::Owner) => "owner",
        Some(Role::Admin) => "admin",
        Some(Role::Member) => "member",
        None => "no role",
    };
    let origin = sender.origin.as_deref().unwrap_or("nobody");
    info!("{name} by {who} ({role}, made by {origin}): {}", shown(attempt));
    let Ok(config) = config::read::<Config>() else {
        return Verdict::refuse("bad_config", "The configuration cannot be read.");
    };
    let refused = || Verdict::refuse(format!("no_{}", name.replace('-', "_")), "Not here.");
    match config.orders.get(name).map_or("allow", String::as_str) {
        "change" => Verdict::Change(change(attempt)),
        "wrong" => Verdict::Change(wrong(attempt)),
        "refuse" => refused(),
        "trap" => panic!("trapped, as told"),
        "slow" => {
            thread::sleep(WHILE);
            Verdict::Allow
        }
        word @ ("write" | "write-refuse") => match write(name, &config) {
            Ok(()) if word == "write" => Verdict::Allow,
            Ok(()) => refused(),
            Err(error) => Verdict::refuse("write_failed", error),
        },
        _ => Verdict::Allow,
    }
}

fn write(name: &str, config: &Config) -> Result<(), String> {
    kv::increment(&format!("asked/{name}"), 1, None)?;
    match &config.log {
        Some(log) => reply(log, format!("after {name}"))
            .send()
            .map(|_| ())
            .map_err(String::from),
        None => Ok(()),
    }
}

const fn name(kind: AttemptKind) -> &'static str {
    match kind {
        AttemptKind::Send => "send",
        AttemptKind::Edit => "edit",
        AttemptKind::Recall => "recall",
        AttemptKind::React => "react",
        AttemptKind::Join => "join",
        AttemptKind::Leave => "leave",
        AttemptKind::Create => "create",
        AttemptKind::Update => "update",
        AttemptKind::Connect => "connect",
        AttemptKind::Upload => "upload",
        AttemptKind::DeliverOffline => "deliver-offline",
    }
}

/// What it is shown, in a line.
fn shown(attempt: &Attempt) -> String {
    let none = || "-".to_owned();
    match attempt {
        Attempt::Send(draft) => draft.text().unwrap_or_default(),
        Attempt::Edit(edit) => format!(
            "{} becomes {}",
            edit.message.text().unwrap_or_default(),
            attempt.text().unwrap_or_default()
        ),
        Attempt::Recall(message) => message.text().unwrap_or_default(),
        Attempt::React(reaction) => format!(
            "{} {} {}",
            if reaction.add { "puts" } else { "takes" },
            reaction.emoji,
            reaction.message.text().unwrap_or_default()
        ),
        Attempt::Join(moved) | Attempt::Leave(moved) => format!(
            "{} in a conversation of {} by {}",
            moved.uids.join(","),
            moved.conversation.member_count,
            moved.by.as_deref().unwrap_or("the app")
        ),
        Attempt::Create(founding) => format!(
            "{:?} {} {} of {}",
            founding.kind,
            founding.name,
            founding.ext,
            founding.members.join(",")
        ),
        Attempt::Update(change) => format!(
            "{} to {} {} {:?} {:?}",
            change.conversation.name,
            change.name.clone().unwrap_or_else(none),
            change.ext.clone().unwrap_or_else(none),
            change.muted,
            change.members_invite
        ),
        Attempt::Connect(login) => format!(
            "{} on {} by {} from {}",
            login.uid,
            login.device,
            login.dialect.as_deref().unwrap_or("native"),
            login.remote
        ),
        Attempt::Upload(upload) => format!(
            "{} {} {} {}",
            upload.name,
            upload.mime,
            upload.size,
            upload.owner.clone().unwrap_or_else(none)
        ),
        Attempt::DeliverOffline(offline) => {
            format!(
                "{}: {}",
                offline.message.text().unwrap_or_default(),
                offline.uids.join(",")
            )
        }
    }
}

/// A change that fits, where anything can be changed.
fn change(attempt: &Attempt) -> Change {
    let details = |name: &str| {
        Change::Details(Details {
            name: Some(format!("{name}, seen")),
            cover: None,
            ext: Some(r#"{"seen":true}"#.to_owned()),
        })
    };
    match attempt {
        Attempt::Send(_) | Attempt::Edit(_) => {
            Change::Body(text_body(&format!("{}, seen", attempt.text().unwrap_or_default())))
        }
        Attempt::React(_) => Change::Emoji("👀".to_owned()),
        Attempt::Join(moved) | Attempt::Leave(moved) => Change::Uids(moved.uids.iter().take(1).cloned().collect()),
        Attempt::DeliverOffline(offline) => Change::Uids(offline.uids.iter().take(1).cloned().collect()),
        Attempt::Create(founding) => details(&founding.name),
        Attempt::Update(alteration) => details(alteration.name.as_deref().unwrap_or_default()),
        Attempt::Upload(upload) => Change::Name(format!("../seen-{}", upload.name)),
        Attempt::Recall(_) | Attempt::Connect(_) => wrong(attempt),
    }
}

/// One that does not.
fn wrong(attempt: &Attempt) -> Change {
    match attempt {
        Attempt::Send(_) | Attempt::Edit(_) => Change::Body(r#"{"text":""}"#.to_owned()),
        Attempt::React(_) => Change::Emoji(String::new()),
        Attempt::Join(_) | Attempt::Leave(_) | Attempt::DeliverOffline(_) => {
            Change::Uids(vec!["a stranger".to_owned()])
        }
        Attempt::Create(_) | Attempt::Update(_) => Change::Details(Details {
            name: Some("x".repeat(101)),
            cover: None,
            ext: None,
        }),
        Attempt::Recall(_) | Attempt::Connect(_) | Attempt::Upload(_) => Change::Emoji("👀".to_owned()),
    }
}
