use super::from_name_to_reply;
use super::watching::an_edit_of_a_script;

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_in_javascript_replies_and_follows_edits() {
    let desk = from_name_to_reply("js").await;
    an_edit_of_a_script(&desk, "js").await;
}
