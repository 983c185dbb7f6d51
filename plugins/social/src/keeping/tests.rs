//! Calls that are killed at any write and made again, while users come and go: who was away is told, and told once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;

/// Users and what they have heard.
const UIDS: [&str; 3] = ["a", "ab", "b"];

/// A server that knows the writes of a call by their places, as the real one does.
#[derive(Default)]
struct Server {
    keys: RefCell<BTreeMap<String, (Vec<u8>, u64)>>,
    effects: RefCell<HashMap<u32, bool>>,
    versions: Cell<u64>,
    /// Since which moment each is there; what the call is about happened at 0.
    there: RefCell<HashMap<&'static str, u32>>,
    heard: RefCell<Vec<(&'static str, String)>>,
}

/// One try of a call, or one that is never made again.
struct Try<'s> {
    server: &'s Server,
    durable: bool,
    next: Cell<u32>,
    /// The write at which the server is killed, and whether that write is done.
    kill: Option<(u32, bool)>,
    dead: Cell<bool>,
    /// Who comes or goes, and after how many questions.
    moves: RefCell<Vec<(u32, usize)>>,
    steps: Cell<u32>,
}

impl Server {
    fn once(&self) -> Try<'_> {
        Try {
            server: self,
            durable: false,
            next: Cell::new(0),
            kill: None,
            dead: Cell::new(false),
            moves: RefCell::default(),
            steps: Cell::new(0),
        }
    }

    /// Comes, and takes what waits; or goes.
    fn moves(&self, who: usize) {
        let uid = UIDS[who];
        if self.there.borrow_mut().remove(uid).is_none() {
            self.there.borrow_mut().insert(uid, 1);
            self.looks(uid);
        }
    }

    fn looks(&self, uid: &'static str) {
        let frames = take(&self.once(), uid).into_iter().map(|frame| (uid, frame));
        self.heard.borrow_mut().extend(frames.collect::<Vec<_>>());
    }

    fn put(&self, key: &str, value: &[u8]) {
        self.versions.set(self.versions.get() + 1);
        let entry = (value.to_vec(), self.versions.get());
        self.keys.borrow_mut().insert(key.to_owned(), entry);
    }
}

impl Try<'_> {
    fn step(&self) -> Result<(), Error> {
        let step = self.steps.replace(self.steps.get() + 1);
        let due: Vec<_> = self.moves.borrow_mut().extract_if(.., |(at, _)| *at <= step).collect();
        due.into_iter().for_each(|(_, who)| self.server.moves(who));
        if self.dead.get() {
            Err(Error::Unavailable("killed".to_owned()))
        } else {
            Ok(())
        }
    }

    fn effect(&self, work: impl FnOnce() -> bool) -> Result<bool, Error> {
        self.step()?;
        let place = self.next.replace(self.next.get() + 1);
        let killed = self.kill.filter(|(at, _)| *at == place);
        self.dead.set(killed.is_some());
        if killed.is_some_and(|(_, done)| !done) {
            return self.step().map(|()| false);
        }
        let known = self
            .server
            .effects
            .borrow()
            .get(&place)
            .copied()
            .filter(|_| self.durable);
        let outcome = known.unwrap_or_else(work);
        if self.durable {
            self.server.effects.borrow_mut().insert(place, outcome);
        }
        self.step().map(|()| outcome)
    }
}

impl Place for Try<'_> {
    fn was_told(&self, uid: &str) -> Result<bool, Error> {
        self.step()?;
        Ok(self.server.there.borrow().get(uid) == Some(&0))
    }

    fn online(&self, uid: &str) -> Result<bool, Error> {
        self.step()?;
        Ok(self.server.there.borrow().contains_key(uid))
    }

    fn nudge(&self, uid: &str) -> Result<(), Error> {
        self.step()?;
        // A push has a place, and is not remembered.
        self.next.set(self.next.get() + 1);
        let there = self.server.there.borrow().keys().copied().find(|one| *one == uid);
        there.into_iter().for_each(|uid| self.server.looks(uid));
        Ok(())
    }

    fn read(&self, key: &str) -> Result<Option<Entry>, Error> {
        self.step()?;
        let keys = self.server.keys.borrow();
        let entry = keys.get(key).map(|(value, version)| Entry {
            value: value.clone(),
            version: *version,
        });
        Ok(entry)
    }

    fn write(&self, key: &str, value: &[u8], _ttl: u32) -> Result<(), Error> {
        let done = self.effect(|| {
            self.server.put(key, value);
            true
        });
        done.map(drop)
    }

    fn replace(&self, key: &str, version: u64, value: &[u8], _ttl: u32) -> Result<bool, Error> {
        self.effect(|| {
            let is = self.server.keys.borrow().get(key).map_or(0, |(_, version)| *version);
            if is == version {
                self.server.put(key, value);
            }
            is == version
        })
    }

    fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
        self.step()?;
        let keys = self.server.keys.borrow();
        let found = keys.keys().filter(|key| key.starts_with(prefix));
        let found = found.filter(|key| after.is_none_or(|after| key.as_str() > after));
        Ok(found.take(limit as usize).cloned().collect())
    }
}

