//! Events. The text of a message says what becomes of it: `only UID …`, `all-but UID …`, `twice …`, or a misdeed.

use switchboard_plugin::hooks::dialect::{Encoded, Event, Occurrence, Receivers};
use switchboard_plugin::kv;

use crate::misdeeds;

pub fn encode(occurrence: &Occurrence) -> Vec<Encoded> {
    let _ = kv::increment("encoded", 1, None);
    let place = occurrence
        .conversation
        .as_ref()
        .map_or("-", |conversation| conversation.id.as_str());
    let pair = occurrence.pair.join("+");
    let text = match &occurrence.event {
        Event::MessageSent(message) => return said(&message.text().unwrap_or_default(), message.seq, place, &pair),
        Event::Typing(typing) => format!("typing {place} {} {}", typing.uid, typing.typing),
        Event::Marked(marking) => format!("marked {place} {} {}", marking.mark.uid, marking.mark.read_seq),
        Event::ConversationCreated(conversation) => format!("created {place} {}", conversation.member_count),
        Event::MembersJoined(membership) => format!("joined {place} {}", membership.uids.join("+")),
        Event::MembersLeft(membership) => format!("left {place} {}", membership.uids.join("+")),
        Event::UserUpdated(user) => format!("user {} {}", user.uid, user.nickname),
        Event::Pushed(pushed) => format!("pushed {} {}", pushed.name, pushed.data),
        other => format!("unasked {other:?}"),
    };
    vec![Encoded::all(text)]
}

fn said(text: &str, seq: u64, place: &str, pair: &str) -> Vec<Encoded> {
    misdeeds::commit(text);
    let mut frame = Encoded::all(format!("message {place} {seq} {pair} {text}"));
    let mut words = text.split(' ');
    let (word, uid) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default().to_owned(),
    );
    match word {
        "only" => frame.receivers = Receivers::Only(vec![uid]),
        "all-but" => frame.receivers = Receivers::AllBut(vec![uid]),
        "twice" => return vec![frame.clone(), frame],
        "none" => return Vec::new(),
        "large" => frame.frame.push_str(&"x".repeat(100_000)),
        _ => {}
    }
    vec![frame]
}
