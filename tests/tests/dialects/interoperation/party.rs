//! A user of some protocol: says things to a uid, and hears them, each in its protocol's own words.

use serde_json::{Value, json};

use super::said::{Tongue, What};
use super::town::Town;
use crate::dialects::hooks::scene::call;
use crate::dialects::imrest::wire::Wire;
use crate::dialects::shiku::desk::{Person as ShikuPerson, Wire as ShikuWire, object};
use crate::dialects::social::line::{Line, data};
use crate::dialects::wokchat::page::Page;
use crate::dialects::wokchat::shop::Person as WokPerson;
use crate::harness::{Socket, User};

/// A user, connected.
pub struct Party {
    pub uid: String,
    pub way: Way,
}

/// Its protocol.
pub enum Way {
    Wokchat(Box<WokPerson>, Box<Page>),
    Imrest(Box<Wire>),
    Social(Box<Line>),
    Hooks(Box<Wire>),
    Shiku(Box<ShikuPerson>, Box<ShikuWire>),
    Native(Box<User>, Box<Socket>),
}

/// What was heard, as the protocol tells it.
#[derive(Debug)]
pub struct Heard {
    /// The protocol's word for the kind.
    pub kind: Value,
    /// The uid it is from.
    pub from: String,
    /// All of it.
    pub whole: Value,
}

impl Party {
    pub fn wokchat(uid: String, person: WokPerson, page: Page) -> Self {
        let way = Way::Wokchat(Box::new(person), Box::new(page));
        Self { uid, way }
    }

    pub fn imrest(wire: Wire, uid: String) -> Self {
        let way = Way::Imrest(Box::new(wire));
        Self { uid, way }
    }

    pub fn social(line: Line, uid: String) -> Self {
        let way = Way::Social(Box::new(line));
        Self { uid, way }
    }

    pub fn hooks(wire: Wire, uid: String) -> Self {
        let way = Way::Hooks(Box::new(wire));
        Self { uid, way }
    }

    pub fn shiku(person: ShikuPerson, wire: ShikuWire) -> Self {
        let uid = person.id.clone();
        let way = Way::Shiku(Box::new(person), Box::new(wire));
        Self { uid, way }
    }

    pub fn native(uid: String, user: User, socket: Socket) -> Self {
        let way = Way::Native(Box::new(user), Box::new(socket));
        Self { uid, way }
    }

    pub fn tongue(&self) -> Tongue {
        match self.way {
            Way::Wokchat(..) => Tongue::Wokchat,
            Way::Imrest(_) => Tongue::Imrest,
            Way::Social(_) => Tongue::Social,
            Way::Hooks(_) => Tongue::Hooks,
            Way::Shiku(..) => Tongue::Shiku,
            Way::Native(..) => Tongue::Native,
        }
    }

