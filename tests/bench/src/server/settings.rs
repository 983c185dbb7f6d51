//! The only place that knows how Switchboard is configured: the names of keys, arguments and variables.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use anyhow::Context;

/// The operator token of a measured server.
pub const OPERATOR_TOKEN: &str = "bench-operator-token-0123456789abcdef";
/// The variable that hands it over.
const OPERATOR_TOKEN_VARIABLE: &str = "SWITCHBOARD_ADMIN_TOKEN";

/// For plugins that answer every message.
pub const NO_MESSAGE_QUOTA: &str = "quotas.messages_per_minute=0";

/// No rate limit.
const UNLIMITED: &str = "
[limits]
user_messages_per_minute = 0
app_messages_per_second = 0
app_connections = 0
address_connections = 0
address_connects_per_minute = 0
address_requests_per_minute = 0
address_failures_per_minute = 0
";

/// The command that serves `data_dir` at `listen`, with a configuration file of its own beside the data. Where a key
/// is left out, the server's default is measured; without rate limits, for all load comes from one address.
pub fn command<'a>(
    server: &Path,
    listen: SocketAddr,
    data_dir: &Path,
    extra: impl Iterator<Item = &'a str>,
) -> anyhow::Result<Command> {
    let file = data_dir.with_extension("toml");
    // Debug formatting of a path is a TOML basic string for every path without control characters.
    let config = format!("[server]\nlisten = \"{listen}\"\n\n[storage]\ndata_dir = {data_dir:?}\n{UNLIMITED}");
    fs::write(&file, config).with_context(|| format!("writing {}", file.display()))?;
    let mut command = Command::new(server);
    command.arg("serve").arg("--config").arg(&file);
    for setting in extra {
        command.args(["--set", setting]);
    }
    command.env(OPERATOR_TOKEN_VARIABLE, OPERATOR_TOKEN);
    Ok(command)
}
