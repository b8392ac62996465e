//! The table of routes, and the warp filters made of it.
//!
//! ```text
//! family (first segment) ── path ── method ── handler
//!                             └─ no method fits ─> 405 with Allow
//! families without a page ── pages ── families that share a page's path ── 404
//! ```
//! A rejection only means "not my path": every answer is a reply.

use super::api;
pub use super::endpoint::Endpoint;
use super::endpoint::call::{Call, Peer};
use super::error::ApiError;
use super::pages::embedded;
use crate::service::Services;
use std::sync::Arc;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::hyper::body::Bytes;
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Reply};

/// All rows that are served over TCP.
pub fn table() -> Vec<Endpoint> {
    let mut table = api::two_factor::endpoints();
    table.extend(api::impersonation::endpoints());
    table.extend(api::auth::endpoints());
    table.extend(api::account::endpoints());
    table.extend(api::set_up::endpoints());
    table.extend(api::users::endpoints());
    table.extend(api::teams::endpoints());
    table.extend(api::invitations::endpoints());
    table.extend(api::offers::endpoints());
    table.extend(api::pause::endpoints());
    table.extend(api::audit::endpoints());
    table.extend(api::health::endpoints());
    table.extend(api::openapi::endpoints(self::table));
    table
}

/// The rows that are served on the local socket alone.
pub fn operator_table() -> Vec<Endpoint> {
    api::operator::endpoints()
}

/// The filter of a whole listener.
pub(super) fn routes(services: &Arc<Services>, with_operator: bool) -> BoxedFilter<(Response,)> {
    let mut rows = table();
    if with_operator {
        rows.extend(operator_table());
    }
    let mut families: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for row in rows {
        let first = segments(row.path).next().unwrap_or("");
        match families.iter_mut().find(|(family, _)| *family == first) {
            Some((_, rows)) => rows.push(row),
            None => families.push((first, vec![row])),
        }
    }
    // Calls need not pass by the pages where no page can be meant.
    let (shared, plain): (Vec<_>, Vec<_>) = families
        .into_iter()
        .partition(|(first, _)| embedded::is_page(&format!("/{first}")));
    let filters_of = |families: Vec<(&str, Vec<Endpoint>)>| -> Vec<BoxedFilter<(Response,)>> {
        let rows = families.iter().map(|(_, rows)| rows);
        rows.map(|rows| family(services, rows)).collect()
    };
    let mut filters = filters_of(plain);
    filters.push(embedded::pages(services));
    filters.extend(filters_of(shared));
    let none = warp::any().map(|| ApiError::not_found().into_response());
    first_of(filters, none.boxed())
}

/// The first of `filters` that takes a request, or `last`. Nested to the right: a request of the
/// first one passes through one layer, not through as many as there are filters.
fn first_of(
    filters: Vec<BoxedFilter<(Response,)>>,
    last: BoxedFilter<(Response,)>,
) -> BoxedFilter<(Response,)> {
    let joined = |rest, filter: BoxedFilter<(Response,)>| filter.or(rest).unify().boxed();
    filters.into_iter().rev().fold(last, joined)
}

fn segments(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn family(services: &Arc<Services>, rows: &[Endpoint]) -> BoxedFilter<(Response,)> {
    let mut paths: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for row in rows {
        match paths.iter_mut().find(|(path, _)| *path == row.path) {
            Some((_, rows)) => rows.push(row.clone()),
            None => paths.push((row.path, vec![row.clone()])),
        }
    }
    let filters = paths
        .into_iter()
        .map(|(path, rows)| one_path(services, path, rows))
        .collect();
    let none = warp::path(
        rows.first()
            .map_or("", |row| segments(row.path).next().unwrap_or("")),
    )
    .map(|| ApiError::not_found().into_response())
    .boxed();
    first_of(filters, none)
}

/// One path with all its methods.
fn one_path(
    services: &Arc<Services>,
    path: &'static str,
    rows: Vec<Endpoint>,
) -> BoxedFilter<(Response,)> {
    let services = Arc::clone(services);
    let allow = allow(path, &rows);
    call(services, matched(path))
        .then(move |method: Method, call: Call| {
            let answer = row(&rows, &allow, &method, &call).map(|row| row.answer(call));
            async move {
                match answer {
                    Ok(answer) => answer.await,
                    Err(refusal) => refusal.into_response(),
                }
            }
        })
        .boxed()
}

/// The row that takes a call to its path.
fn row<'a>(
    rows: &'a [Endpoint],
    allow: &str,
    method: &Method,
    call: &Call,
) -> Result<&'a Endpoint, ApiError> {
    for row in rows {
        if row.is_gone(&call.services)? {
            return Err(ApiError::not_found());
        }
    }
    let row = rows.iter().find(|row| row.takes(method));
    row.ok_or_else(|| ApiError::method_not_allowed(allow))
}

fn allow(path: &str, rows: &[Endpoint]) -> String {
    let mut methods: Vec<&str> = rows.iter().map(|row| row.method.as_str()).collect();
    let answers_head = rows.iter().any(|row| row.takes(&Method::HEAD));
    if embedded::is_page(path) {
        methods.extend(["GET", "HEAD"]);
    } else if answers_head {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

/// Matches the whole path and yields its parameters. One filter, since a chain with one for every
/// segment costs an allocation each, at every request that comes by.
fn matched(path: &'static str) -> BoxedFilter<(Vec<String>,)> {
    warp::path::full()
        .and_then(move |given: FullPath| {
            let found = parameters(path, given.as_str()).ok_or_else(warp::reject::not_found);
            std::future::ready(found)
        })
        .boxed()
}

/// The parameters of `given` if it is the path `wanted`, with or without one slash at its end.
fn parameters(wanted: &'static str, given: &str) -> Option<Vec<String>> {
    let mut rest = given.strip_prefix('/')?;
    let mut parameters = Vec::new();
    for segment in segments(wanted) {
        let (first, others) = rest.split_once('/').unwrap_or((rest, ""));
        if segment.starts_with('{') {
            if first.is_empty() {
                return None;
            }
            parameters.push(first.to_owned());
        } else if segment != first {
            return None;
        }
        rest = others;
    }
    rest.is_empty().then_some(parameters)
}

/// Gathers what a handler may need of the request.
fn call(services: Arc<Services>, path: BoxedFilter<(Vec<String>,)>) -> BoxedFilter<(Method, Call)> {
    path.and(warp::method())
        .and(warp::ext::get::<Peer>())
        .and(warp::header::headers_cloned())
        .and(warp::query::raw().or_else(|_| async { Ok::<_, warp::Rejection>((String::new(),)) }))
        .and(warp::body::bytes())
        .map(
            move |parameters, method, peer, headers: HeaderMap, query, body: Bytes| {
                let call = Call {
                    services: Arc::clone(&services),
                    peer,
                    headers,
                    parameters,
                    query,
                    body,
                };
                (method, call)
            },
        )
        .untuple_one()
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn a_path_is_matched_whole() {
        let users = |given| parameters("/users/{id}/roles", given);
        assert_eq!(users("/users/7/roles"), Some(vec!["7".to_owned()]));
        assert_eq!(users("/users/7/roles/"), Some(vec!["7".to_owned()]));
        for bad in [
            "",
            "/",
            "/users/7",
            "/users//roles",
            "/users/7/roles//",
            "//users/7/roles",
            "/users/7/roles/8",
            "/users/7/role",
            "users/7/roles",
        ] {
            assert_eq!(users(bad), None, "{bad}");
        }
    }
}
