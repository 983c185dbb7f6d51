//! Which addresses may be connected to.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::is_public;

/// Which addresses may be connected to: those of the public internet, and what the operator adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Every address, private ones too.
    pub private: bool,
    /// Networks that may be reached although they are private.
    pub networks: Vec<IpNet>,
}

impl Reach {
    /// Whether an address may be connected to.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.private || is_public(address) || self.networks.iter().any(|network| network.contains(&plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_need_leave() {
        let allows = |reach: &Reach, address: &str| reach.allows(address.parse().unwrap());
        let public = Reach::default();
        assert!(allows(&public, "1.1.1.1") && !allows(&public, "127.0.0.1") && !allows(&public, "::1"));
        let some = Reach {
            private: false,
            networks: vec!["127.0.0.1/32".parse().unwrap()],
        };
        assert!(allows(&some, "127.0.0.1") && allows(&some, "::ffff:127.0.0.1"));
        assert!(!allows(&some, "127.0.0.2") && !allows(&some, "169.254.169.254"));
        let all = Reach {
            private: true,
            networks: Vec::new(),
        };
        assert!(allows(&all, "169.254.169.254"));
    }
}
