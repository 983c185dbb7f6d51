//! What is said to a user who opens a conversation. Another plugin says it, as a stored message of the peer; on the socket
//! that has opened the conversation it is also a `sys_message`, behind the page of history it does not belong to.
//!
//! Such a message is on that screen already: the connection's state remembers it, and its lists of new messages leave it
//! out. Everywhere else it is a message like any other.

use serde::{Deserialize, Serialize};
use switchboard_plugin::host::types::{Message, View};
use switchboard_plugin::host::{conversations_write, messages};
use switchboard_plugin::warn;

use crate::call::{Call, Way};

/// The most greetings of one opening: one for each plugin that greets.
const GREETINGS: u32 = 5;
/// How many greetings a connection remembers.
const TOLD: usize = 32;

/// The state of a connection: the ids of the messages it was told.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Told(Vec<String>);

impl Told {
    /// What a connection remembers.
    pub fn of(state: &str) -> Self {
        serde_json::from_str(state).unwrap_or_default()
    }

    /// Whether this message was told.
    pub fn has(&self, message: &Message) -> bool {
        self.0.contains(&message.id)
    }

    /// The state in which these were told as well; the oldest are forgotten.
    pub fn with(mut self, greetings: &[Message]) -> String {
        self.0.extend(greetings.iter().map(|message| message.id.clone()));
        let spare = self.0.len().saturating_sub(TOLD);
        self.0.drain(..spare);
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// Opens a conversation: the plugins that greet are called, and have spoken when this returns. Answers what they said,
/// which the user of a socket has read then.
pub fn open(call: &Call<'_>, view: &View) -> Vec<Message> {
    let id = &view.conversation.id;
    if let Err(error) = conversations_write::open(&call.uid, id) {
        warn!("the conversation was not opened: {}", String::from(error));
        return Vec::new();
    }
    if call.way != Way::Socket || view.peer.is_none() {
        return Vec::new();
    }
    let newest = messages::history(id, None, GREETINGS).unwrap_or_default();
    let greetings = greetings(newest, view);
    let last = greetings.last().map(|message| message.seq);
    // Only if nothing stands before them that was not on the page.
    if let Some(seq) = last.filter(|seq| view.conversation.last_seq + greetings.len() as u64 == *seq)
        && let Err(error) = conversations_write::set_mark(&call.uid, id, Some(seq), Some(seq))
    {
        warn!("the read mark was not moved: {}", String::from(error));
    }
    greetings
}

/// What plugins have said as the peer since the conversation was looked at, in order.
fn greetings(newest: Vec<Message>, view: &View) -> Vec<Message> {
    let new = |message: &Message| {
        let speaks = message.sender.origin.is_some() && message.sender.uid == view.peer;
        speaks && message.seq > view.conversation.last_seq
    };
    let mut greetings: Vec<Message> = newest.into_iter().filter(new).collect();
    greetings.sort_by_key(|message| message.seq);
    greetings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::tests::message;

    #[test]
    fn a_connection_remembers_the_last_greetings() {
        let mut state = String::new();
        for id in 0..100 {
            let mut greeting = message(Some("2"), "text", "{}");
            greeting.id = id.to_string();
            state = Told::of(&state).with(&[greeting]);
        }
        let mut greeting = message(Some("2"), "text", "{}");
        greeting.id = "99".to_owned();
        assert!(Told::of(&state).has(&greeting));
        greeting.id = "67".to_owned();
        assert!(!Told::of(&state).has(&greeting));
        assert!(state.len() < 4_096 && !Told::of("nonsense").has(&greeting));
    }
}
