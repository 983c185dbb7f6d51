//! The hooks and the server behind them: nothing is decided here.

use crate::config::Config;
use crate::parcel::{hand_in, pack};
use crate::schema;
use switchboard_plugin::host::webhooks;
use switchboard_plugin::prelude::*;

struct WebhookBridge;

#[switchboard_plugin::hook]
impl About for WebhookBridge {
    fn describe() -> Description {
        description!(schema::CONFIG)
    }
}

#[switchboard_plugin::hook]
impl Observer for WebhookBridge {
    fn interests() -> Interest {
        // Which of them are told is the configuration's.
        Interest::all()
    }

    fn handle(ctx: Context, event: Event) -> Result<(), String> {
        // A broken configuration is told and not tried again: that would not mend it.
        let config = match Config::parse(&config::get()) {
            Ok(config) => config,
            Err(error) => {
                error!("{error}");
                return Ok(());
            }
        };
        let parcels = pack(&config, &ctx, &event.into());
        hand_in(&parcels, webhooks::post, |text| error!("{text}"))
    }
}
