//! The end of impersonations: at once, and for good.

use super::claims;
use crate::harness::house::SUPPORT;
use crate::harness::{House, Person, ServerOptions};
use serde_json::json;
use vestibule::domain::policy::RequireTwoFactor;

const NEW_PASSWORD: &str = "six slow ferries at dawn";

/// Somebody acts as somebody, in a house where anything may happen.
struct Case {
    house: House,
    token: String,
    /// How the audit log tells of the end.
    detail: String,
}

impl Case {
    /// Adam, an Admin, acts as Tom.
    fn adam_as_tom() -> Self {
        let house = House::new();
        let token = house.as_tom(&house.adam);
        Self::of(house, token)
    }

    /// Ada, a Super Admin, acts as Adam, an Admin; Sue is a Super Admin too.
    fn ada_as_adam() -> Self {
        let house = House::new();
        Person::added(&house.server, "sue@example.com", &["Super Admin"]);
        let answer = house
            .ada
            .impersonates(&house.server, house.adam.id, SUPPORT);
        let token = answer.expect(200).text_field("accessToken");
        Self::of(house, token)
    }

    fn of(house: House, token: String) -> Self {
        let claims = claims(&token);
        let (code, by) = (&claims["impersonationCode"], &claims["impersonatedBy"]);
        let detail = format!(", code {}, by user {by}", code.as_str().unwrap());
        let case = Self {
            house,
            token,
            detail,
        };
        assert!(case.house.is_alive(&case.token));
        case
    }

    /// `act` ends it at once, and what undoes `act` does not bring it back: neither before the
    /// service has written the end down nor after.
    #[track_caller]
    fn ends(mut self, how: &str, act: impl FnOnce(&mut House), undo: impl FnOnce(&mut House)) {
        act(&mut self.house);
        self.house.is_over(&self.token);
        undo(&mut self.house);
        self.house.is_over(&self.token);
        self.house.server.tick();
        self.house.server.restart();
        self.house.is_over(&self.token);
        let ended = self.house.server.events("impersonation.ended");
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0]["sessionId"], claims(&self.token)["sid"]);
        assert_eq!(
            ended[0]["userId"].to_string(),
            claims(&self.token)["sub"].as_str().unwrap()
        );
        let detail = format!("{how}{}", self.detail);
        assert_eq!(ended[0]["detail"], detail);
        assert!(self.house.server.audit_is_intact());
    }
}

fn nothing(_: &mut House) {}

fn session_of(person: &Person) -> String {
    let session = claims(&person.access)["sid"].as_str().unwrap().to_owned();
    format!("/auth/sessions/{session}")
}

fn changes_password(house: &House, person: &Person) {
    let body = json!({ "currentPassword": person.password, "newPassword": NEW_PASSWORD });
    person
        .posts(&house.server, "/auth/change-password", body)
        .expect(200);
}

/// "Ends with the actor's session": by sign-out, from another session, by a refresh token used twice.
#[test]
fn with_the_actors_session() {
    Case::adam_as_tom().ends(
        "signed_out",
        |house| {
            let out = house.adam.posts(&house.server, "/auth/sign-out", json!({}));
            out.expect(200);
        },
        |house| house.adam.comes_in(&house.server),
    );
    Case::adam_as_tom().ends(
        "signed_out",
        |house| {
            let mut other = house.adam.clone();
            other.comes_in(&house.server);
            let out = json!({ "everywhere": true });
            other
                .posts(&house.server, "/auth/sign-out", out)
                .expect(200);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "signed_out",
        |house| {
            let mut other = house.adam.clone();
            other.comes_in(&house.server);
            house
                .call("DELETE", &session_of(&house.adam), &other.access, None)
                .expect(200);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let body = json!({ "refreshToken": house.adam.refresh });
            let http = &house.server.http;
            let path = "/auth/refresh-token";
            http.post(path, "", body.clone()).expect(200);
            house.server.clock.advance(11);
            http.post(path, "", body).refused(401, "UNAUTHORIZED");
        },
        nothing,
    );
}

/// "Ends with the actor's role" (GitLab #20388), "support membership"; given back, it stays ended.
#[test]
fn with_the_actors_role_and_membership() {
    Case::adam_as_tom().ends(
        "revoked",
        |house| house.has_roles(&house.adam, &["User"]),
        |house| house.has_roles(&house.adam, &["Admin"]),
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| house.leaves(&house.adam, SUPPORT),
        |house| house.joins(&house.adam, SUPPORT, "Owner"),
    );
    // The mark moves, even to a team that has Adam in it too.
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let body = json!({ "name": "Second line", "support": true, "ownerId": house.adam.id });
            let made = house.server.operator("POST", "/teams", Some(body));
            made.expect(201);
        },
        |house| {
            let body = Some(json!({ "support": true }));
            let path = format!("/teams/{SUPPORT}");
            house.server.operator("PATCH", &path, body).expect(200);
        },
    );
    // A Super Admin who is an Admin from now on acts as no Admin.
    Case::ada_as_adam().ends(
        "revoked",
        |house| house.has_roles(&house.ada, &["Admin"]),
        |house| house.has_roles(&house.ada, &["Super Admin"]),
    );
}

