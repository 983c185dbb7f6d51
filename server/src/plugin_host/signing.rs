//! Signatures of foreign protocols: a hash over some texts in a row, in hex.

use hmac::{Hmac, Mac as _};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::bindings::switchboard::plugin::types::Algorithm;

/// The signature of these texts, with nothing in between; `secret` is the key where there is one. Lower-case hex.
pub fn sign(algorithm: Algorithm, secret: &str, texts: &[impl AsRef<[u8]>]) -> String {
    match algorithm {
        Algorithm::Md5 => hash::<Md5>(texts),
        Algorithm::Sha1 => hash::<Sha1>(texts),
        Algorithm::Sha256 => hash::<Sha256>(texts),
        Algorithm::HmacSha256 => {
            // A key of any length is fine.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
                return String::new();
            };
            for text in texts {
                mac.update(text.as_ref());
            }
            hex::encode(mac.finalize().into_bytes())
        }
    }
}

fn hash<D: Digest>(texts: &[impl AsRef<[u8]>]) -> String {
    let mut hash = D::new();
    for text in texts {
        hash.update(text);
    }
    hex::encode(hash.finalize())
}

/// Whether a given signature is this one, in either case of letters. How long it takes says nothing but whether the
/// lengths agree.
pub fn is_signature(given: &str, signature: &str) -> bool {
    is_same(&given.to_ascii_lowercase(), signature)
}

/// Whether two texts are the same, without telling by time where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standards() {
        for (algorithm, secret, texts, signature) in [
            (Algorithm::Md5, "", ["a", "bc"], "900150983cd24fb0d6963f7d28e17f72"),
            (
                Algorithm::Sha1,
                "",
                ["a", "bc"],
                "a9993e364706816aba3e25717850c26c9cd0d89d",
            ),
            (
                Algorithm::Sha256,
                "",
                ["a", "bc"],
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            // RFC 4231, case 2.
            (
                Algorithm::HmacSha256,
                "Jefe",
                ["what do ya want ", "for nothing?"],
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            assert_eq!(sign(algorithm, secret, &texts), signature);
            assert!(is_signature(&signature.to_ascii_uppercase(), signature));
            assert!(!is_signature(&signature[1..], signature));
            assert!(!is_signature("", signature));
        }
        assert!(is_same("Secret", "Secret") && !is_same("secret", "Secret"));
    }
}
