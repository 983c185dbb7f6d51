//! The first page tells the truth: its plugin is a guest that is built and tested, and so is its test.

#![cfg(feature = "json")]

#[path = "../../tests/guests/ten-lines/src/lib.rs"]
mod ten_lines;

use switchboard_plugin::{prelude::*, testing};
use ten_lines::NoLinks;

#[test]
fn links_are_refused() {
    let draft = testing::text("see http://example.org");
    let verdict = NoLinks::check(testing::context(), testing::sender("bob"), Attempt::Send(draft));
    assert_eq!(verdict, Verdict::refuse("no_links", "Links are not welcome here."));
}

#[test]
fn other_texts_pass() {
    let verdict = NoLinks::check(
        testing::context(),
        testing::sender("bob"),
        Attempt::Send(testing::text("hello")),
    );
    assert_eq!(verdict, Verdict::Allow);
    assert_eq!(NoLinks::rules(), Rule::default());
}

#[test]
fn the_page_shows_this_very_code() {
    let page = include_str!("../README.md");
    let mut blocks = page
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("rust"));
    let plugin = blocks.next().and_then(|block| block.strip_prefix('\n'));
    assert_eq!(plugin, Some(include_str!("../../tests/guests/ten-lines/src/lib.rs")));
    let test = blocks
        .filter_map(|block| block.strip_prefix(",ignore\n"))
        .find(|block| block.contains("#[test]"))
        .expect("the page shows a test");
    assert!(
        include_str!("readme.rs").contains(test),
        "the page's test is not the one above"
    );
}
