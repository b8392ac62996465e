//! `/operator`: what the operator alone may do. Served on the local socket alone.

use super::audit::head_of;
use super::users::{self, parse_roles, user};
use super::{Answer, Created, created, done, ok};
use crate::domain::audit::Actor;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, Maybe, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Operator;
use crate::http::error::{
    ALREADY_EXISTS, ApiError, LAST_SUPER_ADMIN, USER_NOT_FOUND, WEAK_PASSWORD,
};
use crate::service::people::names::Names;
use crate::wire::operator::{
    AuditVerified, Examined, ExpectedHead, Facts, Finding, NewUser, Password, RoleNames, SetUpLink,
    Status,
};
use crate::wire::users::{Account, OneTimeLink};
use crate::wire::{Done, paths};
use data_encoding::HEXLOWER;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::SET_UP_LINK, set_up_link),
        Endpoint::new(Method::POST, paths::NEW_USER, create_user)
            .refuses(&[ALREADY_EXISTS, WEAK_PASSWORD]),
        Endpoint::new(Method::POST, paths::USER_PASSWORD, set_password)
            .refuses(&[USER_NOT_FOUND, WEAK_PASSWORD]),
        Endpoint::new(Method::POST, paths::USER_ROLES, set_roles)
            .refuses(&[USER_NOT_FOUND, LAST_SUPER_ADMIN]),
        Endpoint::new(Method::POST, paths::UNLOCK_USER, unlock).refuses(&[USER_NOT_FOUND]),
        Endpoint::new(Method::POST, paths::REMOVE_TWO_FACTOR, reset_two_factor)
            .refuses(&[USER_NOT_FOUND]),
        Endpoint::new(Method::POST, paths::VERIFY_AUDIT, verify_audit),
        Endpoint::new(Method::POST, paths::DOCTOR, examine),
        Endpoint::new(Method::GET, paths::STATUS, status),
        Endpoint::new(Method::POST, paths::STOP, stop),
    ]
}

async fn set_up_link(
    call: Call,
    operator: Operator,
    _: NoBody,
) -> Result<Created<SetUpLink>, ApiError> {
    let actor = Actor::Operator(operator.name().to_owned());
    let url = call.services.people.new_set_up_link(actor).await?;
    created(SetUpLink { url })
}

async fn create_user(
    call: Call,
    operator: Operator,
    Json(body): Json<NewUser>,
) -> Result<Created<Account>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let roles = parse_roles(&body.roles.unwrap_or_default())?;
    let user = call
        .services
        .people
        .create_user(operator.name(), names, roles, body.password)
        .await?;
    created(users::describe(&user))
}

async fn set_password(
    call: Call,
    operator: Operator,
    Json(body): Json<Password>,
) -> Result<Answer<Done>, ApiError> {
    let id = user(&call)?;
    call.services
        .people
        .set_password(operator.name(), id, body.password)
        .await?;
    done("Password set", "All sessions of this account have ended.")
}

async fn set_roles(
    call: Call,
    operator: Operator,
    Json(body): Json<RoleNames>,
) -> Result<Answer<Done>, ApiError> {
    let id = user(&call)?;
    let roles = parse_roles(&body.roles)?;
    let client = call.client();
    call.services
        .people
        .set_roles(&operator.requester(), id, roles, &client)
        .await?;
    done("Roles set", "They are in force at once.")
}

async fn unlock(call: Call, operator: Operator, _: NoBody) -> Result<Answer<Done>, ApiError> {
    call.services
        .people
        .unlock(operator.name(), user(&call)?)
        .await?;
    done(
        "Second factor unlocked",
        "If it was locked, the password must be changed at the next sign-in.",
    )
}

async fn reset_two_factor(
    call: Call,
    operator: Operator,
    _: NoBody,
) -> Result<Created<OneTimeLink>, ApiError> {
    let id = user(&call)?;
    let (requester, client) = (operator.requester(), call.client());
    let link = call
        .services
        .people
        .reset_two_factor(&requester, id, None, &client)
        .await?;
    created(users::hand_over(link, &requester).await?)
}

async fn verify_audit(
    call: Call,
    _: Operator,
    Maybe(body): Maybe<ExpectedHead>,
) -> Result<Answer<AuditVerified>, ApiError> {
    let invalid =
        || ApiError::invalid_request("Send `number` and `hash` (64 hexadecimal digits) together.");
    let expected = match (body.number, body.hash) {
        (None, None) => None,
        (Some(number), Some(hash)) => {
            let bytes = HEXLOWER.decode(hash.to_ascii_lowercase().as_bytes());
            let hash = bytes.ok().and_then(|bytes| bytes.try_into().ok());
            Some((number, hash.ok_or_else(invalid)?))
        }
        _ => return Err(invalid()),
    };
    let found = call.services.upkeep.verify_audit(expected)?;
    let intact = found.broken_at.is_none() && found.contains_expected;
    ok(AuditVerified {
        intact,
        head: head_of(found.head),
        begins_after: found.begins_after,
        broken_at: found.broken_at,
        contains_expected_head: expected.map(|_| found.contains_expected),
    })
}

async fn status(call: Call, _: Operator, _: NoBody) -> Result<Answer<Status>, ApiError> {
    let services = &call.services;
    let condition = services.upkeep.condition();
    ok(Status {
        base_url: services.settings().base_url.clone(),
        claimed: services.people.is_claimed()?,
        paused: services.entry.pause()?.is_on(),
        store_works: condition.store_works,
        disk_has_room: condition.disk_has_room,
        clock_is_sane: condition.clock_is_sane,
        newest_event: services.upkeep.audit_head()?.0,
    })
}

async fn stop(call: Call, operator: Operator, _: NoBody) -> Result<Answer<Done>, ApiError> {
    call.services.upkeep.ask_to_stop(operator.name());
    done(
        "The service ends",
        "What is under way is finished first; start it again with `vestibule`.",
    )
}

async fn examine(call: Call, _: Operator, _: NoBody) -> Result<Answer<Examined>, ApiError> {
    let examination = call.services.upkeep.examine().await?;
    let facts = examination.facts;
    let found = examination.findings.into_iter().map(|finding| Finding {
        check: finding.check.into(),
        finding: finding.finding,
        cause: finding.cause,
        cure: finding.cure,
    });
    ok(Examined {
        findings: found.collect(),
        facts: Facts {
            audit_head: head_of(facts.audit_head),
            store_bytes: facts.store_bytes,
            store_free_share: facts.store_free_share,
            free_bytes: facts.free_bytes,
            accounts: facts.accounts,
        },
    })
}
