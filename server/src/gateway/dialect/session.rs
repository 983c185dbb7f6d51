//! A dialect connection's task. Frames are given to the dialect one after the other; while it is asked events go on, and
//! what it answers goes before those that wait when it is done. Only the end of the socket, time and the server
//! end a connection: a frame that is no good is answered in the dialect's words, and so is a dialect that fails.

use std::future::{Future, pending, ready};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::berth::Berth;
use super::{Dialects, Owner};
use crate::gateway::gate::Ticket;
use crate::gateway::socket::close::Closing;
use crate::gateway::socket::out::{Incoming, Out};
use crate::gateway::socket::place::Place;
use crate::hub::{self, Frame, Inbox};
use crate::model::AppId;
use crate::plugin_host::{Answer, Arrival, CloseReason, Connection, FaultKind, Mounted, Reaction, Standing, Visit};

/// Events taken from the queue at once.
const BATCH: usize = 256;

/// Frames read in a row before it is looked whether there are events.
const ROW: usize = 32;

/// Room that an idle connection keeps in its list.
const KEPT: usize = 8;

type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A frame that was given to the dialect.
struct Done {
    app: Option<AppId>,
    bound: Option<(Place, Inbox)>,
    reaction: Reaction,
}

/// What happens next.
enum Turn {
    Done(Done),
    Came(Incoming),
    Told,
    Quiet,
    Late,
}

/// How a connection begins.
pub struct Beginning {
    /// Its name.
    pub id: String,
    /// The client's address.
    pub address: IpAddr,
    /// Its ticket among the connections of that address.
    pub ticket: Option<Arc<Ticket<IpAddr>>>,
    /// Whose it is, if that is known.
    pub app: Option<AppId>,
    /// Its place, if it is bound already.
    pub bound: Option<(Place, Inbox)>,
    /// What the dialect said to its coming.
    pub reaction: Reaction,
}

/// A connection that speaks a dialect.
pub struct Session {
    dialects: Arc<Dialects>,
    mounted: Arc<Mounted>,
    out: Out,
    id: String,
    address: IpAddr,
    _ticket: Option<Arc<Ticket<IpAddr>>>,
    app: Option<AppId>,
    bound: Option<(Place, Inbox)>,
    state: String,
    events: Vec<Frame>,
    work: Option<Work>,
    in_row: usize,
    began: Instant,
    heard: Instant,
}

impl Session {
    /// Lets a connection in.
    pub fn new(dialects: Arc<Dialects>, mounted: Arc<Mounted>, out: Out, beginning: Beginning) -> Self {
        let Beginning {
            id,
            address,
            ticket,
            app,
            bound,
            reaction,
        } = beginning;
        let first = Done { app, bound, reaction };
        Self {
            dialects,
            mounted,
            out,
            id,
            address,
            _ticket: ticket,
            app: None,
            bound: None,
            state: String::new(),
            events: Vec::new(),
            // Done already: what the dialect said to its coming is sent like any answer.
            work: Some(Box::pin(ready(first))),
            in_row: 0,
            began: Instant::now(),
            heard: Instant::now(),
        }
    }

    /// Serves it until it ends.
    pub async fn run(mut self) {
        let closing = self.talk().await.err().unwrap_or(Closing::Gone);
        Box::pin(self.end(closing)).await;
    }

    async fn talk(&mut self) -> Result<(), Closing> {
        let mut timer = Box::pin(sleep_until(self.deadline()));
        let shutdown = self.dialects.edge.shutdown.clone();
        loop {
            let readable = self.work.is_none() && self.in_row < ROW;
            let (link, inbox) = match &mut self.bound {
                Some((place, inbox)) => (Some(place.link.clone()), Some(inbox)),
                None => (None, None),
            };
            let turn = tokio::select! {
                biased;
                reason = ended(link.as_deref()) => return Err(Closing::Because(reason)),
                () = shutdown.cancelled(), if link.is_none() => return Err(Closing::Because(hub::CloseReason::GoingAway)),
                done = finish(&mut self.work) => Turn::Done(done),
                incoming = self.out.next(), if readable => Turn::Came(incoming),
                () = told(inbox, &mut self.events) => Turn::Told,
                () = ready(()), if self.out.dirty || self.in_row > 0 => Turn::Quiet,
                () = timer.as_mut() => Turn::Late,
            };
            match turn {
                Turn::Done(done) => {
                    let unbound = self.bound.is_none();
                    self.done(done).await?;
                    if unbound {
                        timer.as_mut().reset(self.deadline());
                    }
                }
                Turn::Came(incoming) => self.came(incoming)?,
                Turn::Told => self.told().await?,
                Turn::Quiet => self.quiet().await?,
                Turn::Late => {
                    self.late()?;
                    timer.as_mut().reset(self.deadline());
                }
            }
        }
    }

