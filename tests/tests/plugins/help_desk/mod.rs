//! The bundled help desk, from a bot's wish to the answer after the end, over real sockets and the server's own clock.

mod agents;
mod assignment;
mod clock;
mod console;
mod handoff;
mod killed;
mod queue;
mod scene;
mod survey;
