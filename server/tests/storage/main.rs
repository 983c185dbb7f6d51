//! What every storage backend must do: told once, run for each. A backend adds a file like `sqlite.rs` and is told all of
//! the stories by `every_story!`.

#![expect(clippy::expect_used, reason = "a story whose premise fails has failed")]

mod actions;
mod audit;
mod conversations;
mod house;
mod installs;
mod jobs;
mod kv;
mod messages;
mod missed;
mod people;
mod pressure;
mod receipts;
mod restart;
mod rooms;
mod runs;
mod search;
mod tenants;
mod things;
mod timers;
mod users;
mod webhooks;

/// Runs the stories for a backend. Two threads, because some of them hold the writer up.
macro_rules! stories {
    ($backend:ty: $($file:ident :: $story:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() -> $crate::house::Outcome {
                $crate::$file::$story::<$backend>().await
            }
        )*
    };
}

/// All of them.
macro_rules! every_story {
    ($backend:ty) => {
        stories! { $backend:
            users::apps_users_blocks_and_tokens,
            people::key_attributes_are_of_one_user,
            people::friends_have_two_sides,
            people::credentials_are_of_one_app,
            conversations::conversations_and_members,
            messages::a_nonce_is_stored_once,
            messages::twins_share_a_commit,
            messages::history_by_seq_and_by_id,
            messages::edit_recall_hide_and_react,
            receipts::marks_never_go_back,
            missed::what_was_missed,
            missed::what_became_of_conversations,
            rooms::announcements,
            rooms::lists_as_clients_show_them,
            rooms::cleared_history_is_gone_for_one,
            rooms::pages_by_place_and_time,
            rooms::remarks_are_messages_of_the_change,
            rooms::ones_own_remark_is_read,
            search::messages_are_found_by_words,
            search::users_are_found_by_nickname,
            kv::key_value_spaces,
            jobs::jobs_live_as_long_as_their_work,
            jobs::a_job_to_be_tried_again_holds_up_its_conversation_only,
            jobs::only_the_newest_given_up_jobs_of_an_install_are_kept,
            jobs::one_job_is_replaced_by_others_in_one_step,
            jobs::jobs_follow_what_is_stored,
            timers::timers_are_set_replaced_and_cancelled,
            timers::each_run_is_taken_once,
            timers::a_run_under_way_goes_with_its_timer_unless_it_asks_itself,
            timers::timers_go_with_their_install_or_stay,
            webhooks::webhooks_of_a_target_come_in_order,
            webhooks::webhooks_that_are_given_up_are_kept_and_tried_again,
            webhooks::a_webhook_of_a_job_is_posted_once,
            runs::a_run_is_known_until_it_is_forgotten,
            actions::a_deed_is_done_on_what_was_seen,
            installs::installs_and_components,
            audit::what_was_done_is_written_down,
            audit::a_canary_is_kept_with_its_install,
            pressure::many_senders_leave_no_gap_and_are_heard_in_order,
            pressure::a_full_disk_is_said_and_survived,
            restart::nothing_is_lost_over_a_restart,
            tenants::another_apps_things_do_not_exist,
        }
    };
}

mod sqlite;
