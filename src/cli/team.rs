//! `vestibule team`: teams and their members.

use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output::{self, Report};
use super::{dispatch, find};
use crate::client::Client;
use crate::wire::teams::{
    self as wire, MemberChange, NewMember, NewTeamBody, TeamChangeBody, TeamMember,
};
use serde_json::json;

/// Teams. TEAM is a name or an id, USER an e-mail address or an id.
#[derive(clap::Subcommand)]
pub(super) enum Team {
    /// Add a team.
    Add {
        /// The name.
        name: String,
        /// Give it the support mark, which the team before loses.
        #[arg(long)]
        support: bool,
        /// Its first Owner.
        #[arg(long, value_name = "USER")]
        owner: Option<String>,
    },
    /// List the teams.
    List,
    /// Give a team another name.
    Rename {
        /// Name or id.
        team: String,
        /// The new name.
        name: String,
    },
    /// Give a team the support mark: its administrators may act as others. The team before loses it.
    MarkSupport {
        /// Name or id.
        team: String,
    },
    /// Delete a team; its members keep their accounts.
    Delete {
        /// Name or id.
        team: String,
    },
    /// Members of a team.
    #[command(subcommand)]
    Member(Member),
}

/// Members of a team.
#[derive(clap::Subcommand)]
pub(super) enum Member {
    /// List the members.
    List {
        /// Name or id.
        team: String,
    },
    /// Make an account a member.
    Add {
        /// Name or id.
        team: String,
        /// E-mail address or id.
        user: String,
        /// The role in the team.
        #[arg(long, default_value = "viewer", value_parser = ROLES)]
        role: String,
    },
    /// Give a member another role.
    SetRole {
        /// Name or id.
        team: String,
        /// E-mail address or id.
        user: String,
        /// The role in the team.
        #[arg(value_parser = ROLES)]
        role: String,
    },
    /// End a membership; the account stays.
    Remove {
        /// Name or id.
        team: String,
        /// E-mail address or id.
        user: String,
    },
}

const ROLES: [&str; 3] = ["owner", "manager", "viewer"];

pub(super) async fn run(global: &Global, command: Team) -> Outcome {
    let report = dispatch::ask(global, async |client| act(client, command).await);
    report.await?.print(global);
    Ok(())
}

async fn act(client: &Client, command: Team) -> Result<Report, Failure> {
    Ok(match command {
        Team::List => teams(&client.teams("").await?),
        Team::Member(command) => act_on_member(client, command).await?,
        Team::Add {
            name,
            support,
            owner,
        } => {
            let owner_id = match owner {
                Some(owner) => Some(find::user(client, &owner).await?.id),
                None => None,
            };
            let new = NewTeamBody {
                name,
                support,
                owner_id,
            };
            let made = client.create_team(&new).await?;
            let text = format!("Team {} added, with the id {}.", new.name.trim(), made.id);
            Report::new(&made, text)
        }
        Team::Rename { team, name } => {
            let text = format!("Team {team} is now {}.", name.trim());
            let change = TeamChangeBody {
                name: Some(name),
                ..TeamChangeBody::default()
            };
            let id = find::team(client, &team).await?.id;
            Report::new(&client.change_team(id, &change).await?, text)
        }
        Team::MarkSupport { team } => {
            let change = TeamChangeBody {
                support: Some(true),
                ..TeamChangeBody::default()
            };
            let id = find::team(client, &team).await?.id;
            let changed = client.change_team(id, &change).await?;
            Report::new(&changed, format!("Team {team} is the support team."))
        }
        Team::Delete { team } => {
            let done = client.delete_team(find::team(client, &team).await?.id);
            let text = format!("Team {team} deleted. Its members keep their accounts.");
            Report::new(&done.await?, text)
        }
    })
}

async fn act_on_member(client: &Client, command: Member) -> Result<Report, Failure> {
    let (team, user, act) = match command {
        Member::List { team } => {
            let id = find::team(client, &team).await?.id;
            return Ok(members(&client.members(id).await?));
        }
        Member::Add { team, user, role } => (team, user, MemberAct::Add(role)),
        Member::SetRole { team, user, role } => (team, user, MemberAct::SetRole(role)),
        Member::Remove { team, user } => (team, user, MemberAct::Remove),
    };
    let team_id = find::team(client, &team).await?.id;
    let user_id = find::user(client, &user).await?.id;
    Ok(match act {
        MemberAct::Add(role) => {
            let text = format!("{user} is a member of {team} as {role}.");
            let new = NewMember { user_id, role };
            Report::new(&client.add_member(team_id, &new).await?, text)
        }
        MemberAct::SetRole(role) => {
            let text = format!("{user} is a member of {team} as {role}.");
            let change = MemberChange { role };
            let changed = client.change_member(team_id, user_id, &change).await?;
            Report::new(&changed, text)
        }
        MemberAct::Remove => {
            let text = format!("{user} is no member of {team} any more.");
            Report::new(&client.remove_member(team_id, user_id).await?, text)
        }
    })
}

/// What is done to one member.
enum MemberAct {
    Add(String),
    SetRole(String),
    Remove,
}

fn teams(teams: &[wire::Team]) -> Report {
    let rows = teams.iter().map(|team| {
        vec![
            team.id.to_string(),
            team.name.clone(),
            team.members.to_string(),
            output::yes_or_no(team.support),
            output::or_dash(team.created_at.as_ref()),
        ]
    });
    let head = ["ID", "NAME", "MEMBERS", "SUPPORT", "CREATED"];
    let empty = "There are no teams yet: `vestibule team add NAME` makes one.";
    let text = output::table(&head, rows, empty);
    Report::new(&json!({ "teams": teams }), text)
}

fn members(members: &[TeamMember]) -> Report {
    let rows = members.iter().map(|member| {
        vec![
            member.user_id.to_string(),
            member.email.clone(),
            member.role.to_string(),
            output::or_dash(member.since.as_ref()),
            member.status.to_string(),
        ]
    });
    let head = ["USER", "E-MAIL", "ROLE", "SINCE", "STATUS"];
    let empty = "Nobody is in this team yet: `vestibule team member add TEAM USER` adds somebody.";
    let text = output::table(&head, rows, empty);
    Report::new(&json!({ "members": members }), text)
}
