//! `/users`: accounts, for administrators and the person at the machine.

use super::{Answer, done, ok, time};
use crate::domain::id::UserId;
use crate::domain::user::Role;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::Admin;
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::users::{UserQuery, UserSummary};
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

/// Accounts of a page when the query does not say.
const PAGE: usize = 50;
/// Most accounts of a page.
const LARGEST_PAGE: usize = 500;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/users", list),
        Endpoint::new(Method::PATCH, "/users/archive", archive),
        Endpoint::new(Method::PATCH, "/users/restore", restore),
        Endpoint::new(Method::GET, "/users/{id}", show),
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
    let limit = call
        .number("limit")?
        .map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE));
    let query = UserQuery {
        search: call.query("search").filter(|search| !search.is_empty()),
        role,
        archived: choice("status", "archived", "active")?,
        has_factor: choice("twoFactor", "on", "off")?,
        after: call.number("cursor")?.unwrap_or(0),
        limit: limit.clamp(1, LARGEST_PAGE),
    };
    let (users, more) = call.services.list_users(&query)?;
    let last = users.last().map(|summary| summary.user.id);
    ok(json!({
        "users": users.iter().map(describe).collect::<Vec<_>>(),
        "nextCursor": last.filter(|_| more).map(|id| id.to_string()),
    }))
}

async fn show(call: Call, _: Admin, _: NoBody) -> Reply {
    let id = call.id(0).ok_or(Error::UserNotFound)?;
    ok(describe(&call.services.show_user(UserId(id))?))
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
        "status": if user.is_archived() { "archived" } else { "active" },
        "isTwoFactorEnable": summary.has_factor,
        "isTwoFactorLocked": summary.is_locked,
        "recoveryCodesLeft": summary.recovery_codes_left,
        "mustChangePassword": user.must_change_password,
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
