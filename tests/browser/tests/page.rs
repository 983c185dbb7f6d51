//! The demo page in a real browser against the real server: a customer in one tab, an agent in the other.
//!
//! `SWITCHBOARD_BIN` names the server (default: the one built beside this test), `SWITCHBOARD_GUESTS` the folder of the
//! test guests (default: the one beside the profile). With `SWITCHBOARD_SCREENSHOTS` set to
//! a folder, the two tabs are pictured there as `customer.png` and `agent.png`.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use switchboard_browser::{Browser, Colors, Tab};
use tempfile::TempDir;

const ADMIN_TOKEN: &str = "the operator of this test";

type Outcome = Result<(), Box<dyn Error>>;

#[test]
fn customer_and_agent_talk() -> Outcome {
    let server = start_server()?;
    server.install(
        "switchman",
        r#"{"prefix":"> ","suggestions":["10 tea","10 toast","20 tea"]}"#,
    )?;
    let browser = Browser::start()?;

    let agent = browser.open(&format!("{}/#app=10001&user=agent", server.url), 1200, 760)?;
    agent.wait_for("#connection[data-phase=online]")?;
    let customer = browser.open(&server.url, 1200, 760)?;

    pick_and_greet(&customer)?;
    both_ways(&customer, &agent)?;
    typing_is_seen(&customer, &agent)?;
    reactions_and_recall(&customer, &agent)?;
    commands_are_offered(&customer, &agent)?;
    other_kinds(&customer, &agent)?;
    reload_keeps_the_place(&customer)?;

    picture(&customer, &agent)?;
    for (who, tab) in [("customer", &customer), ("agent", &agent)] {
        assert!(tab.complaints().is_empty(), "{who}: {:?}", tab.complaints());
    }
    Ok(())
}

/// The customer picks who to be and opens the conversation; the plugin's greeting is there and marked as automatic.
fn pick_and_greet(customer: &Tab) -> Outcome {
    customer.click("a.choice[data-app='10001'][data-user=customer]")?;
    customer.wait_for("#connection[data-phase=online]")?;
    customer.click("#empty-actions button")?;
    customer.wait_for("#thread")?;
    customer.wait_for("li.message[data-side=other][data-origin]")?;
    customer.wait_for_text("li.message[data-origin] .meta", "Automatic")?;
    Ok(())
}

/// Each side's message arrives; the agent sees it as unread first; what was seen is marked as read at its sender.
fn both_ways(customer: &Tab, agent: &Tab) -> Outcome {
    customer.type_into("#text", "你好! Where is my order?")?;
    customer.press("Enter")?;
    customer.wait_for_text("li.message[data-side=own]", "你好! Where is my order?")?;

    agent.wait_for_text(".conversations .row .badge", "")?;
    agent.wait_for_text(".conversations .row", "Where is my order?")?;
    customer.wait_for("li.message[data-side=own][data-state=delivered]")?;

    agent.click(".conversations .row")?;
    agent.wait_for_text("li.message[data-side=other]", "你好! Where is my order?")?;
    agent.wait_until("!document.querySelector('.conversations .badge')")?;
    customer.wait_for("li.message[data-side=own][data-state=read] .mark[data-mark=read]")?;
    customer.wait_for("#peer-presence[data-online=true]")?;

    agent.type_into("#text", "It left the warehouse this morning.")?;
    agent.click("#send")?;
    customer.wait_for_text("li.message[data-side=other]", "It left the warehouse this morning.")?;
    agent.wait_for("li.message[data-side=own][data-state=read]:not([data-origin])")?;
    Ok(())
}

/// While one types, the other is told; sending ends it.
fn typing_is_seen(customer: &Tab, agent: &Tab) -> Outcome {
    customer.type_into("#text", "Great, thank")?;
    agent.wait_for_text("#typing", "is typing")?;
    customer.type_into("#text", " you!")?;
    customer.press("Enter")?;
    agent.wait_for_text("li.message[data-side=other]", "Great, thank you!")?;
    agent.wait_until("document.querySelector('#typing').innerText.trim() === ''")?;
    Ok(())
}

/// A reaction shows on both sides; a recalled message is gone on both.
fn reactions_and_recall(customer: &Tab, agent: &Tab) -> Outcome {
    press_tool(agent, "Great, thank you!", "react")?;
    press_tool(agent, "Great, thank you!", "pick-❤️")?;
    agent.wait_for_text(".reaction[aria-pressed=true]", "❤️ 1")?;
    customer.wait_for_text(".reaction", "❤️ 1")?;

    customer.type_into("#text", "wrong window")?;
    customer.press("Enter")?;
    agent.wait_for_text("li.message", "wrong window")?;
    press_tool(customer, "wrong window", "recall")?;
    customer.wait_for_text("li.message[data-side=own]", "This message was recalled.")?;
    agent.wait_for_text("li.message[data-side=other]", "This message was recalled.")?;
    agent.wait_until("!document.querySelector('#messages').innerText.includes('wrong window')")?;
    Ok(())
}

/// A slash offers the commands of the app's plugins, then what their arguments may become. What a command whispers only
/// its user sees.
fn commands_are_offered(customer: &Tab, agent: &Tab) -> Outcome {
    let chosen = "#commands li[aria-selected=true]";
    customer.type_into("#text", "/wh")?;
    customer.wait_for_text(chosen, "/whisper <text> Tells only you")?;
    customer.press("Tab")?;
    customer.wait_for_text(chosen, "10 tea for customer")?;
    customer.press("ArrowDown")?;
    customer.wait_for_text(chosen, "10 toast")?;
    customer.press("Tab")?;
    customer.wait_until("document.querySelector('#text').value === '/whisper 10 toast'")?;
    customer.press("Enter")?;
    customer.wait_for_text("li.whisper", "> 10 toast")?;

    customer.type_into("#text", "/nothing of that name")?;
    customer.wait_until("document.querySelector('#commands').hidden")?;
    customer.evaluate("document.querySelector('#text').value = ''")?;
    customer.type_into("#text", "That was for me alone.")?;
    customer.press("Enter")?;
    agent.wait_for_text("li.message", "That was for me alone.")?;
    agent.wait_until("!document.body.innerText.includes('toast')")?;
    Ok(())
}

