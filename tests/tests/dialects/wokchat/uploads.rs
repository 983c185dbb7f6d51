//! W5: `upfile`.

use serde_json::{Value, json};

use super::shop::{Person, Shop};
use crate::harness::request;

/// The smallest picture there is.
const PIXEL: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\
    \x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

async fn upload(person: &Person, kind: &str, name: &str, content: &[u8]) -> Value {
    let mut body = Vec::new();
    for (field, value) in person.signed(json!({})) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        body.extend(
            format!("--frontier\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head = format!("--frontier\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
    body.extend(head.bytes());
    body.extend(b"content-type: application/octet-stream\r\n\r\n");
    body.extend(content);
    body.extend(b"\r\n--frontier--\r\n");
    let path = format!("/api/wokchatuser/upfile?type={kind}");
    person
        .shop
        .post(&path, "multipart/form-data; boundary=frontier", body)
        .await
}

#[tokio::test]
async fn w05_upfile_keeps_a_file() {
    let shop = Shop::new().await;
    let customer = shop.person(1, "测试").await;
    let answer = upload(&customer, "image", "a.gif", PIXEL).await;
    assert_eq!(answer["code"], 1, "{answer}");
    let path = answer["data"]["file_path"].as_str().unwrap();
    let url = answer["data"]["url"].as_str().unwrap();
    assert!(url.starts_with("http") && url.ends_with(path), "{answer}");
    let file = request(shop.address(), "GET", path).send().await;
    assert_eq!((file.status, file.body.as_ref()), (200, PIXEL));
    let answer = upload(&customer, "image", "a.gif", b"no picture at all").await;
    assert_eq!(answer, json!({ "code": 0, "msg": "不是图片文件" }));
    assert_eq!(upload(&customer, "file", "a.txt", b"words").await["code"], 1);
    // Nobody uploads without a signature, and a file has to be there.
    let mut stranger = customer.clone();
    stranger.token = "wrong".to_owned();
    assert_eq!(upload(&stranger, "image", "a.gif", PIXEL).await["msg"], "签名错误");
    assert_eq!(customer.refused("upfile", json!({})).await, "file不能为空");
}
