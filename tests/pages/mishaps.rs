//! What goes wrong in a life with two doors, and the way back: a new phone, a forgotten password, a wrong clock, a link
//! that is over, a service that restarts.

use crate::harness::app::App;
use crate::harness::browser::{Browser, ENTER};
use crate::harness::person::PASSWORD;
use crate::harness::phone::{Phone, now};
use crate::harness::visitor::{Visitor, enrols, fills_claim, keeps_recovery_codes};
use serde_json::json;

const OLD_CODE: &str = "A code from the phone you have used so far, or a recovery code";
const NEW_CODE: &str = "Code that the app on the new phone shows now";

#[test]
fn a_new_phone_takes_the_place_of_the_old_one() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    let browser = &ada.browser;
    browser.open(&app.url("/"));
    browser.press("Move to a new phone");
    browser.is_at("Move to a new phone");
    browser.sees("The old phone keeps working until the codes below are accepted");
    let mut new = Phone::takes_key(browser);
    assert_ne!(new.key(), ada.phone.key());
    // Without a code of the phone so far there is no other.
    browser.fills(OLD_CODE, "000000");
    browser.fills(NEW_CODE, &new.code());
    browser.press("Switch on");
    browser.sees("The code of the phone you have used so far was not accepted.");
    browser.fills(OLD_CODE, &ada.phone.code());
    browser.press("Switch on");
    let codes = keeps_recovery_codes(browser);
    assert!(codes.iter().all(|code| !ada.recovery_codes.contains(code)));
    browser.is_at("Both doors are yours");
    ada.signs_out(&app);
    ada.enters_password(&app);
    let browser = &ada.browser;
    browser.fills("Code from your phone", &ada.phone.code_at(now()));
    browser.press("Sign in");
    browser.sees("The code was not accepted.");
    browser.fills("Code from your phone", &new.code());
    browser.press("Sign in");
    browser.is_at("Hello, Ada");
}

/// A lost phone gives no code; by keyboard alone.
#[test]
fn a_recovery_code_moves_to_a_new_phone() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    let browser = &ada.browser;
    browser.open(&app.url("/enrol?replace=1"));
    browser.is_at("Move to a new phone");
    let mut new = Phone::takes_key(browser);
    browser.tabs_to(OLD_CODE);
    browser.types(&ada.recovery_codes.pop().unwrap());
    browser.tabs_to(NEW_CODE);
    browser.types(&new.code());
    browser.keys(&[ENTER]);
    keeps_recovery_codes(browser);
    browser.is_at("Both doors are yours");
}

