//! The endpoint: what it does is in the path.

use serde_json::json;
use switchboard_plugin::hooks::endpoint::{Request, Response};
use switchboard_plugin::host::messages_send::{Delivery, Echo, submit};
use switchboard_plugin::host::types::Param;
use switchboard_plugin::prelude::*;

use crate::Switchman;

#[switchboard_plugin::hook]
impl Endpoint for Switchman {
    fn handle(ctx: Context, request: Request) -> Response {
        match request.path.as_str() {
            "/mirror" => mirror(&ctx, &request),
            // Gives back what it was given, with the parameters as headers.
            "/headers" => {
                let status = request.parameter("status").and_then(|status| status.parse().ok());
                let response = Response {
                    body: request.body.clone(),
                    ..Response::empty(status.unwrap_or(200))
                };
                let given = request.query.iter().filter(|param| param.name != "status");
                given.fold(response, |response, param| response.header(&param.name, &param.value))
            }
            "/page" => Response::new(200, "text/html; charset=utf-8", "<script>alert(1)</script>"),
            "/preflight" if request.method == "OPTIONS" => Response::empty(204)
                .header("access-control-allow-methods", "GET, POST, OPTIONS")
                .header("access-control-allow-headers", "authorization, content-type"),
            "/bytes" => {
                let count = request.parameter("count").and_then(|count| count.parse().ok());
                Response::new(200, "text/plain", vec![b'x'; count.unwrap_or(0)])
            }
            "/speak" => speak(&request),
            "/hold" => match kv::increment("held", 1, None) {
                Ok(count) => Response::text(200, count.to_string()),
                Err(error) => Response::text(500, String::from(error)),
            },
            "/trap" => panic!("fails on purpose"),
            "/loop" => loop {
                std::hint::black_box(());
            },
            other => Response::text(404, format!("nothing at {other}")),
        }
    }
}

fn mirror(ctx: &Context, request: &Request) -> Response {
    let pairs = |params: &[Param]| -> Vec<[String; 2]> {
        params
            .iter()
            .map(|param| [param.name.clone(), param.value.clone()])
            .collect()
    };
    let body = json!({
        "app": ctx.app_id, "plugin": ctx.plugin, "depth": ctx.depth,
        "method": request.method, "path": request.path, "query": pairs(&request.query),
        "headers": pairs(&request.headers), "body": request.text(), "bytes": request.body.len(),
        "uid": request.uid, "remote": request.remote, "base": request.base, "id": request.id,
    });
    Response::json(200, body.to_string())
}

/// Sends `text` into `conversation`, `as` a user or as the plugin.
fn speak(request: &Request) -> Response {
    let parameter = |name| request.parameter(name).unwrap_or_default();
    let mut message = Outgoing::new(parameter("conversation"), "text", text_body(parameter("text")));
    message.as_user = request.parameter("as").map(str::to_owned);
    let delivery = Delivery {
        nonce: request.parameter("nonce").map(str::to_owned),
        mention_all: false,
        echo: Echo::All,
    };
    match submit(&message, &delivery) {
        Ok(receipt) => {
            let told = json!({ "id": receipt.id, "seq": receipt.seq, "duplicate": receipt.duplicate,
                "body": receipt.body });
            Response::json(200, told.to_string())
        }
        Err(error) => Response::text(409, String::from(error)),
    }
}
