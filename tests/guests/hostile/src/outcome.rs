//! What came of something, in a word.

use std::fmt::Debug;

use switchboard_plugin::prelude::*;

/// The answer, or why there is none.
pub fn told<T: Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(answer) => format!("{answer:?}"),
        Err(Error::NotFound) => "not found".to_owned(),
        Err(Error::Refused(refusal)) => format!("refused {}", refusal.code),
        Err(Error::Invalid(_)) => "invalid".to_owned(),
        Err(Error::Quota(name)) => format!("quota {name}"),
        Err(Error::Unavailable(text)) => format!("unavailable {text}"),
    }
}
