//! Components as they were built: the tests' guests and the bundled plugins.

use super::home::from_environment;

/// Guests of `tests/guests` by the names of their files.
#[derive(Debug, Clone, Copy)]
pub enum Guest {
    Clerk,
    Clock,
    Counter,
    Doorkeeper,
    DoorkeeperClosed,
    Echo,
    Fetcher,
    Founder,
    Greeter,
    Hostile,
    HostileClosed,
    Naughty,
    NoLinks,
    Noop,
    Parrot,
    Startloop,
    Switchman,
    Tagger,
    WasiFetcher,
    Witness,
}

/// The bytes of a guest.
pub fn guest(guest: Guest) -> Vec<u8> {
    let file = match guest {
        Guest::Clerk => "clerk",
        Guest::Clock => "clock_hook",
        Guest::Counter => "counter",
        Guest::Doorkeeper => "doorkeeper",
        Guest::DoorkeeperClosed => "doorkeeper_closed",
        Guest::Echo => "echo_observer",
        Guest::Fetcher => "fetcher",
        Guest::Founder => "founder",
        Guest::Greeter => "greeter",
        Guest::Hostile => "hostile",
        Guest::HostileClosed => "hostile_closed",
        Guest::Naughty => "naughty",
        Guest::NoLinks => "ten_lines",
        Guest::Noop => "noop_policy",
        Guest::Parrot => "parrot",
        Guest::Startloop => "startloop",
        Guest::Switchman => "switchman",
        Guest::Tagger => "tagger",
        Guest::WasiFetcher => "wasi_fetcher",
        Guest::Witness => "witness",
    };
    read("SWITCHBOARD_GUESTS", file)
}

/// The bytes of a bundled plugin.
pub fn bundled(name: &str) -> Vec<u8> {
    read("SWITCHBOARD_PLUGINS", name)
}

fn read(folder: &str, name: &str) -> Vec<u8> {
    let path = from_environment(folder).join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask test`", path.display()))
}

/// The same component with another digest: a custom section, which means nothing, is added.
pub fn variant(mut component: Vec<u8>, mark: &str) -> Vec<u8> {
    let mark = mark.as_bytes();
    assert!(mark.len() < 100, "one byte of length is enough");
    let name = u8::try_from(mark.len()).unwrap();
    component.extend([0, name + 1, name]);
    component.extend(mark);
    component
}
