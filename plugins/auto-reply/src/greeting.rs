//! What a user hears who opens a conversation.
//!
//! The peer's own text comes first; the configured one only speaks for those who have none. Each side of a
//! conversation greets once per cooldown.

use crate::config::Config;
use crate::fill::fill;
use crate::guard::claim;
use crate::host::{Call, Host, Person, Say, Trouble};

/// A user opens a conversation with one other.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The conversation.
    pub conversation: &'a str,
    /// Who opens it.
    pub opener: &'a str,
    /// The other one, who greets.
    pub peer: &'a str,
}

/// Greets if there is a text and this conversation was not greeted lately.
pub fn greet(host: &impl Host, config: &Config, call: Call<'_>, opening: &Opening<'_>) -> Result<(), Trouble> {
    if config.is_agent(opening.opener) || opening.opener == opening.peer {
        return Ok(());
    }
    let Some(peer) = host.person(opening.peer)? else {
        return Ok(());
    };
    let opener = host.person(opening.opener)?.unwrap_or_default();
    if !peer.greets() && !default_speaks(config, &peer, &opener) {
        return Ok(());
    }
    let template = template(config, &peer, host.online(opening.peer)?);
    let key = format!("greeting/{}/{}", opening.conversation, opening.peer);
    if template.is_empty() || !claim(host, &key, call, config.greeting.cooldown_seconds)? {
        return Ok(());
    }
    let text = fill(template, |field| match field {
        "nickname" => Some(opener.name().to_owned()),
        "uid" => Some(opening.opener.to_owned()),
        "peer_nickname" => Some(peer.name().to_owned()),
        "conversation" => Some(opening.conversation.to_owned()),
        _ => None,
    });
    let say = Say {
        conversation: opening.conversation.to_owned(),
        as_user: Some(opening.peer.to_owned()),
        text,
        reply_to: None,
    };
    let said = host.say(&say);
    if let Err(Trouble::Passing(_)) = said {
        // An opening is not repeated: the next one shall greet.
        host.clear_mark(&key)?;
    }
    said
}

/// Whether the configured text may speak for this peer: for those listed as agents, or, without a list, for anyone
/// who is not being written to by one with a greeting of their own (that one is the agent).
fn default_speaks(config: &Config, peer: &Person, opener: &Person) -> bool {
    if config.agents.is_empty() {
        !opener.greets()
    } else {
        config.is_agent(&peer.uid)
    }
}

/// A peer who has set either text has decided for both.
fn template<'a>(config: &'a Config, peer: &'a Person, online: bool) -> &'a str {
    match (peer.greets(), online) {
        (true, true) => &peer.auto_reply,
        (true, false) => &peer.auto_reply_offline,
        (false, true) => &config.greeting.default,
        (false, false) => &config.greeting.default_offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;
    use serde_json::{Value, json};

    fn open(host: &Fake, config: Value, call: &str, now: u64, opener: &str, peer: &str) -> Vec<Say> {
        let config = Config::parse(&config.to_string()).unwrap();
        greet(
            host,
            &config,
            Call { id: call, now },
            &Opening {
                conversation: "7",
                opener,
                peer,
            },
        )
        .unwrap();
        host.said.take()
    }

    fn one(host: &Fake, config: Value) -> Option<String> {
        open(host, config, "c", 1, "customer", "agent")
            .pop()
            .map(|say| say.text)
    }

    #[test]
    fn the_peers_own_text_comes_first() {
        let config = json!({ "greeting": { "default": "D", "default_offline": "DO" } });
        let online = || Fake::default().user("customer", "", "").online("agent");
        let offline = || Fake::default().user("customer", "", "");
        assert_eq!(
            one(&online().user("agent", "on", "off"), config.clone()).as_deref(),
            Some("on")
        );
        assert_eq!(
            one(&offline().user("agent", "on", "off"), config.clone()).as_deref(),
            Some("off")
        );
        assert_eq!(one(&offline().user("agent", "on", ""), config.clone()), None);
        assert_eq!(
            one(&online().user("agent", "", ""), config.clone()).as_deref(),
            Some("D")
        );
        assert_eq!(one(&offline().user("agent", "", ""), config).as_deref(), Some("DO"));
        assert_eq!(one(&online().user("agent", "", ""), json!({})), None);
        assert_eq!(
            one(&online(), json!({ "greeting": { "default": "D" } })),
            None,
            "no such peer"
        );
    }

    #[test]
    fn it_is_said_as_the_peer_and_filled_in() {
        let host = Fake::default()
            .user("customer", "", "")
            .user("agent", "{nickname}/{uid}/{peer_nickname}/{x}", "");
        let said = open(&host.online("agent"), json!({}), "c", 1, "customer", "agent");
        assert_eq!(said[0].as_user.as_deref(), Some("agent"));
        assert_eq!(said[0].text, "Customer/customer/Agent/{x}");
    }

    #[test]
    fn once_per_cooldown_and_side() {
        let host = Fake::default()
            .user("a", "from a", "")
            .user("b", "from b", "")
            .online("a")
            .online("b");
        assert_eq!(open(&host, json!({}), "1", 1_000, "a", "b")[0].text, "from b");
        assert_eq!(open(&host, json!({}), "2", 1_001, "a", "b"), []);
        assert_eq!(open(&host, json!({}), "3", 1_002, "b", "a")[0].text, "from a");
        assert_eq!(open(&host, json!({}), "4", 3_601_000, "a", "b").len(), 1);
        let config = json!({ "greeting": { "cooldown_seconds": 0 } });
        assert_eq!(open(&host, config, "5", 3_601_001, "a", "b").len(), 1);
    }

    #[test]
    fn agents_are_not_greeted_and_defaults_speak_for_them_only() {
        let host = Fake::default()
            .user("customer", "", "")
            .user("agent", "hi", "")
            .online("customer")
            .online("agent");
        let default = json!({ "greeting": { "default": "D" } });
        assert_eq!(
            open(&host, default, "1", 1, "agent", "customer"),
            [],
            "who greets is the agent"
        );
        let listed = json!({ "greeting": { "default": "D" }, "agents": ["agent"] });
        assert_eq!(open(&host, listed.clone(), "2", 1, "agent", "customer"), []);
        assert_eq!(open(&host, listed, "3", 1, "customer", "agent")[0].text, "hi");
        let host = Fake::default().user("x", "", "").user("y", "", "").online("y");
        let others = json!({ "greeting": { "default": "D" }, "agents": ["z"] });
        assert_eq!(open(&host, others, "4", 1, "x", "y"), [], "customers among themselves");
    }

    #[test]
    fn a_passing_failure_does_not_use_up_the_greeting() {
        let host = Fake::default()
            .user("customer", "", "")
            .user("agent", "hi", "")
            .online("agent");
        host.fail_say.set(Some(Trouble::Passing("busy".into())));
        let opening = Opening {
            conversation: "7",
            opener: "customer",
            peer: "agent",
        };
        let config = Config::default();
        assert!(greet(&host, &config, Call { id: "1", now: 1 }, &opening).is_err());
        assert!(greet(&host, &config, Call { id: "2", now: 2 }, &opening).is_ok());
        assert_eq!(host.said.take().len(), 1);
    }
}
