//! `/teams`: teams and their members. What a caller may do depends on roles, global and in the team.

use super::{Answer, CURSOR, Created, LIMIT, created, done, next_cursor, ok, page_of};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::TeamRole;
use crate::http::endpoint::Endpoint;
use crate::http::endpoint::body::{Json, NoBody};
use crate::http::endpoint::call::Call;
use crate::http::endpoint::parameter::Parameter;
use crate::http::endpoint::principal::{Admin, TeamRequester};
use crate::http::error::{
    ACCESS_DENIED, ALREADY_EXISTS, ApiError, FRESH_CODE_REQUIRED, LAST_OWNER, Refusal,
    TEAM_NOT_FOUND, TWO_FACTOR_NOT_ENABLED, USER_NOT_FOUND,
};
use crate::service::Error;
use crate::service::teams::members::Member;
use crate::service::teams::team::{NewTeam, TeamChange, TeamQuery, TeamSummary, parse_team_name};
use crate::wire::teams::{
    MemberChange, Members, NewMember, NewTeamBody, Team, TeamChangeBody, TeamMember, Teams,
};
use crate::wire::{Done, Time, paths};
use warp::http::Method;

const SEARCH: Parameter = Parameter::text(paths::SEARCH, "Part of a name.");

/// What every call to one team may be refused for.
const OF_A_TEAM: &[&Refusal] = &[TEAM_NOT_FOUND, ACCESS_DENIED];

/// What is refused of the support team and its mark without a fresh code.
pub(super) const OF_THE_SUPPORT_TEAM: &[&Refusal] = &[TWO_FACTOR_NOT_ENABLED, FRESH_CODE_REQUIRED];

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, paths::TEAMS, list)
            .summary("Lists the caller's teams; all teams for administrators.")
            .query(&[SEARCH, CURSOR, LIMIT]),
        Endpoint::new(Method::POST, paths::TEAMS, create)
            .summary("Makes a team, with a first Owner.")
            .refuses(&[ACCESS_DENIED, ALREADY_EXISTS, USER_NOT_FOUND])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::GET, paths::TEAM, show)
            .summary("Shows a team.")
            .refuses(OF_A_TEAM),
        Endpoint::new(Method::PATCH, paths::TEAM, change)
            .summary("Gives a team another name, or the support mark.")
            .refuses(OF_A_TEAM)
            .refuses(&[ALREADY_EXISTS])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::DELETE, paths::TEAM, delete)
            .summary("Deletes a team; its members keep their accounts.")
            .refuses(OF_A_TEAM),
        Endpoint::new(Method::GET, paths::MEMBERS, members)
            .summary("Lists the members of a team.")
            .query(&[CURSOR, LIMIT])
            .refuses(OF_A_TEAM),
        Endpoint::new(Method::POST, paths::MEMBERS, add_member)
            .summary("Makes an account a member of a team, by its id; for administrators.")
            .refuses(OF_A_TEAM)
            .refuses(&[USER_NOT_FOUND, ALREADY_EXISTS])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::PATCH, paths::MEMBER, change_member)
            .summary("Gives a member another role.")
            .refuses(OF_A_TEAM)
            .refuses(&[USER_NOT_FOUND, LAST_OWNER])
            .refuses(OF_THE_SUPPORT_TEAM),
        Endpoint::new(Method::DELETE, paths::MEMBER, remove_member)
            .summary("Ends a membership; everybody may end their own.")
            .refuses(OF_A_TEAM)
            .refuses(&[USER_NOT_FOUND, LAST_OWNER])
            .refuses(OF_THE_SUPPORT_TEAM),
    ]
}

impl From<TeamSummary> for Team {
    fn from(summary: TeamSummary) -> Self {
        Self {
            id: summary.team.id,
            name: summary.team.name,
            support: summary.team.support,
            members: summary.members,
            created_at: Time::of(summary.team.created_at),
            role: summary.role.map(|role| role.name().into()),
        }
    }
}

async fn list(call: Call, caller: TeamRequester, _: NoBody) -> Result<Answer<Teams>, ApiError> {
    let (after, limit) = page_of(&call)?;
    let query = TeamQuery {
        search: call.query(SEARCH).filter(|search| !search.is_empty()),
        after,
        limit,
    };
    let (teams, more) = call.services.teams.list_teams(caller.requester(), &query)?;
    let last = teams.last().map(|summary| summary.team.id.0);
    ok(Teams {
        teams: teams.into_iter().map(Team::from).collect(),
        next_cursor: next_cursor(last, more),
    })
}

