//! What a plugin's calls were given, did and answered, for its own tenant's eyes: a ring of the last calls of an install,
//! filled only while somebody looks. Bounded by calls, by bytes, and by bytes of one call. Whatever is sealed from the
//! guest is sealed here too: what is written down is what the guest was given and what it gave.

use std::collections::VecDeque;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;

use super::failure::Failure;
use crate::model::{Call, Digest, Hook, Millis};

/// A look keeps writing on for this long, in milliseconds.
const LOOKING: i64 = 10 * 60 * 1000;
/// Calls that are kept.
const CALLS: usize = 200;
/// What the ring holds at most, in bytes.
const RING_BYTES: usize = 2 << 20;
/// What is kept of a call's input, and of its answer.
const VALUE_BYTES: usize = 16 << 10;
/// What is kept of a call of the host: what it was given, and what it answered.
const EFFECT_BYTES: usize = 2 << 10;
/// Calls of the host that are kept of one call.
const EFFECTS: usize = 100;

/// A call of a guest, written down.
#[derive(Debug, Clone)]
pub struct TracedCall {
    /// 1, 2, 3 … in its install, since the server started.
    pub id: u64,
    /// When it began.
    pub at: Millis,
    /// Its name, as in the log.
    pub call: String,
    /// Which hook.
    pub hook: Hook,
    /// Which version of the plugin: its number, and its component.
    pub version: (u32, Digest),
    /// What it was given beside the context.
    pub input: Value,
    /// How it called the host, in order.
    pub effects: Vec<Effect>,
    /// How many calls of the host more there were.
    pub more_effects: u32,
    /// What it answered.
    pub answer: Option<Value>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

/// A guest's call of the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The capability, and what of it.
    pub what: String,
    /// What it was given.
    pub with: Value,
    /// What came of it.
    pub outcome: Value,
}

/// The traced calls of an install.
#[derive(Debug, Default)]
pub struct TraceRing {
    until: AtomicI64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    calls: VecDeque<(usize, TracedCall)>,
    bytes: usize,
    last_id: u64,
}

/// What is written down while a call runs.
#[derive(Debug, Default)]
pub struct Tape(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    input: Value,
    answer: Option<Value>,
    effects: Vec<Effect>,
    more: u32,
}

impl TraceRing {
    /// A tape for a call that begins now, if calls are written down.
    #[must_use]
    pub fn tape(&self, now: Millis) -> Option<Arc<Tape>> {
        // Off, as nearly always, this is all it costs.
        (self.until.load(Relaxed) > now.0).then(Arc::default)
    }

    /// Until when calls are written down; none if they are not.
    pub fn until(&self, now: Millis) -> Option<Millis> {
        let until = self.until.load(Relaxed);
        (until > now.0).then_some(Millis(until))
    }

    /// Writes calls down for some time from now on.
    pub fn keep_on(&self, until: Millis) {
        self.until.store(until.0, Relaxed);
    }

    /// Stops, and forgets all.
    pub fn stop(&self) {
        self.until.store(0, Relaxed);
        let mut kept = self.kept.lock();
        kept.calls.clear();
        kept.bytes = 0;
    }

    /// At most `limit` calls with an id above `after`, the newest of them, oldest first. A look keeps writing on.
    pub fn look(&self, after: u64, limit: usize, now: Millis) -> Vec<TracedCall> {
        self.until.fetch_max(now.plus(LOOKING).0, Relaxed);
        let kept = self.kept.lock();
        let newer = kept.calls.iter().filter(|(_, call)| call.id > after).count();
        let from = kept.calls.len() - newer.min(limit);
        kept.calls.range(from..).map(|(_, call)| call.clone()).collect()
    }

    /// Keeps a call that has ended; the oldest make room.
    pub fn keep(&self, tape: &Tape, of: Ended<'_>) {
        let notes = std::mem::take(&mut *tape.0.lock());
        let mut kept = self.kept.lock();
        kept.last_id += 1;
        let call = TracedCall {
            id: kept.last_id,
            at: of.call.now,
            call: of.call.id.to_string(),
            hook: of.hook,
            version: of.version,
            input: notes.input,
            effects: notes.effects,
            more_effects: notes.more,
            answer: notes.answer.filter(|_| of.failure.is_none()),
            failure: of.failure.map(said),
            took_us: u64::try_from(of.took.as_micros()).unwrap_or(u64::MAX),
        };
        let bytes = call.size();
        kept.bytes += bytes;
        kept.calls.push_back((bytes, call));
        while kept.calls.len() > CALLS || kept.bytes > RING_BYTES {
            let Some((bytes, _)) = kept.calls.pop_front() else {
                break;
            };
            kept.bytes -= bytes;
        }
    }

    /// Says of a call whose answer was no good why.
    pub fn failed(&self, call: &Call, hook: Hook, failure: &Failure) {
        let mut kept = self.kept.lock();
        let newest = kept.calls.iter_mut().rev().map(|(_, traced)| traced);
        let mut found = newest.filter(|traced| traced.hook == hook && traced.call == call.id.as_str());
        if let Some(traced) = found.next() {
            traced.failure.get_or_insert_with(|| said(failure));
        }
    }
}

/// A call that has ended.
pub struct Ended<'a> {
    /// Which.
    pub call: &'a Call,
    /// Of which hook.
    pub hook: Hook,
    /// Of which version.
    pub version: (u32, Digest),
    /// How long it took.
    pub took: Duration,
    /// Why there is no answer.
    pub failure: Option<&'a Failure>,
}

/// A failure in words, with the guest's functions if it trapped.
fn said(failure: &Failure) -> String {
    match failure {
        Failure::Trap { backtrace, .. } if !backtrace.is_empty() => format!("{failure}\n{backtrace}"),
        _ => failure.to_string(),
    }
}

