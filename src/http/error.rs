//! The status table: from what a use case says to what a client reads. What the log keeps never
//! reaches a client, and what a client reads never depends on it.

use crate::platform::process;
use crate::service::{CodeProblem, Error};
use crate::wire::errors::Refused;
use std::sync::atomic::{AtomicU64, Ordering};
use warp::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::http::{HeaderName, StatusCode};
use warp::reply::Response;

/// A row of the status table.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    /// What to do next, where nothing more exact is known.
    description: &'static str,
}

impl Refusal {
    /// This refusal with a description of its own.
    fn because(&'static self, description: impl Into<String>) -> ApiError {
        ApiError {
            refusal: self,
            description: description.into(),
            header: None,
        }
    }
}

macro_rules! table {
    ($($code:ident = $status:literal, $message:literal, $description:literal;)*) => {
        $(pub(super) const $code: &Refusal = &Refusal {
            status: $status,
            code: stringify!($code),
            message: $message,
            description: $description,
        };)*

        /// The whole table.
        pub(super) const TABLE: &[&Refusal] = &[$($code),*];
    };
}

table! {
    INVALID_REQUEST = 400, "The request cannot be understood.", "Check the body and the query.";
    INVALID_TWO_FACTOR_AUTH_CODE = 400, "The code was not accepted.",
        "Enter the newest code that your authenticator app shows.";
    QR_CODE_ALREADY_GENERATED = 400, "Two-factor authentication is on already.",
        "To move it to a new phone, ask with `replace=true`.";
    TWO_FACTOR_NOT_PENDING = 400, "No QR code is waiting to be confirmed.",
        "Generate a QR code in this session and confirm it within ten minutes.";
    TWO_FACTOR_NOT_ENABLED = 400, "Two-factor authentication is off.",
        "Switch it on first: generate a QR code and confirm it.";
    INVALID_CREDENTIALS = 400, "E-mail or password is wrong.", "Check both and try again.";
    WEAK_PASSWORD = 400, "This password is not strong enough.",
        "Choose a longer or a less common one.";
    INVALID_TOKEN = 400, "This link is not valid.",
        "It was used, has lapsed, or was replaced by a newer one: ask for a new link.";
    UNAUTHORIZED = 401, "You are not signed in.",
        "Sign in and send the access token as a Bearer token.";
    SECOND_FACTOR_REQUIRED = 401, "The sign-in waits for its code.",
        "Send the code to /2fa/authenticate.";
    ENROLMENT_REQUIRED = 403, "A second factor must be set up first.",
        "Generate a QR code and confirm it.";
    ACCESS_DENIED = 403, "You may not do this.", "Ask an administrator.";
    FRESH_SIGN_IN_REQUIRED = 403, "The sign-in is too old for this.",
        "Sign in again, then set up the second factor within 15 minutes.";
    FRESH_CODE_REQUIRED = 403, "A fresh code is needed.",
        "Send a code to /2fa/authenticate, or with the request, and try again within five minutes.";
    SECOND_FACTOR_LOCKED = 403, "The second factor is locked after too many wrong codes.",
        "Use a recovery code, or ask an administrator to unlock it.";
    PASSWORD_CHANGE_REQUIRED = 403, "The password must be changed first.",
        "Somebody else has entered it: change it at /auth/change-password.";
    TWO_FACTOR_REQUIRED = 403, "Two-factor authentication must stay on.",
        "The policy demands a second factor for this account.";
    IMPERSONATION_REFUSED = 403, "You cannot act as this person.", "One of the rules forbids it.";
    NOT_WHILE_IMPERSONATING = 403, "Nobody does this in another person's name.",
        "Return to your own account first: /2fa/desimpersonation.";
    REGISTRATION_CLOSED = 403, "Accounts are made by invitation.",
        "Ask an administrator for an invitation.";
    ORIGIN_REFUSED = 403, "Pages of other sites may not call this service.",
        "Call it from its own pages, or from a program that sends no Origin.";
    USER_NOT_FOUND = 404, "There is no such user.", "Check the id.";
    TEAM_NOT_FOUND = 404, "There is no such team.",
        "Check the id, and whether the person is a member.";
    NOT_FOUND = 404, "There is nothing at this address.",
        "Check the path; the API is described at /openapi.json.";
    METHOD_NOT_ALLOWED = 405, "This address does not take this method.", "See the header `Allow`.";
    REQUEST_TIMEOUT = 408, "The request did not arrive in time.",
        "Send the whole body within five seconds.";
    ALREADY_EXISTS = 409, "This is taken.", "Choose another.";
    LAST_SUPER_ADMIN = 409, "This is the last Super Admin.",
        "Make somebody else a Super Admin first.";
    LAST_OWNER = 409, "This is the team's last Owner.", "Make somebody else an Owner first.";
    BODY_TOO_LARGE = 413, "The request is too large.", "Send at most 16 KiB.";
    UNSUPPORTED_MEDIA_TYPE = 415, "The body is not JSON.",
        "Send the body as `application/json`.";
    UNKNOWN_HOST = 421, "This host name is not served here.",
        "Use localhost, or add the name to `server.hosts` in the configuration.";
    TOO_MANY_ATTEMPTS = 429, "Too many wrong attempts.", "Wait, then try again with a new code.";
    INTERNAL = 500, "Something went wrong on our side.", "Try again.";
    BUSY = 503, "The service is busy.", "Nothing was done; try again in a moment.";
    SIGN_INS_PAUSED = 503, "Sign-ins are paused.",
        "An administrator has paused them: try again later. People who are signed in stay signed in.";
    STORE_UNAVAILABLE = 503, "The service is not ready.",
        "Asking again is safe; try again in a few seconds.";
}

