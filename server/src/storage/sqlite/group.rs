//! What one commit holds, and where each of its messages goes. Pure: nothing here asks the database. A group is placed
//! on the state that is durable, and that state is replaced only after the commit, so a commit that fails leaves
//! nothing to undo.

use quick_cache::unsync::Cache;
use rustc_hash::FxHashMap;

use super::jobs::{Finish, JobRow};
use super::kv::KvWriting;
use super::receipts::MarkWriting;
use super::task::{Stale, Task, Tx};
use crate::model::{AppId, ConversationId, Draft, Marks, MessageId, Nonce, PluginName, Sender, Seq, Stored, UserId};
use crate::storage::{Append, StorageError};

/// Something that waits for the next commit.
pub(super) enum Write {
    /// A message.
    Append(Append),
    /// A member's marks.
    Mark(MarkWriting),
    /// Jobs that are done.
    Finish(Finish),
    /// A key of an install.
    Kv(KvWriting),
    /// Anything else.
    Task(Box<dyn Task>),
    /// Commit what waits, take no more.
    Close,
}

/// A conversation that messages may be stored in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// The tenant.
    pub(super) app: AppId,
    /// The newest message's place.
    pub(super) last: Seq,
}

/// A sender's own id for a message, with its tenant.
pub(super) type NonceKey = (AppId, Option<UserId>, Nonce);
/// A member.
pub(super) type MemberKey = (ConversationId, UserId);

/// The nonce of a message.
pub(super) fn nonce_key(append: &Append) -> NonceKey {
    (
        append.app,
        append.draft.sender.user().cloned(),
        append.draft.nonce.clone(),
    )
}

/// What the writer remembers of the durable state. Everything can be read again.
pub(super) struct Memory {
    pub(super) heads: Cache<ConversationId, Head>,
    pub(super) marks: Cache<MemberKey, Marks>,
    pub(super) nonces: Cache<NonceKey, Stored>,
    pub(super) spaces: Cache<(AppId, PluginName), u64>,
}

impl Memory {
    pub(super) fn new(entries: usize) -> Self {
        Self {
            heads: Cache::new(entries),
            marks: Cache::new(entries),
            nonces: Cache::new(entries),
            spaces: Cache::new(entries),
        }
    }

    /// Forgets what a write has made wrong.
    pub(super) fn forget(&mut self, stale: Vec<Stale>) {
        for thing in stale {
            match thing {
                Stale::Conversation(id) => {
                    self.heads.remove(&id);
                }
                Stale::Member(conversation, user) => {
                    self.marks.remove(&(conversation, user));
                }
                Stale::Space(app, plugin) => {
                    self.spaces.remove(&(app, plugin));
                }
            }
        }
    }
}

/// Where a message goes.
#[derive(Debug)]
pub(super) enum Place {
    /// It is new.
    New(Stored, MessageId),
    /// It was stored before.
    Known(Stored),
    /// It repeats an earlier one of the same group.
    Twin(usize),
    /// It cannot be stored.
    Refused(StorageError),
}

/// What waits together.
#[derive(Default)]
pub(super) struct Group {
    pub(super) appends: Vec<Append>,
    pub(super) marks: Vec<MarkWriting>,
    pub(super) finishes: Vec<Finish>,
    pub(super) kv: Vec<KvWriting>,
    pub(super) tasks: Vec<Box<dyn Task>>,
    pub(super) closing: bool,
}

