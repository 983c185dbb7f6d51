//! What hooks do when they behave.

use super::stage::{Stage, app, call, draft, guest, job, judge, observe, plugin, roster, sent_job};
use crate::model::{Body, Code, Command, ConversationKind, EventKind, Hook, Kind, Observation, Seq, UserId, Who};
use crate::plugin_host::ObserveError;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_checks_bodies_after_the_schema() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    stage.install("n", naughty).await;
    let chain = stage.chain();
    assert!(chain.owns(&Kind::new("naughty").unwrap()) && !chain.owns(&Kind::new("text").unwrap()));
    let complete = async |json: &str| {
        let draft = draft("naughty", Body::trusted(json));
        chain.complete(&call(), &draft, ConversationKind::Group).await
    };
    assert_eq!(complete(r#"{"text":"hi"}"#).await.unwrap().as_str(), r#"{"text":"hi"}"#);
    let refusal = complete("{}").await.unwrap_err();
    assert_eq!(refusal.code, Code::BadBody);
    assert_eq!(
        complete(r#"{"text":"type refuse"}"#).await.unwrap_err().code,
        Code::Plugin("naughty".to_owned())
    );
    assert_eq!(
        complete(r#"{"text":"type panic"}"#).await.unwrap_err().code,
        Code::PluginFailed
    );
    assert_eq!(
        complete(r#"{"text":"type nonsense"}"#).await.unwrap_err().code,
        Code::PluginFailed
    );
    let refusal = complete(r#"{"text":"type write"}"#).await.unwrap_err();
    assert_eq!(
        refusal.code,
        Code::Plugin("write_failed".to_owned()),
        "checking is pure"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_that_is_called_again_writes_once() {
    let counter = guest("counter");
    let stage = Stage::new().await;
    stage.install("count", counter).await;
    let chain = stage.chain();
    let told = async |id, text| observe(&chain, &sent_job(id, "count"), text).await;
    assert_eq!(told(1, "hello").await, Ok(()));
    assert!(matches!(told(2, "fail-once").await, Err(ObserveError::Failed(text)) if text.contains("as told")));
    assert_eq!(told(2, "fail-once").await, Ok(()));
    assert_eq!(told(3, "hello").await, Ok(()));
    let texts: Vec<String> = stage.door.texts().into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, [r#"{"text":"1"}"#, r#"{"text":"2"}"#, r#"{"text":"3"}"#]);

    let names: Vec<_> = chain.observers(EventKind::MessageSent, None, None, 0).collect();
    assert_eq!(names, [&plugin("count")]);
    assert_eq!(
        chain
            .observers(EventKind::MessageSent, None, Some(&plugin("count")), 0)
            .count(),
        0,
        "not its own"
    );
    assert_eq!(
        chain.observers(EventKind::MessageSent, None, None, 4).count(),
        0,
        "not too deep"
    );
    stage
        .host
        .remove(app(), &plugin("count"), Who::App, false)
        .await
        .unwrap();
    let gone = observe(&stage.chain(), &sent_job(4, "count"), "x").await;
    assert_eq!(gone, Err(ObserveError::Gone));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_a_policy_wait_for_the_verdict() {
    let naughty = guest("naughty");
    let stage = Stage::new().await;
    stage.install("n", naughty).await;
    assert!(stage.send("policy write-refuse").await.is_err());
    let mut message = draft("text", Body::text("policy write"));
    let chain = stage.chain();
    let jobs = judge(&chain, &mut message).await.unwrap();
    assert_eq!(stage.door.texts(), [], "nothing happens before the message is accepted");
    let [new] = &jobs[..] else { panic!("one job: {jobs:?}") };
    let Observation::Writes(writes) = &new.work else {
        panic!("writes: {new:?}")
    };
    for _ in 0..2 {
        chain.perform(&job(5, "n", new.work.clone()), writes).await.unwrap();
    }
    assert_eq!(
        stage.door.texts(),
        [(r#"{"text":"written"}"#.to_owned(), 1)],
        "done twice, sent once"
    );
    // The plugin is not asked about its own message.
    message.origin = Some(plugin("n"));
    assert!(judge(&chain, &mut message).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_greeter_greets() {
    let greeter = guest("greeter");
    let stage = Stage::new().await;
    stage.install("hello", greeter).await;
    let ann = UserId::new("ann").unwrap();
    assert!(stage.chain().greets());
    for _ in 0..2 {
        stage.chain().opened(&call(), &roster(), Seq(0), &ann, Seq(0)).await;
    }
    assert_eq!(stage.door.texts().len(), 2, "each opening is work of its own");
    let pushes = stage
        .door
        .seen
        .lock()
        .iter()
        .filter(|(_, command)| matches!(command, Command::Push { .. }))
        .count();
    assert_eq!(pushes, 2);
    let view = stage.host.install_view(app(), &plugin("hello")).unwrap();
    assert_eq!(view.counters[Hook::Opened as usize].calls, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reused_instances_serve_as_fresh_ones() {
    let links = guest("ten_lines");
    let stage = Stage::new().await;
    stage
        .try_install("p", links, |request| request.reuse = Some(3))
        .await
        .unwrap();
    for _ in 0..10 {
        assert!(stage.send("hello").await.is_ok());
        assert!(stage.send("http://x").await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_ends_after_the_drain_leaves_no_instance_behind() {
    let stage = Stage::with(|settings| settings.wall_ms = 60_000).await;
    stage
        .try_install("p", guest("ten_lines"), |settings| settings.reuse = Some(100))
        .await
        .unwrap();
    let chain = stage.chain();
    let mut message = draft("text", Body::text("hello"));
    judge(&chain, &mut message).await.unwrap();
    let (machine, all) = (stage.host.machine().clone(), stage.settings.instances as usize);
    assert_eq!(
        machine.seats.available_permits(),
        all - 1,
        "one instance waits for its next call"
    );
    stage.host.hurry();
    judge(&chain, &mut message).await.unwrap();
    assert_eq!(machine.seats.available_permits(), all, "and now none does");
    let begun = tokio::time::Instant::now();
    stage.host.stop().await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(30));
}
