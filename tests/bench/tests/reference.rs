//! The reference and the load against each other, as processes: nothing is lost, nothing is doubled, a nonce counts
//! once. Nothing here is timed.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// A reference on a fresh file; ends with the test.
struct Server {
    process: Child,
    address: SocketAddr,
    _directory: TempDir,
}

impl Server {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard-bench-reference"));
        command
            .args(["--listen", "127.0.0.1:0", "--database"])
            .arg(directory.path().join("messages.db"))
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect("the reference listens");
        let address = address.parse().unwrap();
        Self {
            process,
            address,
            _directory: directory,
        }
    }

    /// Runs a load and answers its report.
    fn load(&self, users: u32, users_per_conversation: u32, measure_ms: u64, work: &Value) -> Value {
        let session = |user| json!({"user": user, "token": "", "conversation": user / users_per_conversation + 1});
        let plan = json!({
            "protocol": "Reference", "address": self.address, "server_pid": self.process.id(),
            "sessions": (0..users).map(session).collect::<Vec<_>>(),
            "warm_up_ms": 0, "measure_ms": measure_ms, "drain_ms": 60_000, "work": work,
        });
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard-bench"));
        let mut load = command
            .arg("load")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = load.stdin.take().unwrap();
        writeln!(input, "{plan}").unwrap();
        let lines: Vec<_> = BufReader::new(load.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap)
            .collect();
        assert!(load.wait().unwrap().success());
        let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        last["Report"].clone()
    }

    async fn connect(&self, user: u32) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let address = format!("ws://{}/ws?user={user}", self.address);
        let (mut socket, _) = client_async(address, stream).await.unwrap();
        socket.send(Message::text(r#"{"t":"join","conv":1}"#)).await.unwrap();
        assert_eq!(next(&mut socket).await, json!({"t": "joined", "conv": 1}));
        socket
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Value {
    let frame = socket.next().await.unwrap().unwrap();
    serde_json::from_str(frame.to_text().unwrap()).unwrap()
}

fn assert_complete(report: &Value) {
    let totals = &report["totals"];
    assert_eq!(totals["acknowledged"], totals["sent"], "{report}");
    for nothing in [
        &report["lost"],
        &report["doubled"],
        &totals["refused"],
        &totals["closed"],
    ] {
        assert_eq!(nothing, 0, "{report}");
    }
}

#[test]
fn a_limited_closed_loop_sends_exactly_that_many() {
    let content = json!({"kind": "Text", "nonces": "Random"});
    let work = json!({"Closed": {"in_flight": 4, "credit": "Acknowledgement", "content": content, "at_most": 500}});
    let report = Server::start().load(6, 2, 60_000, &work);
    assert_complete(&report);
    assert_eq!(report["totals"]["sent"], 500);
    assert_eq!(report["totals"]["delivered"], 500);
    assert_eq!(report["acknowledgement"]["count"], report["window"]["acknowledged"]);
}

#[test]
fn a_steady_rate_is_answered_in_full() {
    let content = json!({"kind": "Image", "nonces": "TimeOrdered"});
    let work = json!({"Paced": {"per_second": 500, "content": content, "heard": true}});
    let report = Server::start().load(4, 2, 300, &work);
    assert_complete(&report);
    assert_ne!(report["totals"]["sent"], 0);
}

#[test]
fn a_room_hears_every_message() {
    let work = json!({"Room": {"in_flight": 8, "content": {"kind": "Text", "nonces": "TimeOrdered"}}});
    let report = Server::start().load(30, 30, 300, &work);
    assert_complete(&report);
    assert_eq!(
        report["totals"]["delivered"],
        report["totals"]["sent"].as_u64().unwrap() * 29
    );
}

#[tokio::test]
async fn a_nonce_counts_once() {
    let server = Server::start();
    let (mut sender, mut receiver) = (server.connect(1).await, server.connect(2).await);
    let message = |nonce: &str| {
        let content = json!({"text": nonce});
        Message::text(json!({"t": "msg", "conv": 1, "nonce": nonce, "type": "text", "content": content}).to_string())
    };
    let mut acknowledgements = Vec::new();
    for nonce in ["first", "first", "second"] {
        sender.send(message(nonce)).await.unwrap();
        acknowledgements.push(next(&mut sender).await);
    }
    assert_eq!(acknowledgements[0], acknowledgements[1]);
    assert_eq!(
        (&acknowledgements[0]["seq"], &acknowledgements[2]["seq"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(next(&mut receiver).await["content"]["text"], "first");
    assert_eq!(next(&mut receiver).await["content"]["text"], "second");
}
