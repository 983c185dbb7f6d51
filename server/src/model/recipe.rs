//! How a signature is computed: what is signed, in which order, and under which algorithm. Pure; whoever signs brings the
//! secrets.

use hmac::{Hmac, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::UserId;

/// What turns bytes into a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// HMAC-SHA-256 under the app's secret.
    HmacSha256,
}

/// A piece of what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// The app's secret.
    Secret,
    /// A user's token.
    Token(UserId),
    /// The seconds since 1970, in decimal.
    TimeSeconds,
    /// What is sent.
    Body,
}

/// What to sign and how: the pieces in order, with nothing in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// How.
    pub algorithm: Algorithm,
    /// What.
    pub parts: Vec<Part>,
}

/// What a signature is written with.
pub struct Ink<'a> {
    /// The app's secret.
    pub secret: &'a str,
    /// The token of a user, if there is one.
    pub token: &'a (dyn Fn(&UserId) -> Option<String> + Sync),
    /// When it is signed; stands for nothing where none is given.
    pub time_seconds: Option<i64>,
    /// What is sent; stands for nothing where none is given.
    pub body: Option<&'a str>,
}

impl Recipe {
    /// The users whose tokens are needed.
    pub fn tokens(&self) -> impl Iterator<Item = &UserId> {
        self.parts.iter().filter_map(|part| match part {
            Part::Token(user) => Some(user),
            _ => None,
        })
    }

    /// The signature in lower-case hex; none if a user has no token.
    #[must_use]
    pub fn sign(&self, ink: &Ink<'_>) -> Option<String> {
        let mut bytes = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Part::Secret => bytes.extend_from_slice(ink.secret.as_bytes()),
                Part::Token(user) => bytes.extend_from_slice((ink.token)(user)?.as_bytes()),
                Part::TimeSeconds => bytes.extend(ink.time_seconds.iter().flat_map(|at| at.to_string().into_bytes())),
                Part::Body => bytes.extend_from_slice(ink.body.unwrap_or_default().as_bytes()),
            }
        }
        Some(match self.algorithm {
            Algorithm::Md5 => hex::encode(Md5::digest(&bytes)),
            Algorithm::Sha1 => hex::encode(Sha1::digest(&bytes)),
            Algorithm::Sha256 => hex::encode(Sha256::digest(&bytes)),
            Algorithm::HmacSha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(ink.secret.as_bytes()).ok()?;
                mac.update(&bytes);
                hex::encode(mac.finalize().into_bytes())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(algorithm: Algorithm, parts: Vec<Part>) -> Option<String> {
        Recipe { algorithm, parts }.sign(&Ink {
            secret: "key",
            token: &|user| (user.as_str() == "ann").then(|| "tok".to_owned()),
            time_seconds: Some(17),
            body: Some("{}"),
        })
    }

    fn text(text: &str) -> Vec<Part> {
        vec![Part::Text(text.to_owned())]
    }

    /// RFC 1321 A.5, FIPS 180 examples, and the HMAC of RFC 2104's well-known sentence.
    #[test]
    fn known_answers() {
        let fox = "The quick brown fox jumps over the lazy dog";
        for (algorithm, given, expected) in [
            (Algorithm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                Algorithm::Sha256,
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                Algorithm::HmacSha256,
                fox,
                "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
            ),
        ] {
            assert_eq!(sign(algorithm, text(given)).as_deref(), Some(expected), "{algorithm:?}");
        }
    }

    #[test]
    fn parts_are_joined_in_order() {
        let user = |name| UserId::new(name).unwrap();
        let parts = vec![
            Part::Text("a".into()),
            Part::Secret,
            Part::Token(user("ann")),
            Part::TimeSeconds,
            Part::Body,
        ];
        assert_eq!(sign(Algorithm::Md5, parts), sign(Algorithm::Md5, text("akeytok17{}")));
        assert_eq!(sign(Algorithm::Md5, vec![Part::Token(user("bob"))]), None);
    }
}
