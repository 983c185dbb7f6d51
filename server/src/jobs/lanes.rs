//! What one install's worker has taken up: lanes of jobs that are done one after the other, beside each other. A lane that
//! takes long holds up nobody but itself.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{ConversationId, Job, JobId, Observation, UserId};
use crate::storage::DueJob;

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

/// The lanes of an install. Whoever starts a lane says how it ended.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// Those under way or ready, with what has come for them since they were started.
    open: HashMap<Order, Vec<DueJob>>,
    ready: VecDeque<Order>,
    /// Those that have to wait: nothing behind the job that waits may be done before it.
    held: HashSet<Order>,
    taken: HashSet<JobId>,
}

impl Lanes {
    /// How many jobs were taken up and are not done.
    pub(super) fn len(&self) -> usize {
        self.taken.len()
    }

    /// Takes a job up, unless it is, or has to wait. Jobs come in the order of their ids. Says whether it did.
    pub(super) fn take(&mut self, due: DueJob) -> bool {
        let order = Order::of(&due.job);
        if self.held.contains(&order) || !self.taken.insert(due.job.id) {
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

    /// A lane that was started with these jobs has ended: all of them are done, or one has to wait.
    pub(super) fn ended(&mut self, order: Order, jobs: &[JobId], waits: bool) {
        for job in jobs {
            self.taken.remove(job);
        }
        if waits {
            for left in self.open.remove(&order).unwrap_or_default() {
                self.taken.remove(&left.job.id);
            }
            self.held.insert(order);
        } else if self.open.get(&order).is_some_and(|more| !more.is_empty()) {
            self.ready.push_back(order);
        } else {
            self.open.remove(&order);
        }
    }

    /// All that is due is going to be taken again: what waited may have to wait no more.
    pub(super) fn release(&mut self) {
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppId, EventKind, Millis, PluginName};

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
        lanes.ended(begun[1].0.clone(), &[job(2)], false);
        assert_eq!(started(&mut lanes)[0].1, [5]);
        lanes.ended(begun[0].0.clone(), &[job(1), job(3)], false);
        assert_eq!(started(&mut lanes)[0].1, [4]);
        assert_eq!(lanes.len(), 2);
    }

    #[test]
    fn nothing_overtakes_what_has_to_wait() {
        let mut lanes = Lanes::default();
        for id in [1, 2] {
            lanes.take(due(id, 7, None));
        }
        let (order, jobs) = lanes.start().unwrap();
        assert!(lanes.take(due(3, 7, None)));
        lanes.ended(order, &[job(1), job(2)], true);
        assert_eq!((ids(&jobs), lanes.len()), (vec![1, 2], 0));
        assert!(!lanes.take(due(4, 7, None)) && lanes.start().is_none());
        lanes.release();
        for id in [1, 2, 3, 4] {
            assert!(lanes.take(due(id, 7, None)));
        }
        assert_eq!(started(&mut lanes)[0].1, [1, 2, 3, 4]);
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
