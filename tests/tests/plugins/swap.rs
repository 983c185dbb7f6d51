use serde_json::{Value, json};

use crate::harness::{App, Guest, guest, text_to, variant};

const SENDERS: usize = 3;
const SWAPS: usize = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapping_under_load_loses_nothing_and_disturbs_nobody() {
    let app = App::new().await;
    app.upload("tags", guest(Guest::Tagger))
        .config(json!({ "tag": "#0" }))
        .install()
        .await;
    let owner = app.user("owner").await;
    let group = owner.conversation("group", &[]).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut senders = Vec::new();
    for n in 0..SENDERS {
        let user = app.user(&format!("user{n}")).await;
        owner
            .call("member.add", json!({ "conversation": group, "users": [user.uid] }))
            .await;
        let (mut socket, stopped) = (user.connect().await, stopped.clone());
        senders.push(tokio::spawn(async move {
            let mut sent = 0;
            // Several are under way at any moment.
            let mut begun = std::collections::VecDeque::new();
            while !*stopped.borrow() {
                begun.push_back(
                    socket
                        .begin("message.send", text_to(group, &format!("{n}:{sent}")))
                        .await,
                );
                sent += 1;
                if begun.len() == 8 {
                    socket.answer(begun.pop_front().unwrap()).await.unwrap();
                }
            }
            for id in begun {
                socket.answer(id).await.unwrap();
            }
            socket.call("ping", Value::Null).await;
            sent
        }));
    }
    let mut witness = owner.connect().await;
    for swap in 1..=SWAPS {
        // By a new component, by a new configuration, and back.
        let tag = json!({ "tag": format!("#{swap}") });
        match swap % 3 {
            0 => drop(
                app.upload("tags", variant(guest(Guest::Tagger), &format!("v{swap}")))
                    .config(tag)
                    .install()
                    .await,
            ),
            1 => drop(app.change_plugin("tags", json!({ "config": tag })).await),
            _ => {
                app.admin("POST", "/plugins/tags/rollback", Value::Null).await;
                app.change_plugin("tags", json!({ "config": tag })).await;
            }
        }
        // Once it is answered, it is so.
        let said = witness.say(group, "now").await["seq"].as_u64().unwrap();
        let ask = json!({ "conversation": group, "before_seq": said + 1, "limit": 1 });
        let newest = witness.call("message.history", ask).await;
        assert_eq!(newest["messages"][0]["body"]["text"], format!("now#{swap}"));
    }
    stop.send(true).unwrap();
    let mut expected = Vec::new();
    for (n, sender) in senders.into_iter().enumerate() {
        let sent = sender.await.unwrap();
        expected.push((0..sent).map(|at| format!("{n}:{at}")).collect::<Vec<_>>());
    }

    let mut found = vec![Vec::new(); SENDERS];
    let mut seq = 0;
    loop {
        let ask = json!({ "conversation": group, "after_seq": seq, "limit": 100 });
        let page = witness.call("message.history", ask).await;
        for message in page["messages"].as_array().unwrap() {
            seq += 1;
            assert_eq!(message["seq"], seq);
            let text = message["body"]["text"].as_str().unwrap();
            let (text, tag) = text.split_once('#').unwrap_or_else(|| panic!("{text} met no version"));
            assert!(tag.parse::<usize>().is_ok_and(|tag| tag <= SWAPS), "{text} met {tag}");
            if let Some((n, _)) = text.split_once(':') {
                found[n.parse::<usize>().unwrap()].push(text.to_owned());
            }
        }
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(found, expected);
}
