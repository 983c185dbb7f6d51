//! What the document prints, byte for byte where it prints whole frames.

use serde_json::{Value, json};

use super::club::Club;
use super::line::data;

/// The sync as it is printed.
const SYNC: &str = r#"{"code":200,"msg":"OK","data":"{\"to_app_user_id\":\"572402b0988e33369ad8ff0d3cd440a9\",\"content\":\"\",\"type\":19,\"extra\":{\"friendList\":{},\"groupList\":{}},\"sub_type\":\"personal\"}","action":"systemMessage","nonce":"1595489198766l8urH1","time":1595489198904,"user_id":8,"msg_id":452}"#;

/// Somebody joins, as it is printed.
const JOINED: &str = r#"{"code":200,"msg":"sucess","data":"{\"group_id\":\"3\",\"content\":\"\",\"type\":16,\"extra\":{\"inviter\":{\"nickname\":\"\\u5c0f\\u767d\\u6328\\u997f\\u7684\\u65f6\\u5019\",\"app_user_id\":\"572f02b0988e3x369ad8ff0d3cd440a9\"},\"joiner\":{\"nickname\":\"\\u5c0f\\u767d\\u6328\\u997f\\u7684\\u65f6\\u5019\",\"app_user_id\":\"jianjianxianshen1g\",\"head\":\"http:\\\/\\\/img.xmfish.com\\\/attachment\\\/upload\\\/middle\\\/67\\\/2233367.jpg\"}}}","action":"systemMessage","nonce":"1594635219668NKtGhJ","time":1594635219789,"msg_id":5,"group_id":"3"}"#;

/// The same names with values of the same kinds, and the same names inside of `data`.
fn same_shape(printed: &str, frame: &Value) {
    let printed: Value = serde_json::from_str(printed).unwrap();
    alike(&printed, frame, "frame");
    alike(&data(&printed), &data(frame), "data");
    let nonce = frame["nonce"].as_str().unwrap();
    assert_eq!(nonce.len(), printed["nonce"].as_str().unwrap().len(), "{nonce}");
    assert!(nonce.as_bytes()[..13].iter().all(u8::is_ascii_digit), "{nonce}");
}

fn alike(printed: &Value, found: &Value, at: &str) {
    match (printed, found) {
        (Value::Object(printed), Value::Object(found)) => {
            let names = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(printed), names(found), "{at}");
            for (name, value) in printed {
                alike(value, &found[name], &format!("{at}.{name}"));
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(printed),
            std::mem::discriminant(found),
            "{at}: {printed} {found}"
        ),
    }
}

#[tokio::test]
async fn the_printed_sync() {
    let club = Club::new().await;
    let a = club.person("572402b0988e33369ad8ff0d3cd440a9").await;
    let (_line, sync) = a.connected().await;
    same_shape(SYNC, &sync);
    let printed: Value = serde_json::from_str(SYNC).unwrap();
    assert_eq!(data(&sync), data(&printed));
    let (_line, sync) = club.person("8").await.connected().await;
    assert_eq!(sync["user_id"], printed["user_id"]);
}

#[tokio::test]
async fn the_printed_joining() {
    let club = Club::new().await;
    let printed: Value = serde_json::from_str(JOINED).unwrap();
    let extra = data(&printed)["extra"].clone();
    let mut people = Vec::new();
    for card in [&extra["inviter"], &extra["joiner"]] {
        let person = club.person(card["app_user_id"].as_str().unwrap()).await;
        person.done("/user/update", card.clone()).await;
        people.push(person);
    }
    let [inviter, joiner] = people.try_into().unwrap_or_else(|_| unreachable!());
    let group = inviter.group("g", &[]).await;
    let mut line = inviter.line().await;
    let join = json!({ "group_id": group, "inviter": extra["inviter"]["app_user_id"] });
    joiner.done("/group/join", join).await;
    let told = line.system(16).await;
    same_shape(JOINED, &told);
    assert_eq!(data(&told)["extra"], extra);
}

/// The frames up that the document describes field by field, as its clients send them.
#[tokio::test]
async fn the_described_frames() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "572402b0988e33369ad8ff0d3cd440a9"]).await;
    let group = a.group("g", &[&b]).await;
    let (mut up, mut down) = (a.line().await, b.line().await);
    let text = r#"{"action":"chat","nonce":"1595489198766l8urH1","type":1,"content":"你好","extra":{},"to_app_user_id":"572402b0988e33369ad8ff0d3cd440a9"}"#;
    let video = r#"{"action":"groupChat","nonce":"1595489198766l8urH2","type":7,"content":"","extra":{"videoTotalTime":15,"width":720,"weight":1280,"cover_url":"http://x/c.jpg","video_url":"http://x/v.mp4","thumbWidth":72,"thumbHeight":128},"group_id":"GROUP"}"#;
    let leave = r#"{"action":"leaveGroup","nonce":"1595489198766l8urH3","extra":{"group_id":"GROUP"}}"#;
    for (frame, nonce) in [(text, "1595489198766l8urH1"), (video, "1595489198766l8urH2")] {
        up.send_text(&frame.replace("GROUP", &group)).await;
        let echo = up.action(if nonce.ends_with('1') { "chat" } else { "groupChat" }).await;
        assert_eq!((&echo["code"], &echo["nonce"]), (&json!(200), &json!(nonce)), "{echo}");
        let told = down.action(echo["action"].as_str().unwrap()).await;
        assert_eq!((&told["nonce"], &told["msg_id"]), (&json!(nonce), &echo["msg_id"]));
        for name in ["content", "nickname", "head", "type", "extra"] {
            assert!(data(&told).get(name).is_some(), "{name}: {told}");
        }
    }
    let message = up.say_in(&group, "to be read").await;
    let ack = format!(
        r#"{{"content":"","action":"groupChat","nonce":"1595489198766l8urH4","extra":"","app_user_ids":"","group_id":"{group}","msg_id":"{message}","type":1,"status":2}}"#
    );
    down.send_text(&ack).await;
    let told = up.action("ack").await;
    assert_eq!((&told["status"], &told["msg_id"]), (&json!(2), &json!(message)));
    down.send_text(&leave.replace("GROUP", &group)).await;
    let echo = down.action("leaveGroup").await;
    assert_eq!(
        (&echo["code"], &echo["result"], &echo["extra"]["group_id"]),
        (&json!(200), &json!(""), &json!(group))
    );
    assert_eq!(data(&up.system(14).await)["type"], 14);
}
