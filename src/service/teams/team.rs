//! Teams: lists, names, the support mark, deletion.

use super::Teams;
use crate::domain::audit::Action;
use crate::domain::authority::{Standing, TeamAct};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{MAX_NAME_CHARACTERS, Membership, Team, TeamRole};
use crate::domain::user::parse_name;
use crate::service::core::acting::{Acting, Requester};
use crate::service::core::context::Client;
use crate::service::core::error::{Decision, Error};
use crate::store::{Counter, Read, StoreError, Write};

/// A team with what a list shows of it.
pub struct TeamSummary {
    /// The team.
    pub team: Team,
    /// How many members it has, archived ones too.
    pub members: usize,
    /// The role of the requester, if a member.
    pub role: Option<TeamRole>,
}

/// Which teams a list shows.
#[derive(Clone, Debug, Default)]
pub struct TeamQuery {
    /// Part of the name, in any case.
    pub search: Option<String>,
    /// Ids after this one.
    pub after: u64,
    /// Most teams.
    pub limit: usize,
}

/// A team's new name, parsed.
///
/// # Errors
/// [`Error::InvalidRequest`].
pub fn parse_team_name(name: &str) -> Result<String, Error> {
    parse_name(name).ok_or_else(|| {
        Error::InvalidRequest(format!(
            "`name` must be 1 to {MAX_NAME_CHARACTERS} characters without invisible characters."
        ))
    })
}

/// A team that is to be made.
#[derive(Clone)]
pub struct NewTeam {
    /// Its name.
    pub name: String,
    /// Whether it takes the support mark over.
    pub support: bool,
    /// Its first Owner; its maker, if nobody is named.
    pub owner: Option<UserId>,
}

/// What is to change in a team; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct TeamChange {
    /// The name.
    pub name: Option<String>,
    /// `true` takes the support mark over.
    pub support: Option<bool>,
}

impl Teams {
    /// Teams in the order of their ids, and whether there are more: all for those who manage teams,
    /// else their own.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list_teams(
        &self,
        requester: &Requester,
        query: &TeamQuery,
    ) -> Result<(Vec<TeamSummary>, bool), Error> {
        let search = query.search.as_deref().map(str::to_lowercase);
        let sees_all = requester.standing(None).is_admin;
        Ok(self.core.store.read(|read| {
            let mut found = Vec::new();
            let mut take = |team: Team| -> Result<bool, StoreError> {
                let name = team.name.to_lowercase();
                if search
                    .as_deref()
                    .is_some_and(|search| !name.contains(search))
                {
                    return Ok(false);
                }
                if found.len() == query.limit {
                    return Ok(true);
                }
                found.push(summary(read, requester, team)?);
                Ok(false)
            };
            let mut more = false;
            match requester {
                Requester::Caller(caller) if !sees_all => {
                    for (team, _) in read.teams_of(caller.user.id)? {
                        more |= team.id.0 > query.after && take(team)?;
                    }
                }
                _ => {
                    for team in read.teams_after(TeamId(query.after))? {
                        if take(team?)? {
                            more = true;
                            break;
                        }
                    }
                }
            }
            Ok((found, more))
        })?)
    }

    /// One team.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`].
    pub fn show_team(&self, requester: &Requester, id: TeamId) -> Result<TeamSummary, Error> {
        let found = self.core.store.read(|read| match read.team(id)? {
            Some(team) => summary(read, requester, team).map(Some),
            None => Ok(None),
        })?;
        let summary = found.ok_or(Error::TeamNotFound)?;
        let standing = requester.standing(summary.role);
        if standing.may(TeamAct::See, summary.team.support) {
            Ok(summary)
        } else {
            Err(NOT_A_MEMBER)
        }
    }

    /// Makes a team. Its first Owner is its maker, unless another person is named.
    ///
    /// # Errors
    /// [`Error::AccessDenied`], [`Error::AlreadyExists`], [`Error::UserNotFound`],
    /// [`Error::FreshCodeRequired`] for the support mark.
    pub async fn create_team(
        &self,
        requester: &Requester,
        new: NewTeam,
        client: &Client,
    ) -> Result<TeamId, Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            if !acting.standing(None).is_admin {
                let text = "Only an Admin or Super Admin may make teams.";
                Err(Error::AccessDenied(text))?;
            }
            if write.team_id_by_name(&new.name)?.is_some() {
                Err(Error::AlreadyExists("a team with this name"))?;
            }
            if new.support {
                acting.require_super_admin()?;
            }
            let maker = acting.person.as_ref().map(|state| state.user.id);
            let owner = new.owner.or(maker);
            if let Some(owner) = owner
                && write.user(owner)?.is_none_or(|user| user.is_archived())
            {
                Err(Error::UserNotFound)?;
            }
            if new.support {
                acting.require_fresh(write, None)?;
            }
            let team = Team {
                id: TeamId(write.next_id(Counter::Team)?),
                name: new.name.clone(),
                support: false,
                created_at: acting.context.now.unix_seconds,
            };
            write.add_team(&team)?;
            acting.log(write, Action::TeamCreated, None, &describe(&team))?;
            if new.support {
                mark(acting, write, &team)?;
            }
            if let Some(owner) = owner {
                first_owner(acting, write, &team, owner)?;
            }
            Ok(team.id)
        });
        act.await
    }

    /// Changes a team's name, or gives it the support mark, which the team before loses.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], [`Error::AlreadyExists`],
    /// [`Error::FreshCodeRequired`] for the support mark.
    pub async fn change_team(
        &self,
        requester: &Requester,
        id: TeamId,
        change: TeamChange,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let (mut team, standing) = acting.enter(write, id)?;
            may_change(acting, write, &team, standing, &change)?;
            if change.support == Some(true) && !team.support {
                acting.require_fresh(write, None)?;
            }
            if let Some(name) = change.name.clone().filter(|name| *name != team.name) {
                write.rename_team(&mut team, name)?;
                acting.log(write, Action::TeamChanged, None, &describe(&team))?;
            }
            if change.support == Some(true) {
                mark(acting, write, &team)?;
            }
            Ok(())
        });
        act.await
    }

    /// Deletes a team and its memberships; the accounts stay.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], also for the support team.
    pub async fn delete_team(
        &self,
        requester: &Requester,
        id: TeamId,
        client: &Client,
    ) -> Result<(), Error> {
        let act = self.core.act(requester, client, move |acting, write| {
            let (team, standing) = acting.enter(write, id)?;
            if !standing.may(TeamAct::Delete, team.support) {
                Err(NOT_THIS_ROLE)?;
            }
            if team.support {
                let text = "The support team stays: give its mark to another team first.";
                Err(Error::AccessDenied(text))?;
            }
            for invitation in write.invitations()? {
                if invitation.team.is_some_and(|(team, _)| team == id) {
                    write.delete_invitation(&invitation)?;
                }
            }
            let members = write.delete_team(&team)?;
            let detail = format!("{}, members: {members}", describe(&team));
            acting.log(write, Action::TeamDeleted, None, &detail)?;
            Ok(())
        });
        act.await
    }
}

