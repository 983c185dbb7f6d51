//! What a request asks for, by its method and path.

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `POST /im/conversations`.
    Create,
    /// `GET /im/conversations`, or a `POST` with `where` in the query and no body.
    List,
    /// `PUT /im/conversations`.
    Update,
    /// `DELETE /im/conversations/{conv_id}`.
    Dissolve(String),
    /// `POST /im/conversations/{conv_id}/members`.
    Join(String),
    /// `GET …/members`.
    Members(String),
    /// `DELETE …/members`.
    Leave(String),
    /// `POST …/message`.
    Send(String),
    /// `GET …/message`.
    Messages(String),
    /// `POST /im/file/upload`.
    Upload,
}

impl Place {
    /// Finds it; none if the protocol has no such thing. `listing`: the request carries `where` in its query and no body.
    pub fn find(method: &str, path: &str, listing: bool) -> Option<Self> {
        let path = path.strip_prefix("/im/")?.trim_end_matches('/');
        if let Some(rest) = path.strip_prefix("conversations/") {
            let (id, part) = rest.split_once('/').unwrap_or((rest, ""));
            let id = id.to_owned();
            return match (method, part) {
                ("DELETE", "") => Some(Self::Dissolve(id)),
                ("POST", "members") => Some(Self::Join(id)),
                ("GET", "members") => Some(Self::Members(id)),
                ("DELETE", "members") => Some(Self::Leave(id)),
                ("POST", "message") => Some(Self::Send(id)),
                ("GET", "message") => Some(Self::Messages(id)),
                _ => None,
            };
        }
        match (method, path) {
            ("POST", "conversations") if listing => Some(Self::List),
            ("POST", "conversations") => Some(Self::Create),
            ("GET", "conversations") => Some(Self::List),
            ("PUT", "conversations") => Some(Self::Update),
            ("POST", "file/upload") => Some(Self::Upload),
            _ => None,
        }
    }

    /// Whether the app's key may be left out, as in the document's printed requests.
    pub fn without_key(&self) -> bool {
        matches!(self, Self::Messages(_) | Self::Upload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_document_is_found() {
        let id = || "a".repeat(32);
        for (method, path, expected) in [
            ("POST", "/im/conversations".to_owned(), Place::Create),
            ("GET", "/im/conversations".to_owned(), Place::List),
            ("PUT", "/im/conversations".to_owned(), Place::Update),
            ("DELETE", format!("/im/conversations/{}", id()), Place::Dissolve(id())),
            ("POST", format!("/im/conversations/{}/members", id()), Place::Join(id())),
            (
                "GET",
                format!("/im/conversations/{}/members", id()),
                Place::Members(id()),
            ),
            (
                "DELETE",
                format!("/im/conversations/{}/members", id()),
                Place::Leave(id()),
            ),
            ("POST", format!("/im/conversations/{}/message", id()), Place::Send(id())),
            (
                "GET",
                format!("/im/conversations/{}/message", id()),
                Place::Messages(id()),
            ),
            ("POST", "/im/file/upload".to_owned(), Place::Upload),
        ] {
            assert_eq!(Place::find(method, &path, false), Some(expected), "{method} {path}");
        }
        assert_eq!(Place::find("POST", "/im/conversations", true), Some(Place::List));
        for (method, path) in [
            ("GET", "/im/"),
            ("PATCH", "/im/conversations"),
            ("GET", "/im/conversations/x/y"),
            ("GET", ""),
        ] {
            assert_eq!(Place::find(method, path, false), None, "{method} {path}");
        }
    }
}
