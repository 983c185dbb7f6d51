//! Foreign protocols: what the server does for every dialect, then each of the bundled ones.

mod host;
