//! The agents' console over HTTP, in JSON. Whoever asks is an agent, by a token the server has checked, or the tenant's own
//! server, by the key of the configuration.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::agent::{Agent, Duty};
use crate::arrivals::Ask;
use crate::desk::{Desk, Done, Failure, phase_name};
use crate::events::Target;
use crate::host::{Host, Outcome, Trouble};
use crate::moves::Refused;
use crate::routes::{Route, route};
use crate::ticket::Ticket;

/// The most things in a page, and what it is without a word.
const MOST: u32 = 100;
const PAGE: u32 = 50;
/// The most keys that are counted.
const COUNTED: u32 = 1000;

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET` and the like.
    pub method: &'a str,
    /// What follows the plugin's own path.
    pub path: &'a str,
    /// Names and values.
    pub query: &'a [(String, String)],
    /// The header `x-desk-key`.
    pub key: Option<&'a str>,
    /// JSON.
    pub body: &'a [u8],
    /// Who, checked by the server.
    pub uid: Option<&'a str>,
}

impl Request<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn limit(&self) -> u32 {
        let asked = self.parameter("limit").and_then(|limit| limit.parse().ok());
        asked.unwrap_or(PAGE).clamp(1, MOST)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    conversation: Option<Value>,
    agent: Option<String>,
    team: Option<String>,
    state: String,
    reason: String,
    customer: Option<String>,
}

impl Body {
    /// An id may come as a number, as clients of the native protocol hold it.
    fn id(&self) -> Option<String> {
        match self.conversation.as_ref()? {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who<'a> {
    Agent(&'a str),
    Tenant,
}

impl<'a> Who<'a> {
    const fn uid(self) -> Option<&'a str> {
        match self {
            Who::Agent(uid) => Some(uid),
            Who::Tenant => None,
        }
    }
}

impl<H: Host + ?Sized> Desk<'_, H> {
    /// Answers a request with a status and JSON.
    pub fn serves(&self, request: &Request<'_>) -> (u16, Value) {
        let route = match route(request.method, request.path) {
            Ok(route) => route,
            Err(status) => return (status, error("not_found", "There is no such path for this method.")),
        };
        let answer = self.admits(request).and_then(|who| self.answers(request, &route, who));
        match answer {
            Ok(value) => (200, value),
            Err(failure) => failed(&failure),
        }
    }

    fn admits<'r>(&self, request: &Request<'r>) -> Done<Who<'r>> {
        let key = self.config.console_key.as_str();
        if !key.is_empty() && request.key.is_some_and(|given| same(given.as_bytes(), key.as_bytes())) {
            return Ok(Who::Tenant);
        }
        match request.uid {
            Some(uid) if self.is_agent(uid)? => Ok(Who::Agent(uid)),
            _ => Err(Refused::NotAgent.into()),
        }
    }

    fn answers(&self, request: &Request<'_>, route: &Route<'_>, who: Who<'_>) -> Done<Value> {
        let body = || -> Done<Body> {
            if request.body.is_empty() {
                return Ok(Body::default());
            }
            let read = serde_json::from_slice(request.body);
            read.map_err(|error| Failure::Trouble(Trouble::Final(format!("body: {error}"))))
        };
        let needed = |body: &Body| body.id().ok_or(Failure::Refused(Refused::NotOpen));
        match route {
            Route::State => Ok(self.state(who)?),
            Route::Queue => Ok(self.waiting(request)?),
            Route::Agents => Ok(self.agents(request)?),
            Route::Metrics => Ok(self.figures(request)?),
            Route::Surveys => Ok(self.surveys(request)?),
            Route::Conversations => {
                let uid = request.parameter("agent").or(who.uid()).ok_or(Refused::Unknown)?;
                let agent = self.agent(uid)?;
                let ids = agent
                    .iter()
                    .flat_map(|agent| agent.load.iter().map(|slot| slot.conversation.as_str()));
                Ok(json!({ "conversations": self.tickets(ids)? }))
            }
            Route::Conversation(id) => {
                let ticket = self.ticket(id)?.ok_or(Refused::NotOpen)?;
                Ok(json!({ "conversation": shown(&ticket.0) }))
            }
            Route::Accept => {
                let body = body()?;
                let uid = who.uid().or(body.agent.as_deref()).ok_or(Refused::Unknown)?;
                let ticket = match body.id() {
                    Some(id) => self.accepts(uid, &id)?,
                    None => self.next(uid)?,
                };
                Ok(json!({ "conversation": shown(&ticket) }))
            }
            Route::Transfer => {
                let body = body()?;
                let target = match (&body.agent, &body.team) {
                    (Some(agent), None) => Target::Agent(agent),
                    (None, Some(team)) => Target::Team(team),
                    _ => return Err(Refused::Unknown.into()),
                };
                let ticket = self.passes(who.uid(), &needed(&body)?, target)?;
                Ok(json!({ "conversation": shown(&ticket) }))
            }
            Route::Close => {
                let ticket = self.closes(who.uid(), &needed(&body()?)?)?;
                Ok(json!({ "conversation": shown(&ticket) }))
            }
            Route::Turn => {
                let body = body()?;
                let uid = body.agent.as_deref().filter(|_| who == Who::Tenant).or(who.uid());
                let duty = Duty::read(&body.state).ok_or(Refused::Unknown)?;
                let agent = self.turns(uid.ok_or(Refused::Unknown)?, duty)?;
                Ok(json!({ "agent": agent }))
            }
            Route::Ask => {
                let body = body()?;
                let id = needed(&body)?;
                let room = self.host.room(&id)?.ok_or(Refused::NotOpen)?;
                if !self.takes_kind(&room.kind) {
                    return Err(Refused::Kind.into());
                }
                let ask = Ask {
                    conversation: &id,
                    room: &room.kind,
                    customer: body.customer.as_deref(),
                    team: body.team.as_deref(),
                    reason: &body.reason,
                    asked: true,
                    seq: 0,
                };
                let ticket = self.arrives(&ask)?;
                Ok(json!({ "conversation": ticket.as_ref().map(shown) }))
            }
        }
    }

    fn state(&self, who: Who<'_>) -> Outcome<Value> {
        let me = who.uid().map(|uid| self.agent(uid)).transpose()?.flatten();
        let mut teams = Vec::new();
        for team in &self.config.teams {
            let (waiting, on_duty) = (self.count(&Ticket::queue(team))?, self.count(&format!("f/{team}/"))?);
            teams.push(json!({ "team": team, "waiting": waiting, "on_duty": on_duty }));
        }
        Ok(json!({ "me": me, "teams": teams, "now": self.call.now }))
    }

    /// How many keys there are, up to a thousand.
    fn count(&self, prefix: &str) -> Outcome<usize> {
        Ok(self.host.scan(prefix, None, COUNTED)?.len())
    }

    fn waiting(&self, request: &Request<'_>) -> Outcome<Value> {
        let team = request.parameter("team").unwrap_or_else(|| self.config.first_team());
        let limit = request.limit();
        let keys = self
            .host
            .scan(&Ticket::queue(team), request.parameter("after"), limit)?;
        let next = keys.last().filter(|_| keys.len() == limit as usize).cloned();
        let tickets = self.tickets(keys.iter().filter_map(|key| Ticket::of_queue(key)))?;
        Ok(json!({ "team": team, "waiting": tickets, "next": next }))
    }

    fn tickets<'i>(&self, ids: impl Iterator<Item = &'i str>) -> Outcome<Vec<Value>> {
        let mut tickets = Vec::new();
        for id in ids {
            tickets.extend(self.ticket(id)?.map(|(ticket, _)| shown(&ticket)));
        }
        Ok(tickets)
    }

    fn staff(&self, request: &Request<'_>) -> Outcome<(Vec<Agent>, Option<String>)> {
        let limit = request.limit();
        let after = request.parameter("after").map(Agent::key);
        let keys = self.host.scan("a/", after.as_deref(), limit)?;
        let uids = keys.iter().filter_map(|key| key.strip_prefix("a/"));
        let mut agents = Vec::new();
        for uid in uids {
            agents.extend(self.agent(uid)?);
        }
        let next = agents
            .last()
            .filter(|_| keys.len() == limit as usize)
            .map(|agent| agent.uid.clone());
        Ok((agents, next))
    }

    fn agents(&self, request: &Request<'_>) -> Outcome<Value> {
        let (agents, next) = self.staff(request)?;
        Ok(json!({ "agents": agents, "next": next }))
    }

    fn figures(&self, request: &Request<'_>) -> Outcome<Value> {
        let mut answer = self.state(Who::Tenant)?;
        let (agents, next) = self.staff(request)?;
        let sum = |of: fn(&Agent) -> u64| agents.iter().map(of).sum::<u64>();
        answer["totals"] = json!({
            "agents": agents.len(),
            "conversations": sum(|agent| agent.load.len() as u64),
            "assigned": sum(|agent| agent.totals.assigned),
            "missed": sum(|agent| agent.totals.missed),
            "passed": sum(|agent| agent.totals.passed),
            "closed": sum(|agent| agent.totals.closed),
            "held_ms": sum(|agent| agent.totals.held_ms),
        });
        answer["next"] = json!(next);
        Ok(answer)
    }

    fn surveys(&self, request: &Request<'_>) -> Outcome<Value> {
        let limit = request.limit();
        let keys = self.host.scan("s/", request.parameter("after"), limit)?;
        let mut rows = Vec::new();
        for key in &keys {
            let entry = self.host.get(key)?;
            rows.extend(entry.and_then(|entry| serde_json::from_str::<Value>(&entry.value).ok()));
        }
        let next = keys.last().filter(|_| keys.len() == limit as usize);
        Ok(json!({ "surveys": rows, "next": next }))
    }
}

/// A ticket as the console sees it.
#[must_use]
pub fn shown(ticket: &Ticket) -> Value {
    json!({
        "conversation": ticket.conversation,
        "customer": ticket.customer,
        "phase": phase_name(&ticket.phase),
        "agent": ticket.agent(),
        "team": ticket.team,
        "since": ticket.since,
        "opened_at": ticket.opened_at,
        "waiting_since": ticket.waiting_since,
        "awaiting_since": ticket.awaiting,
        "first_reply_ms": ticket.first_reply_ms,
        "escalated": ticket.escalated,
        "message": ticket.mail,
        "reason": ticket.reason,
        "transfers": ticket.transfers,
        "last_agent": ticket.last_agent,
        "score": (ticket.answer.score > 0).then_some(ticket.answer.score),
        "comment": ticket.answer.comment,
    })
}

fn error(code: &str, text: &str) -> Value {
    json!({ "error": { "code": code, "message": text } })
}

fn failed(failure: &Failure) -> (u16, Value) {
    let status = match failure {
        Failure::Refused(Refused::NotAgent) => 403,
        Failure::Refused(Refused::NotOpen | Refused::Unknown | Refused::Empty) => 404,
        Failure::Refused(_) => 409,
        Failure::Trouble(Trouble::Final(_)) => 400,
        Failure::Trouble(Trouble::Passing(_)) => 503,
    };
    let (code, text) = crate::command::refusal(failure);
    (status, error(code, &text))
}

/// Compares without telling by its time where two texts differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
