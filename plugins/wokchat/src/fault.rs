//! Why a call fails, in the protocol's words: a text for people, for it has no codes but `0`.

use switchboard_plugin::host::proofs::Unproven;
use switchboard_plugin::host::types::{Error, Refusal};

/// The text a client shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl Fault {
    /// A fault with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Nobody has logged in on this connection.
pub const NOT_LOGGED_IN: &str = "请先登录";
/// The session does not exist, or the user is not in it.
pub const NO_SESSION: &str = "会话不存在";
/// There is no such app here.
pub const NO_APP: &str = "应用不存在";
/// Something that is not the client's doing.
pub const LATER: &str = "系统错误请稍候再试";
/// Neither a JSON object nor a form.
pub const MALFORMED: &str = "数据格式错误";

/// What went wrong with a proof.
pub fn unproven(why: Unproven) -> Fault {
    Fault::new(match why {
        Unproven::Wrong => "签名错误",
        Unproven::Expired => "签名已过期，请检查设备时间",
        Unproven::UnknownUser => "用户不存在",
        Unproven::Banned => "用户已被禁用",
        Unproven::NotAllowed => "不允许以此方式登录",
    })
}

/// What the server refused; `missing` says what was not found.
pub fn refused(error: Error, missing: &str) -> Fault {
    match error {
        Error::NotFound => Fault::new(missing),
        Error::Refused(refusal) => Fault::new(by_code(&refusal)),
        Error::Invalid(text) => Fault(format!("参数错误：{text}")),
        Error::Quota(_) => Fault::new("超出使用限额"),
        Error::Unavailable(_) => Fault::new(LATER),
    }
}

/// The rules of the core by their stable codes; what a tenant's own plugin refuses, in that plugin's words.
fn by_code(refusal: &Refusal) -> &str {
    match refusal.code.as_str() {
        "not_found" => "对象不存在",
        "not_permitted" => "没有权限",
        "blocked" => "对方已拒收您的消息",
        "muted" => "您已被禁言",
        "user_banned" => "用户已被禁用",
        "unknown_kind" => "不支持的消息类型",
        "bad_body" | "bad_field" | "bad_url" | "missing_field" => "发送内容格式错误",
        "too_large" => "发送内容过长",
        "conflict" => "操作冲突，请重试",
        "rate_limited" => "操作过于频繁，请稍后再试",
        "busy" | "storage_unavailable" => LATER,
        _ if refusal.text.is_empty() => "操作被拒绝",
        _ => &refusal.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_own_words_reach_the_client() {
        let own = Error::Refused(Refusal::new("forbidden_words", "请文明用语"));
        assert_eq!(refused(own, NO_SESSION).0, "请文明用语");
        assert_eq!(
            refused(Error::Refused(Refusal::new("muted", "x")), NO_SESSION).0,
            "您已被禁言"
        );
        let hasty = Error::Refused(Refusal::new("rate_limited", "x"));
        assert_eq!(refused(hasty, NO_SESSION).0, "操作过于频繁，请稍后再试");
        assert_eq!(refused(Error::NotFound, NO_SESSION).0, NO_SESSION);
    }

    #[test]
    fn the_ways_a_proof_fails_differ() {
        let all = [
            Unproven::Wrong,
            Unproven::Expired,
            Unproven::UnknownUser,
            Unproven::Banned,
            Unproven::NotAllowed,
        ];
        let texts: std::collections::BTreeSet<String> = all.into_iter().map(|why| unproven(why).0).collect();
        assert_eq!(texts.len(), all.len());
    }
}
