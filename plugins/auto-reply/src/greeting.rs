//! What a user hears who opens a conversation: by a rule, else a greeting.
//!
//! The peer's own greeting comes first; the configured one only speaks for those who have none. Each side of a
//! conversation greets once per cooldown.

use crate::act;
use crate::config::{Config, On};
use crate::host::{Call, Host, Person, Trouble};
use crate::hours::Hours;
use crate::plan::{Decision, Step, at_opening};
use crate::scene::Scene;
use crate::talk::Talk;
use crate::voice::{Voice, voice};

/// A user opens a conversation.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The conversation.
    pub conversation: &'a str,
    /// Whether it can be one of two.
    pub pair: bool,
    /// Who opens it.
    pub opener: &'a str,
    /// In a direct conversation: the other one, who greets.
    pub peer: Option<&'a str>,
}

/// Greets if there is something to say and this conversation was not greeted lately.
pub fn greet(
    host: &impl Host,
    (config, hours): (&Config, Option<&Hours<'_>>),
    call: Call<'_>,
    opening: &Opening<'_>,
) -> Result<(), Trouble> {
    let has_rules = config.rules_on(On::Opened).next().is_some();
    let nobody = opening.peer.is_none() && !has_rules;
    if nobody || config.is_agent(opening.opener) || opening.peer == Some(opening.opener) {
        return Ok(());
    }
    let scene = |voice| {
        let who = (opening.opener, voice);
        Scene::new(host, (config, hours), opening.conversation, who, call.now)
    };
    at_opening(host, opening.conversation, call, |talk| {
        if has_rules && let Some(voice) = voice(host, config, opening.conversation, opening.pair, opening.opener)? {
            let scene = scene(voice);
            if scene.desk_has_human()? {
                return Ok(None);
            }
            let outcome = act::on(&scene, talk, On::Opened)?;
            if outcome.acted || outcome.ended {
                return Ok(outcome.acted.then_some(outcome.steps));
            }
        }
        let Some(peer) = opening.peer else { return Ok(None) };
        greeting(&scene(Voice::Peer(peer.to_owned())), talk, peer)
    })
}

fn greeting<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, peer: &str) -> Result<Decision, Trouble> {
    let (host, config) = (scene.host, scene.config);
    let Some(peer) = host.person(peer)? else {
        return Ok(None);
    };
    let opener = host.person(scene.customer)?.unwrap_or_default();
    if !peer.greets() && !default_speaks(config, &peer, &opener) {
        return Ok(None);
    }
    let template = template(config, &peer, host.online(&peer.uid)?);
    let key = format!("greeting/{}", peer.uid);
    let cooldown = u64::from(config.greeting.cooldown_seconds) * 1000;
    if template.is_empty() || talk.rests(&key, scene.at, cooldown) || scene.desk_has_human()? {
        return Ok(None);
    }
    talk.rest(key, scene.at, cooldown);
    Ok(Some(vec![Step::Say(scene.say(scene.words(template)?))]))
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
    use crate::host::Say;
    use serde_json::{Value, json};

    fn opening<'a>(opener: &'a str, peer: &'a str) -> Opening<'a> {
        Opening {
            conversation: "7",
            pair: true,
            opener,
            peer: Some(peer),
        }
    }

    fn open(host: &Fake, config: Value, call: &str, now: u64, opener: &str, peer: &str) -> Vec<Say> {
        let config = Config::parse(&config.to_string()).unwrap();
        greet(host, (&config, None), Call { id: call, now }, &opening(opener, peer)).unwrap();
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
    fn what_is_left_of_an_opening_the_next_one_does_once() {
        let host = Fake::default()
            .user("customer", "", "")
            .user("agent", "hi", "")
            .online("agent");
        let config = Config::default();
        let greet = |id, now| greet(&host, (&config, None), Call { id, now }, &opening("customer", "agent"));
        host.fail_say.set(Some(Trouble::Passing("busy".into())));
        assert!(greet("1", 1).is_err());
        assert!(greet("2", 2).is_ok());
        assert!(greet("3", 3).is_ok());
        // The server was killed before it was known that all is done: the same name, which says nothing new.
        let said = host.said.take();
        assert_eq!(said.len(), 1);
        assert_eq!(
            said[0].nonce.as_deref(),
            Some("1.0"),
            "named by the opening that decided it"
        );
        host.fail_say.set(Some(Trouble::Final("refused".into())));
        assert!(greet("4", 3_700_000).is_err());
        assert!(greet("5", 3_700_001).is_ok(), "what is refused is not tried again");
        assert_eq!(host.said.take(), []);
    }

    #[test]
    fn rules_go_before_greetings_and_a_desk_before_both() {
        let rules = json!([
            { "name": "back", "on": "opened", "when": { "first_contact": false }, "reply": "Welcome back {nickname}" },
            { "name": "vip", "on": "opened", "when": { "user": { "/vip": true } }, "actions": ["stop"] }
        ]);
        let config = json!({ "rules": rules });
        let people = || {
            Fake::default()
                .user("customer", "", "")
                .user("agent", "hi", "")
                .online("agent")
        };
        assert_eq!(one(&people(), config.clone()).as_deref(), Some("hi"));
        let past = crate::host::Past {
            seq: 1,
            uid: Some("customer".into()),
            automatic: false,
            at: 0,
        };
        let host = people().past(past);
        assert_eq!(one(&host, config.clone()).as_deref(), Some("Welcome back Customer"));
        assert_eq!(
            open(&host, config.clone(), "2", 3_599_000, "customer", "agent"),
            [],
            "an hour, as greetings"
        );
        let host = people().attributes("customer", json!({ "vip": true }));
        assert_eq!(
            one(&host, config.clone()),
            None,
            "stop keeps the greeting from it as well"
        );
        let host = people().ext(json!({ "desk": { "by": "agent" } }));
        assert_eq!(one(&host, config), None);
        assert_eq!(one(&host, json!({})), None);
    }
}
