//! Links to set a new password: made by `/users/{id}/reset-password` and `/reset-two-factor`, used by
//! `/auth/restore-password`.

mod reset_two_factor;

use super::{claims, fields, locks, refreshes};
use crate::harness::people::token_of;
use crate::harness::{Answer, Person, Server};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

const RESTORE: &str = "/auth/restore-password";
const NEW_PASSWORD: &str = "seven lamps burn at noon";
const HOURS_24: u64 = 24 * 3600;

/// Ada (1, Super Admin), Adam (2, Admin), Grace (3) with both factors.
fn house() -> (Server, [Person; 3]) {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let adam = Person::admin(&server, "adam@example.com");
    let grace = Person::protected(&server, "grace@example.com");
    (server, [ada, adam, grace])
}

fn path(id: u64, act: &str) -> String {
    format!("/users/{id}/{act}")
}

/// Asks for a link by which this person sets a new password.
fn resets(server: &Server, by: &Person, id: u64) -> Answer {
    let path = path(id, "reset-password");
    server.http.post_nothing(&path, &by.access)
}

fn restores(server: &Server, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password });
    server.http.post(RESTORE, "", body)
}

#[test]
fn a_link_has_this_shape_and_sets_the_password() {
    let (server, [_, adam, mut grace]) = house();
    let answer = resets(&server, &adam, grace.id).expect(201);
    assert_eq!(fields(&answer.json), ["expiresAt", "qrCode", "url"]);
    assert_eq!(answer.json["expiresAt"], "2026-06-02T12:00:00Z");
    let picture = answer.text_field("qrCode");
    assert!(picture.starts_with("data:image/png;base64,"), "{picture}");
    let url = answer.text_field("url");
    let issuer = claims(&adam.access)["iss"].clone();
    let start = format!("{}/restore-password#token=", issuer.as_str().unwrap());
    assert!(url.starts_with(&start), "{url}");
    // Until it is used nothing changes.
    grace.gets(&server, "/auth/me").expect(200);
    let mut other = grace.clone();
    other.signs_in(&server).expect(200);
    let done = restores(&server, &token_of(&answer), NEW_PASSWORD).expect(200);
    assert_eq!(fields(&done.json), ["description", "message"]);
    for person in [&mut grace, &mut other] {
        person
            .gets(&server, "/auth/me")
            .refused(401, "UNAUTHORIZED");
        person.signs_in(&server).refused(400, "INVALID_CREDENTIALS");
    }
    refreshes(&mut grace, &server).refused(401, "UNAUTHORIZED");
    grace.password = NEW_PASSWORD.into();
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "pending");
    server.clock.advance(30);
    let code = grace.code(&server);
    grace.authenticates(&server, &code).expect(200);
    // Whoever held the link need not have been her.
    assert_eq!(grace.notices(&server), ["password_restored"]);
    let actions = server.audit_actions();
    for action in ["password.link_made", "password.restored"] {
        assert!(actions.contains(&action.to_owned()), "{action}");
    }
}

#[test]
fn an_admin_resets_users_and_a_super_admin_everybody_else() {
    let (server, [ada, adam, grace]) = house();
    let eve = Person::admin(&server, "eve@example.com");
    let sue = Person::with_roles(&server, "sue@example.com", &["User", "Super Admin"]);
    for (by, target, expected) in [
        (&adam, grace.id, (201, "")),
        (&adam, eve.id, (403, "ACCESS_DENIED")),
        (&adam, sue.id, (403, "ACCESS_DENIED")),
        (&adam, adam.id, (403, "ACCESS_DENIED")),
        (&ada, grace.id, (201, "")),
        (&ada, adam.id, (201, "")),
        (&ada, sue.id, (201, "")),
        (&ada, ada.id, (403, "ACCESS_DENIED")),
        (&grace, grace.id, (403, "ACCESS_DENIED")),
        (&grace, eve.id, (403, "ACCESS_DENIED")),
        (&adam, 99, (404, "USER_NOT_FOUND")),
        (&adam, 0, (404, "USER_NOT_FOUND")),
        (&ada, u64::MAX, (404, "USER_NOT_FOUND")),
    ] {
        let answer = resets(&server, by, target);
        let found = (answer.status, answer.code());
        assert_eq!(found, expected, "{} resets {target}", by.email);
    }
    let answer = server
        .operator("POST", &path(ada.id, "reset-password"), None)
        .expect(201);
    assert_eq!(fields(&answer.json), ["expiresAt", "url"]);
    restores(&server, &token_of(&answer), NEW_PASSWORD).expect(200);
}

