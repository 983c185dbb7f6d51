//! One agent: whether it is there, and which conversations it has. Replaced only by compare-and-set, and a conversation is
//! given to an agent by being put into this value first: so nobody ever has more than its cap, whatever happens at once.

use serde::{Deserialize, Serialize};

use crate::config::{Assign, Config};

/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Takes conversations.
    Online,
    /// Is there, and is given none.
    Busy,
    /// Is not there for now.
    Away,
    /// Is not at work.
    #[default]
    Offline,
}

impl Duty {
    /// By its name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        match name {
            "online" => Some(Self::Online),
            "busy" => Some(Self::Busy),
            "away" => Some(Self::Away),
            "offline" => Some(Self::Offline),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    /// Whether the agent is there at all.
    #[must_use]
    pub const fn here(self) -> bool {
        matches!(self, Self::Online | Self::Busy)
    }
}

/// A conversation an agent has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its id.
    pub conversation: String,
    /// Which turn of its ticket: no turn is given to anybody twice.
    pub turn: String,
    /// Since when, in milliseconds.
    pub at: u64,
}

/// What an agent has done, ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Conversations it was given.
    pub assigned: u64,
    /// Of those, not accepted in time.
    pub missed: u64,
    /// Of those, passed on.
    pub passed: u64,
    /// Of those, closed.
    pub closed: u64,
    /// Milliseconds it has had them, together.
    pub held_ms: u64,
}

/// How an agent comes to have a conversation no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// It was not accepted in time.
    Missed,
    /// Somebody else has it.
    Passed,
    /// It is over.
    Closed,
}

/// One agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// The uid.
    pub uid: String,
    /// Whether it is there.
    pub duty: Duty,
    /// Whether the desk itself has said so.
    pub auto: bool,
    /// Since when.
    pub since: u64,
    /// Conversations at a time.
    pub cap: u32,
    /// Which teams.
    pub teams: Vec<String>,
    /// What it has.
    pub load: Vec<Slot>,
    /// Offers in a row that it did not accept.
    pub missed: u32,
    /// When it was last given one.
    pub assigned_at: u64,
    /// Since when it has no connection.
    pub gone_at: Option<u64>,
    /// Grows with each change, so that no key of the index is ever used twice.
    pub rev: u64,
    /// What it has done.
    pub totals: Totals,
}

impl Agent {
    /// The key of an agent's value.
    #[must_use]
    pub fn key(uid: &str) -> String {
        format!("a/{uid}")
    }

    /// The name of the timer that looks after an agent.
    #[must_use]
    pub fn timer(uid: &str) -> String {
        format!("a:{uid}")
    }

    /// Whether it can be given a conversation without being asked.
    #[must_use]
    pub fn free(&self) -> bool {
        self.duty == Duty::Online && self.has_room()
    }

