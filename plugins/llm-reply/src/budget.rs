//! Tokens per day, of a conversation and of the app. They are counted before the model is asked, by the most it may take,
//! and corrected after: a call that is killed in between has counted too much, and one that is made again leaves out no
//! more than one answer of the model.

use crate::host::{Host, Trouble};
use crate::settings::Budget;

const DAY_MS: u64 = 86_400_000;

/// Tokens that were set aside for one answer.
#[derive(Debug)]
pub struct Reserved {
    keys: [String; 2],
    tokens: i64,
    /// What the conversation has used today, with these.
    pub in_conversation: i64,
    /// What the app has used today, with these.
    pub in_app: i64,
}

/// Sets tokens aside; none if they are not there.
pub fn reserve(
    host: &impl Host,
    budget: &Budget,
    conversation: &str,
    at: u64,
    tokens: i64,
) -> Result<Option<Reserved>, Trouble> {
    let day = at / DAY_MS;
    let keys = [format!("tokens/{day}/c/{conversation}"), format!("tokens/{day}/app")];
    // Both are counted whether bounded or not, so that a repeated call makes the same writes.
    let in_conversation = host.count(&keys[0], tokens)?;
    let in_app = host.count(&keys[1], tokens)?;
    let reserved = Reserved {
        keys,
        tokens,
        in_conversation,
        in_app,
    };
    if fits(in_conversation, budget.conversation_tokens) && fits(in_app, budget.app_tokens) {
        return Ok(Some(reserved));
    }
    reserved.settle(host, 0)?;
    Ok(None)
}

fn fits(used: i64, most: i64) -> bool {
    most == 0 || used <= most
}

impl Reserved {
    /// Corrects what was set aside to what was used.
    pub fn settle(self, host: &impl Host, used: i64) -> Result<(), Trouble> {
        for key in &self.keys {
            host.count(key, used - self.tokens)?;
        }
        Ok(())
    }
}

/// About how many tokens a text is: four Latin letters each, one of any other script. Rather too many than too few.
#[must_use]
pub fn estimate(text: &str) -> i64 {
    let (mut ascii, mut others) = (0_i64, 0_i64);
    for letter in text.chars() {
        if letter.is_ascii() {
            ascii += 1;
        } else {
            others += 1;
        }
    }
    (ascii + 3) / 4 + others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;
    use proptest::prelude::*;

    fn budget(conversation_tokens: i64, app_tokens: i64) -> Budget {
        Budget {
            conversation_tokens,
            app_tokens,
        }
    }

    #[test]
    fn what_is_not_there_is_not_given() {
        let host = Fake::default();
        let budget = budget(100, 150);
        let first = reserve(&host, &budget, "1", 5, 60).unwrap().unwrap();
        assert_eq!((first.in_conversation, first.in_app), (60, 60));
        assert!(reserve(&host, &budget, "1", 5, 60).unwrap().is_none());
        first.settle(&host, 30).unwrap();
        reserve(&host, &budget, "1", 5, 60)
            .unwrap()
            .unwrap()
            .settle(&host, 60)
            .unwrap();
        assert_eq!(host.counted("tokens/0/c/1"), 90);
        assert!(
            reserve(&host, &budget, "2", 5, 61).unwrap().is_none(),
            "the app's are used up"
        );
        assert!(
            reserve(&host, &budget, "2", DAY_MS, 61).unwrap().is_some(),
            "the next day"
        );
        assert_eq!(host.counted("tokens/0/app"), 90);
    }

    #[test]
    fn tokens_are_guessed() {
        assert_eq!(
            (estimate(""), estimate("a"), estimate("four five"), estimate("你好!")),
            (0, 1, 3, 3)
        );
    }

    proptest! {
        #[test]
        fn caps_are_never_passed_and_counts_are_sums(
            asks in proptest::collection::vec((0_u8..3, 1_i64..50, 0_i64..50), 0..40),
            most in 1_i64..200,
            all in 1_i64..400,
        ) {
            let host = Fake::default();
            let budget = budget(most, all);
            let mut used = [0_i64; 3];
            for (conversation, tokens, spent) in asks {
                let key = conversation.to_string();
                if let Some(reserved) = reserve(&host, &budget, &key, 0, tokens).unwrap() {
                    let spent = spent.min(tokens);
                    reserved.settle(&host, spent).unwrap();
                    used[usize::from(conversation)] += spent;
                }
            }
            for (conversation, used) in used.iter().enumerate() {
                prop_assert!(*used <= most);
                prop_assert_eq!(host.counted(&format!("tokens/0/c/{conversation}")), *used);
            }
            let sum: i64 = used.iter().sum();
            prop_assert!(sum <= all);
            prop_assert_eq!(host.counted("tokens/0/app"), sum);
        }
    }
}
