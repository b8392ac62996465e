//! Acts that give power take a fresh code, and the page asks for it in place. Recovery codes are given here, since a
//! code from the phone would have to be waited for each time.

use crate::harness::app::App;
use crate::harness::person::PASSWORD;
use crate::harness::visitor::Visitor;
use serde_json::json;

/// Has the page hear once what the service says when the last code was a while ago: its clock is not ours to move.
fn becomes_stale(ada: &Visitor) {
    ada.browser.script(
        "const real = window.fetch;
        window.fetch = async (path, options) => {
            if (options.method === 'GET') return real(path, options);
            window.fetch = real;
            const refusal = { message: 'A fresh code is needed.', description: '', code: 'FRESH_CODE_REQUIRED' };
            return new Response(JSON.stringify(refusal), { status: 403 });
        }",
    );
}

/// Gives the code that the page asks for.
fn confirms(ada: &mut Visitor) {
    ada.browser.is_at("Confirm that it is you");
    ada.browser.press("Use a recovery code instead");
    let code = ada.recovery_codes.pop().unwrap();
    ada.browser.fills("Recovery code", &code);
    ada.browser.press("Continue");
}

/// Adds Linus and opens his page.
fn opens_account(app: &App, ada: &Visitor) {
    let mut add = vec!["user", "add", "linus@example.com", "--password-stdin"];
    add.extend(["--first-name", "Linus", "--last-name", "Bell"]);
    app.instance.json(&add, PASSWORD);
    ada.browser.open(&app.url("/admin/people"));
    ada.browser.press("Linus Bell");
    ada.browser.is_at("Linus Bell");
}

/// With the service's real clock, and a code from the phone.
#[test]
fn archiving_asks_for_a_code_when_the_last_one_was_a_while_ago() {
    let Some(mut app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    let listen = app.stops();
    app.starts_again_ahead(&listen, 6);
    ada.phone.ahead = 360;
    opens_account(&app, &ada);
    ada.browser.press("Archive: Has left");
    ada.browser.is_at("Archive Linus Bell?");
    ada.browser.press("Archive");
    ada.browser.is_at("Confirm that it is you");
    ada.browser.press("Cancel");
    ada.browser.sees_no("Confirm that it is you");
    let user = ["user", "show", "linus@example.com"];
    assert_eq!(app.instance.json(&user, "")["status"], json!("active"));
    ada.browser.press("Archive: Has left");
    ada.browser.press("Archive");
    ada.browser.fills("Code from your phone", &ada.phone.code());
    ada.browser.press("Continue");
    ada.browser.sees("Restore");
    assert_eq!(app.instance.json(&user, "")["status"], json!("archived"));
    // The code is fresh now: the next act asks for none.
    ada.browser.press("Restore: Comes back");
    ada.browser.sees("Has left");
    assert_eq!(app.instance.json(&user, "")["status"], json!("active"));
}

#[test]
fn restoring_new_addresses_and_roles_ask_for_a_code() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    opens_account(&app, &ada);
    let archive = ["user", "archive", "linus@example.com"];
    app.instance.json(&archive, "");
    ada.browser.reload();
    ada.browser.sees("Comes back");
    becomes_stale(&ada);
    ada.browser.press("Restore: Comes back");
    confirms(&mut ada);
    ada.browser.sees("Has left");

    becomes_stale(&ada);
    ada.browser.press("Edit name and e-mail");
    ada.browser
        .fills("E-mail, used to sign in", "linus.bell@example.com");
    ada.browser.press("Save");
    confirms(&mut ada);
    ada.browser.sees("Saved.");

    becomes_stale(&ada);
    ada.browser.press("Change roles");
    ada.browser.ticks("Admin");
    ada.browser.press("Save roles");
    confirms(&mut ada);
    ada.browser.sees("Roles saved.");
    let shown = app
        .instance
        .json(&["user", "show", "linus.bell@example.com"], "");
    assert_eq!(shown["roles"], json!(["User", "Admin"]), "{shown}");
}

#[test]
fn the_support_mark_and_who_is_in_that_team_ask_for_a_code() {
    let Some(app) = App::start() else { return };
    let mut ada = Visitor::administrator(&app);
    opens_account(&app, &ada);
    ada.browser.open(&app.url("/admin/teams"));
    ada.browser.press("Make a team");
    ada.browser.fills("Name", "Second line");
    ada.browser.press("Make the team");
    ada.browser.is_at("Second line");
    becomes_stale(&ada);
    ada.browser.press("Make it the support team");
    ada.browser.is_at("Make Second line the support team?");
    ada.browser.press("Make it the support team");
    confirms(&mut ada);
    ada.browser.sees("Second line is the support team now.");

    becomes_stale(&ada);
    ada.browser.press("Add a member");
    ada.browser.chooses("Who", "Linus Bell");
    ada.browser.press("Add");
    confirms(&mut ada);
    ada.browser.sees("Linus Bell was added.");

    becomes_stale(&ada);
    ada.browser.script(
        "const list = document.querySelector('[aria-label=\"Role of Linus Bell\"]');
        list.value = 'Manager';
        list.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    confirms(&mut ada);
    ada.browser.sees("Linus Bell is Manager now.");

    becomes_stale(&ada);
    ada.browser.press("Remove Linus Bell");
    ada.browser.is_at("Remove Linus Bell from Second line?");
    ada.browser.press("Remove");
    confirms(&mut ada);
    ada.browser.sees("Linus Bell was removed.");
}
