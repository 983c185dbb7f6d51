//! Why something is refused: one stable code per reason.

use std::borrow::Cow;

/// A refusal that reaches whoever asked. `Display` is for people; `code` is for programs and never changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// The reason.
    pub code: Code,
    /// In words.
    pub text: Cow<'static, str>,
    /// The field to blame.
    pub field: Option<Cow<'static, str>>,
    /// A retry may help after this many milliseconds.
    pub retry_after_ms: Option<u64>,
}

/// The reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// Not JSON.
    BadJson,
    /// JSON, but no frame or body.
    BadFrame,
    /// No such command.
    UnknownType,
    /// A field is missing.
    MissingField,
    /// A field has the wrong type or value.
    BadField,
    /// Over a named limit.
    TooLarge,
    /// No token.
    Unauthenticated,
    /// A wrong token.
    BadToken,
    /// A token past its time.
    ExpiredToken,
    /// The app is disabled.
    AppDisabled,
    /// The user is banned.
    UserBanned,
    /// There is no such thing in this app, or not for who asks.
    NotFound,
    /// There is something at this address, but it is not asked for in this way.
    MethodNotAllowed,
    /// A rule forbids it.
    NotPermitted,
    /// The receiver has blocked the sender.
    Blocked,
    /// The member may not speak now.
    Muted,
    /// It clashes with what is there.
    Conflict,
    /// No plugin of the app owns this kind.
    UnknownKind,
    /// Nobody acts on messages of this kind.
    UnknownAction,
    /// The body is not what its kind asks.
    BadBody,
    /// A plugin said no, with a code of its own.
    Plugin(String),
    /// A policy that must not be skipped did not answer.
    PluginFailed,
    /// A component that cannot be installed.
    PluginRejected,
    /// Whoever asks has asked too often.
    RateLimited,
    /// Too much at once.
    Busy,
    /// Storage does not answer.
    StorageUnavailable,
    /// The disk is full.
    StorageFull,
    /// A fault of the server.
    Internal,
}

impl Code {
    /// The code on every wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::BadJson => "bad_json",
            Self::BadFrame => "bad_frame",
            Self::UnknownType => "unknown_type",
            Self::MissingField => "missing_field",
            Self::BadField => "bad_field",
            Self::TooLarge => "too_large",
            Self::Unauthenticated => "unauthenticated",
            Self::BadToken => "bad_token",
            Self::ExpiredToken => "expired_token",
            Self::AppDisabled => "app_disabled",
            Self::UserBanned => "user_banned",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotPermitted => "not_permitted",
            Self::Blocked => "blocked",
            Self::Muted => "muted",
            Self::Conflict => "conflict",
            Self::UnknownKind => "unknown_kind",
            Self::UnknownAction => "unknown_action",
            Self::BadBody => "bad_body",
            Self::Plugin(code) => code,
            Self::PluginFailed => "plugin_failed",
            Self::PluginRejected => "plugin_rejected",
            Self::RateLimited => "rate_limited",
            Self::Busy => "busy",
            Self::StorageUnavailable => "storage_unavailable",
            Self::StorageFull => "storage_full",
            Self::Internal => "internal",
        }
    }
}

impl Refusal {
    /// A refusal for a reason, in words.
    #[must_use]
    pub fn new(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            text: text.into(),
            field: None,
            retry_after_ms: None,
        }
    }

    /// There is no such thing (in this app, for who asks).
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    /// A rule forbids it; the text says which.
    #[must_use]
    pub fn not_permitted(rule: &'static str) -> Self {
        Self::new(Code::NotPermitted, rule)
    }

    /// A field is wrong.
    #[must_use]
    pub fn field(field: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::new(Code::BadField, text)
        }
    }

    /// Over a limit, which it names.
    #[must_use]
    pub fn too_large(limit: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(limit.into()),
            ..Self::new(Code::TooLarge, text)
        }
    }

    /// More than a named limit lets through in a time; come back after a while.
    #[must_use]
    pub fn rate_limited(limit: &'static str, retry_after_ms: u64) -> Self {
        Self {
            field: Some(limit.into()),
            retry_after_ms: Some(retry_after_ms),
            ..Self::new(Code::RateLimited, format!("too much in too short a time: {limit}"))
        }
    }

    /// Too much at once; come back after a while.
    #[must_use]
    pub fn busy(text: impl Into<Cow<'static, str>>, retry_after_ms: u64) -> Self {
        Self {
            retry_after_ms: Some(retry_after_ms),
            ..Self::new(Code::Busy, text)
        }
    }

    /// A fault of the server; what it was is in the log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "the server failed; the fault is logged")
    }
}
