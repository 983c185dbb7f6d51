//! The native protocol over real sockets: a server of its own, and clients that see only frames.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use switchboard::ambient::{SystemClock, SystemRandom};
use switchboard::chat::{Blobs, Chat, Files, Parts};
use switchboard::cluster::LocalBus;
use switchboard::config::Config;
use switchboard::delivery::Delivery;
use switchboard::gateway::{self, Gateway};
use switchboard::hub::Hub;
use switchboard::model::{AppId, AppSettings, Clock, Limits, Login, Random};
use switchboard::outbound;
use switchboard::plugin_host::{self, Mounts, PluginHost};
use switchboard::storage::{Storage, sqlite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "a secret of the test";
const SOON: Duration = Duration::from_secs(5);

struct Server {
    address: std::net::SocketAddr,
    hub: Arc<Hub>,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start(change: impl FnOnce(&mut Limits), login: Login) -> Self {
        let mut limits = Limits {
            frame_bytes: 4096,
            body_bytes: 4096,
            message_bytes: 2048,
            unacknowledged: 4,
            connection_queue: 64,
            dialect_queue: 100,
            connections_per_user: 8,
            group_members: 100,
            chatroom_members: 100,
            resume_events: 5,
            receipt_audience: 100,
            endpoint_body_bytes: 10 << 20,
            command_hours: 24,
            idle_timeout_ms: 60_000,
            login_timeout_ms: 10_000,
            user_messages_per_minute: 0,
            app_messages_per_second: 0,
            app_connections: 0,
            address_connections: 0,
            address_connects_per_minute: 0,
            address_requests_per_minute: 0,
            address_failures_per_minute: 0,
        };
        change(&mut limits);
        let folder = tempfile::tempdir().unwrap();
        let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let settings = sqlite::Settings::new(folder.path());
        let (sqlite, announcements) = sqlite::open(settings, clock.clone()).await.unwrap();
        let storage: Arc<dyn Storage> = sqlite;
        let hub = Arc::new(Hub::new(limits.connection_queue, limits.connections_per_user));
        let delivery = Arc::new(Delivery::new(
            hub.clone(),
            Arc::new(LocalBus),
            vec![gateway::native_encoder()],
            Arc::default(),
        ));
        let settings = plugin_host::Settings::new(folder.path().join("artifacts"), "none".into());
        let client = Arc::new(outbound::Client::new(outbound::Reach::default()).unwrap());
        let plugins = PluginHost::start(settings, storage.clone(), clock.clone(), random.clone(), client)
            .await
            .unwrap();
        let mounts = Mounts::start(plugins.clone(), storage.clone(), "none".into(), &[])
            .await
            .unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let file_limits = Config::load(None, &[]).unwrap().files;
        let parts = Parts {
            files: Files::new(storage.clone(), blobs, file_limits, clock.clone(), random.clone()),
            storage,
            hub: hub.clone(),
            delivery: delivery.clone(),
            plugins: plugins.clone(),
            random: random.clone(),
            limits,
            kept_conversations: 100,
            profile_bytes: 65_536,
        };
        let chat = Chat::start(parts).await.unwrap();
        tokio::spawn(delivery.run(announcements));
        let settings = AppSettings {
            login,
            ..AppSettings::default()
        };
        let app = Some(AppId::new(1).unwrap());
        chat.tenants()
            .create(app, "test".into(), Some(SECRET.into()), false, settings)
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let gateway = Gateway {
            metrics: None,
            chat,
            hub: hub.clone(),
            plugins,
            mounts,
            clock,
            random,
            limits,
            component_bytes: 1024,
            admin_token: None,
            demo: Vec::new(),
            shutdown: stop.clone(),
        };
        let served = tokio::spawn(gateway::serve(
            listener,
            gateway::Entrance::default(),
            gateway,
            stop.clone(),
            SOON,
        ));
        Self {
            address,
            hub,
            stop,
            served,
            _folder: folder,
        }
    }

    async fn try_connect(&self, query: &str) -> Result<Client, tokio_tungstenite::tungstenite::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, _) = client_async(format!("ws://{}/v1/ws?{query}", self.address), stream).await?;
        Ok(Client { socket })
    }

    async fn connect(&self, user: &str, more: &str) -> (Client, Value) {
        let mut client = self.try_connect(&format!("token={}{more}", token(user))).await.unwrap();
        let ready = client.next().await;
        assert_eq!(ready["type"], "session.ready", "{ready}");
        (client, ready["data"].clone())
    }
}