/// A refusal or failure as a client reads it.
#[derive(Clone, Debug)]
pub struct ApiError {
    refusal: &'static Refusal,
    description: String,
    header: Option<(HeaderName, String)>,
}

impl ApiError {
    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// The row of the status table that it comes from.
    #[cfg(debug_assertions)]
    pub(super) fn refusal(&self) -> &'static Refusal {
        self.refusal
    }

    /// A body or parameter that cannot be used.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        INVALID_REQUEST.because(description)
    }

    /// No such path, or nothing there any more.
    pub fn not_found() -> Self {
        NOT_FOUND.into()
    }

    /// A path that does not take this method.
    pub fn method_not_allowed(allow: &str) -> Self {
        METHOD_NOT_ALLOWED
            .because(format!("Use {allow}."))
            .with(ALLOW, allow)
    }

    /// A body that did not come in time.
    pub fn request_timeout() -> Self {
        REQUEST_TIMEOUT.into()
    }

    /// A body that is too long.
    pub fn body_too_large(limit: usize) -> Self {
        BODY_TOO_LARGE.because(match limit / (1024 * 1024) {
            0 => format!("Send at most {} KiB.", limit / 1024),
            mebibytes => format!("Send at most {mebibytes} MiB."),
        })
    }

    /// The service cannot do its work; what is the matter is no stranger's business.
    pub fn not_ready() -> Self {
        STORE_UNAVAILABLE
            .because("Try again in a few seconds; the administrator finds the cause in the log.")
            .with(RETRY_AFTER, "2")
    }

    /// A body that is not JSON by its own word.
    pub fn unsupported_media_type() -> Self {
        UNSUPPORTED_MEDIA_TYPE.into()
    }

    /// A `Host` that is not ours.
    pub fn unknown_host() -> Self {
        UNKNOWN_HOST.into()
    }

    /// An `Origin` that is not ours.
    pub fn origin_refused() -> Self {
        ORIGIN_REFUSED.into()
    }

    fn store_unavailable(cause: &str) -> Self {
        tracing::warn!(event = "request.unavailable", %cause, "answered 503");
        Self::from(STORE_UNAVAILABLE).with(RETRY_AFTER, "2")
    }

    fn internal(cause: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let incident = format!("{:x}-{count:x}", process::number());
        tracing::error!(event = "request.failed", %incident, %cause, "a request failed");
        INTERNAL.because(format!(
            "Try again; if it happens again, tell the administrator the incident {incident}."
        ))
    }
}

