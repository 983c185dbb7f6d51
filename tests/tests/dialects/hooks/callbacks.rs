//! A tenant's server: it is called back, and keeps what it is told. Row H6 is tested here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::scene::Scene;
use crate::harness::{App, within};

/// What was posted where.
#[derive(Debug)]
pub struct Callback {
    pub path: String,
    pub body: Value,
}

/// A server that answers 200, after as many 500s as it is told.
pub struct Tenant {
    address: SocketAddr,
    came: mpsc::UnboundedReceiver<Callback>,
    refuse: Arc<AtomicUsize>,
}

impl Tenant {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, came) = mpsc::unbounded_channel();
        let refuse = Arc::new(AtomicUsize::new(0));
        let refusing = Arc::clone(&refuse);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, refusing) = (tell.clone(), Arc::clone(&refusing));
                tokio::spawn(async move { serve(stream, &tell, &refusing).await });
            }
        });
        Self { address, came, refuse }
    }

    /// An address to be called back at.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers the next so many callbacks with 500, and does not keep them.
    pub fn refuse(&self, times: usize) {
        self.refuse.store(times, Ordering::SeqCst);
    }

    pub async fn next(&mut self) -> Callback {
        within("a callback", self.came.recv()).await.unwrap()
    }

    /// What has come and was not looked at.
    pub fn so_far(&mut self) -> Vec<Callback> {
        std::iter::from_fn(|| self.came.try_recv().ok()).collect()
    }
}

async fn serve(mut stream: TcpStream, tell: &mpsc::UnboundedSender<Callback>, refuse: &AtomicUsize) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        })?;
        while bytes.len() < end + length {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let body = serde_json::from_slice(&bytes[end..end + length]).ok()?;
        let path = head.split(' ').nth(1)?.to_owned();
        bytes.drain(..end + length);
        let refused = refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let status = match refused {
            Ok(_) => "500 Internal Server Error",
            Err(_) => {
                tell.send(Callback { path, body }).ok()?;
                "200 OK"
            }
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

#[tokio::test]
async fn h6_callbacks_are_tried_again_in_order() {
    let scene = Scene::calling_back().await;
    let mut tenant = Tenant::new().await;
    tenant.refuse(2);
    for n in 0..5 {
        scene.ok("/cron", once(&tenant.url("/a"), n)).await;
    }
    let mut came = Vec::new();
    for _ in 0..5 {
        came.push(tenant.next().await.body["info"]["n"].as_u64().unwrap());
    }
    came.sort_unstable();
    assert_eq!(came, [0, 1, 2, 3, 4], "each once, though two tries were refused");
    assert!(tenant.so_far().is_empty());
}

#[tokio::test]
async fn h6_private_addresses_are_not_called_unless_allowed() {
    // The shared server does not allow them.
    let app = App::new().await;
    let scene = Scene::of(app).await;
    let mut tenant = Tenant::new().await;
    scene.ok("/cron", once(&tenant.url("/a"), 1)).await;
    let allowed = Scene::calling_back().await;
    allowed.ok("/cron", once(&tenant.url("/b"), 2)).await;
    assert_eq!(tenant.next().await.path, "/b");
    assert!(tenant.so_far().is_empty());
}

/// A task that runs at once.
fn once(url: &str, n: u64) -> Value {
    json!({ "cronType": 3, "cronName": format!("once-{n}"), "cronTime": 1_594_988_027, "notifyUrl": url, "data": { "n": n } })
}
