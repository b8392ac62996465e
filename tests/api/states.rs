//! Every kind of token at every endpoint: what the table of stages says, and nothing else.
//!
//! Requests are made so that an endpoint which lets the caller in changes nothing: a body that no
//! endpoint takes. A refusal for the stage must come before it is looked at.

use super::{locks, refreshes, takes_recovery_code};
use crate::harness::{Person, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No token, a bad one, or one that has ended.
    Nobody,
    Pending,
    Enrolment,
    /// Full, of an ordinary user.
    User,
    /// Full, of an Admin.
    Admin,
    /// Full, of an Admin whose password must change.
    PasswordDue,
    /// Somebody of the support team as an ordinary user.
    Impersonation,
}

/// Whom an endpoint lets in, by the contract.
#[derive(Clone, Copy, Debug)]
enum Door {
    /// Whoever comes.
    Open,
    /// `pending` and full, also while the password must change.
    Code,
    /// `enrolment` and full.
    Enrol,
    /// `enrolment` and full, also while the password must change.
    Account,
    /// Those, and an impersonation.
    Present,
    /// Every session.
    Session,
    /// Full, and an impersonation.
    Colleague,
    /// An impersonation.
    Return,
    /// Full.
    Full,
    /// Full, of an administrator.
    Admin,
}