/// Presses a tool of the message with a text; tools appear on hover, so the press goes past the mouse.
fn press_tool(tab: &Tab, text: &str, action: &str) -> Outcome {
    let pressed = format!(
        "(() => {{ const row = [...document.querySelectorAll('li.message')].find((m) => m.innerText.includes('{text}'));
          const tool = row?.querySelector('[data-action=\"{action}\"]'); tool?.click(); return Boolean(tool); }})()"
    );
    tab.wait_until(&pressed)?;
    Ok(())
}

/// A location and a link are asked for in the sheet and shown by their fields; a `javascript:` address never is a link.
fn other_kinds(customer: &Tab, agent: &Tab) -> Outcome {
    agent.click("#attach")?;
    agent.click("#sheet [data-kind=location]")?;
    agent.type_into("[name=field-name]", "Pick-up point")?;
    agent.type_into("[name=field-address]", "南京东路 100 号")?;
    agent.type_into("[name=field-latitude]", "31.2363")?;
    agent.type_into("[name=field-longitude]", "121.4801")?;
    agent.click("#sheet .primary")?;
    customer.wait_for_text("li.message[data-kind=location] a.tile", "Pick-up point")?;

    agent.click("#attach")?;
    agent.click("#sheet [data-kind=link]")?;
    agent.type_into("[name=field-url]", "https://example.org/parcels/4711")?;
    agent.type_into("[name=field-title]", "Follow your parcel")?;
    agent.type_into("[name=field-description]", "Where it is, and when it comes.")?;
    agent.click("#sheet .primary")?;
    customer.wait_for_text("li.message[data-kind=link] a.preview", "Follow your parcel")?;
    customer.wait_until("[...document.querySelectorAll('#messages a')].every((a) => /^https?:/.test(a.href))")?;
    Ok(())
}

/// A reloaded tab is the same user in the same conversation, each message once.
fn reload_keeps_the_place(customer: &Tab) -> Outcome {
    let count = "document.querySelectorAll('li.message').length";
    let before = customer.evaluate(count)?;
    customer.reload()?;
    customer.wait_for_text("li.message", "Follow your parcel")?;
    assert_eq!(customer.evaluate(count)?, before);
    Ok(())
}

fn picture(customer: &Tab, agent: &Tab) -> Outcome {
    let Some(folder) = env::var_os("SWITCHBOARD_SCREENSHOTS") else {
        return Ok(());
    };
    let folder = Path::new(&folder);
    agent.prefer(Colors::Dark)?;
    for (name, tab) in [("customer.png", customer), ("agent.png", agent)] {
        // No caret, no focus ring, nothing half faded.
        tab.evaluate("document.activeElement?.blur()")?;
        tab.wait_for("#connection[data-phase=online]")?;
        fs::write(folder.join(name), tab.screenshot_png()?)?;
    }
    Ok(())
}

/// A server of this test's own; ended on drop, with its data.
struct Server {
    url: String,
    process: Child,
    _data: TempDir,
}

impl Server {
    /// Installs a guest of the tests in the demo app of the page, as the operator.
    fn install(&self, guest: &str, config: &str) -> Outcome {
        let guests = match env::var_os("SWITCHBOARD_GUESTS") {
            Some(path) => PathBuf::from(path),
            None => programs()?.parent().ok_or("no folder of guests")?.join("guests"),
        };
        let done = Command::new(program()?)
            .args(["plugin", "install", "10001"])
            .arg(guests.join(guest).with_extension("wasm"))
            .args(["--name", guest, "--grants", "all", "--config", config])
            .env("SWITCHBOARD_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("SWITCHBOARD_SERVER", &self.url)
            .output()?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder of the programs that were built with this test, which lies in `target/PROFILE/deps`.
fn programs() -> Result<PathBuf, Box<dyn Error>> {
    let test = env::current_exe()?;
    Ok(test.ancestors().nth(2).ok_or("no folder of programs")?.to_owned())
}

fn program() -> Result<PathBuf, Box<dyn Error>> {
    match env::var_os("SWITCHBOARD_BIN") {
        Some(path) => Ok(path.into()),
        None => Ok(programs()?.join("switchboard")),
    }
}

/// Starts the real server with the demo configuration on a free port and empty data.
fn start_server() -> Result<Server, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = program()?;
    let data = tempfile::tempdir()?;
    let mut process = Command::new(&program)
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(root.join("config.toml"))
        .arg("--data-dir")
        .arg(data.path())
        .current_dir(&root)
        .env("SWITCHBOARD_ADMIN_TOKEN", ADMIN_TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {} (set SWITCHBOARD_BIN): {error}", program.display()))?;
    let stdout = process.stdout.take().ok_or("no output")?;
    let mut server = Server {
        url: String::new(),
        process,
        _data: data,
    };
    let mut lines = BufReader::new(stdout).lines();
    for line in lines.by_ref() {
        if let Some((_, url)) = line?.split_once("listening on ") {
            server.url = url.trim().to_owned();
            break;
        }
    }
    if server.url.is_empty() {
        return Err("the server ended before it listened".into());
    }
    // Whatever it prints later is read, so that it never blocks on a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Ok(server)
}
