//! Proof types: a handler that asks for one of them cannot be reached by other callers, because their
//! fields are private and only the verifier here makes them.

use super::call::{Call, Peer};
use crate::domain::session::Stage;
use crate::http::error::ApiError;
use crate::service::{Caller, Error, Proof, Requester};

/// Who may call an endpoint; part of the table of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Any caller.
    Anybody,
    /// A session that waits for its code, or a full one.
    CodeHolder,
    /// A session that is to enrol, or a full one.
    Enrolling,
    /// A session that is to enrol, or a full one even while its password must change.
    SignedIn,
    /// All those, and an impersonation.
    Present,
    /// Any session.
    AnySession,
    /// A full session.
    Member,
    /// An impersonation.
    Impersonating,
    /// A full session or an impersonation, or the operator.
    TeamRequester,
    /// A full session of an Admin or Super Admin, or the operator.
    Admin,
    /// The operator.
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
        Stage::Impersonation => Error::NotWhileImpersonating.into(),
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
        other => Err(refused(other)),
    }
}

/// The operator, who needs no token.
fn operator(call: &Call) -> Option<Requester> {
    match &call.peer {
        Peer::Operator(name) if call.bearer().is_none() => Some(Requester::Operator(name.clone())),
        _ => None,
    }
}

/// Any caller.
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
        pub struct $name(Caller);

        #[allow(dead_code, reason = "each kind of caller has the same accessors")]
        impl $name {
            /// The caller with session and account.
            pub fn caller(&self) -> &Caller {
                &self.0
            }

            /// The caller with session and account, to keep.
            pub fn into_caller(self) -> Caller {
                self.0
            }

            /// What a job needs to look at the caller again.
            pub fn proof(&self) -> &Proof {
                &self.0.proof
            }
        }

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
        other => Err(refused(other)),
    };
    /// A session that is to enrol, or a full one.
    Enrolling: |caller| match caller.stage {
        Stage::Enrolment | Stage::Full => password_settled(caller),
        other => Err(refused(other)),
    };
    /// A session that is to enrol, or a full one even while its password must change.
    SignedIn: |caller| match caller.stage {
        Stage::Enrolment | Stage::Full => Ok(caller),
        other => Err(refused(other)),
    };
    /// A session that is to enrol, a full one even while its password must change, or an
    /// impersonation.
    Present: |caller| match caller.stage {
        Stage::Pending => Err(refused(Stage::Pending)),
        _ => Ok(caller),
    };
    /// Any session.
    AnySession: |caller| Ok(caller);
    /// A full session.
    Member: |caller| match caller.stage {
        Stage::Full => password_settled(caller),
        other => Err(refused(other)),
    };
    /// An impersonation.
    Impersonating: |caller| match caller.stage {
        Stage::Impersonation => Ok(caller),
        Stage::Full => {
            let text = "Only an impersonation can be ended here.";
            Err(Error::AccessDenied(text).into())
        }
        other => Err(refused(other)),
    };
}

/// A caller who manages accounts: a full session of an Admin or Super Admin, or the operator.
pub struct Admin(Requester);

impl Admin {
    /// Who asks.
    pub fn requester(&self) -> &Requester {
        &self.0
    }
}

impl Principal for Admin {
    const WHO: Who = Who::Admin;

    fn verify(call: &Call) -> Result<Self, ApiError> {
        if let Some(operator) = operator(call) {
            return Ok(Self(operator));
        }
        let caller = full(call)?;
        if caller.user.roles.is_admin() {
            Ok(Self(Requester::Caller(Box::new(caller))))
        } else {
            Err(Error::AccessDenied("Only an Admin or Super Admin may do this.").into())
        }
    }
}

/// A caller who may have a say in a team: a full session, an impersonation, or the operator.
pub struct TeamRequester(Requester);

impl TeamRequester {
    /// Who asks.
    pub fn requester(&self) -> &Requester {
        &self.0
    }
}

impl Principal for TeamRequester {
    const WHO: Who = Who::TeamRequester;

    fn verify(call: &Call) -> Result<Self, ApiError> {
        if let Some(operator) = operator(call) {
            return Ok(Self(operator));
        }
        let caller = identify(call)?;
        let caller = match caller.stage {
            Stage::Impersonation => caller,
            Stage::Full => password_settled(caller)?,
            other => return Err(refused(other)),
        };
        Ok(Self(Requester::Caller(Box::new(caller))))
    }
}

/// The operator, by the operating system's name.
pub struct Operator(String);

impl Operator {
    /// The operating system's name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// As one who asks for an act on others.
    pub fn requester(&self) -> Requester {
        Requester::Operator(self.0.clone())
    }
}

impl Principal for Operator {
    const WHO: Who = Who::Operator;

    fn verify(call: &Call) -> Result<Self, ApiError> {
        match &call.peer {
            Peer::Operator(name) => Ok(Self(name.clone())),
            Peer::Tcp(_) => Err(ApiError::not_found()),
        }
    }
}
