//! The OpenAPI description, made from the routes themselves: a route that is not described does not exist. What holds
//! for every operation (how errors look, who may ask) is said here, once.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::Router;
use bytes::Bytes;
use serde_json::{Value, json};
use utoipa::PartialSchema as _;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::admin::{self, Admin};
use super::error::Envelope;
use super::rest::{self, Rest};
use super::wire::Refused;

/// REST and the admin API, with their description. JSON bodies are bounded by `body_bytes`.
pub fn router(rest: Arc<Rest>, admin: Arc<Admin>, body_bytes: usize) -> Router {
    let (rest_routes, rest_api) = rest::routes().split_for_parts();
    let (admin_routes, admin_api) = admin::routes().split_for_parts();
    let (own_routes, own_api) = own().split_for_parts();
    let document = Document(complete([rest_api, own_api, admin_api]).to_string().into());
    Router::new()
        .merge(rest_routes.with_state(rest))
        .merge(admin_routes.with_state(admin))
        .merge(own_routes.with_state(document))
        .layer(DefaultBodyLimit::max(body_bytes))
}

/// The description.
#[must_use]
pub fn document() -> Value {
    complete([
        rest::routes().into_openapi(),
        own().into_openapi(),
        admin::routes().into_openapi(),
    ])
}

/// The description, written down once.
#[derive(Clone)]
struct Document(Bytes);

fn own() -> OpenApiRouter<Document> {
    OpenApiRouter::new().routes(routes!(read_openapi))
}

/// This description.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "about",
    responses((status = OK, description = "OpenAPI 3.1", content_type = "application/json"))
)]
async fn read_openapi(State(document): State<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.0).into_response()
}

/// Puts the parts together and says what holds for every operation.
fn complete(parts: impl IntoIterator<Item = OpenApi>) -> Value {
    let info = InfoBuilder::new()
        .title("Switchboard")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("REST of the native protocol, and the admin API."));
    let mut all = OpenApiBuilder::new().info(info.build()).build();
    for part in parts {
        all.merge(part);
    }
    // A description is made of strings, numbers and lists: it is always JSON.
    let mut document = serde_json::to_value(all).unwrap_or_default();
    let operations = document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut());
    for operation in operations
        .filter_map(Value::as_object_mut)
        .flat_map(|item| item.values_mut())
    {
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        operation["security"] = match tag {
            "about" => json!([]),
            "admin" => json!([{ "operator": [] }, { "app_secret": [] }]),
            _ => json!([{ "user_token": [] }]),
        };
        operation["responses"]["429"] = json!({ "$ref": "#/components/responses/RateLimited" });
        operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Error" });
    }
    let components = &mut document["components"];
    components["schemas"]["Refused"] = json!(Refused::schema());
    components["schemas"]["Envelope"] = json!(Envelope::schema());
    let why = "Refused. `error.code` says why; the protocol lists the codes with their statuses.";
    components["responses"]["Error"] = error(why);
    let why = "Refused with `rate_limited`: too often. `error.field` names the limit of the configuration.";
    components["responses"]["RateLimited"] = error(why);
    components["securitySchemes"] = json!({
        "user_token": bearer("A JWT signed with the app's secret, or a token issued by the admin API."),
        "operator": bearer("The operator's token."),
        "app_secret": bearer("An app's secret: opens what is under that app."),
    });
    document
}

fn error(why: &str) -> Value {
    json!({
        "description": why,
        "headers": {
            "x-request-id": { "description": "Names the request in the server's log.", "schema": { "type": "string" } },
            "retry-after": { "description": "Seconds after which a retry may help.", "schema": { "type": "integer" } },
        },
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Envelope" } } },
    })
}

fn bearer(description: &str) -> Value {
    json!({ "type": "http", "scheme": "bearer", "description": description })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PROTOCOL: &str = include_str!("../../PROTOCOL.md");
    const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

    #[test]
    fn the_document_is_openapi_3_1_and_every_reference_leads_somewhere() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        let mut todo = vec![&document];
        let mut references = 0;
        while let Some(value) = todo.pop() {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').expect("a local reference");
                assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                references += 1;
            }
            match value {
                Value::Object(fields) => todo.extend(fields.values()),
                Value::Array(items) => todo.extend(items),
                _ => {}
            }
        }
        assert!(references > 50);
    }

    #[test]
    fn every_operation_is_named_once_and_says_who_may_and_how_it_fails() {
        let document = document();
        let mut names = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("an item") {
                assert!(METHODS.contains(&method.as_str()), "{method} {path}");
                let name = operation["operationId"].as_str().expect("a name");
                assert!(names.insert(name.to_owned()), "{name} twice");
                assert!(operation["summary"].is_string(), "{name} says what it does");
                assert!(
                    operation["responses"]["default"].is_object()
                        && operation["responses"]["429"].is_object()
                        && operation["security"].is_array(),
                    "{name}"
                );
                let in_path = path.matches('{').count();
                let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
                assert_eq!(
                    parameters.iter().filter(|p| p["in"] == "path").count(),
                    in_path,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn every_schema_is_a_json_schema() {
        let document = document();
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            assert!(jsonschema::meta::is_valid(schema), "{name}: {schema}");
        }
    }

    /// What the tables of sections 3 and 4 promise, as (method, path) with `{}` for every id: each is written as
    /// `GET, POST /path/{id}?query`.
    fn promised() -> BTreeSet<(String, String)> {
        let section = |from: &str, to: &str| {
            let (_, rest) = PROTOCOL.split_once(from).expect("a section");
            rest.split_once(to).expect("its end").0
        };
        let mut promised = BTreeSet::new();
        for (text, root) in [
            (section("## 3.", "## 4."), ""),
            (section("## 4.", "## 5."), "/admin/api"),
        ] {
            let cells = text
                .lines()
                .filter(|line| line.starts_with("| `"))
                .filter_map(|line| line.split('|').nth(1));
            for span in cells
                .flat_map(|cell| cell.split('`'))
                .filter(|span| span.contains(" /"))
            {
                let (methods, path) = span.split_once(" /").expect("a path");
                let path = path.split('?').next().unwrap_or(path);
                let path = shape(root, &format!("/{path}"));
                promised.extend(methods.split(", ").map(|method| (method.to_lowercase(), path.clone())));
            }
        }
        promised
    }

    fn shape(root: &str, path: &str) -> String {
        let ids = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part });
        format!("{root}{}", ids.collect::<Vec<_>>().join("/"))
    }

    #[test]
    fn the_protocol_and_the_routes_say_the_same() {
        let document = document();
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let methods = item.as_object().expect("an item").keys();
            described.extend(methods.map(|method| (method.clone(), shape("", path))));
        }
        let promised = promised();
        let missing: Vec<_> = promised.difference(&described).collect();
        let unsaid: Vec<_> = described.difference(&promised).collect();
        assert!(
            missing.is_empty() && unsaid.is_empty(),
            "missing: {missing:#?}\nnot in the protocol: {unsaid:#?}"
        );
    }
}
