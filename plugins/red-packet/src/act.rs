//! What happens to a packet: claims, and its end.

use serde_json::{Value, json};

use crate::packet::{Claim, Packet, State};
use crate::shares::share;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A share for who asks.
    Claim,
    /// The end of it, by the app itself.
    Expire,
}

impl Ask {
    /// What a client or another plugin has sent.
    #[must_use]
    pub fn read(data: &str) -> Option<Self> {
        let data: Value = serde_json::from_str(data).ok()?;
        match data.get("action")?.as_str()? {
            "claim" => Some(Self::Claim),
            "expire" => Some(Self::Expire),
            _ => None,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// For who asked.
    pub answer: Value,
    /// The packet, if it is another now.
    pub packet: Option<Packet>,
}

/// One claim. Who has claimed hears the first amount again; when nothing is left, or it is too late, the amount is 0.
#[must_use]
pub fn claim(mut packet: Packet, user: &str, seed: &str, now: u64) -> Done {
    if let Some(first) = packet.claims.iter().find(|claim| claim.user == user) {
        return Done {
            answer: answer(first.amount, &packet),
            packet: None,
        };
    }
    if packet.state == State::Open && now >= packet.expires_at {
        return expire(packet);
    }
    let index = packet.claims.len() as u64;
    let waiting = packet.waiting().and_then(|waiting| waiting.checked_sub(1));
    let amount = (waiting.filter(|_| packet.state == State::Open))
        .and_then(|waiting| share(packet.left, waiting, index, packet.mode, seed));
    let Some(amount) = amount else {
        return Done {
            answer: answer(0, &packet),
            packet: None,
        };
    };
    packet.claims.push(Claim {
        user: user.to_owned(),
        amount,
        at: now,
    });
    packet.left -= amount;
    if packet.left == 0 {
        packet.state = State::Finished;
    }
    Done {
        answer: answer(amount, &packet),
        packet: Some(packet),
    }
}

/// The end: what is left is returned. Nothing happens to a packet that is over.
#[must_use]
pub fn expire(mut packet: Packet) -> Done {
    if packet.state != State::Open {
        return Done {
            answer: answer(0, &packet),
            packet: None,
        };
    }
    packet.returned = packet.left;
    packet.left = 0;
    packet.state = State::Expired;
    Done {
        answer: answer(0, &packet),
        packet: Some(packet),
    }
}

fn answer(amount: u64, packet: &Packet) -> Value {
    let mut answer = json!({ "amount": amount, "state": packet.state.word(), "left": packet.left });
    if packet.state == State::Expired {
        answer["returned"] = packet.returned.into();
    }
    answer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::create::create;

    fn packet(total: u64, count: u64, mode: &str) -> Packet {
        let body = json!({ "total": total, "count": count, "mode": mode });
        Packet::read(&create(&body.to_string(), &Config::default(), 0).unwrap()).unwrap()
    }

    #[test]
    fn a_second_claim_answers_the_first() {
        let first = claim(packet(100, 3, "equal"), "a", "", 5);
        assert_eq!(first.answer, json!({ "amount": 34, "state": "open", "left": 66 }));
        let again = claim(first.packet.unwrap(), "a", "", 6);
        assert_eq!((again.answer["amount"].as_u64(), again.packet), (Some(34), None));
    }

    #[test]
    fn what_is_left_at_the_end_is_returned() {
        let one = claim(packet(100, 3, "equal"), "a", "", 5).packet.unwrap();
        let over = expire(one).packet.unwrap();
        assert_eq!((over.left, over.returned, over.state), (0, 66, State::Expired));
        assert_eq!(claim(over.clone(), "b", "", 6).answer["amount"], 0);
        assert_eq!(claim(over.clone(), "a", "", 6).answer["amount"], 34);
        assert_eq!(expire(over).packet, None);
    }

    #[test]
    fn too_late_is_too_late_before_the_timer_too() {
        let fresh = packet(100, 3, "equal");
        let late = claim(fresh.clone(), "a", "", fresh.expires_at);
        assert_eq!(
            late.answer,
            json!({ "amount": 0, "state": "expired", "left": 0, "returned": 100 })
        );
        assert!(late.packet.unwrap().claims.is_empty());
    }

    #[test]
    fn a_body_that_does_not_add_up_is_no_packet() {
        let good = packet(100, 3, "equal");
        let bad = |change: fn(&mut Packet)| {
            let mut packet = good.clone();
            change(&mut packet);
            assert_eq!(Packet::read(&packet.write()), None, "{packet:?}");
        };
        bad(|packet| packet.left = 101);
        bad(|packet| packet.left = u64::MAX);
        bad(|packet| packet.total = 2);
        bad(|packet| packet.state = State::Finished);
        bad(|packet| packet.returned = 1);
        bad(|packet| packet.count = 101);
        let claim = |user: &str, amount| Claim {
            user: user.to_owned(),
            amount,
            at: 0,
        };
        for claims in [
            vec![claim("a", 99)],
            vec![claim("a", 0)],
            vec![claim("a", 10), claim("a", 10)],
            vec![claim("a", u64::MAX), claim("b", 101)],
        ] {
            let claimed = claims.iter().fold(0_u64, |sum, claim| sum.wrapping_add(claim.amount));
            let packet = Packet {
                claims,
                left: 100_u64.wrapping_sub(claimed),
                ..good.clone()
            };
            assert_eq!(Packet::read(&packet.write()), None, "{packet:?}");
        }
    }

    proptest! {
        #[test]
        fn no_order_of_claims_pays_more_or_less(
            count in 1u64..=100,
            more in 0u64..100_000,
            random: bool,
            seed in "[0-9]{1,9}",
            claimers in proptest::collection::vec(0u32..120, 0..200),
            end in proptest::option::of(0usize..200),
        ) {
            let total = count + more;
            let mut packet = packet(total, count, if random { "random" } else { "equal" });
            let mut paid = std::collections::HashMap::new();
            for (turn, claimer) in claimers.iter().enumerate() {
                if end == Some(turn) && let Some(over) = expire(packet.clone()).packet {
                    packet = over;
                }
                let done = claim(packet.clone(), &claimer.to_string(), &seed, turn as u64);
                let amount = done.answer["amount"].as_u64().unwrap();
                if let Some(next) = done.packet {
                    prop_assert!(amount >= 1);
                    prop_assert!(paid.insert(*claimer, amount).is_none());
                    packet = Packet::read(&next.write()).unwrap();
                } else {
                    prop_assert_eq!(amount, paid.get(claimer).copied().unwrap_or(0));
                }
                let claimed: u64 = paid.values().sum();
                prop_assert_eq!(claimed + packet.left + packet.returned, total);
            }
            if end.is_none() && paid.len() as u64 == count {
                prop_assert_eq!((packet.left, packet.state), (0, State::Finished));
            }
        }
    }
}
