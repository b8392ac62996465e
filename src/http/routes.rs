//! The table of routes, and the warp filters made of it.
//!
//! ```text
//! family (first segment) ── path ── method ── handler
//!                             └─ no method fits ─> 405 with Allow
//! no path fits ─> pages ─> 404
//! ```
//! A rejection only means "not my path": every answer is a reply.

use super::api;
use super::embedded;
use super::error::ApiError;
use super::filters::{Call, FromBody, Peer, admit};
use super::principal::{Principal, Who};
use crate::service::Services;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::hyper::body::Bytes;
use warp::reply::Response;
use warp::{Filter, Reply};

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One row of the table.
#[derive(Clone)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path; a segment in braces is a parameter.
    pub path: &'static str,
    /// Who may call it; taken from the handler's own type.
    pub who: Who,
    handler: Arc<dyn Fn(Call) -> Answer + Send + Sync>,
}

impl Endpoint {
    /// A row whose handler takes a verified caller `P` and a body `B`.
    pub(super) fn new<P, B, R, F, Fut>(method: Method, path: &'static str, handler: F) -> Self
    where
        P: Principal + 'static,
        B: FromBody + 'static,
        R: Reply,
        F: Fn(Call, P, B) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ApiError>> + Send + 'static,
    {
        let boxed = move |call: Call| -> Answer {
            let admitted = admit::<P, B>(&call);
            let handler = handler.clone();
            Box::pin(async move {
                let answer = match admitted {
                    Ok((principal, body)) => handler(call, principal, body).await,
                    Err(error) => Err(error),
                };
                answer.map_or_else(Reply::into_response, Reply::into_response)
            })
        };
        Self {
            method,
            path,
            who: P::WHO,
            handler: Arc::new(boxed),
        }
    }

    /// Public GETs answer HEAD too.
    fn takes(&self, method: &Method) -> bool {
        let head = *method == Method::HEAD && self.method == Method::GET;
        self.method == *method || (head && self.who == Who::Anybody)
    }
}

/// All rows that are served over TCP.
pub fn table() -> Vec<Endpoint> {
    let mut table = api::two_factor::endpoints();
    table.extend(api::auth::endpoints());
    table.extend(api::set_up::endpoints());
    table.extend(api::users::endpoints());
    table.extend(api::audit::endpoints());
    table.extend(api::health::endpoints());
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
    let pages = embedded::pages(services);
    let joined = families
        .into_iter()
        .map(|(_, rows)| family(services, &rows))
        .reduce(either);
    let all = match joined {
        Some(joined) => either(pages, joined),
        None => pages,
    };
    either(
        all,
        warp::any()
            .map(|| ApiError::not_found().into_response())
            .boxed(),
    )
}

fn either(
    left: BoxedFilter<(Response,)>,
    right: BoxedFilter<(Response,)>,
) -> BoxedFilter<(Response,)> {
    left.or(right).unify().boxed()
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
        .map(|(path, rows)| one_path(services, path, rows));
    let none = warp::path(
        rows.first()
            .map_or("", |row| segments(row.path).next().unwrap_or("")),
    )
    .map(|| ApiError::not_found().into_response())
    .boxed();
    either(filters.reduce(either).unwrap_or_else(|| none.clone()), none)
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
            let row = rows.iter().find(|row| row.takes(&method));
            let answer = row.map(|row| (row.handler)(call));
            let refusal = ApiError::method_not_allowed(&allow);
            async move {
                match answer {
                    Some(answer) => answer.await,
                    None => refusal.into_response(),
                }
            }
        })
        .boxed()
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

/// Matches the whole path and yields its parameters.
fn matched(path: &'static str) -> BoxedFilter<(Vec<String>,)> {
    let mut filter = warp::any().map(Vec::new).boxed();
    for segment in segments(path) {
        filter = if segment.starts_with('{') {
            filter
                .and(warp::path::param::<String>())
                .map(|mut parameters: Vec<String>, parameter| {
                    parameters.push(parameter);
                    parameters
                })
                .boxed()
        } else {
            filter.and(warp::path(segment)).boxed()
        };
    }
    filter.and(warp::path::end()).boxed()
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
