//! A packet's body, and whether one that is stored can be trusted.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a sum is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// All alike; the first ones get what remains.
    #[default]
    Equal,
    /// By chance.
    Random,
}

/// Where a packet is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is something to claim.
    Open,
    /// Everything was claimed.
    Finished,
    /// Its time is over; what was left is returned.
    Expired,
}

impl State {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Expired => "expired",
        }
    }
}

/// Who got what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The claimer's uid.
    pub user: String,
    /// In minor units.
    pub amount: u64,
    /// In milliseconds.
    pub at: u64,
}

/// A stored body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Packet {
    /// The sum, in minor units.
    pub total: u64,
    /// How many shares.
    pub count: u64,
    /// How it is cut.
    pub mode: Mode,
    /// When it ends, in milliseconds.
    pub expires_at: u64,
    /// In the order they were made.
    pub claims: Vec<Claim>,
    /// What can still be claimed.
    pub left: u64,
    /// What nobody claimed in time.
    #[serde(default)]
    pub returned: u64,
    /// Where it is in its life.
    pub state: State,
    /// The greeting and whatever the sender has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Packet {
    /// Reads a stored body; none if it does not add up. A body that was stored before this plugin owned its kind may say
    /// anything.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let packet: Self = serde_json::from_str(body).ok()?;
        let amounts = packet.claims.iter().map(|claim| claim.amount);
        let claimed = amounts.clone().try_fold(0_u64, u64::checked_add)?;
        let whole = claimed.checked_add(packet.left)?.checked_add(packet.returned)?;
        let waiting = packet.waiting()?;
        let users: HashSet<&str> = packet.claims.iter().map(|claim| claim.user.as_str()).collect();
        let adds_up = whole == packet.total && amounts.clone().all(|amount| amount >= 1);
        let fits = match packet.state {
            State::Open => waiting > 0 && packet.left >= waiting && packet.returned == 0,
            State::Finished => waiting == 0 && packet.left == 0 && packet.returned == 0,
            State::Expired => waiting > 0 && packet.left == 0 && packet.returned > 0,
        };
        (adds_up && fits && users.len() == packet.claims.len()).then_some(packet)
    }

    /// How many shares are not claimed; none if there are more claims than shares.
    #[must_use]
    pub fn waiting(&self) -> Option<u64> {
        self.count.checked_sub(self.claims.len() as u64)
    }

    /// As JSON.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_value(self).unwrap_or_default().to_string()
    }
}
