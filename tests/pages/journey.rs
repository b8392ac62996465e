//! From the first start to two protected people who work together, by the pages alone.

use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::visitor::{Visitor, opens_first_door};

/// Makes a team by the pages; its page is open then.
fn makes_team(ada: &Visitor, name: &str) {
    ada.browser.press("Teams");
    ada.browser.is_at("Teams");
    ada.browser.press("Make a team");
    ada.browser.fills("Name", name);
    ada.browser.press("Make the team");
    ada.browser.is_at(name);
}

/// Invites somebody to the team whose page is open; the link.
fn invites(ada: &Visitor, email: &str) -> String {
    ada.browser.press("Invite somebody");
    ada.browser.fills("E-mail", email);
    ada.browser.press("Invite");
    ada.browser.sees("The invitation is ready");
    ada.browser.value("One-time link")
}

#[test]
fn from_first_start_to_two_protected_people() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    ada.browser.sees("Invite the people of your team");
    makes_team(&ada, "Engine room");
    let link = invites(&ada, "grace@example.com");
    let mut grace = Visitor::accepts(&link, "grace@example.com");
    grace.browser.sees("Engine room");
    grace.browser.sees("10 recovery codes left.");
    grace.browser.sees("Chrome on Linux at 127.0.0.1");

    // The link was good once.
    let late = Browser::start();
    late.open(&link);
    late.fills("Password", "another long password for it");
    late.press("Continue");
    late.is_at("This link does not work");
    drop(late);

    signs_in_with_code(&app, &mut grace);
    signs_in_with_recovery_code(&app, &grace);
    acts_as(&app, &mut ada, &grace);
    switches_off(&app, &grace);

    let audit = app.instance.json(&["audit", "verify"], "");
    assert_eq!(audit["intact"], true, "{audit}");
}

fn signs_in_with_code(app: &App, grace: &mut Visitor) {
    grace.signs_out(app);
    grace.enters_password(app);
    // Typed key by key it does not send itself; the button does.
    grace
        .browser
        .fills("Code from your phone", &grace.phone.code());
    grace.browser.is_at("Enter your code");
    grace.browser.press("Sign in");
    grace.browser.is_at("Hello, Grace");
}

fn signs_in_with_recovery_code(app: &App, grace: &Visitor) {
    grace.signs_out(app);
    grace.enters_password(app);
    grace.browser.press("Use a recovery code instead");
    grace
        .browser
        .fills("Recovery code", &grace.recovery_codes[0]);
    grace.browser.press("Sign in");
    grace.browser.is_at("You are signed in");
    grace.browser.sees("have 9 recovery codes left");
    grace.browser.press("Continue");
    grace.browser.is_at("Hello, Grace");
    grace.browser.sees("9 recovery codes left.");
}

fn acts_as(app: &App, ada: &mut Visitor, grace: &Visitor) {
    let browser = &ada.browser;
    browser.open(&app.url("/admin/people"));
    browser.press("Grace Hopper");
    browser.is_at("Grace Hopper");
    browser.press("Act as: Needs a hand");
    browser.fills("Reason, which they can read", "She cannot find her team");
    browser.fills("Your own code, from your phone", &ada.phone.code());
    browser.press("Act as Grace Hopper");
    browser.sees("You are acting as Grace Hopper, in this tab.");
    browser.sees("It ends by itself in ");
    browser.is_at("Hello, Grace");
    assert!(
        !browser.offers("Switch off"),
        "an impersonator can switch the factor off"
    );
    assert!(is_in_view(browser, ".bar"), "the bar is not in view");
    // It stays in view however far one scrolls, and goes along to other pages.
    browser.press("Engine room");
    browser.is_at("Engine room");
    browser.sees("You are acting as Grace Hopper, in this tab.");
    browser.script("document.body.style.minHeight = '5000px'; scrollTo(0, 3000)");
    assert!(is_in_view(browser, ".bar"), "the bar scrolls away");

    grace.browser.open(&app.url("/"));
    grace.browser.sees("Ada King is acting as you now");
    grace.browser.sees("Reason: “She cannot find her team”");

    browser.press("Return to yourself");
    browser.is_at("Grace Hopper");
    browser.sees("You are yourself again.");
    browser.sees_no("You are acting as");
    grace.browser.open(&app.url("/"));
    grace.browser.sees("Nobody does now.");
    grace.browser.press("Who did, and whether anybody may");
    grace.browser.sees("returned by themselves");
}

fn is_in_view(browser: &Browser, selector: &str) -> bool {
    let code = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + 4);
        return box.top >= 0 && box.bottom <= innerHeight && Boolean(top?.closest(arguments[0]))";
    let arguments = [selector.into()];
    browser.driver.script(code, &arguments).unwrap() == true
}

fn switches_off(app: &App, grace: &Visitor) {
    let browser = &grace.browser;
    browser.press("Switch off");
    browser.is_at("Switch off your second factor?");
    browser.press("Switch off");
    // Her sign-in a moment ago, through both doors, is fresh enough for that.
    browser.sees("Your password alone opens your account.");
    let user = app
        .instance
        .json(&["user", "show", "grace@example.com"], "");
    assert_eq!(user["isTwoFactorEnable"], false, "{user}");
    grace.signs_out(app);
    opens_first_door(app, &grace.browser, &grace.email);
    grace.browser.is_at("Hello, Grace");
}
