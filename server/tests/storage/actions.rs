//! Acting on messages: by what they were.

use switchboard::model::*;
use switchboard::storage::*;

use crate::house::{Backend, House, Outcome};
use crate::things::*;

fn deed(seen: Cursor, body: Option<&str>) -> Deed {
    Deed {
        seen,
        body: body.map(Body::trusted),
        now: Millis(77),
        answer: None,
        sequel: Sequel::events(|message: &Message, cursor| {
            vec![Event {
                app: app(A),
                cursor: Some(cursor),
                audience: Audience::Users(vec![]),
                except: Except::Nobody,
                change: Change::MessageEdited(message.clone().into()),
            }]
        })
        .with_jobs(vec![observed(EventKind::MessageEdited)]),
    }
}

pub async fn a_deed_is_done_on_what_was_seen<B: Backend>() -> Outcome {
    let mut house = House::<B>::open().await;
    let room = group(&*house.store, &["ann"]).await;
    let id = say(&*house.store, &room, "ann", "1").await;
    house.heard().await;
    let store = house.store.clone();
    let (message, fresh) = store.message_as_of(app(A), id, None).await?.expect("a message");
    assert_eq!((message.id, fresh), (Some(id), Cursor(0)));
    assert!(store.message_as_of(app(B), id, None).await?.is_none());

    assert!(
        store
            .act_on_message(app(A), id, deed(fresh, Some(r#"{"n":1}"#)))
            .await?
    );
    assert!(
        !store
            .act_on_message(app(A), id, deed(fresh, Some(r#"{"n":2}"#)))
            .await?
    );
    assert!(!store.act_on_message(app(B), id, deed(fresh, Some("{}"))).await?);
    let (message, changed) = store.message_as_of(app(A), id, None).await?.expect("a message");
    assert_eq!(
        (message.body.as_str(), message.state),
        (r#"{"n":1}"#, MessageState::Edited(Millis(77)))
    );
    assert!(changed > fresh);
    // Without a body nothing changes, and the jobs are written all the same.
    assert!(store.act_on_message(app(A), id, deed(changed, None)).await?);
    let (same, unchanged) = store.message_as_of(app(A), id, None).await?.expect("a message");
    assert_eq!((same, unchanged), (message, changed));
    let due = store.due_jobs(&queue(A), Millis(i64::MAX), None, 9).await?;
    assert_eq!(due.len(), 2);
    let heard = house.heard().await;
    assert_eq!(heard.len(), 1, "{heard:?}");

    // What a job did is answered again, as long as the job is there.
    let effect = EffectKey {
        call: CallId::new(&format!("j{}", due[0].job.id)),
        index: 3,
    };
    assert_eq!(store.answered(app(A), &effect).await?, None);
    let remembered = Deed {
        answer: Some((effect.clone(), Body::trusted("[5]"))),
        ..deed(changed, Some("{}"))
    };
    assert!(store.act_on_message(app(A), id, remembered).await?);
    assert_eq!(store.answered(app(A), &effect).await?, Some(Body::trusted("[5]")));
    assert_eq!(store.answered(app(B), &effect).await?, None);
    // So are the conversation it made and what it announced there, and neither is there twice.
    let made = EffectKey {
        index: 4,
        ..effect.clone()
    };
    let new = NewRow {
        once: Some(made.clone()),
        ..row(ConversationKind::Group, &["ann"])
    };
    let (founded, _) = store.create_conversation(app(A), new, Sequel::none()).await?;
    let founded = founded.conversation.id;
    let known = store.answered(app(A), &made).await?;
    assert_eq!(known.as_ref().map(Body::as_str), Some(founded.to_string().as_str()));
    let said = EffectKey {
        index: 5,
        ..effect.clone()
    };
    let say = || store.announce(app(A), founded, "x".into(), None, Some(said.clone()), Sequel::none());
    assert_eq!(say().await?, say().await?);
    assert_eq!(store.notices(app(A), founded, 0, 9).await?.1, 1);
    store.finish_jobs(app(A), vec![due[0].job.id]).await?;
    assert_eq!(store.answered(app(A), &effect).await?, None);
    Ok(())
}
