use super::from_name_to_reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_in_python_replies() {
    from_name_to_reply("python").await;
}
