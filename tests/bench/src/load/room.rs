//! One sender, many receivers: as many messages under way as may not yet have reached everyone.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use tokio::net::TcpStream;

use super::{closed::Messages, ledger::Ledger, plan::Session, socket::write_all};

/// Sends until told to stop; `receivers` connections each get every message.
pub async fn run(
    ledger: Arc<Ledger>,
    mut messages: Messages,
    (session, stream): (Session, Arc<TcpStream>),
    (receivers, in_flight): (u64, u64),
) {
    let mut sent = 0;
    while ledger.sending() {
        let everywhere = ledger.delivered.load(Relaxed) / receivers + ledger.refused.load(Relaxed);
        let room = (everywhere + in_flight).saturating_sub(sent);
        if room == 0 {
            ledger.wait_for_arrival().await;
            continue;
        }
        let frames = messages.frames(room, &session, &ledger);
        sent += room;
        ledger.sent.fetch_add(room, Relaxed);
        if !write_all(&stream, frames).await {
            return;
        }
    }
}
