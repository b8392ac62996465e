//! What happens between the look at a token and the act.

use super::claims;
use crate::harness::House;
use serde_json::json;
use vestibule::domain::id::{TeamId, UserId};
use vestibule::domain::secret::SecretText;
use vestibule::service::support::impersonate::ImpersonationRequest;
use vestibule::service::teams::team::TeamChange;
use vestibule::service::{Caller, Client, Requester};

/// Who a token stood for a moment ago.
fn caller(house: &House, token: &str) -> Caller {
    house.server.services().identify(token).unwrap()
}

/// Renames Tom's team by what was proved; why not, if not.
fn renames(house: &House, caller: &Caller) -> Option<String> {
    let change = TeamChange {
        name: Some("Quay".into()),
        support: None,
    };
    let services = house.server.services();
    let requester = Requester::Caller(Box::new(caller.clone()));
    let client = Client::default();
    let renamed = services
        .teams
        .change_team(&requester, TeamId(house.team), change, &client);
    let renamed = house.server.block_on(renamed);
    renamed.err().map(|error| error.to_string())
}

/// "The end of an impersonation works at once", also on a request that was let in before: every writing
/// request looks once more inside its transaction.
#[test]
fn an_end_meanwhile_stops_the_act() {
    let ends: [fn(&mut House); 4] = [
        |house| house.has_roles(&house.adam, &["User"]),
        |house| house.sets(&house.tom, "archive"),
        |house| house.server.clock.advance(1800),
        |house| {
            let out = json!({});
            house
                .adam
                .posts(&house.server, "/auth/sign-out", out)
                .expect(200);
        },
    ];
    for end in ends {
        let mut house = House::new();
        let token = house.as_tom(&house.adam);
        let caller = caller(&house, &token);
        end(&mut house);
        let services = house.server.services();
        let no = Some("no valid token".to_owned());
        assert_eq!(renames(&house, &caller), no);
        let client = Client::default();
        let out = house
            .server
            .block_on(services.sessions.sign_out(&caller.proof, false, &client));
        assert_eq!(out.err().map(|error| error.to_string()), no);
        let back = house
            .server
            .block_on(services.support.desimpersonate(&caller.proof));
        assert_eq!(back.err().map(|error| error.to_string()), no);
    }
    let house = House::new();
    let token = house.as_tom(&house.adam);
    assert_eq!(renames(&house, &caller(&house, &token)), None);
}

/// "A revoked session works at once", also on a request that was let in before: no impersonation begins,
/// and the code is not used up.
#[test]
fn a_session_that_ends_meanwhile_begins_nothing() {
    let house = House::new();
    let proof = caller(&house, &house.adam.access).proof;
    let mut adam = house.adam.clone();
    adam.comes_in(&house.server);
    house.server.clock.advance(30);
    let out = json!({});
    house
        .adam
        .posts(&house.server, "/auth/sign-out", out)
        .expect(200);
    let request = ImpersonationRequest {
        target: UserId(house.tom.id),
        team: TeamId(house.team),
        reason: String::new(),
    };
    let code: SecretText = serde_json::from_value(json!(adam.code(&house.server))).unwrap();
    let client = Client::default();
    let services = house.server.services();
    let begun = services.support.impersonate(&proof, request, code, &client);
    let begun = house.server.block_on(begun);
    let no = Some("no valid token".to_owned());
    assert_eq!(begun.err().map(|error| error.to_string()), no);
    assert!(house.history().is_empty());
    let body = json!({ "code": adam.code(&house.server) });
    adam.posts(&house.server, "/2fa/authenticate", body)
        .expect(200);
    assert_ne!(
        claims(&adam.access)["sid"],
        claims(&house.adam.access)["sid"]
    );
}
