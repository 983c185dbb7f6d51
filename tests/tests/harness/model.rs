//! Somebody else's language model: a server that speaks the OpenAI chat API and says what the test wants. It is as strict
//! as the real ones: who asks wrongly gets the error they would give.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;

use super::asked::Asked;
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
    /// Thinks until it is told to go on.
    Until(Arc<Notify>, Box<Turn>),
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
        let asked = Arc::<Mutex<Vec<Value>>>::default();
        let (script, all): (Arc<Script>, _) = (Arc::new(Box::new(script)), Arc::clone(&asked));
        let address = Asked::listen("127.0.0.1:0", move |one| {
            let (script, all) = (Arc::clone(&script), Arc::clone(&all));
            async move { serve(one, &script, &all).await }
        })
        .await;
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

async fn serve(mut one: Asked, script: &Script, all: &Mutex<Vec<Value>>) -> Option<()> {
    let mut turn = match check(&one) {
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
            Turn::Until(gate, next) => {
                gate.notified().await;
                turn = *next;
            }
            // Until whoever asks goes away.
            Turn::Thinks => return one.stream.read_u8().await.ok().map(drop),
            Turn::HangsUp => return None,
        }
    };
    one.answer(status, "content-type: application/json\r\n", text.as_bytes())
        .await
}

/// What a question is, or what is wrong with it.
fn check(one: &Asked) -> Result<Value, (u16, String)> {
    if (one.method.as_str(), one.path.as_str()) != ("POST", "/v1/chat/completions") {
        return Err((404, format!("Invalid URL ({} {})", one.method, one.path)));
    }
    if one.header("authorization") != format!("Bearer {KEY}") {
        return Err((401, "Incorrect API key provided".to_owned()));
    }
    let bad = |what: &str| (400, what.to_owned());
    if !one.header("content-type").starts_with("application/json") {
        return Err(bad("content-type must be application/json"));
    }
    let question: Value = serde_json::from_slice(&one.body).map_err(|_| bad("could not parse the JSON body"))?;
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
