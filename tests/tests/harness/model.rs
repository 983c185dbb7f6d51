//! Somebody else's language model: a server that speaks the OpenAI chat API and says what the test wants. It is as strict
//! as the real ones: who asks wrongly gets the error they would give.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::eventually;

/// The key that opens it.
const KEY: &str = "sk-of-the-tests";

/// What it does when it is asked.
#[derive(Debug, Clone)]
pub enum Turn {
    /// Answers, for so many tokens.
    Says(String, u64),
    /// Answers with another status and body.
    Is(u16, String),
    /// Thinks for a while first.
    After(Duration, Box<Turn>),
    /// Never answers.
    Thinks,
    /// Ends the connection without an answer.
    HangsUp,
}

impl Turn {
    /// An answer of ten tokens.
    pub fn says(text: &str) -> Self {
        Self::Says(text.to_owned(), 10)
    }
}

type Script = Box<dyn Fn(usize, &Value) -> Turn + Send + Sync>;

/// A listener on this machine.
pub struct Model {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Model {
    /// One that does as it is told, by the number of the question from 0 and its body.
    pub async fn doing(script: impl Fn(usize, &Value) -> Turn + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<Value>>>::default();
        let (script, all): (Arc<Script>, _) = (Arc::new(Box::new(script)), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, all) = (Arc::clone(&script), Arc::clone(&all));
                tokio::spawn(async move { serve(stream, &script, &all).await });
            }
        });
        Self { address, asked }
    }

    /// One that says the same to all.
    pub async fn saying(text: &str) -> Self {
        let text = text.to_owned();
        Self::doing(move |_, _| Turn::says(&text)).await
    }

    /// How a configuration names it.
    pub fn endpoint(&self) -> Value {
        json!({ "url": format!("http://{}/v1", self.address), "model": "stand-in", "api_key": KEY })
    }

    /// The bodies of all questions so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits for so many questions.
    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        eventually(&format!("{count} questions to the model"), async || {
            let asked = self.asked();
            (asked.len() >= count).then_some(asked)
        })
        .await
    }
}

async fn serve(stream: TcpStream, script: &Script, all: &Mutex<Vec<Value>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let header = |name: &str| {
        let found = head.iter().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = found.filter(|(given, _)| given.eq_ignore_ascii_case(name));
        found
            .next()
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    let request = head.first().map_or("", String::as_str);
    let mut turn = match check(request, &header, &body) {
        Err((status, message)) => Turn::Is(status, error(&message)),
        Ok(question) => {
            let mut all = all.lock().unwrap();
            all.push(question.clone());
            script(all.len() - 1, &question)
        }
    };
    let (status, text) = loop {
        match turn {
            Turn::Says(text, tokens) => break (200, completion(&text, tokens)),
            Turn::Is(status, text) => break (status, text),
            Turn::After(pause, next) => {
                tokio::time::sleep(pause).await;
                turn = *next;
            }
            // Until whoever asks goes away.
            Turn::Thinks => return stream.read_u8().await.ok().map(drop),
            Turn::HangsUp => return None,
        }
    };
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    stream.write_all(answer.as_bytes()).await.ok()
}

/// What a question is, or what is wrong with it.
fn check(request: &str, header: &dyn Fn(&str) -> String, body: &[u8]) -> Result<Value, (u16, String)> {
    if !request.starts_with("POST /v1/chat/completions ") {
        return Err((404, format!("Invalid URL ({request})")));
    }
    if header("authorization") != format!("Bearer {KEY}") {
        return Err((401, "Incorrect API key provided".to_owned()));
    }
    let bad = |what: &str| (400, what.to_owned());
    if !header("content-type").starts_with("application/json") {
        return Err(bad("content-type must be application/json"));
    }
    let question: Value = serde_json::from_slice(body).map_err(|_| bad("could not parse the JSON body"))?;
    let messages = question["messages"]
        .as_array()
        .ok_or_else(|| bad("messages is missing"))?;
    let role = |message: &Value| message["role"].as_str().map(str::to_owned);
    let known =
        |role: Option<String>| role.is_some_and(|role| ["system", "user", "assistant"].contains(&role.as_str()));
    if !question["model"].is_string() || messages.is_empty() {
        return Err(bad("model and messages are required"));
    }
    if !messages
        .iter()
        .all(|message| known(role(message)) && message["content"].is_string())
    {
        return Err(bad("messages have a role and a content"));
    }
    Ok(question)
}

fn completion(text: &str, tokens: u64) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "stand-in",
        "choices": [{
            "index": 0, "finish_reason": "stop", "logprobs": null,
            "message": { "role": "assistant", "content": text, "refusal": null }
        }],
        "usage": { "prompt_tokens": tokens / 2, "completion_tokens": tokens - tokens / 2, "total_tokens": tokens }
    })
    .to_string()
}

fn error(message: &str) -> String {
    json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": null } }).to_string()
}
