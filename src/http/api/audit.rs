//! `/audit`: the audit log, for administrators and the person at the machine.

use super::{Answer, ok, time};
use crate::domain::audit::{Action, Actor, Event};
use crate::http::error::ApiError;
use crate::http::filters::{Call, NoBody};
use crate::http::principal::Admin;
use crate::http::routes::Endpoint;
use crate::service::audit::{AuditQuery, PAGE, Part};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use warp::http::Method;

/// Events of a page when the query does not say.
const DEFAULT_PAGE: usize = 100;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/audit", page),
        Endpoint::new(Method::GET, "/audit/head", head),
    ]
}

type Reply = Result<Answer<Value>, ApiError>;

async fn page(call: Call, _: Admin, _: NoBody) -> Reply {
    let action = call.query("action").filter(|action| !action.is_empty());
    let known = |name: &String| Action::ALL.iter().any(|action| action.name() == name);
    if action.as_ref().is_some_and(|name| !known(name)) {
        return Err(ApiError::invalid_request(
            "`action` is not the name of an action.",
        ));
    }
    let limit = call
        .number("limit")?
        .map_or(DEFAULT_PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE));
    let part = match (call.number("after")?, call.number("before")?) {
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
        user: call.number("user")?,
        action,
    };
    let page = call.services.audit_page(query).await?;
    ok(json!({
        "events": page.events.iter().map(describe).collect::<Vec<_>>(),
        "next": page.next,
        "previous": page.previous,
        "head": head_json(page.head),
    }))
}

async fn head(call: Call, _: Admin, _: NoBody) -> Reply {
    ok(head_json(call.services.audit_head()?))
}

/// Number and hash of a row.
pub(super) fn head_json(head: (u64, [u8; 32])) -> Value {
    json!({ "number": head.0, "hash": HEXLOWER.encode(&head.1) })
}

fn describe((number, event): &(u64, Event)) -> Value {
    let actor = match &event.actor {
        Actor::Anonymous => json!({ "kind": "anonymous" }),
        Actor::User(id) => json!({ "kind": "user", "id": id }),
        Actor::Operator(name) => json!({ "kind": "operator", "name": name }),
        Actor::Service => json!({ "kind": "service" }),
        Actor::Impersonator {
            actor,
            target,
            code,
        } => json!({ "kind": "impersonator", "id": actor, "as": target, "code": code }),
    };
    json!({
        "number": number,
        "at": time(event.at),
        "action": event.action.name(),
        "actor": actor,
        "userId": event.user,
        "sessionId": event.session.map(|id| id.to_string()),
        "address": event.address,
        "detail": event.detail,
    })
}
