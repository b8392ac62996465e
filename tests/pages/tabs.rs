//! Several tabs, the back button, and several people at one browser.

use crate::harness::app::App;
use crate::harness::person::PASSWORD;
use crate::harness::visitor::{Visitor, opens_first_door, token};
use serde_json::json;

#[test]
fn a_second_tab_is_signed_in_and_signing_out_in_one_signs_out_both() {
    let Some(app) = App::start() else { return };
    let grace = Visitor::added(&app, "grace@example.com");
    let browser = &grace.browser;
    let first = browser.tab();
    let second = browser.opens_tab();
    browser.open(&app.url("/"));
    browser.is_at("Hello, Grace");
    let token = token(browser);
    app.service().http.get("/auth/me", &token).expect(200);
    // Nothing that outlives the tabs, and nothing that is sent along by itself.
    let kept = browser.script("return localStorage.length + document.cookie.length");
    assert_eq!(kept, 0);
    browser.press("Sign out");
    browser.sees("You are signed out.");
    browser.goes_to_tab(&first);
    browser.sees("You are signed out.");
    assert_eq!(browser.script("return sessionStorage.length"), 0);
    browser.goes_to_tab(&second);
    assert_eq!(browser.script("return sessionStorage.length"), 0);
    app.service()
        .http
        .get("/auth/me", &token)
        .refused(401, "UNAUTHORIZED");
}

#[test]
fn the_back_button_shows_nothing_of_a_session_that_is_over() {
    let Some(app) = App::start() else { return };
    let grace = Visitor::added(&app, "grace@example.com");
    let browser = &grace.browser;
    browser.open(&app.url("/nothing"));
    browser.press("Go to your account");
    browser.is_at("Hello, Grace");
    browser.press("Sign out");
    browser.sees("You are signed out.");
    browser.open(&app.url("/api"));
    browser.back();
    browser.is_at("Sign in");
    browser.back();
    browser.is_at("There is nothing at this address");
    assert!(!browser.words().contains("Grace"));
}

#[test]
fn one_comes_out_where_one_was_going_and_back_finds_the_same_list() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    ada.signs_out(&app);
    let browser = &ada.browser;
    browser.open(&app.url("/admin/people?status=any"));
    browser.is_at("Sign in");
    browser.fills("E-mail", &ada.email);
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
    browser.is_at("Enter your code");
    // Filled in at once, as the phone or a password manager does, the code sends itself.
    browser.pastes("Code from your phone", &ada.phone.code());
    browser.is_at("People");
    assert_eq!(browser.path(), "/admin/people?status=any");
    browser.fills("Name or e-mail", "ada");
    browser.wait_for("filter in the address", || {
        browser.path().contains("search=ada").then_some(())
    });
    browser.press("Ada King");
    browser.is_at("Ada King");
    browser.back();
    browser.is_at("People");
    assert_eq!(browser.value("Name or e-mail"), "ada");
    browser.sees("1 person");
}

#[test]
fn a_second_person_in_the_same_browser_finds_nothing_of_the_first() {
    let Some(app) = App::start() else { return };
    let grace = Visitor::added(&app, "grace@example.com");
    let browser = &grace.browser;
    app.instance.json(
        &["user", "add", "linus@example.com", "--password-stdin"],
        PASSWORD,
    );
    let old = token(browser);
    browser.sees("Signed in as grace@example.com. Not you?");
    browser.press("Not you?");
    browser.is_at("Sign in");
    assert_eq!(browser.value("E-mail"), "");
    app.service()
        .http
        .get("/auth/me", &old)
        .refused(401, "UNAUTHORIZED");
    opens_first_door(&app, browser, &grace.email);
    browser.sees("Signing in as grace@example.com.");
    browser.press("Not you? Start again");
    browser.is_at("Sign in");
    assert_eq!(
        (browser.value("E-mail"), browser.value("Password")),
        (String::new(), String::new())
    );
    opens_first_door(&app, browser, "linus@example.com");
    browser.sees("Signed in as linus@example.com. Not you?");
    assert!(!browser.words().contains("grace"));
    let me = app
        .service()
        .http
        .get("/auth/me", &token(browser))
        .expect(200);
    assert_eq!(me.json["email"], json!("linus@example.com"));
}
