//! What a client has missed: sent oldest first, before anything live, and marked at its end.

use serde::Serialize;

use super::encode::{self, NativeEncoder};
use crate::chat::Missed;
use crate::delivery::Encode as _;
use crate::gateway::socket::close::Closing;
use crate::gateway::socket::out::Out;
use crate::model::{ConversationId, Cursor, Seq};

#[derive(Serialize)]
struct Resumed {
    cursor: Cursor,
    missed: usize,
    complete: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conversations: Vec<Behind>,
}

#[derive(Serialize)]
struct Behind {
    conversation: ConversationId,
    last_seq: Seq,
}

/// Sends it. Live frames up to `missed.until` are then known already.
pub(super) async fn tell(out: &mut Out, missed: Missed) -> Result<(), Closing> {
    for event in &missed.events {
        if let Some(frame) = NativeEncoder.encode(event) {
            out.text(Some(frame.text)).await?;
        }
    }
    let behind = if missed.complete { Vec::new() } else { missed.heads };
    let resumed = Resumed {
        cursor: missed.until,
        missed: missed.events.len(),
        complete: missed.complete,
        conversations: behind
            .into_iter()
            .map(|(conversation, last_seq)| Behind { conversation, last_seq })
            .collect(),
    };
    out.text(encode::own_event("session.resumed", resumed)).await
}
