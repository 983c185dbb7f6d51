use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ambient::SystemRandom;

fn seal() -> Seal {
    Seal::new(Arc::new(Fixed(7)))
}

struct Fixed(u8);

impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn names(names: &[&str]) -> Names {
    Names::new(names.iter().map(ToString::to_string))
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

const FIRST: &str = "sealed-0707070707070707-00000000";

#[test]
fn a_text_becomes_a_placeholder_and_comes_back() {
    let mut seal = seal();
    assert_eq!(seal.text("secret".to_owned()), FIRST);
    assert_eq!(seal.text("other".to_owned()), "sealed-0707070707070707-00000001");
    assert_eq!(seal.text(String::new()), "");
    assert_eq!(seal.unseal(&format!("<{FIRST}{FIRST}0>")), "<secretsecret0>");
    let unknown = "sealed-0707070707070707-00000002 sealed-0707070707070707-你 sealed-0707070707070707-";
    assert_eq!(seal.unseal(unknown), unknown);
    assert_eq!(Seal::new(Arc::new(Fixed(8))).unseal(FIRST), FIRST);
    assert_eq!(format!("{seal:?}"), "Seal(2 texts)");
}

#[test]
fn what_is_put_back_into_json_is_escaped() {
    let mut seal = seal();
    let hidden = seal.text(r#"a"b\"#.to_owned());
    let inner = json!({ "token": hidden, "n": 1 }).to_string();
    let outer = json!({ "data": inner, "also": [hidden], "plain": "x" }).to_string();
    let opened = parse(&seal.unseal(&outer));
    assert_eq!(opened["also"][0], r#"a"b\"#);
    assert_eq!(parse(opened["data"].as_str().unwrap())["token"], r#"a"b\"#);
    // No JSON: as it is.
    assert_eq!(seal.unseal(&format!("token={hidden}")), r#"token=a"b\"#);
    assert_eq!(seal.unseal(&format!("{{{hidden}")), r#"{a"b\"#);
}

#[test]
fn parameters_and_headers_are_sealed_by_name() {
    let names = names(&["token", "app-key", "authorization"]);
    let mut seal = seal();
    let mut sealed = |header: bool, name: &str, value: &str| {
        let mut value = value.to_owned();
        if header {
            seal.header(&names, name, &mut value);
        } else {
            seal.param(&names, name, &mut value);
        }
        value.replace("0707070707070707-0000000", "")
    };
    assert_eq!(sealed(false, "token", "t"), "sealed-0");
    assert_eq!(sealed(false, "Token", "t"), "t");
    assert_eq!(sealed(false, "token", ""), "");
    assert_eq!(sealed(true, "App-Key", "k"), "sealed-1");
    assert_eq!(sealed(true, "authorization", "Bearer a b"), "Bearer sealed-2");
    assert_eq!(sealed(true, "authorization", "bare"), "sealed-3");
    assert_eq!(sealed(true, "host", "h"), "h");
}

#[test]
fn json_is_sealed_at_any_depth_and_else_left_alone() {
    let names = names(&["token", "pass"]);
    for (json, sealed) in [
        (r#"{"token":"a"}"#, r#"{"token":"0"}"#),
        (
            r#" { "token" : 1.50e3 , "x" : 1.50e3 } "#,
            r#" { "token" : "0" , "x" : 1.50e3 } "#,
        ),
        (
            r#"{"a":[{"token":"a","b":{"pass":"p"}}]}"#,
            r#"{"a":[{"token":"0","b":{"pass":"1"}}]}"#,
        ),
        (
            r#"{"token":["a",2,["b"],null,{"x":"y","pass":"p"},true,"c"]}"#,
            r#"{"token":["0","1",["2"],null,{"x":"y","pass":"3"},true,"4"]}"#,
        ),
        (
            r#"{"token":[],"x":"y","pass":{},"z":"w"}"#,
            r#"{"token":[],"x":"y","pass":{},"z":"w"}"#,
        ),
        (r#"{"token":null,"pass":false}"#, r#"{"token":null,"pass":false}"#),
        (r#"{"token":""}"#, r#"{"token":""}"#),
        (
            r#"{"tok\u0065n":"a","x":"\u0065"}"#,
            r#"{"tok\u0065n":"0","x":"\u0065"}"#,
        ),
        (
            r#"{"token":"a","token":"b","n":12345678901234567890123}"#,
            r#"{"token":"0","token":"1","n":12345678901234567890123}"#,
        ),
        (r#"["token","a"]"#, r#"["token","a"]"#),
        (r#"{"x":"token"}"#, r#"{"x":"token"}"#),
        // No JSON.
        (r#"{"token":"a""#, r#"{"token":"a""#),
        (r#"{"token":"a"}}"#, r#"{"token":"a"}}"#),
        (r#"{"token":a}"#, r#"{"token":a}"#),
        (r#"{"token":"a",}"#, r#"{"token":"a",}"#),
        (r#"{"token" "a"}"#, r#"{"token" "a"}"#),
        ("token=a", "token=a"),
        ("", ""),
    ] {
        let mut seal = seal();
        let got = seal.json(&names, json.to_owned());
        assert_eq!(got.replace("sealed-0707070707070707-0000000", ""), sealed, "{json}");
    }
}

#[test]
fn no_depth_is_too_deep() {
    let deep = format!("{}{{\"token\":\"a\"}}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut seal = seal();
    let sealed = seal.json(&names(&["token"]), deep.clone());
    assert!(sealed.contains(FIRST));
    assert_eq!(seal.unseal(&sealed), deep);
}

#[test]
fn no_two_calls_have_the_same_placeholders() {
    let (mut one, mut two) = (Seal::new(Arc::new(SystemRandom)), Seal::new(Arc::new(SystemRandom)));
    assert_ne!(one.text("a".to_owned()), two.text("a".to_owned()));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("token|pass|x|.{0,3}", inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// What a guest may see of a value: nothing but placeholders under the names.
fn is_clean(value: &Value, secret: bool) -> bool {
    match value {
        Value::String(text) => !secret || text.is_empty() || text.starts_with(WORD),
        Value::Number(_) => !secret,
        Value::Array(items) => items.iter().all(|item| is_clean(item, secret)),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, value)| is_clean(value, name == "token" || name == "pass")),
        Value::Null | Value::Bool(_) => true,
    }
}

/// The same with numbers under the names as strings: that is how they come back.
fn as_texts(value: &Value, secret: bool) -> Value {
    match value {
        Value::Number(number) if secret => Value::from(number.to_string()),
        Value::Array(items) => items.iter().map(|item| as_texts(item, secret)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), as_texts(value, name == "token" || name == "pass")))
            .collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn sealed_json_shows_nothing_and_comes_back(value in any_json(), pretty in any::<bool>()) {
        let json = if pretty { format!("{value:#}") } else { value.to_string() };
        let mut seal = seal();
        let sealed = seal.json(&names(&["token", "pass"]), json);
        prop_assert!(is_clean(&parse(&sealed), false), "{}", sealed);
        prop_assert_eq!(parse(&seal.unseal(&sealed)), as_texts(&value, false));
    }

    #[test]
    fn any_text_survives(text in ".{0,60}|[\\[\\]{}\":, a-z0-9\\\\]{0,40}", hidden in ".{1,20}") {
        let mut seal = seal();
        let sealed = seal.json(&names(&["a", "b"]), text.clone());
        if serde_json::from_str::<Value>(&text).is_err() && seal.texts.is_empty() {
            prop_assert_eq!(&sealed, &text);
        }
        let placeholder = seal.text(hidden.clone());
        let around = format!("x{text}{placeholder}{text}");
        prop_assert_eq!(seal.unseal(&around), format!("x{text}{hidden}{text}"));
    }

    #[test]
    fn json_inside_json_comes_back(hidden in ".{1,12}", depth in 0_usize..4) {
        let mut seal = seal();
        let placeholder = seal.text(hidden.clone());
        let nest = |leaf: &str| (0..depth).fold(json!({ "v": leaf }), |inner, _| json!({ "v": inner.to_string() }));
        prop_assert_eq!(parse(&seal.unseal(&nest(&placeholder).to_string())), nest(&hidden));
    }
}

#[test]
fn a_name_with_a_slash_counts_at_its_place_only() {
    let names = names(&["/token", "/data/token", "/to"]);
    let mut seal = seal();
    let json =
        r#"{"token":"a","data":{"token":"b","extra":{"token":"c"}},"list":[{"token":"d"}],"to":["e",{"to":"f"}]}"#;
    let sealed = parse(&seal.json(&names, json.to_owned()));
    let hidden = |value: &Value| value.as_str().unwrap().starts_with(WORD);
    assert!(
        hidden(&sealed["token"]) && hidden(&sealed["data"]["token"]) && hidden(&sealed["to"][0]),
        "{sealed}"
    );
    for open in [
        &sealed["data"]["extra"]["token"],
        &sealed["list"][0]["token"],
        &sealed["to"][1]["to"],
    ] {
        assert!(!hidden(open), "{sealed}");
    }
    let mut value = "a".to_owned();
    seal.param(&names, "token", &mut value);
    assert!(value.starts_with(WORD));
}
