//! A server that is killed and started again, over and over, and users who do not give up.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::harness::{Chance, Connect, Home, Server, Socket};

/// Sends of one user that are under way at a time.
const WINDOW: usize = 16;

/// Where the server is at the moment, and whether new messages are still made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Now {
    pub address: Option<SocketAddr>,
    pub going: bool,
}

/// Starts and kills servers in a home, a seeded moment after they have come up, and leaves the last one running.
pub async fn rounds(
    home: &Arc<Home>,
    first: Arc<Server>,
    kills: usize,
    seed: u64,
    now: &watch::Sender<Now>,
) -> Arc<Server> {
    let mut chance = Chance::new(seed);
    let mut server = first;
    for _ in 0..kills {
        now.send_replace(Now {
            address: Some(server.address),
            going: true,
        });
        tokio::time::sleep(Duration::from_millis(20 + u64::try_from(chance.below(150)).unwrap())).await;
        server.complain();
        server.kill();
        now.send_replace(Now {
            address: None,
            going: true,
        });
        let home = Arc::clone(home);
        server = Arc::new(
            tokio::task::spawn_blocking(move || home.start(&["jobs.backoff_ms=20"]))
                .await
                .unwrap(),
        );
    }
    now.send_replace(Now {
        address: Some(server.address),
        going: false,
    });
    server
}

/// What was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    pub id: u64,
    pub seq: u64,
}

/// A user who sends until told to stop, and sends again what was not acknowledged.
pub struct Sender {
    pub token: String,
    pub name: String,
    pub conversation: u64,
    /// What is said besides the number, by its number.
    pub text: fn(u64) -> String,
    pub chance: Chance,
    /// How many messages it makes at most.
    pub most: u64,
    /// By number: what was acknowledged. All numbers below `next` have been sent at least once.
    pub acks: BTreeMap<u64, Ack>,
    pub next: u64,
    /// How often an acknowledged message was sent again.
    pub repeated: u64,
}

impl Sender {
    pub fn nonce(&self, number: u64) -> String {
        format!("{}-{number}", self.name)
    }

    /// Sends until there is nothing left to say and everything is acknowledged.
    pub async fn run(mut self, mut now: watch::Receiver<Now>) -> Self {
        loop {
            let Now { address, going } = *now.borrow_and_update();
            if let Some(address) = address {
                if self.session(address, &mut now).await {
                    return self;
                }
            } else if !going {
                return self;
            }
            if *now.borrow() == (Now { address, going }) {
                // Broken before the news of it.
                let _ = tokio::time::timeout(Duration::from_millis(5), now.changed()).await;
            }
        }
    }

    /// One connection, until it breaks; whether all is said.
    async fn session(&mut self, address: SocketAddr, now: &mut watch::Receiver<Now>) -> bool {
        let connect = Connect::new(address).token(&self.token).named(&self.name);
        let Ok(mut socket) = connect.dial().await else {
            return false;
        };
        // First what is owed, in order; then an old one, to be told that it is known.
        let mut owed: Vec<u64> = (0..self.next)
            .filter(|number| !self.acks.contains_key(number))
            .collect();
        if !self.acks.is_empty() {
            let known = *self.acks.keys().nth(self.chance.below(self.acks.len())).unwrap();
            owed.push(known);
        }
        for number in &owed {
            if self.send(&mut socket, *number).await.is_err() {
                return false;
            }
        }
        let mut under_way = owed.len();
        loop {
            while under_way < WINDOW && self.next < self.most && now.borrow().going {
                let number = self.next;
                self.next += 1;
                if self.send(&mut socket, number).await.is_err() {
                    return false;
                }
                under_way += 1;
            }
            if under_way == 0 {
                return !now.borrow().going;
            }
            let Ok(frame) = socket.read("an acknowledgement").await else {
                return false;
            };
            if frame["type"] == "error" {
                // Refused because the server is going or busy: it is still owed.
                panic!("{} was refused: {frame}", self.name);
            }
            if frame["type"] == "reply" {
                under_way -= 1;
                self.acknowledged(&frame);
            }
        }
    }

    async fn send(&self, socket: &mut Socket, number: u64) -> Result<(), ()> {
        let frame = json!({ "id": number, "type": "message.send", "data": {
            "conversation": self.conversation, "kind": "text", "nonce": self.nonce(number),
            "body": { "text": (self.text)(number) } } });
        socket.try_send(&frame.to_string()).await.map_err(drop)
    }

    fn acknowledged(&mut self, frame: &Value) {
        let number = frame["id"].as_u64().unwrap();
        let ack = Ack {
            id: frame["data"]["id"].as_u64().unwrap(),
            seq: frame["data"]["seq"].as_u64().unwrap(),
        };
        if let Some(known) = self.acks.insert(number, ack) {
            assert_eq!(known, ack, "the same nonce, the same message: {frame}");
            assert_eq!(frame["data"]["duplicate"], true, "{frame}");
            self.repeated += 1;
        }
    }
}
