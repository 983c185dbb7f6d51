//! Asks what the text of a message says, `GET url` or `POST url body`, by a library that knows nothing of this contract,
//! and writes what came of it to its log.

use switchboard_plugin::prelude::*;
use wstd::http::{Body, Client, Request};
use wstd::runtime::block_on;

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
            "GET" | "POST" => info!("{}", told(verb, url, words.next().unwrap_or_default())),
            // One after the other, more than a minute's worth.
            "FLOOD" => {
                let outcomes: Vec<String> = (0..30).map(|_| told("GET", url, "")).collect();
                let good = outcomes.iter().filter(|outcome| outcome.starts_with("200")).count();
                info!(
                    "{good} answered, the last: {}",
                    outcomes.last().map_or("", String::as_str)
                );
            }
            _ => {}
        }
        Ok(())
    }
}

fn told(method: &str, url: &str, body: &str) -> String {
    block_on(ask(method, url, body)).unwrap_or_else(|error| format!("failed: {error:?}"))
}

async fn ask(method: &str, url: &str, body: &str) -> wstd::http::Result<String> {
    let request = Request::builder().method(method).uri(url).body(Body::from(body))?;
    let mut answer = Client::new().send(request).await?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().contents().await?;
    if body.len() > 1000 {
        return Ok(format!("{status} {} bytes", body.len()));
    }
    Ok(format!("{status} {}", String::from_utf8_lossy(body)))
}
