//! Sealed records moved within a stopped store.

use crate::harness::person::code_of;
use crate::harness::records::{
    factor_record, put_factor_record, read_factor, swap_the_two_rows, write_factor,
};
use crate::harness::{Person, Server};
use serde_json::json;

/// Sends this code after the right password: a failure that gives no token.
fn fails_without_a_token(server: &Server, person: &Person, code: &str) {
    let mut again = person.clone();
    let answer = again.signs_in(server).expect(200);
    assert_eq!(answer.json["stage"], "pending");
    let pending = again.access.clone();
    again.authenticates(server, code).incident();
    assert_eq!((&again.access, again.refresh.as_str()), (&pending, ""));
}

/// Nothing was counted, and the second factor is on.
fn is_untouched(server: &Server, person: &Person) {
    let status = person.gets(server, "/2fa/status").expect(200);
    assert_eq!(status.json["failedSinceLastSignIn"], 0);
    assert_eq!(status.json["isTwoFactorEnable"], true);
    assert_eq!(status.json["recoveryCodesLeft"], 10);
}

/// "A record moved to another user does not open"; "any error of the store fails closed: no token".
#[test]
fn swapped_seeds_open_for_neither() {
    let mut server = Server::start();
    let ada = Person::super_admin(&server);
    let bob = Person::protected(&server, "bob@example.com");
    server.clock.advance(60);
    let codes = [ada.code(&server), bob.code(&server)];
    server.restart_edited(|database| swap_the_two_rows::<u64>(database, "factors_1"));
    for person in [&ada, &bob] {
        for code in &codes {
            fails_without_a_token(&server, person, code);
            // The sessions from before gain nothing either.
            for path in ["/2fa/authenticate", "/2fa/disable-two-factor-auth"] {
                if person.id == ada.id && path.contains("disable") {
                    continue;
                }
                let body = json!({ "code": code });
                person.posts(&server, path, body).incident();
            }
        }
        is_untouched(&server, person);
    }
    let actions = server.audit_actions();
    assert!(!actions.contains(&"code.refused".to_owned()));
    assert!(server.audit_is_intact());
    // Put back, the very same codes are good: none was used up.
    server.restart_edited(|database| swap_the_two_rows::<u64>(database, "factors_1"));
    for (person, code) in [ada, bob].iter_mut().zip(&codes) {
        person.signs_in(&server).expect(200);
        person.authenticates(&server, code).expect(200);
    }
}

/// "Sealed with the generation as associated data": the seed of a phone that was replaced does not
/// open in the place of its successor.
#[test]
fn an_older_seed_put_back_does_not_open() {
    let mut server = Server::start();
    let _ada = Person::super_admin(&server);
    let mut bob = Person::protected(&server, "bob@example.com");
    let old_secret = bob.secret.clone();
    let mut old = Vec::new();
    server.restart_edited(|database| old = factor_record(database, bob.id));
    bob.comes_in(&server);
    bob.scans_with(&server, "?replace=true").expect(200);
    assert_ne!(bob.secret, old_secret);
    server.clock.advance(30);
    let current = code_of(&old_secret, server.clock.unix_seconds());
    let body = json!({ "code": bob.code(&server), "currentCode": current });
    let answer = bob.posts(&server, "/2fa/enable-two-factor-auth", body);
    bob.keeps_recovery_codes(&answer.expect(200));
    server.restart_edited(|database| {
        let new = factor_record(database, bob.id);
        let mut factor = read_factor(&new);
        let before = read_factor(&old);
        assert!(factor.generation > before.generation);
        factor.seed = before.seed;
        put_factor_record(database, bob.id, &write_factor(new[0], &factor));
    });
    server.clock.advance(30);
    let now = server.clock.unix_seconds();
    for secret in [&old_secret, &bob.secret] {
        fails_without_a_token(&server, &bob, &code_of(secret, now));
    }
    is_untouched(&server, &bob);
}

/// The same for seeds that wait for their first code.
#[test]
fn swapped_pending_seeds_are_confirmed_by_neither() {
    let mut server = Server::start();
    let mut people = ["bob@example.com", "grace@example.com"].map(|email| {
        let mut person = Person::user(&server, email);
        person.scans(&server).expect(200);
        person
    });
    let codes = [people[0].code(&server), people[1].code(&server)];
    let swap = |database: &redb::Database| {
        swap_the_two_rows::<[u8; 16]>(database, "pending_factors_1");
    };
    let enables = |server: &Server, person: &Person, code: &str| {
        let body = json!({ "code": code });
        person.posts(server, "/2fa/enable-two-factor-auth", body)
    };
    server.restart_edited(swap);
    for person in &people {
        for code in &codes {
            enables(&server, person, code).incident();
        }
        // The seed of somebody else is not shown either.
        person.gets(&server, "/2fa/generate-qr").incident();
        let status = person.gets(&server, "/2fa/status").expect(200);
        assert_eq!(status.json["isTwoFactorEnable"], false);
    }
    server.restart_edited(swap);
    for (person, code) in people.iter_mut().zip(&codes) {
        let answer = enables(&server, person, code).expect(200);
        person.keeps_recovery_codes(&answer);
    }
}

/// "Recovery codes: kept as salted hashes, bound to the user": moved, they open for neither.
#[test]
fn swapped_recovery_codes_open_for_neither() {
    let mut server = Server::start();
    let people = [
        Person::super_admin(&server),
        Person::protected(&server, "bob@example.com"),
    ];
    let swap = |database: &redb::Database| swap_the_two_rows::<u64>(database, "recovery_1");
    server.restart_edited(swap);
    for person in &people {
        let mut again = person.clone();
        again.signs_in(&server).expect(200);
        for owner in &people {
            again
                .authenticates(&server, &owner.recovery_codes[0])
                .refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
        }
    }
    server.restart_edited(swap);
    for person in &people {
        let mut again = person.clone();
        again.signs_in(&server).expect(200);
        let code = &person.recovery_codes[0];
        again.authenticates(&server, code).expect(200);
    }
}