impl Tape {
    /// What the guest is given.
    pub fn given(&self, input: Value) {
        self.0.lock().input = cut(input, VALUE_BYTES);
    }

    /// What it answered.
    pub fn answered(&self, answer: Value) {
        self.0.lock().answer = Some(cut(answer, VALUE_BYTES));
    }

    /// The guest calls the host: a capability by the file that serves it.
    pub fn called(&self, from: &Location<'_>) {
        let mut notes = self.0.lock();
        if notes.effects.len() >= EFFECTS {
            notes.more += 1;
            return;
        }
        let file = Path::new(from.file()).file_stem().unwrap_or_default();
        notes.effects.push(Effect {
            what: file.to_string_lossy().replace('_', "-"),
            with: Value::Null,
            outcome: Value::Null,
        });
    }

    /// A call of the host that is over, for what goes on beside others.
    pub fn noted(&self, effect: Effect) {
        let mut notes = self.0.lock();
        if notes.effects.len() >= EFFECTS {
            notes.more += 1;
            return;
        }
        notes.effects.push(Effect {
            what: effect.what,
            with: cut(effect.with, EFFECT_BYTES),
            outcome: cut(effect.outcome, EFFECT_BYTES),
        });
    }

    /// What of the capability that was called last, and with what.
    pub fn asked(&self, what: &str, with: Value) {
        let mut notes = self.0.lock();
        let first = notes.more == 0;
        if let Some(effect) = notes.effects.last_mut()
            && first
            && effect.with.is_null()
        {
            effect.what = format!("{}.{what}", effect.what);
            effect.with = cut(with, EFFECT_BYTES);
        }
    }

    /// What came of it.
    pub fn came(&self, outcome: Value) {
        let mut notes = self.0.lock();
        let first = notes.more == 0;
        if let Some(effect) = notes.effects.last_mut().filter(|_| first) {
            effect.outcome = cut(outcome, EFFECT_BYTES);
        }
    }
}

impl TracedCall {
    fn size(&self) -> usize {
        let size = |value: &Value| value.to_string().len();
        let effects: usize = self
            .effects
            .iter()
            .map(|of| 64 + size(&of.with) + size(&of.outcome))
            .sum();
        let answer = self.answer.as_ref().map_or(0, size);
        256 + size(&self.input) + effects + answer + self.failure.as_ref().map_or(0, String::len)
    }
}

/// A value as it is, or as much of its text as may be kept.
fn cut(value: Value, bytes: usize) -> Value {
    let text = value.to_string();
    if text.len() <= bytes {
        return value;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes)", &text[..end], text.len()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{AppId, CallId, Cursor};

    fn call(id: &str) -> Call {
        Call {
            app: AppId::new(1).unwrap(),
            id: CallId::new(id),
            now: Millis(5),
            depth: 0,
            after: Cursor(0),
        }
    }

    fn ended<'a>(call: &'a Call, failure: Option<&'a Failure>) -> Ended<'a> {
        Ended {
            call,
            hook: Hook::Observer,
            version: (1, Digest("ab".to_owned())),
            took: Duration::from_micros(7),
            failure,
        }
    }

    #[test]
    fn calls_are_written_down_while_somebody_looks() {
        let ring = TraceRing::default();
        assert!(ring.tape(Millis(1)).is_none());
        assert!(ring.look(0, 10, Millis(1)).is_empty());
        assert_eq!(ring.until(Millis(1)), Some(Millis(1 + LOOKING)));
        let tape = ring.tape(Millis(2)).unwrap();
        tape.given(json!({"text": "hi"}));
        tape.called(Location::caller());
        tape.asked("get", json!({"key": "a"}));
        tape.came(json!(null));
        tape.answered(json!("ok"));
        ring.keep(&tape, ended(&call("c1"), None));
        let seen = ring.look(0, 10, Millis(3));
        assert_eq!(
            (seen.len(), seen[0].took_us, &seen[0].answer),
            (1, 7, &Some(json!("ok")))
        );
        assert_eq!(seen[0].effects[0].what, "trace.get");
        ring.failed(&call("c1"), Hook::Observer, &Failure::Cpu);
        assert!(ring.look(0, 10, Millis(3))[0].failure.is_some());
        assert!(ring.look(1, 10, Millis(3)).is_empty());
        assert!(ring.tape(Millis(4 + LOOKING)).is_none(), "nobody has looked for long");
        ring.stop();
        assert!(ring.look(0, 10, Millis(3)).is_empty());
    }

    #[test]
    fn everything_is_bounded() {
        let ring = TraceRing::default();
        ring.keep_on(Millis(100));
        for _ in 0..CALLS + 5 {
            let tape = ring.tape(Millis(1)).unwrap();
            tape.given("x".repeat(VALUE_BYTES * 2).into());
            for _ in 0..EFFECTS + 5 {
                tape.called(Location::caller());
            }
            tape.came("not of the last one that is kept".into());
            ring.keep(&tape, ended(&call("c"), None));
        }
        let kept = ring.look(0, 1000, Millis(1));
        let sum: usize = kept.iter().map(TracedCall::size).sum();
        assert!(
            sum <= RING_BYTES && kept.len() < CALLS,
            "{} calls, {sum} bytes",
            kept.len()
        );
        let last = kept.last().unwrap();
        assert_eq!(
            (last.id, last.effects.len(), last.more_effects),
            (CALLS as u64 + 5, EFFECTS, 5)
        );
        assert!(last.input.as_str().unwrap().len() < VALUE_BYTES + 100);
        assert_eq!(ring.look(0, 2, Millis(1)).len(), 2);
        assert!(last.effects.iter().all(|effect| effect.outcome.is_null()));
    }
}
