use serde_json::{Value, json};

use super::club::Club;
use super::line::{Line, data};

async fn edited(line: &mut Line, group: &str) -> Value {
    let frame = line.system(12).await;
    let data = data(&frame);
    assert_eq!(
        (&frame["group_id"], &data["group_id"], &data["extra"]["group_id"]),
        (&json!(group), &json!(group), &json!(group))
    );
    assert!(
        frame["msg_id"].is_u64() && frame["nonce"].is_string() && frame["time"].is_u64(),
        "{frame}"
    );
    let mut extra = data["extra"].clone();
    extra.as_object_mut().unwrap().remove("group_id");
    extra
}

#[tokio::test]
async fn s6_every_edit_is_told_with_what_changed() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("before", &[&b, &c]).await;
    let (mut on_a, mut on_b) = (a.line().await, b.line().await);
    on_b.so_far().await;
    on_a.so_far().await;
    let edit = |fields: Value| {
        let mut fields = fields;
        fields["group_id"] = json!(group);
        a.done("/group/edit", fields)
    };
    let info = edit(json!({ "group_name": "after", "cover": "http://img/c.jpg" })).await;
    assert_eq!(
        (&info["group_name"], &info["cover"], &info["app_user_id"]),
        (&json!("after"), &json!("http://img/c.jpg"), &json!("a"))
    );
    for line in [&mut on_a, &mut on_b] {
        assert_eq!(
            edited(line, &group).await,
            json!({ "group_name": "after", "cover": "http://img/c.jpg" })
        );
    }
    edit(json!({ "notice": "字".repeat(300) })).await;
    assert_eq!(edited(&mut on_b, &group).await, json!({ "notice": "字".repeat(300) }));
    // Only the owner speaks.
    edit(json!({ "banned_to_post": "1" })).await;
    assert_eq!(edited(&mut on_b, &group).await, json!({ "banned_to_post": 1 }));
    let frame = json!({ "action": "groupChat", "type": 1, "content": "x", "group_id": group });
    assert_eq!(on_b.refused(frame.clone()).await, 0);
    on_a.done(frame.clone()).await;
    edit(json!({ "banned_to_post": 0 })).await;
    assert_eq!(edited(&mut on_b, &group).await, json!({ "banned_to_post": 0 }));
    on_b.done(frame).await;
    let info = edit(json!({ "invite_mode": 1 })).await;
    assert_eq!(
        (&info["invite_mode"], &info["notice"]),
        (&json!(1), &json!("字".repeat(300)))
    );
    assert_eq!(edited(&mut on_b, &group).await, json!({ "invite_mode": 1 }));
    // Several at once are several frames.
    edit(json!({ "group_name": "third", "notice": "n" })).await;
    assert_eq!(edited(&mut on_b, &group).await, json!({ "group_name": "third" }));
    assert_eq!(edited(&mut on_b, &group).await, json!({ "notice": "n" }));
}

#[tokio::test]
async fn s6_a_new_owner_must_be_a_member() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[&b]).await;
    let mut on_b = b.line().await;
    on_b.so_far().await;
    let to = |owner: &str| json!({ "group_id": group, "app_user_id": owner, "group_name": "not this" });
    assert_eq!(a.refused("/group/edit", to("c")).await, 0);
    assert_eq!(a.refused("/group/edit", to("nobody")).await, 0);
    assert_eq!(b.refused("/group/edit", to("b")).await, 0);
    assert_eq!(
        a.done("/group/info", json!({ "group_id": group })).await["group_name"],
        "g"
    );
    a.done("/group/edit", json!({ "group_id": group, "app_user_id": "b" }))
        .await;
    assert_eq!(edited(&mut on_b, &group).await, json!({ "app_user_id": "b" }));
    assert_eq!(
        a.refused("/group/edit", json!({ "group_id": group, "group_name": "mine" }))
            .await,
        0
    );
    b.done("/group/edit", json!({ "group_id": group, "banned_to_post": 1 }))
        .await;
    let mut on_a = a.line().await;
    let frame = json!({ "action": "groupChat", "type": 1, "content": "x", "group_id": group });
    assert_eq!(on_a.refused(frame).await, 0, "who was the owner speaks no more");
    drop(c);
}

#[tokio::test]
async fn s6_a_bad_edit_changes_nothing() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[&b]).await;
    for (name, value, code) in [
        ("notice", json!("字".repeat(301)), 400),
        ("banned_to_post", json!(2), 400),
        ("banned_to_post", json!("yes"), 400),
        ("invite_mode", json!([]), 400),
        ("cover", json!({}), 400),
        ("group_id", json!("999999"), 400),
        ("group_id", json!(null), 400),
        ("group_id", json!([]), 400),
    ] {
        let mut edit = json!({ "group_id": group, "group_name": "changed" });
        edit[name] = value.clone();
        assert_eq!(a.refused("/group/edit", edit).await, code, "{name} {value}");
    }
    let edit = json!({ "group_id": group, "group_name": "changed" });
    assert_eq!(b.refused("/group/edit", edit.clone()).await, 0);
    assert_eq!(c.refused("/group/edit", edit).await, 400);
    assert_eq!(
        a.done("/group/info", json!({ "group_id": group })).await["group_name"],
        "g"
    );
}

