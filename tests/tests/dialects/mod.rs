//! Foreign protocols as their own clients speak them, each mounted for one app of the shared server.

mod wokchat;
