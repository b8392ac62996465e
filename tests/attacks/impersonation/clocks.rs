//! Thirty minutes by both clocks, over restarts too.

use super::claims;
use crate::harness::House;

const MINUTE: u64 = 60;

/// What the history says of the one impersonation: how it ended, and when.
fn told(house: &mut House) -> (String, String) {
    house.tom.comes_in(&house.server);
    let past = house.history();
    assert_eq!(past.len(), 1);
    let text = |name: &str| past[0][name].as_str().unwrap_or("").to_owned();
    (text("how"), text("endedAt"))
}

/// "30 minutes at most", whatever is done with it meanwhile, and the history tells the end as it was
/// even if the service writes it down later.
#[test]
fn thirty_minutes_and_not_a_second_more() {
    let mut house = House::new();
    let token = house.as_tom(&house.adam);
    for _ in 0..29 {
        house.server.clock.advance(MINUTE);
        assert!(house.is_alive(&token));
    }
    house.server.clock.advance(MINUTE - 1);
    assert!(house.is_alive(&token));
    house.server.clock.advance(1);
    house.is_over(&token);
    house.server.clock.advance(2 * 3600);
    house.is_over(&token);
    let until = "2026-06-01T12:30:30Z".to_owned();
    assert_eq!(told(&mut house), ("lapsed".to_owned(), until.clone()));
    house.server.tick();
    let ended = house.server.events("impersonation.ended");
    assert_eq!(ended.len(), 1);
    assert!(ended[0]["detail"].as_str().unwrap().starts_with("lapsed, "));
    assert_eq!(ended[0]["actor"]["kind"], "service");
    assert_eq!(told(&mut house), ("lapsed".to_owned(), until));
}

/// "30 minutes at most": a wall clock that is set back does not prolong it, one that is set ahead may
/// only shorten it.
#[test]
fn a_wall_clock_that_jumps_does_not_prolong_it() {
    for jump in [-600, -1500, 600, 3600, 86_400] {
        let mut house = House::new();
        let token = house.as_tom(&house.adam);
        house.server.clock.advance(25 * MINUTE);
        house.server.clock.jump(jump);
        if jump < 0 {
            assert!(house.is_alive(&token));
        }
        house.server.clock.advance(5 * MINUTE - 1);
        if jump < 0 {
            assert!(house.is_alive(&token));
        }
        house.server.clock.advance(1);
        house.is_over(&token);
        // Nor does setting it right again bring it back.
        house.server.clock.jump(-jump);
        house.is_over(&token);
        house.server.tick();
        house.server.clock.jump(-1000);
        house.is_over(&token);
        house.server.clock.jump(1000);
        assert_eq!(told(&mut house).0, "lapsed");
    }
}

/// "30 minutes at most", over a restart too, after which the wall clock alone counts: set back behind
/// the beginning, nothing stands.
#[test]
fn a_restart_does_not_prolong_it() {
    let mut house = House::new();
    let token = house.as_tom(&house.adam);
    house.server.clock.advance(10 * MINUTE);
    house.server.restart();
    assert!(house.is_alive(&token));
    house.server.clock.advance(20 * MINUTE - 1);
    assert!(house.is_alive(&token));
    house.server.clock.advance(1);
    house.is_over(&token);
    house.server.restart();
    house.is_over(&token);

    let token = {
        house.adam.comes_in(&house.server);
        house.as_tom(&house.adam)
    };
    house.server.clock.jump(-60);
    house.server.restart();
    house.is_over(&token);
    house.server.tick();
    house.server.clock.jump(90);
    house.is_over(&token);
    let ended = house.server.events("impersonation.ended");
    assert_eq!(ended.len(), 2);
    assert_eq!(ended[1]["sessionId"], claims(&token)["sid"]);
}

/// An end that nobody wrote down in time is still told as what it was: it lapsed, and the target's later
/// word did not end it.
#[test]
fn what_comes_after_the_end_did_not_end_it() {
    let mut house = House::new();
    house.as_tom(&house.adam);
    house.server.clock.advance(31 * MINUTE);
    house.tom.comes_in(&house.server);
    let patch = serde_json::json!({ "impersonationAllowed": false });
    house
        .call("PATCH", "/auth/me", &house.tom.access, Some(patch))
        .expect(200);
    house.server.tick();
    let until = "2026-06-01T12:30:30Z".to_owned();
    assert_eq!(told(&mut house), ("lapsed".to_owned(), until));
}

/// "Ends with the actor's session", which ends after seven days however it is used: an impersonation
/// that began shortly before ends with it, not half an hour later.
#[test]
fn the_end_of_the_own_session_comes_first() {
    let mut house = House::new();
    let refreshes = |house: &mut House| {
        let body = serde_json::json!({ "refreshToken": house.adam.refresh });
        let answer = house.server.http.post("/auth/refresh-token", "", body);
        house.adam.takes(&answer.expect(200));
    };
    for _ in 0..16 {
        house.server.clock.advance(10 * 3600);
        refreshes(&mut house);
    }
    house.server.clock.advance(7 * 3600 + 50 * MINUTE);
    refreshes(&mut house);
    let token = house.as_tom(&house.adam);
    house.server.clock.advance(9 * MINUTE + 29);
    assert!(house.is_alive(&token));
    house.server.clock.advance(1);
    house.is_over(&token);
    house.server.tick();
    let (how, at) = told(&mut house);
    assert_eq!(
        (how.as_str(), at.as_str()),
        ("revoked", "2026-06-08T12:00:00Z")
    );
}
