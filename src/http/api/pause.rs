//! `/sign-ins`: whether people may sign in, and pausing that.

use super::two_factor::CODE_REFUSALS;
use super::{Answer, ok};
use crate::domain::pause::Pause;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::principal::Admin;
use crate::http::error::{ApiError, FRESH_CODE_REQUIRED};
use crate::wire::pause::{Change, SignIns};
use crate::wire::{Time, paths};
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::SIGN_INS, show)
            .summary("Tells whether sign-ins are paused, and since when."),
        Endpoint::new(Method::PATCH, paths::SIGN_INS, change)
            .summary("Pauses sign-ins, or ends the pause, with a fresh code; sessions go on.")
            .refuses(CODE_REFUSALS)
            .refuses(&[FRESH_CODE_REQUIRED]),
    ]
}

impl From<Pause> for SignIns {
    fn from(pause: Pause) -> Self {
        Self {
            paused: pause.is_on(),
            since: pause.since.and_then(Time::of),
        }
    }
}

async fn show(call: Call, _: Admin, _: NoBody) -> Result<Answer<SignIns>, ApiError> {
    ok(call.services.entry.pause()?.into())
}

async fn change(
    call: Call,
    admin: Admin,
    Json(body): Json<Change>,
) -> Result<Answer<SignIns>, ApiError> {
    let client = call.client();
    let pause =
        call.services
            .entry
            .set_sign_ins_paused(admin.requester(), body.paused, body.code, &client);
    ok(pause.await?.into())
}
