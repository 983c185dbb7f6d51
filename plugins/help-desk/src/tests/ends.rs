//! Calls that end before their time, at each question in turn, and are made again.

use serde_json::json;

use super::fake::Caller;
use super::stage::Stage;
use crate::desk::{Call, Desk};

#[test]
fn a_place_is_told_once_wherever_the_call_ends_that_puts_a_customer_back() {
    for fuel in 0..120 {
        let stage = Stage::new(json!({ "away": { "offline_seconds": 0, "missed": 0 } }));
        stage.back(&["ann"]);
        stage.ask("1");
        stage.accept("ann", "1");
        assert_eq!(stage.ask("2"), "queued");
        stage.close("ann", "1");
        assert_eq!(stage.agent_of("2"), "ann");
        stage.world.lock().now += 11_000;
        let caller = Caller::new(&stage.world, "killed", true);
        caller.fuel.set(Some(fuel));
        let call = Call {
            now: stage.world.lock().now,
            again: true,
        };
        let ended = Desk::new(&caller, &stage.config, call).fires("c:2").is_err();
        stage.do_(true, |desk| desk.fires("c:2")).unwrap();
        stage.pass(30_000);
        let texts = stage.world.texts("2");
        assert_eq!(texts.len(), 1, "ended after {fuel}: {texts:?}");
        if !ended {
            return;
        }
    }
    panic!("the call never comes to its end");
}
