//! Valid requests and frames, broken at random: each is answered, with no fault of the server, and nobody is thrown out.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::desk::{Desk, Person, form, object};
use crate::harness::{Chance, within};

const REQUESTS: usize = 6_000;
const FRAMES: usize = 4_000;
/// Requests under way at once.
const LANES: usize = 6;

/// Values that tend to be forgotten, in a form.
const ODD: [&str; 9] = [
    "-1",
    "0",
    "9007199254740993",
    "true",
    "[]",
    "{}",
    "%00",
    "\u{fffd}",
    "null",
];

/// Requests that would all work.
fn requests(me: &Person, peer: &Person, jid: &str, room: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let text = str::to_owned;
    let of_room = |more: &[(&'static str, &str)]| {
        let mut params = vec![("roomId", room.to_owned())];
        params.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        params
    };
    vec![
        ("/user/get", vec![("userId", peer.id.clone())]),
        (
            "/friends/page",
            vec![
                ("pageIndex", text("0")),
                ("pageSize", text("50000")),
                ("userId", me.id.clone()),
            ],
        ),
        ("/friends/add", vec![("toUserId", peer.id.clone())]),
        (
            "/room/list/his",
            vec![("pageIndex", text("0")), ("pageSize", text("50"))],
        ),
        (
            "/room/add",
            vec![
                ("jid", super::desk::jid()),
                ("name", text("x")),
                ("phones", format!("[{}]", peer.phone)),
            ],
        ),
        ("/room/get", of_room(&[])),
        ("/room/update", of_room(&[("roomName", "新"), ("notice", "公告")])),
        ("/room/noticesPage", of_room(&[("pageIndex", "0"), ("pageSize", "500")])),
        (
            "/room/member/setOfflineNoPushMsg",
            of_room(&[("offlineNoPushMsg", "1"), ("type", "1"), ("userId", "0")]),
        ),
        ("/room/member/update", of_room(&[("phones", "[18094152050]")])),
        (
            "/tigase/getLastChatList",
            vec![("pageIndex", text("0")), ("pageSize", text("50"))],
        ),
        (
            "/tigase/shiku_muc_msgs",
            vec![
                ("roomId", jid.to_owned()),
                ("pageIndex", text("0")),
                ("pageSize", text("5")),
            ],
        ),
        (
            "/tigase/shiku_msgs",
            vec![
                ("receiver", peer.id.clone()),
                ("startTime", text("1614048376311")),
                ("pageSize", text("5")),
            ],
        ),
        (
            "/tigase/deleteMsg",
            vec![
                ("type", text("1")),
                ("delete", text("1")),
                ("messageId", text("n1,m5,n2")),
            ],
        ),
        ("/tigase/search", vec![("content", text("测试"))]),
        (
            "/tigase/dialog/add",
            vec![("jid", jid.to_owned()), ("isAdaptive", text("1"))],
        ),
        (
            "/console/oneSendOne",
            vec![
                ("type", text("1")),
                ("content", text("x")),
                ("sendPhone", me.phone.clone()),
                ("toUserPhone", peer.phone.clone()),
            ],
        ),
        (
            "/user/register",
            vec![
                ("phone", text("13911111111")),
                ("password", text("x")),
                ("areaCode", text("86")),
            ],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_requests_hurt_nobody() {
    let desk = Arc::new(Desk::new().await);
    let [me, peer, _] = desk.three().await;
    let (jid, room) = desk.room(&me, "x", &[&peer]).await;
    let mut lanes = Vec::new();
    for lane in 0..LANES {
        let (desk, me, requests) = (Arc::clone(&desk), me.clone(), requests(&me, &peer, &jid, &room));
        lanes.push(tokio::spawn(async move {
            let mut chance = Chance::new(lane as u64);
            for _ in 0..REQUESTS / LANES {
                let (head, body) = broken(&desk, &me, &requests, &mut chance);
                let status = within("an answer", send(&desk, &head, &body)).await;
                assert!((200..500).contains(&status), "{head}{body} was answered with {status}");
            }
        }));
    }
    for lane in lanes {
        lane.await.unwrap();
    }
    desk.did(&me, "/user/get", &[]).await;
    desk.app.server.complain();
}

/// A request with an accident, in its address or in its form.
fn broken(
    desk: &Desk,
    me: &Person,
    requests: &[(&'static str, Vec<(&'static str, String)>)],
    chance: &mut Chance,
) -> (String, String) {
    let (path, mut params) = chance.pick(requests).clone();
    params.push(("access_token", me.token.clone()));
    let mut path = path.to_owned();
    let place = chance.below(3);
    if place == 0 {
        path = format!("/{}", chance.broken_with(&path[1..], &ODD));
    } else if place == 1 {
        // In a value: the rest is well formed.
        let at = chance.below(params.len());
        params[at].1 = chance.broken_with(&params[at].1, &ODD);
    }
    let pairs: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut text = form(&pairs);
    if place == 2 {
        text = chance.broken_with(&text, &ODD);
    }
    let path: String = path
        .chars()
        .filter(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(*c))
        .collect();
    if chance.below(2) == 0 {
        let text: String = text
            .chars()
            .filter(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(*c))
            .collect();
        (format!("GET {}{path}?{text} HTTP/1.1\r\n", desk.prefix), String::new())
    } else {
        let kind = chance.pick(&["application/x-www-form-urlencoded", "application/json", "text/plain"]);
        (
            format!("POST {}{path} HTTP/1.1\r\ncontent-type: {kind}\r\n", desk.prefix),
            text,
        )
    }
}

async fn send(desk: &Desk, head: &str, body: &str) -> u16 {
    let request = format!(
        "{head}host: test\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(desk.app.server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let status = answer
        .get(9..12)
        .map(|status| String::from_utf8_lossy(status).into_owned());
    status
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no answer to {head}{body}: {:?}", String::from_utf8_lossy(&answer)))
}

#[tokio::test]
async fn broken_frames_hurt_nobody() {
    let desk = Desk::new().await;
    let [me, peer, _] = desk.three().await;
    let (jid, _) = desk.room(&me, "x", &[&peer]).await;
    let mut wire = desk.connect(&me).await;
    let mut chance = Chance::new(7);
    let mut picture = object(&peer.id, "p1", "/files/a.png");
    picture["type"] = json!(2);
    let mut back = object(&peer.id, "b1", "n1");
    back["type"] = json!(202);
    let frames =
        [object(&peer.id, "n1", "x"), object(&jid, "n2", "测试"), picture, back].map(|frame| frame.to_string());
    const BATCH: usize = 20;
    for batch in 0..FRAMES / BATCH {
        for _ in 0..BATCH {
            let frame = chance.pick(&frames).clone();
            wire.send(&chance.broken_with(&frame, &ODD)).await;
        }
        let name = format!("end-{batch}");
        let end: Value = wire.ask(object(&peer.id, &name, "end")).await;
        assert_eq!(end["content"], "end", "{end}");
        wire.forget();
    }
    desk.app.server.complain();
}
