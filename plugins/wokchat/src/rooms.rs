//! Rooms: groups that any member may bring others into.

use serde::Serialize;
use serde_json::{Value, json};
use switchboard_plugin::host::conversations_write::{self, NewConversation, Patch};
use switchboard_plugin::host::types::{Conversation, ConversationKind};

use crate::call::Call;
use crate::fault::{Fault, NO_SESSION, refused};
use crate::params::Params;
use crate::people::number;
use crate::sessions::{Place, Session};

/// A new room, as both ways in tell of it.
#[derive(Debug, Serialize)]
pub struct Made {
    session_id: Value,
    session: Session,
    new_session: Session,
}

/// A room with news for its members.
pub struct Room {
    pub made: Made,
    pub conversation: Conversation,
}

const NO_SUCH_USER: &str = "that_uid:用户不存在";

/// `create_room`: with one other user.
pub fn create(call: &Call<'_>, params: &Params) -> Result<Room, Fault> {
    with(call, &params.uid("that_uid")?)
}

/// `create_room_by_session`: with the other one of a session of two.
pub fn create_by_session(call: &Call<'_>, params: &Params) -> Result<Room, Fault> {
    let view = call.view(&params.id("session_id")?)?;
    let wrong = || Fault::new("会话类型错误，不能从群聊创建另一个群聊");
    with(call, view.peer.as_deref().ok_or_else(wrong)?)
}

fn with(call: &Call<'_>, that: &str) -> Result<Room, Fault> {
    if that == call.uid {
        return Err(Fault::new("群聊至少需要两个人"));
    }
    call.user(that, NO_SUCH_USER)?;
    let oneself = call.oneself()?;
    let new = NewConversation {
        kind: ConversationKind::Group,
        members: vec![that.to_owned()],
        name: format!("群聊：{}-{}", call.uid, call.clock().digits()),
        cover: String::new(),
        ext: Some(json!({ "remark": format!("[{}]创建的群聊", oneself.nickname) }).to_string()),
    };
    let created = conversations_write::create(Some(&call.uid), &new);
    let conversation = created.map_err(|error| refused(error, NO_SUCH_USER))?.conversation;
    let open = Patch {
        name: None,
        cover: None,
        ext: None,
        merge: None,
        muted: None,
        members_invite: Some(true),
    };
    conversations_write::update(Some(&call.uid), &conversation.id, &open)
        .map_err(|error| refused(error, NO_SESSION))?;
    let session = Session::of(&Place::of(&conversation), conversation.created_at, call);
    Ok(Room {
        made: Made {
            session_id: number(&conversation.id),
            session: session.clone(),
            new_session: session,
        },
        conversation,
    })
}

/// `add_user_to_room`: anyone in it may.
pub fn add(call: &Call<'_>, params: &Params) -> Result<Conversation, Fault> {
    let room = params.id("room_session_id")?;
    let that = params.uid("that_uid")?;
    let view = call.view(&room)?;
    if view.conversation.kind == ConversationKind::Direct {
        return Err(Fault::new("目标会话类型错误，不是群聊"));
    }
    call.user(&that, NO_SUCH_USER)?;
    conversations_write::add_members(Some(&call.uid), &room, &[that]).map_err(|error| refused(error, NO_SESSION))?;
    Ok(view.conversation)
}
