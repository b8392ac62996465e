//! A walk past every page and its main states, with a stop at each.

use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::person::PASSWORD;
use crate::harness::phone::Phone;
use crate::harness::visitor::{Visitor, keeps_recovery_codes, opens_first_door};

/// What is done at a stop, whose name it is given.
pub type Stop<'a> = &'a mut dyn FnMut(&Browser, &str);

/// The whole walk, in an instance of its own.
pub fn walk(mut app: App, stop: Stop<'_>) {
    let mut ada = first_run(&app, stop);
    let invitation = teams_and_invitations(&app, &ada, stop);
    let grace = accepts_invitation(&invitation, stop);
    administration(&app, &mut ada, stop);
    offers(&app, &ada, &grace, stop);
    account(&app, &ada, stop);
    links(&app, &ada, &invitation, stop);
    entrance(&app, &grace, stop);
    // Ada's third code: the service goes where it is shown already.
    ada.phone.ahead = 5 * 60;
    let listen = app.stops();
    app.starts_again_ahead(&listen, 5);
    acting(&app, &mut ada, stop);
    without_a_session(&app, stop);
}

/// Set-up and enrolment.
fn first_run(app: &App, stop: Stop<'_>) -> Visitor {
    let browser = Browser::start();
    browser.open(&app.url("/setup"));
    browser.is_at("A set-up link is needed");
    stop(&browser, "set-up, no link");
    browser.fills("Set-up link or token", "no link at all!");
    browser.press("Use this link");
    browser.sees("This is no set-up link.");
    stop(&browser, "set-up, wrong link");
    browser.fills("Set-up link or token", &app.set_up_link());
    browser.press("Use this link");
    browser.is_at("Create the first administrator");
    stop(&browser, "set-up");
    browser.fills("E-mail", "ada@example.com");
    browser.fills("First name", "Ada");
    browser.fills("Last name", "King");
    browser.fills("Password", "ada12345");
    browser.press("Continue");
    browser.sees("guess");
    stop(&browser, "set-up, weak password");
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
    let (phone, recovery_codes) = enrolment(&browser, stop);
    browser.press("Try it now");
    stop(&browser, "enrolment, done");
    browser.press("Go on to the first steps");
    let email = "ada@example.com".to_owned();
    Visitor {
        browser,
        email,
        phone,
        recovery_codes,
    }
}

fn enrolment(browser: &Browser, stop: Stop<'_>) -> (Phone, Vec<String>) {
    browser.is_at("Set up your second factor");
    browser.sees("The service’s clock says");
    stop(browser, "enrolment");
    let mut phone = Phone::takes_key(browser);
    browser.fills("Code that the app shows now", "000000");
    browser.press("Switch on");
    browser.sees("The code was not accepted.");
    stop(browser, "enrolment, key and wrong code");
    browser.fills("Code that the app shows now", &phone.code());
    browser.press("Switch on");
    browser.is_at("Save your recovery codes");
    stop(browser, "enrolment, recovery codes");
    let codes = keeps_recovery_codes(browser);
    browser.is_at("Both doors are yours");
    (phone, codes)
}

fn teams_and_invitations(app: &App, ada: &Visitor, stop: Stop<'_>) -> String {
    let browser = &ada.browser;
    browser.is_at("Overview");
    stop(browser, "overview, first steps");
    browser.press("Teams");
    browser.is_at("Teams");
    stop(browser, "teams");
    browser.press("Make a team");
    browser.fills("Name", "Engine room");
    stop(browser, "teams, make a team");
    browser.press("Make the team");
    browser.is_at("Engine room");
    stop(browser, "team, its Owner alone");
    browser.press("Invite somebody");
    browser.fills("E-mail", "grace@example.com");
    stop(browser, "team, invite somebody");
    browser.press("Invite");
    browser.sees("The invitation is ready");
    browser.press("For a phone: QR code");
    stop(browser, "team, the invitation's link");
    let link = browser.value("One-time link");
    browser.open(&app.url("/admin/people"));
    browser.sees("Open invitations");
    stop(browser, "people, an open invitation");
    link
}

fn accepts_invitation(link: &str, stop: Stop<'_>) -> Visitor {
    let browser = Browser::start();
    browser.open(link);
    browser.is_at("Welcome");
    stop(&browser, "invitation");
    let grace = Visitor::joins(browser, "grace@example.com");
    stop(&grace.browser, "account, of a user");
    grace
}

