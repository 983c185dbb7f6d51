//! A room, its members and its announcements as the document prints them. Times are seconds, but that of a pin, which is
//! only there to be compared: milliseconds, so that two pins of one second keep their order.

use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::{Conversation, Notice, Preferences, Role};
use switchboard_plugin::number_of;

use crate::ids;
use crate::people;

/// How many members the document says a room may have.
const MEMBERS: u32 = 1_000;

/// What this protocol keeps in a room's own data.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ext {
    /// The jid its maker has chosen.
    pub jid: Option<String>,
    /// Words about the room.
    pub desc: String,
    /// Whether it is shown who has read what.
    pub show_read: bool,
    /// The room is one of this protocol, in which every member may bring others in.
    pub ours: bool,
}

impl Ext {
    /// Out of the data; what another system keeps there says nothing.
    pub fn of(conversation: &Conversation) -> Self {
        let ext: Value = serde_json::from_str(&conversation.ext).unwrap_or_default();
        Self {
            jid: ext["jid"].as_str().map(str::to_owned),
            desc: ext["desc"].as_str().unwrap_or_default().to_owned(),
            show_read: ext["showRead"] == 1,
            ours: ext["jid"].is_string(),
        }
    }
}

/// A room without its members.
pub fn room(conversation: &Conversation, jid: &str, owner_name: &str) -> Map<String, Value> {
    let ext = Ext::of(conversation);
    let created = seconds(conversation.created_at);
    let owner = conversation.owner.as_ref().or(conversation.creator.as_ref());
    let invite = conversation.members_invite || ext.ours;
    let notices: Vec<Value> = conversation
        .notice
        .iter()
        .map(|latest| notice(latest, conversation, owner_name))
        .collect();
    let latest = notices.first().cloned();
    let room = json!({
        "adminMaxNumber": 50, "allowConference": 1, "allowHostUpdate": 1, "allowInviteFriend": u8::from(invite),
        "allowOpenLive": 1, "allowSendCard": 1, "allowSpeakCourse": 1, "allowUploadFile": 1,
        "chatRecordTimeOut": -1.0, "createTime": created, "desc": ext.desc, "encryptType": 0,
        "id": ids::hex24(&conversation.id), "inGroup": false, "isAttritionNotice": 1, "isLook": 1,
        "isNeedVerify": 0, "isSecretGroup": 0, "jid": jid, "liveStatus": 0, "loc": { "lat": 0.0, "lng": 0.0 },
        "maxUserSize": MEMBERS, "meetingStatus": 0,
        "modifyTime": conversation.updated_at.map_or(created, seconds), "name": conversation.name,
        "nickname": owner_name, "notice": latest.unwrap_or_else(|| json!({ "modifyTime": 0, "time": 0 })),
        "notices": notices, "s": 1, "showMember": 1, "showRead": u8::from(ext.show_read), "subject": "", "tags": [],
        "talkTime": u8::from(conversation.muted), "userId": owner.map_or(0, |uid| number_of(uid)),
        "userSize": conversation.member_count, "withdrawTime": 0,
    });
    match room {
        Value::Object(room) => room,
        _ => Map::new(),
    }
}

/// A member of a room.
pub struct Seat<'a> {
    /// Who.
    pub uid: &'a str,
    /// What the member is called.
    pub name: &'a str,
    /// The rank.
    pub role: Role,
    /// When it came, in milliseconds.
    pub joined_at: u64,
    /// What it has chosen for itself; only the member itself is told.
    pub preferences: Option<&'a Preferences>,
    /// The document prints 0 in lists of rooms and -1 in a room.
    pub hiding: i64,
}

