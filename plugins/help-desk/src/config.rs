//! The configuration, read on every call.

use serde::Deserialize;

use crate::hours::Hours;
use crate::texts::Texts;

/// A time in seconds, with fractions.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl Seconds {
    /// In milliseconds; none if it is 0, which everywhere means never.
    #[must_use]
    pub fn millis(self) -> Option<u64> {
        let millis = (self.0 * 1000.0).round();
        // Bounded by the schema, far below what a u64 holds; a negative one saturates to 0.
        Some(millis as u64).filter(|millis| *millis > 0)
    }
}

/// All settings; every one may be absent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who answers customers.
    pub agents: Vec<Listed>,
    /// Users whose attribute `role` has this value answer as well; none: only those listed.
    pub role: Option<String>,
    /// The teams there are; the first is where customers wait unless said otherwise.
    pub teams: Vec<String>,
    /// Conversations one agent has at a time, unless the agent's own says otherwise.
    pub cap: u32,
    /// Which conversations may come to the desk; direct ones only when somebody asks.
    pub kinds: Vec<String>,
    /// When one comes.
    pub start: Start,
    /// Who gets it.
    pub assign: Assign,
    /// Whether who was there last time is asked first.
    pub returning: bool,
    /// How long an agent may take to accept; 0: what is assigned is accepted.
    pub accept_seconds: Seconds,
    /// How often a conversation may be passed on.
    pub transfers: u32,
    /// Whether an agent leaves a conversation that is closed or passed on.
    pub leave: bool,
    /// What happens when nobody is there.
    pub unavailable: Unavailable,
    /// When the desk is open; none: always.
    pub hours: Option<Hours>,
    /// How long agents may take to answer.
    pub reply: Reply,
    /// What happens to a customer who says nothing more.
    pub idle: Idle,
    /// When an agent is taken to be away.
    pub away: Away,
    /// Waiting.
    pub queue: Queue,
    /// The question at the end.
    pub survey: Survey,
    /// What is said.
    pub texts: Texts,
    /// How long closed tickets and surveys are kept.
    pub keep_days: u32,
    /// What opens the console to the tenant's own server, in the header `x-desk-key`; empty: nothing does.
    pub console_key: String,
}

/// One who answers customers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The uid.
    pub uid: String,
    /// Conversations at a time.
    #[serde(default)]
    pub cap: Option<u32>,
    /// Which teams; empty: all.
    #[serde(default)]
    pub teams: Vec<String>,
}

/// When a conversation comes to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// When a bot or the customer asks for a person.
    #[default]
    Asked,
    /// With the customer's first message.
    Message,
    /// When the customer opens it.
    Opened,
}

/// Who gets a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assign {
    /// Who has the fewest for its cap.
    #[default]
    LeastLoaded,
    /// Who has waited longest for one.
    RoundRobin,
    /// Who takes it.
    Manual,
}

/// What happens when nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unavailable {
    /// The customer is told and stays with the bot.
    #[default]
    Bot,
    /// The customer is told and leaves a message, which waits until somebody is there.
    Message,
}

/// How long agents may take to answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// The first time, from acceptance; 0: for ever.
    pub first_seconds: Seconds,
    /// Each further time; 0: for ever.
    pub next_seconds: Seconds,
    /// Whether the conversation then goes to somebody else.
    pub reassign: bool,
    /// Who hears of it.
    pub notify: Vec<String>,
}

/// What happens to a customer who says nothing more.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Idle {
    /// When the customer is reminded; 0: never.
    pub remind_seconds: Seconds,
    /// How long after that the conversation is closed; 0: never.
    pub close_seconds: Seconds,
}

/// When an agent is taken to be away.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Away {
    /// So long without a connection; 0: never.
    pub offline_seconds: Seconds,
    /// After so many offers in a row that were not accepted; 0: never.
    pub missed: u32,
    /// How often the desk looks.
    pub check_seconds: Seconds,
}

impl Default for Away {
    fn default() -> Self {
        Self {
            offline_seconds: Seconds(120.0),
            missed: 2,
            check_seconds: Seconds(20.0),
        }
    }
}

/// Waiting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// A customer is told of a new place at most so often.
    pub every_seconds: Seconds,
    /// Who is further back is not told a number.
    pub told: u32,
    /// The longest wait; 0: for ever.
    pub max_seconds: Seconds,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            every_seconds: Seconds(30.0),
            told: 100,
            max_seconds: Seconds(0.0),
        }
    }
}

/// The question at the end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Survey {
    /// Whether it is asked.
    pub enabled: bool,
    /// As what.
    #[serde(rename = "as")]
    pub form: Form,
    /// How long it can be answered.
    pub open_seconds: Seconds,
    /// How long after a bare number the next text is taken as its comment; 0: not at all.
    pub comment_seconds: Seconds,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            enabled: true,
            form: Form::Survey,
            open_seconds: Seconds(86_400.0),
            comment_seconds: Seconds(120.0),
        }
    }
}

/// What a survey is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The kind `survey`, which clients show as buttons.
    Survey,
    /// A plain text.
    Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            agents: Vec::new(),
            role: Some("agent".to_owned()),
            teams: vec!["main".to_owned()],
            cap: 3,
            kinds: ["group", "temporary", "direct"].map(str::to_owned).to_vec(),
            start: Start::default(),
            assign: Assign::default(),
            returning: true,
            accept_seconds: Seconds(30.0),
            transfers: 5,
            leave: true,
            unavailable: Unavailable::default(),
            hours: None,
            reply: Reply::default(),
            idle: Idle::default(),
            away: Away::default(),
            queue: Queue::default(),
            survey: Survey::default(),
            texts: Texts::default(),
            keep_days: 30,
            console_key: String::new(),
        }
    }
}

impl Config {
    /// Reads a configuration; the text of an error says what is wrong and where.
    ///
    /// # Errors
    /// What does not fit.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("configuration: {error}"))
    }

    /// Where customers wait unless said otherwise.
    #[must_use]
    pub fn first_team(&self) -> &str {
        self.teams.first().map_or("main", String::as_str)
    }

    /// Whether there is such a team.
    #[must_use]
    pub fn has_team(&self, team: &str) -> bool {
        self.teams.iter().any(|known| known == team)
    }

    /// What the list says of an agent.
    #[must_use]
    pub fn listed(&self, uid: &str) -> Option<&Listed> {
        self.agents.iter().find(|listed| listed.uid == uid)
    }

    /// How long what is closed is kept.
    #[must_use]
    pub fn keep_seconds(&self) -> u32 {
        self.keep_days.max(1).saturating_mul(86_400)
    }
}
