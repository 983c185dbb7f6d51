//! Which app is addressed, and what is said when that leads nowhere. Pure: runs for no app.

use switchboard_plugin::hooks::dialect::{Address, Answer, Arrival, Content, FaultKind, Request};

use crate::answer::{failure, response, toast};
use crate::fault::{Fault, LATER, MALFORMED, NO_APP, NOT_LOGGED_IN};
use crate::params::Params;

/// The longest app id that is looked up.
const APP_BYTES: usize = 32;

/// The fields of a request; none if its body is neither a form nor a JSON object. A body goes before the query.
pub fn fields(request: &Request) -> Option<Params> {
    let mut params = Params::default();
    params.add(&request.query);
    match &request.content {
        Content::None => {}
        Content::Form(fields) => params.add(fields),
        Content::Multipart(parts) => params.add(&parts.fields),
        Content::Text(text) if text.trim().is_empty() => {}
        Content::Text(text) => params.0.extend(Params::of_json(text)?.0),
        Content::Bytes(_) => return None,
    }
    Some(params)
}

/// The app of what arrives. A socket is let in first and says in its login for which app it is.
pub fn address(arrival: &Arrival) -> Address {
    let params = match arrival {
        Arrival::Socket(_) => return Address::Later,
        Arrival::Request(request) => fields(request),
        Arrival::Frame(frame) => Params::of_json(frame).filter(|frame| action(frame) == "login"),
    };
    let app = params.and_then(|params| params.text("app_id").ok().flatten());
    app.filter(|app| app.len() <= APP_BYTES)
        .map_or(Address::Unknown, Address::App)
}

/// The action of a frame.
pub fn action(frame: &Params) -> String {
    frame.text("action").ok().flatten().unwrap_or_default()
}

/// What the host could not pass on, in this protocol's words.
pub fn fault(arrival: &Arrival, kind: FaultKind) -> Answer {
    let why = match kind {
        FaultKind::Unidentified => unidentified(arrival),
        FaultKind::UnknownApp => NO_APP,
        FaultKind::DisabledApp => "应用已停用",
        FaultKind::NotInstalled => "应用未开通聊天",
        FaultKind::Failed => LATER,
        FaultKind::TooLarge => "发送内容过长",
        FaultKind::Malformed => MALFORMED,
        FaultKind::Busy => "系统繁忙请稍候再试",
    };
    let why = Fault::new(why);
    match arrival {
        Arrival::Frame(frame) if kind == FaultKind::Unidentified && is_heartbeat(frame) => Answer::Frames(Vec::new()),
        Arrival::Frame(_) => Answer::Frames(vec![toast(&why)]),
        Arrival::Request(_) | Arrival::Socket(_) => Answer::Response(response(failure(&why))),
    }
}

fn is_heartbeat(frame: &str) -> bool {
    Params::of_json(frame).is_some_and(|frame| action(&frame) == "heartbeat")
}

fn unidentified(arrival: &Arrival) -> &'static str {
    match arrival {
        Arrival::Socket(_) => NOT_LOGGED_IN,
        Arrival::Request(request) if fields(request).is_none() => MALFORMED,
        Arrival::Request(_) => "app_id不能为空",
        Arrival::Frame(frame) => match Params::of_json(frame) {
            None => MALFORMED,
            Some(frame) if action(&frame) == "login" => "app_id不能为空",
            Some(_) => NOT_LOGGED_IN,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_plugin::host::types::Param;

    fn request(query: &[(&str, &str)], content: Content) -> Arrival {
        let param = |(name, value): &(&str, &str)| Param {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Arrival::Request(Request {
            method: "POST".to_owned(),
            path: "/api/wokchatadmin/pushUser".to_owned(),
            query: query.iter().map(param).collect(),
            headers: Vec::new(),
            content,
            base: "http://a".to_owned(),
            remote: "127.0.0.1".to_owned(),
            id: "1".to_owned(),
        })
    }

    fn said(arrival: &Arrival, kind: FaultKind) -> String {
        match fault(arrival, kind) {
            Answer::Response(response) => {
                assert_eq!(response.status, 200);
                response.body
            }
            Answer::Frames(frames) => frames.join("|"),
        }
    }

    #[test]
    fn the_app_is_named_anywhere() {
        let app = Address::App("10001".to_owned());
        let json = |text: &str| request(&[], Content::Text(text.to_owned()));
        assert_eq!(address(&json(r#"{"app_id":10001}"#)), app);
        assert_eq!(address(&json(r#"{"app_id":"10001"}"#)), app);
        assert_eq!(address(&request(&[("app_id", "10001")], Content::None)), app);
        let frame = |text: &str| address(&Arrival::Frame(text.to_owned()));
        assert_eq!(frame(r#"{"action":"login","app_id":10001}"#), app);
        for unknown in [
            json("not json"),
            json("{}"),
            json(r#"{"app_id":[1]}"#),
            request(&[("app_id", "10001")], Content::Text("no json".to_owned())),
        ] {
            assert_eq!(address(&unknown), Address::Unknown);
        }
        assert_eq!(frame(r#"{"action":"bye","app_id":10001}"#), Address::Unknown);
    }

    #[test]
    fn faults_differ() {
        let any = request(&[], Content::None);
        let texts: std::collections::BTreeSet<String> = [
            FaultKind::Unidentified,
            FaultKind::UnknownApp,
            FaultKind::DisabledApp,
            FaultKind::NotInstalled,
            FaultKind::TooLarge,
            FaultKind::Malformed,
        ]
        .into_iter()
        .map(|kind| said(&any, kind))
        .collect();
        assert_eq!(texts.len(), 6);
        let frame = |text: &str| said(&Arrival::Frame(text.to_owned()), FaultKind::Unidentified);
        assert_eq!(frame(r#"{"action":"heartbeat"}"#), "");
        assert_eq!(frame("x"), r#"{"do_action":"show_toast","text":"数据格式错误"}"#);
        assert!(frame(r#"{"action":"bye"}"#).contains(NOT_LOGGED_IN));
    }

    proptest::proptest! {
        #[test]
        fn any_frame_has_an_address(text in "\\PC{0,60}") {
            let arrival = Arrival::Frame(text);
            let _ = (address(&arrival), fault(&arrival, FaultKind::Unidentified));
        }
    }
}
