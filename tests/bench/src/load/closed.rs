//! Closed loop: every connection keeps a number of messages unanswered, as many as the server takes.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use super::{
    frame,
    ledger::{Ledger, wait},
    plan::{Content, Session},
    protocol::{Outgoing, Protocol},
    reader::Credits,
    socket::write_all,
};

/// One connection's sender.
pub struct Sender {
    pub ledger: Arc<Ledger>,
    pub protocol: Protocol,
    pub session: Session,
    pub stream: Arc<tokio::net::TcpStream>,
    pub credits: Arc<Credits>,
    pub in_flight: u64,
    pub content: Content,
    /// All senders together stop after so many messages.
    pub at_most: Option<u64>,
}

impl Sender {
    /// Sends until told to stop, and writes whatever there is room for at once.
    pub async fn run(self) {
        let mut messages = Messages::new(self.protocol, self.content);
        let mut sent = 0;
        while self.ledger.sending() {
            let room = (self.credits.answered.load(Relaxed) + self.in_flight).saturating_sub(sent);
            if room == 0 {
                wait(self.credits.notice.notified()).await;
                continue;
            }
            let allowed = self.claim(room);
            if allowed == 0 {
                return;
            }
            let frames = messages.frames(allowed, &self.session, &self.ledger);
            sent += allowed;
            if !write_all(&self.stream, frames).await {
                return;
            }
        }
    }

    /// Counts messages as sent, as far as the common limit allows.
    fn claim(&self, wanted: u64) -> u64 {
        let before = self.ledger.sent.fetch_add(wanted, Relaxed);
        let allowed = self
            .at_most
            .map_or(wanted, |most| most.saturating_sub(before).min(wanted));
        self.ledger.sent.fetch_sub(wanted - allowed, Relaxed);
        allowed
    }
}

/// Makes frames, with stamps that never repeat on one connection.
pub struct Messages {
    protocol: Protocol,
    content: Content,
    last_stamp: u64,
    payload: Vec<u8>,
    frames: Vec<u8>,
}

impl Messages {
    pub fn new(protocol: Protocol, content: Content) -> Self {
        Self {
            protocol,
            content,
            last_stamp: 0,
            payload: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// So many frames, one behind the other, stamped with the present.
    pub fn frames(&mut self, count: u64, session: &Session, ledger: &Ledger) -> &[u8] {
        self.frames.clear();
        for _ in 0..count {
            self.last_stamp = ledger.now().max(self.last_stamp + 1);
            self.append(self.last_stamp, session);
        }
        &self.frames
    }

    /// One frame with the given stamp.
    pub fn stamped(&mut self, stamp: u64, session: &Session) -> &[u8] {
        self.frames.clear();
        self.append(stamp, session);
        &self.frames
    }

    fn append(&mut self, stamp: u64, session: &Session) {
        self.protocol.write_message(
            &Outgoing {
                session,
                stamp,
                content: self.content,
            },
            &mut self.payload,
        );
        frame::write(frame::TEXT, &self.payload, &mut self.frames);
    }
}
