//! The sections of the configuration that say how the model is asked and what becomes of its answer.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What all tries of one answer may take, below the longest wait the server grants a call.
const ALL_TRIES_MS: u32 = 55_000;

/// The model's address and how it is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoint {
    /// Up to `/v1`, or all of it up to `/chat/completions`.
    pub url: String,
    /// The model's name.
    pub model: String,
    /// Shown as a bearer token; empty: none.
    pub api_key: String,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// Left out if absent: the model's own.
    pub temperature: Option<f64>,
    /// The longest answer in tokens.
    pub max_tokens: u32,
    /// What the endpoint calls that bound.
    pub max_tokens_field: String,
    /// How long one try may take.
    pub timeout_ms: u32,
    /// How often it is tried again where that may help.
    pub retries: u32,
}

impl Default for Endpoint {
    fn default() -> Self {
        Endpoint {
            url: String::new(),
            model: String::new(),
            api_key: String::new(),
            headers: BTreeMap::new(),
            temperature: None,
            max_tokens: 500,
            max_tokens_field: "max_tokens".to_owned(),
            timeout_ms: 20_000,
            retries: 1,
        }
    }
}

impl Endpoint {
    /// Where completions are asked for.
    #[must_use]
    pub fn completions(&self) -> String {
        let url = self.url.trim_end_matches('/');
        if url.ends_with("/chat/completions") {
            return url.to_owned();
        }
        format!("{url}/chat/completions")
    }

    /// How often it is asked at most: as often as fits the time that one answer may take, and once in any case.
    #[must_use]
    pub fn tries(&self) -> u32 {
        let fitting = ALL_TRIES_MS.checked_div(self.timeout_ms).unwrap_or(1);
        (self.retries + 1).min(fitting).max(1)
    }
}

/// What the model is told of the conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Context {
    /// How many messages, the customer's included.
    pub messages: u32,
    /// How many characters of them, the newest first; the customer's own message is always whole.
    pub chars: usize,
    /// How many snippets of knowledge.
    pub snippets: usize,
}

impl Default for Context {
    fn default() -> Self {
        Context {
            messages: 12,
            chars: 8_000,
            snippets: 5,
        }
    }
}

/// How the model answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// What it says is the answer.
    #[default]
    Text,
    /// It says `{"answer", "handoff", "confidence"}`.
    Json,
}

/// What becomes of its answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    /// How the model answers.
    pub format: Format,
    /// The longest one in characters; a longer one is cut at the end of a sentence.
    pub chars: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            format: Format::Text,
            chars: 1_000,
        }
    }
}

/// Tokens that may be used in a day (UTC); 0: any number.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// In one conversation.
    pub conversation_tokens: i64,
    /// In the whole app.
    pub app_tokens: i64,
}

/// Why a human is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The customer has asked for one.
    Asked,
    /// The model is not sure.
    Unsure,
    /// The model has not answered, or not in a way that can be read.
    Failed,
    /// No tokens are left for today.
    Budget,
}

/// Where a human is called by a note in the conversation's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Where the data has a desk.
    #[default]
    Present,
    /// Everywhere: the desk takes it up when it is called.
    Always,
}

/// What a customer is told whom a human will answer, and whom nobody will.
const COLLEAGUE: &str = "One moment please, a colleague will take over.";
const ALONE: &str = "I am sorry, I cannot help you with this.";

/// When and how a human is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandOff {
    /// Words of a customer who wants a human.
    pub words: Vec<String>,
    /// What the model says when it is not sure.
    pub marker: String,
    /// What also shows that it is not sure.
    pub phrases: Vec<String>,
    /// With `answers.format` `json`: the least confidence that is enough.
    pub min_confidence: f64,
    /// Where a desk is called.
    pub desk: Call,
    /// What the customer is told; empty: nothing; none: what is true, whether a human is called or not.
    pub text: Option<String>,
    /// What the customer is told instead for a reason.
    pub texts: BTreeMap<String, String>,
}

impl Default for HandOff {
    fn default() -> Self {
        let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        HandOff {
            words: list(&["human", "real person", "live agent", "转人工", "人工客服", "真人"]),
            marker: "[[HANDOFF]]".to_owned(),
            phrases: list(&[
                "I am not sure",
                "I'm not sure",
                "I don't know",
                "I do not know",
                "我不确定",
                "我不知道",
            ]),
            min_confidence: 0.5,
            desk: Call::Present,
            text: None,
            texts: BTreeMap::new(),
        }
    }
}

impl Reason {
    /// As other plugins and the configuration write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Asked => "asked",
            Reason::Unsure => "unsure",
            Reason::Failed => "failed",
            Reason::Budget => "budget",
        }
    }
}

impl HandOff {
    /// What the customer is told, if a human is called or nobody is there to be called.
    #[must_use]
    pub fn text_for(&self, reason: Reason, called: bool) -> &str {
        let set = self.texts.get(reason.name()).or(self.text.as_ref());
        set.map_or(if called { COLLEAGUE } else { ALONE }, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_completed() {
        let url = |url: &str| {
            Endpoint {
                url: url.to_owned(),
                ..Endpoint::default()
            }
            .completions()
        };
        assert_eq!(url("https://a/v1"), "https://a/v1/chat/completions");
        assert_eq!(url("https://a/v1/"), "https://a/v1/chat/completions");
        assert_eq!(url("https://a/x/chat/completions"), "https://a/x/chat/completions");
    }

    #[test]
    fn all_tries_fit_the_time_of_a_call() {
        let tries = |timeout_ms, retries| {
            Endpoint {
                timeout_ms,
                retries,
                ..Endpoint::default()
            }
            .tries()
        };
        assert_eq!((tries(20_000, 1), tries(20_000, 3), tries(30_000, 3)), (2, 2, 1));
        assert_eq!(
            (tries(1_000, 0), tries(1_000, 3), tries(0, 3), tries(90_000, 1)),
            (1, 4, 1, 1)
        );
    }

    #[test]
    fn a_reason_may_have_words_of_its_own() {
        let handoff: HandOff =
            serde_json::from_str(r#"{"text":"wait","texts":{"budget":"tomorrow","failed":""}}"#).unwrap();
        assert_eq!(handoff.text_for(Reason::Asked, true), "wait");
        assert_eq!(handoff.text_for(Reason::Budget, false), "tomorrow");
        assert_eq!(handoff.text_for(Reason::Failed, true), "");
        let told = HandOff::default();
        assert_eq!(told.text_for(Reason::Asked, true), COLLEAGUE);
        assert_eq!(told.text_for(Reason::Asked, false), ALONE);
    }
}
