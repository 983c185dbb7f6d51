//! Asks what the text of a message says, `GET url` or `POST url body`, by a library that knows nothing of this contract,
//! and writes what came of it to its log.

use switchboard_plugin::prelude::*;
use waki::{Client, Response};

struct WasiFetcher;

#[switchboard_plugin::hook]
impl Observer for WasiFetcher {
    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let text = message.text().unwrap_or_default();
        let mut words = text.splitn(3, ' ');
        let (verb, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match verb {
            "GET" => info!("{}", told(|| answered(Client::new().get(url).send()?))),
            "POST" => {
                let body = words.next().unwrap_or_default();
                info!("{}", told(|| answered(Client::new().post(url).body(body).send()?)));
            }
            // So much at once that not all can be under way.
            "FLOOD" => {
                let outcomes: Vec<String> = (0..30).map(|_| told(|| answered(Client::new().get(url).send()?))).collect();
                let good = outcomes.iter().filter(|outcome| outcome.starts_with("200")).count();
                info!("{good} answered, the last: {}", outcomes.last().map_or("", String::as_str));
            }
            _ => {}
        }
        Ok(())
    }
}

type Outcome = Result<String, Box<dyn std::error::Error>>;

fn answered(answer: Response) -> Outcome {
    let status = answer.status_code();
    let body = answer.body()?;
    if body.len() > 1000 {
        return Ok(format!("{status} {} bytes", body.len()));
    }
    Ok(format!("{status} {}", String::from_utf8_lossy(&body)))
}

fn told(ask: impl FnOnce() -> Outcome) -> String {
    ask().unwrap_or_else(|error| format!("failed: {error}"))
}
