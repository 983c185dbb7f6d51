//! `[metrics]`: what the server tells of itself in figures, and to whom.

use super::numbers::numbers;
use super::problems::Problems;
use super::server::Server;

/// What is told in figures, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// Whether they are told at all.
    pub enabled: bool,
    /// Who asks must show it; empty: nobody has to show anything.
    pub token: String,
    /// How many installs have figures of their own; the others are summed by app.
    pub installs: usize,
}

impl Metrics {
    /// Whether they are told on a server that listens there: without a token only where nobody else can come.
    #[must_use]
    pub fn told(&self, server: &Server) -> bool {
        let private = server.listen.ip().to_canonical().is_loopback() && server.trusted_proxies.is_empty();
        self.enabled && (private || !self.token.is_empty())
    }
}

numbers! {
    "metrics" => Metrics {
        installs = 500, 0..=100_000;
    }
    also {
        enabled: bool = true;
        token: String = String::new();
    }
}

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Metrics {
    raw.numbers(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_token_figures_stay_at_home() {
        let told = |listen: &str, proxies: &[&str], token: &str| {
            let server = Server {
                listen: listen.parse().unwrap(),
                trusted_proxies: proxies.iter().map(|net| net.parse().unwrap()).collect(),
                worker_threads: 0,
                shutdown_seconds: 0,
            };
            let metrics = Metrics {
                enabled: true,
                token: token.to_owned(),
                installs: 0,
            };
            metrics.told(&server)
        };
        assert!(told("127.0.0.1:1", &[], "") && told("[::1]:1", &[], ""));
        assert!(!told("0.0.0.0:1", &[], "") && told("0.0.0.0:1", &[], "t"));
        assert!(!told("127.0.0.1:1", &["127.0.0.1/32"], "") && told("127.0.0.1:1", &["127.0.0.1/32"], "t"));
    }
}
