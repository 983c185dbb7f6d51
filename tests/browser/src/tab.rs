//! One tab: what a test sees and does in it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use headless_chrome::protocol::cdp::Emulation::{MediaFeature, SetDeviceMetricsOverride, SetEmulatedMedia};
use headless_chrome::protocol::cdp::Page::CaptureScreenshotFormatOption;
use headless_chrome::protocol::cdp::Runtime::RemoteObjectSubtype;
use headless_chrome::protocol::cdp::types::Event;
use serde_json::Value;

use crate::Error;

const POLL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(15);
const COMPLAINTS_KEPT: usize = 100;

/// What the reader prefers, light or dark.
#[derive(Clone, Copy, Debug)]
pub enum Colors {
    /// `prefers-color-scheme: light`
    Light,
    /// `prefers-color-scheme: dark`
    Dark,
}

/// A tab of a [`crate::Browser`]. Every `wait_…` looks again every 50 ms, for 15 s at most.
pub struct Tab {
    tab: Arc<headless_chrome::Tab>,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Tab {
    pub(crate) fn new(tab: Arc<headless_chrome::Tab>) -> Result<Self, Error> {
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&complaints);
        tab.enable_log().map_err(Error::protocol)?;
        tab.enable_runtime().map_err(Error::protocol)?;
        tab.add_event_listener(Arc::new(move |event: &Event| {
            if let Some(complaint) = complaint(event) {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                if heard.len() < COMPLAINTS_KEPT {
                    heard.push(complaint);
                }
            }
        }))
        .map_err(Error::protocol)?;
        Ok(Self { tab, complaints })
    }

    /// Goes to an address and waits until it has loaded.
    ///
    /// # Errors
    /// [`Error::Protocol`] if it does not load.
    pub fn go(&self, url: &str) -> Result<(), Error> {
        self.tab
            .navigate_to(url)
            .and_then(|tab| tab.wait_until_navigated())
            .map_err(Error::protocol)?;
        Ok(())
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// [`Error::Protocol`] if it does not load.
    pub fn reload(&self) -> Result<(), Error> {
        self.tab
            .reload(false, None)
            .and_then(|tab| tab.wait_until_navigated())
            .map_err(Error::protocol)?;
        Ok(())
    }

    /// Gives the page a size in CSS pixels.
    ///
    /// # Errors
    /// [`Error::Protocol`] if the browser is gone.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), Error> {
        let size = SetDeviceMetricsOverride {
            width,
            height,
            device_scale_factor: 1.0,
            mobile: false,
            scale: None,
            screen_width: None,
            screen_height: None,
            position_x: None,
            position_y: None,
            dont_set_visible_size: None,
            screen_orientation: None,
            viewport: None,
            display_feature: None,
            device_posture: None,
        };
        self.tab.call_method(size).map_err(Error::protocol)?;
        Ok(())
    }

    /// Makes the page believe that its reader prefers light or dark.
    ///
    /// # Errors
    /// [`Error::Protocol`] if the browser is gone.
    pub fn prefer(&self, colors: Colors) -> Result<(), Error> {
        let value = match colors {
            Colors::Light => "light",
            Colors::Dark => "dark",
        };
        let feature = MediaFeature {
            name: "prefers-color-scheme".to_owned(),
            value: value.to_owned(),
        };
        let media = SetEmulatedMedia {
            media: None,
            features: Some(vec![feature]),
        };
        self.tab.call_method(media).map_err(Error::protocol)?;
        Ok(())
    }

    /// The value of a JavaScript expression, as JSON; `undefined` is null. A promise is awaited.
    ///
    /// # Errors
    /// [`Error::Script`] if it throws.
    pub fn evaluate(&self, script: &str) -> Result<Value, Error> {
        let wrapped = format!("(async () => JSON.stringify((await ({script})) ?? null))()");
        let object = self.tab.evaluate(&wrapped, true).map_err(Error::protocol)?;
        let failed = |reason| Error::Script {
            script: script.to_owned(),
            reason,
        };
        if object.subtype == Some(RemoteObjectSubtype::Error) {
            return Err(failed(object.description.unwrap_or_default()));
        }
        let text = object.value.as_ref().and_then(Value::as_str).unwrap_or("null");
        serde_json::from_str(text).map_err(|error| failed(error.to_string()))
    }

