//! Nobody is shut out: no finding of axe-core on any page, in the light and in the dark, and nothing out of reach on a
//! narrow phone.

use super::tour;
use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::tools::{AXE, path_of};
use serde_json::Value;

const REACH: &str = include_str!("reach.js");
const JUDGE: &str = include_str!("judge.js");

/// What the page has fetched from anywhere but its own service.
const ELSEWHERE: &str = "return performance.getEntriesByType('resource').map(({ name }) => name)
    .filter((name) => !name.startsWith(`${location.origin}/`) && !name.startsWith('data:') && !name.startsWith('blob:'))";

/// A service, and the text of axe-core.
fn ready() -> Option<(App, String)> {
    let axe = AXE.then(|| std::fs::read_to_string(path_of("axe-core")).unwrap())?;
    Some((App::start()?, axe))
}

/// What axe-core finds wrong with the page as it is now.
fn findings(browser: &Browser, axe: &str) -> Vec<String> {
    let known = browser.script("return 'axe' in window");
    if known != true {
        browser.script(axe);
    }
    let told = browser.script(JUDGE);
    assert!(
        told["passes"].as_u64().unwrap() > 5,
        "axe-core has looked at nothing: {told}"
    );
    texts(&told["violations"])
}

fn texts(list: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn every_page_is_for_everybody() {
    let Some((app, axe)) = ready() else { return };
    let mut found = Vec::new();
    let mut stops = 0;
    tour::walk(app, &mut |browser, name| {
        stops += 1;
        let mut note = |how: &str, list: Vec<String>| {
            found.extend(list.iter().map(|one| format!("{name}, {how}: {one}")));
        };
        for scheme in ["light", "dark"] {
            browser.prefers(scheme);
            note(scheme, findings(browser, &axe));
        }
        note("asks elsewhere", texts(&browser.script(ELSEWHERE)));
        browser.has_size(360, 740);
        note("360 pixels wide", texts(&browser.script(REACH)));
        browser.devtools(
            "Emulation.clearDeviceMetricsOverride",
            Value::Object(Default::default()),
        );
        browser.prefers("light");
    });
    assert!(
        found.is_empty(),
        "{} in {stops} states:\n{}",
        found.len(),
        found.join("\n")
    );
    assert!(stops > 50, "only {stops} states were looked at");
}

/// The judge can find: a page spoilt on purpose does not pass.
#[test]
fn what_is_wrong_is_found() {
    let Some((app, axe)) = ready() else { return };
    let browser = Browser::start();
    browser.open(&app.url("/sign-in"));
    browser.is_at("Sign in");
    assert_eq!(findings(&browser, &axe), Vec::<String>::new());
    browser.script("document.querySelector('label').remove(); document.querySelector('h1').style.color = '#ddd'");
    let spoilt = findings(&browser, &axe).join(" ");
    for rule in ["label: ", "color-contrast: "] {
        assert!(spoilt.contains(rule), "{spoilt}");
    }
    browser.has_size(360, 740);
    assert_eq!(texts(&browser.script(REACH)), Vec::<String>::new());
    browser.script("document.querySelector('button.primary').style.width = '500px'");
    assert!(!texts(&browser.script(REACH)).is_empty());
}
