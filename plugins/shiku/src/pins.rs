//! Chats that are pinned to the top. A direct one is made if the two have not spoken yet.

use switchboard_plugin::host::conversations;
use switchboard_plugin::host::conversations_write::{self, PreferencesPatch};

use crate::envelope::{Failure, Outcome};
use crate::ids;
use crate::params::{Params, wrong};
use crate::people;
use crate::rooms;
use crate::send;

/// `/tigase/dialog/add`
pub fn add(uid: &str, params: &Params) -> Outcome {
    let jid = params.need("jid")?;
    let conversation = if ids::user_number(jid).is_some() {
        let peer = people::user_of(jid)?;
        if peer.uid == uid {
            return Err(wrong("jid"));
        }
        send::direct(uid, &peer.uid)?
    } else {
        rooms::find(uid, jid)?.conversation.id
    };
    prefer(uid, &conversation, true)
}

/// `/tigase/dialog/delete`
pub fn delete(uid: &str, params: &Params) -> Outcome {
    let jid = params.need("jid")?;
    let conversation = if ids::user_number(jid).is_some() {
        let peer = people::user_of(jid)?;
        let direct = conversations::direct(uid, &peer.uid)?;
        direct.ok_or_else(|| Failure::unknown("会话"))?.id
    } else {
        rooms::find(uid, jid)?.conversation.id
    };
    prefer(uid, &conversation, false)
}

fn prefer(uid: &str, conversation: &str, pinned: bool) -> Outcome {
    let patch = PreferencesPatch {
        pinned: Some(pinned),
        rank: None,
        do_not_disturb: None,
    };
    conversations_write::prefer(uid, conversation, patch)?;
    Ok(None)
}
