//! Where a dialect answers.

use super::{AppId, PluginName};

/// Bytes of a prefix.
const PREFIX: usize = 200;
/// Bytes of a host name.
const HOST: usize = 253;

/// A dialect at an address: below a prefix, on one host name or on all, for one app or for all that install it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Which: also the name of its install in an app.
    pub dialect: PluginName,
    /// What goes before its paths: nothing, or `/name` without a slash at the end.
    pub prefix: String,
    /// Only requests for this host name, in lower case and without a port.
    pub host: Option<String>,
    /// For this app only; else the dialect says which app a request is for.
    pub app: Option<AppId>,
}

/// Why an address is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// The prefix.
    #[error("must be empty, or begin with `/` and not end with it, with letters, digits and `/-._~` only")]
    Prefix,
    /// The host name.
    #[error("must be a host name in lower case, without a port")]
    Host,
}

impl Mount {
    /// Checks the address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), MountError> {
        let prefix = self.prefix.as_str();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        let well_formed = prefix.starts_with('/') && !prefix.ends_with('/') && !prefix.contains("//");
        let fits = well_formed && prefix.len() <= PREFIX && prefix.chars().all(plain);
        if !(prefix.is_empty() || fits) {
            return Err(MountError::Prefix);
        }
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
        match &self.host {
            Some(host) if host.is_empty() || host.len() > HOST || !host.chars().all(named) => Err(MountError::Host),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_checked() {
        let mount = |prefix: &str, host: Option<&str>| Mount {
            dialect: PluginName::new("parrot").unwrap(),
            prefix: prefix.to_owned(),
            host: host.map(str::to_owned),
            app: None,
        };
        for prefix in ["", "/x", "/x/y-1"] {
            assert_eq!(mount(prefix, Some("chat.example.com")).check(), Ok(()), "{prefix}");
        }
        for prefix in ["/", "x", "/x/", "/x//y", "/x?y", "/é"] {
            assert_eq!(mount(prefix, None).check(), Err(MountError::Prefix), "{prefix}");
        }
        assert_eq!(mount("", Some("Example")).check(), Err(MountError::Host));
        assert_eq!(mount("", Some("")).check(), Err(MountError::Host));
    }
}
