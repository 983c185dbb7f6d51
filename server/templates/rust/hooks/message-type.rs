/// Owns the kind `mood`: says what its body must be, completes it, and puts it in words.
#[switchboard_plugin::hook]
impl MessageType for Plugin {
    fn kinds() -> Vec<Kind> {
        vec![Kind::new(
            "mood",
            r#"{"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}"#,
        )]
    }

    fn check(_ctx: Context, _sender: Sender, draft: Draft) -> Result<String, Refusal> {
        let body: serde_json::Value = serde_json::from_str(&draft.body).unwrap_or_default();
        let mood = body["mood"].as_str().unwrap_or_default();
        let face = match mood {
            "happy" => "🙂",
            "sad" => "🙁",
            _ => {
                return Err(Refusal {
                    code: "unknown_mood".into(),
                    text: "A mood is happy or sad.".into(),
                });
            }
        };
        Ok(serde_json::json!({ "mood": mood, "face": face }).to_string())
    }

    fn summarise(_kind: String, _body: String) -> String {
        "[Mood]".into()
    }
}
