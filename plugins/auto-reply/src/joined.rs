//! What those hear who have come into a conversation.

use crate::act;
use crate::config::{Config, On};
use crate::host::{Call, Host, Trouble};
use crate::hours::Hours;
use crate::plan::once;
use crate::scene::Scene;
use crate::voice::voice;

/// Users have come into a conversation.
#[derive(Debug)]
pub struct Joining<'a> {
    /// The conversation.
    pub conversation: &'a str,
    /// Whether it can be one of two.
    pub pair: bool,
    /// Who has come in.
    pub uids: &'a [String],
}

/// Does what the rules of coming in say, once for all who came together. Agents are not welcomed.
pub fn welcome(
    host: &impl Host,
    (config, hours): (&Config, Option<&Hours<'_>>),
    call: Call<'_>,
    joining: &Joining<'_>,
) -> Result<(), Trouble> {
    let welcomed = |uid: &&String| !config.is_agent(uid) && config.reply_as.as_ref() != Some(*uid);
    let company: Vec<String> = joining.uids.iter().filter(welcomed).cloned().collect();
    let Some(first) = company.first().filter(|_| config.rules_on(On::Joined).next().is_some()) else {
        return Ok(());
    };
    once(
        host,
        joining.conversation,
        call,
        |talk| &mut talk.heard,
        |talk| {
            let Some(voice) = voice(host, config, joining.conversation, joining.pair, first)? else {
                return Ok(None);
            };
            let who = (first.as_str(), voice);
            let mut scene = Scene::new(host, (config, hours), joining.conversation, who, call.now);
            scene.company = &company;
            if scene.desk_has_human()? {
                return Ok(None);
            }
            let outcome = act::on(&scene, talk, On::Joined)?;
            Ok(outcome.acted.then_some(outcome.steps))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;
    use serde_json::json;

    #[test]
    fn all_are_welcomed_together_and_agents_are_not() {
        let config = json!({ "agents": ["agent"], "rules": [
            { "name": "hi", "on": "joined", "reply": "Welcome {nickname}", "cooldown_seconds": 0 }] });
        let config = Config::parse(&config.to_string()).unwrap();
        let host = Fake::default()
            .user("ann", "", "")
            .user("ben", "", "")
            .user("agent", "", "");
        let joins = |id: &str, uids: &[&str]| {
            let uids: Vec<String> = uids.iter().map(|uid| (*uid).to_owned()).collect();
            let joining = Joining {
                conversation: "7",
                pair: false,
                uids: &uids,
            };
            welcome(&host, (&config, None), Call { id, now: 5 }, &joining).unwrap();
            let said = host.said.take();
            said.into_iter().map(|say| say.text).collect::<Vec<_>>()
        };
        assert_eq!(joins("1", &["agent", "ann", "ben"]), ["Welcome Ann, Ben"]);
        assert_eq!(joins("2", &["ann"]), ["Welcome Ann"]);
        assert_eq!(joins("3", &["agent"]), [""; 0]);
    }
}
