//! A connection before it is known whose it is: it may log in and nothing else, and not take forever.

use std::time::Duration;

use serde_json::json;

use super::decode::{self, Id, Login, Wish};
use super::{Opening, encode};
use crate::gateway::Edge;
use crate::gateway::auth::{Admitted, let_in};
use crate::gateway::socket::close::Closing;
use crate::gateway::socket::out::{Incoming, Out};
use crate::hub::CloseReason;
use crate::model::{Code, Cursor, Refusal};

/// A connection that may come in.
pub(super) struct Entry {
    /// Whose it is, and on which device.
    pub admitted: Admitted,
    /// Resume from here.
    pub cursor: Option<Cursor>,
    /// The `session.login` to answer.
    pub login: Option<Id>,
}

/// Waits until it is known whose a connection is.
pub(super) async fn login(edge: &Edge, out: &mut Out, opening: Opening) -> Result<Entry, Closing> {
    if let Some(admitted) = opening.admitted {
        return Ok(Entry {
            admitted,
            cursor: opening.cursor,
            login: None,
        });
    }
    let patience = Duration::from_millis(edge.limits.login_timeout_ms);
    // Rare and short: its state is not to be carried by the connection's task for life.
    let waiting = Box::pin(wait(edge, out, opening));
    tokio::select! {
        entry = waiting => entry,
        () = tokio::time::sleep(patience) => Err(Closing::Because(CloseReason::NotLoggedIn)),
        () = edge.shutdown.cancelled() => Err(Closing::Because(CloseReason::GoingAway)),
    }
}

async fn wait(edge: &Edge, out: &mut Out, opening: Opening) -> Result<Entry, Closing> {
    let Opening {
        device: named,
        cursor: resume,
        from,
        ..
    } = opening;
    loop {
        if out.dirty {
            out.flush().await?;
        }
        let frame = match out.next().await {
            Incoming::Text(frame) => frame,
            Incoming::Binary => {
                out.text(encode::error(&Id::None, &not_text())).await?;
                continue;
            }
            Incoming::Life => continue,
            Incoming::End(closing) => return Err(closing),
        };
        match decode::read(&frame, edge.limits.frame_bytes) {
            Ok((
                id,
                Wish::Login(Login {
                    token,
                    device: own,
                    cursor,
                }),
            )) => match let_in(edge, &token, own.or(named.clone()), from).await {
                Ok(admitted) => {
                    return Ok(Entry {
                        admitted,
                        cursor: cursor.or(resume),
                        login: Some(id),
                    });
                }
                Err(refusal) => refuse(out, &id, &refusal).await?,
            },
            Ok((id, Wish::Ping)) => out.text(encode::reply(&id, &json!({ "pong": true }))).await?,
            Ok((id, _)) => {
                let refusal = Refusal::new(Code::Unauthenticated, "log in first: session.login");
                out.text(encode::error(&id, &refusal)).await?;
            }
            Err(bad) => out.text(encode::error(&bad.id, &bad.refusal)).await?,
        }
    }
}

/// Tells why a login was refused. One that a retry cannot help ends the connection.
async fn refuse(out: &mut Out, id: &Id, refusal: &Refusal) -> Result<(), Closing> {
    out.text(encode::error(id, refusal)).await?;
    match refusal.code {
        Code::BadToken | Code::ExpiredToken => Err(Closing::Because(CloseReason::NotLoggedIn)),
        Code::AppDisabled | Code::UserBanned => Err(Closing::Because(CloseReason::Expelled)),
        _ => Ok(()),
    }
}

/// What a frame that is no text is answered with.
pub(super) fn not_text() -> Refusal {
    Refusal::new(Code::BadFrame, "frames are JSON text")
}