fn administration(app: &App, ada: &mut Visitor, stop: Stop<'_>) {
    app.instance.json(
        &["user", "add", "linus@example.com", "--password-stdin"],
        PASSWORD,
    );
    let browser = &ada.browser;
    browser.open(&app.url("/admin"));
    browser.is_at("Overview");
    browser.sees("without one");
    stop(browser, "overview");
    for (tab, words) in [
        ("People", "linus@example.com"),
        ("Readiness", "There is one Super Admin only"),
        ("Audit", "Ada King"),
        ("System", "They agree."),
    ] {
        browser.press(tab);
        browser.is_at(tab);
        browser.sees(words);
        stop(browser, &tab.to_lowercase());
    }
    browser.press("Readiness");
    browser.chooses("Who", "Ada King");
    browser.sees("Only the operator can, on the machine");
    stop(browser, "readiness, what if");
    browser.press("System");
    browser.press("Pause sign-ins");
    browser.is_at("Pause sign-ins?");
    stop(browser, "system, a question");
    browser.press("Cancel");
    browser.open(&app.url("/admin/people"));
    browser.press("Grace Hopper");
    browser.is_at("Grace Hopper");
    browser.sees("What happened");
    stop(browser, "person");
    browser.press("Edit name and e-mail");
    browser.is_at("Edit name and e-mail");
    stop(browser, "person, edit");
    browser.press("Cancel");
    browser.press("Change roles");
    browser.is_at("Roles of Grace Hopper");
    stop(browser, "person, roles");
    browser.press("Cancel");
    browser.press("Make a link: Forgot the password");
    browser.sees("A link for a new password");
    stop(browser, "person, a link for a new password");
    browser.press("Done");
    becomes_stale(browser);
    browser.press("Make a link: Forgot the password");
    browser.is_at("Confirm that it is you");
    stop(browser, "person, a fresh code");
    browser.fills("Code from your phone", &ada.phone.code());
    browser.press("Continue");
    browser.sees("A link for a new password");
    browser.press("Archive: Has left");
    browser.is_at("Archive Grace Hopper?");
    stop(browser, "person, archive");
    browser.press("Cancel");
    browser.open(&app.url("/admin/teams"));
    browser.press("Engine room");
    browser.sees("Grace Hopper");
    stop(browser, "team, with members");
    browser.press("Add a member");
    browser.is_at("Add a member to Engine room");
    stop(browser, "team, add a member");
    browser.press("Cancel");
}

/// An invitation to somebody who has an account.
fn offers(app: &App, ada: &Visitor, grace: &Visitor, stop: Stop<'_>) {
    let browser = &ada.browser;
    browser.open(&app.url("/admin/teams"));
    browser.press("Make a team");
    browser.fills("Name", "Night watch");
    browser.press("Make the team");
    browser.is_at("Night watch");
    browser.press("Invite somebody");
    browser.fills("E-mail", &grace.email);
    browser.press("Invite");
    browser.sees("The invitation is ready");
    let browser = &grace.browser;
    browser.open(&app.url("/"));
    browser.sees("Night watch as Viewer");
    stop(browser, "account, an invitation");
    browser.press("Decline Night watch");
    browser.is_at("Decline Night watch?");
    stop(browser, "account, decline an invitation");
    browser.press("Decline");
    browser.sees("You declined Night watch.");
}

/// Has the page hear once what the service says when the last code was a while ago: its clock is not ours to move.
fn becomes_stale(browser: &Browser) {
    browser.script(
        "const real = window.fetch;
        window.fetch = async (path, options) => {
            if (options.method !== 'POST') return real(path, options);
            window.fetch = real;
            const refusal = { message: 'A fresh code is needed.', description: '', code: 'FRESH_CODE_REQUIRED' };
            return new Response(JSON.stringify(refusal), { status: 403 });
        }",
    );
}

fn account(app: &App, ada: &Visitor, stop: Stop<'_>) {
    let browser = &ada.browser;
    browser.open(&app.url("/"));
    browser.is_at("Hello, Ada");
    browser.press("Change password");
    browser.press("Who did, and whether anybody may");
    browser.sees("Nobody has acted as you.");
    stop(browser, "account, of an administrator");
    browser.press("Edit name");
    browser.is_at("Edit your name");
    stop(browser, "account, edit name");
    browser.press("Cancel");
    browser.press("New recovery codes");
    browser.press("Make new codes");
    browser.sees("I saved them");
    stop(browser, "account, new recovery codes");
    browser.ticks("I saved them");
    browser.press("Continue");
    browser.press("Move to a new phone");
    browser.is_at("Move to a new phone");
    stop(browser, "enrolment, a new phone");
    browser.open(&app.url("/enrol"));
    browser.is_at("Your second factor is already on");
    stop(browser, "enrolment, on already");
    browser.open(&app.url("/sign-in"));
    browser.is_at("You are already signed in");
    stop(browser, "sign-in, signed in already");
}