    /// Says something to a user. The protocol must have a word for it.
    pub async fn say(&mut self, town: &Town, to: &str, what: What, mark: &str) {
        let tongue = self.tongue();
        let number = what
            .number(tongue)
            .unwrap_or_else(|| panic!("{tongue:?} has no {what:?}"));
        let uid = self.uid.clone();
        match &mut self.way {
            Way::Wokchat(person, page) => {
                let answer = person.done("connectToUser", json!({ "to_uid": to })).await;
                let session = &answer["session"]["id"];
                let content = match what {
                    What::Text => format!("hello {mark}"),
                    What::Link => json!({ "title": mark, "url": what.url(mark) }).to_string(),
                    _ => what.url(mark),
                };
                let frame =
                    json!({ "action": "send_by_session", "session_id": session, "content": content, "type": number });
                page.ask(frame, "send_success").await;
            }
            Way::Imrest(_) => {
                let conv = town.imrest.conversation(&uid, &[to], 1).await;
                let mut body = json!({ "from_client": uid, "type": number });
                match what {
                    What::Text => body["text"] = json!(format!("hello {mark}")),
                    What::Location => body["attr"] = json!({ "latitude": 24.5, "longitude": 118.1, "name": mark }),
                    _ => body["url"] = json!(what.url(mark)),
                }
                town.imrest.say(&conv, body).await;
            }
            Way::Social(line) => {
                let extra = match what {
                    What::Text => json!({}),
                    What::Image => json!({ "url": what.url(mark), "width": 640, "height": 480, "is_original": 1 }),
                    What::Voice => json!({ "voice_url": what.url(mark), "duration": 3 }),
                    What::Video => json!({ "video_url": what.url(mark), "videoTotalTime": 15 }),
                    What::Location => json!({ "latitude": "24.5", "longitude": "118.1", "title": mark }),
                    What::File => {
                        json!({ "file_name": "a.pdf", "file_size": 5, "etag": "e", "download_url": what.url(mark) })
                    }
                    What::Card | What::Link => json!({ "app_user_id": "100001", "nickname": mark }),
                };
                let content = if what == What::Text {
                    format!("hello {mark}")
                } else {
                    String::new()
                };
                let frame = json!({ "action": "chat", "type": number, "content": content, "extra": extra, "to_app_user_id": to });
                line.done(frame).await;
            }
            Way::Hooks(wire) => {
                let frame = json!({ "serviceType": "chat", "uid": to, "type": what.kind(), "data": what.body(mark) });
                let answer = call(wire, frame).await;
                assert_eq!(answer["code"], 0, "{answer}");
            }
            Way::Shiku(_, wire) => {
                let mut up = object(to, &format!("n-{mark}"), &format!("hello {mark}"));
                let said = match what {
                    What::Text => json!({}),
                    What::Location => {
                        json!({ "content": "/map.png", "location_x": 24.5, "location_y": 118.1, "objectId": mark })
                    }
                    What::Card => json!({ "content": mark, "objectId": "100001" }),
                    What::File => json!({ "content": what.url(mark), "fileName": "a.pdf", "fileSize": 5 }),
                    What::Link => {
                        json!({ "content": json!({ "title": mark, "url": what.url(mark), "img": "" }).to_string() })
                    }
                    _ => json!({ "content": what.url(mark) }),
                };
                up["type"] = json!(number);
                up.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
                let echo = wire.ask(up).await;
                assert!(echo["resultCode"].is_null(), "{echo}");
            }
            Way::Native(user, _) => {
                let made = user
                    .call("conversation.create", json!({ "kind": "direct", "members": [to] }))
                    .await;
                let message = json!({ "conversation": made["id"], "kind": what.kind(), "body": what.body(mark) });
                user.call("message.send", message).await;
            }
        }
    }

    /// The next message that somebody else has sent; `what` is what it is expected to be.
    pub async fn hear(&mut self, what: What) -> Heard {
        let tongue = self.tongue();
        let text = |value: &Value| value.to_string().trim_matches('"').to_owned();
        match &mut self.way {
            Way::Wokchat(person, page) => {
                let told = loop {
                    let told = page.expect("new_message").await;
                    if text(&told["from_uid"]) != person.uid.to_string() {
                        break told;
                    }
                };
                let ask = json!({ "session_id": told["session"]["id"], "from_msg_id": 0, "pagesize": 1 });
                let list = person.done("getHistoryMessageList", ask).await;
                let whole = list["list"][0].clone();
                Heard {
                    kind: whole["type"].clone(),
                    from: text(&whole["from_uid"]),
                    whole,
                }
            }
            Way::Imrest(wire) => loop {
                let frame = wire.next().await;
                if frame["type"] == "msg.new" {
                    let whole = frame["data"].clone();
                    return Heard {
                        kind: whole["type"].clone(),
                        from: text(&whole["from_client"]),
                        whole,
                    };
                }
            },
            Way::Social(line) => {
                let frame = line.action("chat").await;
                let whole = data(&frame);
                Heard {
                    kind: whole["type"].clone(),
                    from: text(&frame["user_id"]),
                    whole,
                }
            }
            Way::Hooks(wire) => loop {
                let whole = wire.next().await["info"].clone();
                if whole["serviceType"] == "chat" {
                    return Heard {
                        kind: whole["type"].clone(),
                        from: text(&whole["uid"]),
                        whole,
                    };
                }
            },
            Way::Shiku(_, wire) => {
                let whole = wire.heard(what.number(tongue).unwrap_or(1)).await;
                Heard {
                    kind: whole["type"].clone(),
                    from: text(&whole["fromUserId"]),
                    whole,
                }
            }
            Way::Native(_, socket) => {
                let whole = socket.event("message.sent").await["data"].clone();
                Heard {
                    kind: whole["kind"].clone(),
                    from: text(&whole["from"]),
                    whole,
                }
            }
        }
    }
}
