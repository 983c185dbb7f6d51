//! `config`: the configuration of the install, and what plugins may know of the app's.

use serde::Serialize;

use crate::model::{App, Login};
use crate::plugin_host::bindings::switchboard::plugin::config::Host;
use crate::plugin_host::instance::State;

/// The app's settings for a guest. Its secret is not among them.
#[derive(Serialize)]
struct Settings<'a> {
    name: &'a str,
    push_url: &'a str,
    sign_timeout: u32,
    login: &'static str,
    anonymous_uploads: bool,
    open_logins: bool,
    system_messages: bool,
}

impl Host for State {
    fn get(&mut self) -> wasmtime::Result<String> {
        self.charge()?;
        let config = self
            .task
            .plugin
            .as_ref()
            .map(|plugin| plugin.install.config.as_str().to_owned());
        Ok(config.unwrap_or_else(|| "{}".to_owned()))
    }

    fn app(&mut self) -> wasmtime::Result<String> {
        self.charge()?;
        let app = self
            .task
            .plugin
            .as_ref()
            .and_then(|plugin| plugin.machine.app(self.task.call.app));
        Ok(app.map_or_else(|| "{}".to_owned(), |app| settings(&app)))
    }
}

fn settings(app: &App) -> String {
    let settings = Settings {
        name: &app.name,
        push_url: &app.settings.push_url,
        sign_timeout: app.settings.sign_timeout,
        login: match app.settings.login {
            Login::Multiple => "multiple",
            Login::PerDevice => "per_device",
            Login::Single => "single",
        },
        anonymous_uploads: app.settings.anonymous_uploads,
        open_logins: app.settings.open_logins,
        system_messages: app.settings.system_messages,
    };
    serde_json::to_string(&settings).unwrap_or_else(|_| "{}".to_owned())
}
