//! One row of the table of routes: what the types of its handler say of it, and what is declared
//! beside them. The document of the API is made of nothing else, see `openapi.rs`.
//!
//! ```text
//! Endpoint::new(Method::GET, paths::USER, show)     caller, body and answer: from the handler's types
//!     .summary("Shows an account.")
//!     .query(&[LIMIT])                              the constants that the handler reads
//!     .refuses(&[USER_NOT_FOUND])                   what its use case refuses
//! ```

pub mod body;
pub mod call;
pub mod parameter;
pub mod principal;

use body::{BodyShape, FromBody, SchemaOf};
use call::Call;
use parameter::Parameter;
use principal::{Principal, Who};

use crate::http::error::{
    ACCESS_DENIED, ApiError, BODY_TOO_LARGE, BUSY, ENROLMENT_REQUIRED, INTERNAL, INVALID_REQUEST,
    NOT_FOUND, NOT_WHILE_IMPERSONATING, ORIGIN_REFUSED, PASSWORD_CHANGE_REQUIRED, REQUEST_TIMEOUT,
    Refusal, SECOND_FACTOR_REQUIRED, STORE_UNAVAILABLE, TOO_MANY_ATTEMPTS, UNAUTHORIZED,
    UNKNOWN_HOST,
};
use crate::service::{Error, Services};
use schemars::{Schema, SchemaGenerator};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use warp::Reply;
use warp::http::Method;
use warp::reply::Response;

/// What a handler answers when it does not refuse.
pub trait Answers: Reply {
    /// The statuses that it comes with, the usual one first.
    const STATUSES: &'static [u16];

    /// How its JSON looks.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// What every request may be refused with, before and after its handler.
pub(in crate::http) const EVERYWHERE: [&Refusal; 7] = [
    ORIGIN_REFUSED,
    REQUEST_TIMEOUT,
    BODY_TOO_LARGE,
    UNKNOWN_HOST,
    INTERNAL,
    BUSY,
    STORE_UNAVAILABLE,
];

/// What callers of the wrong kind are refused with.
fn refusals_of(who: Who) -> &'static [&'static Refusal] {
    match who {
        Who::Anybody => &[],
        Who::CodeHolder => &[UNAUTHORIZED, ENROLMENT_REQUIRED, NOT_WHILE_IMPERSONATING],
        Who::Enrolling => &[
            TOO_MANY_ATTEMPTS,
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
            NOT_WHILE_IMPERSONATING,
        ],
        Who::Present => &[TOO_MANY_ATTEMPTS, UNAUTHORIZED, SECOND_FACTOR_REQUIRED],
        Who::SignedIn => &[
            TOO_MANY_ATTEMPTS,
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            NOT_WHILE_IMPERSONATING,
        ],
        Who::AnySession => &[UNAUTHORIZED],
        Who::Impersonating => &[
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            ENROLMENT_REQUIRED,
            ACCESS_DENIED,
        ],
        Who::TeamRequester => &[
            TOO_MANY_ATTEMPTS,
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            ENROLMENT_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
        ],
        Who::Member => &[
            TOO_MANY_ATTEMPTS,
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            ENROLMENT_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
            NOT_WHILE_IMPERSONATING,
        ],
        Who::Admin => &[
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            ENROLMENT_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
            NOT_WHILE_IMPERSONATING,
            ACCESS_DENIED,
        ],
        Who::Operator => &[NOT_FOUND],
    }
}

/// Verifies who calls, then reads the body: in this order, since the stage is checked before
/// anything else.
fn admit<P: Principal, B: FromBody>(call: &Call) -> Result<(P, B), ApiError> {
    let principal = P::verify(call)?;
    Ok((principal, B::read(call)?))
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send>>;

/// One row of the table.
#[derive(Clone)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path; a segment in braces is a parameter.
    pub path: &'static str,
    /// Who may call it; taken from the handler's own type.
    pub who: Who,
    pub(in crate::http) summary: &'static str,
    pub(in crate::http) query: &'static [Parameter],
    pub(in crate::http) path_parameters: &'static [Parameter],
    pub(in crate::http) body: Option<BodyShape>,
    pub(in crate::http) statuses: &'static [u16],
    pub(in crate::http) answer: SchemaOf,
    pub(in crate::http) refusals: Vec<&'static Refusal>,
    is_gone: fn(&Services) -> Result<bool, Error>,
    handler: Arc<dyn Fn(Call) -> Answering + Send + Sync>,
}

impl Endpoint {
    /// A row whose handler takes a verified caller `P` and a body `B`, and answers `R`.
    pub(in crate::http) fn new<P, B, R, F, Fut>(
        method: Method,
        path: &'static str,
        handler: F,
    ) -> Self
    where
        P: Principal + 'static,
        B: FromBody + 'static,
        R: Answers,
        F: Fn(Call, P, B) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ApiError>> + Send + 'static,
    {
        let boxed = move |call: Call| -> Answering {
            let admitted = admit::<P, B>(&call);
            let handler = handler.clone();
            Box::pin(async move {
                let (principal, body) = admitted?;
                let answer = handler(call, principal, body).await?;
                Ok(answer.into_response())
            })
        };
        Self {
            method,
            path,
            who: P::WHO,
            summary: "",
            query: &[],
            path_parameters: &[],
            body: B::SHAPE,
            statuses: R::STATUSES,
            answer: R::schema,
            refusals: [refusals_of(P::WHO), B::REFUSALS].concat(),
            is_gone: |_| Ok(false),
            handler: Arc::new(boxed),
        }
    }

    /// A row whose path is as good as unknown once `is_gone`, whatever is sent to it.
    pub(in crate::http) fn until(self, is_gone: fn(&Services) -> Result<bool, Error>) -> Self {
        Self { is_gone, ..self }.refuses(&[NOT_FOUND])
    }

    /// Whether its path is as good as unknown by now.
    pub(in crate::http) fn is_gone(&self, services: &Services) -> Result<bool, ApiError> {
        Ok((self.is_gone)(services)?)
    }

    /// Says what it does, in one sentence.
    pub fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// Names the parameters of its query.
    pub fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }.refuses(&[INVALID_REQUEST])
    }

    /// Describes parameters of its path that are not ids, that is, numbers from 1.
    pub fn path_parameters(self, path_parameters: &'static [Parameter]) -> Self {
        Self {
            path_parameters,
            ..self
        }
    }

    /// Names what its use case may refuse, beside what caller and body may be refused for.
    pub fn refuses(mut self, refusals: &[&'static Refusal]) -> Self {
        self.refusals.extend(refusals);
        self
    }

    /// Public GETs answer HEAD too.
    pub(in crate::http) fn takes(&self, method: &Method) -> bool {
        let head = *method == Method::HEAD && self.method == Method::GET;
        self.method == *method || (head && self.who == Who::Anybody)
    }

    /// Answers a call. A refusal that the row does not name is a mistake in the table, which every
    /// test that meets it finds.
    pub(in crate::http) fn answer(&self, call: Call) -> impl Future<Output = Response> + use<> {
        let answering = (self.handler)(call);
        #[cfg(debug_assertions)]
        let row = self.clone();
        async move {
            let answer = answering.await;
            #[cfg(debug_assertions)]
            if let Err(error) = &answer {
                let refusal = error.refusal();
                debug_assert!(
                    row.refusals.contains(&refusal) || EVERYWHERE.contains(&refusal),
                    "{} {} must name {}",
                    row.method,
                    row.path,
                    refusal.code
                );
            }
            answer.unwrap_or_else(Reply::into_response)
        }
    }
}
