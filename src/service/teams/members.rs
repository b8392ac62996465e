//! Members of teams: who is in, with which role.

use super::Teams;
use super::team::{NOT_THIS_ROLE, describe};
use crate::domain::audit::Action;
use crate::domain::authority::{Standing, TeamAct, loses_last_owner};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{Membership, Team, TeamRole};
use crate::domain::user::User;
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::store::{StoreError, Write};

/// A member with the account.
pub struct Member {
    /// The account.
    pub user: User,
    /// Role and beginning.
    pub membership: Membership,
}

impl Teams {
    /// Members in the order of their ids, and whether there are more.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`].
    pub fn list_members(
        &self,
        requester: &Requester,
        team: TeamId,
        after: UserId,
        limit: usize,
    ) -> Result<(Vec<Member>, bool), Error> {
        self.show_team(requester, team)?;
        Ok(self.core.store.read(|read| {
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

    /// Makes an account a member of a team, by its id: an administrator's act, who knows the accounts
    /// anyway. Others invite an address, which tells them nothing.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], [`Error::UserNotFound`],
    /// [`Error::AlreadyExists`], [`Error::FreshCodeRequired`] for the support team.
    pub async fn add_member(
        &self,
        requester: &Requester,
        team: TeamId,
        user: UserId,
        role: TeamRole,
        client: &Client,
    ) -> Result<Member, Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            if !acting.standing(None).is_admin {
                let text =
                    "Only an Admin or Super Admin adds accounts: invite the address instead.";
                Err(Error::AccessDenied(text))?;
            }
            let (team, standing) = acting.enter(write, team)?;
            if !standing.may(TeamAct::Add(role), team.support) {
                Err(NOT_THIS_ROLE)?;
            }
            let found = write.user(user)?.filter(|user| !user.is_archived());
            let user = found.ok_or(Error::UserNotFound)?;
            if write.membership((user.id, team.id))?.is_some() {
                Err(Error::AlreadyExists(
                    "a member of this team with this address",
                ))?;
            }
            require_fresh_for(acting, write, &team)?;
            let membership = Membership {
                role,
                since: acting.context.now.unix_seconds,
            };
            write.put_member(user.id, team.id, &membership)?;
            settle_invitation(write, &user, &team, standing)?;
            let detail = format!("{} as {}", describe(&team), role.name());
            acting.log(write, Action::MemberAdded, Some(user.id), &detail)?;
            Ok(Member { user, membership })
        });
        act.await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::UserNotFound`], [`Error::AccessDenied`],
    /// [`Error::LastOwner`].
    pub async fn change_member(
        &self,
        requester: &Requester,
        team: TeamId,
        user: UserId,
        role: TeamRole,
        client: &Client,
    ) -> Result<Member, Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let (team, standing) = acting.enter(write, team)?;
            let found = (write.user(user)?, write.membership((user, team.id))?);
            let (Some(user), Some(mut membership)) = found else {
                return Err(Error::UserNotFound.into());
            };
            if !standing.may(TeamAct::Change(membership.role, role), team.support) {
                Err(NOT_THIS_ROLE)?;
            }
            let owners = write.active_owners(team.id)?;
            if loses_last_owner(membership.role, Some(role), user.id, &owners) {
                Err(Error::LastOwner)?;
            }
            if membership.role != role {
                require_fresh_for(acting, write, &team)?;
                membership.role = role;
                write.put_member(user.id, team.id, &membership)?;
                let detail = format!("{} as {}", describe(&team), role.name());
                acting.log(write, Action::MemberChanged, Some(user.id), &detail)?;
            }
            Ok(Member { user, membership })
        });
        act.await
    }

    /// Ends a membership; one's own is everybody's to end.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::UserNotFound`], [`Error::AccessDenied`],
    /// [`Error::LastOwner`].
    pub async fn remove_member(
        &self,
        requester: &Requester,
        team: TeamId,
        user: UserId,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let (team, standing) = acting.enter(write, team)?;
            let membership = write.membership((user, team.id))?;
            let membership = membership.ok_or(Error::UserNotFound)?;
            let act = if acting.is(user) {
                TeamAct::Leave
            } else {
                TeamAct::Remove(membership.role)
            };
            if !standing.may(act, team.support) {
                Err(NOT_THIS_ROLE)?;
            }
            let owners = write.active_owners(team.id)?;
            if loses_last_owner(membership.role, None, user, &owners) {
                Err(Error::LastOwner)?;
            }
            if !acting.is(user) {
                require_fresh_for(acting, write, &team)?;
                if let Some(user) = write.user(user)? {
                    settle_invitation(write, &user, &team, standing)?;
                }
            }
            write.remove_member(user, team.id)?;
            acting.log(write, Action::MemberRemoved, Some(user), &describe(&team))?;
            Ok(())
        });
        act.await
    }
}

/// Voids an invitation that would bring a person back whose membership was settled, if it was one to
/// withdraw.
fn settle_invitation(
    write: &mut Write<'_>,
    user: &User,
    team: &Team,
    standing: Standing,
) -> Result<(), StoreError> {
    if let Some(open) = write.invitation_to(&user.email, Some(team.id))?
        && let Some((_, role)) = open.team
        && standing.may(TeamAct::Add(role), team.support)
    {
        write.delete_invitation(&open)?;
    }
    Ok(())
}

/// Who is in the support team may act as others: its membership takes a fresh code.
fn require_fresh_for(acting: &mut Acting<'_>, write: &mut Write<'_>, team: &Team) -> Decision<()> {
    if team.support {
        acting.require_fresh(write, None)?;
    }
    Ok(())
}