fn token(user: &str) -> String {
    let claims = json!({"app": 1, "sub": user, "exp": 32_503_680_000_u64});
    encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap()
}

struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    async fn send(&mut self, frame: Value) {
        self.text(&frame.to_string()).await;
    }

    async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn message(&mut self) -> Message {
        loop {
            let message = tokio::time::timeout(SOON, self.socket.next())
                .await
                .expect("a frame in time");
            match message.expect("a frame").expect("a good frame") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    async fn next(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("no frame but {other:?}"),
        }
    }

    async fn ask(&mut self, frame: Value) -> Value {
        self.send(frame).await;
        self.next().await
    }

    async fn closed(&mut self) -> u16 {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("not closed but {other:?}"),
        }
    }

    async fn direct_with(&mut self, user: &str) -> u64 {
        let data = json!({"kind": "direct", "members": [user]});
        let made = self
            .ask(json!({"id": 1, "type": "conversation.create", "data": data}))
            .await;
        made["data"]["id"].as_u64().unwrap_or_else(|| panic!("{made}"))
    }
}

fn text(id: u64, conversation: u64) -> Value {
    let data = json!({"conversation": conversation, "kind": "text", "body": {"text": format!("no {id}")},
                      "nonce": format!("n{id}")});
    json!({"id": id, "type": "message.send", "data": data})
}

#[tokio::test]
async fn messages_go_and_are_acknowledged_in_order() {
    let server = Server::start(|_| {}, Login::Multiple).await;
    let (mut ann, ready) = server.connect("ann", "&device=phone").await;
    assert_eq!((&ready["user"], &ready["device"]), (&json!("ann"), &json!("phone")));
    let (mut bob, _) = server.connect("bob", "").await;
    let conversation = ann.direct_with("bob").await;
    assert_eq!(bob.next().await["type"], "conversation.created");
    for id in 1..=40 {
        ann.send(if id == 20 {
            json!({"id": 20, "type": "message.send"})
        } else {
            text(id, conversation)
        })
        .await;
    }
    let (mut seq, mut heard) = (0, 0);
    for id in 1..=40 {
        let answer = ann.next().await;
        assert_eq!(answer["id"], id, "{answer}");
        if id == 20 {
            assert_eq!(answer["error"]["code"], "missing_field");
            continue;
        }
        seq += 1;
        assert_eq!(answer["data"]["seq"], seq, "{answer}");
    }
    while heard < seq {
        heard += 1;
        let event = bob.next().await;
        assert_eq!(
            (&event["type"], &event["seq"]),
            (&json!("message.sent"), &json!(heard)),
            "{event}"
        );
        assert!(event["data"].get("nonce").is_none());
    }
    let again = ann.ask(text(1, conversation)).await;
    assert_eq!(again["data"]["duplicate"], true);
}

