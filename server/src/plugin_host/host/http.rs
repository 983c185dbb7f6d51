//! `http`: ask other servers at once.

use super::Answer;
use crate::plugin_host::bindings::switchboard::plugin::http::{Host, Request, Response};
use crate::plugin_host::bindings::switchboard::plugin::types::Error;
use crate::plugin_host::instance::State;

impl Host for State {
    async fn fetch(&mut self, request: Request) -> Answer<Response> {
        self.charge()?;
        drop(request);
        Ok(Err(Error::Unavailable("nothing is reachable".to_owned())))
    }
}
