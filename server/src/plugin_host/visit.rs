//! What has come in for a dialect, as its guest may see it: with its credentials sealed.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::bindings::exports::switchboard::plugin::dialect::{Answer, Arrival, Content, Request, Response};
use super::bindings::switchboard::plugin::types::Param;
use super::description::Description;
use super::sealed::{Names, Seal};
use crate::model::Random;

/// What has come in.
#[derive(Clone)]
pub struct Visit {
    arrival: Arrival,
    seal: Seal,
    names: Names,
    /// Shared with the calls about it.
    wrong: Wrong,
}

/// How many credentials were wrong.
#[derive(Debug, Clone, Default)]
pub struct Wrong(Arc<AtomicU32>);

impl Wrong {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Visit {
    /// Seals what the dialect says is a credential.
    pub(super) fn new(arrival: Arrival, description: Option<&Description>, random: &Arc<dyn Random>) -> Self {
        let names = description
            .map(|description| description.credentials.clone())
            .unwrap_or_default();
        let mut visit = Self {
            arrival,
            seal: Seal::new(random.clone()),
            names,
            wrong: Wrong::default(),
        };
        visit.close();
        visit
    }

    /// As the guest sees it.
    pub(super) const fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// How many of the credentials that it brought were wrong so far.
    #[must_use]
    pub fn proved_wrong(&self) -> u32 {
        self.wrong.0.load(Relaxed)
    }

    /// Where those are counted.
    #[must_use]
    pub const fn wrong(&self) -> &Wrong {
        &self.wrong
    }

    /// The request it is about, if it is one.
    pub(super) const fn request(&self) -> Option<&Request> {
        match &self.arrival {
            Arrival::Request(request) | Arrival::Socket(request) => Some(request),
            Arrival::Frame(_) => None,
        }
    }

    /// What it has sealed, for a call about it.
    pub(super) fn seal(&self) -> Seal {
        self.seal.clone()
    }

    pub(super) fn unseal(&self, text: &str) -> String {
        self.seal.unseal(text)
    }

    /// An answer to it with the real texts in their places.
    pub(super) fn opened(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Response(response) => Answer::Response(opened(&self.seal, response)),
            Answer::Frames(frames) => Answer::Frames(frames.iter().map(|frame| self.seal.unseal(frame)).collect()),
        }
    }

    /// As a guest may see it that calls other things credentials.
    pub(super) fn for_guest(&self, description: &Description, random: &Arc<dyn Random>) -> Cow<'_, Self> {
        if self.names == description.credentials {
            return Cow::Borrowed(self);
        }
        let mut arrival = self.arrival.clone();
        each(&mut arrival, |_, _, text| *text = self.seal.unseal(text));
        Cow::Owned(Self {
            wrong: self.wrong.clone(),
            ..Self::new(arrival, Some(description), random)
        })
    }

    fn close(&mut self) {
        let (seal, names) = (&mut self.seal, &self.names);
        each(&mut self.arrival, |what, name, text| match what {
            What::Param => seal.param(names, name, text),
            What::Header => seal.header(names, name, text),
            What::Json => *text = seal.json(names, std::mem::take(text)),
        });
    }
}

/// A response with the real texts in their places.
pub fn opened(seal: &Seal, response: Response) -> Response {
    Response {
        status: response.status,
        headers: response
            .headers
            .into_iter()
            .map(|Param { name, value }| Param {
                name,
                value: seal.unseal(&value),
            })
            .collect(),
        body: seal.unseal(&response.body),
    }
}

/// Where a text is.
enum What {
    Param,
    Header,
    Json,
}

/// Does something with each text that may be a credential or hold one.
fn each(arrival: &mut Arrival, mut act: impl FnMut(What, &str, &mut String)) {
    let request = match arrival {
        Arrival::Request(request) | Arrival::Socket(request) => request,
        Arrival::Frame(frame) => return act(What::Json, "", frame),
    };
    for param in &mut request.query {
        act(What::Param, &param.name, &mut param.value);
    }
    for header in &mut request.headers {
        act(What::Header, &header.name, &mut header.value);
    }
    let fields = match &mut request.content {
        Content::Form(fields) => fields,
        Content::Multipart(parts) => &mut parts.fields,
        Content::Text(text) => return act(What::Json, "", text),
        Content::None | Content::Bytes(_) => return,
    };
    for field in fields {
        act(What::Param, &field.name, &mut field.value);
    }
}
