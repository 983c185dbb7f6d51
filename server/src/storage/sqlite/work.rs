//! What a job does, as JSON that only this file writes and reads.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::fault::fault;
use super::rows::{decode, message_id, user_id, user_ids};
use crate::model::{Body, EventKind, Firing, Millis, Observation};
use crate::storage::Result;

/// What a job does, as stored; the message's id has a column of its own.
#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Work {
    Event {
        name: Cow<'static, str>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        users: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        things: Vec<String>,
    },
    Offline,
    Writes {
        list: String,
    },
    Fire {
        name: String,
        payload: String,
        run: u32,
        due_at: i64,
        last: bool,
    },
}

/// As it is stored.
pub(super) fn write_work(work: &Observation) -> String {
    let work = match work {
        Observation::Event {
            kind,
            users,
            by,
            emoji,
            things,
            ..
        } => Work::Event {
            name: kind.as_str().into(),
            users: users.iter().map(ToString::to_string).collect(),
            by: by.as_ref().map(ToString::to_string),
            emoji: emoji.clone(),
            things: things.clone(),
        },
        Observation::Offline => Work::Offline,
        Observation::Writes(body) => Work::Writes {
            list: body.as_str().to_owned(),
        },
        Observation::Fire(firing) => Work::Fire {
            name: firing.name.clone(),
            payload: firing.payload.as_str().to_owned(),
            run: firing.run,
            due_at: firing.due_at.0,
            last: firing.last,
        },
    };
    serde_json::json!(work).to_string()
}

/// The same from what is stored.
pub(super) fn read_work(json: &str, message: Option<u64>) -> Result<Observation> {
    Ok(match decode(json)? {
        Work::Event {
            name,
            users,
            by,
            emoji,
            things,
        } => Observation::Event {
            kind: EventKind::named(&name)
                .ok_or_else(|| fault(std::io::Error::other(format!("no event is called {name:?}"))))?,
            message: message.map(message_id).transpose()?,
            users: user_ids(&users)?,
            by: by.as_deref().map(user_id).transpose()?,
            emoji,
            things,
        },
        Work::Offline => Observation::Offline,
        Work::Writes { list } => Observation::Writes(Body::trusted(&list)),
        Work::Fire {
            name,
            payload,
            run,
            due_at,
            last,
        } => Observation::Fire(Firing {
            name,
            payload: Body::trusted(&payload),
            run,
            due_at: Millis(due_at),
            last,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    #[test]
    fn work_comes_back_as_it_was() -> Result<()> {
        let user = |name| UserId::new(name).map_err(fault);
        let event = Observation::Event {
            kind: EventKind::ReactionAdded,
            message: Some(message_id(7)?),
            users: vec![user("a")?, user("b")?],
            by: Some(user("客服")?),
            emoji: Some("👍".into()),
            things: vec!["8".into()],
        };
        assert_eq!(
            read_work(&write_work(&Observation::Offline), None)?,
            Observation::Offline
        );
        assert_eq!(read_work(&write_work(&event), Some(7))?, event);
        let writes = Observation::Writes(Body::trusted(r#"[{"x":"\u0000"}]"#));
        assert_eq!(read_work(&write_work(&writes), None)?, writes);
        let fire = Observation::Fire(Firing {
            name: "n".into(),
            payload: Body::trusted("[1]"),
            run: 3,
            due_at: Millis(9),
            last: true,
        });
        assert_eq!(read_work(&write_work(&fire), None)?, fire);
        Ok(())
    }
}
