//! `/users`: accounts, for administrators and the operator.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, CURSOR, Created, LIMIT, created, done, next_cursor, ok, page_of};
use crate::domain::id::UserId;
use crate::domain::user::{Role, Roles, User};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, Maybe, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::endpoint::principal::Admin;
use crate::http::error::{
    ALREADY_EXISTS, ApiError, FRESH_CODE_REQUIRED, LAST_SUPER_ADMIN, Refusal, USER_NOT_FOUND,
};
use crate::service::people::change::UserChange;
use crate::service::people::links::Link;
use crate::service::people::list::{UserQuery, UserSummary};
use crate::service::{Error, Requester};
use crate::wire::two_factor::OptionalCode;
use crate::wire::users::{Account, AccountChange, AccountIds, Accounts, OneTimeLink};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

const SEARCH: Parameter = Parameter::text(paths::SEARCH, "Part of a name or e-mail.");
const ROLE: Parameter = Parameter::text("role", "`User`, `Admin` or `Super Admin`.");
const STATUS: Parameter = Parameter::choice("status", &["archived", "active"], "Either only.");
const TWO_FACTOR: Parameter =
    Parameter::choice("twoFactor", &["on", "off"], "The second factor's state.");

/// What a reset of another account may be refused for.
const RESET_REFUSALS: &[&Refusal] = &[USER_NOT_FOUND, FRESH_CODE_REQUIRED];

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::USERS, list)
            .summary("Lists accounts, a page at a time.")
            .query(&[SEARCH, ROLE, STATUS, TWO_FACTOR, CURSOR, LIMIT]),
        Endpoint::new(Method::PATCH, paths::ARCHIVE_USERS, archive)
            .summary("Archives accounts: all that are named, or none; their sessions end.")
            .refuses(CODE_REFUSALS)
            .refuses(&[USER_NOT_FOUND, FRESH_CODE_REQUIRED, LAST_SUPER_ADMIN]),
        Endpoint::new(Method::PATCH, paths::RESTORE_USERS, restore)
            .summary("Restores archived accounts: all that are named, or none.")
            .refuses(CODE_REFUSALS)
            .refuses(&[USER_NOT_FOUND, FRESH_CODE_REQUIRED]),
        Endpoint::new(Method::GET, paths::USER, show)
            .summary("Shows an account.")
            .refuses(&[USER_NOT_FOUND]),
        Endpoint::new(Method::PATCH, paths::USER, change)
            .summary(
                "Changes an account; a new address and roles, which are a Super Admin's to give, take a fresh code.",
            )
            .refuses(CODE_REFUSALS)
            .refuses(&[USER_NOT_FOUND, ALREADY_EXISTS])
            .refuses(&[FRESH_CODE_REQUIRED, LAST_SUPER_ADMIN]),
        Endpoint::new(Method::POST, paths::RESET_PASSWORD, reset_password)
            .summary("Makes a one-time link by which a person sets a new password.")
            .refuses(CODE_REFUSALS)
            .refuses(RESET_REFUSALS),
        Endpoint::new(Method::POST, paths::RESET_TWO_FACTOR, reset_factor)
            .summary("Removes a second factor and voids the password; the link sets a new one.")
            .refuses(CODE_REFUSALS)
            .refuses(RESET_REFUSALS),
    ]
}

async fn list(call: Call, _: Admin, _: NoBody) -> Result<Answer<Accounts>, ApiError> {
    let role = match call.query(ROLE).filter(|role| !role.is_empty()) {
        None => None,
        Some(role) => Some(Role::parse(&role).ok_or_else(|| {
            ApiError::invalid_request("`role` must be `User`, `Admin` or `Super Admin`.")
        })?),
    };
    let (after, limit) = page_of(&call)?;
    let query = UserQuery {
        search: call.query(SEARCH).filter(|search| !search.is_empty()),
        role,
        archived: call.choice(STATUS)?.map(|word| word == "archived"),
        has_factor: call.choice(TWO_FACTOR)?.map(|word| word == "on"),
        after,
        limit,
    };
    let (users, more) = call.services.people.list_users(&query)?;
    let last = users.last().map(|summary| summary.user.id.0);
    ok(Accounts {
        users: users.iter().map(describe).collect(),
        next_cursor: next_cursor(last, more),
    })
}