type Row = (
    &'static str,
    &'static str,
    &'static str,
    Door,
    Option<Value>,
    (u16, &'static str),
);

const INVALID: (u16, &str) = (400, "INVALID_REQUEST");
const FINE: (u16, &str) = (200, "");

/// Method, path in the table, path asked for, door, body, and the answer to whoever is let in.
fn rows() -> Vec<Row> {
    let none = || Some(json!({}));
    let code = || Some(json!({ "code": 5 }));
    let everywhere = Some(json!({ "everywhere": 5 }));
    let qr = "/2fa/generate-qr";
    let off = "/2fa/disable-two-factor-auth";
    let on = "/2fa/enable-two-factor-auth";
    let renew = "/2fa/recovery-codes";
    let keys = "/.well-known/jwks.json";
    let wrong_switch = "/2fa/generate-qr?restart=perhaps";
    let out = "/auth/sign-out";
    let gone = (404, "NOT_FOUND");
    let mut rows: Vec<Row> = vec![
        ("POST", "/2fa/authenticate", "", Door::Code, none(), INVALID),
        ("GET", qr, wrong_switch, Door::Enrol, None, INVALID),
        ("POST", on, "", Door::Enrol, none(), INVALID),
        ("POST", off, "", Door::Full, code(), INVALID),
        ("GET", "/2fa/status", "", Door::Present, None, FINE),
        ("POST", renew, "", Door::Full, code(), INVALID),
        ("POST", "/2fa/impersonate", "", Door::Full, none(), INVALID),
        ("POST", "/auth/sign-in", "", Door::Open, none(), INVALID),
        ("POST", out, "", Door::Session, everywhere, INVALID),
        ("POST", "/setup", "", Door::Open, none(), gone),
        ("GET", "/sign-ins", "", Door::Admin, None, FINE),
        ("PATCH", "/sign-ins", "", Door::Admin, none(), INVALID),
        ("GET", "/audit", "", Door::Admin, None, FINE),
        ("GET", "/audit/head", "", Door::Admin, None, FINE),
        ("GET", "/health/live", "", Door::Open, None, FINE),
        ("GET", "/health/ready", "", Door::Open, None, FINE),
        ("GET", keys, "", Door::Open, None, FINE),
        ("GET", "/openapi.json", "", Door::Open, None, FINE),
    ];
    rows.extend(rows_of_accounts());
    rows.extend(rows_of_people());
    // Lets in whoever may, for good: the last row of each token.
    let back = "/2fa/desimpersonation";
    rows.push(("POST", back, "", Door::Return, None, FINE));
    rows
}

fn rows_of_accounts() -> Vec<Row> {
    let none = || Some(json!({}));
    let name = || Some(json!({ "firstName": 5 }));
    let refresh = "/auth/refresh-token";
    let dismiss = "/auth/me/notices/dismiss";
    let joining = "/auth/me/invitations";
    let join = "/auth/me/invitations/{id}/accept";
    let decline = "/auth/me/invitations/{id}/decline";
    let change = "/auth/change-password";
    let past = "/auth/me/impersonations";
    let restore = "/auth/restore-password";
    let end = "/auth/sessions/{id}";
    let gone = (404, "NOT_FOUND");
    vec![
        ("POST", refresh, "", Door::Open, none(), INVALID),
        ("GET", "/auth/me", "", Door::Present, None, FINE),
        ("PATCH", "/auth/me", "", Door::Full, name(), INVALID),
        ("GET", past, "", Door::Full, None, FINE),
        ("POST", dismiss, "", Door::Full, none(), INVALID),
        ("GET", joining, "", Door::Full, None, FINE),
        (
            "POST",
            join,
            "/auth/me/invitations/99/accept",
            Door::Full,
            None,
            gone,
        ),
        (
            "POST",
            decline,
            "/auth/me/invitations/99/decline",
            Door::Full,
            None,
            gone,
        ),
        ("POST", change, "", Door::Account, none(), INVALID),
        ("GET", "/auth/sessions", "", Door::Full, None, FINE),
        ("DELETE", end, "/auth/sessions/0", Door::Full, None, gone),
        ("POST", "/auth/sign-up", "", Door::Open, none(), INVALID),
        ("POST", restore, "", Door::Open, none(), INVALID),
    ]
}

fn rows_of_people() -> Vec<Row> {
    let none = || Some(json!({}));
    let name = || Some(json!({ "firstName": 5 }));
    let code = || Some(json!({ "code": 5 }));
    let user = "/users/{id}";
    let password = "/users/{id}/reset-password";
    let factor = "/users/{id}/reset-two-factor";
    let team = "/teams/{id}";
    let members = "/teams/{id}/members";
    let member = "/teams/{id}/members/{userId}";
    let one = "/teams/99/members/1";
    let accept = "/invitations/accept";
    let letter = "/invitations/{id}";
    let gone = (404, "NOT_FOUND");
    let no_team = (404, "TEAM_NOT_FOUND");
    vec![
        ("GET", "/users", "", Door::Admin, None, FINE),
        ("PATCH", "/users/archive", "", Door::Admin, none(), INVALID),
        ("PATCH", "/users/restore", "", Door::Admin, none(), INVALID),
        ("GET", user, "/users/1", Door::Admin, None, FINE),
        ("PATCH", user, "/users/1", Door::Admin, name(), INVALID),
        ("POST", password, "", Door::Admin, code(), INVALID),
        ("POST", factor, "", Door::Admin, code(), INVALID),
        ("GET", "/teams", "", Door::Colleague, None, FINE),
        ("POST", "/teams", "", Door::Colleague, none(), INVALID),
        ("GET", team, "/teams/99", Door::Colleague, None, no_team),
        (
            "PATCH",
            team,
            "",
            Door::Colleague,
            Some(json!({ "name": 5 })),
            INVALID,
        ),
        ("DELETE", team, "/teams/99", Door::Colleague, None, no_team),
        (
            "GET",
            members,
            "/teams/99/members",
            Door::Colleague,
            None,
            no_team,
        ),
        ("POST", members, "", Door::Admin, none(), INVALID),
        ("PATCH", member, "", Door::Colleague, none(), INVALID),
        ("DELETE", member, one, Door::Colleague, None, no_team),
        ("GET", "/invitations", "", Door::Colleague, None, FINE),
        ("POST", "/invitations", "", Door::Colleague, none(), INVALID),
        (
            "DELETE",
            letter,
            "/invitations/99",
            Door::Colleague,
            None,
            gone,
        ),
        ("POST", accept, "", Door::Open, none(), INVALID),
    ]
}

/// The refusal that the contract demands, or nothing where the endpoint lets the caller in.
fn refusal(kind: Kind, door: Door) -> Option<(u16, &'static str)> {
    let second_factor = Some((401, "SECOND_FACTOR_REQUIRED"));
    let enrolment = Some((403, "ENROLMENT_REQUIRED"));
    let password = Some((403, "PASSWORD_CHANGE_REQUIRED"));
    match (kind, door) {
        (_, Door::Open) => None,
        (Kind::Nobody, _) => Some((401, "UNAUTHORIZED")),
        (_, Door::Session) => None,
        (Kind::Impersonation, Door::Present | Door::Colleague | Door::Return) => None,
        (Kind::Impersonation, _) => Some((403, "NOT_WHILE_IMPERSONATING")),
        (Kind::Pending, Door::Code) => None,
        (Kind::Pending, _) => second_factor,
        (Kind::Enrolment, Door::Enrol | Door::Account | Door::Present) => None,
        (Kind::Enrolment, _) => enrolment,
        (_, Door::Return) => Some((403, "ACCESS_DENIED")),
        (Kind::PasswordDue, Door::Code | Door::Account | Door::Present) => None,
        (Kind::PasswordDue, _) => password,
        (Kind::User, Door::Admin) => Some((403, "ACCESS_DENIED")),
        (Kind::User | Kind::Admin, _) => None,
    }
}

/// Ends the session of a token.
fn sign_out(server: &Server, token: &str) -> String {
    server
        .http
        .post_nothing("/auth/sign-out", token)
        .expect(200);
    token.to_owned()
}

/// An Admin, signed in with both factors.
fn admin(server: &Server, email: &str) -> Person {
    let mut person = Person::added(server, email, &["Admin"]);
    person.signs_in(server).expect(200);
    person.enrols(server);
    person
}

/// An Admin whose second factor was locked and opened again with a recovery code.
fn password_due(server: &Server, email: &str) -> Person {
    let mut person = admin(server, email);
    locks(&mut person, server);
    takes_recovery_code(&mut person, server).expect(200);
    person
}

type Token = (&'static str, Kind, String);

/// A token by which the first Super Admin, of the support team, acts as an ordinary user.
fn impersonates(server: &Server, ada: &mut Person, email: &str) -> String {
    refreshes(ada, server).expect(200);
    let target = Person::added(server, email, &["User"]);
    let body = json!({ "name": email, "ownerId": target.id });
    let team = server.operator("POST", "/teams", Some(body)).expect(201);
    server.clock.advance(30);
    let body = json!({
        "userId": target.id,
        "teamId": team.json["id"],
        "code": ada.code(server),
    });
    let answer = ada.posts(server, "/2fa/impersonate", body).expect(200);
    answer.text_field("accessToken")
}

/// Tokens that time has ended; the clock goes on.
fn lapsed(server: &Server, ada: &mut Person) -> Vec<Token> {
    let impersonation = impersonates(server, ada, "tom.old@example.com");
    let mut pat = admin(server, "pat.old@example.com");
    let full = pat.access.clone();
    pat.signs_in(server).expect(200);
    let mut eve = Person::added(server, "eve.old@example.com", &["Admin"]);
    eve.signs_in(server).expect(200);
    let mia = password_due(server, "mia.old@example.com");
    server.clock.advance(1800);
    refreshes(ada, server).expect(200);
    vec![
        ("impersonation, lapsed", Kind::Nobody, impersonation),
        ("pending, lapsed", Kind::Nobody, pat.access),
        ("enrolment, lapsed", Kind::Nobody, eve.access),
        ("full, lapsed", Kind::Nobody, full),
        ("password due, lapsed", Kind::Nobody, mia.access),
    ]
}

/// Tokens whose session was ended or whose one use is over.
fn revoked(server: &Server, ada: &mut Person) -> Vec<Token> {
    let impersonation = impersonates(server, ada, "tom.out@example.com");
    let impersonation = sign_out(server, &impersonation);
    let mut pat = admin(server, "pat.out@example.com");
    let full = sign_out(server, &pat.access);
    pat.signs_in(server).expect(200);
    let pending = sign_out(server, &pat.access);
    server.clock.advance(30);
    pat.signs_in(server).expect(200);
    let used_pending = pat.access.clone();
    let code = pat.code(server);
    pat.authenticates(server, &code).expect(200);
    let refresh = pat.refresh.clone();
    let mut eve = Person::added(server, "eve.out@example.com", &["Admin"]);
    eve.signs_in(server).expect(200);
    let enrolment = sign_out(server, &eve.access);
    eve.signs_in(server).expect(200);
    let used_enrolment = eve.access.clone();
    eve.enrols(server);
    let archived = admin(server, "gone@example.com");
    let ids = json!({ "ids": [archived.id] });
    server
        .operator("PATCH", "/users/archive", Some(ids))
        .expect(200);
    let mia = password_due(server, "mia.out@example.com");
    vec![
        ("impersonation, signed out", Kind::Nobody, impersonation),
        ("full, signed out", Kind::Nobody, full),
        ("pending, signed out", Kind::Nobody, pending),
        ("pending, used", Kind::Nobody, used_pending),
        ("enrolment, signed out", Kind::Nobody, enrolment),
        ("enrolment, used", Kind::Nobody, used_enrolment),
        ("full, archived", Kind::Nobody, archived.access),
        (
            "password due, signed out",
            Kind::Nobody,
            sign_out(server, &mia.access),
        ),
        ("a refresh token", Kind::Nobody, refresh),
    ]
}

/// Tokens that are good.
fn living(server: &Server, ada: &mut Person, mut due: Person) -> Vec<Token> {
    let impersonation = impersonates(server, ada, "tom@example.com");
    refreshes(&mut due, server).expect(200);
    let pat = admin(server, "pat@example.com");
    let mut waiting = pat.clone();
    waiting.signs_in(server).expect(200);
    let mut eve = Person::added(server, "eve@example.com", &["Admin"]);
    eve.signs_in(server).expect(200);
    let una = Person::user(server, "una@example.com");
    vec![
        ("no token", Kind::Nobody, String::new()),
        ("garbage", Kind::Nobody, "garbage".into()),
        (
            "a garbled signed token",
            Kind::Nobody,
            format!("{}x", pat.access),
        ),
        ("a garbled opaque token", Kind::Nobody, "A".repeat(64)),
        ("pending", Kind::Pending, waiting.access),
        ("enrolment", Kind::Enrolment, eve.access),
        ("user", Kind::User, una.access),
        ("admin", Kind::Admin, pat.access),
        ("password due", Kind::PasswordDue, due.access),
        ("impersonation", Kind::Impersonation, impersonation),
    ]
}

#[test]
fn every_token_at_every_endpoint_gets_what_its_stage_allows() {
    let server = Server::start();
    let mut ada = Person::super_admin(&server);
    let due = password_due(&server, "mia@example.com");
    ada.comes_in(&server);
    let mut tokens = lapsed(&server, &mut ada);
    tokens.extend(revoked(&server, &mut ada));
    tokens.extend(living(&server, &mut ada, due));
    let rows = rows();
    let listed: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.0, row.1)).collect();
    let table = vestibule::http::routes::table();
    let served: BTreeSet<(&str, &str)> = table
        .iter()
        .map(|endpoint| (endpoint.method.as_str(), endpoint.path))
        .collect();
    assert_eq!(listed, served, "every route needs a row here");
    let mut wrong = Vec::new();
    for (name, kind, token) in &tokens {
        for (method, path, asked, door, body, allowed) in &rows {
            let asked = if asked.is_empty() { path } else { asked };
            let answer = server.http.send(method, asked, token, body.as_ref());
            let expected = refusal(*kind, *door).unwrap_or(*allowed);
            let found = (answer.status, answer.code());
            if found != expected {
                wrong.push(format!(
                    "{method} {path}, {name}: {found:?}, not {expected:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
