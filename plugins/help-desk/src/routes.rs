//! The console's paths: a request in, what it asks for out. Pure.

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    /// Who asks, and how the desk is.
    State,
    /// Who waits.
    Queue,
    /// Who answers.
    Agents,
    /// What an agent has.
    Conversations,
    /// One ticket.
    Conversation(&'a str),
    /// Figures.
    Metrics,
    /// What was answered at the end.
    Surveys,
    /// Accept, or take the next.
    Accept,
    /// Pass on.
    Transfer,
    /// Close.
    Close,
    /// Be there, or not.
    Turn,
    /// Ask for a person in a customer's name.
    Ask,
}

/// The route of a request; an error is its status.
///
/// # Errors
/// 404 for an unknown path, 405 for a known one with another method.
pub fn route<'a>(method: &str, path: &'a str) -> Result<Route<'a>, u16> {
    let path = path.trim_matches('/');
    let read = |route| {
        if matches!(method, "GET" | "HEAD") {
            Ok(route)
        } else {
            Err(405)
        }
    };
    let write = |route| if method == "POST" { Ok(route) } else { Err(405) };
    match path {
        "state" if method == "POST" => Ok(Route::Turn),
        "" | "state" => read(Route::State),
        "queue" => read(Route::Queue),
        "agents" => read(Route::Agents),
        "conversations" => read(Route::Conversations),
        "metrics" => read(Route::Metrics),
        "surveys" => read(Route::Surveys),
        "accept" => write(Route::Accept),
        "transfer" => write(Route::Transfer),
        "close" => write(Route::Close),
        "ask" => write(Route::Ask),
        _ => match path.strip_prefix("conversations/") {
            Some(id) if !id.is_empty() && !id.contains('/') => read(Route::Conversation(id)),
            _ => Err(404),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods() {
        assert_eq!(route("GET", "/state"), Ok(Route::State));
        assert_eq!(route("POST", "/state"), Ok(Route::Turn));
        assert_eq!(route("GET", "/conversations/7/"), Ok(Route::Conversation("7")));
        assert_eq!(route("GET", "/close"), Err(405));
        assert_eq!(route("DELETE", "/queue"), Err(405));
        assert_eq!(route("GET", "/conversations/7/8"), Err(404));
        assert_eq!(route("GET", "/x"), Err(404));
    }
}
