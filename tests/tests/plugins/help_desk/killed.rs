use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{Customer, SOON, Scene};
use crate::harness::{Chance, Home, User, eventually};

const KILLS: usize = 10;
const CUSTOMERS: usize = 12;

/// Customers want a person, offers are missed and passed on, silence ends conversations, and the server is killed over and
/// over. In the end each customer was served, each text was said once, and nobody has anything left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_the_server_is_killed_nothing_is_lost_or_doubled() {
    let home = Home::new();
    let mut server = Arc::new(home.start(&SOON));
    let config = json!({
        "agents": [{ "uid": "ann", "cap": 2 }, { "uid": "bob", "cap": 2 }, { "uid": "cat", "cap": 1 }],
        "accept_seconds": 0.8, "away": { "offline_seconds": 0, "missed": 0, "check_seconds": 1 },
        "queue": { "every_seconds": 0.5 }, "idle": { "remind_seconds": 0.5, "close_seconds": 0.5 },
        "survey": { "as": "text" }, "texts": { "position": "place {position}" },
    });
    let mut scene = Scene::on(&server, config).await;
    let agents: Vec<User> = scene.on_duty(["ann", "bob", "cat"]).await.into();
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let uid = format!("c{number}");
        let customer = match number % 3 {
            0 => scene.direct(&uid).await,
            _ => scene.customer(&uid).await,
        };
        customer.wants().await;
        customers.push(customer);
    }
    let mut chance = Chance::new(7);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(50 + u64::try_from(chance.below(250)).unwrap())).await;
        answer(&scene, &agents, &customers).await;
        server.complain();
        server.kill();
        let home = Arc::clone(&home);
        server = Arc::new(tokio::task::spawn_blocking(move || home.start(&SOON)).await.unwrap());
        scene = scene.moved(&server);
        customers = customers.into_iter().map(|customer| customer.moved(&scene)).collect();
    }
    let agents: Vec<User> = agents.iter().map(|agent| scene.app.stranger(&agent.uid)).collect();
    eventually("all to be served", async || {
        answer(&scene, &agents, &customers).await;
        for customer in &customers {
            if customer.desk().await["by"] != "closed" {
                return None;
            }
        }
        Some(())
    })
    .await;
    eventually("nobody to have anything", async || {
        for agent in ["ann", "bob", "cat"] {
            if scene.load(agent).await > 0 {
                return None;
            }
        }
        Some(())
    })
    .await;
    for customer in &customers {
        let case = customer.there().await;
        if case.id != customer.id {
            let page = customer.user.call("conversation.list", json!({})).await;
            assert_eq!(page["conversations"].as_array().unwrap().len(), 2, "one case: {page}");
            assert_eq!(customer.user.texts(customer.id).await.len(), 1, "where to go");
        }
        let customer = &case;
        let texts = customer.user.texts(customer.id).await;
        let count = |part: &str| texts.iter().filter(|text| text.contains(part)).count();
        for (part, times) in [
            ("talking to", 1),
            ("still there?", 1),
            ("have not heard", 1),
            ("How did we do?", 1),
        ] {
            assert_eq!(count(part), times, "{part}: {texts:?}");
        }
        let places: Vec<&String> = texts.iter().filter(|text| text.starts_with("place ")).collect();
        let mut different = places.clone();
        different.dedup();
        assert_eq!(places, different, "no place twice in a row: {texts:?}");
        assert_eq!(count("many before you"), 0, "so many are never there: {texts:?}");
        assert_eq!(customer.members().await, std::slice::from_ref(&customer.user.uid));
    }
    let queue = scene.console("GET", "/queue", Value::Null).await.ok();
    assert_eq!(queue["waiting"], json!([]));
    assert_eq!(scene.app.dead_jobs().await, [Value::Null; 0]);
}

/// Agents say one word where they were offered a conversation, as far as the server lets them.
async fn answer(scene: &Scene, agents: &[User], customers: &[Customer]) {
    for customer in customers {
        let customer = customer.there().await;
        let Some(offered) = customer.desk().await["offered"].as_str().map(str::to_owned) else {
            continue;
        };
        let Some(agent) = agents.iter().find(|agent| agent.uid == offered) else {
            continue;
        };
        let agent = scene.app.stranger(&agent.uid);
        let text = json!({ "conversation": customer.id, "kind": "text", "body": { "text": "hello" } });
        // The offer may be somebody else's by now.
        let _ = agent.attempt("message.send", text).await;
    }
}

impl Customer {
    fn moved(self, scene: &Scene) -> Self {
        Self {
            user: scene.app.stranger(&self.user.uid),
            id: self.id,
        }
    }
}
