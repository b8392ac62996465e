//! Texts and headers that are made to mislead.

use crate::harness::{House, Person, Server};
use serde_json::json;

/// "Names and addresses carry no format characters": direction marks, zero-width and separators are
/// refused wherever a person's text is kept, and names of all scripts are taken.
#[test]
fn invisible_characters_are_refused() {
    let house = House::new();
    let server = &house.server;
    for hidden in [
        '\u{202e}', '\u{2028}', '\u{200b}', '\u{feff}', '\u{2066}', '\u{ad}',
    ] {
        let name = format!("A{hidden}da");
        let email = format!("a{hidden}da@example.com");
        for (method, path, body) in [
            ("PATCH", "/auth/me", json!({ "firstName": name })),
            ("PATCH", "/auth/me", json!({ "lastName": name })),
            ("POST", "/teams", json!({ "name": name })),
            ("PATCH", "/users/3", json!({ "email": email })),
            ("POST", "/invitations", json!({ "email": email })),
            (
                "POST",
                "/2fa/impersonate",
                json!({ "userId": 3, "teamId": house.team, "code": "000000", "reason": name }),
            ),
        ] {
            let answer = house.ada.sends(server, method, path, Some(body));
            answer.refused(400, "INVALID_REQUEST");
        }
    }
    for name in ["Zoë", "李小龍", "محمد", "O'Brien"] {
        let body = json!({ "firstName": name });
        house
            .ada
            .sends(server, "PATCH", "/auth/me", Some(body))
            .expect(200);
    }
}

/// "A header that may stand once stands once": two tokens in one request are nobody's.
#[test]
fn two_authorization_headers_are_refused() {
    let server = Server::start();
    let ada = Person::super_admin(&server);
    let bearer = format!("Bearer {}", ada.access);
    for second in [bearer.as_str(), "Bearer nonsense", "Basic YTpi"] {
        for headers in [
            [
                ("authorization", bearer.as_str()),
                ("authorization", second),
            ],
            [
                ("authorization", second),
                ("authorization", bearer.as_str()),
            ],
        ] {
            let answer = server
                .http
                .send_raw("GET", "/auth/me", "", &headers, vec![]);
            answer.refused(400, "INVALID_REQUEST");
        }
    }
    let once = [("authorization", bearer.as_str())];
    server
        .http
        .send_raw("GET", "/auth/me", "", &once, vec![])
        .expect(200);
}
