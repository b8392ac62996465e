//! What happens between the look at a token and the act.

use super::claims;
use crate::harness::House;
use serde_json::json;
use vestibule::domain::id::{TeamId, UserId};
use vestibule::domain::secret::SecretText;
use vestibule::service::identify::Proof;
use vestibule::service::teams::TeamChange;
use vestibule::service::{Client, Manager, Wish};

/// What a token proved a moment ago.
fn proof(house: &House, token: &str) -> Proof {
    house.server.services().identify(token).unwrap().proof
}

/// Renames Tom's team by what was proved; why not, if not.
fn renames(house: &House, proof: &Proof) -> Option<String> {
    let change = TeamChange {
        name: Some("Quay".into()),
        support: None,
    };
    let services = house.server.services();
    let manager = Manager::Session(proof.clone());
    let client = Client::default();
    let renamed = services.change_team(manager, TeamId(house.team), change, &client);
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
        let proof = proof(&house, &token);
        end(&mut house);
        let services = house.server.services();
        let no = Some("no valid token".to_owned());
        assert_eq!(renames(&house, &proof), no);
        let client = Client::default();
        let out = house
            .server
            .block_on(services.sign_out(&proof, false, &client));
        assert_eq!(out.err().map(|error| error.to_string()), no);
        let back = house.server.block_on(services.desimpersonate(&proof));
        assert_eq!(back.err().map(|error| error.to_string()), no);
    }
    let house = House::new();
    let token = house.as_tom(&house.adam);
    assert_eq!(renames(&house, &proof(&house, &token)), None);
}

/// "A revoked session works at once", also on a wish that was let in before: no impersonation begins,
/// and the code is not used up.
#[test]
fn a_session_that_ends_meanwhile_begins_nothing() {
    let house = House::new();
    let proof = proof(&house, &house.adam.access);
    let mut adam = house.adam.clone();
    adam.comes_in(&house.server);
    house.server.clock.advance(30);
    let out = json!({});
    house
        .adam
        .posts(&house.server, "/auth/sign-out", out)
        .expect(200);
    let wish = Wish {
        target: UserId(house.tom.id),
        team: TeamId(house.team),
        reason: String::new(),
    };
    let code: SecretText = serde_json::from_value(json!(adam.code(&house.server))).unwrap();
    let client = Client::default();
    let services = house.server.services();
    let begun = services.impersonate(&proof, wish, code, &client);
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
