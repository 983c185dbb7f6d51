//! Headers of webhooks as they are kept: JSON that only this file writes and reads.

use serde::{Deserialize, Serialize};

use crate::model::{Algorithm, HeaderValue, Part, Recipe, UserId};

/// A header as stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Header {
    Text(String),
    TimeSeconds,
    Signature(String, Vec<Piece>),
    DeliveryId,
}

/// A part of a recipe as stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    Text(String),
    Secret,
    Token(String),
    TimeSeconds,
    Body,
}

const ALGORITHMS: [(Algorithm, &str); 4] = [
    (Algorithm::Md5, "md5"),
    (Algorithm::Sha1, "sha1"),
    (Algorithm::Sha256, "sha256"),
    (Algorithm::HmacSha256, "hmac-sha256"),
];

/// Headers as JSON.
#[must_use]
pub fn write(headers: &[(String, HeaderValue)]) -> String {
    let value = |value: &HeaderValue| match value {
        HeaderValue::Text(text) => Header::Text(text.clone()),
        HeaderValue::TimeSeconds => Header::TimeSeconds,
        HeaderValue::DeliveryId => Header::DeliveryId,
        HeaderValue::Signature(recipe) => {
            let name = ALGORITHMS.iter().find(|(algorithm, _)| *algorithm == recipe.algorithm);
            Header::Signature(
                name.map_or_else(String::new, |(_, name)| (*name).to_owned()),
                recipe.parts.iter().map(piece).collect(),
            )
        }
    };
    let list: Vec<(&str, Header)> = headers.iter().map(|(name, of)| (name.as_str(), value(of))).collect();
    serde_json::json!(list).to_string()
}

fn piece(part: &Part) -> Piece {
    match part {
        Part::Text(text) => Piece::Text(text.clone()),
        Part::Secret => Piece::Secret,
        Part::Token(user) => Piece::Token(user.to_string()),
        Part::TimeSeconds => Piece::TimeSeconds,
        Part::Body => Piece::Body,
    }
}

/// Headers from JSON; none if it is not from here.
#[must_use]
pub fn read(json: &str) -> Option<Vec<(String, HeaderValue)>> {
    let part = |piece| -> Option<Part> {
        Some(match piece {
            Piece::Text(text) => Part::Text(text),
            Piece::Secret => Part::Secret,
            Piece::Token(user) => Part::Token(UserId::new(&user).ok()?),
            Piece::TimeSeconds => Part::TimeSeconds,
            Piece::Body => Part::Body,
        })
    };
    let value = |header| -> Option<HeaderValue> {
        Some(match header {
            Header::Text(text) => HeaderValue::Text(text),
            Header::TimeSeconds => HeaderValue::TimeSeconds,
            Header::DeliveryId => HeaderValue::DeliveryId,
            Header::Signature(name, parts) => {
                let known = ALGORITHMS.iter().find(|(_, known)| *known == name);
                let (algorithm, _) = known?;
                HeaderValue::Signature(Recipe {
                    algorithm: *algorithm,
                    parts: parts.into_iter().map(part).collect::<Option<_>>()?,
                })
            }
        })
    };
    let list: Vec<(String, Header)> = serde_json::from_str(json).ok()?;
    list.into_iter().map(|(name, of)| Some((name, value(of)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_as_they_were() {
        let parts = vec![
            Part::Text("a".into()),
            Part::Secret,
            Part::Token(UserId::new("ann").unwrap()),
            Part::TimeSeconds,
            Part::Body,
        ];
        let signed = |algorithm| {
            let parts = parts.clone();
            ("x".to_owned(), HeaderValue::Signature(Recipe { algorithm, parts }))
        };
        let mut headers: Vec<_> = ALGORITHMS.iter().map(|(algorithm, _)| signed(*algorithm)).collect();
        headers.push(("a".into(), HeaderValue::Text("b".into())));
        headers.push(("t".into(), HeaderValue::TimeSeconds));
        headers.push(("d".into(), HeaderValue::DeliveryId));
        assert_eq!(read(&write(&headers)), Some(headers));
        assert_eq!(read("[[\"x\",\"y\"]]"), None);
    }
}
