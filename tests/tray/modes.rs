//! The ways to start, on one desktop after the other: one service a directory, one tray a service.

use super::{Started, double_clicked, instance, is_live};
use crate::harness::binary::Instance;
use crate::harness::desktop::{Desktop, wait_for};
use rustix::process::Signal;
use std::process::Command;

#[test]
fn a_second_start_opens_the_dashboard_and_ends_with_0() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = double_clicked(&desktop, &instance, &address);
    let first = wait_for("the first page", || desktop.opened().pop());
    let command = desktop.command(&instance, &[]);
    let mut second = Started::new(&instance, &address, "second", command);
    assert_eq!(second.ends(), Some(0));
    wait_for("the page", || (desktop.opened().len() == 2).then_some(()));
    assert_ne!(desktop.opened()[1], first);
    assert!(
        second
            .words(&instance)
            .contains("Vestibule is running on http://localhost:")
    );
    assert!(desktop.menu(service.id()).is_some());
    assert_eq!(desktop.registered().len(), 1);
}

#[test]
fn a_second_start_without_a_desktop_says_where_the_first_one_is() {
    let (instance, address) = instance();
    let service = instance.serve_on(&address);
    let mut command = instance.command(&[]);
    command.env("VESTIBULE_SERVER__LISTEN", &address);
    let mut second = Started::new(&instance, &address, "second", command);
    assert_eq!(second.ends(), Some(0));
    assert!(second.words(&instance).contains(&service.base_url));
}

#[test]
fn two_double_clicks_at_once_make_one_service() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let mut starts: Vec<Started> = ["one", "two"]
        .into_iter()
        .map(|name| Started::new(&instance, &address, name, desktop.command(&instance, &[])))
        .collect();
    // The slower one opens the page, or, if it was quicker with that, shows the tray of the other.
    wait_for("a page", || desktop.opened().pop());
    wait_for("the icon", || {
        (desktop.registered().len() == 1).then_some(())
    });
    assert!(is_live(&address));
    for start in &mut starts {
        let words = start.words(&instance);
        assert!(start.is_running() || start.ends() == Some(0), "{words}");
    }
    assert!(starts.iter_mut().any(Started::is_running));
}

#[test]
fn the_tray_finds_a_service_that_was_killed_and_is_back() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let service = instance.serve_on(&address);
    let command = desktop.command(&instance, &["tray"]);
    let mut tray = Started::new(&instance, &address, "tray", command);
    desktop.waits_for_status(tray.id(), "Not set up yet");
    // It was asked for by nobody who wants to see a page.
    assert!(desktop.opened().is_empty());
    service.kill();
    desktop.waits_for_status(tray.id(), "not running");
    let _service = instance.serve_on(&address);
    desktop.waits_for_status(tray.id(), "Not set up yet");
    // One tray a service.
    let command = desktop.command(&instance, &["tray"]);
    let mut second = Started::new(&instance, &address, "second", command);
    assert_eq!(second.ends(), Some(0));
    assert!(
        second
            .words(&instance)
            .contains("The tray is there already.")
    );
    tray.signal(Signal::TERM);
    assert_eq!(tray.ends(), Some(0));
    assert!(is_live(&address));
}

#[test]
fn beside_a_service_that_is_not_ours_there_are_health_and_links() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (theirs, address) = instance();
    let service = theirs.serve_on(&address);
    // An account that knows nothing of their directory.
    let ours = Instance::new();
    let command = desktop.command(&ours, &["tray"]);
    let tray = Started::new(&ours, &address, "tray", command);
    desktop.waits_for_status(tray.id(), "Running on");
    let labels = || -> Vec<String> {
        let menu = desktop.menu(tray.id()).unwrap();
        menu.into_iter().map(|entry| entry.label).collect()
    };
    assert!(!labels().iter().any(|label| label == "Stop service"));
    desktop.click(tray.id(), "Pause sign-ins in the dashboard");
    let opened = wait_for("the page", || desktop.opened().pop());
    assert!(opened.ends_with("/admin/system"), "{opened}");
    assert!(
        tray.words(&ours)
            .contains("the service is another account's")
    );
    service.kill();
    desktop.waits_for_status(tray.id(), "not running");
    // Nothing was made where no instance is.
    assert!(!ours.data().exists());
}

#[test]
fn the_tray_can_be_switched_off() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let mut command = desktop.command(&instance, &[]);
    command.env("VESTIBULE_TRAY__ENABLED", "off");
    let mut service = Started::new(&instance, &address, "service", command);
    wait_for("the service", || is_live(&address).then_some(()));
    assert!(desktop.registered().is_empty());
    service.signal(Signal::INT);
    assert_eq!(service.ends(), Some(0));
}

