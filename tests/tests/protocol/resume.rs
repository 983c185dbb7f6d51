use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{App, Chance, Server, Socket, User};

/// Events up to the end of a resume, and that end.
async fn missed(socket: &mut Socket) -> (Vec<Value>, Value) {
    let mut events = Vec::new();
    loop {
        let frame = socket.next_frame().await;
        match frame["type"].as_str() {
            Some("session.resumed") => return (events, frame["data"].clone()),
            Some("session.ready" | "reply") => {}
            _ => events.push(frame),
        }
    }
}

/// What is stored, as its place in the stream and its type.
fn stored(events: &[Value]) -> Vec<(u64, String)> {
    let place = |event: &Value| Some((event["cursor"].as_u64()?, event["type"].as_str()?.to_owned()));
    events.iter().filter_map(place).collect()
}

/// What a client knows when it has followed these events.
#[derive(Debug, Default, PartialEq)]
struct Known {
    /// Seq and state of each message.
    messages: BTreeMap<u64, (u64, Value, bool)>,
    /// Names of the conversations one is in.
    conversations: BTreeMap<u64, String>,
}

impl Known {
    fn follow(&mut self, events: &[Value], me: &str) {
        for event in events {
            let data = &event["data"];
            let id = data["id"].as_u64().unwrap_or_default();
            match event["type"].as_str().unwrap() {
                "message.sent" | "message.edited" | "message.recalled" => {
                    let state = (
                        data["seq"].as_u64().unwrap(),
                        data["body"].clone(),
                        data["recalled_at"].is_u64(),
                    );
                    self.messages.insert(id, state);
                }
                "message.deleted" => {
                    let gone = data["messages"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|id| id.as_u64().unwrap());
                    gone.for_each(|id| drop(self.messages.remove(&id)));
                }
                "conversation.created" | "conversation.updated" => {
                    self.conversations.insert(id, data["name"].as_str().unwrap().to_owned());
                }
                "conversation.dissolved" => drop(self.conversations.remove(&data["conversation"].as_u64().unwrap())),
                "member.left" if data["users"].as_array().unwrap().contains(&json!(me)) => {
                    self.conversations.remove(&data["conversation"].as_u64().unwrap());
                }
                _ => {}
            }
        }
    }
}

/// Everything that can happen to a member while it is away; `old` are messages that it knows.
async fn busy(alice: &User, bob: &User, group: u64, old: &[Value]) {
    bob.call(
        "message.edit",
        json!({ "message": old[0], "body": { "text": "changed" } }),
    )
    .await;
    bob.call("message.recall", json!({ "message": old[1] })).await;
    alice.call("message.delete", json!({ "messages": [old[2]] })).await;
    bob.call("message.react", json!({ "message": old[3], "emoji": "👀" }))
        .await;
    let first = bob.say(group, "one").await["id"].clone();
    let second = bob.say(group, "two").await["id"].clone();
    bob.call("message.edit", json!({ "message": first, "body": { "text": "uno" } }))
        .await;
    bob.call("message.recall", json!({ "message": second })).await;
    bob.call("member.add", json!({ "conversation": group, "users": ["dave"] }))
        .await;
    bob.call(
        "member.role",
        json!({ "conversation": group, "user": "dave", "role": "admin" }),
    )
    .await;
    bob.call("conversation.update", json!({ "conversation": group, "name": "new" }))
        .await;
    alice.say(group, "from another device").await;
    let direct = bob.conversation("direct", &[alice]).await;
    let hidden = bob.say(direct, "new here").await["id"].clone();
    alice.call("message.delete", json!({ "messages": [hidden] })).await;
    bob.call("member.remove", json!({ "conversation": group, "users": ["dave"] }))
        .await;
    let other = bob.conversation("group", &[alice]).await;
    bob.call("member.remove", json!({ "conversation": other, "users": ["alice"] }))
        .await;
    bob.say(other, "not for alice").await;
    let over = bob.conversation("group", &[alice]).await;
    bob.call("conversation.dissolve", json!({ "conversation": over })).await;
    bob.say(group, "last").await;
}

