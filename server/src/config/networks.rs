//! Addresses and networks, as lists of texts.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A list of networks; a single address is a network of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Networks(pub Vec<IpNet>);

impl TryFrom<Vec<String>> for Networks {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let network = |text: &String| {
            let network = text
                .parse()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{text:?} is no address or network, such as 10.0.0.0/8"))
        };
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl From<Networks> for Vec<String> {
    fn from(networks: Networks) -> Self {
        networks.0.iter().map(ToString::to_string).collect()
    }
}
