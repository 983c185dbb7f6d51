//! plugin-name: a Switchboard plugin. What is exported is what it does, what is called of the host is what it may touch.
//!
//! Each call runs in a fresh instance: nothing lasts in variables. What must last goes into `kv`.

use switchboard_plugin::prelude::*;

pub struct Plugin;

#[switchboard_plugin::hook]
impl About for Plugin {
    fn describe() -> Description {
        description!()
    }
}