impl From<&'static Refusal> for ApiError {
    fn from(refusal: &'static Refusal) -> Self {
        refusal.because(refusal.description)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidRequest(what) => Self::invalid_request(what),
            Error::InvalidCode(problem) => invalid_code(problem),
            Error::InvalidCurrentCode(problem) => {
                let error = invalid_code(problem);
                let description = format!("`currentCode`: {}", error.description);
                INVALID_TWO_FACTOR_AUTH_CODE.because(description)
            }
            Error::QrCodeAlreadyGenerated => QR_CODE_ALREADY_GENERATED.into(),
            Error::TwoFactorNotPending => TWO_FACTOR_NOT_PENDING.into(),
            Error::TwoFactorNotEnabled => TWO_FACTOR_NOT_ENABLED.into(),
            Error::InvalidCredentials => INVALID_CREDENTIALS.into(),
            Error::WeakPassword(why) => WEAK_PASSWORD.because(why),
            Error::InvalidToken => INVALID_TOKEN.into(),
            Error::Unauthorized => UNAUTHORIZED.into(),
            Error::SecondFactorRequired => SECOND_FACTOR_REQUIRED.into(),
            Error::EnrolmentRequired => ENROLMENT_REQUIRED.into(),
            Error::AccessDenied(why) => ACCESS_DENIED.because(why),
            Error::FreshSignInRequired => FRESH_SIGN_IN_REQUIRED.into(),
            Error::FreshCodeRequired => FRESH_CODE_REQUIRED.into(),
            Error::SecondFactorLocked => SECOND_FACTOR_LOCKED.into(),
            Error::PasswordChangeRequired => PASSWORD_CHANGE_REQUIRED.into(),
            Error::TwoFactorRequired => TWO_FACTOR_REQUIRED.into(),
            Error::ImpersonationRefused(why) => IMPERSONATION_REFUSED.because(why),
            Error::NotWhileImpersonating => NOT_WHILE_IMPERSONATING.into(),
            Error::RegistrationClosed => REGISTRATION_CLOSED.into(),
            Error::TeamNotFound => TEAM_NOT_FOUND.into(),
            Error::LastOwner => LAST_OWNER.into(),
            Error::UserNotFound => USER_NOT_FOUND.into(),
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists(what) => {
                ALREADY_EXISTS.because(format!("There is already {what}."))
            }
            Error::LastSuperAdmin => LAST_SUPER_ADMIN.into(),
            Error::TooManyAttempts(seconds) => TOO_MANY_ATTEMPTS
                .because(format!(
                    "Wait {seconds} seconds, then try again with a new code."
                ))
                .with(RETRY_AFTER, seconds.to_string()),
            Error::TooManyPasswords(seconds) => TOO_MANY_ATTEMPTS
                .because(format!(
                    "There were too many wrong passwords: wait {seconds} seconds, then try again."
                ))
                .with(RETRY_AFTER, seconds.to_string()),
            Error::TooManyTries(seconds) => TOO_MANY_ATTEMPTS
                .because(format!(
                    "That was too much at once: wait {seconds} seconds, then try again."
                ))
                .with(RETRY_AFTER, seconds.to_string()),
            Error::SignInsPaused => Self::from(SIGN_INS_PAUSED).with(RETRY_AFTER, "60"),
            Error::Busy => Self::from(BUSY).with(RETRY_AFTER, "1"),
            Error::StoreUnavailable(cause) => Self::store_unavailable(&cause),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

fn invalid_code(problem: CodeProblem) -> ApiError {
    match problem {
        CodeProblem::Wrong => INVALID_TWO_FACTOR_AUTH_CODE.into(),
        CodeProblem::AlreadyUsed => INVALID_TWO_FACTOR_AUTH_CODE
            .because("This code was already used, wait for the next one."),
        CodeProblem::Drift { seconds } => {
            let minutes = seconds.unsigned_abs().div_ceil(60);
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            let way = if seconds > 0 { "ahead" } else { "behind" };
            INVALID_TWO_FACTOR_AUTH_CODE.because(format!(
                "Your phone's clock is about {minutes} {unit} {way}: let it set its time automatically, then try again."
            ))
        }
    }
}

impl warp::Reply for ApiError {
    fn into_response(self) -> Response {
        let body = Refused {
            message: self.refusal.message.into(),
            description: self.description.into(),
            code: self.refusal.code.into(),
        };
        // A struct of three texts always serialises.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(bytes.into());
        // The statuses of the table are all valid.
        let status = StatusCode::from_u16(self.refusal.status);
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if is_unauthorized {
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
