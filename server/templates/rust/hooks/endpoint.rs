use switchboard_plugin::hooks::endpoint::{Endpoint, Request, Response};

/// Answers HTTP requests under the install's own path, /apps/APP/plugins/NAME/…
#[switchboard_plugin::hook]
impl Endpoint for Plugin {
    fn handle(_ctx: Context, request: Request) -> Response {
        match request.path.as_str() {
            "/hello" => {
                let who = request.uid.as_deref().unwrap_or("stranger");
                Response::text(200, format!("Hello, {who}!"))
            }
            _ => Response::text(404, "There is nothing here."),
        }
    }
}
