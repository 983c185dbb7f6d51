//! Which rules an event meets, and what they do: decided here, done by `plan`.

use serde_json::{Value, json};

use crate::config::{Action, On, Rule};
use crate::host::{Content, Host, Trouble};
use crate::menu;
use crate::plan::Step;
use crate::rules::{Tried, met};
use crate::scene::Scene;
use crate::talk::Talk;

/// The most entries of a list that `add` adds to.
const LIST: usize = 100;

/// What rules have made of an event.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What to do.
    pub steps: Vec<Step>,
    /// Whether any rule was met that is not resting.
    pub acted: bool,
    /// Whether a rule has ended the search, be it one that rests.
    pub ended: bool,
}

/// Looks at the rules of an event in order, up to the first one that is met and ends it.
pub fn on<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, event: On) -> Result<Outcome, Trouble> {
    try_rules(scene, talk, scene.config.rules_on(event))
}

/// The same for these rules.
pub fn try_rules<'c, H: Host>(
    scene: &Scene<'_, H>,
    talk: &mut Talk,
    rules: impl Iterator<Item = &'c Rule>,
) -> Result<Outcome, Trouble> {
    let tried = scene.message.and_then(|message| message.text).map(Tried::new);
    let mut outcome = Outcome::default();
    for rule in rules {
        if !met(rule, tried.as_ref(), |text| scene.host.warn(text)) || !scene.holds(&rule.when, talk)? {
            continue;
        }
        let (key, cooldown) = (format!("rule/{}", rule.name), u64::from(rule.cooldown()) * 1000);
        if !talk.rests(&key, scene.at, cooldown) {
            talk.rest(key, scene.at, cooldown);
            outcome.acted = true;
            act(scene, talk, rule, &mut outcome.steps)?;
        }
        if rule.ends() {
            outcome.ended = true;
            break;
        }
    }
    Ok(outcome)
}

fn act<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, rule: &Rule, steps: &mut Vec<Step>) -> Result<(), Trouble> {
    if let Some(reply) = &rule.reply {
        steps.push(Step::Say(scene.say(scene.words(reply)?)));
    }
    for action in &rule.actions {
        let step = match action {
            Action::Stop => break,
            Action::Text(text) => Step::Say(scene.say(scene.words(text)?)),
            Action::Card(body) => message(scene, "card", body)?,
            Action::Message { kind, body } => message(scene, kind, body)?,
            Action::HandOff(reason) => Step::HandOff {
                reason: scene.words(reason)?,
            },
            Action::Set(patch) => Step::Merge(scene.filled(patch)?),
            Action::Menu => match &scene.config.menu {
                Some(menu) => menu::show(scene, talk, menu, Vec::new())?,
                None => continue,
            },
            Action::Remember { name, value, days } => {
                let until = scene.at.saturating_add(u64::from(*days) * 86_400_000);
                talk.remember(name, scene.words(value)?, until);
                continue;
            }
            Action::Add { path, value } => match added(scene.ext()?, path, &scene.filled(value)?) {
                Some(patch) => Step::Merge(patch),
                None => continue,
            },
        };
        steps.push(step);
    }
    Ok(())
}

/// A message of a kind; where the app has no such kind, its text.
fn message<H: Host>(scene: &Scene<'_, H>, kind: &str, body: &Value) -> Result<Step, Trouble> {
    let body = scene.filled(body)?;
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let mut say = scene.say(text);
    say.message = Some(Content {
        kind: kind.to_owned(),
        body,
    });
    Ok(Step::Say(say))
}

/// What is merged so that a list holds a value; none if it does, or is full.
fn added(ext: &Value, path: &str, value: &Value) -> Option<Value> {
    let mut list = ext.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    if list.contains(value) || list.len() >= LIST {
        return None;
    }
    list.push(value.clone());
    let names = path.strip_prefix('/')?.split('/').rev();
    let name = |name: &str| name.replace("~1", "/").replace("~0", "~");
    Some(names.fold(Value::Array(list), |inner, at| {
        let mut outer = json!({});
        outer[name(at)] = inner;
        outer
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_a_value_once() {
        let ext = json!({ "crm": { "tags": ["a"] }, "x": 1 });
        assert_eq!(
            added(&ext, "/crm/tags", &json!("b")),
            Some(json!({ "crm": { "tags": ["a", "b"] } }))
        );
        assert_eq!(added(&ext, "/crm/tags", &json!("a")), None);
        assert_eq!(added(&Value::Null, "/a~1b", &json!(1)), Some(json!({ "a/b": [1] })));
        assert_eq!(added(&ext, "/x", &json!(1)), Some(json!({ "x": [1] })));
    }
}
