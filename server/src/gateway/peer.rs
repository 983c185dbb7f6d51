//! Who is at the other end: the client's own address and the scheme and host it asked for, as far as the connection or a
//! trusted proxy says. What anyone else claims in headers is not believed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;

/// How a connection came in.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who is at its other end.
    pub address: SocketAddr,
    /// Whether it is encrypted.
    pub tls: bool,
    /// Who is believed.
    pub trusted: Arc<[IpNet]>,
}

/// A request's client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its own address.
    pub address: IpAddr,
    /// Scheme and host as it sees them, such as `https://chat.example.com`.
    pub base: String,
}

impl Peer {
    /// A request's own.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_else(Self::unknown)
    }

    /// Who it is where nobody has said, as in a request that came over no connection.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            address: IpAddr::from([0, 0, 0, 0]),
            base: base("http", "localhost"),
        }
    }

    /// The host's name, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, authority) = self.base.split_once("://").unwrap_or(("", &self.base));
        match authority.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

impl Origin {
    /// The client of a request that came over this connection.
    #[must_use]
    pub fn peer(&self, headers: &HeaderMap) -> Peer {
        let direct = self.address.ip().to_canonical();
        let host = text(headers, header::HOST.as_str()).unwrap_or("localhost");
        let scheme = if self.tls { "https" } else { "http" };
        if !self.trusts(direct) {
            return Peer {
                address: direct,
                base: base(scheme, host),
            };
        }
        let scheme = match text(headers, "x-forwarded-proto").and_then(first) {
            Some(forwarded @ ("http" | "https")) => forwarded,
            _ => scheme,
        };
        let host = text(headers, "x-forwarded-host").and_then(first).unwrap_or(host);
        Peer {
            address: self.forwarded(headers).unwrap_or(direct),
            base: base(scheme, host),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// The nearest address that no trusted proxy has: what stands further left was written by whoever is there.
    fn forwarded(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lists: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let mut nearest = None;
        for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
            let address = address(hop.trim())?;
            nearest = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }
}

/// An address, with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address: Result<IpAddr, _> = bare.parse();
    address
        .or_else(|_| with_port())
        .ok()
        .map(|address| address.to_canonical())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn first(list: &str) -> Option<&str> {
    list.split(',').next().map(str::trim).filter(|item| !item.is_empty())
}

/// A host that could break out of an address is left out.
fn base(scheme: &str, host: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    let host = if host.len() <= 255 && host.chars().all(plain) {
        host
    } else {
        "localhost"
    };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn peer(from: &str, headers: &[(&'static str, &str)]) -> (String, String) {
        let origin = Origin {
            address: from.parse().unwrap(),
            tls: false,
            trusted: ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()].into(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let peer = origin.peer(&map);
        (peer.address.to_string(), peer.base)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let claims = [
            ("host", "chat.example.com"),
            ("x-forwarded-for", "1.2.3.4, 5.6.7.8:4711"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(
            peer("9.9.9.9:1", &claims),
            ("9.9.9.9".to_owned(), "http://chat.example.com".to_owned())
        );
        assert_eq!(
            peer("10.1.1.1:1", &claims),
            ("5.6.7.8".to_owned(), "https://chat.example.com".to_owned())
        );
        assert_eq!(peer("[::ffff:10.1.1.1]:1", &claims).0, "5.6.7.8");
    }

    #[test]
    fn the_nearest_stranger_is_the_client() {
        for (forwarded, client) in [
            ("6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("1.2.3.4, nonsense", "10.1.1.1"),
            ("", "10.1.1.1"),
        ] {
            assert_eq!(
                peer("10.1.1.1:1", &[("x-forwarded-for", forwarded)]).0,
                client,
                "{forwarded}"
            );
        }
    }

    #[test]
    fn a_host_is_only_a_host() {
        assert_eq!(peer("9.9.9.9:1", &[("host", "a/b\"<script>")]).1, "http://localhost");
        assert_eq!(peer("9.9.9.9:1", &[("host", "[::1]:7700")]).1, "http://[::1]:7700");
    }
}