    /// When it has been silent, or not bound, for too long.
    fn deadline(&self) -> Instant {
        let limits = &self.dialects.edge.limits;
        let silent = self.heard + Duration::from_millis(limits.idle_timeout_ms);
        match self.bound {
            Some(_) => silent,
            None => silent.min(self.began + Duration::from_millis(limits.login_timeout_ms)),
        }
    }

    fn late(&mut self) -> Result<(), Closing> {
        let now = Instant::now();
        if self.work.is_some() {
            // It is not read from: that is no silence of the client.
            self.heard = now;
        }
        let login = Duration::from_millis(self.dialects.edge.limits.login_timeout_ms);
        if self.bound.is_none() && now.duration_since(self.began) >= login && self.work.is_none() {
            return Err(Closing::Because(hub::CloseReason::NotLoggedIn));
        }
        let idle = Duration::from_millis(self.dialects.edge.limits.idle_timeout_ms);
        if now.duration_since(self.heard) >= idle {
            return Err(Closing::Because(hub::CloseReason::Idle));
        }
        Ok(())
    }

    /// Something came from the client.
    fn came(&mut self, incoming: Incoming) -> Result<(), Closing> {
        self.heard = Instant::now();
        self.in_row += 1;
        match incoming {
            Incoming::Text(frame) => self.ask(frame),
            Incoming::Binary => self.excuse(FaultKind::Malformed),
            Incoming::Life => {}
            Incoming::End(closing) => return Err(closing),
        }
        Ok(())
    }

    /// Gives a frame to the dialect.
    fn ask(&mut self, frame: Utf8Bytes) {
        if frame.len() > self.dialects.edge.limits.frame_bytes {
            return self.excuse(FaultKind::TooLarge);
        }
        let address = self.address;
        if self.bound.is_none() && self.dialects.edge.gate.may_prove(address).is_err() {
            return self.excuse(FaultKind::Busy);
        }
        let (dialects, mounted, app) = (self.dialects.clone(), self.mounted.clone(), self.app);
        let connection = self.connection();
        let standing = self.standing();
        self.work = Some(Box::pin(async move {
            let visit = dialects
                .mounts
                .visit(&mounted, Arrival::Frame(frame.as_str().to_owned()));
            let answer = answered(&dialects, &mounted, app, connection, standing, &visit).await;
            dialects.edge.gate.proved_wrong(address, visit.proved_wrong());
            match answer {
                Ok(done) => done,
                Err((app, bound, kind)) => {
                    let frames = excused(&dialects, &mounted, &visit, kind).await;
                    Done {
                        app,
                        bound,
                        reaction: saying(frames),
                    }
                }
            }
        }));
    }

    /// Tells that a frame cannot be given to the dialect, in its words.
    fn excuse(&mut self, kind: FaultKind) {
        let (dialects, mounted, app) = (self.dialects.clone(), self.mounted.clone(), self.app);
        self.work = Some(Box::pin(async move {
            // What is no text, or too long, is not shown.
            let visit = dialects.mounts.visit(&mounted, Arrival::Frame(String::new()));
            let frames = excused(&dialects, &mounted, &visit, kind).await;
            Done {
                app,
                bound: None,
                reaction: saying(frames),
            }
        }));
    }

    fn connection(&self) -> Connection {
        let link = self.bound.as_ref().map(|(place, _)| &place.link);
        Connection {
            id: self.id.clone(),
            uid: link.map(|link| link.user.to_string()),
            device: link.map(|link| link.device.to_string()),
            state: self.state.clone(),
            remote: self.address.to_string(),
        }
    }

    /// What a call about this connection may act as: whom it is bound to.
    fn standing(&self) -> Standing {
        let Some((place, _)) = &self.bound else {
            return Standing::default();
        };
        Standing {
            binder: None,
            user: Some(place.link.user.clone()),
            connection: Some(place.link.id),
            device: Some(place.link.device.clone()),
        }
    }

    async fn done(&mut self, done: Done) -> Result<(), Closing> {
        // Nothing was read meanwhile: the time it took is no silence of the client.
        self.heard = Instant::now();
        self.app = done.app.or(self.app);
        if let Some(bound) = done.bound {
            self.out.belongs_to(bound.0.link.clone());
            self.bound = Some(bound);
        }
        if let Some(state) = done.reaction.state {
            self.state = state;
        }
        for frame in done.reaction.frames {
            self.out.text(Some(frame.into())).await?;
        }
        if done.reaction.close {
            return Err(Closing::Done);
        }
        Ok(())
    }

    async fn told(&mut self) -> Result<(), Closing> {
        self.in_row = 0;
        for frame in self.events.drain(..) {
            self.out.text(Some(frame.text)).await?;
        }
        Ok(())
    }

