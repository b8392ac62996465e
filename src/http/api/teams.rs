//! `/teams`: teams and their members, for everybody as far as their role goes.

use super::{Answer, created, done, next_cursor, ok, page_of, time};
use crate::domain::id::{TeamId, UserId};
use crate::domain::team::TeamRole;
use crate::http::error::ApiError;
use crate::http::filters::{Call, Json, NoBody};
use crate::http::principal::Colleague;
use crate::http::routes::Endpoint;
use crate::service::Error;
use crate::service::members::Member;
use crate::service::teams::{NewTeam, TeamChange, TeamQuery, TeamSummary, parse_team_name};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use warp::http::Method;

/// The rows of this family.
pub fn endpoints() -> Vec<Endpoint> {
    const MEMBERS: &str = "/teams/{id}/members";
    const MEMBER: &str = "/teams/{id}/members/{userId}";
    vec![
        Endpoint::new(Method::GET, "/teams", list),
        Endpoint::new(Method::POST, "/teams", create),
        Endpoint::new(Method::GET, "/teams/{id}", show),
        Endpoint::new(Method::PATCH, "/teams/{id}", change),
        Endpoint::new(Method::DELETE, "/teams/{id}", delete),
        Endpoint::new(Method::GET, MEMBERS, members),
        Endpoint::new(Method::POST, MEMBERS, add_member),
        Endpoint::new(Method::PATCH, MEMBER, change_member),
        Endpoint::new(Method::DELETE, MEMBER, remove_member),
    ]
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Team {
    id: u64,
    name: String,
    support: bool,
    members: usize,
    created_at: Option<String>,
    role: Option<&'static str>,
}

impl From<TeamSummary> for Team {
    fn from(summary: TeamSummary) -> Self {
        Self {
            id: summary.team.id.0,
            name: summary.team.name,
            support: summary.team.support,
            members: summary.members,
            created_at: time(summary.team.created_at),
            role: summary.role.map(TeamRole::name),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Teams {
    teams: Vec<Team>,
    next_cursor: Option<String>,
}

async fn list(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Teams>, ApiError> {
    let (after, limit) = page_of(&call)?;
    let query = TeamQuery {
        search: call.query("search").filter(|search| !search.is_empty()),
        after,
        limit,
    };
    let (teams, more) = call.services.list_teams(caller.asking(), &query)?;
    let last = teams.last().map(|summary| summary.team.id.0);
    ok(Teams {
        teams: teams.into_iter().map(Team::from).collect(),
        next_cursor: next_cursor(last, more),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    name: String,
    #[serde(default)]
    support: bool,
    owner_id: Option<UserId>,
}

async fn create(
    call: Call,
    caller: Colleague,
    Json(body): Json<Create>,
) -> Result<Answer<Team>, ApiError> {
    let new = NewTeam {
        name: parse_team_name(&body.name)?,
        support: body.support,
        owner: body.owner_id,
    };
    let client = call.client();
    let manager = caller.manager.clone();
    let id = call.services.create_team(manager, new, &client).await?;
    created(call.services.show_team(caller.asking(), id)?.into())
}

fn team(call: &Call) -> Result<TeamId, ApiError> {
    Ok(TeamId(call.id(0).ok_or(Error::TeamNotFound)?))
}

fn member(call: &Call) -> Result<UserId, ApiError> {
    Ok(UserId(call.id(1).ok_or(Error::UserNotFound)?))
}

fn role(name: &str) -> Result<TeamRole, ApiError> {
    TeamRole::parse(name)
        .ok_or_else(|| ApiError::invalid_request("`role` must be `Owner`, `Manager` or `Viewer`."))
}

async fn show(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Team>, ApiError> {
    let summary = call.services.show_team(caller.asking(), team(&call)?)?;
    ok(summary.into())
}

#[derive(Deserialize)]
struct Change {
    name: Option<String>,
    support: Option<bool>,
}

async fn change(
    call: Call,
    caller: Colleague,
    Json(body): Json<Change>,
) -> Result<Answer<Team>, ApiError> {
    let id = team(&call)?;
    let change = TeamChange {
        name: body.name.as_deref().map(parse_team_name).transpose()?,
        support: body.support,
    };
    let client = call.client();
    let manager = caller.manager.clone();
    call.services
        .change_team(manager, id, change, &client)
        .await?;
    ok(call.services.show_team(caller.asking(), id)?.into())
}

async fn delete(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Value>, ApiError> {
    let id = team(&call)?;
    let client = call.client();
    call.services
        .delete_team(caller.manager, id, &client)
        .await?;
    done("Team deleted", "Its members keep their accounts.")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TeamMember {
    user_id: u64,
    email: String,
    first_name: String,
    last_name: String,
    role: &'static str,
    since: Option<String>,
    status: &'static str,
}

impl From<Member> for TeamMember {
    fn from(member: Member) -> Self {
        let Member { user, membership } = member;
        Self {
            user_id: user.id.0,
            email: user.email.as_str().to_owned(),
            role: membership.role.name(),
            since: time(membership.since),
            status: super::users::status(&user),
            first_name: user.first_name,
            last_name: user.last_name,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    members: Vec<TeamMember>,
    next_cursor: Option<String>,
}

async fn members(call: Call, caller: Colleague, _: NoBody) -> Result<Answer<Members>, ApiError> {
    let (after, limit) = page_of(&call)?;
    let (members, more) =
        call.services
            .list_members(caller.asking(), team(&call)?, UserId(after), limit)?;
    let last = members.last().map(|member| member.user.id.0);
    ok(Members {
        members: members.into_iter().map(TeamMember::from).collect(),
        next_cursor: next_cursor(last, more),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddMember {
    user_id: UserId,
    role: String,
}

async fn add_member(
    call: Call,
    caller: Colleague,
    Json(body): Json<AddMember>,
) -> Result<Answer<TeamMember>, ApiError> {
    let (id, role) = (team(&call)?, role(&body.role)?);
    let client = call.client();
    let added = call
        .services
        .add_member(caller.manager, id, body.user_id, role, &client)
        .await?;
    created(added.into())
}

#[derive(Deserialize)]
struct ChangeMember {
    role: String,
}

async fn change_member(
    call: Call,
    caller: Colleague,
    Json(body): Json<ChangeMember>,
) -> Result<Answer<TeamMember>, ApiError> {
    let (id, user, role) = (team(&call)?, member(&call)?, role(&body.role)?);
    let client = call.client();
    let changed = call
        .services
        .change_member(caller.manager, id, user, role, &client)
        .await?;
    ok(changed.into())
}

async fn remove_member(
    call: Call,
    caller: Colleague,
    _: NoBody,
) -> Result<Answer<Value>, ApiError> {
    let (id, user) = (team(&call)?, member(&call)?);
    let client = call.client();
    call.services
        .remove_member(caller.manager, id, user, &client)
        .await?;
    done("Removed from the team", "The account stays.")
}
