//! The QR code can be scanned off the screen, in the dark too.

use crate::harness::app::App;
use crate::harness::binary::output_of;
use crate::harness::browser::Browser;
use crate::harness::tools::SCANNER;
use crate::harness::visitor::fills_claim;

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
    let picture = app.instance.beside("dark.png");
    std::fs::write(&picture, browser.picture()).unwrap();
    let file = picture.to_string_lossy();
    let read = output_of("zbarimg", &["--quiet", "--raw", &file]);
    let link = browser.script("return document.getElementById('open-app').href");
    let link = link.as_str().unwrap();
    assert!(link.starts_with("otpauth://totp/"), "{link}");
    assert_eq!(read.trim_end(), link);
}
