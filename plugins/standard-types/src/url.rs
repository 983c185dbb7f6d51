//! Which addresses a body may carry: `http`, `https` and paths on this server. Anything else, `javascript:` and
//! `data:` above all, could run in a careless client.

/// The longest address, in characters.
pub const URL_CHARS: usize = 2048;

/// Why an address is refused, or `None` if it is fine.
pub fn fault(url: &str) -> Option<&'static str> {
    if url.chars().count() > URL_CHARS {
        return Some("is longer than 2048 characters");
    }
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Some("contains spaces, control characters or backslashes");
    }
    match strip_scheme(url) {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '?', '#']) => Some("has no host"),
        Some(_) => None,
        // Two slashes would name another host under the page's own scheme.
        None if url.starts_with('/') && !url.starts_with("//") => None,
        None => Some("must begin with http://, https:// or / (a path on this server)"),
    }
}

fn strip_scheme(url: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let head = url.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
    })
}

/// The path of an address, without query and fragment.
pub fn path(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match strip_scheme(url) {
        Some(rest) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_web_addresses_and_own_paths() {
        for url in [
            "http://a.example/x.png",
            "HTTPS://a",
            "/files/1/x.png?w=2#f",
            "/",
            "http://例子.cn/图.png",
        ] {
            assert_eq!(fault(url), None, "{url}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for url in [
            "",
            "x.png",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "//evil.example/x",
            "/\\evil.example",
            "http://",
            "https:///x",
            "http:/x",
            "ftp://a/x",
            " http://a",
            "http://a\n/b",
            "file:///etc",
            "hé://",
            "http://?x",
        ] {
            assert!(fault(url).is_some(), "{url}");
        }
        assert!(fault(&format!("http://{}", "a".repeat(2048))).is_some());
    }

    #[test]
    fn finds_the_path() {
        assert_eq!(path("https://a.example/b/c.png?x=/y#z"), "/b/c.png");
        assert_eq!(path("https://a.example"), "");
        assert_eq!(path("/b?c"), "/b");
    }
}
