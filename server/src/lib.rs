//! Switchboard's server.
//!
//! The folders, in the order in which a message meets them, and what each may import (`cargo xtask tidy` checks it):
//!
//! | folder | duty | imports |
//! |---|---|---|
//! | [`model`] | the nouns everyone shares | nothing |
//! | [`telemetry`] | logs and figures | nothing |
//! | [`ambient`] | the real clock and randomness | model |
//! | [`config`] | what the operator chose | model |
//! | [`gateway`] | in: sockets and requests become commands | model, chat, hub, plugin_host, delivery's `Encode`, telemetry |
//! | [`chat`] | rules: commands become writes and events | model, storage, plugin_host, hub, delivery |
//! | [`plugin_host`] | the tenants' code, contained | model, storage, outbound |
//! | [`storage`] | what must survive | model, telemetry |
//! | [`delivery`] | out: events become frames in queues | model, storage, hub, cluster, telemetry |
//! | [`jobs`] | durable work | model, storage, chat, plugin_host, outbound, telemetry |
//! | [`outbound`] | requests to other servers, guarded | model |
//! | [`hub`] | the connections of this node | model |
//! | [`cluster`] | the other nodes | model |
//! | [`node`], [`rehearsal`], [`cli`] | put it together | everything |

pub mod ambient;
pub mod chat;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod delivery;
pub mod gateway;
pub mod hub;
pub mod jobs;
pub mod model;
pub mod node;
pub mod outbound;
pub mod plugin_host;
pub mod rehearsal;
pub mod storage;
pub mod telemetry;