async fn create(
    call: Call,
    caller: TeamRequester,
    Json(body): Json<NewTeamBody>,
) -> Result<Created<Team>, ApiError> {
    let new = NewTeam {
        name: parse_team_name(&body.name)?,
        support: body.support,
        owner: body.owner_id,
    };
    let client = call.client();
    let id = call
        .services
        .teams
        .create_team(caller.requester(), new, &client)
        .await?;
    created(
        call.services
            .teams
            .show_team(caller.requester(), id)?
            .into(),
    )
}

fn team(call: &Call) -> Result<TeamId, ApiError> {
    Ok(TeamId(call.id(0).ok_or(Error::TeamNotFound)?))
}

fn member(call: &Call) -> Result<UserId, ApiError> {
    Ok(UserId(call.id(1).ok_or(Error::UserNotFound)?))
}

/// A role in a team, by its name.
pub(super) fn role(name: &str) -> Result<TeamRole, ApiError> {
    TeamRole::parse(name)
        .ok_or_else(|| ApiError::invalid_request("`role` must be `Owner`, `Manager` or `Viewer`."))
}

async fn show(call: Call, caller: TeamRequester, _: NoBody) -> Result<Answer<Team>, ApiError> {
    let summary = call
        .services
        .teams
        .show_team(caller.requester(), team(&call)?)?;
    ok(summary.into())
}

async fn change(
    call: Call,
    caller: TeamRequester,
    Json(body): Json<TeamChangeBody>,
) -> Result<Answer<Team>, ApiError> {
    let id = team(&call)?;
    let change = TeamChange {
        name: body.name.as_deref().map(parse_team_name).transpose()?,
        support: body.support,
    };
    let client = call.client();
    call.services
        .teams
        .change_team(caller.requester(), id, change, &client)
        .await?;
    ok(call
        .services
        .teams
        .show_team(caller.requester(), id)?
        .into())
}

async fn delete(call: Call, caller: TeamRequester, _: NoBody) -> Result<Answer<Done>, ApiError> {
    let id = team(&call)?;
    let client = call.client();
    call.services
        .teams
        .delete_team(caller.requester(), id, &client)
        .await?;
    done("Team deleted", "Its members keep their accounts.")
}

impl From<Member> for TeamMember {
    fn from(member: Member) -> Self {
        let Member { user, membership } = member;
        Self {
            user_id: user.id,
            email: user.email.as_str().to_owned(),
            role: membership.role.name().into(),
            since: Time::of(membership.since),
            status: super::users::status(&user).into(),
            first_name: user.first_name,
            last_name: user.last_name,
        }
    }
}

async fn members(
    call: Call,
    caller: TeamRequester,
    _: NoBody,
) -> Result<Answer<Members>, ApiError> {
    let (after, limit) = page_of(&call)?;
    let (members, more) =
        call.services
            .teams
            .list_members(caller.requester(), team(&call)?, UserId(after), limit)?;
    let last = members.last().map(|member| member.user.id.0);
    ok(Members {
        members: members.into_iter().map(TeamMember::from).collect(),
        next_cursor: next_cursor(last, more),
    })
}

async fn add_member(
    call: Call,
    caller: Admin,
    Json(body): Json<NewMember>,
) -> Result<Created<TeamMember>, ApiError> {
    let (id, role) = (team(&call)?, role(&body.role)?);
    let client = call.client();
    let added = call
        .services
        .teams
        .add_member(caller.requester(), id, body.user_id, role, &client)
        .await?;
    created(added.into())
}

async fn change_member(
    call: Call,
    caller: TeamRequester,
    Json(body): Json<MemberChange>,
) -> Result<Answer<TeamMember>, ApiError> {
    let (id, user, role) = (team(&call)?, member(&call)?, role(&body.role)?);
    let client = call.client();
    let changed = call
        .services
        .teams
        .change_member(caller.requester(), id, user, role, &client)
        .await?;
    ok(changed.into())
}

async fn remove_member(
    call: Call,
    caller: TeamRequester,
    _: NoBody,
) -> Result<Answer<Done>, ApiError> {
    let (id, user) = (team(&call)?, member(&call)?);
    let client = call.client();
    call.services
        .teams
        .remove_member(caller.requester(), id, user, &client)
        .await?;
    done("Removed from the team", "The account stays.")
}
