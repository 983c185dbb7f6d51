//! The question at the end: its own kind of message, which clients show as buttons, and the same by plain texts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::Config;
use crate::talk::Heard;
use crate::ticket::{Phase, Ticket};

/// The kind of message this plugin owns.
pub const KIND: &str = "survey";

/// The most characters of a comment.
const COMMENT: usize = 1000;

/// What was answered, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Where.
    pub conversation: String,
    /// Who answered.
    pub customer: String,
    /// Who it is about.
    pub agent: String,
    /// When it was asked.
    pub asked_at: u64,
    /// 1 to 5.
    pub score: u8,
    /// What was said besides.
    pub comment: String,
    /// When.
    pub at: u64,
}

impl Row {
    /// Its key: one for each question, in the order of asking.
    #[must_use]
    pub fn key(&self) -> String {
        format!("s/{:013}/{}", self.asked_at, self.conversation)
    }

    /// What a ticket says, if it was answered.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Option<Self> {
        (ticket.answer.score > 0).then(|| Self {
            conversation: ticket.conversation.clone(),
            customer: ticket.customer.clone(),
            agent: ticket.answer.agent.clone(),
            asked_at: ticket.answer.asked_at,
            score: ticket.answer.score,
            comment: ticket.answer.comment.clone(),
            at: ticket.answer.scored_at,
        })
    }
}

/// Takes a text as an answer, if it is one.
#[must_use]
pub fn reply(old: &Ticket, heard: &Heard<'_>, config: &Config) -> Option<Ticket> {
    let answer = &old.answer;
    if old.phase != Phase::Closed || heard.uid != old.customer || answer.asked_at == 0 {
        return None;
    }
    let text = heard.text?.trim();
    let within = |since: u64, wait: Option<u64>| wait.is_some_and(|wait| heard.at < since.saturating_add(wait));
    let mut ticket = old.clone();
    if answer.score == 0 {
        let (score, comment) = score(text)?;
        if !within(answer.asked_at, config.survey.open_seconds.millis()) {
            return None;
        }
        ticket.answer.score = score;
        ticket.answer.scored_at = heard.at;
        ticket.answer.comment = cut(comment);
        ticket.say(&config.texts.thanks);
    } else {
        let open = within(answer.scored_at, config.survey.comment_seconds.millis());
        if !answer.comment.is_empty() || !open || text.is_empty() {
            return None;
        }
        ticket.answer.comment = cut(text);
    }
    ticket.seen = heard.seq;
    ticket.dirty = true;
    Some(ticket)
}

/// A number from 1 to 5 at the beginning, and what follows it.
fn score(text: &str) -> Option<(u8, &str)> {
    let mut letters = text.chars();
    let first = letters.next()?;
    let digit = match first {
        '1'..='5' => first as u32 - '0' as u32,
        '１'..='５' => first as u32 - '０' as u32,
        _ => return None,
    };
    let rest = letters.as_str();
    if rest.starts_with(|next: char| next.is_alphanumeric() && next.is_ascii() || ('０'..='９').contains(&next)) {
        return None;
    }
    let rest = rest.trim_start_matches(|next: char| next.is_whitespace() || ".,:;-!，。：；！分".contains(next));
    Some((u8::try_from(digit).ok()?, rest))
}

fn cut(text: &str) -> String {
    text.trim().chars().take(COMMENT).collect()
}

/// Acts on a survey: `{"action":"rate","score":4,"comment":"…"}`. Answers what the message becomes and what is kept.
///
/// # Errors
/// What is wrong, in words.
pub fn rate(
    body: &str,
    conversation: &str,
    uid: Option<&str>,
    data: &str,
    now: u64,
    config: &Config,
) -> Result<(Value, Row), &'static str> {
    let mut body: Value = serde_json::from_str(body).map_err(|_| "this is no survey")?;
    let data: Value = serde_json::from_str(data).map_err(|_| "the data is no object")?;
    let asked_at = body["asked_at"].as_u64().ok_or("this is no survey")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let customer = text(&body["customer"]);
    if uid != Some(customer.as_str()) {
        return Err("only who was asked may answer");
    }
    let open = config
        .survey
        .open_seconds
        .millis()
        .map(|wait| asked_at.saturating_add(wait));
    if open.is_none_or(|end| now >= end) {
        return Err("it is too late to answer");
    }
    if data["action"] != "rate" {
        return Err("action is rate");
    }
    let score = data["score"].as_u64().and_then(|score| u8::try_from(score).ok());
    let score = score
        .filter(|score| (1..=5).contains(score))
        .ok_or("score is from 1 to 5")?;
    let row = Row {
        conversation: conversation.to_owned(),
        customer,
        agent: text(&body["agent"]),
        asked_at,
        score,
        comment: cut(&text(&data["comment"])),
        at: now,
    };
    body["state"] = json!("rated");
    body["score"] = json!(score);
    body["comment"] = json!(row.comment);
    Ok((body, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_number_at_the_beginning() {
        for (text, expected) in [
            ("5", Some((5, ""))),
            ("４ 分，很好", Some((4, "很好"))),
            ("3: slow", Some((3, "slow"))),
            ("1!", Some((1, ""))),
            ("10", None),
            ("5th time I ask", None),
            ("0", None),
            ("6", None),
            ("good", None),
            ("", None),
        ] {
            assert_eq!(score(text), expected, "{text}");
        }
    }

    #[test]
    fn only_who_was_asked_rates_and_in_time() {
        let config = Config::default();
        let body = json!({ "asked_at": 1_000, "customer": "cara", "agent": "anna", "state": "open" }).to_string();
        let rate = |uid, data: Value, now| rate(&body, "7", uid, &data.to_string(), now, &config);
        let good = json!({ "action": "rate", "score": 4, "comment": " fine " });
        let (after, row) = rate(Some("cara"), good.clone(), 2_000).unwrap();
        assert_eq!(
            (&after["state"], row.score, row.comment.as_str()),
            (&json!("rated"), 4, "fine")
        );
        assert!(rate(Some("anna"), good.clone(), 2_000).is_err());
        assert!(rate(None, good.clone(), 2_000).is_err());
        assert!(rate(Some("cara"), good, 90_000_000).is_err());
        for bad in [
            json!({ "action": "rate", "score": 6 }),
            json!({ "score": 1 }),
            json!({ "action": "rate" }),
        ] {
            assert!(rate(Some("cara"), bad, 2_000).is_err());
        }
    }
}
