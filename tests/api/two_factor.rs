//! `/2fa` over HTTP.

use crate::harness::{Person, Server};
use serde_json::json;

#[test]
fn a_person_enrols_and_signs_in_with_both_factors() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    assert_eq!(ada.recovery_codes.len(), 10);
    server.clock.advance(30);
    let first = ada.signs_in(&server).expect(200);
    assert_eq!(first.json["stage"], "pending");
    ada.gets(&server, "/auth/me")
        .refused(401, "SECOND_FACTOR_REQUIRED");
    let code = ada.code(&server);
    ada.authenticates(&server, &code).expect(200);
    let me = ada.gets(&server, "/auth/me").expect(200);
    assert_eq!(me.json["roles"], json!(["Super Admin"]));
    server.restart();
    ada.gets(&server, "/auth/me").expect(200);
    assert!(server.audit_is_intact());
}
