//! Teams: lists, names, the support mark, deletion.

use super::error::{Decision, granted};
use super::identify::Caller;
use super::manager::{Acting, Manager};
use super::{Client, Error, Services};
use crate::domain::audit::Action;
use crate::domain::authority::{Standing, TeamAct};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{MAX_NAME_CHARACTERS, Membership, Team, TeamRole};
use crate::domain::user::parse_name;
use crate::store::{Counter, Read, StoreError, Write};

/// A team with what a list shows of it.
pub struct TeamSummary {
    /// The team.
    pub team: Team,
    /// How many members it has, archived ones too.
    pub members: usize,
    /// The role of whoever asks, if a member.
    pub role: Option<TeamRole>,
}

/// Who asks for a list: the person at the machine, or somebody with a session.
#[derive(Clone, Copy)]
pub enum Asking<'a> {
    /// The person at the machine.
    Operator,
    /// Somebody with a session.
    Caller(&'a Caller),
}

impl Asking<'_> {
    /// What counts of them in a team where they have this role.
    pub(super) fn standing(self, role: Option<TeamRole>) -> Standing {
        match self {
            Self::Operator => Standing {
                is_admin: true,
                is_super_admin: true,
                role: None,
                is_impersonated: false,
            },
            Self::Caller(caller) => Standing::of(&caller.user, role, caller.impersonator.is_some()),
        }
    }

    pub(super) fn role_in(self, read: &Read, team: TeamId) -> Result<Option<TeamRole>, StoreError> {
        match self {
            Self::Operator => Ok(None),
            Self::Caller(caller) => {
                let membership = read.membership((caller.user.id, team))?;
                Ok(membership.map(|membership| membership.role))
            }
        }
    }
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
            "`name` must be 1 to {MAX_NAME_CHARACTERS} characters without control characters."
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
    /// Its first Owner; whoever makes it, if nobody is named.
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

