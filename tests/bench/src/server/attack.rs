//! An app that attacks: its users send messages at a steady rate, and each one makes its plugin do its worst.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::admin::{Admin, App, Install};

/// Users who send; each waits for its answer before it sends again.
const USERS: u32 = 16;

/// An app with a plugin, and what its users are about to do.
pub struct Attack {
    admin: Admin,
    users: Vec<(String, u64)>,
}

/// An attack under way.
pub struct UnderWay {
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Attack {
    /// Makes the app. The plugin is told of one room, in which to do what it does in rooms.
    pub fn prepare(admin: &Admin, mut plugin: Install) -> anyhow::Result<Self> {
        let app = admin.create_app("hostile")?;
        let mut users = Vec::new();
        for user in 0..USERS {
            let token = user_of(admin, &app, user)?;
            let room = admin.create_conversation(&token, "group", &[])?;
            plugin.config["room"] = room.to_string().into();
            users.push((token, room));
        }
        admin.install(&app, &admin.granted(plugin)?)?;
        Ok(Self {
            admin: admin.clone(),
            users,
        })
    }

    /// Begins: so many messages a second, of all users together.
    pub fn begin(&self, per_second: u32) -> UnderWay {
        let (over, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let gap = Duration::from_secs(1) / per_second;
        let start = Instant::now();
        let threads = (0..USERS).zip(&self.users).map(|(number, (token, room))| {
            let (admin, token, room) = (self.admin.clone(), token.clone(), *room);
            let (over, sent) = (Arc::clone(&over), Arc::clone(&sent));
            thread::spawn(move || {
                let mut due = start + gap * number;
                while !over.load(Relaxed) {
                    thread::sleep(
                        due.saturating_duration_since(Instant::now())
                            .min(Duration::from_millis(100)),
                    );
                    if Instant::now() < due {
                        continue;
                    }
                    due += gap * USERS;
                    sent.fetch_add(u64::from(admin.say(&token, room, "attack")), Relaxed);
                }
            })
        });
        UnderWay {
            threads: threads.collect(),
            over,
            sent,
        }
    }
}

impl UnderWay {
    /// Ends it; answers how many messages were answered.
    pub fn end(self) -> u64 {
        self.over.store(true, Relaxed);
        for thread in self.threads {
            // One that has panicked has sent less, which the count tells.
            let _ = thread.join();
        }
        self.sent.load(Relaxed)
    }
}

fn user_of(admin: &Admin, app: &App, user: u32) -> anyhow::Result<String> {
    let name = format!("attacker-{user}");
    admin.put_user(app, &name)?;
    app.token(&name)
}
