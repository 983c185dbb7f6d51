//! The bare server that Switchboard is measured against: sockets, order, dedupe, a durable commit and fan-out, and
//! nothing else. No users, no rules, no plugins.
//!
//! Invariant: an acknowledgement leaves only after the commit that holds the message (WAL, `synchronous=FULL`), and
//! messages leave in the order of their commits. It uses the same socket library and buffer sizes as the real server,
//! so that the ratio between the two shows what the features cost.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]

mod connection;
mod dispatch;
mod frames;
mod rooms;
mod writer;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Parser;
use tokio::{net::TcpListener, sync::mpsc};

use rooms::Rooms;

/// Messages that may wait for the writer.
const WRITER_QUEUE: usize = 8192;
/// Committed groups that may wait for the dispatcher.
const DISPATCH_QUEUE: usize = 4;

#[derive(Parser)]
#[command(about = "The bare chat server the benchmark compares with")]
struct Arguments {
    /// Address to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// SQLite file; should not exist yet.
    #[arg(long)]
    database: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (to_writer, from_connections) = mpsc::channel(WRITER_QUEUE);
    let (to_dispatcher, committed) = mpsc::channel(DISPATCH_QUEUE);
    writer::start(&arguments.database, from_connections, to_dispatcher)?;
    let rooms = Arc::new(Rooms::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        tokio::spawn(dispatch::run(committed, Arc::clone(&rooms)));
        tokio::spawn(accept(arguments.listen, rooms, to_writer)).await??;
        Ok(())
    })
}

async fn accept(listen: SocketAddr, rooms: Arc<Rooms>, writer: mpsc::Sender<writer::Job>) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    // For who asked for any free port.
    println!("listening on {}", listener.local_addr()?);
    let mut next = 1;
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        tokio::spawn(connection::run(socket, next, Arc::clone(&rooms), writer.clone()));
        next += 1;
    }
}
