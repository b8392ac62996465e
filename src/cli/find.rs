//! From what a command names to what the instance has: accounts by address or id, teams by name or id.

use super::failure::Failure;
use crate::client::Client;
use crate::domain::id::{TeamId, UserId};
use crate::wire::teams::Team;
use crate::wire::users::Account;

/// The account that an e-mail address or an id names.
pub(super) async fn user(client: &Client, named: &str) -> Result<Account, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(client.user(UserId(id)).await?);
    }
    let wanted = named.trim().to_lowercase();
    let mut found = client.users(named.trim()).await?.into_iter();
    let user = found.find(|user| user.email.to_lowercase() == wanted);
    user.ok_or_else(|| {
        Failure::Refused(format!(
            "there is no account {named}: `vestibule user list` shows them"
        ))
    })
}

/// The team that a name or an id names.
pub(super) async fn team(client: &Client, named: &str) -> Result<Team, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(client.team(TeamId(id)).await?);
    }
    let wanted = named.trim().to_lowercase();
    let mut found = client.teams(named.trim()).await?.into_iter();
    let team = found.find(|team| team.name.to_lowercase() == wanted);
    team.ok_or_else(|| {
        Failure::Refused(format!(
            "there is no team {named}: `vestibule team list` shows them"
        ))
    })
}
