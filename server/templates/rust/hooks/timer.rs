use switchboard_plugin::host::timers::{self, Schedule};

/// Whoever writes `remind me` is reminded ten minutes later.
#[switchboard_plugin::hook]
impl Observer for Plugin {
    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        let Event::MessageSent(message) = event else { return Ok(()) };
        if message.text().as_deref() == Some("remind me") {
            let schedule = Schedule {
                first_at: ctx.now + 10 * 60 * 1000,
                every: None,
                runs: None,
            };
            let payload = serde_json::json!({ "conversation": message.conversation_id });
            timers::set(&format!("remind-{}", message.id), schedule, &payload.to_string())?;
        }
        Ok(())
    }
}

/// Is called at the time that was set, however often the server was restarted in between.
#[switchboard_plugin::hook]
impl Timer for Plugin {
    fn fire(_ctx: Context, firing: Firing) -> Result<(), String> {
        let payload: serde_json::Value = serde_json::from_str(&firing.payload).map_err(|error| error.to_string())?;
        reply(payload["conversation"].as_str().unwrap_or_default(), "Here is your reminder.").send()?;
        Ok(())
    }
}
