//! What the model is told: who it is, what it may know, and the last messages in roles that nobody can write themselves
//! into. The customer is the user; the bot, the app and human agents are the assistant, agents by name.

use crate::config::Config;
use crate::gate::Heard;
use crate::host::Past;
use crate::settings::Format;
use crate::words;
use serde::Serialize;
use switchboard_plugin::desk::Desk;

/// One message to the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// Who speaks, where the role does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is said.
    pub content: String,
}

/// All messages to the model, the customer's last.
#[must_use]
pub fn build(config: &Config, heard: &Heard<'_>, customer: &str, desk: &Desk, past: &[Past]) -> Vec<Line> {
    let speakers = Speakers {
        config,
        customer,
        agent: desk.agent.as_deref(),
        in_a_group: heard.in_a_group(),
    };
    let own = Line {
        role: "user",
        name: heard.in_a_group().then(|| plain_name(customer)),
        content: heard.text.to_owned(),
    };
    let mut lines = vec![own];
    lines.extend(history(&speakers, heard, past));
    let said = lines.iter().filter(|line| line.role == "user");
    let said: Vec<&str> = said.map(|line| line.content.as_str()).collect();
    let system = Line {
        role: "system",
        name: None,
        content: system(config, &said),
    };
    lines.push(system);
    lines.reverse();
    lines
}

/// What came before, newest first, as far as it fits. What the customer has written since is for answers of its own.
fn history(speakers: &Speakers<'_>, heard: &Heard<'_>, past: &[Past]) -> Vec<Line> {
    let context = &speakers.config.context;
    let mut left = context.chars.saturating_sub(heard.text.chars().count());
    let before = past.iter().filter(|past| {
        let later = past.seq > heard.seq && past.uid.as_deref() == Some(speakers.customer);
        past.seq != heard.seq && !later && !past.recalled && past.kind != "system"
    });
    let lines = before.map(|past| speakers.line(past));
    lines
        .take((context.messages as usize).saturating_sub(1))
        .take_while(|line| {
            let chars = line.content.chars().count();
            let fits = chars <= left;
            left = left.saturating_sub(chars);
            fits
        })
        .collect()
}

/// Who is who in a conversation.
struct Speakers<'a> {
    config: &'a Config,
    customer: &'a str,
    agent: Option<&'a str>,
    in_a_group: bool,
}

impl Speakers<'_> {
    fn line(&self, past: &Past) -> Line {
        let uid = past.uid.as_deref();
        let (role, named) = match uid {
            None => ("assistant", false),
            Some(uid) if uid == self.customer => ("user", self.in_a_group),
            Some(uid) if uid == self.config.bot => ("assistant", false),
            Some(uid) if self.config.is_agent(uid) || self.agent == Some(uid) => ("assistant", true),
            // In a conversation of two there is nobody else.
            Some(_) => (if self.in_a_group { "user" } else { "assistant" }, true),
        };
        Line {
            role,
            name: uid.filter(|_| named).map(plain_name),
            content: past.text.clone().unwrap_or_else(|| format!("[{}]", past.kind)),
        }
    }
}

/// Letters that every endpoint takes in a name; always some.
fn plain_name(uid: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') {
            letter
        } else {
            '_'
        }
    };
    uid.chars().take(64).map(plain).collect()
}

fn system(config: &Config, said: &[&str]) -> String {
    let mut text = config.system.0.clone();
    let rule = match config.answers.format {
        Format::Text if config.handoff.marker.is_empty() => String::new(),
        Format::Text => format!(
            "If you are not sure, cannot help, or the customer asks for a human, answer with {} and nothing else.",
            config.handoff.marker
        ),
        Format::Json => {
            "Answer with one JSON object and nothing else: {\"answer\": what to tell the customer, \"handoff\": \
                         true if you are not sure, cannot help or the customer asks for a human, else false, \
                         \"confidence\": how sure you are, from 0 to 1}."
                .to_owned()
        }
    };
    let known = known(config, said);
    for part in [rule, known] {
        if !part.is_empty() {
            text.push_str("\n\n");
            text.push_str(&part);
        }
    }
    text
}

/// Snippets whose keywords the customer has used, in the order of the configuration.
fn known(config: &Config, said: &[&str]) -> String {
    let fits = |keywords: &[String]| keywords.is_empty() || said.iter().any(|text| words::has_any(text, keywords));
    let snippets = config.knowledge.iter().filter(|snippet| fits(&snippet.keywords));
    let list: String = snippets
        .take(config.context.snippets)
        .map(|snippet| format!("\n- {}", snippet.text))
        .collect();
    if list.is_empty() {
        return list;
    }
    format!("What you know:{list}")
}

#[cfg(test)]
mod tests;