#[tokio::test]
async fn s7_a_group_is_made_and_its_members_are_told() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let mut on_b = b.line().await;
    let made = a
        .done(
            "/group/create",
            json!({ "group_name": "新群", "app_user_ids": ["b", "a"] }),
        )
        .await;
    assert_eq!(
        (
            &made["group_name"],
            &made["invite_mode"],
            &made["banned_to_post"],
            &made["member_count"]
        ),
        (&json!("新群"), &json!(0), &json!(0), &json!(2))
    );
    let told = on_b.system(17).await;
    let extra = data(&told)["extra"].clone();
    assert_eq!(extra["inviter"], json!({ "nickname": "nick a", "app_user_id": "a" }));
    assert_eq!(extra["group_info"]["group_id"], made["group_id"]);
    assert!(on_b.so_far().await.is_empty(), "opening it to its members is no edit");
    for body in [
        json!({ "app_user_ids": ["b"] }),
        json!({ "group_name": "", "app_user_ids": ["b"] }),
        json!({ "group_name": "g", "app_user_ids": ["nobody"] }),
        json!({ "group_name": "g", "app_user_ids": { "a": 1 } }),
        json!({ "group_name": "g", "app_user_ids": [[]] }),
    ] {
        assert_eq!(a.refused("/group/create", body).await, 400);
    }
}

