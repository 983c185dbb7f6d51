//! What the protocol has no type for, in words.

use serde_json::Value;

/// The longest text made of somebody else's body, in characters.
const CHARS: usize = 2_000;

/// A message of a kind that has no type here.
pub fn of_kind(kind: &str, body: &Value) -> String {
    let (label, names): (&str, &[&str]) = match kind {
        "file" => ("文件", &["name", "url"]),
        "location" => ("位置", &["name", "address"]),
        "card" => ("名片", &["nickname", "user"]),
        "red-packet" => ("红包", &["text"]),
        _ => return body["text"].as_str().map_or_else(|| format!("[{kind}]"), cut),
    };
    let mut words = format!("[{label}]");
    let parts = names.iter().filter_map(|name| body[*name].as_str());
    for part in parts.filter(|part| !part.is_empty()) {
        words.push(' ');
        words.push_str(part);
    }
    cut(&words)
}

/// A change of a group that is stored as a message; `name` says what a user is called.
pub fn of_change(body: &Value, name: impl Fn(&str) -> String) -> String {
    let users = || {
        let uids = body["users"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let names: Vec<String> = uids.take(NAMED).map(&name).collect();
        let more = body["users"].as_array().map_or(0, Vec::len) > NAMED;
        format!("{}{}", names.join("、"), if more { "等" } else { "" })
    };
    let by = body["by"].as_str();
    let words = match body["event"].as_str().unwrap_or_default() {
        "conversation_created" => "群聊已创建".to_owned(),
        "members_joined" => format!("{}加入群聊", users()),
        "members_left" if left_by_itself(body) => format!("{}退出群聊", users()),
        "members_left" => format!("{}被移出群聊", users()),
        "conversation_updated" => match body["name"].as_str() {
            Some(new) => format!("群名称已修改为{new}"),
            None if body["members_invite"] == true => "成员可以邀请他人加入".to_owned(),
            None => "群资料已修改".to_owned(),
        },
        "announced" => format!("群公告：{}", body["text"].as_str().unwrap_or_default()),
        "owner_changed" => format!("{}成为群主", body["user"].as_str().map(&name).unwrap_or_default()),
        "member_muted" => format!(
            "{}的禁言设置已修改",
            body["user"].as_str().map(&name).unwrap_or_default()
        ),
        _ => body["text"].as_str().unwrap_or("[系统消息]").to_owned(),
    };
    match (by, body["event"].as_str()) {
        (Some(by), Some("conversation_created" | "conversation_updated")) => cut(&format!("{}：{words}", name(by))),
        _ => cut(&words),
    }
}

/// The most users who are called by name.
const NAMED: usize = 10;

/// The uids whose names [`of_change`] may ask for.
pub fn named(body: &Value) -> Vec<String> {
    let users = body["users"].as_array().into_iter().flatten().take(NAMED);
    let others = [&body["by"], &body["user"]];
    users
        .chain(others)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn left_by_itself(body: &Value) -> bool {
    let one = body["users"].as_array().is_some_and(|users| users.len() == 1);
    one && body["by"].is_string() && body["users"][0] == body["by"]
}

fn cut(text: &str) -> String {
    text.chars().take(CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_have_words() {
        let words = |body: Value| of_change(&body, |uid| format!("<{uid}>"));
        assert_eq!(
            words(json!({ "event": "members_joined", "users": ["1", "2"], "by": "3" })),
            "<1>、<2>加入群聊"
        );
        assert_eq!(
            words(json!({ "event": "members_left", "users": ["1"], "by": "1" })),
            "<1>退出群聊"
        );
        assert_eq!(
            words(json!({ "event": "members_left", "users": ["1"], "by": null })),
            "<1>被移出群聊"
        );
        assert_eq!(
            words(json!({ "event": "conversation_updated", "by": "1", "name": "新" })),
            "<1>：群名称已修改为新"
        );
        assert_eq!(words(json!({ "event": "owner_changed", "user": "1" })), "<1>成为群主");
        assert_eq!(words(json!({ "event": "new one" })), "[系统消息]");
        assert_eq!(words(Value::Null), "[系统消息]");
    }

    #[test]
    fn only_some_are_named() {
        let users: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let body = json!({ "event": "members_joined", "users": users, "by": "x" });
        assert_eq!(named(&body).len(), NAMED + 1);
        assert!(of_change(&body, |uid| uid.to_owned()).ends_with("9等加入群聊"));
    }
}
