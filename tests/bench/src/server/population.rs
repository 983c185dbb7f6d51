//! Who is connected: the same crowds for both servers.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use anyhow::anyhow;

use super::admin::{Admin, App};
use crate::load::plan::{self, Session};

/// Requests under way at once while a server is filled.
const THREADS: usize = 8;
/// Members named in one request.
const MEMBERS: usize = 100;

/// A shape of users and conversations. Users are numbered from 0.
#[derive(Clone, Copy)]
pub enum Crowd {
    /// So many direct conversations, both users connected.
    Pairs(u32),
    /// So many direct conversations, only the first user of each connected.
    Halves(u32),
    /// One group of so many, all connected.
    Room(u32),
    /// So many users, connected, without conversations.
    Strangers(u32),
}

impl Crowd {
    /// Sessions for a server that knows neither users nor membership.
    pub fn anonymous_sessions(self) -> Vec<Session> {
        let session = |user: u32, conversation: u32| Session {
            user,
            token: String::new(),
            conversation: u64::from(conversation) + 1,
        };
        match self {
            Self::Pairs(pairs) => (0..pairs * 2).map(|user| session(user, user / 2)).collect(),
            Self::Halves(pairs) => (0..pairs).map(|pair| session(pair * 2, pair)).collect(),
            Self::Room(members) => (0..members).map(|user| session(user, 0)).collect(),
            Self::Strangers(users) => (0..users).map(|user| session(user, user)).collect(),
        }
    }

    fn users(self) -> u32 {
        match self {
            Self::Pairs(pairs) | Self::Halves(pairs) => pairs * 2,
            Self::Room(users) | Self::Strangers(users) => users,
        }
    }
}

/// Makes users and conversations in an app and answers the sessions to open. Strangers are left to be made by their
/// first connection.
pub fn populate(admin: &Admin, app: &App, crowd: Crowd) -> anyhow::Result<Vec<Session>> {
    if !matches!(crowd, Crowd::Strangers(_)) {
        in_parallel(crowd.users() as usize, |user| admin.put_user(app, &uid(user as u32)))?;
    }
    let sessions = crowd.anonymous_sessions();
    let conversations = match crowd {
        Crowd::Pairs(pairs) | Crowd::Halves(pairs) => in_parallel(pairs as usize, |pair| {
            let (first, second) = (pair as u32 * 2, pair as u32 * 2 + 1);
            admin.create_conversation(&app.token(&uid(first))?, "direct", &[uid(second)])
        })?,
        Crowd::Room(members) => vec![create_room(admin, app, members)?],
        Crowd::Strangers(users) => vec![0; users as usize],
    };
    let named = sessions.into_iter().map(|session| {
        let token = app.token(&uid(session.user))?;
        let conversation = conversations[session.conversation as usize - 1];
        Ok(Session {
            token,
            conversation,
            ..session
        })
    });
    named.collect()
}

fn create_room(admin: &Admin, app: &App, members: u32) -> anyhow::Result<u64> {
    let owner = app.token(&uid(0))?;
    let others: Vec<String> = (1..members).map(uid).collect();
    let mut groups = others.chunks(MEMBERS);
    let room = admin.create_conversation(&owner, "group", groups.next().unwrap_or_default())?;
    for group in groups {
        admin.add_members(&owner, room, group)?;
    }
    Ok(room)
}

fn uid(user: u32) -> String {
    plan::uid(user).to_string()
}

/// Does `work` for 0 up to `count`, several at once, and answers the results in order.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let take = || -> anyhow::Result<Vec<(usize, T)>> {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Relaxed);
            if index >= count {
                return Ok(done);
            }
            done.push((index, work(index)?));
        }
    };
    let mut done = Vec::with_capacity(count);
    thread::scope(|scope| -> anyhow::Result<()> {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
        for thread in threads {
            done.extend(thread.join().map_err(|_| anyhow!("a filling thread has panicked"))??);
        }
        Ok(())
    })?;
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_share_a_conversation() {
        let sessions = Crowd::Pairs(2).anonymous_sessions();
        let seen: Vec<_> = sessions
            .iter()
            .map(|session| (session.user, session.conversation))
            .collect();
        assert_eq!(seen, [(0, 1), (1, 1), (2, 2), (3, 2)]);
        assert_eq!(Crowd::Halves(2).anonymous_sessions().len(), 2);
        assert!(
            Crowd::Room(5)
                .anonymous_sessions()
                .iter()
                .all(|session| session.conversation == 1)
        );
    }

    #[test]
    fn parallel_results_keep_their_order() {
        let squares = in_parallel(100, |number| Ok(number * number)).unwrap();
        assert_eq!(squares[99], 99 * 99);
        assert_eq!(squares.len(), 100);
        assert!(in_parallel(3, |_| Err::<(), _>(anyhow!("no"))).is_err());
    }
}
