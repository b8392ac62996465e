//! `vestibule user`: accounts.

use super::{Failure, Global, Outcome, dispatch, dispatch::Instance, output, password};
use serde_json::{Value, json};

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
    // The password is asked for before the instance is opened, which others may want meanwhile.
    let password = match &command {
        User::Add(Add { invite: true, .. }) => None,
        User::Add(Add { password_stdin, .. }) | User::SetPassword { password_stdin, .. } => {
            Some(password::read_new(*password_stdin)?)
        }
        _ => None,
    };
    let instance = Instance::find(global).await?;
    let outcome = act(&instance, command, password).await;
    instance.close().await;
    let (answer, shape) = outcome?;
    if global.json {
        output::document(&answer);
        return Ok(());
    }
    match shape {
        Shape::List => list(&answer),
        Shape::Account => show(&answer),
        Shape::Link(what) => output::link(&answer, what),
        Shape::Sentence => output::line(&format!(
            "{}. {}",
            output::text(&answer["message"]),
            output::text(&answer["description"])
        )),
    }
    Ok(())
}

/// How an answer is shown to a person.
enum Shape {
    List,
    Account,
    Sentence,
    /// A one-time link, and what it is for.
    Link(&'static str),
}

async fn act(
    instance: &Instance,
    command: User,
    password: Option<String>,
) -> Result<(Value, Shape), Failure> {
    let password = password.unwrap_or_default();
    let (user, path, body) = match command {
        User::Add(add) if add.invite => return invite(instance, add).await,
        User::Add(add) => return add_account(instance, add, &password).await,
        User::List => return Ok((all(instance, "").await?, Shape::List)),
        User::Show { user } => return Ok((find(instance, &user).await?, Shape::Account)),
        User::Archive { user } => return archive(instance, &user, "/users/archive").await,
        User::Restore { user } => return archive(instance, &user, "/users/restore").await,
        User::SetRole { user, roles } => (user, "roles", json!({ "roles": roles })),
        User::SetPassword { user, .. } => (user, "password", json!({ "password": password })),
        User::Unlock { user } => (user, "unlock", json!({})),
        User::ResetPassword { user } => {
            return reset(instance, &user, "reset-password", PASSWORD_LINK).await;
        }
        User::ResetTwoFactor { user } => {
            return reset(instance, &user, "reset-two-factor", FACTOR_LINK).await;
        }
    };
    let id = find(instance, &user).await?["id"].clone();
    let path = format!("/operator/users/{id}/{path}");
    Ok((instance.post(&path, &body).await?, Shape::Sentence))
}

const PASSWORD_LINK: &str = "Sets a new password; links made before it are void.";
const FACTOR_LINK: &str = "The second factor is gone, the password is void, and all sessions have ended. \
    The link sets a new password, and the next sign-in a new second factor.";
const INVITATION: &str = "Makes the account; invitations to the same address before it are void.";

async fn reset(
    instance: &Instance,
    user: &str,
    act: &str,
    what: &'static str,
) -> Result<(Value, Shape), Failure> {
    let id = find(instance, user).await?["id"].clone();
    let path = format!("/users/{id}/{act}");
    let answer = instance.post(&path, &json!({})).await?;
    Ok((answer, Shape::Link(what)))
}

async fn invite(instance: &Instance, add: Add) -> Result<(Value, Shape), Failure> {
    let mut body = json!({
        "email": add.email,
        "firstName": add.first_name.unwrap_or_default(),
        "lastName": add.last_name,
    });
    if let Some(team) = &add.team {
        body["teamId"] = super::team::find(instance, team).await?["id"].clone();
        body["role"] = "Viewer".into();
    }
    let answer = instance.post("/invitations", &body).await?;
    Ok((answer, Shape::Link(INVITATION)))
}

async fn add_account(
    instance: &Instance,
    add: Add,
    password: &str,
) -> Result<(Value, Shape), Failure> {
    let local_part = add.email.split('@').next().unwrap_or_default();
    let body = json!({
        "email": add.email,
        "firstName": add.first_name.as_deref().unwrap_or(local_part),
        "lastName": add.last_name,
        "roles": [add.role],
        "password": password,
    });
    Ok((
        instance.post("/operator/users", &body).await?,
        Shape::Account,
    ))
}

async fn archive(instance: &Instance, user: &str, path: &str) -> Result<(Value, Shape), Failure> {
    let id = find(instance, user).await?["id"].clone();
    let body = json!({ "ids": [id] });
    Ok((instance.patch(path, &body).await?, Shape::Sentence))
}

/// The account that an e-mail address or an id names.
pub(super) async fn find(instance: &Instance, user: &str) -> Result<Value, Failure> {
    if let Ok(id) = user.parse::<u64>() {
        return instance.get(&format!("/users/{id}")).await;
    }
    let found = all(instance, user).await?;
    let same = |candidate: &&Value| {
        output::text(&candidate["email"]).to_lowercase() == user.trim().to_lowercase()
    };
    let users = found["users"].as_array();
    users
        .and_then(|users| users.iter().find(same).cloned())
        .ok_or_else(|| {
            Failure::Refused(format!(
                "there is no account {user}: `vestibule user list` shows them"
            ))
        })
}

/// All accounts whose address or names contain `search`.
async fn all(instance: &Instance, search: &str) -> Result<Value, Failure> {
    let path = format!("/users?search={}", dispatch::encode(search.trim()));
    Ok(json!({ "users": instance.list(&path, "users").await? }))
}

fn list(answer: &Value) {
    let users = answer["users"].as_array().cloned().unwrap_or_default();
    let rows = users
        .iter()
        .map(|user| {
            let name = format!(
                "{} {}",
                output::text(&user["firstName"]),
                output::text(&user["lastName"])
            );
            vec![
                output::text(&user["id"]),
                output::text(&user["email"]),
                name.trim().to_owned(),
                output::text(&user["roles"]),
                second_factor(user),
                output::text(&user["status"]),
            ]
        })
        .collect();
    let head = ["ID", "E-MAIL", "NAME", "ROLES", "SECOND FACTOR", "STATUS"];
    let empty =
        "There are no accounts yet: `vestibule setup-url` makes the link for the first one.";
    output::table(&head, rows, empty);
}

fn second_factor(user: &Value) -> String {
    let on = user["isTwoFactorEnable"] == true;
    let locked = user["isTwoFactorLocked"] == true;
    match (on, locked) {
        (true, true) => "locked".to_owned(),
        (true, false) => format!(
            "on, {} recovery codes",
            output::text(&user["recoveryCodesLeft"])
        ),
        (false, _) => "off".to_owned(),
    }
}

fn show(user: &Value) {
    let text = |field: &str| output::text(&user[field]);
    output::fields(&[
        ("Id", text("id")),
        ("E-mail", text("email")),
        ("First name", text("firstName")),
        ("Last name", text("lastName")),
        ("Roles", text("roles")),
        ("Status", text("status")),
        ("Second factor", second_factor(user)),
        ("Must change password", text("mustChangePassword")),
        ("Created", text("createdAt")),
    ]);
}