async fn show(call: Call, _: Admin, _: NoBody) -> Result<Answer<Account>, ApiError> {
    ok(describe(&call.services.people.show_user(user(&call)?)?))
}

/// The account that the path names.
pub(super) fn user(call: &Call) -> Result<UserId, ApiError> {
    Ok(UserId(call.id(0).ok_or(Error::UserNotFound)?))
}

pub(super) fn parse_roles(names: &[String]) -> Result<Roles, ApiError> {
    let parse = |name: &String| {
        Role::parse(name).ok_or_else(|| {
            ApiError::invalid_request("`roles` may hold `User`, `Admin` and `Super Admin`.")
        })
    };
    Ok(Roles::new(
        names.iter().map(parse).collect::<Result<_, _>>()?,
    ))
}

async fn change(
    call: Call,
    admin: Admin,
    Json(body): Json<AccountChange>,
) -> Result<Answer<Account>, ApiError> {
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
        .people
        .change_user(admin.requester(), id, change, body.code, &client)
        .await?;
    ok(describe(&call.services.people.show_user(id)?))
}

/// The link for the one who made it.
pub(super) async fn hand_over(link: Link, to: &Requester) -> Result<OneTimeLink, ApiError> {
    Ok(OneTimeLink {
        qr_code: picture(&link, to).await?,
        url: link.url,
        expires_at: Time::of(link.expires_at),
    })
}

/// Pages show it; a terminal draws its own.
pub(super) async fn picture(link: &Link, to: &Requester) -> Result<Option<String>, ApiError> {
    Ok(match to {
        Requester::Caller(_) => Some(link.qr_code().await?),
        Requester::Operator(_) => None,
    })
}

async fn reset_password(
    call: Call,
    admin: Admin,
    Maybe(body): Maybe<OptionalCode>,
) -> Result<Created<OneTimeLink>, ApiError> {
    let (id, client) = (user(&call)?, call.client());
    let link = call
        .services
        .people
        .reset_password(admin.requester(), id, body.code, &client)
        .await?;
    created(hand_over(link, admin.requester()).await?)
}

async fn reset_factor(
    call: Call,
    admin: Admin,
    Maybe(body): Maybe<OptionalCode>,
) -> Result<Created<OneTimeLink>, ApiError> {
    let (id, client) = (user(&call)?, call.client());
    let link = call
        .services
        .people
        .reset_two_factor(admin.requester(), id, body.code, &client)
        .await?;
    created(hand_over(link, admin.requester()).await?)
}

/// The word for whether an account may be used.
pub(super) fn status(user: &User) -> &'static str {
    if user.is_archived() {
        "archived"
    } else {
        "active"
    }
}

pub(super) fn describe(summary: &UserSummary) -> Account {
    let user = &summary.user;
    Account {
        id: user.id,
        email: user.email.as_str().to_owned(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        roles: super::texts(user.roles.names()),
        status: status(user).into(),
        is_two_factor_enable: summary.has_factor,
        is_two_factor_locked: summary.is_locked,
        recovery_codes_left: summary.recovery_codes_left,
        must_change_password: user.must_change_password,
        impersonation_allowed: user.impersonation_allowed,
        grace_until: summary.grace_until.and_then(Time::of),
        created_at: Time::of(user.created_at),
        archived_at: user.archived_at.and_then(Time::of),
    }
}

async fn archive(
    call: Call,
    admin: Admin,
    Json(body): Json<AccountIds>,
) -> Result<Answer<Done>, ApiError> {
    let client = call.client();
    call.services
        .people
        .set_archived(admin.requester(), body.ids, true, body.code, &client)
        .await?;
    done(
        "Archived",
        "Their sessions have ended, and they cannot sign in.",
    )
}

async fn restore(
    call: Call,
    admin: Admin,
    Json(body): Json<AccountIds>,
) -> Result<Answer<Done>, ApiError> {
    let client = call.client();
    call.services
        .people
        .set_archived(admin.requester(), body.ids, false, body.code, &client)
        .await?;
    done("Restored", "They can sign in again.")
}
