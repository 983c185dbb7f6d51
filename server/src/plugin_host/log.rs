//! A plugin's log, for its tenant's eyes: a ring of the last lines of each install, filled by the `log` capability and
//! by what the guest prints. Bounded by lines, by bytes, by bytes of one call and of a minute;
//! what is dropped is counted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::model::{Bucket, CallId, LogLevel, LogLine, Millis, Rate};

/// Longer lines are cut into pieces of this many bytes.
const LINE_BYTES: usize = 4 << 10;
/// What the ring holds at most, in bytes of text.
const RING_BYTES: usize = 1 << 20;
/// How many lines of stderr go with a trap.
const TAIL_LINES: usize = 5;

/// The log of an install.
#[derive(Debug)]
pub struct LogRing {
    limit: usize,
    rate: Rate,
    minute: Bucket,
    lines: Mutex<Ring>,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    bytes: usize,
    last_id: u64,
}

impl LogRing {
    /// An empty one for so many lines, to which a guest may add so many bytes a minute; 0: no bound.
    #[must_use]
    pub fn new(limit: usize, bytes_per_minute: u64) -> Self {
        Self {
            limit,
            rate: Rate::per_minute(bytes_per_minute),
            minute: Bucket::default(),
            lines: Mutex::default(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Adds a line; the oldest make room.
    pub fn push(&self, at: Millis, level: LogLevel, call: &str, text: String) {
        let mut ring = self.lines.lock();
        ring.last_id += 1;
        ring.bytes += text.len();
        let line = LogLine {
            id: ring.last_id,
            at,
            level,
            call: call.to_owned(),
            text,
        };
        ring.lines.push_back(line);
        while ring.lines.len() > self.limit || ring.bytes > RING_BYTES {
            let Some(old) = ring.lines.pop_front() else { break };
            ring.bytes -= old.text.len();
        }
    }

    /// At most `limit` lines with an id above `after`, oldest first.
    pub fn read(&self, after: u64, limit: usize) -> Vec<LogLine> {
        let ring = self.lines.lock();
        let from = ring.lines.partition_point(|line| line.id <= after);
        ring.lines.range(from..).take(limit).cloned().collect()
    }

    /// How many bytes were too much for their call or their minute, since the server started.
    pub fn dropped_bytes(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

/// Writes the lines of one call after another of an instance.
#[derive(Debug)]
pub struct LogWriter {
    ring: Arc<LogRing>,
    page: Mutex<Page>,
}

#[derive(Debug)]
struct Page {
    call: CallId,
    now: Millis,
    budget: usize,
    partial: [Vec<u8>; 2],
    tail: VecDeque<String>,
}

/// Which stream a guest prints on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Ordinary words.
    Out,
    /// Complaints.
    Err,
}

impl LogWriter {
    /// One for a call.
    #[must_use]
    pub fn new(ring: Arc<LogRing>, call: CallId, now: Millis, budget: usize) -> Arc<Self> {
        let page = Page {
            call,
            now,
            budget,
            partial: [Vec::new(), Vec::new()],
            tail: VecDeque::new(),
        };
        Arc::new(Self {
            ring,
            page: Mutex::new(page),
        })
    }

    /// Goes on with another call, with a budget of its own.
    pub fn turn(&self, call: CallId, now: Millis, budget: usize) {
        let mut page = self.page.lock();
        (page.call, page.now, page.budget) = (call, now, budget);
        page.tail.clear();
    }

    /// Writes text as whole lines.
    pub fn write(&self, level: LogLevel, text: &str) {
        let mut page = self.page.lock();
        for line in text.lines() {
            self.line(&mut page, level, line.as_bytes());
        }
    }

    /// Takes what a guest prints, in whatever pieces; writes the lines that are complete.
    fn print(&self, stream: Stream, bytes: &[u8]) {
        let mut page = self.page.lock();
        if page.budget == 0 {
            self.drop_bytes(bytes.len());
            return;
        }
        let mut partial = std::mem::take(&mut page.partial[stream as usize]);
        partial.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) = partial[start..].iter().position(|byte| *byte == b'\n') {
            self.printed(&mut page, stream, &partial[start..start + length]);
            start += length + 1;
        }
        partial.drain(..start);
        if partial.len() > LINE_BYTES {
            self.printed(&mut page, stream, &partial);
            partial.clear();
        }
        page.partial[stream as usize] = partial;
    }

    /// Writes what was printed without an end of line: the call is over. Answers the last lines of stderr.
    pub fn finish(&self) -> Vec<String> {
        let mut page = self.page.lock();
        for stream in [Stream::Out, Stream::Err] {
            let partial = std::mem::take(&mut page.partial[stream as usize]);
            if !partial.is_empty() {
                self.printed(&mut page, stream, &partial);
            }
        }
        page.tail.drain(..).collect()
    }

    fn printed(&self, page: &mut Page, stream: Stream, line: &[u8]) {
        let level = if stream == Stream::Out {
            LogLevel::Info
        } else {
            LogLevel::Warn
        };
        if stream == Stream::Err {
            let end = line.len().min(LINE_BYTES);
            page.tail.push_back(String::from_utf8_lossy(&line[..end]).into_owned());
            if page.tail.len() > TAIL_LINES {
                page.tail.pop_front();
            }
        }
        self.line(page, level, line);
    }

    fn line(&self, page: &mut Page, level: LogLevel, line: &[u8]) {
        let mut kept = line.len().min(page.budget);
        page.budget -= kept;
        if self.ring.minute.take(kept as u64, self.ring.rate, page.now).is_err() {
            kept = 0;
        }
        if kept < line.len() {
            self.drop_bytes(line.len() - kept);
        }
        for piece in line[..kept].chunks(LINE_BYTES) {
            let text = String::from_utf8_lossy(piece).into_owned();
            self.ring.push(page.now, level, page.call.as_str(), text);
        }
    }

    fn drop_bytes(&self, count: usize) {
        self.ring.dropped.fetch_add(count as u64, Relaxed);
    }
}

/// A guest's stdout or stderr: never blocks, never traps, always line by line.
#[derive(Clone)]
pub struct Printer {
    /// Where the lines go.
    pub log: Arc<LogWriter>,
    /// As which stream.
    pub stream: Stream,
}

impl IsTerminal for Printer {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printer {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Printer {
    async fn ready(&mut self) {}
}

impl OutputStream for Printer {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.log.print(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_lines_and_a_call_has_a_budget() {
        let ring = Arc::new(LogRing::new(3, 0));
        let log = LogWriter::new(ring.clone(), CallId::new("c"), Millis(7), 12);
        log.print(Stream::Err, b"one\ntw");
        log.print(Stream::Err, b"o");
        assert_eq!(log.finish(), ["one", "two"]);
        log.write(LogLevel::Info, "three four");
        let texts: Vec<String> = ring.read(1, 9).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["two", "three "]);
        assert_eq!(ring.dropped_bytes(), 4);
        log.turn(CallId::new("d"), Millis(8), 12);
        log.write(LogLevel::Info, "a\nb");
        assert_eq!(ring.read(0, 9).len(), 3, "the oldest made room");
        assert_eq!(ring.read(0, 9).last().map(|line| line.call.as_str()), Some("d"));
    }
}
