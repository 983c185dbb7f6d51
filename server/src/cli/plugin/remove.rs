//! Removing a plugin. What becomes of what it has stored is said, or asked; it is never guessed.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::bail;
use serde_json::Value;

use super::path;
use crate::cli::client::{Access, Call};
use crate::cli::print;
use crate::model::{AppId, PluginName};

/// `remove`.
#[derive(Debug, clap::Args)]
pub struct Remove {
    app: AppId,
    name: PluginName,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Data {
    /// Leave what it has stored: its keys, jobs, timers and webhooks wait for a plugin of that name.
    #[arg(long)]
    keep_data: bool,
    /// Remove what it has stored as well.
    #[arg(long)]
    wipe_data: bool,
}

impl Remove {
    /// Removes it, once it is clear how.
    pub fn run(self, access: &Access) -> anyhow::Result<()> {
        let Self { app, name, data } = self;
        let keep = match (data.keep_data, data.wipe_data) {
            (true, _) => true,
            (_, true) => false,
            _ if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => ask(app, &name)?,
            _ => bail!("say what becomes of what {name} has stored: --keep-data or --wipe-data"),
        };
        let path = format!("{}?keep_data={keep}", path(app, &name));
        access.call(Call::new("DELETE", path))?;
        if access.json {
            return print::json(&Value::Null);
        }
        let data = if keep {
            "; what it has stored is still there"
        } else {
            " with all that it had stored"
        };
        print::line(&format!("removed {name} from app {app}{data}"))
    }
}

fn ask(app: AppId, name: &PluginName) -> anyhow::Result<bool> {
    let mut err = std::io::stderr().lock();
    write!(
        err,
        "removing {name} from app {app}: keep or wipe what it has stored (keys, jobs, timers, webhooks)? [keep/wipe] "
    )?;
    err.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    match answered(&line) {
        Some(keep) => Ok(keep),
        None => bail!("nothing was removed: the answer was neither keep nor wipe"),
    }
}

/// Whether to keep it; none if that is not what was said.
fn answered(line: &str) -> Option<bool> {
    match line.trim().to_lowercase().as_str() {
        "keep" | "k" => Some(true),
        "wipe" | "w" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::answered;

    #[test]
    fn only_a_clear_answer_counts() {
        assert_eq!((answered("keep\n"), answered(" K ")), (Some(true), Some(true)));
        assert_eq!((answered("wipe\n"), answered("w")), (Some(false), Some(false)));
        assert_eq!((answered(""), answered("y\n"), answered("\n")), (None, None, None));
    }
}
