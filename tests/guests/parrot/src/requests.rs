//! Requests.

use serde_json::{Value, json};
use switchboard_plugin::hooks::dialect::{Content, Request, Response};
use switchboard_plugin::host::types::{Context, Param};
use switchboard_plugin::host::{proofs, users};
use switchboard_plugin::kv;

use crate::misdeeds;

pub fn answer(ctx: &Context, request: Request) -> Response {
    let Some(word) = request.path.strip_prefix("/do/") else {
        return Response::json(200, echo(ctx, &request).to_string());
    };
    misdeeds::commit(word);
    let parameter = |name: &str| request.parameter(name).unwrap_or_default();
    match word {
        "status" => Response::json(parameter("status").parse().unwrap_or(0), "{}"),
        "headers" => Response {
            status: 200,
            headers: [
                ("content-length", "1"),
                ("connection", "close"),
                ("transfer-encoding", "gzip"),
                ("x-own", "yes"),
                ("set-cookie", "a=1"),
                ("set-cookie", "b=2"),
                ("bad name", "x"),
                ("x-bad", "a\r\nb: c"),
            ]
            .map(|(name, value)| Param {
                name: name.to_owned(),
                value: value.to_owned(),
            })
            .to_vec(),
            body: "ok".to_owned(),
        },
        "huge" => Response::json(200, "x".repeat(8 << 20)),
        "seal" => Response::json(
            200,
            json!({ "hidden": !parameter("secret").contains("pst"), "back": parameter("secret") }).to_string(),
        ),
        "kv" => {
            let value = kv::get(parameter("key")).ok().flatten().map(|value| value.value);
            let value = value.map(|value| String::from_utf8_lossy(&value).into_owned());
            Response::json(200, json!(value).to_string())
        }
        "secret" => {
            let proven = proofs::by_secret(parameter("secret"));
            Response::json(200, json!({ "proven": proven.is_ok() }).to_string())
        }
        "user" => {
            let found = users::get(parameter("user"));
            Response::json(
                200,
                json!({ "found": found.is_ok_and(|user| user.is_some()) }).to_string(),
            )
        }
        _ => Response::json(404, "{}"),
    }
}

fn pairs(params: &[Param]) -> Value {
    params.iter().map(|param| json!([param.name, param.value])).collect()
}

fn echo(ctx: &Context, request: &Request) -> Value {
    let content = match &request.content {
        Content::None => Value::Null,
        Content::Form(fields) => json!({ "form": pairs(fields) }),
        Content::Multipart(parts) => json!({ "fields": pairs(&parts.fields), "files": parts.files.len() }),
        Content::Text(text) => json!({ "text": text }),
        Content::Bytes(bytes) => json!({ "bytes": bytes.len() }),
    };
    json!({
        "app": ctx.app_id,
        "plugin": ctx.plugin,
        "method": request.method,
        "path": request.path,
        "query": pairs(&request.query),
        "header": request.header("x-test"),
        "base": request.base,
        "remote": request.remote,
        "id": request.id,
        "content": content,
    })
}
