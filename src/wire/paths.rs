//! Every path of the API, and the names of the parameters that the client sends. Where a path has parameters, the
//! template of the table of routes stands beside the function that fills it in.

use crate::domain::id::{TeamId, UserId};

// `/2fa`
pub const AUTHENTICATE: &str = "/2fa/authenticate";
pub const GENERATE_QR: &str = "/2fa/generate-qr";
pub const ENABLE_TWO_FACTOR: &str = "/2fa/enable-two-factor-auth";
pub const DISABLE_TWO_FACTOR: &str = "/2fa/disable-two-factor-auth";
pub const TWO_FACTOR_STATUS: &str = "/2fa/status";
pub const RECOVERY_CODES: &str = "/2fa/recovery-codes";
pub const IMPERSONATE: &str = "/2fa/impersonate";
pub const DESIMPERSONATION: &str = "/2fa/desimpersonation";

// `/auth` and `/setup`
pub const SIGN_IN: &str = "/auth/sign-in";
pub const SIGN_UP: &str = "/auth/sign-up";
pub const REFRESH_TOKEN: &str = "/auth/refresh-token";
pub const SIGN_OUT: &str = "/auth/sign-out";
pub const ME: &str = "/auth/me";
pub const DISMISS_NOTICES: &str = "/auth/me/notices/dismiss";
pub const MY_IMPERSONATIONS: &str = "/auth/me/impersonations";
pub const MY_INVITATIONS: &str = "/auth/me/invitations";
pub const ACCEPT_MY_INVITATION: &str = "/auth/me/invitations/{id}/accept";
pub const DECLINE_MY_INVITATION: &str = "/auth/me/invitations/{id}/decline";
pub const CHANGE_PASSWORD: &str = "/auth/change-password";
pub const RESTORE_PASSWORD: &str = "/auth/restore-password";
pub const SESSIONS: &str = "/auth/sessions";
pub const SESSION: &str = "/auth/sessions/{id}";
pub const SET_UP: &str = "/setup";

// `/users`
pub const USERS: &str = "/users";
pub const ARCHIVE_USERS: &str = "/users/archive";
pub const RESTORE_USERS: &str = "/users/restore";
pub const USER: &str = "/users/{id}";
pub const RESET_PASSWORD: &str = "/users/{id}/reset-password";
pub const RESET_TWO_FACTOR: &str = "/users/{id}/reset-two-factor";

pub fn user(id: UserId) -> String {
    filled(USER, &[id.0])
}

pub fn reset_password(id: UserId) -> String {
    filled(RESET_PASSWORD, &[id.0])
}

pub fn reset_two_factor(id: UserId) -> String {
    filled(RESET_TWO_FACTOR, &[id.0])
}

// `/teams`
pub const TEAMS: &str = "/teams";
pub const TEAM: &str = "/teams/{id}";
pub const MEMBERS: &str = "/teams/{id}/members";
pub const MEMBER: &str = "/teams/{id}/members/{userId}";

pub fn team(id: TeamId) -> String {
    filled(TEAM, &[id.0])
}

pub fn members(team: TeamId) -> String {
    filled(MEMBERS, &[team.0])
}

pub fn member(team: TeamId, user: UserId) -> String {
    filled(MEMBER, &[team.0, user.0])
}

// `/invitations`
pub const INVITATIONS: &str = "/invitations";
pub const ACCEPT_INVITATION: &str = "/invitations/accept";
pub const INVITATION: &str = "/invitations/{id}";

// The service as a whole
pub const SIGN_INS: &str = "/sign-ins";
pub const AUDIT: &str = "/audit";
pub const AUDIT_HEAD: &str = "/audit/head";
pub const LIVE: &str = "/health/live";
pub const READY: &str = "/health/ready";
pub const PUBLIC_KEYS: &str = "/.well-known/jwks.json";
pub const DOCUMENT: &str = "/openapi.json";

// `/operator`, on the local socket alone
pub const SET_UP_LINK: &str = "/operator/set-up-link";
pub const NEW_USER: &str = "/operator/users";
pub const USER_PASSWORD: &str = "/operator/users/{id}/password";
pub const USER_ROLES: &str = "/operator/users/{id}/roles";
pub const UNLOCK_USER: &str = "/operator/users/{id}/unlock";
pub const REMOVE_TWO_FACTOR: &str = "/operator/users/{id}/reset-two-factor";
pub const VERIFY_AUDIT: &str = "/operator/audit/verify";
pub const DOCTOR: &str = "/operator/doctor";
pub const STATUS: &str = "/operator/status";
pub const STOP: &str = "/operator/stop";

pub fn user_password(id: UserId) -> String {
    filled(USER_PASSWORD, &[id.0])
}

pub fn user_roles(id: UserId) -> String {
    filled(USER_ROLES, &[id.0])
}

pub fn unlock_user(id: UserId) -> String {
    filled(UNLOCK_USER, &[id.0])
}

// Parameters of queries
pub const SEARCH: &str = "search";
pub const CURSOR: &str = "cursor";
pub const LIMIT: &str = "limit";
pub const AFTER: &str = "after";

/// The template with numbers in the places of its parameters, in their order.
fn filled(template: &str, numbers: &[u64]) -> String {
    let mut numbers = numbers.iter();
    let fill = |segment: &str| match segment.starts_with('{') {
        true => numbers.next().map(u64::to_string).unwrap_or_default(),
        false => segment.to_owned(),
    };
    let segments: Vec<String> = template.split('/').map(fill).collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filled_in_paths_fit_their_templates() {
        let (seven, eight) = (UserId(7), TeamId(8));
        for (template, path, expected) in [
            (USER, user(seven), "/users/7"),
            (
                RESET_PASSWORD,
                reset_password(seven),
                "/users/7/reset-password",
            ),
            (
                RESET_TWO_FACTOR,
                reset_two_factor(seven),
                "/users/7/reset-two-factor",
            ),
            (TEAM, team(eight), "/teams/8"),
            (MEMBERS, members(eight), "/teams/8/members"),
            (MEMBER, member(eight, seven), "/teams/8/members/7"),
            (
                USER_PASSWORD,
                user_password(seven),
                "/operator/users/7/password",
            ),
            (USER_ROLES, user_roles(seven), "/operator/users/7/roles"),
            (UNLOCK_USER, unlock_user(seven), "/operator/users/7/unlock"),
        ] {
            assert_eq!(path, expected);
            let fits = |(wanted, given): (&str, &str)| match wanted.starts_with('{') {
                true => given.parse::<u64>().is_ok(),
                false => wanted == given,
            };
            let segments = || template.split('/').zip(path.split('/'));
            assert!(segments().all(fits), "{path} does not fit {template}");
            assert_eq!(template.split('/').count(), path.split('/').count());
        }
    }
}
