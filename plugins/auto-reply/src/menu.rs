//! The menu: which page is shown how, and what a text chooses. Where the customer is in it is part of the record.

use serde_json::{Value, json};

use crate::config::{Choice, Menu, Style};
use crate::fill::fill;
use crate::host::{Content, Host, Trouble};
use crate::plan::Step;
use crate::scene::Scene;
use crate::talk::{Place, Talk};

/// What a text chooses on a page.
#[derive(Debug, PartialEq, Eq)]
enum Chosen {
    /// The way back.
    Back,
    /// A choice, counted from 0.
    Choice(usize),
}

/// What a customer's text does to the menu; none if it is not about it.
pub fn hear<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, text: &str) -> Result<Option<Vec<Step>>, Trouble> {
    let Some(menu) = &scene.config.menu else {
        return Ok(None);
    };
    let text = text.trim().to_lowercase();
    if menu.words.iter().any(|word| word.trim().to_lowercase() == text) {
        return Ok(Some(vec![show(scene, talk, menu, Vec::new())?]));
    }
    let Some(place) = talk.menu.clone() else {
        return Ok(None);
    };
    let Some((_, choices)) = page(menu, &place.path) else {
        return Ok(None);
    };
    Ok(match chosen(menu, choices, &text) {
        None => None,
        Some(Chosen::Back) => {
            let mut path = place.path;
            path.pop();
            Some(vec![show(scene, talk, menu, path)?])
        }
        Some(Chosen::Choice(number)) => Some(choose(scene, talk, menu, place, (number, &choices[number]))?),
    })
}

/// What is said to a text that is no choice while the menu is shown; none if nothing is.
pub fn puzzled<H: Host>(scene: &Scene<'_, H>, talk: &Talk) -> Result<Option<Vec<Step>>, Trouble> {
    let Some(menu) = scene.config.menu.as_ref().filter(|menu| !menu.unknown.is_empty()) else {
        return Ok(None);
    };
    if talk.menu.is_none() {
        return Ok(None);
    }
    Ok(Some(vec![Step::Say(scene.say(scene.words(&menu.unknown)?))]))
}

/// Shows a page and remembers that it is the one the customer sees.
pub fn show<H: Host>(scene: &Scene<'_, H>, talk: &mut Talk, menu: &Menu, path: Vec<usize>) -> Result<Step, Trouble> {
    let (text, choices) = page(menu, &path).unwrap_or((&menu.text, &menu.choices));
    let labels = labels(menu, choices, !path.is_empty());
    let mut whole = scene.words(text)?;
    for (number, label) in &labels {
        let line = fill(&menu.line, |field| match field {
            "number" => Some(number.to_string()),
            "label" => Some((*label).to_owned()),
            _ => None,
        });
        whole = format!("{whole}\n{line}");
    }
    let mut say = scene.say(whole);
    if menu.style == Style::Buttons {
        let buttons: Vec<Value> = labels
            .iter()
            .map(|(number, label)| json!({ "label": label, "send": number.to_string() }))
            .collect();
        say.message = Some(Content {
            kind: "card".to_owned(),
            body: json!({ "text": say.text, "attr": { "buttons": buttons } }),
        });
    }
    stay(scene, talk, menu, path);
    Ok(Step::Say(say))
}

/// Does what a choice says.
fn choose<H: Host>(
    scene: &Scene<'_, H>,
    talk: &mut Talk,
    menu: &Menu,
    place: Place,
    (number, choice): (usize, &Choice),
) -> Result<Vec<Step>, Trouble> {
    let mut steps = Vec::new();
    if let Some(reply) = &choice.reply {
        steps.push(Step::Say(scene.say(scene.words(reply)?)));
    }
    if let Some(patch) = &choice.set {
        steps.push(Step::Merge(scene.filled(patch)?));
    }
    if let Some(reason) = &choice.hand_off {
        talk.menu = None;
        let reason = scene.words(reason)?;
        steps.push(Step::HandOff { reason });
        return Ok(steps);
    }
    let mut path = place.path;
    if choice.menu.is_some() {
        path.push(number);
        steps.push(show(scene, talk, menu, path)?);
    } else {
        stay(scene, talk, menu, path);
    }
    Ok(steps)
}

fn stay<H>(scene: &Scene<'_, H>, talk: &mut Talk, menu: &Menu, path: Vec<usize>) {
    let until = scene.at.saturating_add(u64::from(menu.expires_seconds) * 1000);
    talk.menu = Some(Place { path, until });
}

/// A page by the choices that lead to it; none if the menu has changed since.
fn page<'c>(menu: &'c Menu, path: &[usize]) -> Option<(&'c str, &'c [Choice])> {
    let mut page = (menu.text.as_str(), menu.choices.as_slice());
    for number in path {
        let next = page.1.get(*number)?.menu.as_ref()?;
        page = (&next.text, &next.choices);
    }
    Some(page)
}

/// Choices with their numbers; the way back is 0.
fn labels<'c>(menu: &'c Menu, choices: &'c [Choice], inner: bool) -> Vec<(usize, &'c str)> {
    let numbered = choices.iter().enumerate();
    let numbered = numbered.map(|(number, choice)| (number + 1, choice.label.as_str()));
    numbered.chain(inner.then_some((0, menu.back.as_str()))).collect()
}

/// What a text in lower case chooses: a number, with or without a mark behind it, or a label.
fn chosen(menu: &Menu, choices: &[Choice], text: &str) -> Option<Chosen> {
    let is = |label: &str| label.trim().to_lowercase() == text;
    if let Some(number) = choices.iter().position(|choice| is(&choice.label)) {
        return Some(Chosen::Choice(number));
    }
    if is(&menu.back) {
        return Some(Chosen::Back);
    }
    let digits = text.trim_end_matches(['.', ')', '。', '、', '）']);
    let number = digits.chars().try_fold(0_usize, |number, digit| {
        // Digits of full width are what Chinese and Japanese keyboards write.
        let digit = match digit {
            '０'..='９' => u32::from(digit) - u32::from('０'),
            digit => digit.to_digit(10)?,
        };
        number.checked_mul(10)?.checked_add(usize::try_from(digit).ok()?)
    })?;
    match number {
        _ if digits.is_empty() => None,
        0 => Some(Chosen::Back),
        number if number <= choices.len() => Some(Chosen::Choice(number - 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chooses() {
        let menu: Menu = serde_json::from_str(
            r#"{ "text": "?", "back": "返回", "choices": [
                { "label": "Price", "reply": "5" },
                { "label": "More", "menu": { "text": "!", "choices": [{ "label": "3", "reply": "three" }] } }] }"#,
        )
        .unwrap();
        let choose = |text: &str| chosen(&menu, &menu.choices, text);
        for (text, expected) in [
            ("1", Some(Chosen::Choice(0))),
            ("2.", Some(Chosen::Choice(1))),
            ("２、", Some(Chosen::Choice(1))),
            ("price", Some(Chosen::Choice(0))),
            ("0", Some(Chosen::Back)),
            ("返回", Some(Chosen::Back)),
            ("3", None),
            ("", None),
            (".", None),
            ("1 or 2", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(choose(text), expected, "{text}");
        }
        let (text, choices) = page(&menu, &[1]).unwrap();
        assert_eq!(text, "!");
        assert_eq!(labels(&menu, choices, true), [(1, "3"), (0, "返回")]);
        assert_eq!(
            chosen(&menu, choices, "3"),
            Some(Chosen::Choice(0)),
            "a label goes first"
        );
        assert!(
            page(&menu, &[0]).is_none() && page(&menu, &[7]).is_none(),
            "the menu has changed"
        );
    }
}
