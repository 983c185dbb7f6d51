//! A connection's task: whatever happens next to it, in one loop. Commands are done one after the other, so that a
//! client's order is kept; while one is under way, events and acks go on. Sends only wait for their place in the
//! writer's queue: their acks come later, in order. Everything that is ready is written, and then flushed once.

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::decode::{self, Id, Wish};
use super::login::{Entry, not_text};
use super::{encode, resume};
use crate::chat::{Chat, Missed, Pending};
use crate::gateway::auth::Admitted;
use crate::gateway::socket::close::Closing;
use crate::gateway::socket::out::{Incoming, Out};
use crate::gateway::socket::place::Place;
use crate::gateway::wire::{self, Asked};
use crate::gateway::{Edge, NATIVE};
use crate::hub::{CloseReason, Frame, Inbox};
use crate::model::{
    Actor, Code, Command, ConnectionId, Context, Cursor, DeviceId, Limits, Refusal, Reply, Sent, UserId,
};

/// Events taken from the queue at once.
const BATCH: usize = 256;

/// Frames read in a row before it is looked whether there are events.
const ROW: usize = 32;

/// Room that an idle connection keeps in its lists.
const KEPT: usize = 8;

/// How long a server that is going away waits for the acks of a connection.
const LAST_ACKS: Duration = Duration::from_secs(2);

type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A command that is done.
enum Done {
    /// A message has its place in the writer's queue.
    Sent(Id, Result<Pending, Refusal>),
    /// Anything else has its answer.
    Answered(Id, Asked, Result<Reply, Refusal>),
    /// What was missed is read; for a `session.resume` if there is an id.
    Missed(Option<Id>, Result<Missed, Refusal>),
}

/// A send that waits for its turn to be answered.
enum Ack {
    Pending(Pending),
    Refused(Refusal),
}

/// What happens next.
enum Turn {
    Done(Done),
    Acked(Id, Result<Sent, Refusal>),
    Came(Incoming),
    Told,
    Quiet,
    Late,
}

/// A connection that has come in.
pub(super) struct Session {
    place: Place,
    clock: Arc<dyn crate::model::Clock>,
    limits: Limits,
    out: Out,
    inbox: Inbox,
    /// Frames on their way from the queue to the socket.
    events: Vec<Frame>,
    work: Option<Work>,
    acks: VecDeque<(Id, Ack)>,
    login: Option<Id>,
    /// Live events wait until what was missed is told.
    resuming: bool,
    /// Live events up to here were told as missed ones.
    told: Cursor,
    in_row: usize,
    heard: Instant,
}

#[derive(Serialize)]
struct Ready<'a> {
    user: &'a UserId,
    device: &'a DeviceId,
    connection: ConnectionId,
    cursor: Cursor,
    idle_timeout_ms: u64,
}

impl Session {
    /// Lets a connection in.
    pub(super) fn enter(edge: &Edge, mut out: Out, entry: Entry) -> Self {
        let Entry {
            admitted,
            cursor,
            login,
        } = entry;
        let Admitted {
            identity,
            device,
            ticket,
        } = admitted;
        let app = &identity.app;
        let arrival = edge
            .hub
            .enter(app.id, identity.user, device, NATIVE, app.settings.login);
        let place = Place::take(edge, arrival.link, arrival.first, ticket);
        let link = &place.link;
        // Whoever comes in after everybody was sent away has not been told.
        if edge.shutdown.is_cancelled() {
            link.close(CloseReason::GoingAway);
        }
        out.belongs_to(link.clone());
        let mut session = Self {
            clock: edge.clock.clone(),
            limits: edge.limits,
            out,
            inbox: arrival.inbox,
            events: Vec::new(),
            work: None,
            acks: VecDeque::new(),
            login,
            resuming: false,
            told: Cursor(0),
            in_row: 0,
            heard: Instant::now(),
            place,
        };
        if let Some(cursor) = cursor {
            session.resume(None, cursor);
        }
        session
    }

    /// Serves it until it ends.
    pub(super) async fn run(mut self) {
        let closing = match self.greet().await {
            Ok(()) => self.talk().await.err().unwrap_or(Closing::Gone),
            Err(closing) => closing,
        };
        if closing == Closing::Because(CloseReason::GoingAway) {
            // What was accepted is being stored: its sender had better know.
            let _ = timeout(LAST_ACKS, self.last_acks()).await;
        }
        let Self { place, out, .. } = self;
        drop(place);
        Box::pin(out.close(closing)).await;
    }

