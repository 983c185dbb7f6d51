use serde_json::Value;

use super::scene::Scene;
use crate::harness::request;

/// A picture of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

fn form(field: &str, name: &str, content: &[u8]) -> (String, Vec<u8>) {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/gif\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

async fn upload(scene: &Scene, headers: &[(&'static str, &str)], field: &str) -> Value {
    let (kind, body) = form(field, "2020-04-28 16.25.13.gif", GIF);
    let path = format!("/t{}/im/file/upload", scene.app.id);
    let mut asked = request(scene.app.server.address, "POST", &path).header("content-type", kind);
    for (name, value) in headers {
        asked = asked.header(name, (*value).to_owned());
    }
    let answer = asked.bytes(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

#[tokio::test]
async fn r8_what_was_uploaded_is_served() {
    let scene = Scene::new().await;
    let id = scene.app.id.to_string();
    // As printed: without a key.
    let answer = upload(&scene, &[("app-id", &id)], "file").await;
    assert_eq!(answer["code"], 0, "{answer}");
    let url = answer["data"].as_str().unwrap();
    let base = format!("http://{}", scene.app.server.address);
    let path = url
        .strip_prefix(&base)
        .unwrap_or_else(|| panic!("{url} is not at {base}"));
    let served = request(scene.app.server.address, "GET", path).send().await;
    assert_eq!((served.status, served.body.as_ref()), (200, GIF));
    // And it can be sent.
    let conv = scene.conversation("Tom", &["Jerry"], 1).await;
    let message = serde_json::json!({ "from_client": "Tom", "type": -2, "url": url });
    scene.say(&conv, message).await;
    assert_eq!(scene.messages(&conv).await[0]["url"], url);
}

#[tokio::test]
async fn r8_faults() {
    let scene = Scene::new().await;
    let id = scene.app.id.to_string();
    assert_eq!(upload(&scene, &[], "file").await["code"], 4002);
    assert_eq!(upload(&scene, &[("app-id", &id)], "picture").await["code"], 4001);
    let wrong = [("app-id", id.as_str()), ("app-key", "wrong")];
    assert_eq!(upload(&scene, &wrong, "file").await["code"], 1);
    let json = scene
        .ask("POST", "/im/file/upload", serde_json::json!({ "file": "x" }))
        .await;
    assert_eq!(json["code"], 4001);
}