    /// Nothing else is ready.
    async fn quiet(&mut self) -> Result<(), Closing> {
        self.in_row = 0;
        if self.events.capacity() > KEPT {
            self.events = Vec::new();
        }
        if self.out.dirty { self.out.flush().await } else { Ok(()) }
    }

    /// Says goodbye in the dialect's words, gives up its place, closes, and tells the dialect.
    async fn end(mut self, closing: Closing) {
        // Whatever is under way ends with it.
        self.work = None;
        let reason = reason(closing);
        if let Some(speaker) = self.dialects.mounts.speaker(&self.mounted)
            && let Some(description) = speaker.description()
        {
            for frame in description.farewells(reason) {
                if self.out.text(Some(frame.to_owned().into())).await.is_err() {
                    break;
                }
            }
        }
        let connection = self.connection();
        let Self {
            dialects,
            mounted,
            app,
            bound,
            out,
            ..
        } = self;
        drop(bound);
        let told = async {
            let (Some(app), Ok(_turn)) = (app, dialects.endings.acquire().await) else {
                return;
            };
            if let Ok(owner) = dialects.of_app(&mounted, app, &connection.id) {
                owner.dialect.on_close(&connection, reason).await;
            }
        };
        // The dialect need not wait for a client that does not answer the close.
        tokio::join!(out.close(closing), told);
    }
}

/// What became of a frame, or why it could not be given to the dialect, with what holds nevertheless.
type Failed = (Option<AppId>, Option<(Place, Inbox)>, FaultKind);

async fn answered(
    dialects: &Arc<Dialects>,
    mounted: &Arc<Mounted>,
    app: Option<AppId>,
    connection: Connection,
    standing: Standing,
    visit: &Visit,
) -> Result<Done, Failed> {
    let owner = owner(dialects, mounted, app, visit, &connection.id).await;
    let owner = owner.map_err(|kind| (app, None, kind))?;
    let app = Some(owner.app.id);
    let berth = Berth::new(
        dialects.clone(),
        mounted.clone(),
        owner.app.clone(),
        connection.id.clone(),
        connection.uid.is_none().then_some(connection.remote.as_str()),
    );
    let standing = Standing {
        binder: Some(berth.clone()),
        ..standing
    };
    let reaction = owner.dialect.on_frame(standing, &connection, visit).await;
    // Bound is bound, also if the call failed afterwards.
    let bound = berth.take();
    match reaction {
        Ok(reaction) => Ok(Done { app, bound, reaction }),
        Err(kind) => Err((app, bound, kind)),
    }
}

async fn owner(
    dialects: &Dialects,
    mounted: &Mounted,
    app: Option<AppId>,
    visit: &Visit,
    name: &str,
) -> Result<Owner, FaultKind> {
    match app {
        Some(app) => dialects.of_app(mounted, app, name),
        None => {
            let owner = dialects.owner(mounted, visit, name).await?;
            owner.ok_or(FaultKind::Unidentified)
        }
    }
}

async fn excused(dialects: &Dialects, mounted: &Mounted, visit: &Visit, kind: FaultKind) -> Vec<String> {
    match dialects.fault(mounted, visit, kind).await {
        Some(Answer::Frames(frames)) => frames,
        _ => Vec::new(),
    }
}

const fn saying(frames: Vec<String>) -> Reaction {
    Reaction {
        frames,
        state: None,
        close: false,
    }
}

const fn reason(closing: Closing) -> CloseReason {
    match closing {
        Closing::Because(hub::CloseReason::GoingAway) => CloseReason::GoingAway,
        Closing::Because(hub::CloseReason::Idle) => CloseReason::Idle,
        Closing::Because(hub::CloseReason::Replaced) => CloseReason::Replaced,
        Closing::Because(hub::CloseReason::NotLoggedIn) => CloseReason::NotLoggedIn,
        Closing::Because(hub::CloseReason::Expelled) => CloseReason::Expelled,
        Closing::Because(hub::CloseReason::TooSlow) => CloseReason::TooSlow,
        Closing::TooLarge | Closing::Broken | Closing::Done | Closing::Gone => CloseReason::Gone,
    }
}

/// Waits until a bound connection is to end.
async fn ended(link: Option<&hub::Link>) -> hub::CloseReason {
    match link {
        Some(link) => link.ended().await,
        None => pending().await,
    }
}

/// Waits for the call under way, if there is one. Safe to drop and call again.
async fn finish(work: &mut Option<Work>) -> Done {
    let Some(under_way) = work else { return pending().await };
    let done = under_way.as_mut().await;
    *work = None;
    done
}

/// Waits for events of a bound connection. Safe to drop and call again.
async fn told(inbox: Option<&mut Inbox>, events: &mut Vec<Frame>) {
    match inbox {
        Some(inbox) => {
            inbox.recv_many(events, BATCH).await;
        }
        None => pending().await,
    }
}
