//! The real binary in the tray of a real panel: seen, read and clicked.

use super::{Started, claim, double_clicked, instance, is_live, sign_in};
use crate::harness::binary::signal;
use crate::harness::desktop::{Desktop, wait_for};
use rustix::process::Signal;

/// The light in the door, as the icon for dark panels has it.
const LIGHT: [u8; 3] = [0xff, 0xd8, 0x8a];

#[test]
fn the_icon_is_registered_and_seen_and_the_first_run_opens_the_set_up_page() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let before = desktop.pixels_like(LIGHT);
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    wait_for("the registration", || {
        let name = format!("StatusNotifierItem-{}-", service.id());
        let items = desktop.registered();
        items.iter().any(|item| item.contains(&name)).then_some(())
    });
    wait_for("the icon", || {
        (desktop.pixels_like(LIGHT) > before + 8).then_some(())
    });
    let opened = wait_for("the page", || desktop.opened().pop());
    let port = address.rsplit(':').next().unwrap();
    let page = format!("http://localhost:{port}/setup#token=");
    assert!(opened.starts_with(&page), "{opened}");
    desktop.waits_for_status(service.id(), "Not set up yet");
    desktop.click(service.id(), "Finish set-up");
    wait_for("another link", || {
        let opened = desktop.opened();
        (opened.len() == 2 && opened[0] != opened[1] && opened[1].starts_with(&page)).then_some(())
    });
    // The link is for the person at the machine, and for no log.
    assert!(!service.words(&instance).contains("token="));
}

#[test]
fn pausing_and_resuming_are_felt_over_http_and_shown_by_the_tick() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    claim(&instance);
    // The lines of a menu change one after the other.
    let waits_for_tick = |wanted: bool| {
        wait_for("the tick", || {
            let menu = desktop.menu(service.id())?;
            let mut lines = menu.iter();
            let pause = lines.find(|entry| entry.label == "Pause sign-ins")?;
            (pause.tick == Some(wanted)).then_some(())
        });
    };
    desktop.waits_for_status(service.id(), "Running on");
    waits_for_tick(false);
    assert_eq!(sign_in(&address), Some(400));
    for (status, is_paused, answer) in [
        ("Sign-ins are paused", true, Some(503)),
        ("Running on", false, Some(400)),
    ] {
        desktop.click(service.id(), "Pause sign-ins");
        desktop.waits_for_status(service.id(), status);
        waits_for_tick(is_paused);
        assert_eq!(sign_in(&address), answer);
    }
    // What others do is shown too.
    instance.json(&["sign-ins", "pause"], "");
    desktop.waits_for_status(service.id(), "Sign-ins are paused");
    instance.json(&["team", "add", "Harbour"], "");
    wait_for("the last event", || {
        let menu = desktop.menu(service.id())?;
        let last = menu
            .iter()
            .find(|entry| entry.label.starts_with("Last: "))?;
        last.label.contains("Team created").then_some(())
    });
}

#[test]
fn links_open_and_the_address_is_copied() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    claim(&instance);
    desktop.waits_for_status(service.id(), "Running on");
    let url = format!("http://localhost:{}", address.rsplit(':').next().unwrap());
    let log = instance.data().join("vestibule.log");
    for (label, page) in [
        ("Open dashboard", url.clone()),
        ("View log", log.display().to_string()),
    ] {
        let before = desktop.opened().len();
        desktop.click(service.id(), label);
        let opened = wait_for(label, || desktop.opened().get(before).cloned());
        assert_eq!(opened, page);
    }
    assert!(
        std::fs::read_to_string(&log)
            .unwrap()
            .contains("service.listening")
    );
    desktop.click(service.id(), "Copy address");
    wait_for("the copy", || (desktop.pasted()? == url).then_some(()));
    desktop.click(service.id(), "About");
    let (title, body) = wait_for("the words about it", || desktop.notifications().pop());
    assert_eq!(title, concat!("Vestibule ", env!("CARGO_PKG_VERSION")));
    assert!(body.contains(&url), "{body}");
}

#[test]
fn starting_at_login_is_set_and_unset() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    let entry = instance
        .root()
        .join(".config/autostart/vestibule-tray.desktop");
    assert!(!entry.exists());
    desktop.click(service.id(), "Start at login");
    let text = wait_for("the entry", || std::fs::read_to_string(&entry).ok());
    // This instance was named in the environment, of which a login knows nothing.
    let named = format!("\"--data-dir\" \"{}\"\n", instance.data().display());
    assert!(text.contains("Exec=\"/"), "{text}");
    assert!(text.contains(&format!("vestibule\" {named}")), "{text}");
    wait_for("the tick", || {
        let menu = desktop.menu(service.id())?;
        let switch = menu.iter().find(|entry| entry.label == "Start at login")?;
        (switch.tick == Some(true)).then_some(())
    });
    // A tick changes by itself before the menu says what a click does next: until then a click asks for
    // what is so already.
    wait_for("the entry's end", || {
        desktop.click(service.id(), "Start at login");
        std::thread::sleep(std::time::Duration::from_millis(300));
        (!entry.exists()).then_some(())
    });
}

#[test]
fn stopping_ends_the_service_and_quitting_does_not() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let mut service = double_clicked(&desktop, &instance, &address);
    desktop.click(service.id(), "Quit tray");
    wait_for("the end of the icon", || {
        desktop.menu(service.id()).is_none().then_some(())
    });
    assert!(is_live(&address) && service.is_running());
    // The next double-click shows a tray again, and that one stops the service from outside.
    let command = desktop.command(&instance, &[]);
    let mut tray = Started::new(&instance, &address, "tray", command);
    desktop.waits_for_status(tray.id(), "Not set up yet");
    desktop.click(tray.id(), "Stop service");
    assert_eq!(service.ends(), Some(0));
    assert!(!is_live(&address));
    desktop.waits_for_status(tray.id(), "not running");
    desktop.click(tray.id(), "Quit tray");
    assert_eq!(tray.ends(), Some(0));
    // In one process both end.
    let mut again = double_clicked(&desktop, &instance, &address);
    desktop.waits_for_status(again.id(), "Not set up yet");
    desktop.click(again.id(), "Stop service");
    assert_eq!(again.ends(), Some(0));
}

#[test]
fn a_panel_that_restarts_shows_the_icon_again() {
    let Some(mut desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    wait_for("the icon", || {
        (!desktop.registered().is_empty()).then_some(())
    });
    desktop.end_panel();
    desktop.start_panel();
    wait_for("the icon again", || {
        (!desktop.registered().is_empty()).then_some(())
    });
    desktop.click(service.id(), "Stop service");
}

#[test]
fn an_act_that_could_not_be_done_is_told_also_without_news() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = instance.serve_on(&address);
    let mut command = desktop.command(&instance, &["tray"]);
    command.env("VESTIBULE_TRAY__NOTIFICATIONS", "off");
    let tray = Started::new(&instance, &address, "tray", command);
    desktop.waits_for_status(tray.id(), "Not set up yet");
    // It takes connections and answers none.
    signal(service.id(), Signal::STOP);
    desktop.click(tray.id(), "Pause sign-ins");
    let (title, body) = wait_for("the words", || desktop.notifications().pop());
    signal(service.id(), Signal::CONT);
    assert_eq!(title, "This could not be done");
    assert!(body.contains("the service did not answer"), "{body}");
}
