//! From the set-up link to a protected account without a mouse: typing, Tab, Enter and the space bar.

use crate::harness::app::App;
use crate::harness::browser::{Browser, ENTER, SPACE};
use crate::harness::person::PASSWORD;
use crate::harness::phone::Phone;
use serde_json::json;

#[test]
fn from_the_link_to_a_protected_account_by_keyboard_alone() {
    let Some(app) = App::start() else { return };
    let browser = Browser::start();
    browser.open(&app.set_up_link());
    browser.is_at("Create the first administrator");
    for (field, text) in [
        ("E-mail", "ada@example.com"),
        ("First name", "Ada"),
        ("Last name", "King"),
        ("Password", PASSWORD),
    ] {
        browser.tabs_to(field);
        browser.types(text);
    }
    browser.keys(&[ENTER]);
    browser.is_at("Set up your second factor");
    browser.tabs_to("Type the key by hand");
    browser.keys(&[ENTER]);
    browser.sees("Copy key");
    let mut phone = Phone::reads_key(&browser);
    browser.tabs_to("Code that the app shows now");
    browser.types(&phone.code());
    browser.keys(&[ENTER]);
    browser.is_at("Save your recovery codes");
    // What follows the list of codes; nothing here goes on by itself.
    browser.tabs_to("Download");
    browser.tabs_to("I saved them");
    browser.keys(&[SPACE]);
    browser.tabs_to("Continue");
    browser.keys(&[ENTER]);
    browser.is_at("Both doors are yours");
    browser.tabs_to("Go on to the first steps");
    browser.keys(&[ENTER]);
    browser.is_at("Overview");
    let user = app.instance.json(&["user", "show", "ada@example.com"], "");
    assert_eq!(user["isTwoFactorEnable"], json!(true), "{user}");
}

#[test]
fn a_dialog_keeps_the_focus_and_gives_it_back() {
    let Some(app) = App::start() else { return };
    let ada = crate::harness::visitor::Visitor::administrator(&app);
    let browser = &ada.browser;
    browser.open(&app.url("/admin/teams"));
    browser.is_at("Teams");
    browser.tabs_to("Make a team");
    browser.keys(&[ENTER]);
    browser.is_at("Make a team");
    // The field has the focus at once; Escape leaves, and the button has the focus again.
    browser.tabs_to("Name");
    browser.types("Engine room");
    browser.keys(&["\u{e00c}"]);
    browser.sees_no("You become its Owner");
    browser.wait_for("focus on the button", || {
        let focused = browser.script("return document.activeElement.innerText");
        (focused == "Make a team").then_some(())
    });
    browser.tabs_to("Skip to the content");
    browser.keys(&[ENTER]);
    assert!(browser.path().ends_with("#main"), "{}", browser.path());
}
