//! Who is at the other end of a request, and how the server looks from there.

use std::net::SocketAddr;

use axum::http::{Extensions, HeaderMap, header};

/// The other end of a connection, as the listener has accepted it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A client as its request shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: String,
    /// Scheme and host under which it knows the server.
    pub base: String,
    /// That host's name in lower case, without a port.
    pub host: String,
}

/// Reads it from a request.
#[must_use]
pub fn client(extensions: &Extensions, headers: &HeaderMap) -> Client {
    let address = extensions
        .get::<Peer>()
        .map_or_else(|| "0.0.0.0".to_owned(), |peer| peer.0.ip().to_string());
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = named.filter(|host| is_authority(host)).unwrap_or("localhost");
    Client {
        address,
        base: format!("http://{authority}"),
        host: without_port(authority).to_ascii_lowercase(),
    }
}

/// What a client says is its server's name goes into addresses it is given: nothing else may be in it.
fn is_authority(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !host.is_empty() && host.len() <= 255 && host.chars().all(plain)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(host: &'static str) -> Client {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        client(&Extensions::new(), &headers)
    }

    #[test]
    fn the_host_is_what_the_client_calls_it() {
        let seen = of("Chat.example.com:7700");
        assert_eq!(
            (seen.base.as_str(), seen.host.as_str()),
            ("http://Chat.example.com:7700", "chat.example.com")
        );
        assert_eq!(of("[::1]:80").host, "[::1]");
        assert_eq!(of("a/b").base, "http://localhost");
        assert_eq!(client(&Extensions::new(), &HeaderMap::new()).host, "localhost");
    }
}
