//! The endpoints, one file a family. Handlers parse, ask one use case, and shape its answer.

pub mod account;
pub mod audit;
pub mod auth;
pub mod health;
pub mod impersonation;
pub mod invitations;
pub mod operator;
pub mod set_up;
pub mod teams;
pub mod two_factor;
pub mod users;

use crate::http::error::ApiError;
use crate::http::filters::Call;
use crate::service::Error;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use warp::Reply;
use warp::http::StatusCode;
use warp::reply::Response;

/// Room for most replies; a pair of tokens takes most of it.
const USUAL_BYTES: usize = 1024;

/// A JSON reply with its status.
struct Answer<T>(StatusCode, T);

impl<T: Serialize + Send> Reply for Answer<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        match serde_json::to_writer(&mut bytes, &self.1) {
            Ok(()) => {
                let mut response = Response::new(bytes.into());
                *response.status_mut() = self.0;
                let json = warp::http::HeaderValue::from_static("application/json");
                response
                    .headers_mut()
                    .insert(warp::http::header::CONTENT_TYPE, json);
                response
            }
            Err(error) => ApiError::from(Error::Internal(error.to_string())).into_response(),
        }
    }
}

/// Rows of a page when the query does not say.
const PAGE: usize = 50;
/// Most rows of a page.
const LARGEST_PAGE: usize = 500;

/// Which page of a list the query asks for: ids after this one, and most rows.
fn page_of(call: &Call) -> Result<(u64, usize), ApiError> {
    let limit = call
        .number("limit")?
        .map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(LARGEST_PAGE));
    let after = call.number("cursor")?.unwrap_or(0);
    Ok((after, limit.clamp(1, LARGEST_PAGE)))
}

/// The cursor of the next page, if there is one.
fn next_cursor(last: Option<u64>, more: bool) -> Option<String> {
    last.filter(|_| more).map(|id| id.to_string())
}

fn created<T: Serialize + Send>(body: T) -> Result<Answer<T>, ApiError> {
    Ok(Answer(StatusCode::CREATED, body))
}

fn ok<T: Serialize + Send>(body: T) -> Result<Answer<T>, ApiError> {
    Ok(Answer(StatusCode::OK, body))
}

/// A reply that says what was done.
fn done(message: &str, description: &str) -> Result<Answer<Value>, ApiError> {
    ok(serde_json::json!({ "message": message, "description": description }))
}

/// Unix seconds as RFC 3339 in UTC; `null` for a time that no calendar has.
fn time(unix_seconds: u64) -> Option<String> {
    let seconds = i64::try_from(unix_seconds).ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}
