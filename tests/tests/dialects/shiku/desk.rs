//! A tenant with the dialect mounted at a prefix of its own, its users, and their sockets.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{App, PATIENCE, bundled, eventually, request, within};

/// The document's way to say that there is no token, and that it is none.
pub const NO_TOKEN: i64 = 1_030_101;
pub const BAD_TOKEN: i64 = 1_030_102;

/// What the dialect imports.
pub const GRANTS: &str = "contacts,conversations,conversations-write,credentials,files,impersonation,kv,messages,\
    messages-edit,messages-send,proofs,search,users,users-write";

/// Makes jids that no other test has.
static JIDS: AtomicU64 = AtomicU64::new(1);

/// A tenant that speaks the protocol.
pub struct Desk {
    pub app: App,
    pub prefix: String,
}

/// A user who has registered.
#[derive(Clone)]
pub struct Person {
    pub token: String,
    /// The number, as text.
    pub id: String,
    pub phone: String,
}

impl Desk {
    /// An app that keeps system messages, as the demo's does.
    pub async fn new() -> Self {
        Self::with(json!({ "system_messages": true, "anonymous_uploads": true }), json!({})).await
    }

    pub async fn with(settings: Value, config: Value) -> Self {
        let app = App::with(settings).await;
        install(&app, "standard-types", "", json!({})).await;
        install(&app, "shiku", GRANTS, config).await;
        let prefix = format!("/t{}", app.id);
        let mount = json!({ "dialect": "shiku", "prefix": prefix });
        let path = format!("/apps/{}/mounts", app.id);
        app.server.admin("POST", &path, mount).await.ok();
        Self { app, prefix }
    }

    /// A request as a link: parameters in the address.
    pub async fn get(&self, path: &str, params: &[(&str, &str)]) -> Value {
        self.raw("GET", &format!("{path}?{}", form(params)), None).await
    }

    /// A request as a form.
    pub async fn post(&self, path: &str, params: &[(&str, &str)]) -> Value {
        self.raw("POST", path, Some(("application/x-www-form-urlencoded", form(params))))
            .await
    }

    /// A request as it is, and the envelope that answers it.
    pub async fn raw(&self, method: &str, path: &str, body: Option<(&str, String)>) -> Value {
        let mut request = request(self.app.server.address, method, &format!("{}{path}", self.prefix));
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind.to_owned()).bytes(body);
        }
        let response = request.send().await;
        assert!(
            response.status == 200 || response.status == 404,
            "{method} {path}: {}",
            response.text()
        );
        let answer: Value = serde_json::from_slice(&response.body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}: {}", response.text()));
        assert!(answer["resultCode"].is_i64(), "{method} {path}: {answer}");
        answer
    }

    /// Registers a user.
    pub async fn register(&self, phone: &str, nickname: &str) -> Person {
        let params = [
            ("phone", phone),
            ("areaCode", "86"),
            ("password", "secret-1"),
            ("nickname", nickname),
        ];
        let made = data(&self.post("/user/register", &params).await);
        Person {
            token: made["access_token"].as_str().unwrap().to_owned(),
            id: made["userId"].as_u64().unwrap().to_string(),
            phone: phone.to_owned(),
        }
    }

    /// Three users who know nothing of each other.
    pub async fn three(&self) -> [Person; 3] {
        [
            self.register("18094152050", "张益达").await,
            self.register("13112345611", "测试001").await,
            self.register("15825511111", "朋友001").await,
        ]
    }

    /// A request of a user, with the flag that the document always sends.
    pub async fn ask(&self, by: &Person, path: &str, params: &[(&str, &str)]) -> Value {
        let own = [("access_token", by.token.as_str()), ("flag", "rw")];
        self.get(path, &[&own, params].concat()).await
    }

    /// The same, and the data of its success.
    pub async fn did(&self, by: &Person, path: &str, params: &[(&str, &str)]) -> Value {
        data(&self.ask(by, path, params).await)
    }

    /// The same, and the words of its failure.
    pub async fn failed(&self, by: &Person, path: &str, params: &[(&str, &str)]) -> String {
        let answer = self.ask(by, path, params).await;
        assert_eq!(answer["resultCode"], 0, "{path} {params:?}: {answer}");
        answer["resultMsg"].as_str().unwrap().to_owned()
    }

    /// Makes a room and answers its jid and its id.
    pub async fn room(&self, by: &Person, name: &str, members: &[&Person]) -> (String, String) {
        let jid = jid();
        let phones: Vec<&str> = members.iter().map(|person| person.phone.as_str()).collect();
        let phones = json!(phones).to_string();
        let params = [
            ("jid", jid.as_str()),
            ("name", name),
            ("desc", "测试"),
            ("phones", phones.as_str()),
        ];
        let made = self.did(by, "/room/add", &params).await;
        (jid, made["id"].as_str().unwrap().to_owned())
    }

    /// A user's socket.
    pub async fn connect(&self, by: &Person) -> Wire {
        let query = format!("access_token={}", encode(&by.token));
        match self.try_connect(&query).await {
            Ok(wire) => wire,
            Err((status, body)) => panic!("the handshake was answered with {status}: {body}"),
        }
    }

    /// A socket, or how it was refused.
    pub async fn try_connect(&self, query: &str) -> Result<Wire, (u16, Value)> {
        let address = self.app.server.address;
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{address}{}/ws?{query}", self.prefix);
        match within("the handshake", tokio_tungstenite::client_async(url, stream)).await {
            Ok((stream, _)) => Ok(Wire {
                stream,
                kept: Vec::new(),
            }),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((
                    response.status().as_u16(),
                    serde_json::from_slice(body).unwrap_or_default(),
                ))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A text from one user to another over a socket; answers the object as it is stored.
    pub async fn say(&self, from: &Person, to: &str, name: &str, text: &str) -> Value {
        let mut wire = self.connect(from).await;
        let said = wire.ask(object(to, name, text)).await;
        assert_eq!(said["messageHead"]["messageId"], name, "{said}");
        said
    }

    /// The newest page of a direct history.
    pub async fn copies(&self, by: &Person, peer: &Person) -> Vec<Value> {
        let params = [("receiver", peer.id.as_str()), ("pageIndex", "0"), ("pageSize", "50")];
        list(&self.did(by, "/tigase/shiku_msgs", &params).await)
    }

    /// The newest page of a room's history.
    pub async fn history(&self, by: &Person, jid: &str) -> Vec<Value> {
        let params = [("roomId", jid), ("pageIndex", "0"), ("pageSize", "50")];
        list(&self.did(by, "/tigase/shiku_muc_msgs", &params).await)
    }

    /// The list of chats.
    pub async fn chats(&self, by: &Person) -> Vec<Value> {
        list(
            &self
                .did(
                    by,
                    "/tigase/getLastChatList",
                    &[("pageIndex", "0"), ("pageSize", "50000")],
                )
                .await,
        )
    }
}

/// Installs a bundled plugin; when too many are uploaded at once, it asks again.
async fn install(app: &App, name: &str, grants: &str, config: Value) {
    eventually("room for an upload", async || {
        let upload = app.upload(name, bundled(name)).grants(grants).config(config.clone());
        let response = upload.send().await;
        (response.status != 503).then(|| response.ok())
    })
    .await;
}

/// A jid as clients make them.
pub fn jid() -> String {
    format!("f6c9eb95fc1048b7{:016x}", JIDS.fetch_add(1, Ordering::Relaxed))
}

/// A text object, with only what a client must say.
pub fn object(to: &str, name: &str, text: &str) -> Value {
    let chat = if to.len() <= 16 { 1 } else { 2 };
    json!({ "type": 1, "content": text, "toUserId": to, "messageHead": { "chatType": chat, "messageId": name, "to": to } })
}

/// The data of a success; null if it has none.
#[track_caller]
pub fn data(answer: &Value) -> Value {
    assert_eq!(answer["resultCode"], 1, "{answer}");
    assert!(answer["currentTime"].as_u64().unwrap() > 1_600_000_000_000, "{answer}");
    answer["data"].clone()
}

#[track_caller]
pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}")).clone()
}