    /// Whether it has fewer conversations than it may.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.load.len() < self.cap as usize
    }

    /// Whether it has this turn of a conversation.
    #[must_use]
    pub fn has(&self, conversation: &str, turn: &str) -> bool {
        (self.load.iter()).any(|slot| slot.conversation == conversation && slot.turn == turn)
    }

    /// Takes the cap and the teams that the configuration says, which may have changed.
    pub fn follow(&mut self, config: &Config, cap: Option<u32>, teams: &[String]) {
        self.cap = cap.unwrap_or(config.cap);
        let mine = config
            .teams
            .iter()
            .filter(|team| teams.is_empty() || teams.contains(team));
        self.teams = mine.cloned().collect();
    }

    /// Gives it a conversation, if it has room. Whether it has it now.
    pub fn take(&mut self, conversation: &str, turn: &str, now: u64) -> bool {
        let slot = Slot {
            conversation: conversation.to_owned(),
            turn: turn.to_owned(),
            at: now,
        };
        let room = self.has_room();
        match self.load.iter_mut().find(|slot| slot.conversation == conversation) {
            Some(mine) if mine.turn == turn => return true,
            Some(mine) if mine.turn.as_str() > turn => return false,
            // What it had of an earlier turn is over.
            Some(mine) => *mine = slot,
            None if !room => return false,
            None => self.load.push(slot),
        }
        self.assigned_at = now;
        self.totals.assigned += 1;
        true
    }

    /// Takes a turn of a conversation from it. Nothing happens if it has it no more: so this may be done again.
    pub fn give_up(&mut self, conversation: &str, turn: &str, end: End, now: u64, config: &Config) -> bool {
        let mine = |slot: &Slot| slot.conversation == conversation && slot.turn == turn;
        let Some(at) = self.load.iter().position(mine) else {
            return false;
        };
        let slot = self.load.remove(at);
        self.totals.held_ms += now.saturating_sub(slot.at);
        match end {
            End::Missed => {
                self.totals.missed += 1;
                self.missed += 1;
                if config.away.missed > 0 && self.missed >= config.away.missed && self.duty.here() {
                    self.turn(Duty::Away, true, now);
                }
            }
            End::Passed => self.totals.passed += 1,
            End::Closed => self.totals.closed += 1,
        }
        true
    }

    /// Changes whether it is there.
    pub fn turn(&mut self, duty: Duty, auto: bool, now: u64) {
        self.duty = duty;
        self.auto = auto;
        self.since = now;
        self.missed = 0;
        self.gone_at = None;
    }

    /// Its keys in the index of those who are there, one for each team, in the order in which they are asked. Free ones
    /// come first; who is not there has none.
    #[must_use]
    pub fn index(&self, assign: Assign) -> Vec<String> {
        if !self.duty.here() {
            return Vec::new();
        }
        let rank = match assign {
            Assign::LeastLoaded => self.load.len() * 100 / (self.cap.max(1) as usize),
            Assign::RoundRobin | Assign::Manual => 0,
        };
        let (full, at, rev, uid) = (u8::from(!self.free()), self.assigned_at, self.rev, &self.uid);
        let key = |team: &String| format!("f/{team}/{full}{rank:03}{at:013}/{rev}/{uid}");
        self.teams.iter().map(key).collect()
    }

    /// Whose key of the index this is.
    #[must_use]
    pub fn of_index(key: &str) -> Option<&str> {
        key.splitn(5, '/').nth(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(uid: &str, load: usize, cap: u32, assigned_at: u64) -> Agent {
        let slot = |number: usize| Slot {
            conversation: number.to_string(),
            turn: String::new(),
            at: 0,
        };
        Agent {
            uid: uid.to_owned(),
            duty: Duty::Online,
            cap,
            teams: vec!["main".to_owned()],
            load: (0..load).map(slot).collect(),
            assigned_at,
            ..Agent::default()
        }
    }

    #[test]
    fn the_index_is_in_the_order_of_asking() {
        let agents = [
            agent("full", 2, 2, 1),
            agent("half", 1, 2, 1),
            agent("third", 1, 3, 9),
            agent("idle/late", 0, 3, 9),
            agent("idle", 0, 1, 5),
        ];
        let order = |assign| {
            let mut keys: Vec<String> = agents.iter().flat_map(|agent| agent.index(assign)).collect();
            keys.sort();
            keys.iter()
                .map(|key| Agent::of_index(key).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            order(Assign::LeastLoaded),
            ["idle", "idle/late", "third", "half", "full"]
        );
        assert_eq!(order(Assign::RoundRobin)[0], "half");
        assert!(agent("off", 0, 1, 0).index(Assign::Manual).len() == 1);
    }

    #[test]
    fn missing_too_many_is_being_away() {
        let config = Config::default();
        let mut one = agent("a", 0, 3, 0);
        for (number, duty) in [("x", Duty::Online), ("y", Duty::Away)] {
            assert!(one.take(number, "1", 5) && one.take(number, "1", 6));
            assert!(!one.give_up(number, "0", End::Missed, 7, &config), "another turn");
            assert!(one.give_up(number, "1", End::Missed, 7, &config));
            assert!(!one.give_up(number, "1", End::Missed, 7, &config), "only once");
            assert_eq!(one.duty, duty);
        }
        assert!(one.auto && one.index(Assign::LeastLoaded).is_empty());
        assert_eq!((one.totals.missed, one.totals.assigned), (2, 2));
    }
}