fn links(app: &App, ada: &Visitor, invitation: &str, stop: Stop<'_>) {
    let restore = app
        .instance
        .json(&["user", "reset-password", "grace@example.com"], "");
    let restore = restore["url"].as_str().unwrap();
    ada.browser.open(restore);
    ada.browser.is_at("Somebody is signed in here");
    stop(&ada.browser, "new password, somebody is signed in");
    let browser = Browser::start();
    browser.open(restore);
    browser.is_at("Choose a new password");
    stop(&browser, "new password");
    browser.fills("New password", "slow heron paints boats");
    browser.press("Set password");
    browser.is_at("Your password is set");
    stop(&browser, "new password, set");
    browser.open(&app.url("/restore-password"));
    browser.is_at("This link does not work");
    stop(&browser, "new password, no link");
    browser.open(invitation);
    browser.fills("Password", PASSWORD);
    browser.press("Continue");
    browser.is_at("This link does not work");
    stop(&browser, "invitation, used already");
    browser.open(&app.url("/nothing"));
    browser.is_at("There is nothing at this address");
    stop(&browser, "nothing here");
    browser.open(&app.url("/api"));
    browser.sees("calls");
    stop(&browser, "API reference");
    browser.press("GET /health/live Tells that the process is up.");
    stop(&browser, "API reference, a call");
}

fn entrance(app: &App, grace: &Visitor, stop: Stop<'_>) {
    let browser = &grace.browser;
    browser.open(&app.url("/sign-in"));
    browser.is_at("Sign in");
    browser.press("Trouble signing in?");
    stop(browser, "sign-in");
    browser.fills("E-mail", &grace.email);
    browser.fills("Password", "not the password");
    browser.press("Continue");
    browser.sees("wrong");
    stop(browser, "sign-in, wrong password");
    browser.fills("Password", "slow heron paints boats");
    browser.press("Continue");
    browser.is_at("Enter your code");
    stop(browser, "code");
    for _ in 0..6 {
        browser.fills("Code from your phone", "000000");
        browser.press("Sign in");
        browser.wait_for("answer", || browser.offers("Sign in").then_some(()));
    }
    browser.sees("You can try again in");
    stop(browser, "code, a wait");
    // The wait is for codes from the phone; a recovery code is taken at once.
    browser.press("Use a recovery code instead");
    browser.sees("One of the codes you saved");
    assert!(
        !browser.words().contains("Too many wrong attempts"),
        "an old refusal stays"
    );
    stop(browser, "code, recovery code");
    browser.fills("Recovery code", &grace.recovery_codes[0]);
    browser.press("Sign in");
    browser.is_at("You are signed in");
    stop(browser, "code, recovered");
    browser.press("Continue");
    browser.is_at("Hello, Grace");
    browser.sees("A recovery code was used");
    stop(browser, "account, warnings and notices");
    browser.open(&app.url("/admin"));
    browser.sees("This part is for administrators.");
    stop(browser, "overview, refused");
}

fn acting(app: &App, ada: &mut Visitor, stop: Stop<'_>) {
    let browser = &ada.browser;
    browser.open(&app.url("/admin/people"));
    browser.press("Grace Hopper");
    browser.press("Act as: Needs a hand");
    browser.is_at("Act as Grace Hopper");
    stop(browser, "person, act as");
    browser.fills("Reason, which they can read", "She cannot find her team");
    browser.fills("Your own code, from your phone", &ada.phone.code());
    browser.press("Act as Grace Hopper");
    browser.is_at("Hello, Grace");
    browser.sees("You are acting as Grace Hopper");
    stop(browser, "account, acting as");
    browser.press("Return to yourself");
    browser.sees("You are yourself again.");
    stop(browser, "person, returned");
}

/// What is left for somebody whose password opens the account alone.
fn without_a_session(app: &App, stop: Stop<'_>) {
    let browser = Browser::start();
    opens_first_door(app, &browser, "linus@example.com");
    browser.press("Set up your second factor");
    browser.is_at("Set up your second factor");
    browser.sees("Not now");
    stop(&browser, "enrolment, of who may put it off");
}
