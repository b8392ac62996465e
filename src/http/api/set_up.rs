//! `/setup`: the claim of a new instance.

use super::auth;
use super::{Created, created};
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::Json;
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Anybody;
use crate::http::error::{
    ALREADY_EXISTS, ApiError, INVALID_TOKEN, SIGN_INS_PAUSED, TOO_MANY_ATTEMPTS, WEAK_PASSWORD,
};
use crate::service::people::names::Names;
use crate::wire::auth::SignInAnswer;
use crate::wire::paths;
use crate::wire::set_up::Claim;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, paths::SET_UP, claim)
            .summary("Claims a new instance for its first Super Admin; 404 for ever after.")
            .refuses(&[
                INVALID_TOKEN,
                TOO_MANY_ATTEMPTS,
                ALREADY_EXISTS,
                WEAK_PASSWORD,
                SIGN_INS_PAUSED,
            ])
            // After the claim there is no such path, for any method.
            .until(|services| services.people.is_claimed()),
    ]
}

async fn claim(
    call: Call,
    _: Anybody,
    Json(body): Json<Claim>,
) -> Result<Created<SignInAnswer>, ApiError> {
    let names = Names::parse(&body.email, &body.first_name, &body.last_name)?;
    let client = call.client();
    let tokens = call
        .services
        .people
        .claim(&body.token, names, body.password, &client)
        .await?;
    created(auth::signed_in(tokens))
}