#[test]
fn a_fresh_code_is_asked_for() {
    let (server, [_, adam, grace]) = house();
    let asks = |body: Value| adam.posts(&server, &path(grace.id, "reset-password"), body);
    server.clock.advance(300);
    resets(&server, &adam, grace.id).refused(403, "FRESH_CODE_REQUIRED");
    asks(json!({})).refused(403, "FRESH_CODE_REQUIRED");
    asks(json!({ "code": 123_456 })).refused(400, "INVALID_REQUEST");
    let wrong = adam.wrong_code(&server);
    asks(json!({ "code": wrong })).refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    // A recovery code is taken at the second door alone.
    asks(json!({ "code": adam.recovery_codes[0] })).refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    let actions = server.audit_actions();
    assert!(!actions.contains(&"password.link_made".to_owned()));
    let code = adam.code(&server);
    asks(json!({ "code": code })).expect(201);
    // It is used up, and the session is fresh.
    asks(json!({ "code": code })).refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
    resets(&server, &adam, grace.id).expect(201);
}

#[test]
fn an_admin_without_a_second_factor_resets_nobody() {
    let server = Server::start_with(&crate::harness::ServerOptions {
        configure: Some(|config| config.policy.grace_days = 3),
    });
    let _ada = Person::super_admin(&server);
    let mut adam = Person::added(&server, "adam@example.com", &["Admin"]);
    assert_eq!(adam.signs_in(&server).json["stage"], "full");
    let grace = Person::user(&server, "grace@example.com");
    resets(&server, &adam, grace.id).refused(400, "TWO_FACTOR_NOT_ENABLED");
    let body = json!({ "code": "123456" });
    adam.posts(&server, &path(grace.id, "reset-password"), body)
        .refused(400, "TWO_FACTOR_NOT_ENABLED");
}

