//! The status table: from what a use case says to what a client reads. What the log keeps never
//! reaches a client, and what a client reads never depends on it.

use crate::service::{CodeProblem, Error};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use warp::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::http::{HeaderName, StatusCode};
use warp::reply::Response;

/// A refusal or failure as a client reads it.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    description: String,
    header: Option<(HeaderName, String)>,
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    description: &'a str,
    code: &'a str,
}

impl ApiError {
    fn new(
        status: u16,
        code: &'static str,
        message: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            message,
            description: description.into(),
            header: None,
        }
    }

    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// A body or parameter that cannot be used.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(
            400,
            "INVALID_REQUEST",
            "The request cannot be understood.",
            description,
        )
    }

    /// No such path, or nothing there any more.
    pub fn not_found() -> Self {
        Self::new(
            404,
            "NOT_FOUND",
            "There is nothing at this address.",
            "Check the path; the API is described in the README.",
        )
    }

    /// A path that does not take this method.
    pub fn method_not_allowed(allow: &str) -> Self {
        let description = format!("Use {allow}.");
        Self::new(
            405,
            "METHOD_NOT_ALLOWED",
            "This address does not take this method.",
            description,
        )
        .with(ALLOW, allow)
    }

    /// A body that did not come in time.
    pub fn request_timeout() -> Self {
        Self::new(
            408,
            "REQUEST_TIMEOUT",
            "The request did not arrive in time.",
            "Send the whole body within five seconds.",
        )
    }

    /// A body that is too long.
    pub fn body_too_large(limit: usize) -> Self {
        let description = match limit / (1024 * 1024) {
            0 => format!("Send at most {} KiB.", limit / 1024),
            mebibytes => format!("Send at most {mebibytes} MiB."),
        };
        Self::new(
            413,
            "BODY_TOO_LARGE",
            "The request is too large.",
            description,
        )
    }

    /// A body that is not JSON by its own word.
    pub fn unsupported_media_type() -> Self {
        Self::new(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body is not JSON.",
            "Send the body as `application/json`.",
        )
    }

    /// A `Host` that is not ours.
    pub fn unknown_host() -> Self {
        Self::new(
            421,
            "UNKNOWN_HOST",
            "This host name is not served here.",
            "Use localhost, or add the name to `server.hosts` in the configuration.",
        )
    }

    /// An `Origin` that is not ours.
    pub fn origin_refused() -> Self {
        Self::new(
            403,
            "ORIGIN_REFUSED",
            "Pages of other sites may not call this service.",
            "Call it from its own pages, or from a program that sends no Origin.",
        )
    }

    /// The service cannot do its work; what is the matter is no stranger's business.
    pub fn not_ready() -> Self {
        let message = "The service is not ready.";
        let description =
            "Try again in a few seconds; the administrator finds the cause in the log.";
        Self::new(503, "STORE_UNAVAILABLE", message, description).with(RETRY_AFTER, "2")
    }

    fn store_unavailable(cause: &str) -> Self {
        tracing::warn!(%cause, "answered 503");
        let message = "The service cannot write at the moment.";
        let description = "Asking again is safe; try again in a few seconds.";
        Self::new(503, "STORE_UNAVAILABLE", message, description).with(RETRY_AFTER, "2")
    }

    fn internal(cause: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let incident = format!("{:x}-{count:x}", std::process::id());
        tracing::error!(%incident, %cause, "a request failed");
        let description = format!(
            "Try again; if it happens again, tell the administrator the incident {incident}."
        );
        Self::new(
            500,
            "INTERNAL",
            "Something went wrong on our side.",
            description,
        )
    }
}

