//! Each event as it is told.

use std::sync::Arc;

use crate::delivery::Encode as _;
use crate::gateway::native::decode::Id;
use crate::gateway::native::{NativeEncoder, encode};
use crate::model::{
    AppId, Audience, Body, Change, Conversation, ConversationId, ConversationKind, Cursor, Event, Except, Kind, Marks,
    Member, Mentions, Message, MessageId, MessageState, Millis, Nonce, Notice, PluginName, Preferences, Reaction,
    Receipt, Refusal, Role, Roster, Sender, Seq, User, UserId,
};

fn uid(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

fn message(state: MessageState) -> Arc<Message> {
    Arc::new(Message {
        id: Some(MessageId::new(9).unwrap()),
        seq: Seq(3),
        conversation: ConversationId::new(1).unwrap(),
        sender: Sender::User(uid("ann")),
        kind: Kind::new("text").unwrap(),
        body: Body::trusted(r#"{"text":"hi"}"#),
        nonce: Nonce::new("n").unwrap(),
        mentions: Mentions::default(),
        reply_to: None,
        origin: None,
        depth: 0,
        created_at: Millis(100),
        state,
        reactions: Vec::new(),
    })
}

fn roster(kind: ConversationKind) -> Arc<Roster> {
    let member = |user: &str, role| Member {
        user: uid(user),
        role,
        muted_until: None,
        joined_at: Millis(5),
    };
    let conversation = Conversation {
        id: ConversationId::new(1).unwrap(),
        kind,
        name: "n".into(),
        cover: String::new(),
        ext: Body::empty(),
        owner: Some(uid("ann")),
        creator: None,
        muted: false,
        members_invite: false,
        notice: None,
        created_at: Millis(5),
        updated_at: None,
    };
    Arc::new(Roster::new(
        conversation,
        vec![member("bob", Role::Member), member("ann", Role::Owner)],
    ))
}

fn told(cursor: Option<u64>, change: Change) -> String {
    let event = Event {
        app: AppId::new(1).unwrap(),
        cursor: cursor.map(Cursor),
        audience: Audience::Users(Vec::new()),
        except: Except::Nobody,
        change,
    };
    NativeEncoder.encode(&event).unwrap().text.as_str().to_owned()
}

const MESSAGE: &str =
    r#""id":9,"seq":3,"conversation":1,"from":"ann","kind":"text","body":{"text":"hi"},"created_at":100"#;

#[test]
fn messages() {
    let sent = format!(r#"{{"type":"message.sent","cursor":9,"seq":3,"data":{{{MESSAGE}}}}}"#);
    assert_eq!(told(Some(9), Change::MessageSent(message(MessageState::Sent))), sent);
    let edited = format!(r#"{{"type":"message.edited","cursor":10,"seq":3,"data":{{{MESSAGE},"edited_at":200}}}}"#);
    assert_eq!(
        told(
            Some(10),
            Change::MessageEdited(message(MessageState::Edited(Millis(200))))
        ),
        edited
    );
    let recalled =
        format!(r#"{{"type":"message.recalled","cursor":11,"seq":3,"data":{{{MESSAGE},"recalled_at":200}}}}"#);
    assert_eq!(
        told(
            Some(11),
            Change::MessageRecalled(message(MessageState::Recalled(Millis(200))))
        ),
        recalled
    );
    assert_eq!(
        told(Some(12), Change::MessagesDeleted(vec![MessageId::new(9).unwrap()])),
        r#"{"type":"message.deleted","cursor":12,"data":{"messages":[9]}}"#
    );
    let reacted = Change::Reacted {
        message: message(MessageState::Sent),
        user: uid("bob"),
        emoji: "+".into(),
        added: true,
    };
    assert_eq!(
        told(Some(13), reacted),
        r#"{"type":"message.reacted","cursor":13,"data":{"message":9,"conversation":1,"user":"bob","emoji":"+","added":true}}"#
    );
}

#[test]
fn a_message_that_has_everything() {
    let mut full = Message::clone(&message(MessageState::Sent));
    full.id = None;
    full.seq = Seq(0);
    full.sender = Sender::System;
    full.mentions = Mentions {
        all: true,
        users: vec![uid("bob")],
    };
    full.reply_to = MessageId::new(4).ok();
    full.origin = PluginName::new("bot").ok();
    full.reactions = vec![Reaction {
        emoji: "+".into(),
        users: vec![uid("bob")],
    }];
    assert_eq!(
        told(None, Change::MessageSent(Arc::new(full))),
        r#"{"type":"message.sent","data":{"id":0,"seq":0,"conversation":1,"from":null,"kind":"text","body":{"text":"hi"},"mentions":["bob"],"mention_all":true,"reply_to":4,"origin":"bot","created_at":100,"reactions":[{"emoji":"+","users":["bob"]}],"transient":true}}"#
    );
}

#[test]
fn receipts_typing_presence_and_plugins() {
    let conversation = ConversationId::new(1).unwrap();
    let marks = Marks {
        delivered: Seq(3),
        read: Seq(2),
    };
    let marked = Change::Marked {
        conversation,
        receipt: Receipt {
            user: uid("bob"),
            marks,
        },
    };
    assert_eq!(
        told(Some(14), marked),
        r#"{"type":"receipt.changed","data":{"conversation":1,"user":"bob","delivered_seq":3,"read_seq":2}}"#
    );
    let typing = Change::Typing {
        conversation,
        user: uid("bob"),
        typing: false,
    };
    assert_eq!(
        told(None, typing),
        r#"{"type":"typing","data":{"conversation":1,"user":"bob","typing":false}}"#
    );
    let presence = Change::PresenceChanged {
        user: uid("bob"),
        online: true,
    };
    assert_eq!(
        told(None, presence),
        r#"{"type":"presence.changed","data":{"user":"bob","online":true}}"#
    );
    let plugin = PluginName::new("poll").unwrap();
    let pushed = Change::Pushed {
        plugin,
        name: "vote\"d".into(),
        data: Body::trusted("[1]"),
    };
    assert_eq!(told(None, pushed), r#"{"type":"plugin.poll.vote\"d","data":[1]}"#);
}

#[test]
fn conversations_members_and_users() {
    let group = roster(ConversationKind::Group);
    let data = r#""data":{"id":1,"kind":"group","name":"n","cover":"","ext":{},"owner":"ann","creator":null,"muted":false,"members_invite":false,"member_count":2,"created_at":5}}"#;
    let created = told(Some(1), Change::ConversationCreated(group.clone()));
    assert_eq!(created, format!(r#"{{"type":"conversation.created","cursor":1,{data}"#));
    let updated = told(Some(2), Change::ConversationUpdated(group.clone()));
    assert_eq!(updated, format!(r#"{{"type":"conversation.updated","cursor":2,{data}"#));
    let direct = told(Some(3), Change::ConversationCreated(roster(ConversationKind::Direct)));
    assert!(direct.contains(r#""members":["ann","bob"]"#), "{direct}");
    assert_eq!(
        told(Some(4), Change::ConversationDissolved(group.clone())),
        r#"{"type":"conversation.dissolved","cursor":4,"data":{"conversation":1}}"#
    );
    let (users, by) = (vec![uid("bob")], None);
    let joined = Change::MembersJoined {
        roster: group.clone(),
        users: users.clone(),
        by: Some(uid("ann")),
    };
    assert_eq!(
        told(Some(5), joined),
        r#"{"type":"member.joined","cursor":5,"data":{"conversation":1,"users":["bob"],"by":"ann"}}"#
    );
    let left = Change::MembersLeft {
        roster: group.clone(),
        users,
        by,
    };
    assert_eq!(
        told(Some(6), left),
        r#"{"type":"member.left","cursor":6,"data":{"conversation":1,"users":["bob"],"by":null}}"#
    );
    let member = group.members[0].clone();
    assert_eq!(
        told(Some(7), Change::MemberUpdated { roster: group, member }),
        r#"{"type":"member.updated","cursor":7,"data":{"conversation":1,"member":{"user":"ann","role":"owner","muted_until":0,"joined_at":5}}}"#
    );
    let (nickname, avatar, attributes) = ("Bob".into(), String::new(), Body::empty());
    let user = User {
        id: uid("bob"),
        nickname,
        avatar,
        attributes,
        ban: Some("x".into()),
        created_at: Millis(1),
    };
    assert_eq!(
        told(Some(8), Change::UserUpdated(user)),
        r#"{"type":"user.updated","cursor":8,"data":{"user":"bob","nickname":"Bob","avatar":"","attributes":{}}}"#
    );
}

#[test]
fn what_is_announced_chosen_and_cleared() {
    let (conversation, seq) = (ConversationId::new(1).unwrap(), Seq(7));
    let notice = Notice {
        id: 3,
        text: "\"hi\"".into(),
        by: Some(uid("ann")),
        created_at: Millis(9),
    };
    let announced = Change::Announced {
        roster: roster(ConversationKind::Group),
        notice,
    };
    assert_eq!(
        told(Some(9), announced),
        r#"{"type":"conversation.announced","cursor":9,"data":{"conversation":1,"notice":{"id":3,"text":"\"hi\"","by":"ann","created_at":9}}}"#
    );
    let preferences = Preferences {
        pinned_at: Some(Millis(4)),
        rank: -2,
        do_not_disturb: true,
    };
    let preferred = Change::Preferred {
        conversation,
        preferences,
    };
    assert_eq!(
        told(Some(10), preferred),
        r#"{"type":"conversation.preferred","cursor":10,"data":{"conversation":1,"preferences":{"pinned_at":4,"rank":-2,"do_not_disturb":true}}}"#
    );
    assert_eq!(
        told(Some(11), Change::HistoryCleared { conversation, seq }),
        r#"{"type":"conversation.cleared","cursor":11,"data":{"conversation":1,"seq":7}}"#
    );
}

#[test]
fn answers() {
    let reply = encode::reply(&Id::Number(7), &serde_json::json!({ "pong": true })).unwrap();
    assert_eq!(reply.as_str(), r#"{"id":7,"type":"reply","data":{"pong":true}}"#);
    let error = encode::error(&Id::None, &Refusal::field("kind", "is \"bad\"")).unwrap();
    assert_eq!(
        error.as_str(),
        r#"{"id":null,"type":"error","error":{"code":"bad_field","message":"is \"bad\"","field":"kind"}}"#
    );
}
