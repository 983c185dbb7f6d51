//! Registering and logging in, by phone and password. The password is kept by the server; the plugin never sees it.

use serde_json::{Value, json};
use switchboard_plugin::host::types::{Error, User};
use switchboard_plugin::host::users_write::{self, Patch};
use switchboard_plugin::host::{credentials, kv, proofs, users};
use switchboard_plugin::number_of;

use crate::config::{self, Config};
use crate::envelope::{Failure, Outcome};
use crate::params::{Params, wrong};
use crate::profile::{self, Facts};

/// The number before the first user's.
const FIRST: i64 = 100_000;
/// Numbers that are tried if others have them already.
const TRIES: u32 = 50;
/// Characters of a nickname.
const NICKNAME_CHARS: usize = 64;
const DAY_SECONDS: u32 = 86_400;

/// A phone with and without its area.
#[derive(Debug, PartialEq, Eq)]
struct Phone {
    area: String,
    phone: String,
    telephone: String,
}

impl Phone {
    /// What a request says: `phone` is without the area in front, `telephone` with it or, like clients do, without.
    fn of(params: &Params, usual_area: &str) -> Result<Self, Failure> {
        let area = params
            .get("areaCode")
            .unwrap_or(usual_area)
            .trim()
            .trim_start_matches('+');
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let given = |name: &str| {
            params
                .get(name)
                .map(|text| text.trim().trim_start_matches('+').to_owned())
        };
        let phone = match (given("phone"), given("telephone")) {
            (Some(phone), _) => phone,
            (None, Some(telephone)) => match telephone.strip_prefix(area) {
                // Shorter than any phone: the area's digits only happen to begin it.
                Some(rest) if rest.len() >= 7 && params.get("areaCode").is_some() || telephone.len() > 11 => {
                    rest.to_owned()
                }
                _ => telephone,
            },
            (None, None) => return Err(Failure::because("缺少参数: phone")),
        };
        if !digits(area, 4) {
            return Err(wrong("areaCode"));
        }
        if !digits(&phone, 20) {
            return Err(wrong("phone"));
        }
        Ok(Self {
            area: area.to_owned(),
            telephone: format!("{area}{phone}"),
            phone,
        })
    }
}

/// `/user/register` *(ours)*
pub fn register(params: &Params, now: u64) -> Outcome {
    let config = config::install();
    let phone = Phone::of(params, &config.area_code)?;
    let password = params.need("password")?;
    let nickname = params.get("nickname").map_or(phone.phone.as_str(), str::trim);
    if nickname.is_empty() || nickname.chars().count() > NICKNAME_CHARS {
        return Err(wrong("nickname"));
    }
    if users::by_attribute("phone", &phone.phone)?.is_some()
        || users::by_attribute("telephone", &phone.telephone)?.is_some()
    {
        return Err(taken());
    }
    let uid = free_number()?;
    let attributes = json!({
        "phone": phone.phone, "telephone": phone.telephone, "area_code": phone.area, "create_time": now / 1_000,
    });
    let patch = Patch {
        nickname: Some(nickname.to_owned()),
        avatar: None,
        attributes: Some(attributes.to_string()),
    };
    let user = match users_write::put(&uid, &patch) {
        Err(Error::Refused(refusal)) if refusal.code == "conflict" => return Err(taken()),
        outcome => outcome?.user,
    };
    credentials::set_password(&uid, password)?;
    let_in(&user, &config).map(Some)
}

fn taken() -> Failure {
    Failure::because("手机号已被注册")
}

/// The next number that nobody has.
fn free_number() -> Result<String, Failure> {
    for _ in 0..TRIES {
        let uid = (FIRST + kv::increment("users", 1, None)?).to_string();
        if users::get(&uid)?.is_none() {
            return Ok(uid);
        }
    }
    Err(Failure::because("服务器繁忙，请稍后再试"))
}

/// `/user/login` *(ours)*. Whether the phone or the password is wrong is not told.
pub fn login(params: &Params) -> Outcome {
    let config = config::install();
    let phone = Phone::of(params, &config.area_code)?;
    let password = params.need("password")?;
    let refused = || Failure::because("账号或密码错误");
    let user = owner(&phone)?.ok_or_else(refused)?;
    match proofs::by_password(&user.uid, password) {
        Ok(_) => let_in(&user, &config).map(Some),
        Err(proofs::Unproven::Banned) => Err(proofs::Unproven::Banned.into()),
        Err(_) => Err(refused()),
    }
}

/// Who has a phone. A user whom another system has made may be known by the phone alone, or be of no area.
fn owner(phone: &Phone) -> Result<Option<User>, Failure> {
    if let Some(user) = users::by_attribute("telephone", &phone.telephone)? {
        return Ok(Some(user));
    }
    let user = users::by_attribute("phone", &phone.phone)?;
    Ok(user.filter(|user| ["", &phone.area].contains(&Facts::of(user).area_code.as_str())))
}

/// The answer to both: a token, and the profile.
fn let_in(user: &User, config: &Config) -> Result<Value, Failure> {
    let seconds = config.token_days.clamp(1, 365) * DAY_SECONDS;
    let token = credentials::issue_token(&user.uid, seconds, None)?;
    let mut data = profile::full(user, true);
    data["access_token"] = token.into();
    data["expires_in"] = seconds.into();
    data["userId"] = number_of(&user.uid).into();
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_plugin::hooks::dialect::{Content, Request};
    use switchboard_plugin::host::types::Param;

    fn phone(pairs: &[(&str, &str)]) -> Result<Phone, Failure> {
        let param = |(name, value): &(&str, &str)| Param {
            name: (*name).into(),
            value: (*value).into(),
        };
        let request = Request {
            method: "POST".into(),
            path: "/user/login".into(),
            query: pairs.iter().map(param).collect(),
            headers: Vec::new(),
            content: Content::None,
            base: String::new(),
            remote: String::new(),
            id: String::new(),
        };
        Phone::of(&Params::of(&request), "86")
    }

    #[test]
    fn a_phone_is_understood_with_and_without_its_area() {
        let expected = Phone {
            area: "86".into(),
            phone: "18094152050".into(),
            telephone: "8618094152050".into(),
        };
        for pairs in [
            &[("phone", "18094152050")][..],
            &[
                ("phone", "18094152050"),
                ("telephone", "8618094152050"),
                ("areaCode", "86"),
            ],
            &[("telephone", "8618094152050"), ("areaCode", "86")],
            &[("telephone", "+8618094152050")],
            &[("telephone", "18094152050"), ("areaCode", "+86")],
        ] {
            assert_eq!(phone(pairs).unwrap(), expected, "{pairs:?}");
        }
        assert_eq!(
            phone(&[("telephone", "2025550123"), ("areaCode", "1")])
                .unwrap()
                .telephone,
            "12025550123"
        );
        for bad in [
            &[][..],
            &[("phone", "1x")],
            &[("phone", "1"), ("areaCode", "12345")],
            &[("phone", "1"), ("areaCode", "x")],
        ] {
            assert!(phone(bad).is_err(), "{bad:?}");
        }
    }
}
