//! The recovery codes can be taken along in every way that the page offers: as a file, on paper, by the clipboard.

use crate::harness::app::App;
use crate::harness::browser::Browser;
use crate::harness::phone::Phone;
use crate::harness::visitor::{fills_claim, keeps_recovery_codes};
use serde_json::{Value, json};

#[test]
fn the_recovery_codes_are_saved_copied_and_printed() {
    let Some(app) = App::start() else { return };
    let browser = Browser::start();
    let folder = app.instance.beside("downloads");
    std::fs::create_dir(&folder).unwrap();
    let allow = json!({ "behavior": "allow", "downloadPath": folder.to_string_lossy() });
    browser.devtools("Browser.setDownloadBehavior", allow);
    let allow = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.devtools("Browser.grantPermissions", allow);
    fills_claim(&app, &browser);
    let code = Phone::takes_key(&browser).code();
    browser.fills("Code that the app shows now", &code);
    browser.press("Switch on");
    browser.is_at("Save your recovery codes");

    browser.press("Download");
    let file = folder.join("vestibule-recovery-codes.txt");
    let saved = browser.wait_for("file", || std::fs::read_to_string(&file).ok());
    browser.press("Copy");
    browser.sees("Copied.");
    let copied = browser.script("return navigator.clipboard.readText()");
    // On paper there is the sheet and nothing around it.
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    let printed = browser.script(
        "return [...document.querySelectorAll('main :is(h1, p, li, button, label)')]
            .filter((node) => node.checkVisibility({ visibilityProperty: true }))
            .map((node) => node.textContent)",
    );
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" }));

    let codes = keeps_recovery_codes(&browser);
    assert_eq!(copied, codes.join("\n"));
    let lines: Vec<&str> = saved.lines().collect();
    let printed: Vec<&str> = printed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for code in &codes {
        assert!(lines.contains(&code.as_str()), "{saved}");
        assert!(printed.contains(&code.as_str()), "{printed:?}");
    }
    // Whose they are, and where they open a door.
    let host = format!("localhost:{}", app.service().port());
    for text in [saved.as_str(), printed[1]] {
        assert!(
            text.contains("ada@example.com") && text.contains(&host),
            "{text}"
        );
    }
    assert_eq!(printed.len(), codes.len() + 3, "{printed:?}");
}