#[tokio::test]
async fn s7_who_is_invited_is_told_of_everyone() {
    let club = Club::new().await;
    let [a, b, c, d] = club.people(["a", "b", "c", "d"]).await;
    let group = a.group("g", &[&b]).await;
    let (mut on_a, mut on_c) = (a.line().await, c.line().await);
    on_a.so_far().await;
    // Any member may, until it is in invite mode.
    let answer = b
        .done(
            "/group/invite",
            json!({ "group_id": group, "app_user_ids": ["c", "a"] }),
        )
        .await;
    assert_eq!(answer["app_user_ids"], json!(["c"]));
    for line in [&mut on_a, &mut on_c] {
        let told = line.system(17).await;
        assert_eq!(told["group_id"], json!(group));
        let extra = data(&told)["extra"].clone();
        assert_eq!(extra["inviter"], json!({ "nickname": "nick b", "app_user_id": "b" }));
        let members = extra["member_list"].as_array().unwrap();
        let ids: Vec<_> = members
            .iter()
            .map(|member| member["app_user_id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["a", "b", "c"]);
        assert!(
            members
                .iter()
                .all(|member| member["nickname"].is_string() && member["head"].is_string())
        );
        assert_eq!(
            (&extra["group_info"]["group_name"], &extra["group_info"]["member_count"]),
            (&json!("g"), &json!(3))
        );
    }
    a.done("/group/edit", json!({ "group_id": group, "invite_mode": 1 }))
        .await;
    let invite = json!({ "group_id": group, "app_user_ids": "d" });
    assert_eq!(b.refused("/group/invite", invite.clone()).await, 0);
    assert_eq!(d.refused("/group/invite", invite.clone()).await, 400);
    assert_eq!(d.refused("/group/join", json!({ "group_id": group })).await, 0);
    a.done("/group/invite", invite).await;
    for bad in [
        json!({ "group_id": group }),
        json!({ "group_id": group, "app_user_ids": ["nobody"] }),
    ] {
        assert_eq!(a.refused("/group/invite", bad).await, 400);
    }
    let listed = d.done("/group/members", json!({ "group_id": group })).await;
    assert_eq!(listed["member_list"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn s7_who_joins_is_told_with_whose_invitation() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[]).await;
    let mut on_a = a.line().await;
    on_a.so_far().await;
    b.done("/group/join", json!({ "group_id": group })).await;
    let told = on_a.system(16).await;
    let card = |id: &str| json!({ "nickname": format!("nick {id}"), "app_user_id": id });
    let mut joiner = card("b");
    joiner["head"] = "http://img/b.jpg".into();
    assert_eq!(
        data(&told),
        json!({ "group_id": group, "content": "", "type": 16, "extra": { "inviter": card("b"), "joiner": joiner } })
    );
    assert_eq!(told["group_id"], json!(group));
    assert_eq!(
        c.refused("/group/join", json!({ "group_id": group, "inviter": "nobody" }))
            .await,
        400
    );
    c.done(
        "/group/join",
        json!({ "group_id": group, "inviter": { "app_user_id": "b" } }),
    )
    .await;
    let extra = data(&on_a.system(16).await)["extra"].clone();
    assert_eq!(
        (&extra["inviter"], &extra["joiner"]["app_user_id"]),
        (&card("b"), &json!("c"))
    );
    // Twice is once.
    c.done("/group/join", json!({ "group_id": group })).await;
    assert!(on_a.so_far().await.is_empty());
}

#[tokio::test]
async fn s7_who_is_removed_and_who_leaves() {
    let club = Club::new().await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let group = a.group("g", &[&b, &c]).await;
    let (mut on_a, mut on_b, mut on_c) = (a.line().await, b.line().await, c.line().await);
    for line in [&mut on_a, &mut on_b, &mut on_c] {
        line.so_far().await;
    }
    assert_eq!(
        b.refused("/group/remove", json!({ "group_id": group, "app_user_ids": ["c"] }))
            .await,
        0
    );
    assert_eq!(
        a.refused("/group/remove", json!({ "group_id": group, "app_user_ids": ["a"] }))
            .await,
        400
    );
    a.done("/group/remove", json!({ "group_id": group, "app_user_ids": ["b"] }))
        .await;
    for line in [&mut on_a, &mut on_b, &mut on_c] {
        let told = line.system(14).await;
        let data = data(&told);
        assert_eq!(data["admin"], json!({ "app_user_id": "a", "nickname": "nick a" }));
        assert_eq!(data["extra"]["group_id"], json!(group));
        let removed = data["extra"]["removed_member_list"].as_array().unwrap();
        assert_eq!((removed.len(), &removed[0]["app_user_id"]), (1, &json!("b")));
    }
    for line in [&mut on_a, &mut on_b, &mut on_c] {
        assert!(line.so_far().await.is_empty(), "told once");
    }
    let frame = json!({ "action": "groupChat", "type": 1, "content": "x", "group_id": group });
    assert_eq!(on_b.refused(frame).await, 400);
    assert_eq!(
        on_b.refused(json!({ "action": "leaveGroup", "extra": { "group_id": group } }))
            .await,
        400
    );

    let echo = on_c
        .done(json!({ "action": "leaveGroup", "extra": { "group_id": group } }))
        .await;
    assert_eq!((&echo["result"], &echo["group_id"]), (&json!(""), &json!(group)));
    let data = data(&on_a.system(14).await);
    assert_eq!(data["admin"], json!({ "app_user_id": "c", "nickname": "nick c" }));
    assert_eq!(data["extra"]["removed_member_list"][0]["app_user_id"], "c");
    assert_eq!(on_c.refused(json!({ "action": "leaveGroup", "extra": {} })).await, 400);
}

#[tokio::test]
async fn s7_the_end_of_a_group() {
    let club = Club::new().await;
    let [a, b] = club.people(["a", "b"]).await;
    let group = a.group("g", &[&b]).await;
    let mut on_b = b.line().await;
    on_b.so_far().await;
    assert_eq!(b.refused("/group/dissolve", json!({ "group_id": group })).await, 0);
    a.done("/group/dissolve", json!({ "group_id": group })).await;
    let told = on_b.system(13).await;
    assert_eq!(
        (&data(&told)["group_id"], &told["group_id"]),
        (&json!(group), &json!(group))
    );
    assert!(told["msg_id"].is_u64(), "{told}");
    for path in ["/group/dissolve", "/group/info", "/group/edit", "/group/join"] {
        assert_eq!(
            a.refused(path, json!({ "group_id": group, "group_name": "x" })).await,
            400,
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_stored_system_messages_events_tell_the_same_once() {
    let club = Club::with(json!({ "system_messages": false })).await;
    let [a, b, c] = club.people(["a", "b", "c"]).await;
    let mut on_b = b.line().await;
    let group = a.group("g", &[&b]).await;
    assert_eq!(data(&on_b.system(17).await)["extra"]["inviter"]["app_user_id"], "a");
    a.done(
        "/group/edit",
        json!({ "group_id": group, "group_name": "new", "notice": "n" }),
    )
    .await;
    assert_eq!(edited(&mut on_b, &group).await["group_name"], "new");
    assert_eq!(edited(&mut on_b, &group).await["notice"], "n");
    c.done("/group/join", json!({ "group_id": group })).await;
    assert_eq!(data(&on_b.system(16).await)["extra"]["joiner"]["app_user_id"], "c");
    a.done("/group/remove", json!({ "group_id": group, "app_user_ids": ["b"] }))
        .await;
    assert_eq!(data(&on_b.system(14).await)["admin"]["app_user_id"], "a");
    assert!(on_b.so_far().await.is_empty());
}
