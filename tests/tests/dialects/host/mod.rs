//! What the server does around a dialect, seen by clients of the guest `parrot`, which misbehaves on command.

mod events;
mod farewells;
mod mounts;
mod parrot;
mod requests;
mod shared;
mod sockets;
mod swaps;
