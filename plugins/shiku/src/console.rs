//! Pushing a message between two phones. The caller may always speak for itself; for others only if the configuration
//! names it among `console_users`.

use switchboard_plugin::host::impersonation;
use switchboard_plugin::host::messages_send::Echo;
use switchboard_plugin::host::types::{ConversationKind, User};
use switchboard_plugin::host::users;

use crate::config;
use crate::envelope::{Failure, Outcome};
use crate::object::Said;
use crate::params::{Params, wrong};
use crate::people;
use crate::profile::Facts;
use crate::send::{self, Address};

/// `/console/oneSendOne`
pub fn one_send_one(uid: &str, params: &Params) -> Outcome {
    let kind = params
        .number("type")?
        .ok_or_else(|| Failure::because("缺少参数: type"))?;
    let content = params.need("content")?;
    let sender = phone_of(params, "sendPhone")?;
    let receiver = phone_of(params, "toUserPhone")?;
    if sender.uid == receiver.uid {
        return Err(wrong("toUserPhone"));
    }
    if sender.uid != uid {
        if !may_push(uid)? {
            return Err(Failure::because("无权代替其他用户发送消息"));
        }
        impersonation::of_user(&sender.uid)?;
    }
    let conversation = send::direct(&sender.uid, &receiver.uid)?;
    let said = Said::new(i64::try_from(kind).map_err(|_| wrong("type"))?, content);
    let address = Address {
        uid: &sender.uid,
        conversation: &conversation,
        kind: ConversationKind::Direct,
        nonce: None,
    };
    send::send(said, &address, Echo::All)?;
    Ok(None)
}

fn phone_of(params: &Params, name: &str) -> Result<User, Failure> {
    let phone = params.need(name)?.trim();
    people::by_phone(phone)?.ok_or_else(|| Failure::unknown(&format!("用户 {phone} ")))
}

fn may_push(uid: &str) -> Result<bool, Failure> {
    let number = people::number(Some(uid));
    let facts = users::get(uid)?.map(|user| Facts::of(&user)).unwrap_or_default();
    let names = [uid, &number, &facts.phone, &facts.telephone].map(str::trim);
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    Ok(config::install().may_push(&names))
}