#[test]
fn a_configuration_that_is_wrong_is_told_on_the_desktop() {
    let Some(desktop) = Desktop::bare() else {
        return;
    };
    let (instance, address) = instance();
    let mut command = desktop.command(&instance, &[]);
    command.env("VESTIBULE_TOTP__DIGITS", "many");
    let mut service = Started::new(&instance, &address, "service", command);
    assert_eq!(service.ends(), Some(2));
    let (title, body) = desktop.notifications().pop().unwrap();
    assert_eq!(title, "Vestibule does not run");
    assert!(body.contains("VESTIBULE_TOTP__DIGITS"), "{body}");
}

#[test]
fn a_port_that_is_taken_is_told_on_the_desktop() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, _) = instance();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    // A program that takes connections and never answers is not ours.
    let command = desktop.command(&instance, &[]);
    let mut service = Started::new(&instance, &address, "service", command);
    assert_eq!(service.ends(), Some(3));
    let (title, body) = desktop.notifications().pop().unwrap();
    assert_eq!(title, "Vestibule does not run");
    assert!(body.contains(&format!("port {}", taken.local_addr().unwrap().port())));
}

#[test]
fn on_a_terminal_the_link_that_is_printed_is_the_one_that_is_opened() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let like = desktop.command(&instance, &[]);
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--flush", "--command"])
        .arg(like.get_program())
        .arg("/dev/null")
        .env_clear()
        .envs(
            like.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let service = Started::new(&instance, &address, "service", command);
    let opened = wait_for("the page", || desktop.opened().pop());
    assert!(opened.contains("/setup#token="), "{opened}");
    wait_for("the link", || {
        service.words(&instance).contains(&opened).then_some(())
    });
    wait_for("the icon", || {
        (!desktop.registered().is_empty()).then_some(())
    });
    assert_eq!(desktop.opened(), [opened]);
    // A terminal that is gone takes no words, and the process ends all the same.
    drop(service);
    wait_for("the end of service and icon", || {
        (!is_live(&address) && desktop.registered().is_empty()).then_some(())
    });
}

#[test]
fn a_service_that_hangs_does_not_hold_up_a_second_start() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let mut service = double_clicked(&desktop, &instance, &address);
    service.signal(Signal::STOP);
    let command = desktop.command(&instance, &[]);
    let mut second = Started::new(&instance, &address, "second", command);
    assert_eq!(second.ends(), Some(3));
    let (title, body) = desktop.notifications().pop().unwrap();
    assert_eq!(title, "Vestibule does not answer");
    assert!(second.words(&instance).contains(&body), "{body}");
    service.signal(Signal::CONT);
    service.signal(Signal::TERM);
    assert_eq!(service.ends(), Some(0));
}

#[test]
fn a_bus_that_answers_nobody_holds_up_neither_the_service_nor_its_end() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    desktop.hold_bus(true);
    let command = desktop.command(&instance, &[]);
    let mut service = Started::new(&instance, &address, "service", command);
    wait_for("the service", || is_live(&address).then_some(()));
    let command = desktop.command(&instance, &["tray"]);
    let mut tray = Started::new(&instance, &address, "tray", command);
    assert_eq!(tray.ends(), Some(3));
    service.signal(Signal::TERM);
    assert_eq!(service.ends(), Some(0));
    desktop.hold_bus(false);
}

#[test]
fn a_double_click_where_only_a_tray_runs_opens_the_set_up_page() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    instance.serve_on(&address).interrupt();
    let command = desktop.command(&instance, &["tray"]);
    let tray = Started::new(&instance, &address, "tray", command);
    desktop.waits_for_status(tray.id(), "not running");
    let command = desktop.command(&instance, &[]);
    let _service = Started::new(&instance, &address, "service", command);
    let opened = wait_for("the page", || desktop.opened().pop());
    assert!(opened.contains("/setup#token="), "{opened}");
}

#[test]
fn a_log_that_was_emptied_goes_on_at_its_beginning() {
    let Some(desktop) = Desktop::with_panel() else {
        return;
    };
    let (instance, address) = instance();
    let mut service = double_clicked(&desktop, &instance, &address);
    let log = instance.data().join("vestibule.log");
    std::fs::write(&log, "").unwrap();
    service.signal(Signal::TERM);
    assert_eq!(service.ends(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("service.ending") && !text.contains('\0'),
        "{text:?}"
    );
}
