//! The endpoints, one file for each family of URLs. A handler parses, asks one use case, and shapes its answer.

pub mod account;
pub mod audit;
pub mod auth;
pub mod health;
pub mod impersonation;
pub mod invitations;
pub mod offers;
pub mod openapi;
pub mod operator;
pub mod pause;
pub mod set_up;
pub mod teams;
pub mod two_factor;
pub mod users;

use crate::http::endpoint::Answers;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::error::ApiError;
use crate::service::Error;
use crate::wire::{Done, Text, paths};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
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

/// Rows of a page if the query names no limit.
const PAGE: usize = 50;
/// Most rows of a page.
const LARGEST_PAGE: usize = 500;

const CURSOR: Parameter = Parameter::number(paths::CURSOR, "`nextCursor` of the page before.");
const LIMIT: Parameter = Parameter::number(paths::LIMIT, "Most rows; 50 if not said, up to 500.");

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

fn done(message: &'static str, description: &'static str) -> Result<Answer<Done>, ApiError> {
    ok(Done {
        message: message.into(),
        description: description.into(),
    })
}

fn texts(names: Vec<&'static str>) -> Vec<Text> {
    names.into_iter().map(Text::Borrowed).collect()
}
