//! Somebody who has an account is invited to a team: found, declined and accepted on the account page, while the
//! inviter is told nothing.

use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::person::PASSWORD;
use crate::harness::visitor::Visitor;

/// Invites somebody to the team whose page is open; the link.
fn invites(browser: &Browser, email: &str, role: &str) -> String {
    browser.press("Invite somebody");
    browser.fills("E-mail", email);
    browser.chooses("Role in the team", role);
    browser.press("Invite");
    browser.sees("The invitation is ready");
    browser.sees("people with an account here find the invitation on their account page");
    let link = browser.value("One-time link");
    browser.press("Done");
    link
}

/// A new team of the administrator's; its page is open then.
fn makes_team(app: &App, ada: &Visitor, name: &str) {
    ada.browser.open(&app.url("/admin/teams"));
    ada.browser.press("Make a team");
    ada.browser.fills("Name", name);
    ada.browser.press("Make the team");
    ada.browser.is_at(name);
}

#[test]
fn an_invitation_is_found_declined_and_accepted_on_the_account_page() {
    let Some(app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    let grace = Visitor::added(&app, "grace@example.com");
    assert!(!grace.browser.words().contains("Invitations"));
    makes_team(&app, &ada, "Night watch");
    invites(&ada.browser, &grace.email, "Viewer");
    makes_team(&app, &ada, "Engine room");
    let link = invites(&ada.browser, &grace.email, "Owner");

    let browser = &grace.browser;
    browser.reload();
    browser.sees("Engine room as Owner");
    browser.sees("Invited by Ada King.");
    browser.press("Decline Night watch");
    browser.is_at("Decline Night watch?");
    browser.press("Decline");
    browser.sees("You declined Night watch.");
    browser.sees_no("Night watch as Viewer");
    browser.press("Join Engine room");
    browser.sees("You are in Engine room now.");
    browser.sees_no("Engine room as Owner");
    browser.press("Engine room");
    browser.is_at("Engine room");
    browser.sees("You are Owner");

    // The link sets no password of an account, and leads to it instead.
    let other = Browser::start();
    other.open(&link);
    other.is_at("Welcome");
    other.sees("If you have an account here, do not make another");
    other.fills("First name", "Grace");
    other.fills("Password", PASSWORD);
    other.press("Continue");
    other.is_at("This link does not work");
    other.sees("an open invitation is on your account page");
    drop(other);

    // An Owner picks from no list, and is told the same of everybody.
    let add = ["user", "add", "linus@example.com", "--password-stdin"];
    app.instance.json(&add, PASSWORD);
    browser.sees("Invite somebody");
    assert!(!browser.offers("Add a member"));
    invites(browser, "linus@example.com", "Viewer");
    invites(browser, "nobody@example.com", "Viewer");
}
