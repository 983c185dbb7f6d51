//! The ids on the wire. Rooms, notices and records are 24 hex digits of the server's own ids; a message is called by its
//! sender's nonce where it has one, and by `m` and its id otherwise. Whatever is shown can be read back.

/// The longest id of a room that a client may choose.
const JID_BYTES: usize = 64;
/// Ids stay below this.
const LIMIT: u64 = 1 << 53;

/// The 24 hex digits of a room or a notice.
pub fn hex24(id: &str) -> String {
    id.parse::<u64>()
        .map_or_else(|_| id.to_owned(), |id| format!("{id:024x}"))
}

/// The id that 24 hex digits stand for.
pub fn of_hex24(text: &str) -> Option<String> {
    of_hex(text, 24)
}

/// The jid of a room that no client has named.
pub fn hex32(id: &str) -> String {
    id.parse::<u64>()
        .map_or_else(|_| id.to_owned(), |id| format!("{id:032x}"))
}

/// The id that 32 hex digits stand for.
pub fn of_hex32(text: &str) -> Option<String> {
    of_hex(text, 32)
}

fn of_hex(text: &str, digits: usize) -> Option<String> {
    let hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u128::from_str_radix(text, 16).ok().filter(|_| hex)?;
    (id > 0 && id < u128::from(LIMIT)).then(|| id.to_string())
}

/// The record id of the `n`th entry that a message makes.
pub fn record(message: &str, n: usize) -> String {
    let id: u64 = message.parse().unwrap_or_default();
    format!("{n:08x}{id:016x}")
}

/// Whether a client may call its room this: nothing that stands for a user or for a room of another system.
pub fn is_jid(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'-');
    (1..=JID_BYTES).contains(&text.len())
        && text.bytes().all(plain)
        && user_number(text).is_none()
        && of_hex32(text).is_none()
}

/// The number of a user; none if it cannot be one.
pub fn user_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number < LIMIT)
}

/// What a message is called on the wire.
pub fn message(id: &str, nonce: &str) -> String {
    if is_nonce(nonce) && of_message(nonce).is_none() && !nonce.contains(',') {
        return nonce.to_owned();
    }
    format!("m{id}")
}

/// What the `n`th entry of a system message is called.
pub fn entry(id: &str, n: usize) -> String {
    if n == 0 { format!("m{id}") } else { format!("m{id}-{n}") }
}

/// The server's id in a name that [`message`] or [`entry`] made of it.
pub fn of_message(name: &str) -> Option<String> {
    let rest = name.strip_prefix('m')?;
    let (id, n) = rest.split_once('-').unwrap_or((rest, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = id.parse().ok().filter(|_| digits(id) && digits(n))?;
    (number < LIMIT && number.to_string() == id).then(|| id.to_owned())
}

/// Whether a client's own id for a message can be its nonce.
pub fn is_nonce(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('~')
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_client_may_choose() {
        assert!(is_jid("6c1536dbf97540d1b906d76f4272a90d") && is_jid("my-room@muc.example"));
        assert!(!is_jid("100164") && !is_jid(&hex32("17")) && !is_jid("") && !is_jid("a b") && !is_jid("房"));
        assert!(!is_jid(&"a".repeat(65)));
    }

    #[test]
    fn a_message_keeps_its_senders_name_for_it() {
        assert_eq!(
            message("5", "skimweb_100164161404837631184"),
            "skimweb_100164161404837631184"
        );
        for nonce in ["~0001", "m17", "m17-2", "a,b", "", "a b"] {
            assert_eq!(message("5", nonce), "m5", "{nonce}");
        }
    }

    proptest! {
        #[test]
        fn ids_come_back(id in 1..LIMIT, n in 0_usize..3000) {
            let text = id.to_string();
            prop_assert_eq!(of_hex24(&hex24(&text)), Some(text.clone()));
            prop_assert_eq!(of_hex32(&hex32(&text)), Some(text.clone()));
            prop_assert_eq!(of_message(&entry(&text, n)), Some(text.clone()));
            prop_assert_eq!(of_message(&message(&text, "~x")), Some(text.clone()));
            prop_assert_eq!(record(&text, n).len(), 24);
            prop_assert!(n > 0 || of_hex24(&record(&text, n)) == Some(text));
        }

        #[test]
        fn no_text_is_too_odd(text in any::<String>()) {
            of_hex24(&text);
            of_message(&text);
            is_jid(&text);
            user_number(&text);
            prop_assert!(of_message(&message("7", &text)).is_none_or(|id| id == "7"));
        }
    }
}
