//! Rate limits in each protocol's own words: what is refused is told, the connection stays, and time brings it back.

use std::sync::Arc;

use serde_json::{Value, json};

use super::party::{Party, Way};
use super::said::{Tongue, What};
use super::town::Town;
use crate::dialects::hooks::scene::{call, random};
use crate::dialects::shiku::desk::object;
use crate::harness::{Response, Server, eventually, request};

/// Far above every limit here.
const MANY: usize = 500;

/// Sends a text to a user; what the protocol answers if it was refused.
async fn send(party: &mut Party, town: &Town, to: &str, n: usize) -> Result<(), Value> {
    let refused = |answer: Value, is: bool| if is { Err(answer) } else { Ok(()) };
    let uid = party.uid.clone();
    match &mut party.way {
        Way::Wokchat(person, page) => {
            let answer = person.done("connectToUser", json!({ "to_uid": to })).await;
            let session = &answer["session"]["id"];
            page.send(json!({ "action": "send_by_session", "session_id": session, "content": "x", "type": 1 }))
                .await;
            loop {
                let frame = page.read().await.unwrap();
                if frame["do_action"] == "send_success" || frame["do_action"] == "show_toast" {
                    let is = frame["do_action"] == "show_toast";
                    return refused(frame, is);
                }
            }
        }
        Way::Imrest(_) => {
            let conv = town.imrest.conversation(&uid, &[to], 1).await;
            let body = json!({ "from_client": uid, "type": -1, "text": "x" });
            let answer = town
                .imrest
                .ask("POST", &format!("/im/conversations/{conv}/message"), body)
                .await;
            let is = answer["code"] != 0;
            refused(answer, is)
        }
        Way::Social(line) => {
            let frame = json!({ "action": "chat", "type": 1, "content": "x", "extra": {}, "to_app_user_id": to });
            let answer = line.ask(frame).await;
            let is = answer["code"] != 200;
            refused(answer, is)
        }
        Way::Hooks(wire) => {
            let frame = json!({ "serviceType": "chat", "uid": to, "type": "text", "data": { "text": "x" } });
            let answer = call(wire, frame).await;
            let is = answer["code"] != 0;
            refused(answer, is)
        }
        Way::Shiku(_, wire) => {
            let answer = wire.ask(object(to, &format!("n-{n}"), "x")).await;
            let is = answer["resultCode"].is_i64();
            refused(answer, is)
        }
        Way::Native(user, _) => {
            let members = json!({ "kind": "direct", "members": [to] });
            let made = user.call("conversation.create", members).await;
            let message = json!({ "conversation": made["id"], "kind": "text", "body": { "text": "x" } });
            let sent = user.attempt("message.send", message).await;
            sent.map(drop).map_err(|failure| json!(failure.code))
        }
    }
}

/// What a refusal by the limit of messages is in a protocol.
fn says_so(tongue: Tongue, answer: &Value) -> bool {
    let names_it = |text: &Value| {
        text.as_str()
            .is_some_and(|text| text.contains("user_messages_per_minute"))
    };
    match tongue {
        Tongue::Wokchat => answer["text"] == "操作过于频繁，请稍后再试",
        Tongue::Imrest => answer["code"] == 1 && names_it(&answer["message"]),
        Tongue::Social => answer["code"] == 0 && names_it(&answer["msg"]),
        Tongue::Hooks => answer["code"] == 429,
        Tongue::Shiku => answer["resultCode"] == 0 && answer["resultMsg"] == "操作过于频繁，请稍后再试",
        Tongue::Native => answer == "rate_limited",
    }
}

#[tokio::test]
async fn w15_each_protocol_tells_a_hasty_user() {
    let server = Server::start(&["limits.user_messages_per_minute=20"]);
    let town = Town::on(&server).await;
    let mut listener = town.party(Tongue::Native, 9).await;
    for tongue in Tongue::ALL {
        let mut party = town.party(tongue, 1).await;
        let mut sent = 0;
        let answer = loop {
            match send(&mut party, &town, &listener.uid, sent).await {
                Ok(()) => sent += 1,
                Err(answer) => break answer,
            }
            assert!(sent < MANY, "{tongue:?} is never refused");
        };
        assert!(sent >= 20 && says_so(tongue, &answer), "{tongue:?}, {sent}: {answer}");
        // The same connection goes on.
        let mut n = MANY;
        eventually("time to bring a message back", async || {
            n += 1;
            send(&mut party, &town, &listener.uid, n).await.ok()
        })
        .await;
        for _ in 0..=sent {
            assert_eq!(listener.hear(What::Text).await.from, party.uid, "{tongue:?}");
        }
    }
}