#[tokio::test]
async fn who_was_away_knows_in_the_end_what_who_stayed_does() {
    let app = App::new().await;
    let [alice, bob, _dave] = app.users(["alice", "bob", "dave"]).await;
    let group = bob.conversation("group", &[&alice]).await;
    let mut old = Vec::new();
    for n in 0..4 {
        old.push(bob.say(group, &format!("old {n}")).await["id"].clone());
    }
    let mut stayed = alice.on("desk").open().await;
    let away = alice.on("phone").open().await;
    let cursor = away.ready["cursor"].as_u64().unwrap();
    away.close().await;
    busy(&alice, &bob, group, &old).await;

    let mut witnessed = Vec::new();
    while witnessed
        .last()
        .is_none_or(|event: &Value| event["data"]["body"]["text"] != "last")
    {
        witnessed.push(stayed.next_frame().await);
    }
    let begin = stayed.ready["cursor"].as_u64().unwrap();
    assert!(
        stored(&witnessed).iter().all(|(place, _)| *place > begin),
        "live begins after {begin}: {witnessed:#?}"
    );
    // What was announced late is not news to who came later.
    witnessed.retain(|event| event["cursor"].as_u64().is_none_or(|place| place > cursor));
    let last = witnessed.last().unwrap()["cursor"].as_u64().unwrap();
    let places = stored(&witnessed);
    assert!(
        places.is_sorted_by(|one, next| one.0 < next.0),
        "each change has a place of its own: {places:?}"
    );
    let mut expected = Known::default();
    expected.follow(&witnessed, "alice");

    // By the address, and by the command.
    let mut back = alice.on("phone").cursor(cursor).open().await;
    let (events, end) = missed(&mut back).await;
    let mut fresh = alice.on("tablet").open().await;
    let ask = fresh.begin("session.resume", json!({ "cursor": cursor })).await;
    let (again, _) = missed(&mut fresh).await;
    fresh.answer(ask).await.unwrap();
    assert_eq!(again, events);
    assert_eq!(
        (&end["complete"], &end["missed"]),
        (&json!(true), &json!(events.len())),
        "{end}"
    );
    // Others may have gone on meanwhile: the stream is everyone's.
    assert!(end["cursor"].as_u64().unwrap() >= last, "{end}");
    let places = stored(&events);
    assert_eq!(places.len(), events.len(), "all of it is of the stream: {events:?}");
    assert!(
        places.is_sorted_by(|one, next| one.0 < next.0),
        "oldest first, and none twice: {places:?}"
    );
    assert!(
        places.iter().all(|(place, _)| (cursor + 1..=last).contains(place)),
        "{places:?}"
    );
    let mut known = Known::default();
    known.follow(&events, "alice");
    // A reaction to an old message is told as a change of it.
    let reacted = known.messages.remove(&old[3].as_u64().unwrap());
    assert_eq!(reacted.unwrap().1["text"], "old 3");
    assert_eq!(known, expected, "{events:#?}");
    assert!(!json!(events).to_string().contains("not for alice"));

    // And then it goes on live.
    bob.say(group, "live").await;
    for socket in [&mut back, &mut fresh] {
        assert_eq!(socket.heard().await, "live");
    }
}

#[tokio::test]
async fn resuming_amid_traffic_leaves_no_gap_and_no_double() {
    const MESSAGES: u64 = 400;
    let app = App::new().await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let group = bob.conversation("group", &[&alice]).await;
    let mut socket = alice.connect().await;
    let mut cursor = socket.ready["cursor"].as_u64().unwrap();
    let mut sender = bob.connect().await;
    let traffic = tokio::spawn(async move {
        for n in 1..=MESSAGES {
            sender.say(group, &n.to_string()).await;
        }
    });
    let (mut chance, mut seqs, mut resumes) = (Chance::new(7), Vec::new(), 0);
    while seqs.last() != Some(&MESSAGES) {
        for _ in 0..chance.below(30) {
            let event = socket.event("message.sent").await;
            cursor = event["cursor"].as_u64().unwrap();
            seqs.push(event["seq"].as_u64().unwrap());
            if seqs.last() == Some(&MESSAGES) {
                break;
            }
        }
        drop(socket);
        socket = alice.on("default").cursor(cursor).open().await;
        resumes += 1;
    }
    traffic.await.unwrap();
    assert_eq!(seqs, (1..=MESSAGES).collect::<Vec<_>>(), "after {resumes} resumes");
    assert!(resumes > 5);
}

#[tokio::test]
async fn who_missed_too_much_is_told_where_to_fetch() {
    let server = Server::start(&["limits.resume_events=10"]);
    let app = App::on(&server, json!({})).await;
    let [alice, bob] = app.users(["alice", "bob"]).await;
    let (one, two) = (
        bob.conversation("group", &[&alice]).await,
        bob.conversation("group", &[&alice]).await,
    );
    let socket = alice.connect().await;
    let cursor = socket.ready["cursor"].as_u64().unwrap();
    socket.close().await;
    for n in 0..9 {
        bob.say(one, &n.to_string()).await;
        bob.say(two, &n.to_string()).await;
    }
    bob.say(two, "last").await;

    let mut back = alice.on("default").cursor(cursor).open().await;
    let (events, end) = missed(&mut back).await;
    assert_eq!(stored(&events), [], "a part would be mistaken for the whole");
    assert_eq!(end["complete"], false, "{end}");
    let mut told: Vec<(u64, u64)> = end["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["conversation"].as_u64().unwrap(),
                item["last_seq"].as_u64().unwrap(),
            )
        })
        .collect();
    told.sort_unstable();
    let mut expected = vec![(one, 9), (two, 10)];
    expected.sort_unstable();
    assert_eq!(told, expected);
    let page = back
        .call("message.history", json!({ "conversation": two, "after_seq": 8 }))
        .await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
    bob.say(one, "live").await;
    let event = back.event("message.sent").await;
    assert_eq!(event["data"]["body"]["text"], "live");
    // From the cursor of the end there is nothing missing.
    let end = end["cursor"].as_u64().unwrap();
    let mut again = alice.on("again").cursor(end).open().await;
    let (events, resumed) = missed(&mut again).await;
    assert_eq!((events.len(), &resumed["complete"]), (1, &json!(true)), "{events:?}");
}

#[tokio::test]
async fn a_cursor_of_the_future_or_of_nonsense_is_answered() {
    let app = App::new().await;
    let alice = app.user("alice").await;
    let mut socket = alice.connect().await;
    let failure = socket
        .attempt("session.resume", json!({ "cursor": "x" }))
        .await
        .unwrap_err();
    failure.is("bad_field").blames("cursor");
    socket
        .attempt("session.resume", json!({}))
        .await
        .unwrap_err()
        .is("missing_field")
        .blames("cursor");
    let mut ahead = alice.on("ahead").cursor(9_007_199_254_740_991).open().await;
    let (events, end) = missed(&mut ahead).await;
    assert_eq!((events.len(), &end["missed"]), (0, &json!(0)), "{end}");
    let id = alice.conversation("group", &[]).await;
    alice.say(id, "live").await;
    assert_eq!(ahead.heard().await, "live");
}
