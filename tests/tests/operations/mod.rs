//! Running a server: starting it, looking after it from the command line, and a disk that is full.

mod cli;
mod config;
mod demo;
mod full;
mod health;
mod limits;
mod proxies;
mod start;
mod tls;
