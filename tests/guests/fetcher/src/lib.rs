//! Does what the text of a message says, a JSON object with one verb, and writes what came of it to its log. As a policy
//! it asks the URL that a message names before it lets the message pass.

use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_plugin::host::conversations_write::{self, NewConversation};
use switchboard_plugin::host::timers::{self, Schedule};
use switchboard_plugin::host::{contacts, credentials, files, messages_edit, types, users_write, webhooks};
use switchboard_plugin::prelude::*;

struct Fetcher;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    /// Asks a URL and follows redirections itself, so often.
    Get { url: String, follow: u32 },
    /// Posts a body with a header, waiting so long.
    Post { url: String, body: String, timeout_ms: u32 },
    /// A header that is the connection's own.
    Forge { url: String },
    /// Does a thing again and again, and says what came of each.
    Repeat {
        what: String,
        times: u32,
        url: Option<String>,
    },
    /// Changes a figure.
    Figure {
        name: String,
        labels: Vec<(String, String)>,
        change: Figure,
    },
    /// Makes so many series.
    Series { count: u32 },
    /// Asked by the policy.
    Judge { url: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Figure {
    Count(u64),
    Set(f64),
    Record(f64),
}

#[switchboard_plugin::hook]
impl Observer for Fetcher {
    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let text = message.text().unwrap_or_default();
        if let Ok(verb) = serde_json::from_str::<Verb>(&text) {
            info!("{}", done(verb, &message.conversation_id));
        }
        Ok(())
    }
}

#[switchboard_plugin::hook]
impl Policy for Fetcher {
    fn check(_ctx: Context, _sender: Sender, attempt: Attempt) -> Verdict {
        let Attempt::Send(draft) = attempt else {
            return Verdict::Allow;
        };
        let text = draft.text().unwrap_or_default();
        if let Ok(Verb::Judge { url }) = serde_json::from_str(&text) {
            info!("judged: {}", told(http::get(url).send()));
        }
        Verdict::Allow
    }
}

#[switchboard_plugin::hook]
impl Timer for Fetcher {
    fn fire(_ctx: Context, _firing: Firing) -> Result<(), String> {
        Ok(())
    }
}

fn done(verb: Verb, room: &str) -> String {
    match verb {
        Verb::Get { url, follow } => told(get(url, follow)),
        Verb::Post { url, body, timeout_ms } => {
            told(http::post(url, body).header("X-Own", "1").timeout_ms(timeout_ms).send())
        }
        Verb::Forge { url } => told(http::get(url).header("Host", "elsewhere").send()),
        Verb::Repeat { what, times, url } => {
            let mut outcomes: Vec<String> = Vec::new();
            for _ in 0..times {
                let outcome = match once(&what, room, url.as_deref().unwrap_or_default()) {
                    Ok(()) => "ok".to_owned(),
                    Err(error) => failed(&error),
                };
                outcomes.push(outcome);
            }
            format!("{what}: {}", outcomes.join(" "))
        }
        Verb::Figure { name, labels, change } => {
            let labels: Vec<(&str, &str)> = labels
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let changed = match change {
                Figure::Count(by) => metrics::count(&name, &labels, by),
                Figure::Set(value) => metrics::set(&name, &labels, value),
                Figure::Record(value) => metrics::record(&name, &labels, value),
            };
            changed.map_or_else(|error| failed(&error), |()| "changed".to_owned())
        }
        Verb::Series { count } => {
            let made =
                (0..count).filter(|number| metrics::count("many", &[("number", &number.to_string())], 1).is_ok());
            format!("{} series", made.count())
        }
        Verb::Judge { .. } => "let pass".to_owned(),
    }
}

fn get(url: String, follow: u32) -> Result<http::Response, Error> {
    let mut answer = http::get(url).send()?;
    for _ in 0..follow {
        let Some(next) = answer.header("location").map(str::to_owned) else {
            break;
        };
        answer = http::get(next).send()?;
    }
    Ok(answer)
}

fn once(what: &str, room: &str, url: &str) -> Result<(), Error> {
    match what {
        "send" => reply(room, "again").send().map(drop),
        "fetch" => http::get(url).send().map(drop),
        "put" => {
            let patch = users_write::Patch {
                nickname: Some("again".to_owned()),
                avatar: None,
                attributes: None,
            };
            users_write::put("again", &patch).map(drop)
        }
        "push" => connections::push("again", "again", "{}"),
        "post" => {
            let webhook = webhooks::Webhook {
                url: url.to_owned(),
                headers: Vec::new(),
                body: "{}".to_owned(),
                order_key: None,
            };
            webhooks::post(&webhook).map(drop)
        }
        "delete" => files::delete("none").map(drop),
        "recall" => messages_edit::recall(None, "1").map(drop),
        "create" => {
            let new = NewConversation {
                kind: ConversationKind::Group,
                members: vec!["ann".to_owned()],
                name: "again".to_owned(),
                cover: String::new(),
                ext: None,
            };
            conversations_write::create(None, &new).map(drop)
        }
        "block" => contacts::block("ann", "bob").map(drop),
        "token" => credentials::issue_token("ann", 60, None).map(drop),
        "timer" => {
            let never = Schedule {
                first_at: u64::MAX,
                every: None,
                runs: None,
            };
            timers::set("again", never, "{}").map(drop)
        }
        other => Err(Error::Invalid(other.to_owned())),
    }
}

fn told(answer: Result<http::Response, Error>) -> String {
    match answer {
        Ok(answer) => {
            let body = answer.text();
            let shown: Value = if body.len() > 1000 {
                body.len().into()
            } else {
                body.into()
            };
            json!({ "status": answer.status, "body": shown, "type": answer.header("content-type") }).to_string()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> String {
    match error {
        Error::Refused(types::Refusal { code, .. }) => format!("refused {code}"),
        Error::Quota(name) => format!("quota {name}"),
        Error::Invalid(text) => format!("invalid {text}"),
        Error::Unavailable(text) => format!("unavailable {text}"),
        Error::NotFound => "not found".to_owned(),
    }
}
