//! Why a use case did not do what was asked. A refusal is a verdict: what it had to record was
//! committed before it left. The other kinds mean that something failed.

use crate::domain::near_miss::NearMiss;
use crate::platform::entropy::EntropyError;
use crate::store::StoreError;

/// What was the matter with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// Wrong, or out of time.
    Wrong,
    /// Right, but used before.
    AlreadyUsed,
    /// Wrong, but right for a clock that is off by so many seconds (ahead, or negative: behind).
    Drift {
        /// Seconds that the phone's clock is ahead.
        seconds: i64,
    },
}

impl CodeProblem {
    /// The problem of a wrong code, with its drift if that was recognised.
    pub(in crate::service) fn of(drift: Option<NearMiss>, period_seconds: u64) -> Self {
        match drift {
            None => Self::Wrong,
            Some(miss) => Self::Drift {
                seconds: miss
                    .offset_steps
                    .saturating_mul(i64::try_from(period_seconds).unwrap_or(i64::MAX)),
            },
        }
    }
}

/// Why a use case did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A field's value cannot be used; the text names the field and what it must be.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// A code was not accepted.
    #[error("code not accepted: {0:?}")]
    InvalidCode(CodeProblem),
    /// The code of the factor that is to be replaced was not accepted.
    #[error("code of the factor in force not accepted: {0:?}")]
    InvalidCurrentCode(CodeProblem),
    /// generate-qr while the second factor is on.
    #[error("second factor is on already")]
    QrCodeAlreadyGenerated,
    /// enable without a living pending seed.
    #[error("no enrolment is pending")]
    TwoFactorNotPending,
    /// Something that needs the caller's second factor, which is off.
    #[error("second factor is off")]
    TwoFactorNotEnabled,
    /// E-mail or password wrong, unknown or archived.
    #[error("wrong e-mail or password")]
    InvalidCredentials,
    /// A new password is refused; the text says why.
    #[error("weak password: {0}")]
    WeakPassword(String),
    /// A link's token is used, lapsed or unknown.
    #[error("link not accepted")]
    InvalidToken,
    /// No session stands behind the token.
    #[error("no valid token")]
    Unauthorized,
    /// The sign-in waits for its code.
    #[error("second factor required")]
    SecondFactorRequired,
    /// The sign-in waits for an enrolment.
    #[error("enrolment required")]
    EnrolmentRequired,
    /// Role or team does not allow it; the text says what would.
    #[error("access denied: {0}")]
    AccessDenied(&'static str),
    /// The password was given too long ago for an enrolment.
    #[error("fresh sign-in required")]
    FreshSignInRequired,
    /// The last code is too old.
    #[error("fresh code required")]
    FreshCodeRequired,
    /// Too many wrong codes in a row.
    #[error("second factor locked")]
    SecondFactorLocked,
    /// A lock was lifted: the password must change before anything else.
    #[error("password change required")]
    PasswordChangeRequired,
    /// The policy forbids switching the second factor off.
    #[error("second factor required by policy")]
    TwoFactorRequired,
    /// No such user.
    #[error("user not found")]
    UserNotFound,
    /// Nothing is there, or nothing any more.
    #[error("not found")]
    NotFound,
    /// Something unique is taken; the text says what.
    #[error("already exists: {0}")]
    AlreadyExists(&'static str),
    /// One of the rules about who may act as whom; the text says which.
    #[error("impersonation refused: {0}")]
    ImpersonationRefused(&'static str),
    /// Something that nobody does in another person's name.
    #[error("not while impersonating")]
    NotWhileImpersonating,
    /// The configuration does not let people make accounts for themselves.
    #[error("registration closed")]
    RegistrationClosed,
    /// No such team, or the person is not in it.
    #[error("team not found")]
    TeamNotFound,
    /// A team keeps at least one Owner.
    #[error("last owner")]
    LastOwner,
    /// The last Super Admin can be neither archived nor demoted.
    #[error("last super admin")]
    LastSuperAdmin,
    /// Not now, but in so many seconds.
    #[error("too many attempts: {0} s")]
    TooManyAttempts(u64),
    /// Too many wrong passwords from one address; not now, but in so many seconds.
    #[error("too many wrong passwords: {0} s")]
    TooManyPasswords(u64),
    /// Too much of what costs time or disk; not now, but in so many seconds.
    #[error("too many tries: {0} s")]
    TooManyTries(u64),
    /// Sign-ins are paused.
    #[error("sign-ins are paused")]
    SignInsPaused,
    /// Too much is being asked for at once.
    #[error("busy")]
    Busy,
    /// The medium failed; the act may or may not have happened. The text is for the log alone.
    #[error("{0}")]
    StoreUnavailable(String),
    /// Something else failed; the text is for the log alone.
    #[error("internal failure: {0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Unavailable(_) | StoreError::Full(_) | StoreError::Closed => {
                Self::StoreUnavailable(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<crate::domain::jwt::SigningError> for Error {
    fn from(error: crate::domain::jwt::SigningError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Why a job stopped without doing what was asked.
#[derive(Debug)]
pub enum Stop {
    /// The store failed.
    Failed(StoreError),
    /// Refused, and nothing of the job stays.
    Refused(Error),
    /// Refused, and what the job wrote until then stays: a count, the end of a session, an audit row.
    Recorded(Error),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// What a job decided.
pub type Decision<T> = Result<T, Stop>;