/// "Ends with the actor's account": archived, its second factor reset or off, its password set or to be
/// changed.
#[test]
fn with_the_actors_account() {
    Case::adam_as_tom().ends(
        "revoked",
        |house| house.sets(&house.adam, "archive"),
        |house| house.sets(&house.adam, "restore"),
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| drop(house.operates(&house.adam, "reset-two-factor", None)),
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let body = json!({ "password": NEW_PASSWORD });
            house.operates(&house.adam, "password", Some(body));
        },
        nothing,
    );
    let wrong = json!({ "code": "AAAA-AAAA-AAAA-AAAA" });
    let lock = |house: &House| {
        for _ in 0..20 {
            let path = "/2fa/authenticate";
            let refused = house.adam.posts(&house.server, path, wrong.clone());
            refused.refused(400, "INVALID_TWO_FACTOR_AUTH_CODE");
        }
    };
    // A lock that was lifted demands a new password; that done, it stays ended.
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            lock(house);
            house.operates(&house.adam, "unlock", None);
        },
        |house| changes_password(house, &house.adam),
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            lock(house);
            let mut other = house.adam.clone();
            other.signs_in(&house.server).expect(200);
            let code = other.recovery_codes[0].clone();
            other.authenticates(&house.server, &code).expect(200);
        },
        |house| changes_password(house, &house.adam),
    );
    let house = House::with(&ServerOptions {
        configure: Some(|config| config.policy.require_two_factor = RequireTwoFactor::Nobody),
    });
    let token = house.as_tom(&house.adam);
    Case::of(house, token).ends(
        "revoked",
        |house| {
            let off = "/2fa/disable-two-factor-auth";
            house.adam.posts(&house.server, off, json!({})).expect(200);
        },
        |house| house.adam.enrols(&house.server),
    );
}

/// "The target's password change, reset or opt-out ends it", and so does the target's account.
#[test]
fn with_the_targets_account() {
    Case::adam_as_tom().ends(
        "revoked",
        |house| house.sets(&house.tom, "archive"),
        |house| house.sets(&house.tom, "restore"),
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            changes_password(house, &house.tom);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| drop(house.operates(&house.tom, "reset-two-factor", None)),
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let path = format!("/users/{}/reset-password", house.tom.id);
            let link = house.ada.posts(&house.server, &path, json!({})).expect(201);
            // The link alone changes nothing.
            let url = link.text_field("url");
            let body = json!({
                "token": url.split_once("#token=").unwrap().1, "password": NEW_PASSWORD,
            });
            let restored = house.server.http.post("/auth/restore-password", "", body);
            restored.expect(200);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let off = "/2fa/disable-two-factor-auth";
            house.tom.posts(&house.server, off, json!({})).expect(200);
        },
        nothing,
    );
}

/// "Ended for good by the target's word": the session deleted, the leave taken back, a sign-out
/// everywhere.
#[test]
fn with_the_targets_word() {
    let patch = |house: &House, allowed: bool| {
        let body = json!({ "impersonationAllowed": allowed });
        house
            .call("PATCH", "/auth/me", &house.tom.access, Some(body))
            .expect(200);
    };
    Case::adam_as_tom().ends(
        "ended_by_target",
        |house| patch(house, false),
        |house| patch(house, true),
    );
    let case = Case::adam_as_tom();
    let session = claims(&case.token)["sid"].as_str().unwrap().to_owned();
    case.ends(
        "ended_by_target",
        |house| {
            let path = format!("/auth/sessions/{session}");
            house
                .call("DELETE", &path, &house.tom.access, None)
                .expect(200);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "ended_by_target",
        |house| {
            let out = json!({ "everywhere": true });
            let out = house.tom.posts(&house.server, "/auth/sign-out", out);
            out.expect(200);
        },
        |house| house.tom.comes_in(&house.server),
    );
}

/// "Strictly lower privilege": the target leaves the team that was asked for, the team goes, or the
/// target rises.
#[test]
fn with_what_made_the_target_one() {
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            house.joins(&house.ada, house.team, "Owner");
            house.leaves(&house.tom, house.team);
        },
        |house| house.joins(&house.tom, house.team, "Owner"),
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| {
            let path = format!("/teams/{}", house.team);
            house.server.operator("DELETE", &path, None).expect(200);
        },
        nothing,
    );
    Case::adam_as_tom().ends(
        "revoked",
        |house| house.has_roles(&house.tom, &["User", "Admin"]),
        |house| house.has_roles(&house.tom, &["User"]),
    );
    Case::ada_as_adam().ends(
        "revoked",
        |house| house.has_roles(&house.adam, &["Super Admin"]),
        |house| house.has_roles(&house.adam, &["Admin"]),
    );
    // Who acts takes the target out of the team: that was the last act.
    let case = Case::adam_as_tom();
    let token = case.token.clone();
    case.ends(
        "revoked",
        |house| {
            house.joins(&house.ada, house.team, "Owner");
            let path = format!("/teams/{}/members/{}", house.team, house.tom.id);
            house.call("DELETE", &path, &token, None).expect(200);
        },
        |house| house.joins(&house.tom, house.team, "Owner"),
    );
}
