use async_trait::async_trait;

use super::*;
use crate::model::{AppId, AppSettings, Code, DeviceId};
use crate::plugin_host::bindings::switchboard::plugin::types::Algorithm;

/// `ann` has the token `tok` and the password `pass`; `bad` has the token `tok2` and is banned; `new` has nothing.
struct Known;

#[async_trait]
impl Vault for Known {
    async fn set_token(&self, _: AppId, _: &UserId, _: Option<String>) -> Result<String, Refusal> {
        Err(Refusal::internal())
    }

    async fn token_of(&self, _: AppId, user: &UserId) -> Result<Option<String>, Refusal> {
        match user.as_str() {
            "ann" => Ok(Some("tok".to_owned())),
            "bad" => Ok(Some("tok2".to_owned())),
            "broken" => Err(Refusal::new(Code::StorageUnavailable, "away")),
            _ => Ok(None),
        }
    }

    async fn issue_token(
        &self,
        _: AppId,
        _: &UserId,
        _: Option<DeviceId>,
        _: u32,
        _: Millis,
    ) -> Result<String, Refusal> {
        Err(Refusal::internal())
    }

    async fn revoke_tokens(&self, _: AppId, _: &UserId) -> Result<(), Refusal> {
        Err(Refusal::internal())
    }

    async fn set_password(&self, _: AppId, _: &UserId, _: String) -> Result<(), Refusal> {
        Err(Refusal::internal())
    }

    fn fingerprint(&self, _: AppId, _: &str) -> String {
        String::new()
    }

    async fn owner_of_token(&self, _: AppId, token: &str, _: Millis) -> Result<UserId, Denial> {
        match token {
            "tok" => known("ann"),
            "tok2" => known("bad"),
            "old" => Err(Denial::Expired),
            _ => Err(Denial::Wrong),
        }
    }

    async fn check_password(&self, _: AppId, user: &UserId, password: String) -> Result<(), Denial> {
        match (user.as_str(), password.as_str()) {
            ("ann" | "bad", "pass") => Ok(()),
            ("ann" | "bad", _) => Err(Denial::Wrong),
            _ => Err(Denial::UnknownUser),
        }
    }

    async fn admit(&self, _: &App, user: &UserId, create: bool, _: Millis) -> Result<(), Denial> {
        match user.as_str() {
            "ann" | "new" | "broken" => Ok(()),
            "bad" => Err(Denial::Banned),
            _ if create => Ok(()),
            _ => Err(Denial::UnknownUser),
        }
    }
}

fn court(change: impl FnOnce(&mut AppSettings)) -> Court {
    let mut settings = AppSettings::default();
    change(&mut settings);
    let app = App {
        id: AppId::new(1).unwrap(),
        name: String::new(),
        secret: "s3cret".to_owned(),
        enabled: true,
        demo: false,
        settings,
    };
    Court {
        app: Arc::new(app),
        vault: Arc::new(Known),
        now: Millis(1_000_999),
    }
}

fn recipe(parts: &[Part]) -> Recipe {
    Recipe {
        algorithm: Algorithm::Md5,
        parts: parts.to_vec(),
    }
}

fn token_and_time(uid: &str, time: i64) -> Recipe {
    recipe(&[Part::Token(uid.to_owned()), Part::Text(time.to_string())])
}

fn md5(text: &str) -> String {
    signing::sign(Algorithm::Md5, "", &[text])
}

#[tokio::test]
async fn a_signature_is_right_then_in_time() {
    let court = court(|_| ());
    let made = |time: i64| recipe(&[Part::Secret, Part::Text(time.to_string())]);
    for (time, given, outcome) in [
        (1000, md5("s3cret1000"), Ok(())),
        (1000, md5("s3cret1000").to_uppercase(), Ok(())),
        (940, md5("s3cret940"), Ok(())),
        (1060, md5("s3cret1060"), Ok(())),
        (939, md5("s3cret939"), Err(Denial::Expired)),
        (1061, md5("s3cret1061"), Err(Denial::Expired)),
        (i64::MIN, md5(&format!("s3cret{}", i64::MIN)), Err(Denial::Expired)),
        (939, md5("secret939"), Err(Denial::Wrong)),
        (1000, md5("s3cret1001"), Err(Denial::Wrong)),
        (1000, String::new(), Err(Denial::Wrong)),
    ] {
        assert_eq!(
            court.signature(&made(time), &given, Some(time)).await,
            outcome,
            "{time} {given}"
        );
    }
    // Without a time, only the signature counts.
    assert_eq!(court.signature(&made(1), &md5("s3cret1"), None).await, Ok(()));
}

