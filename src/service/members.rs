//! Members of teams: who is in, with which role.

use super::error::granted;
use super::manager::Manager;
use super::teams::{Asking, NOT_THIS_ROLE, describe};
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::authority::{TeamAct, loses_last_owner};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{Membership, TeamRole};
use crate::domain::user::User;

/// A member with the account.
pub struct Member {
    /// The account.
    pub user: User,
    /// Role and beginning.
    pub membership: Membership,
}

impl Services {
    /// Members in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`].
    pub fn list_members(
        &self,
        asking: Asking<'_>,
        team: TeamId,
        after: UserId,
        limit: usize,
    ) -> Result<(Vec<Member>, bool), Error> {
        self.show_team(asking, team)?;
        Ok(self.store.read(|read| {
            let mut ids = read.members_after(team, after, limit.saturating_add(1))?;
            let more = ids.len() > limit;
            ids.truncate(limit);
            let mut members = Vec::new();
            for id in ids {
                if let (Some(user), Some(membership)) =
                    (read.user(id)?, read.membership((id, team))?)
                {
                    members.push(Member { user, membership });
                }
            }
            Ok((members, more))
        })?)
    }

    /// Makes an account a member of a team.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], [`Error::UserNotFound`],
    /// [`Error::AlreadyExists`].
    pub async fn add_member(
        &self,
        manager: Manager,
        team: TeamId,
        user: UserId,
        role: TeamRole,
        client: &Client,
    ) -> Result<Member, Error> {
        self.act(manager, client, move |acting, write| {
            let (team, standing) = granted!(acting.enter(write, team));
            if !standing.may(TeamAct::Add(role), team.support) {
                return Ok(Err(NOT_THIS_ROLE));
            }
            let found = write.user(user)?.filter(|user| !user.is_archived());
            let Some(user) = found else {
                return Ok(Err(Error::UserNotFound));
            };
            if write.membership((user.id, team.id))?.is_some() {
                return Ok(Err(Error::AlreadyExists("member")));
            }
            let membership = Membership {
                role,
                since: acting.now.unix_seconds,
            };
            write.put_member(user.id, team.id, &membership)?;
            let detail = format!("{} as {}", describe(&team), role.name());
            acting.log(write, Action::MemberAdded, Some(user.id), &detail)?;
            Ok(Ok(Member { user, membership }))
        })
        .await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::UserNotFound`], [`Error::AccessDenied`],
    /// [`Error::LastOwner`].
    pub async fn change_member(
        &self,
        manager: Manager,
        team: TeamId,
        user: UserId,
        role: TeamRole,
        client: &Client,
    ) -> Result<Member, Error> {
        self.act(manager, client, move |acting, write| {
            let (team, standing) = granted!(acting.enter(write, team));
            let found = (write.user(user)?, write.membership((user, team.id))?);
            let (Some(user), Some(mut membership)) = found else {
                return Ok(Err(Error::UserNotFound));
            };
            if !standing.may(TeamAct::Change(membership.role, role), team.support) {
                return Ok(Err(NOT_THIS_ROLE));
            }
            let owners = write.active_owners(team.id)?;
            if loses_last_owner(membership.role, Some(role), user.id, &owners) {
                return Ok(Err(Error::LastOwner));
            }
            if membership.role != role {
                membership.role = role;
                write.put_member(user.id, team.id, &membership)?;
                let detail = format!("{} as {}", describe(&team), role.name());
                acting.log(write, Action::MemberChanged, Some(user.id), &detail)?;
            }
            Ok(Ok(Member { user, membership }))
        })
        .await
    }

    /// Ends a membership; one's own is everybody's to end.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::UserNotFound`], [`Error::AccessDenied`],
    /// [`Error::LastOwner`].
    pub async fn remove_member(
        &self,
        manager: Manager,
        team: TeamId,
        user: UserId,
        client: &Client,
    ) -> Result<(), Error> {
        self.act(manager, client, move |acting, write| {
            let (team, standing) = granted!(acting.enter(write, team));
            let Some(membership) = write.membership((user, team.id))? else {
                return Ok(Err(Error::UserNotFound));
            };
            let act = if acting.is(user) {
                TeamAct::Leave
            } else {
                TeamAct::Remove(membership.role)
            };
            if !standing.may(act, team.support) {
                return Ok(Err(NOT_THIS_ROLE));
            }
            let owners = write.active_owners(team.id)?;
            if loses_last_owner(membership.role, None, user, &owners) {
                return Ok(Err(Error::LastOwner));
            }
            write.remove_member(user, team.id)?;
            acting.log(write, Action::MemberRemoved, Some(user), &describe(&team))?;
            Ok(Ok(()))
        })
        .await
    }
}