impl Services {
    /// Teams in the order of their ids, and whether there are more: all for whoever manages teams,
    /// else their own.
    ///
    /// # Errors
    /// If the store fails.
    pub fn list_teams(
        &self,
        asking: Asking<'_>,
        query: &TeamQuery,
    ) -> Result<(Vec<TeamSummary>, bool), Error> {
        let search = query.search.as_deref().map(str::to_lowercase);
        let sees_all = asking.standing(None).is_admin;
        Ok(self.store.read(|read| {
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
                found.push(summary(read, asking, team)?);
                Ok(false)
            };
            let mut more = false;
            match asking {
                Asking::Caller(caller) if !sees_all => {
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
    pub fn show_team(&self, asking: Asking<'_>, id: TeamId) -> Result<TeamSummary, Error> {
        let found = self.store.read(|read| match read.team(id)? {
            Some(team) => summary(read, asking, team).map(Some),
            None => Ok(None),
        })?;
        let summary = found.ok_or(Error::TeamNotFound)?;
        let standing = asking.standing(summary.role);
        if standing.may(TeamAct::See, summary.team.support) {
            Ok(summary)
        } else {
            Err(NOT_A_MEMBER)
        }
    }

    /// Makes a team. Its first Owner is whoever makes it, unless somebody else is named.
    ///
    /// # Errors
    /// [`Error::AccessDenied`], [`Error::AlreadyExists`], [`Error::UserNotFound`].
    pub async fn create_team(
        &self,
        manager: Manager,
        new: NewTeam,
        client: &Client,
    ) -> Result<TeamId, Error> {
        self.act(manager, client, move |acting, write| {
            if !acting.standing(None).is_admin {
                let text = "Only an Admin or Super Admin may make teams.";
                return Ok(Err(Error::AccessDenied(text)));
            }
            if write.team_id_by_name(&new.name)?.is_some() {
                return Ok(Err(Error::AlreadyExists("team name")));
            }
            if new.support
                && let Err(error) = acting.require_super_admin()
            {
                return Ok(Err(error));
            }
            let maker = acting.person.as_ref().map(|current| current.user.id);
            let owner = new.owner.or(maker);
            if let Some(owner) = owner
                && write.user(owner)?.is_none_or(|user| user.is_archived())
            {
                return Ok(Err(Error::UserNotFound));
            }
            let team = Team {
                id: TeamId(write.next_id(Counter::Team)?),
                name: new.name.clone(),
                support: false,
                created_at: acting.now.unix_seconds,
            };
            write.add_team(&team)?;
            acting.log(write, Action::TeamCreated, None, &describe(&team))?;
            if new.support {
                mark(acting, write, &team)?;
            }
            if let Some(owner) = owner {
                first_owner(acting, write, &team, owner)?;
            }
            Ok(Ok(team.id))
        })
        .await
    }

    /// Changes a team's name, or gives it the support mark, which the team before loses.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], [`Error::AlreadyExists`].
    pub async fn change_team(
        &self,
        manager: Manager,
        id: TeamId,
        change: TeamChange,
        client: &Client,
    ) -> Result<(), Error> {
        self.act(manager, client, move |acting, write| {
            let (mut team, standing) = granted!(acting.enter(write, id));
            granted!(may_change(acting, write, &team, standing, &change));
            if let Some(name) = change.name.clone().filter(|name| *name != team.name) {
                write.rename_team(&mut team, name)?;
                acting.log(write, Action::TeamChanged, None, &describe(&team))?;
            }
            if change.support == Some(true) {
                mark(acting, write, &team)?;
            }
            Ok(Ok(()))
        })
        .await
    }

    /// Deletes a team and its memberships; the accounts stay.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`], [`Error::AccessDenied`], also for the support team.
    pub async fn delete_team(
        &self,
        manager: Manager,
        id: TeamId,
        client: &Client,
    ) -> Result<(), Error> {
        self.act(manager, client, move |acting, write| {
            let (team, standing) = granted!(acting.enter(write, id));
            if !standing.may(TeamAct::Delete, team.support) {
                return Ok(Err(NOT_THIS_ROLE));
            }
            if team.support {
                let text = "The support team stays: give its mark to another team first.";
                return Ok(Err(Error::AccessDenied(text)));
            }
            for invitation in write.invitations()? {
                if invitation.team.is_some_and(|(team, _)| team == id) {
                    write.delete_invitation(&invitation)?;
                }
            }
            let members = write.delete_team(&team)?;
            let detail = format!("{}, members: {members}", describe(&team));
            acting.log(write, Action::TeamDeleted, None, &detail)?;
            Ok(Ok(()))
        })
        .await
    }
}

/// The refusal of somebody who is not in the team.
const NOT_A_MEMBER: Error =
    Error::AccessDenied("Only members of this team and administrators may do this.");
/// The refusal of somebody whose role is too small.
pub(super) const NOT_THIS_ROLE: Error =
    Error::AccessDenied("Your role in this team does not allow it.");

/// A team in the audit log's words.
pub(super) fn describe(team: &Team) -> String {
    format!("team {} \u{201c}{}\u{201d}", team.id, team.name)
}

fn summary(read: &Read, asking: Asking<'_>, team: Team) -> Result<TeamSummary, StoreError> {
    Ok(TeamSummary {
        members: read.count_members(team.id)?,
        role: asking.role_in(read, team.id)?,
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
            return Ok(Err(NOT_THIS_ROLE));
        }
        let holder = write.team_id_by_name(name)?;
        if holder.is_some_and(|holder| holder != team.id) {
            return Ok(Err(Error::AlreadyExists("team name")));
        }
    }
    Ok(match change.support {
        Some(true) => acting.require_super_admin(),
        Some(false) if team.support => {
            let text = "One team bears the support mark: give it to another team.";
            Err(Error::AccessDenied(text))
        }
        _ => Ok(()),
    })
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
        since: acting.now.unix_seconds,
    };
    write.put_member(owner, team.id, &membership)?;
    let detail = format!("{} as Owner", describe(team));
    acting.log(write, Action::MemberAdded, Some(owner), &detail)
}

impl Acting<'_> {
    /// A team as whoever acts finds it, with what counts of them there.
    pub(super) fn enter(&self, write: &Write<'_>, id: TeamId) -> Decision<(Team, Standing)> {
        let Some(team) = write.team(id)? else {
            return Ok(Err(Error::TeamNotFound));
        };
        let membership = match &self.person {
            Some(current) => write.membership((current.user.id, id))?,
            None => None,
        };
        let standing = self.standing(membership.map(|membership| membership.role));
        if standing.may(TeamAct::See, team.support) {
            Ok(Ok((team, standing)))
        } else {
            Ok(Err(NOT_A_MEMBER))
        }
    }
}
