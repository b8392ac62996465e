//! The endpoints, one file a family. Handlers parse, ask one use case, and shape its answer.

pub mod audit;
pub mod auth;
pub mod health;
pub mod operator;
pub mod set_up;
pub mod two_factor;
pub mod users;

use crate::http::error::ApiError;
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
