//! The QR codes can be scanned off the screen, in the dark too.

use crate::harness::app::App;
use crate::harness::binary::output_of;
use crate::harness::browser::Browser;
use crate::harness::tools::SCANNER;
use crate::harness::visitor::{Visitor, fills_claim};

#[test]
fn the_dark_enrolment_page_is_scanned_off_the_screen() {
    let Some(app) = SCANNER.then(App::start).flatten() else {
        return;
    };
    let browser = Browser::start();
    browser.prefers("dark");
    fills_claim(&app, &browser);
    browser.is_at("Set up your second factor");
    let ground =
        browser.script("return getComputedStyle(document.documentElement).backgroundColor");
    assert_eq!(ground, "rgb(15, 23, 22)", "the page is not dark");
    let read = scanned(&app, &browser);
    let link = browser.script("return document.getElementById('open-app').href");
    let link = link.as_str().unwrap();
    assert!(link.starts_with("otpauth://totp/"), "{link}");
    assert_eq!(read, link);
}

#[test]
fn the_link_of_an_invitation_is_scanned_off_the_screen() {
    let (Some(app), Some(())) = (App::start(), SCANNER.then(|| ())) else {
        return;
    };
    let ada = Visitor::administrator(&app);
    let browser = &ada.browser;
    browser.prefers("dark");
    browser.open(&app.url("/admin/people"));
    browser.press("Invite somebody");
    browser.fills("E-mail", "grace@example.com");
    browser.press("Invite");
    browser.sees("The invitation is ready");
    // It is closed where the link leads to this computer alone.
    browser.press("For a phone: QR code");
    browser.sees("which means this computer itself");
    browser.script("document.querySelector('.qr').scrollIntoView({ block: 'center' })");
    assert_eq!(scanned(&app, browser), browser.value("One-time link"));
}

/// What a reader of QR codes finds on the screen.
fn scanned(app: &App, browser: &Browser) -> String {
    let picture = app.instance.beside("screen.png");
    std::fs::write(&picture, browser.picture()).unwrap();
    let file = picture.to_string_lossy();
    let read = output_of("zbarimg", &["--quiet", "--raw", &file]);
    read.trim_end().to_owned()
}
