//! Pausing sign-ins by the system page: nobody comes in, in words that say so, and the one who paused
//! lets them in again.

use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::visitor::{Visitor, opens_first_door};

#[test]
fn an_administrator_pauses_sign_ins_and_lets_people_in_again() {
    let Some(app) = App::start() else { return };
    let ada = Visitor::administrator(&app);
    let add = ["user", "add", "grace@example.com", "--password-stdin"];
    app.instance.json(&add, crate::harness::person::PASSWORD);
    ada.browser.press("System");
    ada.browser.is_at("System");
    ada.browser.press("Pause sign-ins");
    ada.browser.is_at("Pause sign-ins?");
    ada.browser.sees("neither you, once your session is over");
    ada.browser.press("Pause");
    ada.browser.sees("Sign-ins are paused.");
    ada.browser.sees("Nobody has been able to sign in since");

    let grace = Browser::start();
    opens_first_door(&app, &grace, "grace@example.com");
    grace.sees("Sign-ins are paused.");
    grace.sees("An administrator has paused them: try again later.");

    // Also after a look at something else.
    ada.browser.reload();
    ada.browser.press("Let people sign in again");
    ada.browser.sees("People may sign in again.");
    opens_first_door(&app, &grace, "grace@example.com");
    grace.sees("Signed in as grace@example.com");
    drop(grace);
    ada.browser.press("Audit");
    ada.browser.sees("Sign-ins were paused");
}
