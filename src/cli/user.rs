//! `vestibule user`: accounts.

use super::failure::{Failure, Outcome};
use super::global::Global;
use super::output::{self, Report};
use super::{dispatch, find, password};
use crate::client::Client;
use crate::domain::secret::SecretText;
use crate::wire::Time;
use crate::wire::invitations::Invite;
use crate::wire::operator::{NewUser, Password};
use crate::wire::users::Account;
use serde::Serialize;
use serde_json::json;

/// Accounts. USER is an e-mail address or an id.
#[derive(clap::Subcommand)]
pub(super) enum User {
    /// Add an account with a password, or invite the person to make it themselves.
    Add(Add),
    /// List the accounts.
    List,
    /// Show an account.
    Show {
        /// E-mail address or id.
        user: String,
    },
    /// Set the roles of an account.
    SetRole {
        /// E-mail address or id.
        user: String,
        /// The roles that it has from now on.
        #[arg(required = true, value_parser = ROLES)]
        roles: Vec<String>,
    },
    /// Set the password of an account; its sessions end.
    SetPassword {
        /// E-mail address or id.
        user: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Archive an account: it cannot sign in, its sessions end, nothing is lost.
    Archive {
        /// E-mail address or id.
        user: String,
    },
    /// Restore an archived account.
    Restore {
        /// E-mail address or id.
        user: String,
    },
    /// Lift the lock of an account's second factor; its password must then be changed.
    Unlock {
        /// E-mail address or id.
        user: String,
    },
    /// Make a one-time link by which a person sets a new password; nothing else changes until then.
    ResetPassword {
        /// E-mail address or id.
        user: String,
    },
    /// Remove an account's second factor, void its password, end its sessions, and make a one-time
    /// link to set a new password.
    #[command(name = "reset-2fa")]
    ResetTwoFactor {
        /// E-mail address or id.
        user: String,
    },
}

const ROLES: [&str; 3] = ["user", "admin", "super-admin"];

/// Add an account.
#[derive(clap::Args)]
pub(super) struct Add {
    /// The e-mail address.
    email: String,
    /// The given name [default: the address up to the @].
    #[arg(long, value_name = "N")]
    first_name: Option<String>,
    /// The family name.
    #[arg(long, value_name = "N", default_value = "", hide_default_value = true)]
    last_name: String,
    /// The role.
    #[arg(long, default_value = "user", value_parser = ROLES)]
    role: String,
    /// Read the password from standard input instead of asking for it.
    #[arg(long, conflicts_with = "invite")]
    password_stdin: bool,
    /// Make a one-time link instead: the person chooses the password. Roles are given afterwards.
    #[arg(long, conflicts_with = "role")]
    invite: bool,
    /// The team that the invited person joins, as a Viewer.
    #[arg(long, value_name = "TEAM", requires = "invite")]
    team: Option<String>,
}

pub(super) async fn run(global: &Global, command: User) -> Outcome {
    // The password is asked for before the instance is opened, so that nothing waits for a person meanwhile.
    let password = match &command {
        User::Add(Add { invite: true, .. }) => None,
        User::Add(Add { password_stdin, .. }) | User::SetPassword { password_stdin, .. } => {
            Some(password::read_new(*password_stdin)?)
        }
        _ => None,
    };
    let password = password.unwrap_or_default();
    let report = dispatch::ask(global, async |client| act(client, command, password).await);
    report.await?.print(global);
    Ok(())
}

const PASSWORD_LINK: &str = "Sets a new password; links made before it are void.";
const FACTOR_LINK: &str = "The second factor is gone, the password is void, and all sessions have ended. \
    The link sets a new password, and the next sign-in a new second factor.";
const INVITATION: &str = "Makes the account; invitations to the same address before it are void.";

async fn act(client: &Client, command: User, password: SecretText) -> Result<Report, Failure> {
    let id = async |named: String| Ok::<_, Failure>(find::user(client, &named).await?.id);
    Ok(match command {
        User::Add(add) if add.invite => invite(client, add).await?,
        User::Add(add) => shown(&client.create_user(&new_user(add, password)).await?),
        User::List => list(&client.users("").await?),
        User::Show { user } => shown(&find::user(client, &user).await?),
        User::SetRole { user, roles } => {
            Report::done(&client.set_roles(id(user).await?, roles).await?)
        }
        User::SetPassword { user, .. } => {
            let new = Password { password };
            Report::done(&client.set_password(id(user).await?, &new).await?)
        }
        User::Archive { user } => Report::done(&client.archive_users(vec![id(user).await?]).await?),
        User::Restore { user } => Report::done(&client.restore_users(vec![id(user).await?]).await?),
        User::Unlock { user } => Report::done(&client.unlock(id(user).await?).await?),
        User::ResetPassword { user } => {
            let link = client.reset_password(id(user).await?).await?;
            one_time_link(&link, &link.url, link.expires_at.as_ref(), PASSWORD_LINK)
        }
        User::ResetTwoFactor { user } => {
            let link = client.reset_two_factor(id(user).await?).await?;
            one_time_link(&link, &link.url, link.expires_at.as_ref(), FACTOR_LINK)
        }
    })
}

async fn invite(client: &Client, add: Add) -> Result<Report, Failure> {
    let team = match &add.team {
        Some(team) => Some(find::team(client, team).await?.id),
        None => None,
    };
    let guest = Invite {
        email: add.email,
        first_name: add.first_name.unwrap_or_default(),
        last_name: add.last_name,
        team_id: team,
        role: team.map(|_| "Viewer".to_owned()),
    };
    let made = client.invite(&guest).await?;
    let (url, until) = (&made.url, made.expires_at.as_ref());
    Ok(one_time_link(&made, url, until, INVITATION))
}

fn new_user(add: Add, password: SecretText) -> NewUser {
    let local_part = add.email.split('@').next().unwrap_or_default();
    NewUser {
        first_name: add.first_name.unwrap_or_else(|| local_part.to_owned()),
        last_name: add.last_name,
        roles: Some(vec![add.role]),
        password,
        email: add.email,
    }
}

/// A one-time link, with what it is for and until when.
fn one_time_link(
    answer: &impl Serialize,
    url: &str,
    until: Option<&Time>,
    purpose: &str,
) -> Report {
    let remark = format!("Good once, until {}. {purpose}", output::or_dash(until));
    Report::new(answer, output::link(url, &remark))
}

fn list(users: &[Account]) -> Report {
    let rows = users.iter().map(|user| {
        let name = format!("{} {}", user.first_name, user.last_name);
        vec![
            user.id.to_string(),
            user.email.clone(),
            name.trim().to_owned(),
            user.roles.join(", "),
            second_factor(user),
            user.status.to_string(),
        ]
    });
    let head = ["ID", "E-MAIL", "NAME", "ROLES", "SECOND FACTOR", "STATUS"];
    let empty =
        "There are no accounts yet: `vestibule setup-url` makes the link for the first one.";
    let text = output::table(&head, rows, empty);
    Report::new(&json!({ "users": users }), text)
}

fn second_factor(user: &Account) -> String {
    match (user.is_two_factor_enable, user.is_two_factor_locked) {
        (true, true) => "locked".to_owned(),
        (true, false) => format!("on, {} recovery codes", user.recovery_codes_left),
        (false, _) => "off".to_owned(),
    }
}

fn shown(user: &Account) -> Report {
    let text = output::fields(&[
        ("Id", user.id.to_string()),
        ("E-mail", user.email.clone()),
        ("First name", user.first_name.clone()),
        ("Last name", user.last_name.clone()),
        ("Roles", user.roles.join(", ")),
        ("Status", user.status.to_string()),
        ("Second factor", second_factor(user)),
        (
            "Must change password",
            output::yes_or_no(user.must_change_password),
        ),
        ("Created", output::or_dash(user.created_at.as_ref())),
    ]);
    Report::new(user, text)
}