    /// Waits until a JavaScript expression is true.
    ///
    /// # Errors
    /// [`Error::Timeout`] if it stays false, [`Error::Script`] if it throws.
    pub fn wait_until(&self, expression: &str) -> Result<(), Error> {
        self.poll(expression, &format!("`{expression}`"))
    }

    /// Waits until an element is on the page and visible.
    ///
    /// # Errors
    /// [`Error::Timeout`] if it does not appear.
    pub fn wait_for(&self, selector: &str) -> Result<(), Error> {
        let shown = format!(
            "[...document.querySelectorAll({})].some((e) => e.checkVisibility())",
            quoted(selector)
        );
        self.poll(&shown, selector)
    }

    /// Waits until some element that fits the selector contains a text.
    ///
    /// # Errors
    /// [`Error::Timeout`] if none does.
    pub fn wait_for_text(&self, selector: &str, text: &str) -> Result<(), Error> {
        let shown = format!(
            "[...document.querySelectorAll({})].some((e) => e.checkVisibility() && e.innerText.includes({}))",
            quoted(selector),
            quoted(text)
        );
        self.poll(&shown, &format!("`{text}` in {selector}"))
    }

    /// The visible text of the first element that fits.
    ///
    /// # Errors
    /// [`Error::Timeout`] if there is none.
    pub fn text(&self, selector: &str) -> Result<String, Error> {
        self.wait_for(selector)?;
        let text = self.evaluate(&format!("document.querySelector({})?.innerText", quoted(selector)))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks the first element that fits, with the mouse, once it is there.
    ///
    /// # Errors
    /// [`Error::Timeout`] if it does not appear, [`Error::Protocol`] if it cannot be clicked.
    pub fn click(&self, selector: &str) -> Result<(), Error> {
        self.wait_for(selector)?;
        self.tab
            .find_element(selector)
            .and_then(|element| element.click().map(drop))
            .map_err(Error::protocol)
    }

    /// Clicks an element and puts a text in at the caret, as pasting or an input method does: in one go, because each
    /// single key would wait for a frame.
    ///
    /// # Errors
    /// As for [`Tab::click`].
    pub fn type_into(&self, selector: &str, text: &str) -> Result<(), Error> {
        self.click(selector)?;
        self.tab.send_character(text).map(drop).map_err(Error::protocol)
    }

    /// Presses a key by its name, such as `Enter`, where the focus is.
    ///
    /// # Errors
    /// [`Error::Protocol`] if there is no such key.
    pub fn press(&self, key: &str) -> Result<(), Error> {
        self.tab.press_key(key).map(drop).map_err(Error::protocol)
    }

    /// A picture of what is visible.
    ///
    /// # Errors
    /// [`Error::Protocol`] if the browser is gone.
    pub fn screenshot_png(&self) -> Result<Vec<u8>, Error> {
        self.tab
            .capture_screenshot(CaptureScreenshotFormatOption::Png, None, None, true)
            .map_err(Error::protocol)
    }

    /// What the browser held against the page so far: uncaught exceptions, and errors in its log such as a resource
    /// that the content security policy refused.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn poll(&self, condition: &str, what: &str) -> Result<(), Error> {
        for _ in 0..PATIENCE.as_millis() / POLL.as_millis() {
            if self.evaluate(&format!("Boolean({condition})"))? == Value::Bool(true) {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        let page = self.evaluate("document.body.innerText.slice(0, 600)")?;
        Err(Error::Timeout {
            seconds: PATIENCE.as_secs(),
            what: what.to_owned(),
            page: page.to_string(),
        })
    }
}

fn complaint(event: &Event) -> Option<String> {
    match event {
        Event::RuntimeExceptionThrown(thrown) => {
            let details = &thrown.params.exception_details;
            let description = details.exception.as_ref().and_then(|object| object.description.clone());
            Some(description.unwrap_or_else(|| details.text.clone()))
        }
        Event::LogEntryAdded(logged) => {
            let entry = &logged.params.entry;
            let grave = entry.level == headless_chrome::protocol::cdp::Log::LogEntryLevel::Error;
            grave.then(|| format!("{} {}", entry.text, entry.url.as_deref().unwrap_or_default()))
        }
        _ => None,
    }
}

/// A text as a JavaScript string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
