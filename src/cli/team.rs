//! `vestibule team`: teams and their members.

use super::dispatch::{self, Instance};
use super::{Failure, Global, Outcome, output, user};
use serde_json::{Value, json};

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
    let instance = Instance::find(global).await?;
    let outcome = act(&instance, command).await;
    instance.close().await;
    let (answer, shape) = outcome?;
    if global.json {
        output::document(&answer);
        return Ok(());
    }
    match shape {
        Shape::Teams => teams(&answer),
        Shape::Members => members(&answer),
        Shape::Sentence(text) => output::line(&text),
    }
    Ok(())
}

/// How an answer is shown to a person.
enum Shape {
    Teams,
    Members,
    Sentence(String),
}

async fn act(instance: &Instance, command: Team) -> Result<(Value, Shape), Failure> {
    let (answer, text) = match command {
        Team::List => {
            let teams = instance.list("/teams?search=", "teams").await?;
            return Ok((json!({ "teams": teams }), Shape::Teams));
        }
        Team::Member(command) => return act_on_member(instance, command).await,
        Team::Add {
            name,
            support,
            owner,
        } => {
            let mut body = json!({ "name": name, "support": support });
            if let Some(owner) = owner {
                body["ownerId"] = user::find(instance, &owner).await?["id"].clone();
            }
            let answer = instance.post("/teams", &body).await?;
            let text = format!("Team {} added, with the id {}.", name.trim(), answer["id"]);
            (answer, text)
        }
        Team::Rename { team, name } => {
            let answer = change(instance, &team, json!({ "name": name })).await?;
            (answer, format!("Team {team} is now {}.", name.trim()))
        }
        Team::MarkSupport { team } => {
            let answer = change(instance, &team, json!({ "support": true })).await?;
            (answer, format!("Team {team} is the support team."))
        }
        Team::Delete { team } => {
            let id = find(instance, &team).await?["id"].clone();
            let answer = instance.delete(&format!("/teams/{id}")).await?;
            (
                answer,
                format!("Team {team} deleted. Its members keep their accounts."),
            )
        }
    };
    Ok((answer, Shape::Sentence(text)))
}

async fn change(instance: &Instance, team: &str, body: Value) -> Result<Value, Failure> {
    let id = find(instance, team).await?["id"].clone();
    instance.patch(&format!("/teams/{id}"), &body).await
}

async fn act_on_member(instance: &Instance, command: Member) -> Result<(Value, Shape), Failure> {
    let (team, user, role) = match command {
        Member::List { team } => {
            let id = find(instance, &team).await?["id"].clone();
            let path = format!("/teams/{id}/members?");
            let members = instance.list(&path, "members").await?;
            return Ok((json!({ "members": members }), Shape::Members));
        }
        Member::Add { team, user, role } => {
            let id = find(instance, &team).await?["id"].clone();
            let person = user::find(instance, &user).await?["id"].clone();
            let body = json!({ "userId": person, "role": role });
            let answer = instance
                .post(&format!("/teams/{id}/members"), &body)
                .await?;
            let text = format!("{user} is a member of {team} as {role}.");
            return Ok((answer, Shape::Sentence(text)));
        }
        Member::SetRole { team, user, role } => (team, user, Some(role)),
        Member::Remove { team, user } => (team, user, None),
    };
    let id = find(instance, &team).await?["id"].clone();
    let person = user::find(instance, &user).await?["id"].clone();
    let path = format!("/teams/{id}/members/{person}");
    let (answer, text) = match role {
        Some(role) => (
            instance.patch(&path, &json!({ "role": role })).await?,
            format!("{user} is a member of {team} as {role}."),
        ),
        None => (
            instance.delete(&path).await?,
            format!("{user} is no member of {team} any more."),
        ),
    };
    Ok((answer, Shape::Sentence(text)))
}

/// The team that a name or an id names.
pub(super) async fn find(instance: &Instance, team: &str) -> Result<Value, Failure> {
    if let Ok(id) = team.parse::<u64>() {
        return instance.get(&format!("/teams/{id}")).await;
    }
    let path = format!("/teams?search={}", dispatch::encode(team.trim()));
    let found = instance.list(&path, "teams").await?;
    let wanted = team.trim().to_lowercase();
    let same = |candidate: &Value| output::text(&candidate["name"]).to_lowercase() == wanted;
    found.into_iter().find(same).ok_or_else(|| {
        Failure::Refused(format!(
            "there is no team {team}: `vestibule team list` shows them"
        ))
    })
}

fn rows(answer: &Value, name: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let rows = answer[name].as_array().cloned().unwrap_or_default();
    let row = |value: &Value| {
        let texts = fields.iter().map(|field| output::text(&value[*field]));
        texts.collect()
    };
    rows.iter().map(row).collect()
}

fn teams(answer: &Value) {
    let head = ["ID", "NAME", "MEMBERS", "SUPPORT", "CREATED"];
    let fields = ["id", "name", "members", "support", "createdAt"];
    let empty = "There are no teams yet: `vestibule team add NAME` makes one.";
    output::table(&head, rows(answer, "teams", &fields), empty);
}

fn members(answer: &Value) {
    let head = ["USER", "E-MAIL", "ROLE", "SINCE", "STATUS"];
    let fields = ["userId", "email", "role", "since", "status"];
    let empty = "Nobody is in this team yet: `vestibule team member add TEAM USER` adds somebody.";
    output::table(&head, rows(answer, "members", &fields), empty);
}
