//! Open loop: one thread sends at a steady rate over all connections, and latency counts from when a message was due,
//! so that a server that stalls cannot hide it by slowing the load.

use std::{
    hint, io,
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use tokio::net::TcpStream;

use super::{closed::Messages, ledger::Ledger, plan::Session};

/// Closer to the due time than this the thread spins: sleeping is not exact enough.
const SPIN_NS: u64 = 100_000;

/// Sends until told to stop. Blocks its thread.
pub fn run(ledger: &Arc<Ledger>, mut messages: Messages, links: &[(Session, Arc<TcpStream>)], per_second: u32) {
    let start = ledger.now();
    let gap = 1e9 / f64::from(per_second);
    let mut count = 0_u64;
    while ledger.sending() {
        let due = start + (count as f64 * gap) as u64;
        wait_until(ledger, due);
        let (session, stream) = &links[count as usize % links.len()];
        if !write(ledger, stream, messages.stamped(due, session)) {
            return;
        }
        ledger.sent.fetch_add(1, Relaxed);
        count += 1;
    }
}

fn wait_until(ledger: &Ledger, due: u64) {
    loop {
        let left = due.saturating_sub(ledger.now());
        match left {
            0 => return,
            1..=SPIN_NS => hint::spin_loop(),
            _ => thread::sleep(Duration::from_nanos(left - SPIN_NS)),
        }
    }
}

fn write(ledger: &Ledger, stream: &TcpStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && ledger.sending() => thread::yield_now(),
            Err(_) => return false,
        }
    }
    true
}