#[tokio::test]
async fn bad_frames_are_answered_and_the_connection_stays() {
    let server = Server::start(|_| {}, Login::Multiple).await;
    let (mut ann, _) = server.connect("ann", "").await;
    for (frame, code) in [
        ("{", "bad_json".to_owned()),
        (r#"{"id":1,"type":"x"}"#, "unknown_type".into()),
        (
            r#"{"id":1,"type":"session.login","data":{"token":"x"}}"#,
            "conflict".into(),
        ),
        (
            &format!("{{\"id\":1,\"type\":\"{}\"}}", "x".repeat(8000)),
            "too_large".into(),
        ),
    ] {
        ann.text(frame).await;
        assert_eq!(ann.next().await["error"]["code"], code);
    }
    ann.socket.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(ann.next().await["error"]["code"], "bad_frame");
    assert_eq!(
        ann.ask(json!({"id": "p", "type": "ping"})).await,
        json!({"id":"p","type":"reply","data":{"pong":true}})
    );
    let _ = ann.socket.send(Message::text("x".repeat(20_000))).await;
    assert_eq!(ann.closed().await, 1009);
}

#[tokio::test]
async fn logging_in_by_frame_and_not_at_all() {
    let server = Server::start(|limits| limits.login_timeout_ms = 300, Login::Single).await;
    let mut ann = server.try_connect("").await.unwrap();
    let early = ann.ask(json!({"id": 1, "type": "block.list"})).await;
    assert_eq!(early["error"]["code"], "unauthenticated");
    let login = json!({"id": 2, "type": "session.login", "data": {"token": token("ann"), "device": "tablet"}});
    assert_eq!(
        ann.ask(login.clone()).await["data"],
        json!({"user": "ann", "device": "tablet"})
    );
    assert_eq!(ann.next().await["type"], "session.ready");
    let (_second, _) = server.connect("ann", "").await;
    assert_eq!(ann.closed().await, 4001);
    let mut silent = server.try_connect("").await.unwrap();
    assert_eq!(silent.closed().await, 4002);
    let mut wrong = server.try_connect("").await.unwrap();
    let answer = wrong
        .ask(json!({"id": 1, "type": "session.login", "data": {"token": "x"}}))
        .await;
    assert_eq!(answer["error"]["code"], "bad_token");
    assert_eq!(wrong.closed().await, 4002);
    let Err(refused) = server.try_connect("token=wrong").await else {
        panic!("let in")
    };
    assert!(refused.to_string().contains("401"), "{refused}");
}

#[tokio::test]
async fn what_was_missed_is_told_once_and_before_what_is_live() {
    let server = Server::start(|_| {}, Login::Multiple).await;
    let (mut ann, ready) = server.connect("ann", "").await;
    let conversation = ann.direct_with("bob").await;
    for id in 1..=3 {
        ann.ask(text(id, conversation)).await;
    }
    let (mut bob, _) = server.connect("bob", &format!("&cursor={}", ready["cursor"])).await;
    let mut types = Vec::new();
    let resumed = loop {
        let event = bob.next().await;
        if event["type"] == "session.resumed" {
            break event;
        }
        types.push(event["type"].as_str().unwrap().to_owned());
    };
    assert_eq!(
        types.iter().filter(|kind| *kind == "message.sent").count(),
        3,
        "{types:?}"
    );
    assert_eq!(
        (&resumed["data"]["complete"], &resumed["data"]["missed"]),
        (&json!(true), &json!(types.len()))
    );
    ann.ask(text(4, conversation)).await;
    assert_eq!(bob.next().await["seq"], 4);
    for id in 5..=9 {
        ann.ask(text(id, conversation)).await;
        bob.next().await;
    }
    let resume = json!({"id": 3, "type": "session.resume", "data": {"cursor": ready["cursor"]}});
    let behind = bob.ask(resume).await;
    assert_eq!(behind["data"]["complete"], false, "{behind}");
    assert_eq!(
        behind["data"]["conversations"],
        json!([{"conversation": conversation, "last_seq": 9}])
    );
    assert_eq!(bob.next().await, json!({"id": 3, "type": "reply", "data": {}}));
}

#[tokio::test]
async fn presence_is_watched_idleness_ends_and_a_server_says_goodbye() {
    let server = Server::start(|limits| limits.idle_timeout_ms = 600, Login::Multiple).await;
    let (mut ann, _) = server.connect("ann", "").await;
    let watched = ann
        .ask(json!({"id": 1, "type": "presence.watch", "data": {"users": ["bob"]}}))
        .await;
    assert_eq!(
        watched["data"]["presence"],
        json!([{"user": "bob", "online": false, "devices": []}])
    );
    let (bob, _) = server.connect("bob", "").await;
    assert_eq!(ann.next().await["data"], json!({"user": "bob", "online": true}));
    // Bob's client answers no ping, since nothing reads its socket; Ann's does, since she waits for a frame.
    assert_eq!(ann.next().await["data"], json!({"user": "bob", "online": false}));
    drop(bob);
    assert_eq!(server.hub.live(), 1);
    server.stop.cancel();
    server.hub.close_all();
    assert_eq!(ann.closed().await, 1001);
    drop(ann);
    tokio::time::timeout(SOON, server.served).await.unwrap().unwrap();
    assert_eq!(server.hub.live(), 0);
}
