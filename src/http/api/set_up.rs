//! `/setup`: the claim of a new instance.

use super::{Answer, auth};
use crate::domain::secret::SecretText;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json};
use crate::http::principal::Anybody;
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::users::Names;
use serde::Deserialize;
use serde_json::Value;
use warp::http::{Method, StatusCode};

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(Method::POST, "/setup", claim)]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    token: SecretText,
    email: String,
    password: SecretText,
    first_name: String,
    last_name: String,
}

async fn claim(call: Call, _: Anybody, body: ClaimBody) -> Result<Answer<Value>, ApiError> {
    let Json(body) = body.0?;
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call
        .services
        .claim(&body.token, names, body.password, &client)
        .await?;
    Ok(Answer(StatusCode::CREATED, auth::signed_in(&tokens)))
}

/// A body that is looked at only while there is something to claim: afterwards the path is as good
/// as unknown, whatever is sent to it.
struct ClaimBody(Result<Json<Claim>, ApiError>);

impl crate::http::filters::FromBody for ClaimBody {
    fn read(call: &Call) -> Result<Self, ApiError> {
        if call.services.is_claimed()? {
            return Err(Error::NotFound.into());
        }
        Ok(Self(Json::read(call)))
    }
}
