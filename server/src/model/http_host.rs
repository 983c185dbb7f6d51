//! A host that a plugin may ask, as its tenant allows it.

use std::net::IpAddr;

/// `api.example.com`, `*.example.com`, an address, each with or without a port; in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HttpHost {
    text: String,
    name: Name,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    Exact(String),
    /// Whatever ends in this, which begins with a dot.
    Under(String),
    Address(IpAddr),
}

impl HttpHost {
    /// How many an install may have.
    pub const MOST: usize = 64;

    /// Reads one.
    ///
    /// # Errors
    /// What it must be.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        const FORM: &str =
            "must be a host such as api.example.com, *.example.com, 192.0.2.1 or [2001:db8::1], with or without :port";
        let text = text.trim().to_ascii_lowercase();
        let (host, port) = split(&text).ok_or(FORM)?;
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|port| *port > 0).ok_or(FORM)?),
            None => None,
        };
        let name = if let Some(address) = address(host) {
            Name::Address(address)
        } else if let Some(rest) = host.strip_prefix("*.") {
            // Of a whole top-level domain nobody is the owner.
            Name::Under(format!(
                ".{}",
                domain(rest).filter(|rest| rest.contains('.')).ok_or(FORM)?
            ))
        } else {
            Name::Exact(domain(host).ok_or(FORM)?.to_owned())
        };
        Ok(Self { text, name, port })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means this host and port of a URL.
    #[must_use]
    pub fn admits(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        match &self.name {
            Name::Exact(name) => name == host,
            Name::Under(end) => host.len() > end.len() && host.ends_with(end.as_str()),
            Name::Address(own) => address(host) == Some(*own),
        }
    }
}

/// The host, and what is written as its port.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let end = text.find(']')? + 1;
        let (host, rest) = text.split_at(end);
        return match rest {
            "" => Some((host, None)),
            _ => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    match text.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((text, None)),
    }
}

fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

/// A name of labels. One that ends in a number would be read as an address by some.
fn domain(name: &str) -> Option<&str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let last = name.rsplit('.').next()?;
    let good = name.len() <= 253 && name.split('.').all(label) && !last.bytes().all(|byte| byte.is_ascii_digit());
    good.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(rule: &str, host: &str, port: u16) -> bool {
        HttpHost::new(rule).unwrap().admits(host, port)
    }

    #[test]
    fn a_host_means_itself_on_every_port_or_on_one() {
        assert!(admits("api.example.com", "API.example.com", 443));
        assert!(admits("api.example.com", "api.example.com.", 8080));
        assert!(!admits("api.example.com", "example.com", 443));
        assert!(!admits("api.example.com", "api.example.com.evil.org", 443));
        assert!(admits("API.Example.com:8080", "api.example.com", 8080));
        assert!(!admits("api.example.com:8080", "api.example.com", 443));
        assert!(admits("localhost", "localhost", 1));
    }

    #[test]
    fn a_star_means_what_is_under_a_name() {
        assert!(admits("*.example.com", "a.example.com", 443));
        assert!(admits("*.example.com", "a.b.example.com", 443));
        for other in ["example.com", "badexample.com", ".example.com", "example.com.evil.org"] {
            assert!(!admits("*.example.com", other, 443), "{other}");
        }
    }

    #[test]
    fn an_address_means_itself() {
        assert!(admits("127.0.0.1:80", "127.0.0.1", 80));
        assert!(admits("[::1]:80", "[0:0::1]", 80));
        assert!(!admits("127.0.0.1", "localhost", 80));
        assert!(!admits("127.0.0.1", "2130706433", 80));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "*",
            "*.com",
            "*.",
            "a.*.com",
            "http://a.com",
            "a.com/x",
            "a.com:",
            "a.com:0",
            "a.com:99999",
            "a b",
            "u@a.com",
            "::1",
            "[::1",
            "[::1]80",
            "1.2.3.4.5",
            "2130706433",
            "a..b",
        ] {
            assert!(HttpHost::new(bad).is_err(), "{bad}");
        }
    }
}
