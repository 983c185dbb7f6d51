//! Who meets which version while a canary runs: a share of the conversations, chosen by a hash, so that a conversation
//! always meets the same one. An app without canaries pays one branch.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::chain::Chain;
use super::plugin::Plugin;
use crate::model::{ConversationId, PluginName};

/// Canaries of an app at the same time: each doubles the chains there may be.
pub const CANARIES: usize = 6;

/// By what it is decided which version is met.
#[derive(Debug, Clone, Copy)]
pub enum Share<'a> {
    /// Everything that happens in a conversation.
    Conversation(ConversationId),
    /// What happens in none: the name of a user or of a connection.
    Name(&'a str),
}

/// An app's chains: one, unless there are canaries.
#[derive(Default)]
pub struct Chains {
    stable: Arc<Chain>,
    split: Option<Box<Split>>,
}

struct Split {
    plugins: Vec<Arc<Plugin>>,
    broken: FxHashMap<PluginName, String>,
    /// Which of the plugins have one.
    canaries: Vec<usize>,
    /// By the set of canaries in them, each made when it is first asked for.
    mixes: Box<[OnceLock<Arc<Chain>>]>,
}

impl Chains {
    /// Of all an app's installs.
    pub fn new(plugins: Vec<Arc<Plugin>>, broken: FxHashMap<PluginName, String>) -> Self {
        let has_canary = |plugin: &Plugin| plugin.install.enabled && plugin.canary.is_some();
        let places = plugins.iter().enumerate().filter(|(_, plugin)| has_canary(plugin));
        let canaries: Vec<usize> = places.map(|(place, _)| place).take(CANARIES).collect();
        Self {
            stable: Arc::new(Chain::new(plugins.iter().cloned(), broken.clone())),
            split: (!canaries.is_empty()).then(|| {
                Box::new(Split {
                    mixes: (0..1_usize << canaries.len()).map(|_| OnceLock::new()).collect(),
                    plugins,
                    broken,
                    canaries,
                })
            }),
        }
    }

    /// The current versions.
    pub const fn stable(&self) -> &Arc<Chain> {
        &self.stable
    }

    /// The versions that a share meets.
    pub fn of(&self, share: Share<'_>) -> Arc<Chain> {
        match &self.split {
            None => self.stable.clone(),
            Some(split) => split.of(share).unwrap_or(&self.stable).clone(),
        }
    }
}

impl Split {
    /// None if no canary is met.
    fn of(&self, share: Share<'_>) -> Option<&Arc<Chain>> {
        let met = |place: usize| self.plugins[place].canary_for(share).is_some();
        let bits = self.canaries.iter().enumerate();
        let mix = bits.fold(0, |mix, (bit, place)| mix | usize::from(met(*place)) << bit);
        (mix > 0).then(|| self.mixes[mix].get_or_init(|| Arc::new(self.mixed(mix))))
    }

    fn mixed(&self, mix: usize) -> Chain {
        let mut plugins = self.plugins.clone();
        for (bit, place) in self.canaries.iter().enumerate() {
            if mix >> bit & 1 == 1
                && let Some(canary) = self.plugins[*place].canary.clone()
            {
                plugins[*place] = canary;
            }
        }
        Chain::new(plugins, self.broken.clone())
    }
}

/// Which of a hundred equal parts of all conversations, or names, this one is in. The same on every server and in every
/// release; another one for each plugin; and whoever is in a share of ten is in one of twenty.
pub fn part(plugin: &PluginName, share: Share<'_>) -> u8 {
    let hash = fnv(0xcbf2_9ce4_8422_2325, plugin.as_str().as_bytes());
    let hash = match share {
        Share::Conversation(id) => fnv(fnv(hash, b"/c/"), &id.get().to_le_bytes()),
        Share::Name(name) => fnv(fnv(hash, b"/n/"), name.as_bytes()),
    };
    u8::try_from(mixed(hash) % 100).unwrap_or(0)
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(hash, step)
}

/// Spreads what is close together, as ids are: the end of `SplitMix64`.
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> PluginName {
        PluginName::new(name).unwrap()
    }

    fn parts(plugin: &str) -> Vec<u8> {
        let ids = (1..=10_000).map(|id| ConversationId::new(id * 7).unwrap());
        ids.map(|id| part(&name(plugin), Share::Conversation(id))).collect()
    }

    #[test]
    fn every_part_is_of_about_the_same_size_and_each_plugin_has_its_own() {
        let (a, b) = (parts("a"), parts("b"));
        for wanted in 0..100 {
            let size = a.iter().filter(|part| **part == wanted).count();
            assert!((60..=140).contains(&size), "{size} of 10,000 are in part {wanted}");
        }
        let both = a.iter().zip(&b).filter(|(a, b)| **a < 10 && **b < 10).count();
        assert!(
            (50..=150).contains(&both),
            "{both} of 10,000 meet both canaries of ten percent"
        );
    }

    #[test]
    fn parts_never_change() {
        let plugin = name("help-desk");
        let id = ConversationId::new(12_345).unwrap();
        assert_eq!(part(&plugin, Share::Conversation(id)), 97);
        assert_eq!(part(&plugin, Share::Name("alice")), 34);
    }
}