    async fn greet(&mut self) -> Result<(), Closing> {
        let link = &self.place.link;
        if let Some(id) = self.login.take() {
            let data = json!({ "user": link.user, "device": link.device });
            self.out.text(encode::reply(&id, &data)).await?;
        }
        let hello = Ready {
            user: &link.user,
            device: &link.device,
            connection: link.id,
            cursor: self.place.chat.head(),
            idle_timeout_ms: self.limits.idle_timeout_ms,
        };
        self.out.text(encode::own_event("session.ready", hello)).await
    }

    /// The loop. What stands first goes first; that frames cannot keep events waiting is seen to by `ROW`.
    async fn talk(&mut self) -> Result<(), Closing> {
        let idle = Duration::from_millis(self.limits.idle_timeout_ms);
        let mut timer = Box::pin(sleep(idle / 2));
        loop {
            let readable = self.work.is_none() && self.acks.len() < self.limits.unacknowledged && self.in_row < ROW;
            let turn = tokio::select! {
                biased;
                reason = self.place.link.ended() => return Err(Closing::Because(reason)),
                done = finish(&mut self.work) => Turn::Done(done),
                (id, sent) = first_ack(&mut self.acks) => Turn::Acked(id, sent),
                incoming = self.out.next(), if readable => Turn::Came(incoming),
                _ = self.inbox.recv_many(&mut self.events, BATCH), if !self.resuming => Turn::Told,
                () = ready(()), if self.out.dirty || self.in_row > 0 => Turn::Quiet,
                () = timer.as_mut() => Turn::Late,
            };
            match turn {
                Turn::Done(done) => self.done(done).await?,
                Turn::Acked(id, sent) => self.acked(&id, sent).await?,
                Turn::Came(incoming) => self.came(incoming).await?,
                Turn::Told => self.told().await?,
                Turn::Quiet => self.quiet().await?,
                Turn::Late => {
                    let next = self.late(idle).await?;
                    timer.as_mut().reset(next);
                }
            }
        }
    }

    /// Something came from the client.
    async fn came(&mut self, incoming: Incoming) -> Result<(), Closing> {
        self.heard = Instant::now();
        self.in_row += 1;
        match incoming {
            Incoming::Text(frame) => match decode::read(&frame, self.limits.frame_bytes) {
                Ok((id, wish)) => self.grant(id, wish).await,
                Err(bad) if bad.send => {
                    self.acks.push_back((bad.id, Ack::Refused(bad.refusal)));
                    Ok(())
                }
                Err(bad) => self.out.text(encode::error(&bad.id, &bad.refusal)).await,
            },
            Incoming::Binary => self.out.text(encode::error(&Id::None, &not_text())).await,
            Incoming::Life => Ok(()),
            Incoming::End(closing) => Err(closing),
        }
    }

    async fn grant(&mut self, id: Id, wish: Wish) -> Result<(), Closing> {
        match wish {
            Wish::Send(message) => {
                let (chat, ctx) = self.asks();
                self.work = Some(Box::pin(async move { Done::Sent(id, chat.send(&ctx, *message).await) }));
            }
            Wish::Ask(command) => self.ask(id, command),
            Wish::Resume(cursor) => self.resume(Some(id), cursor),
            Wish::Watch(users) => {
                let (chat, ctx) = self.asks();
                let reply = chat.watch(&ctx, &self.place.link, users);
                return self.answer(&id, Asked::Other, reply).await;
            }
            Wish::Ping => return self.out.text(encode::reply(&id, &json!({ "pong": true }))).await,
            Wish::Login(_) => {
                let refusal = Refusal::new(Code::Conflict, "this connection is logged in already");
                return self.out.text(encode::error(&id, &refusal)).await;
            }
        }
        Ok(())
    }

    fn ask(&mut self, id: Id, command: Command) {
        let (chat, ctx) = self.asks();
        let asked = Asked::of(&command);
        self.work = Some(Box::pin(async move {
            Done::Answered(id, asked, chat.execute(&ctx, command).await)
        }));
    }

    fn resume(&mut self, id: Option<Id>, after: Cursor) {
        let (chat, ctx) = self.asks();
        self.resuming = true;
        self.work = Some(Box::pin(
            async move { Done::Missed(id, chat.missed(&ctx, after).await) },
        ));
    }

    /// Whom this connection asks, and as whom.
    fn asks(&self) -> (Arc<Chat>, Context) {
        let link = &self.place.link;
        let actor = Actor::User {
            user: link.user.clone(),
            device: link.device.clone(),
            connection: Some(link.id),
        };
        let ctx = Context {
            app: link.app,
            actor,
            now: self.clock.now(),
        };
        (self.place.chat.clone(), ctx)
    }

