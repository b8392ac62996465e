//! `/users`: accounts, for administrators and the person at the machine.

use super::operator::parse_roles;
use super::{Answer, created, done, next_cursor, ok, page_of, time};
use crate::domain::id::UserId;
use crate::domain::secret::SecretText;
use crate::domain::user::{Role, User};
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, Maybe, NoBody, OptionalCode};
use crate::http::principal::Admin;
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::links::Link;
use crate::service::user_changes::UserChange;
use crate::service::users::{UserQuery, UserSummary};
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/users", list),
        Endpoint::new(Method::PATCH, "/users/archive", archive),
        Endpoint::new(Method::PATCH, "/users/restore", restore),
        Endpoint::new(Method::GET, "/users/{id}", show),
        Endpoint::new(Method::PATCH, "/users/{id}", change),
        Endpoint::new(Method::POST, "/users/{id}/reset-password", reset_password),
        Endpoint::new(Method::POST, "/users/{id}/reset-two-factor", reset_factor),
    ]
}

type Reply = Result<Answer<Value>, ApiError>;

async fn list(call: Call, _: Admin, _: NoBody) -> Reply {
    let choice = |name: &str, yes: &str, no: &str| match call.query(name).as_deref() {
        None | Some("") => Ok(None),
        Some(value) if value == yes => Ok(Some(true)),
        Some(value) if value == no => Ok(Some(false)),
        Some(_) => Err(ApiError::invalid_request(format!(
            "`{name}` must be `{yes}` or `{no}`."
        ))),
    };
    let role = match call.query("role").filter(|role| !role.is_empty()) {
        None => None,
        Some(role) => Some(Role::parse(&role).ok_or_else(|| {
            ApiError::invalid_request("`role` must be `User`, `Admin` or `Super Admin`.")
        })?),
    };
    let (after, limit) = page_of(&call)?;
    let query = UserQuery {
        search: call.query("search").filter(|search| !search.is_empty()),
        role,
        archived: choice("status", "archived", "active")?,
        has_factor: choice("twoFactor", "on", "off")?,
        after,
        limit,
    };
    let (users, more) = call.services.list_users(&query)?;
    let last = users.last().map(|summary| summary.user.id.0);
    ok(json!({
        "users": users.iter().map(describe).collect::<Vec<_>>(),
        "nextCursor": next_cursor(last, more),
    }))
}

async fn show(call: Call, _: Admin, _: NoBody) -> Reply {
    ok(describe(&call.services.show_user(user(&call)?)?))
}

fn user(call: &Call) -> Result<UserId, ApiError> {
    Ok(UserId(call.id(0).ok_or(Error::UserNotFound)?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    roles: Option<Vec<String>>,
    code: Option<SecretText>,
}

async fn change(call: Call, admin: Admin, Json(body): Json<Change>) -> Reply {
    let id = user(&call)?;
    let roles = body.roles.as_deref().map(parse_roles).transpose()?;
    let change = UserChange::parse(
        body.email.as_deref(),
        body.first_name.as_deref(),
        body.last_name.as_deref(),
        roles,
    )?;
    let client = call.client();
    call.services
        .change_user(admin.0, id, change, body.code, &client)
        .await?;
    ok(describe(&call.services.show_user(id)?))
}

async fn reset_password(call: Call, admin: Admin, Maybe(body): Maybe<OptionalCode>) -> Reply {
    let (id, client) = (user(&call)?, call.client());
    let made = call
        .services
        .reset_password(admin.0, id, body.code, &client)
        .await?;
    link(made)
}

async fn reset_factor(call: Call, admin: Admin, Maybe(body): Maybe<OptionalCode>) -> Reply {
    let (id, client) = (user(&call)?, call.client());
    let made = call
        .services
        .reset_two_factor(admin.0, id, body.code, &client)
        .await?;
    link(made)
}

/// A link to set a password.
pub(super) fn link(link: Link) -> Reply {
    created(json!({ "url": link.url, "expiresAt": time(link.expires_at) }))
}

/// The word for whether an account may be used.
pub(super) fn status(user: &User) -> &'static str {
    if user.is_archived() {
        "archived"
    } else {
        "active"
    }
}

/// An account as administrators see it.
pub(super) fn describe(summary: &UserSummary) -> Value {
    let user = &summary.user;
    json!({
        "id": user.id,
        "email": user.email.as_str(),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "roles": user.roles.names(),
        "status": status(user),
        "isTwoFactorEnable": summary.has_factor,
        "isTwoFactorLocked": summary.is_locked,
        "recoveryCodesLeft": summary.recovery_codes_left,
        "mustChangePassword": user.must_change_password,
        "impersonationAllowed": user.impersonation_allowed,
        "createdAt": time(user.created_at),
        "archivedAt": user.archived_at.and_then(time),
    })
}

#[derive(Deserialize)]
struct Ids {
    ids: Vec<UserId>,
}

async fn archive(call: Call, admin: Admin, Json(body): Json<Ids>) -> Reply {
    let client = call.client();
    call.services
        .set_archived(admin.0, body.ids, true, &client)
        .await?;
    done(
        "Archived",
        "Their sessions have ended, and they cannot sign in.",
    )
}

async fn restore(call: Call, admin: Admin, Json(body): Json<Ids>) -> Reply {
    let client = call.client();
    call.services
        .set_archived(admin.0, body.ids, false, &client)
        .await?;
    done("Restored", "They can sign in again.")
}
