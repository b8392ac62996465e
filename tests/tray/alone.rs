//! Where no icon can be seen: it is said once, in words with a cure, and everything else works.

use super::{Started, claim, instance, is_live};
use crate::harness::desktop::{Desktop, wait_for};
use rustix::process::Signal;

/// How often these words are in what was said.
fn count(words: &str, of: &str) -> usize {
    words.matches(of).count()
}

#[test]
fn without_a_host_it_is_said_once_and_a_panel_that_comes_later_shows_the_icon() {
    let Some(mut desktop) = Desktop::bare() else {
        return;
    };
    let (instance, address) = instance();
    let mut command = desktop.command(&instance, &["serve", "--tray"]);
    command.env("XDG_CURRENT_DESKTOP", "GNOME");
    let mut service = Started::new(&instance, &address, "service", command);
    let reason = "nothing on this desktop shows tray icons";
    let words = wait_for("the words", || {
        let words = service.words(&instance);
        words.contains(reason).then_some(words)
    });
    assert!(words.contains("AppIndicator and KStatusNotifierItem Support"));
    let page = wait_for("the set-up page", || desktop.opened().pop());
    assert!(page.contains("/setup#token="));
    assert!(is_live(&address) && service.is_running());
    desktop.start_panel();
    desktop.waits_for_status(service.id(), "Not set up yet");
    wait_for("the icon", || {
        (!desktop.registered().is_empty()).then_some(())
    });
    assert_eq!(count(&service.words(&instance), reason), 1);
    service.signal(Signal::TERM);
    assert_eq!(service.ends(), Some(0));
}

#[test]
fn without_a_bus_it_is_said_once_the_page_is_opened_and_the_service_runs_on() {
    let Some(desktop) = Desktop::bare() else {
        return;
    };
    let (instance, address) = instance();
    let command = desktop.command_without_bus(&instance, &[]);
    let mut service = Started::new(&instance, &address, "service", command);
    let reason = "there is no desktop session here";
    wait_for("the words", || {
        service.words(&instance).contains(reason).then_some(())
    });
    let page = wait_for("the set-up page", || desktop.opened().pop());
    assert!(page.contains("/setup#token="));
    assert!(is_live(&address) && service.is_running());
    assert_eq!(count(&service.words(&instance), reason), 1);
    // The tray alone has nothing to do there.
    let command = desktop.command_without_bus(&instance, &["tray"]);
    let mut tray = Started::new(&instance, &address, "tray", command);
    assert_eq!(tray.ends(), Some(3));
    assert!(
        tray.words(&instance)
            .contains("start it within a desktop session")
    );
    service.signal(Signal::HUP);
    assert_eq!(service.ends(), Some(0));
    // Once it is set up, the dashboard stands in the place of the icon.
    claim(&instance);
    let command = desktop.command_without_bus(&instance, &[]);
    let service = Started::new(&instance, &address, "again", command);
    wait_for("the dashboard", || {
        let opened = desktop.opened();
        (opened.len() == 2 && !opened[1].contains("setup")).then_some(())
    });
    drop(service);
}

#[test]
fn doctor_tells_whether_icons_are_shown_and_the_cure() {
    let Some(mut desktop) = Desktop::bare() else {
        return;
    };
    let (instance, address) = instance();
    instance.serve().interrupt();
    let examined = |desktop: &Desktop| {
        let mut command = desktop.command(&instance, &["doctor", "--json"]);
        command
            .env("XDG_CURRENT_DESKTOP", "GNOME")
            .env("VESTIBULE_SERVER__LISTEN", &address);
        let output = command.output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let cure = |document: &serde_json::Value| {
        let findings = document["findings"].as_array().unwrap();
        let tray = findings.iter().find(|finding| finding["check"] == "tray");
        tray.map(|finding| finding["cure"].as_str().unwrap().to_owned())
    };
    let nobody = examined(&desktop);
    assert!(
        cure(&nobody)
            .unwrap()
            .contains("gnome-shell-extension-appindicator")
    );
    desktop.start_panel();
    let shown = examined(&desktop);
    assert_eq!(cure(&shown), None);
    assert_eq!(shown["tray"], "icons are shown on this desktop");
    // Without a desktop nothing is wrong with the tray.
    let headless = instance.json(&["config", "show"], "");
    assert!(headless.to_string().contains("tray.enabled"));
}
