//! Any number of things at once, in any order, with calls that end at any question: caps hold at each moment (the fake looks
//! at each write), and in the end tickets, agents, indices, members and texts tell one story.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fake::{Caller, FakeRoom, FakeTimer, World};
use crate::agent::{Agent, Duty};
use crate::arrivals::Ask;
use crate::config::Config;
use crate::desk::{Call, Desk, Failure};
use crate::events::{Message, Target};
use crate::host::Trouble;
use crate::texts::Texts;
use crate::ticket::{Phase, Ticket};

const ROOMS: usize = 5;
/// The last one is direct: what happens to it happens to its case, once there is one.
const DIRECT: usize = ROOMS - 1;
const AGENTS: [&str; 3] = ["ann", "bob", "cat"];

/// Something that happens.
#[derive(Debug, Clone)]
enum Deed {
    /// A message of the customer, or of an agent.
    Say(usize, Option<usize>),
    /// A bot wants a person.
    Want(usize),
    /// An agent is put out, or the customer goes.
    Leave(usize, Option<usize>),
    Accept(usize, usize),
    Next(usize),
    Pass(usize, usize),
    Close(usize),
    Turn(usize, Duty),
    /// Time passes, and what is due fires.
    Wait(u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let (room, agent) = (0..ROOMS, 0..AGENTS.len());
    let duty =
        prop_oneof![3 => Just(Duty::Online), 1 => Just(Duty::Busy), 1 => Just(Duty::Away), 1 => Just(Duty::Offline)];
    prop_oneof![
        4 => (room.clone(), proptest::option::of(agent.clone())).prop_map(|(room, by)| Deed::Say(room, by)),
        6 => room.clone().prop_map(Deed::Want),
        1 => (room.clone(), proptest::option::of(agent.clone())).prop_map(|(room, who)| Deed::Leave(room, who)),
        3 => (agent.clone(), room.clone()).prop_map(|(agent, room)| Deed::Accept(agent, room)),
        2 => agent.clone().prop_map(Deed::Next),
        2 => (room.clone(), agent.clone()).prop_map(|(room, to)| Deed::Pass(room, to)),
        4 => room.prop_map(Deed::Close),
        4 => (agent, duty).prop_map(|(agent, duty)| Deed::Turn(agent, duty)),
        3 => (1u64..30_000).prop_map(Deed::Wait),
    ]
}

/// A piece of work: what, in which order, and whether it is made again.
#[derive(Debug, Clone)]
enum Work {
    Heard {
        room: String,
        seq: u64,
        uid: String,
        at: u64,
    },
    Wanted(String),
    Left(String, String),
    Fire(String, u64),
    Accept(&'static str, String),
    Next(&'static str),
    Pass(String, &'static str),
    Close(String),
    Turn(&'static str, Duty),
}

struct Job {
    id: String,
    work: Work,
    /// After how many questions it ends, if it does.
    fuel: Option<u32>,
}

struct Stage {
    world: World,
    config: Config,
    /// Events of a conversation, one after the other.
    lanes: BTreeMap<String, VecDeque<Job>>,
    /// Runs of timers that are to be made again.
    runs: Vec<(Job, u64)>,
    jobs: u64,
}

impl Stage {
    fn new() -> Self {
        let config = json!({
            "agents": AGENTS.map(|uid| json!({ "uid": uid, "cap": if uid == "cat" { 2 } else { 1 } })),
            "accept_seconds": 10, "queue": { "every_seconds": 5 }, "unavailable": "message", "start": "message",
            "reply": { "first_seconds": 15, "reassign": true }, "idle": { "remind_seconds": 20, "close_seconds": 10 },
            "away": { "offline_seconds": 0, "check_seconds": 20 }, "survey": { "as": "text" }, "transfers": 3,
        });
        let world = World::default();
        world.lock().now = 1_000_000;
        for room in 0..DIRECT {
            world.room(&room.to_string(), &format!("c{room}"));
        }
        world.direct(&DIRECT.to_string(), &format!("c{DIRECT}"), "robo");
        Self {
            world,
            config: Config::parse(&config.to_string()).unwrap(),
            lanes: BTreeMap::new(),
            runs: Vec::new(),
            jobs: 0,
        }
    }

    fn job(&mut self, work: Work, fuel: Option<u32>) -> Job {
        self.jobs += 1;
        let id = format!("j{}", self.jobs);
        Job { id, work, fuel }
    }

    /// Where people are.
    fn place(&self, room: usize) -> String {
        let id = room.to_string();
        self.world.cases(&id).pop().unwrap_or(id)
    }

    fn await_turn(&mut self, id: String, job: Job) {
        self.lanes.entry(id).or_default().push_back(job);
    }

    /// Makes a deed to work; what is not an event is answered.
    fn plan(&mut self, deed: &Deed, fuel: Option<u32>) -> Option<Job> {
        match deed {
            Deed::Say(room, by) => {
                // Some customers go on where they began.
                let beside = by.is_some() || self.jobs.is_multiple_of(2);
                let id = if beside { self.place(*room) } else { room.to_string() };
                let mut state = self.world.lock();
                let at = state.now;
                let there = state.rooms.get_mut(&id).unwrap();
                let uid = by.map_or(format!("c{room}"), |agent| AGENTS[agent].to_owned());
                if !there.members.contains(&uid) {
                    return None;
                }
                there.seq += 1;
                there.last_word = at;
                let seq = there.seq;
                drop(state);
                let room = id.clone();
                let job = self.job(Work::Heard { room, seq, uid, at }, fuel);
                self.await_turn(id, job);
                None
            }
            Deed::Want(room) => {
                let id = room.to_string();
                self.world.lock().rooms.get_mut(&id).unwrap().desk["wanted"] = json!({ "reason": "x" });
                let job = self.job(Work::Wanted(id.clone()), fuel);
                self.await_turn(id, job);
                None
            }
            Deed::Leave(room, who) => {
                let id = self.place(*room);
                let uid = who.map_or(format!("c{room}"), |agent| AGENTS[agent].to_owned());
                let mut state = self.world.lock();
                if state.rooms[&id].kind == "direct" || !state.rooms.get_mut(&id).unwrap().members.remove(&uid) {
                    return None;
                }
                if who.is_none() {
                    // It comes back at once.
                    state.rooms.get_mut(&id).unwrap().members.insert(uid.clone());
                }
                drop(state);
                let job = self.job(Work::Left(id.clone(), uid), fuel);
                self.await_turn(id, job);
                None
            }
            Deed::Accept(agent, room) => Some(self.job(Work::Accept(AGENTS[*agent], self.place(*room)), fuel)),
            Deed::Next(agent) => Some(self.job(Work::Next(AGENTS[*agent]), fuel)),
            Deed::Pass(room, to) => Some(self.job(Work::Pass(self.place(*room), AGENTS[*to]), fuel)),
            Deed::Close(room) => Some(self.job(Work::Close(self.place(*room)), fuel)),
            Deed::Turn(agent, duty) => Some(self.job(Work::Turn(AGENTS[*agent], *duty), fuel)),
            Deed::Wait(millis) => {
                self.world.lock().now += millis;
                self.take_runs(fuel);
                None
            }
        }
    }

    /// Runs of timers that are due, as far as they are not under way.
    fn take_runs(&mut self, fuel: Option<u32>) {
        let state = self.world.lock();
        let due: Vec<(String, FakeTimer)> = (state.timers.iter())
            .filter(|(_, timer)| timer.at <= state.now)
            .map(|(name, timer)| (name.clone(), timer.clone()))
            .collect();
        drop(state);
        for (name, timer) in due {
            if !self.runs.iter().any(|(_, generation)| *generation == timer.generation) {
                let job = self.job(Work::Fire(name, timer.generation), fuel);
                self.runs.push((job, timer.generation));
            }
        }
    }

    /// Makes calls take turns. What ended before its time and is made again is kept.
    fn go(&mut self, asked: Vec<Job>, pick: &mut impl FnMut(usize) -> usize) {
        let mut jobs: Vec<(Job, bool)> = asked.into_iter().map(|job| (job, false)).collect();
        jobs.extend(
            self.lanes
                .values_mut()
                .filter_map(|lane| lane.pop_front().map(|job| (job, true))),
        );
        // A run whose timer was replaced is not made again.
        let runs = std::mem::take(&mut self.runs);
        jobs.extend(runs.into_iter().map(|(job, _)| (job, true)));
        let again = Mutex::new(Vec::new());
        let (world, config) = (&self.world, &self.config);
        let calls: Vec<Box<dyn FnOnce(usize) + Send + '_>> = jobs
            .into_iter()
            .map(|(job, durable)| {
                let again = &again;
                Box::new(move |number| {
                    if !call(world, config, &job, durable, number) && durable {
                        again.lock().unwrap().push(Job { fuel: None, ..job });
                    }
                }) as Box<dyn FnOnce(usize) + Send + '_>
            })
            .collect();
        world.take_turns(calls, pick);
        for job in again.into_inner().unwrap() {
            match &job.work {
                Work::Fire(name, generation) => {
                    let generation = *generation;
                    let there = self
                        .world
                        .lock()
                        .timers
                        .get(name)
                        .is_some_and(|timer| timer.generation == generation);
                    if there {
                        self.runs.push((job, generation));
                    }
                }
                Work::Heard { room, .. } | Work::Wanted(room) | Work::Left(room, _) => {
                    let lane = self.lanes.entry(room.clone()).or_default();
                    lane.push_front(job);
                }
                _ => {}
            }
        }
    }

    fn is_quiet(&self) -> bool {
        self.runs.is_empty() && self.lanes.values().all(VecDeque::is_empty)
    }

    /// Lets all be done, and some minutes pass.
    fn calm(&mut self) {
        for _ in 0..400 {
            self.go(Vec::new(), &mut |_| 0);
            if self.is_quiet() {
                self.world.lock().now += 1_000;
                self.take_runs(None);
            }
        }
        while !self.is_quiet() {
            self.go(Vec::new(), &mut |_| 0);
        }
    }

    fn check(&self) {
        let mut tickets = BTreeMap::new();
        let rooms: Vec<String> = self.world.lock().rooms.keys().cloned().collect();
        for room in rooms {
            tickets.extend(self.world.ticket(&room).map(|ticket| (room, ticket)));
        }
        let cases = self.world.cases(&DIRECT.to_string());
        assert!(cases.len() <= 1, "{cases:?}");
        let state = self.world.lock();
        let mut agents: BTreeMap<String, Agent> = BTreeMap::new();
        for uid in AGENTS {
            if let Some(entry) = state.kv.get(&Agent::key(uid)) {
                agents.insert(uid.to_owned(), serde_json::from_str(&entry.value).unwrap());
            }
        }
        for (id, ticket) in &tickets {
            assert!(!ticket.dirty, "{ticket:?}");
            let room = &state.rooms[id];
            let has: Vec<&str> = (agents.values())
                .filter(|agent| agent.load.iter().any(|slot| slot.conversation == *id))
                .map(|agent| agent.uid.as_str())
                .collect();
            assert_eq!(
                has,
                ticket.agent().into_iter().collect::<Vec<_>>(),
                "{ticket:?} {agents:?}"
            );
            if let Some(agent) = ticket.agent() {
                assert!(agents[agent].has(id, &ticket.turn_id()));
            }
            let inside: Vec<&str> = room
                .members
                .iter()
                .map(String::as_str)
                .filter(|uid| AGENTS.contains(uid))
                .collect();
            assert_eq!(inside, ticket.agent().into_iter().collect::<Vec<_>>(), "{ticket:?}");
            let ext = ticket.ext();
            for name in ["by", "agent", "offered", "since", "case"] {
                assert_eq!(room.desk[name], ext[name], "{name} of {ticket:?}");
            }
            if let Some(there) = ticket.beside() {
                assert_eq!(room.desk["by"], state.rooms[&there.case].desk["by"], "{ticket:?}");
                assert!(state.rooms[&there.case].members.contains(&ticket.customer));
            }
            assert!(room.desk["wanted"].is_null(), "{ticket:?}");
            if let Some(key) = ticket.queue_key() {
                assert!(state.kv.contains_key(&key), "{key}");
            }
            if let Some(at) = ticket.deadline(&self.config) {
                let timer = state
                    .timers
                    .get(&Ticket::timer(id))
                    .unwrap_or_else(|| panic!("no timer: {ticket:?}"));
                assert!(timer.at <= at.max(state.now) + 1_000, "{} late: {ticket:?}", timer.at);
            }
            let mut numbers: Vec<u32> = Vec::new();
            let prefix = format!("desk{id}.{:x}.", ticket.opened_at);
            numbers.extend(
                room.said
                    .iter()
                    .filter_map(|(nonce, ..)| nonce.strip_prefix(&prefix)?.parse::<u32>().ok()),
            );
            numbers.sort_unstable();
            assert_eq!(
                numbers,
                (1..=ticket.said).collect::<Vec<_>>(),
                "each text once: {ticket:?}"
            );
            told_once(room);
        }
        for agent in agents.values() {
            for key in agent.index(self.config.assign) {
                assert!(state.kv.contains_key(&key), "{key}");
            }
            let waits = tickets
                .values()
                .any(|ticket| ticket.phase == Phase::Queued && !ticket.tried.contains(&agent.uid));
            assert!(
                !(agent.free() && waits),
                "somebody is free and somebody waits: {tickets:?} {agents:?}"
            );
        }
    }
}

/// Nobody is told the place that was told last, unless somebody was there in between; and there are never so many that a
/// place is too far away for a number.
fn told_once(room: &FakeRoom) {
    let texts = Texts::default();
    let (place, _) = texts.position.split_once('{').unwrap();
    let (talking, _) = texts.assigned.split_once('{').unwrap();
    let (mut last, mut of) = (None, "");
    for (nonce, _, body) in &room.said {
        let body: Value = serde_json::from_str(body).unwrap();
        let text = body["text"].as_str().unwrap().to_owned();
        let (ticket, _) = nonce.rsplit_once('.').unwrap();
        if std::mem::replace(&mut of, ticket) != ticket || text.starts_with(talking) {
            last = None;
        }
        assert_ne!(text, texts.waiting, "{:?}", room.said);
        if text.starts_with(place) {
            assert_ne!(last.as_ref(), Some(&text), "{:?}", room.said);
            last = Some(text);
        }
    }
}

/// Makes a call; whether it came to its end.
fn call(world: &World, config: &Config, job: &Job, durable: bool, number: usize) -> bool {
    let mut caller = Caller::new(world, job.id.as_str(), durable);
    caller.fuel.set(job.fuel);
    caller.turn = Some(number);
    let now = world.lock().now;
    let desk = Desk::new(&caller, config, Call { now, again: durable });
    let kind = |room: &str| world.lock().rooms[room].kind.clone();
    let done = match &job.work {
        Work::Heard { room, seq, uid, at } => desk.heard(&Message {
            conversation: room,
            room: &kind(room),
            seq: *seq,
            uid: Some(uid),
            automatic: false,
            text: Some("hello"),
            at: *at,
        }),
        Work::Wanted(room) => {
            let ask = Ask {
                conversation: room,
                room: &kind(room),
                customer: None,
                team: None,
                reason: "x",
                asked: true,
                seq: 0,
            };
            let wanted = !world.lock().rooms[room].desk["wanted"].is_null();
            if wanted {
                desk.arrives(&ask).map(drop)
            } else {
                desk.changed(room)
            }
        }
        Work::Left(room, uid) => desk.gone(room, std::slice::from_ref(uid)),
        Work::Fire(name, generation) => {
            let fired = desk.fires(name);
            if fired.is_ok() {
                let mut state = world.lock();
                if state
                    .timers
                    .get(name)
                    .is_some_and(|timer| timer.generation == *generation)
                {
                    state.timers.remove(name);
                }
            }
            fired
        }
        Work::Accept(agent, room) => desk.accepts(agent, room).map(drop),
        Work::Next(agent) => desk.next(agent).map(drop),
        Work::Pass(room, to) => {
            let by = world.ticket(room).and_then(|ticket| ticket.agent().map(str::to_owned));
            desk.passes(by.as_deref(), room, Target::Agent(to)).map(drop)
        }
        Work::Close(room) => desk.closes(None, room).map(drop),
        Work::Turn(agent, duty) => desk.turns(agent, *duty).map(drop),
    };
    match done {
        Ok(()) | Err(Failure::Refused(_)) => true,
        Err(Failure::Trouble(Trouble::Passing(text))) if text == "killed" => false,
        Err(Failure::Trouble(trouble)) => panic!("{trouble:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_at_once_and_wherever_it_ends_nothing_is_lost_doubled_or_beyond_a_cap(
        rounds in proptest::collection::vec(
            proptest::collection::vec((deed(), proptest::option::weighted(0.3, 0u32..60)), 1..5), 1..14),
        seed: u64,
    ) {
        let mut stage = Stage::new();
        let mut random = seed | 1;
        let mut pick = move |count: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % count as u64).unwrap()
        };
        for agent in 0..AGENTS.len() {
            let job = stage.plan(&Deed::Turn(agent, Duty::Online), None);
            stage.go(job.into_iter().collect(), &mut pick);
        }
        for round in rounds {
            let asked = round.iter().filter_map(|(deed, fuel)| stage.plan(deed, *fuel)).collect();
            stage.go(asked, &mut pick);
        }
        stage.calm();
        stage.check();
    }
}
