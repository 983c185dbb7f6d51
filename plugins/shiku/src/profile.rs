//! A user's profile as the document prints it: every field in its type, also for users that another system has made.
//! No password in any form: the field is there and empty.

use serde_json::{Map, Value, json};
use switchboard_plugin::host::types::User;
use switchboard_plugin::number_of;

use crate::object;

/// What only the owner of a profile is told, and finders of users are not.
const OWN: [&str; 11] = [
    "isOpenResetPwd",
    "myInviteCode",
    "notLetSeeHim",
    "notSeeHim",
    "password",
    "payPassword",
    "role",
    "showLastLoginTime",
    "status",
    "userKey",
    "walletUserNo",
];

/// What this protocol keeps about a user among the attributes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Without the area.
    pub phone: String,
    /// With the area in front.
    pub telephone: String,
    /// The area's digits.
    pub area_code: String,
    /// Seconds; 0 if this protocol has not made the user.
    pub created: i64,
}

impl Facts {
    /// Out of the attributes; what is missing is empty.
    pub fn of(user: &User) -> Self {
        let attributes: Value = serde_json::from_str(&user.attributes).unwrap_or_default();
        let text = |name: &str| object::text(&attributes[name]);
        Self {
            phone: text("phone"),
            telephone: text("telephone"),
            area_code: text("area_code"),
            created: attributes["create_time"].as_i64().unwrap_or_default(),
        }
    }
}

/// What a user is called; one without a nickname by its id.
pub fn name(user: &User) -> &str {
    if user.nickname.is_empty() {
        &user.uid
    } else {
        &user.nickname
    }
}

/// The account number of a user: its number, and six digits that are always the same.
pub fn account(uid: &str) -> String {
    format!("{}{:06}", number_of(uid), digest(uid, 1) % 1_000_000)
}

/// The profile of `/user/get`. Phones are shown to their owner only.
pub fn full(user: &User, own: bool) -> Value {
    let facts = Facts::of(user);
    let (phone, telephone) = if own {
        (facts.phone.as_str(), facts.telephone.as_str())
    } else {
        ("", "")
    };
    json!({
        "account": account(&user.uid), "active": 0, "areaCode": facts.area_code, "areaId": 0, "attCount": 0,
        "birthday": 0, "cityId": 0, "countryId": 0, "createTime": facts.created, "description": "",
        "encryAccount": hex(&user.uid, 2), "fansCount": 0, "friendsCount": 0, "idcard": "", "idcardUrl": "",
        "isAuth": 0, "isOpenResetPwd": 0, "isPasuse": 0, "level": 0, "loc": { "lat": 0.0, "lng": 0.0 },
        "modifyTime": facts.created, "msgNum": 0, "myInviteCode": "", "name": "", "nickname": name(user),
        "notLetSeeHim": false, "notSeeHim": false, "num": 0, "offlineNoPushMsg": 0, "onlinestate": 0,
        "password": "", "payPassword": "", "phone": phone, "provinceId": 0, "realNameCertified": 0, "role": [2],
        "setAccountCount": 0, "settings": settings(), "sex": 1, "showLastLoginTime": facts.created,
        "status": if user.banned { -1 } else { 1 }, "telephone": telephone, "totalConsume": 0.0,
        "totalRecharge": 0.0, "userId": number_of(&user.uid), "userKey": hex(&user.uid, 3), "userType": 2, "vip": 0,
        "walletUserNo": 0, "withdrawBurnReadTime": 0,
    })
}

/// The shorter profile that a search finds.
pub fn found(user: &User) -> Value {
    let mut profile = full(user, true);
    if let Some(fields) = profile.as_object_mut() {
        fields.retain(|name, _| !OWN.contains(&name.as_str()));
        fields.insert("balance".to_owned(), json!(0.0));
    }
    profile
}

fn settings() -> Map<String, Value> {
    let settings = json!({
        "allowAtt": 1, "allowGreet": 1, "authSwitch": 0, "beInvitedJoinRoom": 0, "chatRecordTimeOut": "-1.0",
        "chatSyncTimeLen": 30.0, "closeTelephoneFind": 1, "friendFromList": "1,2,3,4,5", "friendsVerify": 1,
        "hiding": -1, "isKeepalive": 1, "isOpenPrivacyPosition": 1, "isShowMsgState": 1,
        "isSkidRemoveHistoryMsg": 1, "isTyping": 0, "isUseGoogleMap": 0, "isVibration": 0, "multipleDevices": 1,
        "nameSearch": 1, "openService": 0, "phoneSearch": 1, "showLastLoginTime": -1, "showTelephone": -1,
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

/// 32 hex digits that name a user and are of no other use.
fn hex(uid: &str, salt: u64) -> String {
    format!("{:016x}{:016x}", digest(uid, salt), digest(uid, !salt))
}

/// FNV-1a from a start of its own.
fn digest(uid: &str, salt: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = uid.bytes().fold(start, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value replaced by the name of its type, with a whole number told from one with a point.
    fn shape(value: &Value) -> Value {
        match value {
            Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
            Value::Array(items) => items.iter().map(shape).collect(),
            Value::String(_) => "string".into(),
            Value::Number(number) if number.is_f64() => "float".into(),
            Value::Number(_) => "int".into(),
            Value::Bool(_) => "bool".into(),
            Value::Null => "null".into(),
        }
    }

    fn user(attributes: &str) -> User {
        User {
            uid: "100164".into(),
            nickname: "张益达".into(),
            avatar: String::new(),
            attributes: attributes.into(),
            banned: false,
            attrs: Vec::new(),
        }
    }

    #[test]
    fn every_printed_field_is_there_in_its_type() {
        let printed: Value = serde_json::from_str(include_str!("../printed/user.json")).unwrap();
        let user =
            user(r#"{"phone":"18094152050","telephone":"8618094152050","area_code":"86","create_time":1612772503}"#);
        let profile = full(&user, true);
        assert_eq!(shape(&profile), shape(&printed));
        for field in [
            "phone",
            "telephone",
            "areaCode",
            "nickname",
            "userId",
            "createTime",
            "settings",
            "role",
        ] {
            assert_eq!(profile[field], printed[field], "{field}");
        }
        assert_eq!(profile["password"], "");
        let printed: Value = serde_json::from_str(include_str!("../printed/found.json")).unwrap();
        assert_eq!(shape(&found(&user)), shape(&printed));
    }

    #[test]
    fn users_of_other_systems_have_profiles() {
        for attributes in ["", "[]", r#"{"phone":5,"create_time":"x"}"#] {
            let profile = full(&user(attributes), false);
            assert_eq!((&profile["phone"], &profile["createTime"]), (&json!(""), &json!(0)));
        }
    }
}
