//! One row of the table of routes: what the types of its handler say of it, and what is declared
//! beside them. The document of the API is made of nothing else, see `openapi.rs`.
//!
//! ```text
//! Endpoint::new(Method::GET, paths::USER, show)     caller, body and answer: from the handler's types
//!     .summary("Shows an account.")
//!     .query(&[LIMIT])                              the constants that the handler reads
//!     .refuses(&[USER_NOT_FOUND])                   what its use case refuses
//! ```

use super::error::{
    ACCESS_DENIED, ApiError, BODY_TOO_LARGE, BUSY, ENROLMENT_REQUIRED, INTERNAL, INVALID_REQUEST,
    NOT_FOUND, NOT_WHILE_IMPERSONATING, ORIGIN_REFUSED, PASSWORD_CHANGE_REQUIRED, REQUEST_TIMEOUT,
    Refusal, SECOND_FACTOR_REQUIRED, STORE_UNAVAILABLE, UNAUTHORIZED, UNKNOWN_HOST,
};
use super::filters::{Call, FromBody, admit};
use super::principal::{Principal, Who};
use crate::service::{Error, Services};
use schemars::{Schema, SchemaGenerator};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use warp::Reply;
use warp::http::Method;
use warp::reply::Response;

/// How the schema of a type is made.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a handler answers when it does not refuse.
pub trait Answers: Reply {
    /// The statuses that it comes with, the usual one first.
    const STATUSES: &'static [u16];

    /// How its JSON looks.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// How a body looks.
#[derive(Clone, Copy)]
pub struct BodyShape {
    /// Whether it must be sent.
    pub required: bool,
    /// How its JSON looks.
    pub schema: SchemaOf,
}

/// A parameter of a query or path, as the document tells it and the handler reads it.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) description: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    Switch,
    Choice(&'static [&'static str]),
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            description,
        }
    }

    /// Any text.
    pub const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Text, description)
    }

    /// A number from 0.
    pub const fn number(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Number, description)
    }

    /// `true` or `false`; `false` if it is left out.
    pub const fn switch(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Switch, description)
    }

    /// One of these words.
    pub const fn choice(
        name: &'static str,
        words: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(words), description)
    }
}

/// What every request may be refused with, before and after its handler.
pub(super) const EVERYWHERE: [&Refusal; 7] = [
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
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
            NOT_WHILE_IMPERSONATING,
        ],
        Who::Present => &[UNAUTHORIZED, SECOND_FACTOR_REQUIRED],
        Who::SignedIn => &[
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
            UNAUTHORIZED,
            SECOND_FACTOR_REQUIRED,
            ENROLMENT_REQUIRED,
            PASSWORD_CHANGE_REQUIRED,
        ],
        Who::Member => &[
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
    pub(super) summary: &'static str,
    pub(super) query: &'static [Parameter],
    pub(super) path_parameters: &'static [Parameter],
    pub(super) body: Option<BodyShape>,
    pub(super) statuses: &'static [u16],
    pub(super) answer: SchemaOf,
    pub(super) refusals: Vec<&'static Refusal>,
    is_gone: fn(&Services) -> Result<bool, Error>,
    handler: Arc<dyn Fn(Call) -> Answering + Send + Sync>,
}

impl Endpoint {
    /// A row whose handler takes a verified caller `P` and a body `B`, and answers `R`.
    pub(super) fn new<P, B, R, F, Fut>(method: Method, path: &'static str, handler: F) -> Self
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
    pub(super) fn until(self, is_gone: fn(&Services) -> Result<bool, Error>) -> Self {
        Self { is_gone, ..self }.refuses(&[NOT_FOUND])
    }

    /// Whether its path is as good as unknown by now.
    pub(super) fn is_gone(&self, services: &Services) -> Result<bool, ApiError> {
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
    pub(super) fn takes(&self, method: &Method) -> bool {
        let head = *method == Method::HEAD && self.method == Method::GET;
        self.method == *method || (head && self.who == Who::Anybody)
    }

    /// Answers a call. A refusal that the row does not name is a mistake in the table, which every
    /// test that meets it finds.
    pub(super) fn answer(&self, call: Call) -> impl Future<Output = Response> + use<> {
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