impl Seat<'_> {
    /// As printed.
    pub fn json(&self) -> Value {
        let joined = seconds(self.joined_at);
        let pinned = self.preferences.and_then(|preferences| preferences.pinned_at);
        let quiet = self.preferences.is_some_and(|preferences| preferences.do_not_disturb);
        json!({
            "active": joined, "beginMsgTime": 0, "clearMaxSeqNo": 0, "createTime": joined, "hideChatSwitch": 0,
            "hiding": self.hiding, "inviteUserId": 0, "isBlack": 0, "isOpenTopChat": u8::from(pinned.is_some()),
            "joinSeqNo": 0, "loginTime": 0, "modifyTime": 0, "nickname": self.name,
            "offlineNoPushMsg": u8::from(quiet), "onlinestate": 0, "openTopChatTime": pinned.unwrap_or_default(),
            "operationType": 0, "role": rank(self.role), "sub": 1, "talkTime": 0, "userId": number_of(self.uid),
        })
    }
}

/// 1 the owner, 2 an admin, 3 a member.
pub fn rank(role: Role) -> u8 {
    match role {
        Role::Owner => 1,
        Role::Admin => 2,
        Role::Member => 3,
    }
}

/// An announcement of a room.
pub fn notice(notice: &Notice, conversation: &Conversation, name: &str) -> Value {
    json!({
        "id": ids::hex24(&notice.id), "modifyTime": 0, "nickname": name, "roomId": ids::hex24(&conversation.id),
        "text": notice.text, "time": seconds(notice.created_at),
        "userId": notice.by.as_deref().map_or(people::SERVER_NUMBER, number_of),
    })
}

/// Whole seconds of milliseconds.
pub fn seconds(millis: u64) -> u64 {
    millis / 1_000
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use switchboard_plugin::host::types::ConversationKind;

    /// A room of three, as the document's.
    pub fn conversation() -> Conversation {
        Conversation {
            id: "5".into(),
            kind: ConversationKind::Group,
            name: "测试群".into(),
            cover: String::new(),
            owner: Some("100164".into()),
            creator: Some("100164".into()),
            ext: r#"{"jid":"6c1536dbf97540d1b906d76f4272a90d","desc":"测试"}"#.into(),
            muted: false,
            members_invite: false,
            notice: None,
            member_count: 3,
            last_seq: 2,
            created_at: 1_612_776_056_000,
            updated_at: None,
            attrs: Vec::new(),
        }
    }

    fn seat<'a>() -> Seat<'a> {
        Seat {
            uid: "100164",
            name: "张益达",
            role: Role::Owner,
            joined_at: 1_612_776_056_000,
            preferences: None,
            hiding: 0,
        }
    }

    #[test]
    fn a_room_is_the_printed_one() {
        let printed: Value = serde_json::from_str(include_str!("../printed/rooms.json")).unwrap();
        let mut room = room(&conversation(), "6c1536dbf97540d1b906d76f4272a90d", "张益达");
        room.insert("member".into(), seat().json());
        room.insert("id".into(), printed["data"][0]["id"].clone());
        assert_eq!(Value::from(room), printed["data"][0]);
    }

    #[test]
    fn an_announcement_is_the_printed_one() {
        let printed: Value = serde_json::from_str(include_str!("../printed/notices.json")).unwrap();
        let printed = &printed["data"]["pageData"][0];
        let given = Notice {
            id: "7".into(),
            text: "修改公告".into(),
            by: Some("100164".into()),
            created_at: 1_613_976_478_000,
        };
        let mut shown = notice(&given, &conversation(), "张益达");
        for key in ["id", "roomId"] {
            assert_eq!(shown[key].as_str().unwrap().len(), 24);
            shown[key] = printed[key].clone();
        }
        assert_eq!(shown, *printed);
        let with = Conversation {
            notice: Some(given),
            ..conversation()
        };
        assert_eq!(room(&with, "j", "x")["notice"]["text"], "修改公告");
    }

    #[test]
    fn rooms_of_other_systems_are_rooms() {
        for ext in ["null", "\"x\"", "{\"desc\":5}", ""] {
            let other = Conversation {
                ext: ext.into(),
                owner: None,
                creator: None,
                ..conversation()
            };
            let room = room(&other, "j", "");
            assert_eq!((&room["desc"], &room["userId"]), (&json!(""), &json!(0)), "{ext}");
            assert_eq!(room["allowInviteFriend"], 0);
        }
    }
}
