//! Who answers whom.

use crate::config::Config;
use crate::host::{Host, Past, Trouble};

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// The other one of two.
    Peer(String),
    /// In a group: this member, or the app itself.
    Group(Option<String>),
}

impl Voice {
    /// As whom; none: the app itself.
    pub fn uid(&self) -> Option<&str> {
        match self {
            Voice::Peer(uid) => Some(uid),
            Voice::Group(uid) => uid.as_deref(),
        }
    }
}

/// Whose part it is to answer this customer; none if it is nobody's. `pair`: the conversation can be one of two.
pub fn voice(
    host: &impl Host,
    config: &Config,
    conversation: &str,
    pair: bool,
    customer: &str,
) -> Result<Option<Voice>, Trouble> {
    if pair {
        let others = host.others(conversation, customer)?;
        if let [peer] = others.as_slice() {
            let speaks = speaks_for(host, config, peer, customer)?;
            return Ok(speaks.then(|| Voice::Peer(peer.clone())));
        }
    }
    Ok((config.reply_as.as_deref() != Some(customer)).then(|| Voice::Group(config.reply_as.clone())))
}

/// Rules speak for those listed as agents; without a list for any peer, unless the sender has a greeting of their own
/// and the peer has none: then the sender is the agent.
fn speaks_for(host: &impl Host, config: &Config, peer: &str, customer: &str) -> Result<bool, Trouble> {
    if !config.agents.is_empty() {
        return Ok(config.is_agent(peer));
    }
    let greets = |uid: &str| Ok(host.person(uid)?.is_some_and(|person| person.greets()));
    Ok(!greets(customer)? || greets(peer)?)
}

/// Whether a message shows that a human is there for the customer. In a group with listed agents only theirs do.
pub fn is_answer(config: &Config, past: &Past, customer: &str, voice: &Voice) -> bool {
    let Some(uid) = past.uid.as_deref().filter(|uid| !past.automatic && *uid != customer) else {
        return false;
    };
    matches!(voice, Voice::Peer(_)) || config.agents.is_empty() || config.is_agent(uid)
}