#[test]
fn a_link_is_good_once() {
    let (server, [_, adam, grace]) = house();
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    for weak in ["short", "grace murray", "grace@example.com"] {
        restores(&server, &token, weak).refused(400, "WEAK_PASSWORD");
    }
    grace.gets(&server, "/auth/me").expect(200);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let restore = |number: usize| {
            let password = format!("{NEW_PASSWORD} {number}");
            restores(&server, &token, &password).status
        };
        let threads: Vec<_> = (0..3)
            .map(|number| scope.spawn(move || restore(number)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let good = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(good, 1, "{statuses:?}");
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
}

#[test]
fn a_link_lives_24_hours_and_a_newer_one_voids_it() {
    let (server, [_, mut adam, grace]) = house();
    let old = token_of(&resets(&server, &adam, grace.id).expect(201));
    let new = token_of(&resets(&server, &adam, grace.id).expect(201));
    restores(&server, &old, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    server.clock.advance(HOURS_24 - 1);
    restores(&server, &new, NEW_PASSWORD).expect(200);
    adam.comes_in(&server);
    let late = token_of(&resets(&server, &adam, grace.id).expect(201));
    server.clock.jump(-3600);
    server.clock.advance(HOURS_24);
    restores(&server, &late, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
}

#[test]
fn a_link_is_void_once_the_account_is_archived_or_has_a_new_password() {
    let (server, [_, adam, grace]) = house();
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    server.archives(grace.id);
    resets(&server, &adam, grace.id).refused(403, "ACCESS_DENIED");
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    let ids = Some(json!({ "ids": [grace.id] }));
    server.operator("PATCH", "/users/restore", ids).expect(200);
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    let body = json!({ "password": NEW_PASSWORD });
    let set = format!("/operator/users/{}/password", grace.id);
    server.operator("POST", &set, Some(body)).expect(200);
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    let mia = Person::user(&server, "mia@example.com");
    let token = token_of(&resets(&server, &adam, mia.id).expect(201));
    let body = json!({ "currentPassword": mia.password, "newPassword": NEW_PASSWORD });
    mia.posts(&server, "/auth/change-password", body)
        .expect(200);
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
}

#[test]
fn a_token_is_good_for_its_own_person_alone() {
    let (server, [ada, adam, grace]) = house();
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    assert_eq!(bytes[..8], grace.id.to_be_bytes());
    let for_another = |id: u64| {
        let mut swapped = bytes.clone();
        swapped[..8].copy_from_slice(&id.to_be_bytes());
        BASE64URL_NOPAD.encode(&swapped)
    };
    let mut bent = bytes.clone();
    *bent.last_mut().unwrap() ^= 1;
    let other = token_of(&resets(&server, &ada, adam.id).expect(201));
    let invitation = json!({ "email": "nell@example.com" });
    let invitation = adam.posts(&server, "/invitations", invitation).expect(201);
    for bad in [
        for_another(ada.id),
        for_another(adam.id),
        for_another(99),
        for_another(u64::MAX),
        BASE64URL_NOPAD.encode(&bent),
        BASE64URL_NOPAD.encode(&bytes[..8]),
        BASE64URL_NOPAD.encode(&bytes[..23]),
        token_of(&invitation),
        format!("{token}="),
        String::new(),
        "nonsense".into(),
    ] {
        restores(&server, &bad, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    }
    for bad in [
        json!({}),
        json!({ "token": token }),
        json!({ "password": NEW_PASSWORD }),
        json!({ "token": [token], "password": NEW_PASSWORD }),
        json!({ "token": token, "password": null }),
    ] {
        server
            .http
            .post(RESTORE, "", bad)
            .refused(400, "INVALID_REQUEST");
    }
    restores(&server, &token, NEW_PASSWORD).expect(200);
    restores(&server, &other, NEW_PASSWORD).expect(200);
}

#[test]
fn a_new_password_lifts_neither_the_second_factor_nor_its_lock() {
    let (server, [_, mut adam, mut grace]) = house();
    locks(&mut grace, &server);
    adam.comes_in(&server);
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    restores(&server, &token, NEW_PASSWORD).expect(200);
    grace.password = NEW_PASSWORD.into();
    let answer = grace.signs_in(&server).expect(200);
    assert_eq!(answer.json["stage"], "pending");
    let code = grace.code(&server);
    grace
        .authenticates(&server, &code)
        .refused(403, "SECOND_FACTOR_LOCKED");
    let shown = server.shows(grace.id);
    assert_eq!(shown["isTwoFactorEnable"], true);
    assert_eq!(shown["isTwoFactorLocked"], true);
    assert_eq!(shown["recoveryCodesLeft"], 10);
}

#[test]
fn a_new_password_clears_a_demanded_change() {
    let (server, [_, mut adam, mut grace]) = house();
    locks(&mut grace, &server);
    let unlock = format!("/operator/users/{}/unlock", grace.id);
    server.operator("POST", &unlock, None).expect(200);
    assert_eq!(server.shows(grace.id)["mustChangePassword"], true);
    adam.comes_in(&server);
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    assert_eq!(server.shows(grace.id)["mustChangePassword"], true);
    restores(&server, &token, NEW_PASSWORD).expect(200);
    assert_eq!(server.shows(grace.id)["mustChangePassword"], false);
    grace.password = NEW_PASSWORD.into();
    grace.comes_in(&server);
    grace.gets(&server, "/auth/sessions").expect(200);
}

/// "An Admin touches no Admin or Super Admin": a link that was made for a User is void once the User
/// has become one, or whoever holds it would take an administrator's account over.
#[test]
fn a_link_is_void_once_the_person_becomes_an_administrator() {
    for role in ["Admin", "Super Admin"] {
        let (server, [ada, adam, _]) = house();
        let mia = Person::user(&server, "mia@example.com");
        let token = token_of(&resets(&server, &adam, mia.id).expect(201));
        let body = json!({ "roles": [role] });
        ada.patches(&server, &format!("/users/{}", mia.id), body)
            .expect(200);
        restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    }
}

/// "A role taken away works at once": a link is good no longer than whoever made it may make one.
#[test]
fn a_link_is_void_once_its_maker_may_make_none() {
    let (server, [ada, adam, grace]) = house();
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    server.gives_roles(adam.id, &["User"]);
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    server.gives_roles(adam.id, &["Admin"]);
    let token = token_of(&resets(&server, &adam, grace.id).expect(201));
    server.archives(adam.id);
    restores(&server, &token, NEW_PASSWORD).refused(400, "INVALID_TOKEN");
    let token = token_of(&resets(&server, &ada, grace.id).expect(201));
    restores(&server, &token, NEW_PASSWORD).expect(200);
}
