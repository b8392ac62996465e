//! The support team of a new instance: there before anybody needs it.

use crate::domain::id::{TeamId, UserId};
use crate::domain::team::{Membership, Team, TeamRole};
use crate::store::{Counter, StoreError, Write};

/// The name of the first team.
const FIRST_TEAM: &str = "Support";

/// Makes the support team if no team bears the mark, and puts `member` into it.
pub(in crate::service) fn ensure_support_team(
    write: &mut Write<'_>,
    member: Option<UserId>,
    at: u64,
) -> Result<(), StoreError> {
    let id = match write.support_team()? {
        Some(id) => id,
        None => make_support_team(write, at)?,
    };
    if let Some(user) = member {
        let membership = Membership {
            role: TeamRole::Owner,
            since: at,
        };
        write.put_member(user, id, &membership)?;
    }
    Ok(())
}

/// The operator may have made a team of that name already: then it is this one.
fn make_support_team(write: &mut Write<'_>, at: u64) -> Result<TeamId, StoreError> {
    if let Some(id) = write.team_id_by_name(FIRST_TEAM)? {
        write.mark_support_team(id)?;
        return Ok(id);
    }
    let id = TeamId(write.next_id(Counter::Team)?);
    let team = Team {
        id,
        name: FIRST_TEAM.to_owned(),
        support: true,
        created_at: at,
    };
    write.add_team(&team)?;
    Ok(id)
}