    async fn done(&mut self, done: Done) -> Result<(), Closing> {
        // Nothing was read meanwhile: the time a command took is no silence of the client.
        self.heard = Instant::now();
        match done {
            Done::Sent(id, sent) => {
                self.acks.push_back((id, sent.map_or_else(Ack::Refused, Ack::Pending)));
                Ok(())
            }
            Done::Answered(id, asked, reply) => self.answer(&id, asked, reply).await,
            Done::Missed(id, missed) => self.missed(id, missed).await,
        }
    }

    async fn missed(&mut self, id: Option<Id>, missed: Result<Missed, Refusal>) -> Result<(), Closing> {
        self.resuming = false;
        match missed {
            Ok(missed) => {
                self.told = self.told.max(missed.until);
                Box::pin(resume::tell(&mut self.out, missed)).await?;
                match id {
                    Some(id) => self.out.text(encode::reply(&id, &json!({}))).await,
                    None => Ok(()),
                }
            }
            Err(refusal) => self.out.text(encode::error(&id.unwrap_or(Id::None), &refusal)).await,
        }
    }

    async fn answer(&mut self, id: &Id, asked: Asked, reply: Result<Reply, Refusal>) -> Result<(), Closing> {
        let viewer = Some(&self.place.link.user);
        let text = match reply {
            Ok(reply) => encode::reply(id, &wire::Reply::seen(&reply, asked, viewer)),
            Err(refusal) => encode::error(id, &refusal),
        };
        self.out.text(text).await
    }

    async fn acked(&mut self, id: &Id, sent: Result<Sent, Refusal>) -> Result<(), Closing> {
        let text = match sent {
            Ok(sent) => encode::reply(id, &wire::Stored::from(&sent)),
            Err(refusal) => encode::error(id, &refusal),
        };
        self.out.text(text).await
    }

    /// Events came: those that were told as missed ones are not told again.
    async fn told(&mut self) -> Result<(), Closing> {
        self.in_row = 0;
        for frame in self.events.drain(..) {
            if frame.cursor.is_none_or(|cursor| cursor > self.told) {
                self.out.text(Some(frame.text)).await?;
            }
        }
        Ok(())
    }

    /// Nothing else is ready.
    async fn quiet(&mut self) -> Result<(), Closing> {
        self.in_row = 0;
        if self.events.capacity() > KEPT {
            self.events = Vec::new();
        }
        if self.acks.is_empty() && self.acks.capacity() > KEPT {
            self.acks = VecDeque::new();
        }
        if self.out.dirty { self.out.flush().await } else { Ok(()) }
    }

    /// The timer has rung: asks a silent client for a sign of life, gives up one that gave none, and says when to ring
    /// again. A client that is not read from is not silent.
    async fn late(&mut self, idle: Duration) -> Result<Instant, Closing> {
        let now = Instant::now();
        if self.work.is_some() || self.acks.len() >= self.limits.unacknowledged {
            self.heard = now;
        }
        let silent = now.duration_since(self.heard);
        if silent >= idle {
            return Err(Closing::Because(CloseReason::Idle));
        }
        if silent < idle / 2 {
            return Ok(self.heard + idle / 2);
        }
        self.out.ping().await?;
        Ok(self.heard + idle)
    }

    async fn last_acks(&mut self) -> Result<(), Closing> {
        if self.work.is_some() {
            let done = finish(&mut self.work).await;
            self.done(done).await?;
        }
        while !self.acks.is_empty() {
            let (id, sent) = first_ack(&mut self.acks).await;
            self.acked(&id, sent).await?;
        }
        self.out.flush().await
    }
}

/// Waits for the command under way, if there is one. Safe to drop and call again.
async fn finish(work: &mut Option<Work>) -> Done {
    let Some(under_way) = work else { return pending().await };
    let done = under_way.as_mut().await;
    *work = None;
    done
}

/// Waits for the oldest ack, if there is one. Safe to drop and call again.
async fn first_ack(acks: &mut VecDeque<(Id, Ack)>) -> (Id, Result<Sent, Refusal>) {
    let sent = poll_fn(|cx| match acks.front_mut() {
        None => Poll::Pending,
        Some((_, Ack::Pending(pending))) => Pin::new(pending).poll(cx),
        Some((_, Ack::Refused(refusal))) => Poll::Ready(Err(refusal.clone())),
    })
    .await;
    let id = acks.pop_front().map_or(Id::None, |(id, _)| id);
    (id, sent)
}