/// The refusal of a caller who is not in the team.
const NOT_A_MEMBER: Error =
    Error::AccessDenied("Only members of this team and administrators may do this.");
/// The refusal of a member whose role does not allow it.
pub(in crate::service) const NOT_THIS_ROLE: Error =
    Error::AccessDenied("Your role in this team does not allow it.");

/// A team in the words of the audit log.
pub(super) fn describe(team: &Team) -> String {
    format!("team {} \u{201c}{}\u{201d}", team.id, team.name)
}

fn summary(read: &Read, requester: &Requester, team: Team) -> Result<TeamSummary, StoreError> {
    Ok(TeamSummary {
        members: read.count_members(team.id)?,
        role: requester.role_in(read, team.id)?,
        team,
    })
}

/// Whether all of a change is allowed; nothing is written here.
fn may_change(
    acting: &Acting<'_>,
    write: &Write<'_>,
    team: &Team,
    standing: Standing,
    change: &TeamChange,
) -> Decision<()> {
    if let Some(name) = &change.name {
        if !standing.may(TeamAct::Rename, team.support) {
            Err(NOT_THIS_ROLE)?;
        }
        let holder = write.team_id_by_name(name)?;
        if holder.is_some_and(|holder| holder != team.id) {
            Err(Error::AlreadyExists("a team with this name"))?;
        }
    }
    match change.support {
        Some(true) => acting.require_super_admin()?,
        Some(false) if team.support => {
            let text = "One team bears the support mark: give it to another team.";
            Err(Error::AccessDenied(text))?;
        }
        _ => {}
    }
    Ok(())
}

fn mark(acting: &Acting<'_>, write: &mut Write<'_>, team: &Team) -> Result<(), StoreError> {
    if !team.support {
        write.mark_support_team(team.id)?;
        let detail = format!("{} is the support team", describe(team));
        acting.log(write, Action::TeamChanged, None, &detail)?;
    }
    Ok(())
}

fn first_owner(
    acting: &Acting<'_>,
    write: &mut Write<'_>,
    team: &Team,
    owner: UserId,
) -> Result<(), StoreError> {
    let membership = Membership {
        role: TeamRole::Owner,
        since: acting.context.now.unix_seconds,
    };
    write.put_member(owner, team.id, &membership)?;
    let detail = format!("{} as Owner", describe(team));
    acting.log(write, Action::MemberAdded, Some(owner), &detail)
}

impl Acting<'_> {
    /// A team as the requester finds it, with what they count for there.
    pub(in crate::service) fn enter(
        &self,
        write: &Write<'_>,
        id: TeamId,
    ) -> Decision<(Team, Standing)> {
        let team = write.team(id)?.ok_or(Error::TeamNotFound)?;
        let membership = match &self.person {
            Some(state) => write.membership((state.user.id, id))?,
            None => None,
        };
        let standing = self.standing(membership.map(|membership| membership.role));
        if !standing.may(TeamAct::See, team.support) {
            Err(NOT_A_MEMBER)?;
        }
        Ok((team, standing))
    }
}
