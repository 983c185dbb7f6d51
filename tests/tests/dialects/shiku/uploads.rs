//! Uploads.

use serde_json::{Value, json};

use super::desk::{BAD_TOKEN, Desk, NO_TOKEN};
use crate::harness::request;

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
/// A picture of one pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0x00, 0x05, 0x00, 0x01, 0xff, 0x89, 0x99, 0x3d,
    0x1d, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn multipart(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn upload(desk: &Desk, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Value {
    let path = format!("{}/upload/UploadServlet", desk.prefix);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = request(desk.app.server.address, "POST", &path).header("content-type", kind);
    let response = request.bytes(multipart(fields, files)).send().await;
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_slice(&response.body).unwrap()
}

/// What is served at an address that an upload has answered.
async fn served(desk: &Desk, url: &Value) -> (u16, String, Vec<u8>) {
    let url = url.as_str().unwrap_or_else(|| panic!("no address: {url}"));
    let base = format!("http://{}", desk.app.server.address);
    let path = url
        .strip_prefix(&base)
        .unwrap_or_else(|| panic!("{url} is not below {base}"));
    let answer = request(desk.app.server.address, "GET", path).send().await;
    (answer.status, answer.kind.unwrap_or_default(), answer.body.to_vec())
}

#[tokio::test]
async fn k8_the_printed_upload_has_no_token() {
    let desk = Desk::new().await;
    let answer = upload(&desk, &[("validTime", "0")], &[("首页.png", PNG)]).await;
    for (field, value) in [("total", 1), ("success", 1), ("failure", 0), ("resultCode", 1)] {
        assert_eq!(answer[field], value, "{answer}");
    }
    assert!(answer["time"].is_u64());
    let image = &answer["data"]["images"][0];
    assert_eq!((&image["oFileName"], &image["status"]), (&json!("首页.png"), &json!(1)));
    for url in ["oUrl", "tUrl"] {
        let (status, kind, _) = served(&desk, &image[url]).await;
        assert_eq!((status, kind.as_str()), (200, "image/png"), "{url}");
    }
    assert_eq!(served(&desk, &image["oUrl"]).await.2, PNG);
}

#[tokio::test]
async fn k8_several_files_and_what_is_not_kept() {
    let desk = Desk::new().await;
    let page = b"<!DOCTYPE html><html><script>alert(1)</script></html>".as_slice();
    let files = [
        ("a.png", PNG),
        ("b.txt", b"words".as_slice()),
        ("x.html", page),
        ("x.htm", page),
        ("x.jsp", b"<% %>"),
        ("c.png", PNG),
    ];
    let answer = upload(&desk, &[("validTime", "0")], &files).await;
    assert_eq!(
        (&answer["total"], &answer["success"], &answer["failure"]),
        (&json!(6), &json!(3), &json!(3))
    );
    assert_eq!(answer["data"]["images"].as_array().unwrap().len(), 2);
    assert_eq!(answer["data"]["others"][0]["oFileName"], "b.txt");
    // A page under another name is never served as one.
    let answer = upload(&desk, &[], &[("page.png", page)]).await;
    for rows in answer["data"].as_object().unwrap().values() {
        for row in rows.as_array().unwrap() {
            let (_, kind, _) = served(&desk, &row["oUrl"]).await;
            assert!(
                !kind.contains("html") && !kind.contains("script") && !kind.contains("svg"),
                "{kind}"
            );
        }
    }
    let answer = upload(&desk, &[], &[("x.html", page)]).await;
    assert_eq!((&answer["resultCode"], &answer["failure"]), (&json!(0), &json!(1)));
    assert_eq!(upload(&desk, &[("validTime", "0")], &[]).await["resultCode"], 0);
}

#[tokio::test]
async fn k8_without_a_token_only_if_the_app_says_so() {
    let desk = Desk::with(json!({ "anonymous_uploads": false }), json!({})).await;
    let me = desk.register("18094152050", "张益达").await;
    assert_eq!(upload(&desk, &[], &[("a.png", PNG)]).await["resultCode"], NO_TOKEN);
    let wrong = [("access_token", "nonsense")];
    assert_eq!(upload(&desk, &wrong, &[("a.png", PNG)]).await["resultCode"], BAD_TOKEN);
    let token = [("access_token", me.token.as_str())];
    assert_eq!(upload(&desk, &token, &[("a.png", PNG)]).await["resultCode"], 1);
    // A wrong token is no token where none is needed either.
    let open = Desk::new().await;
    assert_eq!(upload(&open, &wrong, &[("a.png", PNG)]).await["resultCode"], BAD_TOKEN);
}
