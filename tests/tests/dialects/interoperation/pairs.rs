//! Each kind of message from each protocol to each: 36 pairs.

use serde_json::{Value, json};

use super::party::Heard;
use super::said::{Tongue, What};
use super::town::Town;

/// What the receiver's protocol must call it: its own word, or its word for a text if it has none.
fn expected(tongue: Tongue, what: What) -> Value {
    match tongue {
        Tongue::Hooks | Tongue::Native => json!(what.kind()),
        _ => json!(what.number(tongue).or(What::Text.number(tongue))),
    }
}

fn check(from: (Tongue, &str), to: Tongue, what: What, mark: &str, heard: &Heard) {
    let about = format!("{what:?} from {:?} to {to:?}: {heard:?}", from.0);
    assert_eq!(heard.kind, expected(to, what), "the kind of {about}");
    assert_eq!(heard.from, from.1, "the sender of {about}");
    if what.number(to).is_some() {
        assert!(heard.whole.to_string().contains(mark), "the content of {about}");
    }
}

async fn from_one_to_all(sender: Tongue) {
    let town = Town::new().await;
    let mut speaker = town.party(sender, 1).await;
    for receiver in Tongue::ALL {
        let mut listener = town.party(receiver, 2).await;
        for what in What::ALL {
            if what.number(sender).is_none() {
                continue;
            }
            let mark = format!("m-{}-{}", receiver as u8, what.kind());
            speaker.say(&town, &listener.uid, what, &mark).await;
            let heard = listener.hear(what).await;
            check((sender, &speaker.uid), receiver, what, &mark, &heard);
        }
    }
}

#[tokio::test]
async fn wokchat_is_understood_by_all() {
    from_one_to_all(Tongue::Wokchat).await;
}

#[tokio::test]
async fn imrest_is_understood_by_all() {
    from_one_to_all(Tongue::Imrest).await;
}

#[tokio::test]
async fn social_is_understood_by_all() {
    from_one_to_all(Tongue::Social).await;
}

#[tokio::test]
async fn hooks_is_understood_by_all() {
    from_one_to_all(Tongue::Hooks).await;
}

#[tokio::test]
async fn shiku_is_understood_by_all() {
    from_one_to_all(Tongue::Shiku).await;
}

#[tokio::test]
async fn the_native_protocol_is_understood_by_all() {
    from_one_to_all(Tongue::Native).await;
}
