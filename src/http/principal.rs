//! Proof types: a handler that asks for one of them cannot be reached by anybody else, because only
//! the verifier here makes them.

use super::error::ApiError;
use super::filters::{Call, Peer};
use crate::domain::session::Stage;
use crate::service::Error;
use crate::service::archive::Manager;
use crate::service::identify::Caller;

/// Who may call an endpoint; part of the table of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anybody,
    /// A session that waits for its code, or a full one.
    CodeHolder,
    /// A session that is to enrol, or a full one.
    Enrolling,
    /// A session that is to enrol, or a full one even while its password must change.
    SignedIn,
    /// Any session.
    AnySession,
    /// A full session.
    Member,
    /// A full session of an Admin or Super Admin, or the person at the machine.
    Admin,
    /// The person at the machine.
    Operator,
}

/// A caller who was verified to be allowed.
pub trait Principal: Sized + Send {
    /// Who that is, for the table of routes.
    const WHO: Who;

    /// Verifies the call.
    ///
    /// # Errors
    /// 401 or 403, as the stages say.
    fn verify(call: &Call) -> Result<Self, ApiError>;
}

fn identify(call: &Call) -> Result<Caller, ApiError> {
    let token = call.bearer().ok_or(Error::Unauthorized)?;
    Ok(call.services.identify(token)?)
}

fn refused(stage: Stage) -> ApiError {
    match stage {
        Stage::Pending => Error::SecondFactorRequired.into(),
        Stage::Enrolment => Error::EnrolmentRequired.into(),
        Stage::Full => Error::Unauthorized.into(),
    }
}

fn password_settled(caller: Caller) -> Result<Caller, ApiError> {
    if caller.stage == Stage::Full && caller.user.must_change_password {
        return Err(Error::PasswordChangeRequired.into());
    }
    Ok(Caller {
        proof: caller.proof.with_settled_password(),
        ..caller
    })
}

fn full(call: &Call) -> Result<Caller, ApiError> {
    let caller = identify(call)?;
    match caller.stage {
        Stage::Full => password_settled(caller),
        lower => Err(refused(lower)),
    }
}

/// Anybody.
pub struct Anybody;

impl Principal for Anybody {
    const WHO: Who = Who::Anybody;

    fn verify(_: &Call) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

macro_rules! sessions {
    ($($(#[$doc:meta])* $name:ident: |$caller:ident| $verdict:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub(super) Caller);

        impl Principal for $name {
            const WHO: Who = Who::$name;

            fn verify(call: &Call) -> Result<Self, ApiError> {
                let $caller = identify(call)?;
                $verdict.map(Self)
            }
        }
    )*};
}

sessions! {
    /// A session that waits for its code, or a full one.
    CodeHolder: |caller| match caller.stage {
        Stage::Pending | Stage::Full => Ok(caller),
        Stage::Enrolment => Err(refused(Stage::Enrolment)),
    };
    /// A session that is to enrol, or a full one.
    Enrolling: |caller| match caller.stage {
        Stage::Enrolment | Stage::Full => password_settled(caller),
        Stage::Pending => Err(refused(Stage::Pending)),
    };
    /// A session that is to enrol, or a full one even while its password must change.
    SignedIn: |caller| match caller.stage {
        Stage::Enrolment | Stage::Full => Ok(caller),
        Stage::Pending => Err(refused(Stage::Pending)),
    };
    /// Any session.
    AnySession: |caller| Ok(caller);
    /// A full session.
    Member: |caller| match caller.stage {
        Stage::Full => password_settled(caller),
        lower => Err(refused(lower)),
    };
}

/// Somebody who manages accounts: a full session of an Admin or Super Admin, or the person at the
/// machine.
pub struct Admin(pub(super) Manager);

impl Principal for Admin {
    const WHO: Who = Who::Admin;

    fn verify(call: &Call) -> Result<Self, ApiError> {
        if let Peer::Operator(name) = &call.peer
            && call.bearer().is_none()
        {
            return Ok(Self(Manager::Operator(name.clone())));
        }
        let caller = full(call)?;
        if caller.user.roles.is_admin() {
            Ok(Self(Manager::Admin(caller.proof)))
        } else {
            Err(Error::AccessDenied("Only an Admin or Super Admin may do this.").into())
        }
    }
}

/// The person at the machine, by the operating system's name.
pub struct Operator(pub(super) String);

impl Principal for Operator {
    const WHO: Who = Who::Operator;

    fn verify(call: &Call) -> Result<Self, ApiError> {
        match &call.peer {
            Peer::Operator(name) => Ok(Self(name.clone())),
            Peer::Tcp(_) => Err(ApiError::not_found()),
        }
    }
}