/// A town, and what users show there.
struct Gate {
    town: Town,
    social: String,
    shiku: String,
    native: String,
}

impl Gate {
    async fn new(server: &Arc<Server>) -> Self {
        let town = Town::on(server).await;
        Self {
            social: town.social.person("77").await.token,
            shiku: town.shiku.register("13800000077", "x").await.token,
            native: town.app.user("78").await.token,
            town,
        }
    }

    /// A request of a protocol from an address, with credentials that are right or wrong.
    async fn knock(&self, tongue: Tongue, from: &str, right: bool) -> Response {
        let id = self.town.app.id;
        let request = |method: &str, path: &str| {
            let path = if tongue == Tongue::Native {
                path.to_owned()
            } else {
                format!("/t{id}{path}")
            };
            let asked = request(self.town.app.server.address, method, &path);
            asked.header("x-forwarded-for", from.to_owned())
        };
        let shown = |text: &str| if right { text.to_owned() } else { "wrong".to_owned() };
        let signed = |mut fields: Value| {
            fields["sign"] = json!(shown(fields["sign"].as_str().unwrap()));
            fields
        };
        let asked = match tongue {
            Tongue::Wokchat => {
                let fields = self.town.wokchat.signed(json!({ "uid": 79, "nickname": "x" }));
                request("POST", "/api/wokchatadmin/pushUser").json(&signed(fields.into()))
            }
            Tongue::Imrest => request("GET", "/im/conversations?where=%5B%5D")
                .header("app-id", id.to_string())
                .header("app-key", shown(&self.town.app.secret)),
            Tongue::Social => request("POST", &format!("/social/user/update?token={}", shown(&self.social)))
                .json(&json!({ "nickname": "x" })),
            Tongue::Hooks => request("POST", "/hook/ticket").json(&signed(self.town.hooks.signed(&random()))),
            Tongue::Shiku => request(
                "GET",
                &format!("/shiku/user/get?flag=rw&access_token={}", shown(&self.shiku)),
            ),
            Tongue::Native => request("GET", "/v1/me").bearer(&shown(&self.native)),
        };
        asked.send().await
    }

    /// Knocks until it is told to come again; how often it was answered before.
    async fn exhaust(&self, tongue: Tongue, from: &str, right: bool) -> usize {
        for answered in 0..MANY {
            let response = self.knock(tongue, from, right).await;
            if !response.header("retry-after").is_empty() {
                is_busy(tongue, &response);
                return answered;
            }
        }
        panic!("{tongue:?} is never refused");
    }
}

/// What a refusal by a limit of an address is in a protocol.
#[track_caller]
fn is_busy(tongue: Tongue, response: &Response) {
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let (found, expected) = match tongue {
        Tongue::Wokchat => (&answer["msg"], json!("系统繁忙请稍候再试")),
        Tongue::Imrest => (&answer["message"], json!("busy: try again")),
        Tongue::Social => (&answer["msg"], json!("too busy, try again")),
        Tongue::Hooks => (&answer["code"], json!(503)),
        Tongue::Shiku => (&answer["resultMsg"], json!("服务器繁忙，请稍后再试")),
        Tongue::Native => (&answer["error"]["code"], json!("rate_limited")),
    };
    assert_eq!(*found, expected, "{tongue:?}: {answer}");
    let status = if tongue == Tongue::Native { 429 } else { 200 };
    assert_eq!(response.status, status, "{tongue:?}: {answer}");
}

#[tokio::test]
async fn w15_each_protocol_tells_a_hasty_address() {
    let server = Server::start(&[
        "server.trusted_proxies=[\"127.0.0.1\"]",
        "limits.address_requests_per_minute=120",
        "limits.address_failures_per_minute=20",
    ]);
    let gate = Gate::new(&server).await;
    for (n, tongue) in Tongue::ALL.into_iter().enumerate() {
        let [hasty, guesser, other] = [1, 2, 3].map(|host| format!("203.0.{n}.{host}"));
        let answered = gate.exhaust(tongue, &hasty, true).await;
        assert!(answered >= 120, "{tongue:?}: {answered}");
        let guesses = gate.exhaust(tongue, &guesser, false).await;
        assert!((20..120).contains(&guesses), "{tongue:?}: {guesses}");
        let right = gate.knock(tongue, &other, true).await;
        let found = (right.status, right.header("retry-after"));
        assert_eq!(found, (200, ""), "{tongue:?}: {}", right.text());
        eventually("time to bring a request back", async || {
            let response = gate.knock(tongue, &hasty, true).await;
            response.header("retry-after").is_empty().then_some(())
        })
        .await;
    }
}
