//! The targets, as data: what each figure has to be.

use super::figure::{Figure, Unit, show};

/// A bound on a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// Between the two, both included.
    Within(f64, f64),
}

/// The bound of one figure.
pub struct Target {
    pub scenario: &'static str,
    pub name: &'static str,
    pub bound: Bound,
}

const fn target(scenario: &'static str, name: &'static str, bound: Bound) -> Target {
    Target { scenario, name, bound }
}

/// All targets. Ratios are to the reference in the same run, or to the scenario's own starting point
/// (the native protocol for dialects, the same app without an attack for `hostile`).
pub const TARGETS: &[Target] = &[
    target("direct", "random nonces, ratio", Bound::AtLeast(0.7)),
    target("direct", "time-ordered nonces, ratio", Bound::AtLeast(0.7)),
    target("steady", "p50, ratio", Bound::AtMost(1.5)),
    target("steady", "p99, ratio", Bound::AtMost(2.0)),
    target("room", "deliveries, ratio", Bound::AtLeast(0.8)),
    target("idle", "memory per connection", Bound::AtMost(12.0)),
    target("idle", "memory before", Bound::AtMost(60.0)),
    target("policy", "added by 1 policy", Bound::AtMost(15.0)),
    target("policy", "added by 3 policies", Bound::AtMost(45.0)),
    target("standard-types", "added by an image", Bound::AtMost(15.0)),
    target("observer", "messages with a reply", Bound::AtLeast(5_000.0)),
    target("observer", "replies missing or double", Bound::AtMost(0.0)),
    target("history", "p50, many over few", Bound::AtMost(1.2)),
    target("tenants", "CPU per message, ratio", Bound::Within(0.95, 1.05)),
    target("cold-start", "1,000 installs, to ready", Bound::AtMost(2.0)),
    target("cold-start", "memory per idle install", Bound::AtMost(64.0)),
    target("hot-swap", "failed", Bound::AtMost(0.0)),
    target("hot-swap", "lost", Bound::AtMost(0.0)),
    target("hot-swap", "p99 in seconds of a swap, ratio", Bound::AtMost(2.0)),
    target("dialects", "wokchat direct, CPU per message, ratio", Bound::AtMost(1.5)),
    target(
        "dialects",
        "social room of 1,000, CPU per message, ratio",
        Bound::AtMost(1.5),
    ),
    target("hostile", "loop, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "memory, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "recurse, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "trap, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "flood, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "huge, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "nap, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "drip, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "log, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "kv, p99, ratio", Bound::AtMost(1.1)),
    target("hostile", "messages, p99, ratio", Bound::AtMost(1.1)),
];

impl Bound {
    pub fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Within(least, most) => (least..=most).contains(&value),
        }
    }

    /// The bound for people.
    pub fn text(self, unit: Unit) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", show(least, unit)),
            Self::AtMost(most) => format!("≤ {}", show(most, unit)),
            Self::Within(least, most) => format!("{} to {}", show(least, unit), show(most, unit)),
        }
    }
}

/// The bound of a figure, if it has one.
pub fn bound_of(figure: &Figure) -> Option<Bound> {
    let fits = |target: &&Target| target.scenario == figure.scenario && target.name == figure.name;
    TARGETS.iter().find(fits).map(|target| target.bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_include_their_edges() {
        assert!(Bound::AtLeast(0.7).met(0.7) && !Bound::AtLeast(0.7).met(0.69));
        assert!(Bound::AtMost(2.0).met(2.0) && !Bound::AtMost(2.0).met(2.01));
        assert!(Bound::Within(0.95, 1.05).met(1.0) && !Bound::Within(0.95, 1.05).met(1.06));
    }

    #[test]
    fn a_missing_value_meets_nothing() {
        assert!(TARGETS.iter().all(|target| !target.bound.met(f64::NAN)));
    }

    #[test]
    fn every_target_belongs_to_a_scenario() {
        for target in TARGETS {
            assert!(
                crate::scenario::ALL
                    .iter()
                    .any(|scenario| scenario.name == target.scenario),
                "{}",
                target.scenario
            );
        }
    }
}
