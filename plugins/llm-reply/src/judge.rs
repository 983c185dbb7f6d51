//! Whether the model's words are an answer that a customer may be given.

use crate::completion::Completion;
use crate::config::Config;
use crate::cut::cut;
use crate::settings::{Format, Reason};
use crate::words;
use serde::Deserialize;

/// What to make of the model's words.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// Say this.
    Say(String),
    /// Call a human; and why, for the log.
    HandOff(Reason, String),
}

/// Judges what the model has said.
#[must_use]
pub fn judge(config: &Config, completion: &Completion) -> Verdict {
    let unsure = |why: &str| Verdict::HandOff(Reason::Unsure, why.to_owned());
    if completion.refused {
        return unsure("the model has refused");
    }
    let handoff = &config.handoff;
    if !handoff.marker.is_empty() && completion.content.contains(&handoff.marker) {
        return unsure("the model has used the marker");
    }
    let answer = match config.answers.format {
        Format::Text => completion.content.clone(),
        Format::Json => match Judged::read(&completion.content) {
            Err(error) => return Verdict::HandOff(Reason::Failed, error),
            Ok(judged) if judged.handoff => return unsure("the model wants a human"),
            Ok(judged) if judged.confidence.is_some_and(|sure| sure < handoff.min_confidence) => {
                return unsure("the model's confidence is too low");
            }
            Ok(judged) => judged.answer,
        },
    };
    if words::has_any(&answer, &handoff.phrases) {
        return unsure("the model's words show doubt");
    }
    let answer = cut(&answer, config.answers.chars);
    if answer.is_empty() {
        return Verdict::HandOff(Reason::Failed, "the model has said nothing".to_owned());
    }
    Verdict::Say(answer)
}

/// What a model says that was asked for JSON.
#[derive(Deserialize)]
struct Judged {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    handoff: bool,
    #[serde(default)]
    confidence: Option<f64>,
}

impl Judged {
    /// Some models put a fence around what they were asked for.
    fn read(content: &str) -> Result<Self, String> {
        let inside = content.trim().trim_start_matches("```json").trim_matches('`').trim();
        if !inside.starts_with('{') {
            return Err("the model has answered no JSON object".to_owned());
        }
        serde_json::from_str(inside).map_err(|error| format!("the model has answered other JSON: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::config;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn judging(more: Value, content: &str) -> Verdict {
        let completion = Completion {
            content: content.to_owned(),
            refused: false,
            tokens: None,
        };
        judge(&config(more), &completion)
    }

    fn reason(verdict: &Verdict) -> Option<Reason> {
        match verdict {
            Verdict::Say(_) => None,
            Verdict::HandOff(reason, _) => Some(*reason),
        }
    }

    #[test]
    fn words_are_an_answer_unless_they_show_doubt() {
        assert_eq!(
            judging(json!({}), "It is 9.99."),
            Verdict::Say("It is 9.99.".to_owned())
        );
        for doubt in [
            "[[HANDOFF]]",
            "Sorry. [[HANDOFF]] price",
            "I'm not sure, maybe.",
            "i am NOT sure",
            "我不确定",
        ] {
            assert_eq!(reason(&judging(json!({}), doubt)), Some(Reason::Unsure), "{doubt}");
        }
        assert_eq!(reason(&judging(json!({}), "")), Some(Reason::Failed));
        let other = json!({ "handoff": { "marker": "", "phrases": ["ask a colleague"] } });
        assert_eq!(reason(&judging(other.clone(), "[[HANDOFF]]")), None);
        assert_eq!(reason(&judging(other, "Please ask a colleague")), Some(Reason::Unsure));
        let refused = Completion {
            content: "no".to_owned(),
            refused: true,
            tokens: None,
        };
        assert_eq!(reason(&judge(&config(json!({})), &refused)), Some(Reason::Unsure));
    }

    #[test]
    fn json_says_how_sure_it_is() {
        let format = || json!({ "answers": { "format": "json" }, "handoff": { "min_confidence": 0.6 } });
        let judged = |content: &str| judging(format(), content);
        for good in [
            r#"{"answer":"Yes.","handoff":false,"confidence":0.9}"#,
            r#"{"answer":"Yes."}"#,
            "```json\n{\"answer\":\"Yes.\",\"confidence\":0.6}\n```",
        ] {
            assert_eq!(judged(good), Verdict::Say("Yes.".to_owned()), "{good}");
        }
        for (bad, why) in [
            (r#"{"answer":"Yes.","handoff":true}"#, Reason::Unsure),
            (r#"{"answer":"Yes.","confidence":0.5}"#, Reason::Unsure),
            (r#"{"answer":"I am not sure."}"#, Reason::Unsure),
            (r#"{"handoff":false}"#, Reason::Failed),
            (r#"{"answer":7}"#, Reason::Failed),
            (r#"{"answer":"Yes"#, Reason::Failed),
            ("Yes.", Reason::Failed),
            ("", Reason::Failed),
        ] {
            assert_eq!(reason(&judged(bad)), Some(why), "{bad}");
        }
    }

    #[test]
    fn answers_are_cut() {
        let short = json!({ "answers": { "chars": 20 } });
        let said = judging(short, "It is 9.99. Shipping is free from 50 on.");
        assert_eq!(said, Verdict::Say("It is 9.99.".to_owned()));
    }

    proptest! {
        #[test]
        fn whatever_it_says_is_bounded(content in ".{0,200}", most in 1_usize..50, format in "text|json") {
            let settings = json!({ "answers": { "chars": most, "format": format } });
            if let Verdict::Say(answer) = judging(settings, &content) {
                prop_assert!(!answer.is_empty() && answer.chars().count() <= most);
            }
        }
    }
}
