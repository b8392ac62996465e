//! `/audit`: the audit log, for administrators and the operator.

use super::{Answer, ok};
use crate::domain::audit::{Action, Actor, Event};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::NoBody;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::endpoint::principal::Admin;
use crate::http::error::ApiError;
use crate::service::upkeep::audit::{AuditQuery, PAGE, Part};
use crate::wire::audit::{AuditActor, AuditEvent, AuditHead, AuditPage};
use crate::wire::{Time, paths};
use data_encoding::HEXLOWER;
use warp::http::Method;

/// Events of a page if the query names no limit.
const DEFAULT_PAGE: usize = 100;

const AFTER: Parameter = Parameter::number(paths::AFTER, "The oldest events with greater numbers.");
const BEFORE: Parameter = Parameter::number(
    "before",
    "The newest events with smaller numbers; the newest of all if neither is said.",
);
const LIMIT: Parameter = Parameter::number(paths::LIMIT, "Most events; 100 if not said.");
const USER: Parameter = Parameter::number("user", "Events of this account only.");
const ACTION: Parameter = Parameter::text(
    "action",
    "Events of this name only, like `sign_in.finished`.",
);

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::AUDIT, page)
            .summary("Shows the audit log, a page at a time.")
            .query(&[AFTER, BEFORE, LIMIT, USER, ACTION]),
        Endpoint::new(Method::GET, paths::AUDIT_HEAD, head)
            .summary("Tells number and hash of the newest event, to be kept elsewhere."),
    ]
}

async fn page(call: Call, _: Admin, _: NoBody) -> Result<Answer<AuditPage>, ApiError> {
    let action = call.query(ACTION).filter(|action| !action.is_empty());
    let known = |name: &String| Action::ALL.iter().any(|action| action.name() == name);
    if action.as_ref().is_some_and(|name| !known(name)) {
        return Err(ApiError::invalid_request(
            "`action` is not the name of an action.",
        ));
    }
    let limit = call
        .number(LIMIT)?
        .map_or(DEFAULT_PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE));
    let part = match (call.number(AFTER)?, call.number(BEFORE)?) {
        (None, None) => Part::Newest,
        (None, Some(before)) => Part::Before(before),
        (Some(after), None) => Part::After(after),
        (Some(_), Some(_)) => {
            let text = "Send `after` or `before`, not both.";
            return Err(ApiError::invalid_request(text));
        }
    };
    let query = AuditQuery {
        part,
        limit,
        user: call.number(USER)?,
        action,
    };
    let page = call.services.upkeep.audit_page(query).await?;
    ok(AuditPage {
        events: page.events.into_iter().map(describe).collect(),
        next: page.next,
        previous: page.previous,
        head: head_of(page.head),
    })
}

async fn head(call: Call, _: Admin, _: NoBody) -> Result<Answer<AuditHead>, ApiError> {
    ok(head_of(call.services.upkeep.audit_head()?))
}

pub(super) fn head_of((number, hash): (u64, [u8; 32])) -> AuditHead {
    AuditHead {
        number,
        hash: HEXLOWER.encode(&hash),
    }
}

fn describe((number, event): (u64, Event)) -> AuditEvent {
    AuditEvent {
        number,
        at: Time::of(event.at),
        action: event.action.name().into(),
        actor: match event.actor {
            Actor::Anonymous => AuditActor::Anonymous,
            Actor::User(id) => AuditActor::User { id },
            Actor::Operator(name) => AuditActor::Operator { name },
            Actor::Service => AuditActor::Service,
            Actor::Impersonator {
                actor,
                target,
                code,
            } => AuditActor::Impersonator {
                id: actor,
                r#as: target,
                code,
            },
        },
        user_id: event.user,
        session_id: event.session.map(|id| id.to_string()),
        address: event.address,
        detail: event.detail,
    }
}
