//! A connection's place in the hub. It is given up however the connection's task ends: by returning, by a panic, or by
//! being aborted.

use std::sync::Arc;

use crate::chat::Chat;
use crate::gateway::Edge;
use crate::gateway::gate::Ticket;
use crate::hub::{Hub, Link};
use crate::model::AppId;

/// A connection's place in the hub.
pub struct Place {
    /// As the rest of the server sees it.
    pub link: Arc<Link>,
    /// The rules.
    pub chat: Arc<Chat>,
    hub: Arc<Hub>,
    _ticket: Ticket<AppId>,
}

impl Place {
    /// Takes the place of a connection that has just come in; whoever watches its user hears of the first one. Its ticket
    /// among the app's connections lasts as long.
    pub fn take(edge: &Edge, link: Arc<Link>, first: bool, ticket: Ticket<AppId>) -> Self {
        if first {
            edge.chat.presence_changed(link.app, &link.user, true);
        }
        Self {
            link,
            chat: edge.chat.clone(),
            hub: edge.hub.clone(),
            _ticket: ticket,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.hub.leave(&self.link) {
            self.chat.presence_changed(self.link.app, &self.link.user, false);
        }
    }
}
