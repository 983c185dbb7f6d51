//! What one install's worker has taken up: lanes of jobs that are done one after the other, beside each other. A lane that
//! takes long holds up nobody but itself.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::model::{ConversationId, Job, JobId, Millis, Observation, UserId};
use crate::storage::DueJob;

/// Jobs of an install that are in memory at most to be done, as many again that wait a short time, and as many again while
/// they are read.
pub(super) const AT_HAND: usize = 1024;
/// Milliseconds of a wait at most over which a lane's jobs stay in memory.
const BRIEF: i64 = 1_000;

/// What is done one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Order {
    /// Everything in a conversation.
    Conversation(ConversationId),
    /// What a user does elsewhere.
    User(UserId),
    /// The rest waits for nothing.
    Alone(JobId),
}

impl Order {
    fn of(job: &Job) -> Self {
        match (&job.work, job.conversation) {
            (_, Some(conversation)) => Self::Conversation(conversation),
            (Observation::Event { users, .. }, None) if !users.is_empty() => Self::User(users[0].clone()),
            _ => Self::Alone(job.id),
        }
    }
}

/// What a lane could not do: the first of these jobs has to wait until then, and those behind it.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) until: Millis,
    /// Empty if they are not at hand.
    pub(super) jobs: Vec<DueJob>,
}

/// The lanes of an install. Whoever starts a lane says how it ended.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// Those under way or ready, with what has come for them since they were started.
    open: HashMap<Order, Vec<DueJob>>,
    ready: VecDeque<Order>,
    /// Those that wait for so short a time that their jobs are kept, and when they go on.
    kept: HashMap<Order, Vec<DueJob>>,
    go_on: BTreeMap<Millis, Vec<Order>>,
    /// How many jobs are kept.
    waiting: usize,
    /// Those that went on after a wait: what came for them meanwhile was not read, and what comes now is behind it.
    behind: HashSet<Order>,
    /// Those whose jobs have to be read again: nothing behind the job that waits may be done before it.
    held: HashSet<Order>,
    taken: HashSet<JobId>,
}

impl Lanes {
    /// How many jobs were taken up, are not done, and do not wait.
    pub(super) fn len(&self) -> usize {
        self.taken.len() - self.waiting
    }

    /// Takes a job up, unless it is, or has to wait. Jobs come in the order of their ids. Says whether there is anything
    /// new to do, now or as soon as its lane has caught up.
    pub(super) fn take(&mut self, due: DueJob) -> bool {
        let order = Order::of(&due.job);
        if self.held.contains(&order) || self.kept.contains_key(&order) {
            return false;
        }
        if self.behind.contains(&order) {
            return !self.taken.contains(&due.job.id);
        }
        if !self.taken.insert(due.job.id) {
            return false;
        }
        if !self.open.contains_key(&order) {
            self.ready.push_back(order.clone());
        }
        self.open.entry(order).or_default().push(due);
        true
    }

    /// A lane to be started, with all that is to be done in it.
    pub(super) fn start(&mut self) -> Option<(Order, Vec<DueJob>)> {
        let order = self.ready.pop_front()?;
        let jobs = self.open.get_mut(&order).map(std::mem::take)?;
        Some((order, jobs))
    }

    /// A lane that was started with these jobs has ended: all of them are done, or the rest has to wait. Says when it is
    /// to be looked from the beginning for its sake.
    pub(super) fn ended(&mut self, order: Order, jobs: &[JobId], rest: Option<Rest>, now: Millis) -> Option<Millis> {
        for job in jobs {
            self.taken.remove(job);
        }
        if let Some(mut rest) = rest {
            self.behind.remove(&order);
            let arrived = self.open.remove(&order).unwrap_or_default();
            let count = rest.jobs.len() + arrived.len();
            if !rest.jobs.is_empty() && rest.until <= now.plus(BRIEF) && self.waiting + count <= AT_HAND {
                rest.jobs.extend(arrived);
                self.taken.extend(rest.jobs.iter().map(|due| due.job.id));
                self.waiting += count;
                self.go_on.entry(rest.until).or_default().push(order.clone());
                self.kept.insert(order, rest.jobs);
                return None;
            }
            for left in arrived {
                self.taken.remove(&left.job.id);
            }
            self.held.insert(order);
            return Some(rest.until);
        }
        if self.open.get(&order).is_some_and(|more| !more.is_empty()) {
            self.ready.push_back(order);
            return None;
        }
        self.open.remove(&order);
        self.behind.remove(&order).then_some(now)
    }

