//! The receiving side of one connection.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use super::{
    frame,
    ledger::{Latencies, Ledger},
    plan::Credit,
    protocol::{Incoming, Protocol, is_plugin_made, stamp},
    socket::{Link, write_all},
};

/// How long a silent reader sleeps before it looks at the stop flag again.
const LOOK_UP: Duration = Duration::from_millis(300);

/// What a reader does beside counting.
pub struct Reader {
    pub ledger: Arc<Ledger>,
    pub protocol: Protocol,
    /// Whether deliveries are timed; in a large room a sample of the receivers is enough.
    pub timed: bool,
    /// Whether pings are answered: not where a sender writes to the same socket, for which its messages speak.
    pub answers_pings: bool,
    pub buffer_bytes: usize,
    /// Where a sender waits for room.
    pub credits: Option<(Credit, Arc<Credits>)>,
}

/// How many of a sender's messages have been answered.
#[derive(Default)]
pub struct Credits {
    pub answered: AtomicU64,
    pub notice: Notify,
}

/// What one gulp of frames has brought.
#[derive(Default)]
struct Gulp {
    acknowledged: u64,
    refused: u64,
    delivered: u64,
    replies: u64,
}

impl Reader {
    /// Reads until told to stop or until the server closes.
    pub async fn run(self, link: Link) {
        let mut latencies = Latencies::default();
        let mut buffer = link.pending.clone();
        let mut filled = buffer.len();
        buffer.resize(self.buffer_bytes.max(filled), 0);
        while self.ledger.reading() {
            match timeout(LOOK_UP, link.stream.readable()).await {
                Err(_) => continue,
                Ok(ready) => match ready.and_then(|()| link.stream.try_read(&mut buffer[filled..])) {
                    Ok(count) if count > 0 => filled += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Ok(_) => {
                        self.closed("end of stream");
                        break;
                    }
                    Err(error) => {
                        self.closed(&error.to_string());
                        break;
                    }
                },
            }
            match self.take(&buffer[..filled], &link, &mut latencies).await {
                Some(used) => {
                    buffer.copy_within(used..filled, 0);
                    filled -= used;
                }
                None => break,
            }
            if filled == buffer.len() {
                buffer.resize(filled * 2, 0);
            }
        }
        self.ledger.gather(latencies);
    }

    fn closed(&self, why: &str) {
        self.ledger.closed.fetch_add(1, Relaxed);
        self.ledger.fault(&format!("closed by the server: {why}"));
    }

    /// Takes all whole frames and says how many bytes they were; none when the connection is over.
    async fn take(&self, bytes: &[u8], link: &Link, latencies: &mut Latencies) -> Option<usize> {
        let now = self.ledger.now();
        let mut gulp = Gulp::default();
        let mut used = 0;
        loop {
            match frame::read(&bytes[used..]) {
                Ok(Some(frame)) => {
                    match frame.opcode {
                        frame::TEXT => {
                            let incoming = self.protocol.read(&link.session, frame.payload);
                            self.note(incoming, frame.payload, now, &mut gulp, latencies);
                        }
                        frame::PING if self.answers_pings => pong(link, frame.payload).await,
                        frame::CLOSE => return self.ended(&String::from_utf8_lossy(frame.payload), gulp),
                        _ => {}
                    }
                    used += frame.length;
                }
                Ok(None) => break,
                Err(error) => return self.ended(&error.to_string(), gulp),
            }
        }
        self.settle(gulp);
        Some(used)
    }

    fn ended(&self, why: &str, gulp: Gulp) -> Option<usize> {
        self.settle(gulp);
        self.closed(why);
        None
    }

    fn note(&self, incoming: Incoming, payload: &[u8], now: u64, gulp: &mut Gulp, latencies: &mut Latencies) {
        match incoming {
            Incoming::Acknowledged(stamp) => {
                gulp.acknowledged += 1;
                if let (Some(second), Some(stamp)) = (self.ledger.second(now), stamp) {
                    latencies.acknowledged(second, now.saturating_sub(stamp));
                }
            }
            Incoming::Delivered if self.expects_replies() && is_plugin_made(payload) => gulp.replies += 1,
            Incoming::Delivered => {
                gulp.delivered += 1;
                if self.timed
                    && self.ledger.second(now).is_some()
                    && let Some(sent) = stamp(payload)
                {
                    latencies.delivered(now.saturating_sub(sent));
                }
            }
            Incoming::Refused => {
                gulp.refused += 1;
                self.ledger.fault(&String::from_utf8_lossy(payload));
            }
            Incoming::Other => {}
        }
    }

    fn expects_replies(&self) -> bool {
        matches!(self.credits, Some((Credit::PluginReply, _)))
    }

    fn settle(&self, gulp: Gulp) {
        let ledger = &self.ledger;
        ledger.acknowledged.fetch_add(gulp.acknowledged, Relaxed);
        ledger.refused.fetch_add(gulp.refused, Relaxed);
        ledger.delivered.fetch_add(gulp.delivered, Relaxed);
        ledger.replies.fetch_add(gulp.replies, Relaxed);
        if let Some((credit, credits)) = &self.credits {
            let answers = match credit {
                Credit::Acknowledgement => gulp.acknowledged,
                Credit::PluginReply => gulp.replies,
            };
            if answers + gulp.refused > 0 {
                credits.answered.fetch_add(answers + gulp.refused, Relaxed);
                credits.notice.notify_one();
            }
        }
        ledger.arrived();
    }
}

async fn pong(link: &Link, payload: &[u8]) {
    let mut out = Vec::new();
    frame::write(frame::PONG, payload, &mut out);
    write_all(&link.stream, &out).await;
}
