//! `[server]`: where and how to listen.

use std::net::SocketAddr;

use ipnet::IpNet;

use super::problems::Problems;

/// Where and how to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address and port of WebSocket, REST, admin API and page.
    pub listen: SocketAddr,
    /// Proxies that are believed when they say who the client is and how it came.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that run connections; 0 for one per core.
    pub worker_threads: usize,
    /// Seconds that what is under way may take to finish at the end.
    pub shutdown_seconds: u64,
}

/// The section as it is written.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields, default)]
pub struct Raw {
    listen: String,
    trusted_proxies: Vec<String>,
    worker_threads: i64,
    shutdown_seconds: i64,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7700".to_owned(),
            trusted_proxies: Vec::new(),
            worker_threads: 0,
            shutdown_seconds: 10,
        }
    }
}

/// Each number's key, least and greatest value.
#[cfg(test)]
pub const RANGES: &[(&str, i64, i64)] = &[
    ("server.worker_threads", 0, 1_024),
    ("server.shutdown_seconds", 0, 3_600),
];

/// Checks the section.
pub fn check(raw: Raw, problems: &mut Problems) -> Server {
    let listen = raw.listen.parse().unwrap_or_else(|_| {
        let what = format!("{:?} is no address with a port, such as 127.0.0.1:7700", raw.listen);
        problems.add("server.listen", what);
        SocketAddr::from(([127, 0, 0, 1], 0))
    });
    let proxies = raw.trusted_proxies.iter().filter_map(|text| {
        let net = text
            .parse()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        if net.is_err() {
            problems.add(
                "server.trusted_proxies",
                format!("{text:?} is no address or network, such as 10.0.0.0/8"),
            );
        }
        net.ok()
    });
    let trusted_proxies = proxies.collect();
    Server {
        listen,
        trusted_proxies,
        worker_threads: problems.number("server.worker_threads", raw.worker_threads, 0..=1_024),
        shutdown_seconds: problems.number("server.shutdown_seconds", raw.shutdown_seconds, 0..=3_600),
    }
}
