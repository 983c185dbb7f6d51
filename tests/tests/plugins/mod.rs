//! What tenants may load, what they may not, and what their plugins can and cannot do.

mod actions;
mod attempts;
pub mod auto_reply;
mod chain;
mod commands;
mod developing;
mod endpoints;
mod help_desk;
mod installs;
mod lifecycle;
mod misdeeds;
mod observers;
mod people;
mod red_packet;
mod rejected;
mod standard_types;
mod swap;
mod timers;
mod webhooks;
mod witnesses;
mod word_filter;
mod writes;
