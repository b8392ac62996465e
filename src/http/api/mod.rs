//! The endpoints, one file a family. Handlers parse, ask one use case, and shape its answer.

pub mod account;
pub mod audit;
pub mod auth;
pub mod health;
pub mod impersonation;
pub mod invitations;
pub mod openapi;
pub mod operator;
pub mod pause;
pub mod set_up;
pub mod teams;
pub mod two_factor;
pub mod users;

use crate::domain::secret::SecretText;
use crate::http::endpoint::{Answers, Parameter};
use crate::http::error::ApiError;
use crate::http::filters::Call;
use crate::service::Error;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use warp::Reply;
use warp::http::StatusCode;
use warp::reply::Response;

/// Room for most replies; a pair of tokens takes most of it.
const USUAL_BYTES: usize = 1024;

/// A JSON answer.
struct Answer<T>(T);

/// A JSON answer that says that something was made.
struct Created<T>(T);

macro_rules! answers {
    ($($name:ident with $status:ident;)*) => {$(
        impl<T: Serialize + Send> Reply for $name<T> {
            fn into_response(self) -> Response {
                json(StatusCode::$status, &self.0)
            }
        }

        impl<T: Serialize + JsonSchema + Send> Answers for $name<T> {
            const STATUSES: &'static [u16] = &[StatusCode::$status.as_u16()];

            fn schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<T>()
            }
        }
    )*};
}

answers! {
    Answer with OK;
    Created with CREATED;
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => {
            let mut response = Response::new(bytes.into());
            *response.status_mut() = status;
            let json = warp::http::HeaderValue::from_static("application/json");
            response
                .headers_mut()
                .insert(warp::http::header::CONTENT_TYPE, json);
            response
        }
        Err(error) => ApiError::from(Error::Internal(error.to_string())).into_response(),
    }
}

/// Rows of a page when the query does not say.
const PAGE: usize = 50;
/// Most rows of a page.
const LARGEST_PAGE: usize = 500;

const CURSOR: Parameter = Parameter::number("cursor", "`nextCursor` of the page before.");
const LIMIT: Parameter = Parameter::number("limit", "Most rows; 50 if not said, up to 500.");

/// Which page of a list the query asks for: ids after this one, and most rows.
fn page_of(call: &Call) -> Result<(u64, usize), ApiError> {
    Ok((call.number(CURSOR)?.unwrap_or(0), limit_of(call)?))
}

/// Most rows that the query asks for.
fn limit_of(call: &Call) -> Result<usize, ApiError> {
    let limit = call
        .number(LIMIT)?
        .map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(LARGEST_PAGE));
    Ok(limit.clamp(1, LARGEST_PAGE))
}

/// The cursor of the next page, if there is one.
fn next_cursor(last: Option<u64>, more: bool) -> Option<String> {
    last.filter(|_| more).map(|id| id.to_string())
}

fn ok<T>(body: T) -> Result<Answer<T>, ApiError> {
    Ok(Answer(body))
}

fn created<T>(body: T) -> Result<Created<T>, ApiError> {
    Ok(Created(body))
}

/// What was done, for a person.
#[derive(Serialize, JsonSchema)]
struct Done {
    message: &'static str,
    description: &'static str,
}

fn done(message: &'static str, description: &'static str) -> Result<Answer<Done>, ApiError> {
    ok(Done {
        message,
        description,
    })
}

/// A time as RFC 3339 in UTC.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date-time"))]
struct Time(String);

/// Unix seconds as RFC 3339 in UTC; `null` for a time that no calendar has.
fn time(unix_seconds: u64) -> Option<Time> {
    let seconds = i64::try_from(unix_seconds).ok()?;
    Some(Time(Timestamp::from_second(seconds).ok()?.to_string()))
}

/// Writes secrets to the one answer that tells them.
fn exposed<S: Serializer>(secrets: &[SecretText], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(secrets.len()))?;
    for secret in secrets {
        list.serialize_element(secret.expose())?;
    }
    list.end()
}