/// One field of each entry.
pub fn each(entries: &[Value], field: &str) -> Vec<Value> {
    entries.iter().map(|entry| entry[field].clone()).collect()
}

/// Every value replaced by the name of its type: what a client relies on.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => "string".into(),
        Value::Number(number) if number.is_f64() => "float".into(),
        Value::Number(_) => "int".into(),
        Value::Bool(_) => "bool".into(),
        Value::Null => "null".into(),
    }
}

/// Parameters as an address or a form carries them.
pub fn form(params: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", encode(name), encode(value));
    params.iter().map(pair).collect::<Vec<_>>().join("&")
}

pub fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A user's connection.
pub struct Wire {
    stream: WebSocketStream<TcpStream>,
    kept: Vec<Value>,
}

impl Wire {
    /// Sends an object and answers what comes back for it.
    pub async fn ask(&mut self, object: Value) -> Value {
        let name = object["messageHead"]["messageId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.send(&object.to_string()).await;
        self.find("the answer", |frame| {
            frame["messageHead"]["messageId"] == name || frame["messageId"] == name
        })
        .await
    }

    /// Sends a text as it is.
    pub async fn send(&mut self, text: &str) {
        within("a frame to be sent", self.stream.send(Message::text(text)))
            .await
            .unwrap();
    }

    /// The next frame of a type.
    pub async fn heard(&mut self, kind: i64) -> Value {
        self.find(&format!("a frame of type {kind}"), |frame| frame["type"] == kind)
            .await
    }

    /// The next failure.
    pub async fn failure(&mut self) -> Value {
        self.find("a failure", |frame| frame["resultCode"].is_i64()).await
    }

    /// What has come and was not asked for.
    pub fn kept(&self) -> &[Value] {
        &self.kept
    }

    /// Lets go of what has come.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    /// Waits for the end and answers the frames before it.
    pub async fn ended(mut self) -> Vec<Value> {
        while let Some(frame) = self.read("the end").await {
            self.kept.push(frame);
        }
        self.kept
    }

    async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at);
        }
        loop {
            match self.read(what).await {
                Some(frame) if wanted(&frame) => return frame,
                Some(frame) => self.kept.push(frame),
                None => panic!("closed while waiting for {what}; what came: {:#?}", self.kept),
            }
        }
    }

    async fn read(&mut self, what: &str) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.stream.next()).await {
                Err(_) => panic!("waited in vain for {what}; what came: {:#?}", self.kept),
                Ok(Some(Ok(Message::Text(text)))) => {
                    return Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return None,
                Ok(Some(Ok(_))) => {}
            }
        }
    }
}
