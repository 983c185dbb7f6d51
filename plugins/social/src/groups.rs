//! Changes of groups become frames: with the names of those they are about.

use serde_json::Value;
use switchboard_plugin::host::types::{Conversation, ConversationKind};
use switchboard_plugin::host::{config, kv};

use crate::frames::{self, Stamp};
use crate::people::{actor, card, cards, member_list};
use crate::system::{self, Change};

/// How long it is known on whose invitation someone has joined, in seconds.
const INVITED_BY: u32 = 3_600;

/// Whether this conversation is a group to this protocol.
pub const fn is_group(kind: ConversationKind) -> bool {
    !matches!(kind, ConversationKind::Direct)
}

/// Whether changes of groups are stored as system messages, and told by those.
pub fn are_stored() -> bool {
    let settings: Value = serde_json::from_str(&config::app()).unwrap_or_default();
    settings["system_messages"] == true
}

/// The frame that tells of a change.
pub fn tell(change: Change, group: &Conversation, stamp: &Stamp) -> String {
    let data = match change {
        Change::Edited(fields) => system::edited(&group.id, fields),
        Change::Invited { by, users } => {
            system::invited(group, &actor(by.as_deref()), &cards(&users), &member_list(&group.id))
        }
        Change::Joined { user } => {
            // Who has followed nobody's invitation came on their own.
            let inviter = inviter(&group.id, &user).unwrap_or_else(|| user.clone());
            system::joined(&group.id, &card(&user), &card(&inviter))
        }
        Change::Left { by, users } => system::removed(&group.id, &cards(&users), &actor(by.as_deref())),
    };
    frames::system(&data, stamp, None, Some(&group.id))
}

/// How long a new group may look new, in seconds.
const NEW: u32 = 5;

/// Keeps how a new group looks, whose opening to its members is no edit to tell of. System messages say who did it;
/// where none are stored, this does.
pub fn keep_new(group: &Conversation) {
    if !are_stored() {
        let _ = kv::set(&format!("new/{}", group.id), look(group).as_bytes(), Some(NEW));
    }
}

/// Whether a group still looks as it was made.
pub fn looks_new(group: &Conversation) -> bool {
    let kept = kv::get(&format!("new/{}", group.id)).ok().flatten();
    group.members_invite && !group.muted && kept.is_some_and(|kept| kept.value == look(group).as_bytes())
}

fn look(group: &Conversation) -> String {
    format!("{}\n{}", group.name, group.cover)
}

/// Keeps on whose invitation someone joins, until it is told.
pub fn keep_inviter(group: &str, joiner: &str, inviter: &str) {
    let _ = kv::set(&inviter_key(group, joiner), inviter.as_bytes(), Some(INVITED_BY));
}

fn inviter(group: &str, joiner: &str) -> Option<String> {
    let entry = kv::get(&inviter_key(group, joiner)).ok()??;
    String::from_utf8(entry.value).ok()
}

fn inviter_key(group: &str, joiner: &str) -> String {
    format!("inviter/{group}/{joiner}")
}
