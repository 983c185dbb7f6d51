//! An app's settings as JSON. Unknown ones are refused: a misspelt setting would seem to work.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{AppId, AppSettings, Login, PluginName, Refusal};

/// Characters of an app's name.
const NAME: usize = 100;
/// Bundled plugins of a new app.
const DIALECTS: usize = 16;
/// The longest text an app may allow, in characters.
const TEXT_CHARS: u32 = 100_000;
/// The longest `sign_timeout`, in seconds: a day.
const SIGN_TIMEOUT: u32 = 86_400;

/// Settings of an app.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// How many logins of one user live side by side.
    login: LoginName,
    /// Whether any number of them do.
    login_duplication: bool,
    /// What happens to a kind that no plugin of the app owns.
    unowned_kinds: Unowned,
    /// Whether a valid token for an unknown uid makes the user.
    auto_create_users: bool,
    /// The longest text of a `text` message, in characters.
    text_chars: u32,
    /// How long after sending a message may be recalled or edited, in seconds; 0 for no end.
    recall_seconds: u32,
    /// How far the time of a signature may be from now, in seconds.
    sign_timeout: u32,
    /// Where dialects that know such a thing post what was sent; empty: nowhere.
    push_url: String,
    /// Whether changes of groups are stored as messages of the kind `system`.
    system_messages: bool,
    /// Whether dialects may let users in who bring no proof at all.
    open_logins: bool,
    /// Whether files may be uploaded by who is not logged in.
    anonymous_uploads: bool,
    /// Whether messages can be searched.
    search: bool,
}

/// The single-login policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LoginName {
    /// Any number of connections.
    Multiple,
    /// One connection a device.
    PerDevice,
    /// One connection a user.
    Single,
}

/// What happens to a kind that no plugin of the app owns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Unowned {
    /// It is taken as it is.
    Accept,
    /// It is refused.
    Refuse,
}

/// What to change of an app, or to make one with; what is absent stays, or is as it is by default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeApp {
    /// A name for people, 1 to 100 characters. Required of a new app.
    pub name: Option<String>,
    /// Only for a new app: its id.
    pub id: Option<AppId>,
    /// Only for a new app: bundled plugins it has from the start, with all that they want, such as the dialects it
    /// speaks.
    pub dialects: Option<Vec<PluginName>>,
    /// A disabled app answers nobody.
    pub enabled: Option<bool>,
    /// How many logins of one user live side by side.
    login: Option<LoginName>,
    /// The same in one word: true is `multiple`, false is `single`.
    login_duplication: Option<bool>,
    /// What happens to a kind that no plugin of the app owns.
    unowned_kinds: Option<Unowned>,
    /// Whether a valid token for an unknown uid makes the user.
    auto_create_users: Option<bool>,
    /// The longest text of a `text` message, in characters: 1 to 100,000.
    text_chars: Option<u32>,
    /// How long after sending a message may be recalled or edited, in seconds; 0 for no end.
    recall_seconds: Option<u32>,
    /// How far the time of a signature may be from now, in seconds: 1 to 86,400.
    sign_timeout: Option<u32>,
    /// Where dialects that know such a thing post what was sent: a URL of `http` or `https`, at most 2,048 bytes; empty:
    /// nowhere.
    push_url: Option<String>,
    /// Whether changes of groups are stored as messages of the kind `system`.
    system_messages: Option<bool>,
    /// Whether dialects may let users in who bring no proof at all.
    open_logins: Option<bool>,
    /// Whether files may be uploaded by who is not logged in.
    anonymous_uploads: Option<bool>,
    /// Whether messages can be searched.
    search: Option<bool>,
}

impl ChangeApp {
    /// Checks what holds for new and old apps alike.
    ///
    /// # Errors
    /// `BadField`.
    pub fn check(&self) -> Result<(), Refusal> {
        if let Some(name) = &self.name
            && (name.trim().is_empty() || name.chars().count() > NAME)
        {
            return Err(Refusal::field("name", format!("must have 1 to {NAME} characters")));
        }
        if self.dialects.iter().flatten().count() > DIALECTS {
            return Err(Refusal::field("dialects", format!("at most {DIALECTS}")));
        }
        Ok(())
    }

