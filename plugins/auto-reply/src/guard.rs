//! Says a thing once: whoever writes its mark may speak, until the mark is old.
//!
//! A mark holds the time and the call that wrote it. A repeated call finds its own mark, writes it again (so that the
//! order of writes stays the same) and goes on; any other call stays silent until the cooldown is over.

use crate::host::{Call, Host, Trouble};

/// The least time a mark is kept, in seconds: as long as a call may be repeated soon.
const KEPT_SECONDS: u32 = 600;

/// Whether this call may speak under this key.
pub fn claim(host: &impl Host, key: &str, call: Call<'_>, cooldown_seconds: u32) -> Result<bool, Trouble> {
    let found = host.mark(key)?;
    let (at, owner) = found.as_ref().map_or((None, ""), |mark| read(&mark.text));
    let mine = owner == call.id;
    let cooling = at.is_some_and(|at| call.now < at.saturating_add(u64::from(cooldown_seconds) * 1000));
    if cooling && !mine {
        return Ok(false);
    }
    let version = found.map_or(0, |mark| mark.version);
    let text = format!("{} {}", call.now, call.id);
    let wrote = host.put_mark(key, version, &text, cooldown_seconds.max(KEPT_SECONDS))?;
    Ok(wrote || mine)
}

/// The time and the call of a mark; an unreadable one is old and nobody's.
fn read(text: &str) -> (Option<u64>, &str) {
    match text.split_once(' ') {
        Some((at, owner)) => (at.parse().ok(), owner),
        None => (None, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn one_of_two_speaks_and_repeats() {
        let host = Fake::default();
        let (a, b) = (Call { id: "a", now: 1_000 }, Call { id: "b", now: 2_000 });
        assert_eq!(claim(&host, "k", a, 30), Ok(true));
        assert_eq!(claim(&host, "k", b, 30), Ok(false));
        assert_eq!(claim(&host, "k", a, 30), Ok(true), "a repeated call goes on");
        assert_eq!(claim(&host, "other", b, 30), Ok(true));
        assert_eq!(
            claim(&host, "k", Call { id: "b", now: 31_000 }, 30),
            Ok(true),
            "after the cooldown"
        );
        assert_eq!(
            claim(&host, "k", Call { id: "c", now: 31_000 }, 0),
            Ok(true),
            "no cooldown"
        );
    }

    #[test]
    fn the_loser_of_a_race_is_silent() {
        let mut host = Fake::default();
        host.lose_races = true;
        assert_eq!(claim(&host, "k", Call { id: "a", now: 1 }, 30), Ok(false));
    }
}