    /// When the next lane goes on that waits with its jobs.
    pub(super) fn goes_on_at(&self) -> Option<Millis> {
        self.go_on.keys().next().copied()
    }

    /// Makes those ready that have waited long enough.
    pub(super) fn go_on(&mut self, now: Millis) {
        while let Some(first) = self.go_on.first_entry()
            && *first.key() <= now
        {
            for order in first.remove() {
                let Some(jobs) = self.kept.remove(&order) else {
                    continue;
                };
                self.waiting -= jobs.len();
                self.ready.push_back(order.clone());
                if !matches!(order, Order::Alone(_)) {
                    self.behind.insert(order.clone());
                }
                self.open.insert(order, jobs);
            }
        }
    }

    /// All that is due is going to be taken again: what waited may have to wait no more, and nothing stays behind.
    pub(super) fn release(&mut self) {
        self.held.clear();
        self.behind.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, EventKind, PluginName};

    fn due(id: u64, conversation: u64, user: Option<&str>) -> DueJob {
        let work = Observation::Event {
            kind: EventKind::MessageSent,
            message: None,
            users: user.into_iter().map(|user| UserId::new(user).unwrap()).collect(),
            by: None,
            emoji: None,
            things: Vec::new(),
        };
        let job = Job {
            id: JobId::new(id).unwrap(),
            app: AppId::new(1).unwrap(),
            plugin: PluginName::new("p").unwrap(),
            conversation: ConversationId::new(conversation).ok(),
            work,
            due_at: Millis(0),
            attempts: 0,
            depth: 0,
        };
        DueJob { job, message: None }
    }

    fn ids(jobs: &[DueJob]) -> Vec<u64> {
        jobs.iter().map(|due| due.job.id.get()).collect()
    }

    fn started(lanes: &mut Lanes) -> Vec<(Order, Vec<u64>)> {
        std::iter::from_fn(|| lanes.start())
            .map(|(order, jobs)| (order, ids(&jobs)))
            .collect()
    }

    fn job(id: u64) -> JobId {
        JobId::new(id).unwrap()
    }

    #[test]
    fn a_lane_is_started_once_and_again_with_what_came_meanwhile() {
        let mut lanes = Lanes::default();
        for (id, room) in [(1, 7), (2, 8), (3, 7)] {
            assert!(lanes.take(due(id, room, None)));
        }
        assert!(!lanes.take(due(3, 7, None)), "it is taken up already");
        let begun = started(&mut lanes);
        assert_eq!(
            begun.iter().map(|(_, ids)| ids.clone()).collect::<Vec<_>>(),
            [vec![1, 3], vec![2]]
        );
        // The first room is slow: what comes for it waits, what comes for the other does not.
        assert!(lanes.take(due(4, 7, None)) && lanes.take(due(5, 8, None)));
        assert!(started(&mut lanes).is_empty());
        lanes.ended(begun[1].0.clone(), &[job(2)], None, Millis(0));
        assert_eq!(started(&mut lanes)[0].1, [5]);
        lanes.ended(begun[0].0.clone(), &[job(1), job(3)], None, Millis(0));
        assert_eq!(started(&mut lanes)[0].1, [4]);
        assert_eq!(lanes.len(), 2);
    }

