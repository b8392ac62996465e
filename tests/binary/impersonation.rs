//! The support team acting as somebody else, with the real binary and codes from oathtool.

use super::peers::{Peer, verify_independently};
use crate::harness::binary::{Instance, Service, text};
use crate::harness::desktop::{Desktop, Process, wait_for};
use crate::harness::person::PASSWORD;
use crate::harness::tools::PEERS;
use serde_json::{Value, json};

/// Adds an account on the command line; its id.
fn added(instance: &Instance, email: &str, role: &str) -> u64 {
    let arguments = ["user", "add", email, "--role", role, "--password-stdin"];
    let made = instance.json(&arguments, PASSWORD);
    made["id"].as_u64().unwrap()
}

/// Ada claims the instance, Adam joins the support team, and Tom gets a team of his own; all signed in.
fn people(instance: &Instance, service: &Service) -> ([Peer; 3], Value) {
    let http = &service.http;
    let url = instance.json(&["setup-url"], "")["url"].clone();
    let mut ada = Peer::new("ada@example.com");
    let claim = json!({
        "token": url.as_str().unwrap().split_once("#token=").unwrap().1,
        "email": "ada@example.com", "password": PASSWORD, "firstName": "Ada", "lastName": "King",
    });
    ada.takes(&http.post("/setup", "", claim).expect(201));
    ada.scans(instance, http, "");
    ada.enables(http);
    let adam_id = added(instance, "adam@example.com", "admin");
    let tom_id = added(instance, "tom@example.com", "user");
    let mut adam = Peer::new("adam@example.com");
    adam.signs_in(http, "enrolment");
    adam.scans(instance, http, "");
    adam.enables(http);
    let mut tom = Peer::new("tom@example.com");
    tom.signs_in(http, "full");
    let member = json!({ "userId": adam_id, "role": "Viewer" });
    ada.posts(http, "/teams/1/members", member).expect(201);
    let team = json!({ "name": "Harbour", "ownerId": tom_id });
    let team = ada.posts(http, "/teams", team).expect(201);
    let wish = json!({ "userId": tom_id, "teamId": team.json["id"], "reason": "Ticket 7" });
    ([ada, adam, tom], wish)
}

/// Every call that an impersonation may not make.
const SHUT: [(&str, &str); 17] = [
    ("POST", "/2fa/authenticate"),
    ("GET", "/2fa/generate-qr"),
    ("POST", "/2fa/enable-two-factor-auth"),
    ("POST", "/2fa/disable-two-factor-auth"),
    ("POST", "/2fa/recovery-codes"),
    ("POST", "/2fa/impersonate"),
    ("POST", "/auth/change-password"),
    ("PATCH", "/auth/me"),
    ("POST", "/auth/me/notices/dismiss"),
    ("GET", "/auth/me/impersonations"),
    ("GET", "/auth/sessions"),
    ("DELETE", "/auth/sessions/0"),
    ("GET", "/users"),
    ("PATCH", "/users/1"),
    ("POST", "/users/1/reset-password"),
    ("POST", "/users/1/reset-two-factor"),
    ("GET", "/audit"),
];

#[test]
fn an_admin_of_the_support_team_acts_as_a_member_and_comes_back() {
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let http = &service.http;
    let ([_, mut adam, tom], mut wish) = people(&instance, &service);
    wish["code"] = json!(adam.code());
    let answer = adam.posts(http, "/2fa/impersonate", wish.clone());
    let token = answer.expect(200).text_field("accessToken");
    let claims = verify_independently(&service, &token, "EdDSA");
    assert_eq!(claims["sub"], wish["userId"].to_string());
    assert_eq!(claims["act"]["sub"], "2");
    assert_eq!(claims["impersonatedBy"], 2);
    // As the owner of the team.
    let path = format!("/teams/{}", wish["teamId"]);
    let name = json!({ "name": "Harbour office" });
    let renamed = http.send("PATCH", &path, &token, Some(&name)).expect(200);
    assert_eq!(renamed.json["name"], "Harbour office");
    for (method, path) in SHUT {
        let body = (method != "GET").then(|| json!({ "code": wish["code"] }));
        http.send(method, path, &token, body.as_ref())
            .refused(403, "NOT_WHILE_IMPERSONATING");
    }
    let back = http.post_nothing("/2fa/desimpersonation", &token);
    adam.takes(&back.expect(200));
    let own = verify_independently(&service, &adam.access, "EdDSA");
    assert_eq!((&own["sub"], &own["act"]), (&json!("2"), &Value::Null));
    http.get("/auth/me", &token).refused(401, "UNAUTHORIZED");
    adam.refreshes(http);

    let verified = instance.json(&["audit", "verify"], "");
    assert_eq!(verified["intact"], true);
    let past = http.get("/auth/me/impersonations", &tom.access).expect(200);
    let past = past.json["impersonations"].as_array().unwrap().clone();
    assert_eq!(past.len(), 1);
    assert_eq!(past[0]["code"], claims["impersonationCode"]);
    assert_eq!(past[0]["by"], json!({ "id": 2, "name": "adam" }));
    assert_eq!(past[0]["team"], "Harbour");
    assert_eq!(past[0]["reason"], "Ticket 7");
    assert_eq!(past[0]["how"], "returned");
    for name in ["startedAt", "until", "endedAt"] {
        assert!(past[0][name].is_string(), "{name}");
    }
    let tail = instance.json(&["audit", "tail"], "").to_string();
    let code = claims["impersonationCode"].as_str().unwrap();
    // Start, the new name, and the end.
    assert_eq!(tail.matches(code).count(), 4, "{tail}");
    let shown = text(&instance.run(&["audit", "tail"]).stdout);
    assert_eq!(shown.matches("user 2 as user 3").count(), 2, "{shown}");
    assert!(!instance.log().contains(&token));
}

#[test]
fn the_tray_tells_at_once_that_somebody_acts_as_another() {
    let Some(desktop) = Desktop::bare() else {
        return;
    };
    let Some(instance) = PEERS.then(Instance::new) else {
        return;
    };
    let service = instance.serve();
    let ([_, mut adam, _], mut wish) = people(&instance, &service);
    let tray = desktop.command(&instance, &["tray"]).spawn().unwrap();
    let tray = Process(tray);
    // What happened before the tray was there is no news.
    desktop.waits_for_status(tray.0.id(), "Running on");
    wish["code"] = json!(adam.code());
    adam.posts(&service.http, "/2fa/impersonate", wish)
        .expect(200);
    let (title, body) = wait_for("the news", || desktop.notifications().pop());
    assert_eq!(title, "Somebody acts as another person");
    assert!(body.ends_with(": tom@example.com."), "{body}");
    assert_eq!(desktop.notifications().len(), 1);
}
