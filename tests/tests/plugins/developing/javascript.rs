use super::from_name_to_reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_in_javascript_replies() {
    from_name_to_reply("js").await;
}