#[tokio::test]
async fn each_reason_has_its_denial() {
    let court = court(|_| ());
    for (uid, text, time, outcome) in [
        ("ann", "tok1000", 1000, known("ann")),
        ("ann", "tok1", 1, Err(Denial::Expired)),
        ("ann", "tok21", 1, Err(Denial::Wrong)),
        ("bad", "tok21000", 1000, Err(Denial::Banned)),
        ("bad", "tok21", 1, Err(Denial::Expired)),
        ("bad", "tok1000", 1000, Err(Denial::Wrong)),
        ("new", "1000", 1000, Err(Denial::Wrong)),
        ("nobody", "1000", 1000, Err(Denial::UnknownUser)),
        ("", "1000", 1000, Err(Denial::UnknownUser)),
        ("broken", "1000", 1000, Err(Denial::NotAllowed)),
    ] {
        let (recipe, given) = (token_and_time(uid, time), md5(text));
        let proven = court.user_signature(uid, &recipe, &given, Some(time)).await;
        assert_eq!(proven, outcome, "{uid} {text}");
    }
}

#[tokio::test]
async fn secrets_tokens_and_passwords() {
    let court = court(|_| ());
    assert_eq!(court.secret("s3cret"), Ok(()));
    assert_eq!(court.secret("S3cret"), Err(Denial::Wrong));
    assert_eq!(court.secret(""), Err(Denial::Wrong));
    assert_eq!(court.token("tok").await, known("ann"));
    assert_eq!(court.token("tok2").await, Err(Denial::Banned));
    assert_eq!(court.token("old").await, Err(Denial::Expired));
    assert_eq!(court.token("x").await, Err(Denial::Wrong));
    assert_eq!(court.token("a.b.c").await, Err(Denial::Wrong));
    assert_eq!(court.password("ann", "pass".to_owned()).await, known("ann"));
    assert_eq!(court.password("ann", "Pass".to_owned()).await, Err(Denial::Wrong));
    assert_eq!(court.password("bad", "Pass".to_owned()).await, Err(Denial::Wrong));
    assert_eq!(court.password("bad", "pass".to_owned()).await, Err(Denial::Banned));
    assert_eq!(
        court.password("nobody", "pass".to_owned()).await,
        Err(Denial::UnknownUser)
    );
}

#[tokio::test]
async fn a_jwt_makes_its_user() {
    let court = court(|_| ());
    let sign = |secret: &str, sub: &str| {
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(
            &jsonwebtoken::Header::default(),
            &serde_json::json!({ "sub": sub }),
            &key,
        )
        .unwrap()
    };
    assert_eq!(court.token(&sign("s3cret", "stranger")).await, known("stranger"));
    assert_eq!(court.token(&sign("s3cret", "bad")).await, Err(Denial::Banned));
    assert_eq!(court.token(&sign("other", "ann")).await, Err(Denial::Wrong));
}

#[tokio::test]
async fn trust_is_for_apps_that_allow_it() {
    assert_eq!(court(|_| ()).trust("ann").await, Err(Denial::NotAllowed));
    let open = court(|settings| settings.open_logins = true);
    assert_eq!(open.trust("ann").await, known("ann"));
    assert_eq!(open.trust("stranger").await, known("stranger"));
    assert_eq!(open.trust("bad").await, Err(Denial::Banned));
    assert_eq!(open.trust("").await, Err(Denial::UnknownUser));
    assert_eq!(open.user("stranger").await, Err(Denial::UnknownUser));
}

#[tokio::test]
async fn a_recipe_is_bounded() {
    let court = court(|_| ());
    let many = recipe(&vec![Part::Secret; PARTS + 1]);
    assert_eq!(court.signature(&many, "", None).await, Err(Denial::Wrong));
    assert!(!fits(&many) && !fits(&recipe(&[Part::Text("x".repeat(TEXT_BYTES + 1))])));
    assert!(fits(&recipe(&vec![Part::Secret; PARTS])));
    let empty = recipe(&[Part::TimeSeconds, Part::Body]);
    assert_eq!(court.sign(&empty).await.unwrap(), Some(md5("")));
    let tokens = recipe(&[Part::Token("new".to_owned())]);
    assert_eq!(court.sign(&tokens).await.unwrap(), None);
}