impl Group {
    /// Sorts what waits.
    pub(super) fn new(writes: impl Iterator<Item = Write>) -> Self {
        let mut group = Self::default();
        for write in writes {
            match write {
                Write::Append(append) => group.appends.push(append),
                Write::Mark(mark) => group.marks.push(mark),
                Write::Finish(finish) => group.finishes.push(finish),
                Write::Kv(write) => group.kv.push(write),
                Write::Task(task) => group.tasks.push(task),
                Write::Close => group.closing = true,
            }
        }
        group
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much there is to write.
    pub(super) fn len(&self) -> usize {
        self.appends.len() + self.marks.len() + self.finishes.len() + self.kv.len() + self.tasks.len()
    }

    /// Answers everyone that nothing was written.
    pub(super) fn fail(self, error: &StorageError) {
        for append in self.appends {
            let _ = append.ack.send(Err(error.clone()));
        }
        for mark in self.marks {
            let _ = mark.ack.send(Err(error.clone()));
        }
        for finish in self.finishes {
            let _ = finish.ack.send(Err(error.clone()));
        }
        for write in self.kv {
            let _ = write.ack.send(Err(error.clone()));
        }
        for task in self.tasks {
            task.fail(error.clone());
        }
    }
}

/// The durable state a group is placed on: only what the group touches.
#[derive(Default)]
pub(super) struct Ground {
    /// Conversations; none for one that is not there.
    pub(super) heads: FxHashMap<ConversationId, Option<Head>>,
    /// Members whose marks are asked for; none for who is not in it.
    pub(super) marks: FxHashMap<MemberKey, Option<Marks>>,
    /// Messages that turned out to be stored already.
    pub(super) nonces: FxHashMap<NonceKey, Stored>,
}

/// A group with its places.
#[derive(Default)]
pub(super) struct Plan {
    /// One for each append.
    pub(super) places: Vec<Place>,
    /// How many of them are new.
    pub(super) fresh: usize,
    /// Where conversations are afterwards.
    pub(super) heads: FxHashMap<ConversationId, Head>,
    /// Where marks are afterwards, of those that move.
    pub(super) marks: FxHashMap<MemberKey, Marks>,
    /// Jobs to write.
    pub(super) jobs: Vec<JobRow>,
}

impl Plan {
    /// Gives each message its place.
    pub(super) fn place(appends: &[Append], ground: &Ground, memory: &mut Memory, tx: &mut Tx) -> Self {
        let mut plan = Self {
            places: Vec::with_capacity(appends.len()),
            ..Self::default()
        };
        let mut seen: FxHashMap<(AppId, Option<&str>, &str), usize> = FxHashMap::default();
        for (at, append) in appends.iter().enumerate() {
            let draft = &append.draft;
            let twin = *seen
                .entry((
                    append.app,
                    draft.sender.user().map(UserId::as_str),
                    draft.nonce.as_str(),
                ))
                .or_insert(at);
            let place = if twin == at {
                plan.place_one(append, ground, memory, tx)
            } else {
                Place::Twin(twin)
            };
            plan.places.push(place);
        }
        plan
    }

    fn place_one(&mut self, append: &Append, ground: &Ground, memory: &mut Memory, tx: &mut Tx) -> Place {
        let draft = &append.draft;
        let key = nonce_key(append);
        if let Some(stored) = memory.nonces.get(&key).or_else(|| ground.nonces.get(&key)) {
            return Place::Known(Stored {
                duplicate: true,
                ..*stored
            });
        }
        let head = self
            .heads
            .get(&draft.conversation)
            .copied()
            .or_else(|| ground.heads.get(&draft.conversation).copied().flatten())
            .filter(|head| head.app == append.app);
        let Some(head) = head else {
            return Place::Refused(StorageError::Missing("conversation"));
        };
        let first_job = self.jobs.len();
        if !append.jobs.is_empty() {
            let rows = tx.job_rows(append.app, Some(draft.conversation), None, append.jobs.clone());
            self.jobs.extend(rows);
        }
        let id = match MessageId::new(tx.stamp().0) {
            Ok(id) => id,
            Err(error) => return Place::Refused(super::fault::fault(error)),
        };
        for job in &mut self.jobs[first_job..] {
            job.message = Some(id.get());
        }
        let seq = Seq(head.last.0 + 1);
        self.heads.insert(draft.conversation, Head { last: seq, ..head });
        if let Some(user) = human_sender(draft) {
            self.marks.insert(
                (draft.conversation, user.clone()),
                Marks {
                    delivered: seq,
                    read: seq,
                },
            );
        }
        self.fresh += 1;
        Place::New(
            Stored {
                id: Some(id),
                seq,
                at: tx.now,
                duplicate: false,
            },
            id,
        )
    }

    /// What a message's sender is told; `None` for one that was refused.
    pub(super) fn stored(&self, at: usize) -> Option<Stored> {
        match self.places.get(at)? {
            Place::New(stored, _) | Place::Known(stored) => Some(*stored),
            Place::Twin(first) => self.stored(*first).map(|stored| Stored {
                duplicate: true,
                ..stored
            }),
            Place::Refused(_) => None,
        }
    }

    /// Remembers what is durable now.
    pub(super) fn remember(&self, appends: &[Append], ground: Ground, memory: &mut Memory) {
        for (id, head) in ground.heads {
            if let Some(head) = self.heads.get(&id).copied().or(head) {
                memory.heads.insert(id, head);
            }
        }
        for (key, marks) in ground.marks {
            if let Some(marks) = self.marks.get(&key).copied().or(marks) {
                memory.marks.insert(key, marks);
            }
        }
        for (key, moved) in &self.marks {
            // A sender who is not a member has no marks, so only known members are moved.
            if let Some(mut marks) = memory.marks.get_mut(key) {
                marks.delivered = marks.delivered.max(moved.delivered);
                marks.read = marks.read.max(moved.read);
            }
        }
        for (append, place) in appends.iter().zip(&self.places) {
            if let Place::New(stored, _) = place {
                memory.nonces.insert(nonce_key(append), *stored);
            }
        }
    }
}

/// The user who speaks for itself: its own message is read by it.
fn human_sender(draft: &Draft) -> Option<&UserId> {
    match (&draft.sender, &draft.origin) {
        (Sender::User(user), None) => Some(user),
        _ => None,
    }
}
