//! `/setup`: the claim of a new instance.

use super::{Answer, auth};
use crate::domain::secret::SecretText;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json};
use crate::http::principal::Anybody;
use crate::http::routes::Endpoint;
use crate::service::Services;
use crate::service::users::Names;
use serde::Deserialize;
use serde_json::Value;
use warp::http::{Method, StatusCode};

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    // After the claim there is no such path, for any method.
    vec![Endpoint::new(Method::POST, "/setup", claim).until(Services::is_claimed)]
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

async fn claim(call: Call, _: Anybody, Json(body): Json<Claim>) -> Result<Answer<Value>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call
        .services
        .claim(&body.token, names, body.password, &client)
        .await?;
    Ok(Answer(StatusCode::CREATED, auth::signed_in(&tokens)))
}