/// A row of the status table: status, code, message, description.
type Row = (u16, &'static str, &'static str, &'static str);

const QR_CODE_ALREADY_GENERATED: Row = (
    400,
    "QR_CODE_ALREADY_GENERATED",
    "Two-factor authentication is on already.",
    "To move it to a new phone, ask with `replace=true`.",
);
const TWO_FACTOR_NOT_PENDING: Row = (
    400,
    "TWO_FACTOR_NOT_PENDING",
    "No QR code is waiting to be confirmed.",
    "Generate a QR code in this session and confirm it within ten minutes.",
);
const TWO_FACTOR_NOT_ENABLED: Row = (
    400,
    "TWO_FACTOR_NOT_ENABLED",
    "Two-factor authentication is off.",
    "Switch it on first: generate a QR code and confirm it.",
);
const INVALID_CREDENTIALS: Row = (
    400,
    "INVALID_CREDENTIALS",
    "E-mail or password is wrong.",
    "Check both and try again.",
);
const INVALID_TOKEN: Row = (
    400,
    "INVALID_TOKEN",
    "This link is not valid.",
    "It was used, has lapsed, or was replaced by a newer one: ask for a new link.",
);
const UNAUTHORIZED: Row = (
    401,
    "UNAUTHORIZED",
    "You are not signed in.",
    "Sign in and send the access token as a Bearer token.",
);
const SECOND_FACTOR_REQUIRED: Row = (
    401,
    "SECOND_FACTOR_REQUIRED",
    "The sign-in waits for its code.",
    "Send the code to /2fa/authenticate.",
);
const ENROLMENT_REQUIRED: Row = (
    403,
    "ENROLMENT_REQUIRED",
    "A second factor must be set up first.",
    "Generate a QR code and confirm it.",
);
const FRESH_SIGN_IN_REQUIRED: Row = (
    403,
    "FRESH_SIGN_IN_REQUIRED",
    "The sign-in is too old for this.",
    "Sign in again, then set up the second factor within 15 minutes.",
);
const FRESH_CODE_REQUIRED: Row = (
    403,
    "FRESH_CODE_REQUIRED",
    "A fresh code is needed.",
    "Send a code to /2fa/authenticate, or with the request, and try again within five minutes.",
);
const SECOND_FACTOR_LOCKED: Row = (
    403,
    "SECOND_FACTOR_LOCKED",
    "The second factor is locked after too many wrong codes.",
    "Use a recovery code, or ask an administrator to unlock it.",
);
const PASSWORD_CHANGE_REQUIRED: Row = (
    403,
    "PASSWORD_CHANGE_REQUIRED",
    "The password must be changed first.",
    "Somebody else has entered it: change it at /auth/change-password.",
);
const TWO_FACTOR_REQUIRED: Row = (
    403,
    "TWO_FACTOR_REQUIRED",
    "Two-factor authentication must stay on.",
    "The policy demands a second factor for this account.",
);
const NOT_WHILE_IMPERSONATING: Row = (
    403,
    "NOT_WHILE_IMPERSONATING",
    "Nobody does this in another person's name.",
    "Return to your own account first: /2fa/desimpersonation.",
);
const REGISTRATION_CLOSED: Row = (
    403,
    "REGISTRATION_CLOSED",
    "Accounts are made by invitation.",
    "Ask an administrator for an invitation.",
);
const TEAM_NOT_FOUND: Row = (
    404,
    "TEAM_NOT_FOUND",
    "There is no such team.",
    "Check the id, and whether the person is a member.",
);
const LAST_OWNER: Row = (
    409,
    "LAST_OWNER",
    "This is the team's last Owner.",
    "Make somebody else an Owner first.",
);
const USER_NOT_FOUND: Row = (
    404,
    "USER_NOT_FOUND",
    "There is no such user.",
    "Check the id.",
);
const LAST_SUPER_ADMIN: Row = (
    409,
    "LAST_SUPER_ADMIN",
    "This is the last Super Admin.",
    "Make somebody else a Super Admin first.",
);

impl From<Row> for ApiError {
    fn from((status, code, message, description): Row) -> Self {
        Self::new(status, code, message, description)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidRequest(what) => Self::invalid_request(what),
            Error::InvalidCode(problem) => invalid_code(problem),
            Error::QrCodeAlreadyGenerated => QR_CODE_ALREADY_GENERATED.into(),
            Error::TwoFactorNotPending => TWO_FACTOR_NOT_PENDING.into(),
            Error::TwoFactorNotEnabled => TWO_FACTOR_NOT_ENABLED.into(),
            Error::InvalidCredentials => INVALID_CREDENTIALS.into(),
            Error::WeakPassword(why) => Self::new(
                400,
                "WEAK_PASSWORD",
                "This password is not strong enough.",
                why,
            ),
            Error::InvalidToken => INVALID_TOKEN.into(),
            Error::Unauthorized => UNAUTHORIZED.into(),
            Error::SecondFactorRequired => SECOND_FACTOR_REQUIRED.into(),
            Error::EnrolmentRequired => ENROLMENT_REQUIRED.into(),
            Error::AccessDenied(why) => {
                Self::new(403, "ACCESS_DENIED", "You may not do this.", why)
            }
            Error::FreshSignInRequired => FRESH_SIGN_IN_REQUIRED.into(),
            Error::FreshCodeRequired => FRESH_CODE_REQUIRED.into(),
            Error::SecondFactorLocked => SECOND_FACTOR_LOCKED.into(),
            Error::PasswordChangeRequired => PASSWORD_CHANGE_REQUIRED.into(),
            Error::TwoFactorRequired => TWO_FACTOR_REQUIRED.into(),
            Error::ImpersonationRefused(why) => Self::new(
                403,
                "IMPERSONATION_REFUSED",
                "You cannot act as this person.",
                why,
            ),
            Error::NotWhileImpersonating => NOT_WHILE_IMPERSONATING.into(),
            Error::RegistrationClosed => REGISTRATION_CLOSED.into(),
            Error::TeamNotFound => TEAM_NOT_FOUND.into(),
            Error::LastOwner => LAST_OWNER.into(),
            Error::UserNotFound => USER_NOT_FOUND.into(),
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists(what) => {
                let description = format!("There is one with this {what} already.");
                Self::new(409, "ALREADY_EXISTS", "This is taken.", description)
            }
            Error::LastSuperAdmin => LAST_SUPER_ADMIN.into(),
            Error::TooManyAttempts(seconds) => {
                let description =
                    format!("Wait {seconds} seconds, then try again with a new code.");
                Self::new(
                    429,
                    "TOO_MANY_ATTEMPTS",
                    "Too many wrong codes.",
                    description,
                )
                .with(RETRY_AFTER, seconds.to_string())
            }
            Error::Busy => {
                let description = "Nothing was done; try again in a moment.";
                Self::new(503, "BUSY", "The service is busy.", description).with(RETRY_AFTER, "1")
            }
            Error::StoreUnavailable(cause) => Self::store_unavailable(&cause),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

fn invalid_code(problem: CodeProblem) -> ApiError {
    let description = match problem {
        CodeProblem::Wrong => "Enter the newest code that your authenticator app shows.".to_owned(),
        CodeProblem::AlreadyUsed => "This code was already used, wait for the next one.".to_owned(),
        CodeProblem::Drift { seconds } => {
            let minutes = seconds.unsigned_abs().div_ceil(60);
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            let way = if seconds > 0 { "ahead" } else { "behind" };
            format!(
                "Your phone's clock is about {minutes} {unit} {way}: let it set its time automatically, then try again."
            )
        }
    };
    ApiError::new(
        400,
        "INVALID_TWO_FACTOR_AUTH_CODE",
        "The code was not accepted.",
        description,
    )
}

impl warp::Reply for ApiError {
    fn into_response(self) -> Response {
        let body = Body {
            message: self.message,
            description: &self.description,
            code: self.code,
        };
        // A struct of three texts always serialises.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(bytes.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::try_from(value)
        {
            headers.insert(name, value);
        }
        response
    }
}