fn news() -> [News; 2] {
    let news = |name: &str, uids: &[&str]| News {
        name: name.to_owned(),
        frame: name.to_owned(),
        uids: uids.iter().map(|uid| (*uid).to_owned()).collect(),
    };
    [news("14-1", &UIDS[..2]), news("12-1", &UIDS)]
}

/// What each has heard when all is done: a call that is killed so often, perhaps with the whole server, while users move.
fn story(there: [bool; 3], kills: Vec<(u32, bool, bool)>, mut moves: Vec<(u32, usize)>) -> Vec<(&'static str, String)> {
    let server = Server::default();
    let at_first = UIDS.into_iter().zip(there).filter(|(_, there)| *there);
    server.there.borrow_mut().extend(at_first.map(|(uid, _)| (uid, 0)));
    let kills = kills.into_iter().map(|(at, done, all)| (Some((at, done)), all));
    for (kill, all) in kills.chain([(None, false)]) {
        let attempt = Try {
            durable: true,
            kill,
            moves: RefCell::new(moves),
            ..server.once()
        };
        let result = keep_durably(&attempt, "c", &news());
        let steps = attempt.steps.get();
        moves = attempt.moves.take();
        moves.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(steps));
        if result.is_ok() && !attempt.dead.get() {
            break;
        }
        if all {
            server.there.borrow_mut().clear();
        }
    }
    // Whoever is still away comes, and who is there comes again.
    server.there.borrow_mut().clear();
    (0..UIDS.len()).for_each(|who| server.moves(who));
    server.heard.take()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn who_was_away_is_told_once(
        there in any::<[bool; 3]>(),
        kills in prop::collection::vec((0_u32..9, any::<bool>(), any::<bool>()), 0..4),
        moves in prop::collection::vec((0_u32..60, 0_usize..3), 0..8),
    ) {
        let heard = story(there, kills, moves);
        for one in news() {
            for (uid, was_there) in UIDS.into_iter().zip(there) {
                let times = heard.iter().filter(|(who, frame)| *who == uid && *frame == one.frame).count();
                let concerned = one.uids.iter().any(|one| one == uid);
                prop_assert!(times <= usize::from(concerned), "{} heard {} {} times", uid, one.frame, times);
                prop_assert!(was_there || !concerned || times == 1, "{} never heard {}", uid, one.frame);
            }
        }
    }
}

#[test]
fn a_frame_is_claimed_by_one() {
    let server = Server::default();
    keep_once(&server.once(), &news()[1]).unwrap();
    // Another connection of the user comes when this one has read the key, and before it claims it.
    let place = Try {
        moves: RefCell::new(vec![(2, 0)]),
        ..server.once()
    };
    assert_eq!(take(&place, "a"), [""; 0]);
    assert_eq!(server.heard.take(), [("a", "12-1".to_owned())]);
    assert_eq!(take(&place, "ab"), ["12-1"]);
    assert_eq!(take(&place, "ab"), [""; 0]);
}

#[test]
fn many_that_were_claimed_hide_none() {
    let server = Server::default();
    let place = server.once();
    for number in 0..250 {
        place
            .write(
                &format!("frame/1/a/{number:03}"),
                if number < 150 { b"" } else { b"x" },
                1,
            )
            .unwrap();
    }
    assert_eq!(take(&place, "a").len(), 100);
}

#[test]
fn more_users_than_that_are_counted() {
    let server = Server::default();
    let many = News {
        name: "13-1".to_owned(),
        frame: "x".to_owned(),
        uids: (0..USERS + 3).map(|number| number.to_string()).collect(),
    };
    assert_eq!(
        keep_durably(&server.once(), "c", &[many, news().into_iter().next().unwrap()]),
        Ok(5)
    );
    assert_eq!(server.keys.borrow().len(), USERS + 1);
}
