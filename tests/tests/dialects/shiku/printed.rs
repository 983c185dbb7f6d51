//! The requests of the document as it prints them, and the envelopes of its answers.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::desk::{Desk, form, jid};
use crate::harness::within;

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_printed_fetch_of_the_configuration() {
    let desk = Desk::new().await;
    let address = desk.app.server.address;
    let request = format!(
        "GET {}/config HTTP/1.1\r\nHost: {address}\r\naccept: */*\r\naccept-language: zh-CN\r\n\
         Referer: http://localhost:/index.html\r\nSec-Fetch-Mode: cors\r\nConnection: close\r\n\r\n",
        desk.prefix
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("the answer", stream.read_to_end(&mut answer)).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap().trim()).unwrap();
    assert_eq!(body["resultCode"], 1);
}

/// A path, its parameters beside token and flag, and whether its answer has data.
type Printed<'a> = (&'a str, Vec<(&'a str, &'a str)>, bool);

#[tokio::test]
async fn every_documented_request_is_answered_in_the_printed_envelope() {
    let desk = Desk::new().await;
    let [me, peer, other] = desk.three().await;
    let jid = jid();
    let token = ("access_token", me.token.as_str());
    let flag = ("flag", "rw");
    let phones = format!("[{},{}]", peer.id, other.phone);
    let room = [
        ("jid", jid.as_str()),
        token,
        flag,
        ("name", "005"),
        ("desc", "005"),
        ("phones", phones.as_str()),
    ];
    let made = desk.get("/room/add", &room).await;
    let room = made["data"]["id"].as_str().unwrap();
    desk.say(&me, &peer.id, "skimweb_100164161404837631184", "123").await;
    let page = [("pageIndex", "0"), ("pageSize", "50000")];
    let pushed = [
        ("type", "1"),
        ("content", "任务"),
        ("sendPhone", me.phone.as_str()),
        ("toUserPhone", peer.phone.as_str()),
    ];
    let deleted = [
        ("type", "1"),
        ("delete", "1"),
        ("messageId", "skimweb_100164161404837631184"),
    ];
    let quiet = [
        ("roomId", room),
        ("offlineNoPushMsg", "1"),
        ("type", "1"),
        ("userId", "0"),
    ];
    let put_out = [("roomId", room), ("userId", other.id.as_str())];
    let requests: Vec<Printed<'_>> = vec![
        ("/user/get", vec![], true),
        (
            "/friends/page",
            [&page[..], &[("userId", me.id.as_str())]].concat(),
            true,
        ),
        ("/room/list/his", page.to_vec(), true),
        ("/tigase/getLastChatList", page.to_vec(), true),
        ("/friends/add", vec![("toUserId", peer.id.as_str())], false),
        (
            "/tigase/shiku_muc_msgs",
            [&page[..], &[("roomId", jid.as_str())]].concat(),
            true,
        ),
        ("/room/get", vec![("roomId", room)], true),
        (
            "/room/update",
            vec![("roomId", room), ("roomName", "006"), ("notice", "修改公告")],
            true,
        ),
        (
            "/room/noticesPage",
            vec![("roomId", room), ("pageIndex", "0"), ("pageSize", "500")],
            true,
        ),
        ("/room/member/list", vec![("roomId", room)], true),
        ("/room/member/setOfflineNoPushMsg", quiet.to_vec(), false),
        ("/room/member/delete", put_out.to_vec(), false),
        (
            "/room/member/update",
            vec![("roomId", room), ("phones", other.phone.as_str())],
            false,
        ),
        (
            "/tigase/shiku_msgs",
            vec![("receiver", peer.id.as_str()), ("pageIndex", "0"), ("pageSize", "20")],
            true,
        ),
        ("/tigase/deleteMsg", deleted.to_vec(), false),
        ("/tigase/search", vec![("content", "张益达")], true),
        (
            "/tigase/dialog/add",
            vec![("jid", jid.as_str()), ("isAdaptive", "1")],
            false,
        ),
        (
            "/tigase/dialog/delete",
            vec![("jid", jid.as_str()), ("isAdaptive", "1")],
            false,
        ),
        ("/console/oneSendOne", pushed.to_vec(), false),
        (
            "/room/transfer",
            vec![("roomId", room), ("toUserId", peer.id.as_str())],
            false,
        ),
    ];
    for (path, params, has_data) in requests {
        // In the order of the tables: the token and the flag are somewhere among the others.
        let all = [&params[..], &[token, flag]].concat();
        let answer = desk.get(path, &all).await;
        assert_eq!(answer["resultCode"], 1, "{path}?{}: {answer}", form(&all));
        let mut expected = BTreeSet::from(["currentTime", "resultCode"]);
        if has_data {
            expected.insert("data");
        }
        if path == "/tigase/shiku_muc_msgs" {
            expected.insert("resultMsg");
        }
        assert_eq!(keys(&answer), expected, "{path}");
    }
}
