//! Acknowledgements and fan-out, in commit order; each message is encoded once.

use std::sync::Arc;

use tokio::{sync::mpsc, task::yield_now};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    frames::Down,
    rooms::{Members, Rooms},
    writer::Stored,
};

/// Conversations with more connections than this give way to other tasks after each message.
const LONG_FAN_OUT: usize = 64;

/// Sends out what the writer has committed, until the writer ends.
pub async fn run(mut committed: mpsc::Receiver<Vec<Stored>>, rooms: Arc<Rooms>) {
    while let Some(group) = committed.recv().await {
        for stored in group {
            acknowledge(&stored);
            if stored.duplicate {
                continue;
            }
            let members = rooms.members(stored.job.conversation);
            deliver(&stored, &members);
            if members.len() > LONG_FAN_OUT {
                yield_now().await;
            }
        }
    }
}

fn acknowledge(stored: &Stored) {
    let Stored { job, seq, id, at, .. } = stored;
    let down = Down::Acknowledgement {
        nonce: &job.nonce,
        conv: job.conversation,
        seq: *seq,
        id: *id,
        at: *at,
    };
    if let Some(frame) = encode(&down) {
        job.from.push(frame);
    }
}

fn deliver(stored: &Stored, members: &Members) {
    let Stored { job, seq, id, at, .. } = stored;
    let down = Down::Message {
        conv: job.conversation,
        seq: *seq,
        id: *id,
        from: job.from.user,
        kind: &job.kind,
        content: &job.content,
        at: *at,
    };
    let Some(frame) = encode(&down) else { return };
    for member in members.iter().filter(|member| member.id != job.from.id) {
        member.push(frame.clone());
    }
}

fn encode(down: &Down<'_>) -> Option<Utf8Bytes> {
    serde_json::to_string(down).ok().map(Utf8Bytes::from)
}