#[test]
fn a_forgotten_password_is_set_anew_with_a_link_from_an_administrator() {
    let Some(app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    let mut grace = Visitor::added(&app, "grace@example.com");
    ada.browser.open(&app.url("/admin/people"));
    ada.browser.press("Grace Hopper");
    ada.browser.press("Make a link: Forgot the password");
    ada.browser
        .sees("Give this link to Grace Hopper, and to nobody else.");
    let link = ada.browser.value("One-time link");

    let browser = Browser::start();
    browser.open(&link);
    browser.is_at("Choose a new password");
    assert!(
        !browser.address().contains("token"),
        "the token stays in the address"
    );
    browser.fills("New password", "slow heron paints boats");
    browser.press("Set password");
    browser.is_at("Your password is set");
    browser.press("Sign in");
    browser.is_at("Sign in");
    browser.fills("E-mail", &grace.email);
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
    browser.sees("E-mail or password is wrong.");
    browser.fills("Password", "slow heron paints boats");
    browser.press("Continue");
    browser.is_at("Enter your code");
    browser.fills("Code from your phone", &grace.phone.code());
    browser.press("Sign in");
    browser.is_at("Hello, Grace");
    // Her other session has ended: the page there leads to the first door.
    grace.browser.open(&app.url("/"));
    grace
        .browser
        .sees("Your session has ended. Sign in again to go on.");
}

/// One code that fits another time may be a guess; two that agree tell of the clock. The service's stands still, so that
/// the phone is behind by just as much however long the browser takes.
#[test]
fn a_wrong_clock_is_told_in_minutes() {
    let Some(mut app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    ada.signs_out(&app);
    let moment = now();
    let listen = app.stops();
    app.starts_again_at(&listen, moment);
    ada.enters_password(&app);
    // Two codes one after the other, as a phone shows them that is two of its periods behind in the end.
    for (ago, words) in [
        (360, "Enter the newest code"),
        (240, "clock is about 4 minutes behind"),
    ] {
        let code = ada.phone.code_at(moment - ago);
        ada.browser.fills("Code from your phone", &code);
        ada.browser.press("Sign in");
        ada.browser.sees(words);
    }
    ada.browser.sees("let it set its time automatically");
}

#[test]
fn a_withdrawn_and_a_lapsed_invitation_are_told() {
    let Some(mut app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    let browser = &ada.browser;
    let links = ["grace@example.com", "linus@example.com"].map(|email| {
        browser.open(&app.url("/admin/people"));
        browser.press("Invite somebody");
        browser.fills("E-mail", email);
        browser.press("Invite");
        browser.sees("The invitation is ready");
        browser.value("One-time link")
    });
    browser.press("Withdraw the invitation of grace@example.com");
    browser.is_at("Withdraw this invitation?");
    browser.press("Withdraw");
    browser.wait_for("end of the invitation", || {
        (!browser.offers("Withdraw the invitation of grace@example.com")).then_some(())
    });
    let try_link = |link: &str| {
        let browser = Browser::start();
        browser.open(link);
        browser.fills("Password", PASSWORD);
        browser.press("Continue");
        browser.is_at("This link does not work");
        browser.sees("ask the person who invited you for a new link.");
    };
    try_link(&links[0]);
    let listen = app.stops();
    app.starts_again_ahead(&listen, 72 * 60 + 1);
    try_link(&links[1]);
    let people = app.instance.json(&["user", "list"], "");
    let people = people["users"].as_array().or(people.as_array()).unwrap();
    assert_eq!(people.len(), 1, "{people:?}");
}

#[test]
fn after_a_while_an_act_asks_for_a_fresh_code() {
    let Some(mut app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    ada.browser.open(&app.url("/"));
    ada.browser.is_at("Hello, Ada");
    let listen = app.stops();
    // Longer than an access token lives, too: it is renewed on the way.
    app.starts_again_ahead(&listen, 20);
    ada.phone.ahead = 20 * 60;
    let browser = &ada.browser;
    browser.press("New recovery codes");
    browser.press("Make new codes");
    browser.is_at("Confirm that it is you");
    browser.fills("Code from your phone", "000000");
    browser.press("Continue");
    browser.sees("The code was not accepted.");
    // Pasted with a space, as some apps copy it, it goes through by itself.
    let code = ada.phone.code();
    let (first, second) = code.split_at(3);
    browser.pastes("Code from your phone", &format!("{first} {second}"));
    let codes = keeps_recovery_codes(browser);
    assert!(codes.iter().all(|code| !ada.recovery_codes.contains(code)));
    browser.sees("10 recovery codes left.");
}

#[test]
fn the_service_may_restart_in_the_middle() {
    let Some(mut app) = App::start() else { return };
    let browser = Browser::start();
    fills_claim(&app, &browser);
    browser.is_at("Set up your second factor");
    let key = Phone::takes_key(&browser).key().to_owned();
    let listen = app.stops();
    browser.fills("Code that the app shows now", "123456");
    browser.press("Switch on");
    browser.sees("The service could not be reached.");
    app.starts_again(&listen);
    // A reload shows the same key: what the phone has taken stays good.
    browser.reload();
    let (phone, recovery_codes) = enrols(&browser);
    assert_eq!(phone.key(), key);
    browser.press("Go on to the first steps");
    browser.is_at("Overview");

    let listen = app.stops();
    browser.sees("This page goes on by itself as soon as it can.");
    app.starts_again(&listen);
    browser.sees_no("This page goes on by itself as soon as it can.");

    browser.open(&app.url("/"));
    browser.is_at("Hello, Ada");
    // What is fetched only now, and what has been fetched before.
    let listen = app.stops();
    browser.press("Edit name");
    browser.sees("The service could not be reached.");
    app.starts_again(&listen);
    browser.press("Edit name");
    browser.fills("First name", "Augusta");
    let listen = app.stops();
    browser.press("Save");
    browser.wait_for("refusal in the dialog", || {
        let told = browser.script("return document.querySelector('dialog .problem').innerText");
        told.as_str()?
            .contains("could not be reached")
            .then_some(())
    });
    app.starts_again(&listen);
    browser.press("Save");
    browser.is_at("Hello, Augusta");
    let status = app.instance.json(&["user", "show", "ada@example.com"], "");
    assert_eq!(
        status["recoveryCodesLeft"],
        json!(recovery_codes.len()),
        "{status}"
    );
}
