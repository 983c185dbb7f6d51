use super::*;
use serde_json::json;

fn read(value: Value) -> Outcome<Registration> {
    Registration::read(value.as_object().unwrap())
}

fn callback(url: &str) -> Callback {
    Callback {
        url: url.to_owned(),
        attach: Map::new(),
    }
}

fn event(name: &str) -> Purpose {
    Purpose::Event(name.to_owned())
}

fn chat(uid: &str, gids: &[&str]) -> Purpose {
    Purpose::Chat {
        uid: uid.to_owned(),
        gids: gids.iter().map(|gid| (*gid).to_owned()).collect(),
    }
}

#[test]
fn the_documents_requests() {
    let url = "http://115.29.140.95/message/index/notify";
    let registration = read(json!({
        "modeType": "add", "attach": [], "eventName": "T-1", "token": "9ecf", "notifyUrl": url,
    }));
    let registration = registration.unwrap();
    assert_eq!((registration.mode, registration.purpose), (Mode::Add, event("T-1")));
    assert_eq!(registration.callback, Some(callback(url)));
    let registration = read(json!({ "uid": "123", "gids": ["B", "A"], "token": "98f9", "notifyUrl": url })).unwrap();
    assert_eq!(registration.purpose, chat("123", &["A", "B"]));
}

#[test]
fn what_is_missing_and_what_is_wrong() {
    let with = |name: &str, value: Value| {
        let mut all = json!({ "uid": 1, "gids": "A", "token": "t", "notifyUrl": "http://a/b" });
        all[name] = value;
        read(all).map(|_| 0).unwrap_or_else(|failure| failure.code)
    };
    assert_eq!(with("modeType", json!("add")), 0);
    for (name, value) in [
        ("modeType", json!("put")),
        ("modeType", json!(1)),
        ("uid", Value::Null),
        ("uid", json!("x".repeat(65))),
        ("gids", Value::Null),
        ("gids", json!([])),
        ("gids", json!([{}])),
        ("token", Value::Null),
        ("token", json!(5)),
        ("notifyUrl", json!("x")),
        ("attach", json!("x")),
        ("eventName", json!("x".repeat(101))),
    ] {
        assert_eq!(with(name, value.clone()), 400, "{name} {value}");
    }
    assert_eq!(with("attach", json!({ "a": "x".repeat(3000) })), 413);
    assert_eq!(read(json!({ "token": "t" })).unwrap_err().code, 400);
    assert!(
        read(json!({ "modeType": "del", "eventName": "e", "token": "t" }))
            .unwrap()
            .callback
            .is_none()
    );
}

#[test]
fn the_same_again_modifies() {
    let mut record = Record::default();
    assert_eq!(record.add(&event("T-1"), callback("http://a")), Ok(false));
    assert_eq!(record.add(&event("T-1"), callback("http://b")), Ok(true));
    assert_eq!(record.add(&chat("u", &["A"]), callback("http://b")), Ok(false));
    assert_eq!(record.add(&chat("u", &["A"]), callback("http://c")), Ok(true));
    assert_eq!(record.add(&chat("u", &["B"]), callback("http://b")), Ok(false));
    assert!(record.is_in("A") && !record.is_in("C"));
    let told = record.callbacks();
    let at = &told["http://b"];
    assert_eq!(
        (at.events.as_slice(), at.uid, at.gids.as_slice()),
        (&["T-1"][..], Some("u"), &["B"][..])
    );
    assert_eq!(told.len(), 2);
    assert_eq!(record.add(&chat("v", &["A"]), callback("http://c")), Ok(false));
    assert_eq!((record.chats.len(), record.chatter()), (1, Some("v")));
    assert!(record.remove(&event("T-1")) && !record.remove(&event("T-1")));
    assert!(record.remove(&chat("v", &["A"])) && record.is_empty());
}

#[test]
fn a_token_has_its_bounds() {
    let mut record = Record::default();
    for at in 0..EVENTS {
        record.add(&event(&at.to_string()), callback("http://a")).unwrap();
    }
    assert_eq!(record.add(&event("x"), callback("http://a")).unwrap_err().code, 413);
}

proptest::proptest! {
    #[test]
    fn records_come_back_from_storage(names in proptest::collection::vec("\\PC{1,9}", 0..9)) {
        let mut record = Record::default();
        for name in &names {
            record.add(&event(name), callback("http://a")).unwrap();
            record.add(&chat("u", &[name]), callback("http://a")).unwrap();
        }
        let text = serde_json::to_string(&record).unwrap();
        proptest::prop_assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }
}