    /// A lane of four jobs, the first of which fails when the last has just come.
    fn failed(until: i64) -> (Lanes, Option<Millis>) {
        let mut lanes = Lanes::default();
        for id in [1, 2, 3] {
            lanes.take(due(id, 7, None));
        }
        let (order, jobs) = lanes.start().unwrap();
        assert!(lanes.take(due(4, 7, None)));
        let ids = [job(1), job(2), job(3)];
        let until = Millis(until);
        let look = lanes.ended(order, &ids, Some(Rest { until, jobs }), Millis(0));
        (lanes, look)
    }

    #[test]
    fn nothing_overtakes_what_has_to_wait_long() {
        let (mut lanes, look) = failed(BRIEF + 1);
        assert_eq!((look, lanes.len()), (Some(Millis(BRIEF + 1)), 0));
        assert!(!lanes.take(due(5, 7, None)) && lanes.start().is_none());
        assert_eq!(lanes.goes_on_at(), None);
        lanes.release();
        for id in [1, 2, 3, 4, 5] {
            assert!(lanes.take(due(id, 7, None)));
        }
        assert_eq!(started(&mut lanes)[0].1, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_waits_a_moment_is_not_read_again() {
        let (mut lanes, look) = failed(BRIEF);
        assert_eq!((look, lanes.len()), (None, 0));
        assert_eq!(lanes.goes_on_at(), Some(Millis(BRIEF)));
        lanes.release();
        assert!(!lanes.take(due(1, 7, None)) && !lanes.take(due(5, 7, None)));
        lanes.go_on(Millis(BRIEF - 1));
        assert!(lanes.start().is_none());
        lanes.go_on(Millis(BRIEF));
        assert_eq!((lanes.len(), lanes.goes_on_at()), (4, None));
        // The fifth came while they waited and was not read: the sixth must not overtake it.
        assert!(lanes.take(due(6, 7, None)));
        let begun = started(&mut lanes);
        assert_eq!(begun[0].1, [1, 2, 3, 4]);
        let ids: Vec<JobId> = begun[0].1.iter().map(|id| job(*id)).collect();
        let look = lanes.ended(begun[0].0.clone(), &ids, None, Millis(BRIEF));
        assert_eq!((look, lanes.len()), (Some(Millis(BRIEF)), 0));
        for id in [5, 6] {
            assert!(lanes.take(due(id, 7, None)));
        }
        assert_eq!(started(&mut lanes)[0].1, [5, 6]);
    }

    #[test]
    fn a_look_lets_a_lane_catch_up_that_went_on() {
        let (mut lanes, _) = failed(BRIEF);
        lanes.go_on(Millis(BRIEF));
        lanes.release();
        assert!(!lanes.take(due(4, 7, None)) && lanes.take(due(5, 7, None)));
        assert_eq!(started(&mut lanes)[0].1, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn more_than_is_kept_is_read_again() {
        let mut lanes = Lanes::default();
        let ids: Vec<u64> = (1..=AT_HAND as u64 + 1).collect();
        for id in &ids {
            lanes.take(due(*id, 7, None));
        }
        let (order, jobs) = lanes.start().unwrap();
        let ids: Vec<JobId> = ids.into_iter().map(job).collect();
        let until = Millis(1);
        let look = lanes.ended(order, &ids, Some(Rest { until, jobs }), Millis(0));
        assert_eq!((look, lanes.len(), lanes.goes_on_at()), (Some(until), 0, None));
    }

    #[test]
    fn what_is_in_no_conversation_goes_by_its_user_or_alone() {
        let mut lanes = Lanes::default();
        for (id, user) in [(1, Some("a")), (2, None), (3, Some("a")), (4, None)] {
            lanes.take(due(id, 0, user));
        }
        let begun: Vec<_> = started(&mut lanes).into_iter().map(|(_, ids)| ids).collect();
        assert_eq!(begun, [vec![1, 3], vec![2], vec![4]]);
    }
}
