//! The command line: one file per command. `serve` runs a server; the others talk to a running one through its admin
//! API, as anyone may, and know nothing that it does not tell.

mod app;
mod client;
mod config;
mod job;
mod mount;
mod plugin;
mod print;
mod serve;
mod user;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A chat server for many tenants, extended by WebAssembly.
#[derive(Debug, Parser)]
#[command(
    name = "switchboard",
    version,
    arg_required_else_help = true,
    propagate_version = false
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a server.
    Serve(serve::Serve),
    /// Look after the apps (tenants) of a running server.
    App(app::Args),
    /// Look after the plugins of an app.
    Plugin(plugin::Args),
    /// Look after where the dialects of an app answer.
    Mount(mount::Args),
    /// Look after the durable work of an app: webhooks, timers, and what was given up.
    Job(job::Args),
    /// Make users and issue their tokens.
    User(user::Args),
    /// Look at a configuration.
    Config(config::Args),
    /// Compile a component; the server calls this in a process of its own.
    #[command(hide = true, name = "compile-worker", disable_help_flag = true)]
    CompileWorker {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Does what the command line says; a failure is told on standard error.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(command) => command.run(),
        Command::App(command) => command.run(),
        Command::Plugin(command) => command.run(),
        Command::Mount(command) => command.run(),
        Command::Job(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Config(command) => command.run(),
        Command::CompileWorker { arguments } => return crate::plugin_host::worker_main(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has gone away (`| head`): nobody is left to tell.
        Err(error) if print::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is only the exit code.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parses(line: &str) -> bool {
        Cli::try_parse_from(std::iter::once("switchboard").chain(line.split_whitespace())).is_ok()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_documented_command_is_understood() {
        for line in [
            "serve",
            "serve --config a.toml --data-dir d --listen 127.0.0.1:1 --set log.level=debug --set apps=[]",
            "app create Shop --id 7 --set login=single --json",
            "app create Shop --dialect wokchat --dialect imrest",
            "app list --server http://127.0.0.1:1 --token-file t",
            "app show 7",
            "app set 7 text_chars=10",
            "app rotate-secret 7",
            "app enable 7",
            "app disable 7",
            "plugin new a --lang rust --hook policy,observer --dir d",
            "plugin new a --lang js",
            "plugin new a --lang python",
            "plugin build",
            "plugin build a --quick",
            "plugin check a.wasm --json",
            "plugin check",
            "plugin test a --only hello --component a.wasm",
            "plugin dev --app 7 --name a --grants kv --config {}",
            "plugin inspect a.wasm",
            "plugin install 7 a.wasm --name a --grants kv,users --config {} --priority -5 --reuse 2 --disabled",
            "plugin install 7 a.wasm --grants all",
            "plugin list 7",
            "plugin configure 7 a --config {} --grants kv --priority 3",
            "plugin enable 7 a",
            "plugin disable 7 a",
            "plugin rollback 7 a",
            "plugin install 7 a.wasm --canary 10 --auto-rollback true",
            "plugin configure 7 a --canary 50",
            "plugin configure 7 a --auto-rollback false",
            "plugin promote 7 a",
            "plugin audit 7",
            "plugin audit 7 a --limit 10 --before 99",
            "plugin remove 7 a",
            "plugin remove 7 a --keep-data",
            "plugin remove 7 a --wipe-data",
            "plugin logs 7 a -f",
            "plugin trace 7 a -n 5 -f",
            "plugin trace 7 a --on",
            "plugin trace 7 a --off --json",
            "mount add 7 wokchat --prefix /chat --host chat.example.com",
            "mount list 7 --json",
            "mount remove 7 wokchat",
            "job list 7",
            "job retry 7 9",
            "job webhooks 7 --plugin a --target http://x/ --state dead",
            "job resend 7 0123",
            "job resend 7 --plugin a --target t",
            "job drop 7 0123",
            "job timers 7 a",
            "job cancel 7 a t",
            "user put 7 alice --nickname Alice --attributes {}",
            "user token 7 alice --ttl 60 --device phone",
            "config check --config a.toml",
            "compile-worker a b 1 2 3",
        ] {
            assert!(parses(line), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "",
            "app create",
            "app show seven",
            "app show 0",
            "serve --set x",
            "plugin install 7 a.wasm --grants root",
            "plugin install 7 a.wasm --name UPPER",
            "plugin configure 7 a",
            "plugin new a",
            "plugin new a --lang cobol",
            "plugin new a --lang rust --hook singing",
            "plugin dev",
            "plugin trace 7 a --on --off",
            "plugin install 7 a.wasm --canary 100",
            "plugin configure 7 a --canary 0",
            "plugin remove 7 a --keep-data --wipe-data",
            "plugin audit 7 --limit 0",
            "app set 7",
            "job resend 7",
            "job resend 7 0123 --plugin a --target t",
            "job resend 7 --plugin a",
        ] {
            assert!(!parses(line), "{line}");
        }
    }
}