    /// The settings that come of it; none if it changes none.
    ///
    /// # Errors
    /// `BadField`.
    pub fn settings(&self, old: &AppSettings) -> Result<Option<AppSettings>, Refusal> {
        let mut new = old.clone();
        new.login = self.login(old.login)?;
        if let Some(unowned) = self.unowned_kinds {
            new.accept_unowned_kinds = matches!(unowned, Unowned::Accept);
        }
        new.auto_create_users = self.auto_create_users.unwrap_or(old.auto_create_users);
        new.text_chars = self.text_chars.unwrap_or(old.text_chars);
        new.recall_seconds = self.recall_seconds.unwrap_or(old.recall_seconds);
        new.sign_timeout = self.sign_timeout.unwrap_or(old.sign_timeout);
        new.push_url = self.push_url.clone().unwrap_or_else(|| old.push_url.clone());
        new.system_messages = self.system_messages.unwrap_or(old.system_messages);
        new.open_logins = self.open_logins.unwrap_or(old.open_logins);
        new.anonymous_uploads = self.anonymous_uploads.unwrap_or(old.anonymous_uploads);
        new.search = self.search.unwrap_or(old.search);
        if !(1..=TEXT_CHARS).contains(&new.text_chars) {
            return Err(Refusal::field("text_chars", format!("must be from 1 to {TEXT_CHARS}")));
        }
        if !(1..=SIGN_TIMEOUT).contains(&new.sign_timeout) {
            return Err(Refusal::field(
                "sign_timeout",
                format!("must be from 1 to {SIGN_TIMEOUT}"),
            ));
        }
        if !AppSettings::is_push_url(&new.push_url) {
            let text = "must be a URL of http or https with at most 2048 bytes, or empty";
            return Err(Refusal::field("push_url", text));
        }
        Ok((new != *old).then_some(new))
    }

    fn login(&self, old: Login) -> Result<Login, Refusal> {
        let named = self.login.map(|login| match login {
            LoginName::Multiple => Login::Multiple,
            LoginName::PerDevice => Login::PerDevice,
            LoginName::Single => Login::Single,
        });
        match (named, self.login_duplication) {
            (Some(_), Some(_)) => Err(Refusal::field(
                "login_duplication",
                "set login or login_duplication, not both",
            )),
            (Some(login), None) => Ok(login),
            (None, Some(true)) => Ok(Login::Multiple),
            (None, Some(false)) => Ok(Login::Single),
            (None, None) => Ok(old),
        }
    }
}

impl From<&AppSettings> for Settings {
    fn from(settings: &AppSettings) -> Self {
        let login = match settings.login {
            Login::Multiple => LoginName::Multiple,
            Login::PerDevice => LoginName::PerDevice,
            Login::Single => LoginName::Single,
        };
        let unowned_kinds = if settings.accept_unowned_kinds {
            Unowned::Accept
        } else {
            Unowned::Refuse
        };
        Self {
            login,
            login_duplication: login == LoginName::Multiple,
            unowned_kinds,
            auto_create_users: settings.auto_create_users,
            text_chars: settings.text_chars,
            recall_seconds: settings.recall_seconds,
            sign_timeout: settings.sign_timeout,
            push_url: settings.push_url.clone(),
            system_messages: settings.system_messages,
            open_logins: settings.open_logins,
            anonymous_uploads: settings.anonymous_uploads,
            search: settings.search,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::wire::decode;

    fn refused(json: &str) -> Option<String> {
        let change = match decode::<ChangeApp>(json) {
            Ok(change) => change,
            Err(refusal) => return refusal.field.map(Into::into),
        };
        let settings = || change.settings(&AppSettings::default()).map(|_| ());
        change.check().and_then(|()| settings()).err()?.field.map(Into::into)
    }

    #[test]
    fn wrong_settings_are_named() {
        for (json, field) in [
            (r#"{"unowned_kinds":"maybe"}"#, "unowned_kinds"),
            (r#"{"login":"twice"}"#, "login"),
            (r#"{"login":"single","login_duplication":true}"#, "login_duplication"),
            (r#"{"text_chars":0}"#, "text_chars"),
            (r#"{"dialects":["No name"]}"#, "dialects[0]"),
            (r#"{"sign_timeout":0}"#, "sign_timeout"),
            (r#"{"sign_timeout":86401}"#, "sign_timeout"),
            (r#"{"push_url":"ftp://a"}"#, "push_url"),
            (r#"{"push_url":"http://"}"#, "push_url"),
            (r#"{"open_logins":"yes"}"#, "open_logins"),
            (r#"{"name":" "}"#, "name"),
        ] {
            assert_eq!(refused(json).as_deref(), Some(field), "{json}");
        }
        assert_eq!(refused(r#"{"name":"a","dialects":[]}"#), None);
        assert!(decode::<ChangeApp>(r#"{"text_char":5}"#).is_err_and(|refusal| refusal.code.as_str() == "bad_field"));
    }

    #[test]
    fn only_what_is_said_changes() {
        let old = AppSettings::default();
        let settings = |json| decode::<ChangeApp>(json).unwrap().settings(&old).unwrap();
        assert_eq!(settings("{}"), None);
        let single = AppSettings {
            login: Login::Single,
            ..old.clone()
        };
        assert_eq!(settings(r#"{"login_duplication":false}"#), Some(single));
        let accepting = AppSettings {
            accept_unowned_kinds: true,
            ..old.clone()
        };
        assert_eq!(settings(r#"{"unowned_kinds":"accept"}"#), Some(accepting));
        let all = AppSettings {
            sign_timeout: 86_400,
            push_url: "https://a/b".to_owned(),
            system_messages: true,
            open_logins: true,
            anonymous_uploads: true,
            search: false,
            ..old.clone()
        };
        let json = r#"{"sign_timeout":86400,"push_url":"https://a/b","system_messages":true,"open_logins":true,
            "anonymous_uploads":true,"search":false}"#;
        assert_eq!(settings(json), Some(all));
    }
}
