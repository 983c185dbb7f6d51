//! Files: what is brought, what is served, and what a browser must not run.

use serde_json::{Value, json};

use crate::harness::{App, Home, Response, User, request};

/// A PNG of 2 x 1 pixels.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0xd1, 0x49, 0x20, 0x56, 0x00, 0x00, 0x00, 0x0b, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x10, 0xf8, 0x00, 0x00, 0x01, 0x13, 0x01, 0x01, 0x75, 0x5b, 0x66, 0xfc, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

async fn upload(user: &User, parts: &[(&str, Option<&str>, &[u8])]) -> Response {
    request(user.server.address, "POST", "/v1/files")
        .bearer(&user.token)
        .form(parts)
        .send()
        .await
}

async fn get(app: &App, path: &str) -> Response {
    request(app.server.address, "GET", path).send().await
}

#[tokio::test]
async fn a_file_is_served_as_it_came_and_by_what_it_is() {
    let app = App::new().await;
    let ann = app.user("ann").await;
    let form = [
        ("file", Some("报告 1.html"), &b"hello"[..]),
        ("x", Some("a.txt"), PNG),
        ("note", None, b"words"),
    ];
    let made = upload(&ann, &form).await;
    assert_eq!(made.status, 201);
    let files = made.ok()["files"].clone();
    assert_eq!(files.as_array().unwrap().len(), 2);
    assert_eq!(
        (
            &files[0]["name"],
            &files[0]["mime"],
            &files[0]["size"],
            &files[0]["owner"]
        ),
        (&json!("报告 1.html"), &json!("text/plain"), &json!(5), &json!("ann"))
    );
    assert_eq!(
        (&files[1]["mime"], &files[1]["width"], &files[1]["height"]),
        (&json!("image/png"), &json!(2), &json!(1))
    );

    let served = get(&app, files[0]["url"].as_str().unwrap()).await;
    assert_eq!((served.status, &served.body[..]), (200, &b"hello"[..]));
    assert!(
        served
            .header("content-disposition")
            .starts_with("attachment; filename*=UTF-8''")
    );
    let picture = get(&app, files[1]["url"].as_str().unwrap()).await;
    assert_eq!((picture.header("content-type"), &picture.body[..]), ("image/png", PNG));
    assert!(picture.header("content-disposition").starts_with("inline"));
    let thumb = get(&app, files[1]["thumb_url"].as_str().unwrap()).await;
    assert_eq!((thumb.status, thumb.header("content-type")), (200, "image/png"));
    for served in [&served, &picture, &thumb] {
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert!(served.header("content-security-policy").contains("sandbox"));
    }
}

#[tokio::test]
async fn active_content_is_only_ever_a_download() {
    let app = App::new().await;
    let ann = app.user("ann").await;
    for (name, content) in [
        ("a.png", &b"<!doctype html><script>alert(1)</script>"[..]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.jsp", b"<% out.println(1); %>"),
        ("a.xml", b"<?xml version='1.0'?><a/>"),
    ] {
        let url = upload(&ann, &[("file", Some(name), content)]).await.ok()["files"][0]["url"].clone();
        let served = get(&app, url.as_str().unwrap()).await;
        assert_eq!(served.header("content-type"), "application/octet-stream", "{name}");
        assert!(served.header("content-disposition").starts_with("attachment"), "{name}");
    }
}

#[tokio::test]
async fn a_part_and_an_unchanged_file_are_answered_as_such() {
    let app = App::new().await;
    let ann = app.user("ann").await;
    let file = upload(&ann, &[("file", Some("a.bin"), b"0123456789\0")]).await.ok()["files"][0].clone();
    let url = file["url"].as_str().unwrap();
    let ask = |name: &'static str, value: String| request(app.server.address, "GET", url).header(name, value).send();
    let part = ask("range", "bytes=2-4".to_owned()).await;
    assert_eq!((part.status, &part.body[..]), (206, &b"234"[..]));
    let same = ask("if-none-match", format!("\"{}\"", file["etag"].as_str().unwrap())).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
}

#[tokio::test]
async fn a_file_is_its_owners_and_its_apps() {
    let (app, other) = (App::new().await, App::new().await);
    let [ann, bob] = app.users(["ann", "bob"]).await;
    let file = upload(&ann, &[("file", Some("a.txt"), b"mine")]).await.ok()["files"][0].clone();
    let (id, url) = (file["id"].as_str().unwrap(), file["url"].as_str().unwrap());
    let elsewhere = url.replace(&app.id.to_string(), &other.id.to_string());
    get(&app, &elsewhere).await.refused().is("not_found");
    let path = format!("/v1/files/{id}");
    bob.rest("DELETE", &path, Value::Null).await.refused().is("not_found");
    ann.rest("DELETE", &path, Value::Null).await.ok();
    get(&app, url).await.refused().is("not_found");
    ann.rest("DELETE", &path, Value::Null).await.refused().is("not_found");
}

#[tokio::test]
async fn what_is_too_much_or_no_form_is_refused_by_name() {
    let home = Home::with("");
    let server = std::sync::Arc::new(home.start(&[
        "files.file_bytes=2048",
        "files.files_per_request=2",
        "files.app_megabytes=1",
    ]));
    let app = App::on(&server, json!({})).await;
    let ann = app.user("ann").await;
    let big = vec![7; 3000];
    upload(&ann, &[("file", Some("a"), &big)])
        .await
        .refused()
        .is("too_large")
        .blames("file_bytes");
    let many = [
        ("a", Some("a"), &b"1"[..]),
        ("b", Some("b"), b"2"),
        ("c", Some("c"), b"3"),
    ];
    upload(&ann, &many)
        .await
        .refused()
        .is("too_large")
        .blames("files_per_request");
    upload(&ann, &[("a", None, b"1")])
        .await
        .refused()
        .is("missing_field")
        .blames("file");
    let plain = request(server.address, "POST", "/v1/files")
        .bearer(&ann.token)
        .json(&json!({}))
        .send()
        .await;
    plain.refused().is("bad_frame");
    let stranger = request(server.address, "POST", "/v1/files")
        .form(&many[..1])
        .send()
        .await;
    stranger.refused().is("unauthenticated");
    let full = vec![7; 2048];
    let mut refused = None;
    for _ in 0..520 {
        let answer = upload(&ann, &[("file", Some("a"), &full)]).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
    }
    refused
        .expect("an app's files are bounded")
        .refused()
        .is("too_large")
        .blames("app_megabytes");
    let staged = std::fs::read_dir(server.home.data().join("staging")).unwrap().count();
    assert_eq!(staged, 0, "nothing is left of what was refused");
}
