//! The claim of a new instance by its first administrator.

use super::People;
use super::names::{Names, NewUser};
use crate::domain::audit::{Action, Actor};
use crate::domain::opaque_token::SetUpToken;
use crate::domain::secret::SecretText;
use crate::domain::user::{Role, Roles};
use crate::service::core::context::{Client, event_by};
use crate::service::core::error::Error;
use crate::service::entry::{Link, pause};
use crate::service::sessions::tokens::{Granted, Tokens};
use crate::service::teams::support_team::ensure_support_team;
use std::sync::Arc;

impl People {
    /// Whether the instance has, or has had, an administrator.
    ///
    /// # Errors
    /// If the store fails.
    pub fn is_claimed(&self) -> Result<bool, Error> {
        let set_up = self.core.store.read(|read| read.set_up())?;
        Ok(set_up.unwrap_or_default().claimed)
    }

    /// [`People::new_set_up_link`] for the operator, by the operating system's name.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed.
    pub async fn new_set_up_link_for(&self, operator: &str) -> Result<String, Error> {
        self.new_set_up_link(Actor::Operator(operator.to_owned()))
            .await
    }

    /// Makes the one link that opens the set-up page; the one before is void. The token travels in
    /// the fragment, which browsers keep to themselves.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed.
    pub async fn new_set_up_link(&self, actor: Actor) -> Result<String, Error> {
        let token = SetUpToken {
            secret: self.core.random_secret()?,
        };
        let hash = token.hash();
        let client = Client::default();
        let made = self.core.run(&client, move |context, write| {
            let mut set_up = write.set_up()?.unwrap_or_default();
            if set_up.claimed {
                Err(Error::NotFound)?;
            }
            set_up.link = Some((hash, context.now.stamp()));
            write.put_set_up(&set_up)?;
            let event = event_by(actor.clone(), Action::SetUpLinkMade, context.now);
            context.audit(write, &event)?;
            Ok(())
        });
        made.await?;
        let base_url = &self.core.foundation.settings.base_url;
        Ok(format!("{base_url}/setup#token={}", token.text()))
    }

    /// Makes the first Super Admin, member of the first team, and signs them in at stage
    /// `enrolment`. Whether the instance is unclaimed is decided in the transaction that claims it.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the instance is claimed, [`Error::InvalidToken`],
    /// [`Error::WeakPassword`], [`Error::InvalidRequest`], [`Error::SignInsPaused`].
    pub async fn claim(
        &self,
        token: &SecretText,
        names: Names,
        password: SecretText,
        client: &Client,
    ) -> Result<Tokens, Error> {
        let token = SetUpToken::parse(token.expose());
        let set_up = self.core.store.read(|read| read.set_up())?;
        let set_up = set_up.unwrap_or_default();
        if set_up.claimed {
            return Err(Error::NotFound);
        }
        let token = token.ok_or(Error::InvalidToken)?;
        self.entry.admit_sign_in()?;
        if !set_up.accepts(token.secret.expose(), self.core.now()) {
            return Err(Error::InvalidToken);
        }
        self.entry.admit_link(Link::SetUp, 0, client)?;
        let personal = names.personal();
        let hash = self.entry.hash_new_password(password, personal).await?;
        let material = Arc::new(self.core.session_material()?);
        let job_material = Arc::clone(&material);
        let claimed = self.core.run(client, move |context, write| {
            let mut set_up = write.set_up()?.unwrap_or_default();
            if set_up.claimed {
                Err(Error::NotFound)?;
            }
            pause::require_none(write)?;
            if !set_up.accepts(token.secret.expose(), context.now) {
                Err(Error::InvalidToken)?;
            }
            let new = NewUser {
                names: names.clone(),
                roles: Roles::new(vec![Role::SuperAdmin]),
                must_enrol: true,
            };
            let user = new.add(context, write, Some(&hash))?;
            set_up.claimed = true;
            set_up.link = None;
            write.put_set_up(&set_up)?;
            ensure_support_team(write, Some(user.id), context.now.unix_seconds)?;
            let session = context.open_session(write, &user, false, &job_material)?;
            let event = context.event_in(session.id, Action::SetUpClaimed, user.id);
            context.audit(write, &event)?;
            Ok(Granted {
                user,
                session,
                has_factor: false,
            })
        });
        self.core.tokens_of(&claimed.await?, &material)
    }
}
