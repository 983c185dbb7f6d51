//! Other nodes. One node needs none: the local bus has nobody else on it. Delivery hands every event of this node to
//! the bus and takes what comes from it, so that more nodes change nothing else.

use crate::model::Event;

/// Carries events between the nodes of a cluster.
pub trait Bus: Send + Sync {
    /// Offers an event to the other nodes. Must not block.
    fn publish(&self, event: &Event);
}

/// The bus of a single node.
#[derive(Debug, Default)]
pub struct LocalBus;

impl Bus for LocalBus {
    fn publish(&self, _event: &Event) {}
}
