//! The chat API on the wire: a request as every compatible endpoint takes it, and an answer with as little asked of it as
//! possible.

use crate::config::Config;
use crate::prompt::Line;
use crate::settings::Format;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the model has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Its words.
    pub content: String,
    /// Whether it, or what watches over it, has refused to answer.
    pub refused: bool,
    /// All tokens it has taken, if the endpoint says so.
    pub tokens: Option<i64>,
}

/// The body that asks for a completion.
#[must_use]
pub fn request(config: &Config, lines: &[Line]) -> String {
    let endpoint = &config.endpoint;
    let mut body = Map::new();
    body.insert("model".to_owned(), Value::from(endpoint.model.as_str()));
    body.insert("messages".to_owned(), json!(lines));
    body.insert(endpoint.max_tokens_field.clone(), Value::from(endpoint.max_tokens));
    if let Some(temperature) = endpoint.temperature {
        body.insert("temperature".to_owned(), Value::from(temperature));
    }
    if config.answers.format == Format::Json {
        body.insert("response_format".to_owned(), json!({ "type": "json_object" }));
    }
    Value::Object(body).to_string()
}

/// Reads what came back with a good status.
pub fn read(body: &[u8]) -> Result<Completion, String> {
    let reply: Reply = serde_json::from_slice(body).map_err(|error| format!("the answer cannot be read: {error}"))?;
    let usage = reply.usage.unwrap_or_default();
    let tokens = usage
        .total_tokens
        .or_else(|| Some(usage.prompt_tokens? + usage.completion_tokens?));
    let Some(choice) = reply.choices.into_iter().next() else {
        return Err("the answer has no choices".to_owned());
    };
    let message = choice.message;
    Ok(Completion {
        refused: message.refusal.is_some() || choice.finish_reason.as_deref() == Some("content_filter"),
        content: without_thoughts(&message.content.unwrap_or_default()).trim().to_owned(),
        // What no honest endpoint says is not counted with.
        tokens: tokens.filter(|tokens| (0..=100_000_000).contains(tokens)),
    })
}

/// Models that think aloud do so in front of their answer.
fn without_thoughts(content: &str) -> &str {
    let Some(thoughts) = content.trim_start().strip_prefix("<think>") else {
        return content;
    };
    thoughts.split_once("</think>").map_or("", |(_, answer)| answer)
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Usage {
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    total_tokens: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::config;
    use proptest::prelude::*;

    fn reading(body: Value) -> Result<Completion, String> {
        read(body.to_string().as_bytes())
    }

    #[test]
    fn a_request_says_what_is_set_and_nothing_else() {
        let lines = [Line {
            role: "user",
            name: None,
            content: "hi".to_owned(),
        }];
        let asked = |more: Value| serde_json::from_str::<Value>(&request(&config(more), &lines)).unwrap();
        assert_eq!(
            asked(json!({})),
            json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }], "max_tokens": 500 })
        );
        let endpoint = json!({ "url": "https://llm/v1", "model": "o", "temperature": 0.2, "max_tokens": 90,
            "max_tokens_field": "max_completion_tokens" });
        let body = asked(json!({ "endpoint": endpoint, "answers": { "format": "json" } }));
        assert_eq!(
            (&body["max_completion_tokens"], &body["max_tokens"]),
            (&json!(90), &Value::Null)
        );
        assert_eq!(
            (&body["temperature"], &body["response_format"]["type"]),
            (&json!(0.2), &json!("json_object"))
        );
    }

    #[test]
    fn answers_are_read() {
        let full = json!({ "id": "c", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{ "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": " Hello! ", "refusal": null } }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 } });
        let read = reading(full).unwrap();
        assert_eq!(
            (read.content.as_str(), read.refused, read.tokens),
            ("Hello!", false, Some(12))
        );
        let short = json!({ "choices": [{ "message": { "content": "<think>hm\n</think>\nYes." } }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 3 } });
        let read = reading(short).unwrap();
        assert_eq!((read.content.as_str(), read.tokens), ("Yes.", Some(12)));
        let none =
            reading(json!({ "choices": [{ "message": { "content": null }, "finish_reason": "content_filter" }] }));
        let none = none.unwrap();
        assert_eq!((none.content.as_str(), none.refused, none.tokens), ("", true, None));
        let odd = json!({ "choices": [{ "message": { "content": "x" } }], "usage": { "total_tokens": -5 } });
        assert_eq!(reading(odd).unwrap().tokens, None);
        assert!(reading(json!({ "choices": [] })).unwrap_err().contains("no choices"));
        for bad in ["", "<html>", "[]x", r#"{"choices":[{}]}"#, r#"{"choices":7}"#] {
            assert!(
                super::read(bad.as_bytes()).unwrap_err().contains("cannot be read"),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_answer_can_break_it(body in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,60}") {
            let _ = read(&body);
            let said = json!({ "choices": [{ "message": { "content": text } }] });
            let read = reading(said).unwrap();
            prop_assert!(text.contains(&read.content));
        }
    }
}
