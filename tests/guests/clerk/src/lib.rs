//! Does what the text of a message says, and answers with what came of it, as a system message. The text is a JSON array
//! of a verb and its arguments, all of them strings: `["put","bob","{\"phone\":\"1\"}"]`.

use switchboard_plugin::host::types::{Algorithm, Part, Recipe};
use switchboard_plugin::host::{contacts, credentials, impersonation, proofs, signatures, users_write};
use switchboard_plugin::prelude::*;

struct Clerk;

#[switchboard_plugin::hook]
impl Observer for Clerk {
    fn handle(_ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else {
            return Ok(());
        };
        let words: Vec<String> = serde_json::from_str(&message.text().unwrap_or_default()).unwrap_or_default();
        let [verb, arguments @ ..] = words.as_slice() else {
            return Ok(());
        };
        let argument = |at: usize| arguments.get(at).map_or("", String::as_str);
        let done = on_users(verb, argument)
            .or_else(|| on_credentials(verb, argument))
            .or_else(|| on_contacts(verb, argument))
            .unwrap_or_else(|| "no such verb".to_owned());
        reply(&message.conversation_id, done).send()?;
        Ok(())
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(done) => format!("{done:?}"),
        Err(Error::Refused(refusal)) => format!("refused {}", refusal.code),
        Err(Error::Invalid(_)) => "invalid".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn on_users<'a>(verb: &str, argument: impl Fn(usize) -> &'a str) -> Option<String> {
    let (one, two) = (argument(0), argument(1));
    Some(match verb {
        "app" => switchboard_plugin::config::app(),
        "put" => {
            let patch = users_write::Patch {
                nickname: None,
                avatar: None,
                attributes: Some(two.to_owned()),
            };
            told(users_write::put(one, &patch).map(|put| (put.created, put.user.attributes)))
        }
        "ban" => told(users_write::ban(one, two)),
        "unban" => told(users_write::unban(one)),
        "user" => told(users::get(one).map(|user| user.map(|user| (user.attributes, user.banned)))),
        "users" => {
            let uids: Vec<String> = one.split(',').map(str::to_owned).collect();
            told(users::get_many(&uids).map(|users| {
                let mut uids: Vec<String> = users.into_iter().map(|user| user.uid).collect();
                uids.sort();
                uids
            }))
        }
        "find" => told(users::by_attribute(one, two).map(|user| user.map(|user| user.uid))),
        _ => return None,
    })
}

fn on_credentials<'a>(verb: &str, argument: impl Fn(usize) -> &'a str) -> Option<String> {
    let (one, two) = (argument(0), argument(1));
    let given = (!two.is_empty()).then_some(two);
    let print = |text: String| credentials::fingerprint(&text);
    let md5 = |part| Recipe {
        algorithm: Algorithm::Md5,
        parts: vec![part, Part::Text(two.to_owned())],
    };
    Some(match verb {
        "set-token" => told(credentials::set_token(one, given)),
        "token-of" => told(credentials::token_of(one)),
        // What a sealed token says can be told by its print alone.
        "print-of-token" => told(credentials::token_of(one).and_then(|token| token.map(print).transpose())),
        "print-of-new-token" => told(credentials::set_token(one, given).and_then(print)),
        "print" => told(print(one.to_owned())),
        "issue-token" => told(credentials::issue_token(one, two.parse().unwrap_or(0), None)),
        "revoke-tokens" => told(credentials::revoke_tokens(one)),
        "set-password" => told(credentials::set_password(one, two)),
        "sign" => told(signatures::sign(&md5(Part::Secret))),
        "sign-by-token" => told(signatures::sign(&md5(Part::Token(one.to_owned())))),
        "fresh" => signatures::fresh(one.parse().unwrap_or(0)).to_string(),
        "random" => signatures::random_hex(one.parse().unwrap_or(0)),
        "prove" => {
            let ways = [
                proofs::by_secret(one),
                proofs::by_token(one),
                proofs::by_password(one, two),
                proofs::by_trust(one),
                proofs::by_signature(&md5(Part::Secret), two, None),
                proofs::by_user_signature(one, &md5(Part::Secret), two, None),
                impersonation::of_user(one),
            ];
            format!("{:?}", ways.map(|way| way.map(drop)))
        }
        _ => return None,
    })
}

fn on_contacts<'a>(verb: &str, argument: impl Fn(usize) -> &'a str) -> Option<String> {
    let (one, two) = (argument(0), argument(1));
    Some(match verb {
        "befriend" => told(contacts::befriend(one, two)),
        "unfriend" => told(contacts::unfriend(one, two)),
        "remark" => told(contacts::set_remark(one, two, argument(2))),
        "friends" => told(contacts::friends(one, 0, 1).map(|page| {
            let friends = page.friends.into_iter();
            (
                friends.map(|friend| (friend.uid, friend.remark)).collect::<Vec<_>>(),
                page.total,
            )
        })),
        "block" => told(contacts::block(one, two)),
        "unblock" => told(contacts::unblock(one, two)),
        "blocked" => told(contacts::blocked(one)),
        _ => return None,
    })
}
