//! The menu of every state, as a table: what it shows, what can be clicked, and which icon it has.

use vestibule::tray::menu::{
    Access, Act, Availability, IconKind, Panel, State, Trouble, View, view,
};

const URL: &str = "http://localhost:6238";

fn running() -> State {
    State {
        access: Access::SameProcess,
        availability: Availability::Up,
        base_url: URL.into(),
        is_claimed: true,
        is_paused: false,
        trouble: None,
        last_event: Some("Sign in finished: tom@example.com, just now".into()),
        starts_at_login: Some(false),
        has_log: true,
    }
}

fn shown(state: &State) -> View {
    view(state, Panel::Dark)
}

/// The lines of a menu: those that cannot be clicked in brackets, ticks as they are.
fn lines(state: &State) -> Vec<String> {
    let items = shown(state).items;
    let line = |item: &vestibule::tray::menu::Item| {
        let tick = match item.tick {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        match item.act {
            Some(_) => format!("{tick}{}", item.label),
            None => format!("({tick}{})", item.label),
        }
    };
    items.iter().map(line).collect()
}

#[test]
fn a_service_of_its_own_has_these_lines() {
    assert_eq!(
        lines(&running()),
        [
            "(Running on http://localhost:6238)",
            "Open dashboard",
            "(Last: Sign in finished: tom@example.com, just now)",
            "Copy address",
            "[ ] Pause sign-ins",
            "[ ] Start at login",
            "View log",
            "About Vestibule",
            "Quit tray (service keeps running)",
            "Stop service",
        ]
    );
}

#[test]
fn before_the_set_up_there_is_a_line_to_finish_it() {
    let state = State {
        is_claimed: false,
        ..running()
    };
    assert_eq!(
        lines(&state)[..3],
        [
            "(Not set up yet – http://localhost:6238)",
            "Open dashboard",
            "Finish set-up…"
        ]
    );
    assert_eq!(shown(&state).icon, IconKind::Attention);
}

#[test]
fn beside_another_accounts_service_there_are_health_and_links_alone() {
    let state = State {
        access: Access::HealthOnly,
        last_event: None,
        has_log: false,
        ..running()
    };
    assert_eq!(
        lines(&state),
        [
            "(Running on http://localhost:6238)",
            "Open dashboard",
            "Copy address",
            "Pause sign-ins in the dashboard…",
            "[ ] Start at login",
            "View audit log",
            "About Vestibule",
            "Quit tray",
        ]
    );
}

#[test]
fn nothing_can_be_asked_of_a_service_that_is_away() {
    for access in [Access::Socket, Access::HealthOnly] {
        let state = State {
            access,
            availability: Availability::Down,
            has_log: false,
            ..running()
        };
        let items = shown(&state).items;
        let acts: Vec<Act> = items.iter().filter_map(|item| item.act).collect();
        let own = [Act::CopyAddress, Act::StartAtLogin, Act::About, Act::Quit];
        assert_eq!(acts, own, "{access:?}");
        assert_eq!(shown(&state).tooltip, "Vestibule is not running");
    }
}

/// Every state there is.
fn all() -> Vec<State> {
    let mut states = Vec::new();
    for access in [Access::SameProcess, Access::Socket, Access::HealthOnly] {
        for availability in [Availability::Starting, Availability::Up, Availability::Down] {
            for trouble in [None, Some(Trouble::Clock), Some(Trouble::Store)] {
                for switches in 0_u8..32 {
                    let is = |bit: u8| switches >> bit & 1 == 1;
                    states.push(State {
                        access,
                        availability,
                        trouble,
                        is_claimed: is(0),
                        is_paused: is(1),
                        starts_at_login: is(2).then_some(true),
                        has_log: is(3),
                        last_event: is(4).then(|| "Something".into()),
                        base_url: URL.into(),
                    });
                }
            }
        }
    }
    states
}

#[test]
fn in_every_state_there_are_ten_lines_at_most_and_a_way_out() {
    for state in all() {
        let items = shown(&state).items;
        assert!(items.len() <= 10, "{state:?}");
        assert!(items.iter().any(|item| item.act == Some(Act::Quit)));
        assert_eq!(items[0].act, None, "the first line tells the state");
        let labels: std::collections::BTreeSet<&str> =
            items.iter().map(|item| item.label.as_str()).collect();
        assert_eq!(labels.len(), items.len(), "{state:?}");
    }
}

#[test]
fn stopping_and_quitting_are_never_one_line_and_only_who_may_stop_finds_it() {
    for state in all() {
        let items = shown(&state).items;
        let stop = items.iter().find(|item| item.act == Some(Act::Stop));
        let is_reachable = match state.access {
            Access::SameProcess => true,
            Access::Socket => state.availability == Availability::Up,
            Access::HealthOnly => false,
        };
        assert_eq!(stop.is_some(), is_reachable, "{state:?}");
        assert!(stop.is_none_or(|item| !item.label.contains("Quit")));
    }
}

#[test]
fn the_icon_tells_the_state() {
    let paused = State {
        is_paused: true,
        ..running()
    };
    let troubled = State {
        trouble: Some(Trouble::Disk),
        ..paused.clone()
    };
    let away = State {
        availability: Availability::Down,
        ..troubled.clone()
    };
    let starting = State {
        availability: Availability::Starting,
        ..running()
    };
    for (state, mark, tooltip) in [
        (
            &running(),
            IconKind::Open,
            "Running on http://localhost:6238",
        ),
        (
            &paused,
            IconKind::Paused,
            "Sign-ins are paused – http://localhost:6238",
        ),
        (
            &troubled,
            IconKind::Attention,
            "Trouble: the disk is nearly full – http://localhost:6238",
        ),
        (&away, IconKind::Down, "Vestibule is not running"),
        (&starting, IconKind::Down, "Vestibule is starting…"),
    ] {
        assert_eq!(shown(state).icon, mark);
        assert_eq!(shown(state).tooltip, tooltip);
    }
    assert_eq!(lines(&paused)[4], "[x] Pause sign-ins");
}

#[test]
fn a_line_with_a_tick_never_takes_the_place_of_one_without() {
    for first in all() {
        for second in all() {
            // These do not change while a tray is there.
            let is_same_tray = first.access == second.access
                && first.has_log == second.has_log
                && first.starts_at_login == second.starts_at_login;
            let (one, other) = (shown(&first).items, shown(&second).items);
            if !is_same_tray || one.len() != other.len() {
                continue;
            }
            let mut places = one.iter().zip(&other);
            assert!(
                places.all(|(one, other)| one.tick.is_some() == other.tick.is_some()),
                "{first:?} {second:?}"
            );
        }
    }
}

#[test]
fn every_act_has_a_name_of_its_own() {
    for state in all() {
        for act in shown(&state).items.iter().filter_map(|item| item.act) {
            assert_eq!(Act::named(act.name()), Some(act));
        }
    }
    assert_eq!(Act::named(""), None);
}
