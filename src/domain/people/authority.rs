//! Who may do what to accounts and teams.
//!
//! ```text
//! account   Super Admin, operator: all · Admin: all but those of Admins and leaders of the support team
//! team      Admin: all · Owner: all in it · Manager: Viewers and Managers come, Viewers go · Viewer: sees
//! support   the same, but of those outside only a Super Admin or the operator does more than see it
//! ```

use super::team::TeamRole;
use super::user::{Role, User};
use crate::domain::id::UserId;

/// What a caller asks to do in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamAct {
    /// See it and its members.
    See,
    /// Give it another name.
    Rename,
    /// Delete it.
    Delete,
    /// Make or invite a member with this role.
    Add(TeamRole),
    /// Give a member who has the first role the second.
    Change(TeamRole, TeamRole),
    /// Remove a member with this role.
    Remove(TeamRole),
    /// Leave, as a member.
    Leave,
}

/// What a caller's rights follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Manages all teams: Admin, Super Admin, or the operator.
    pub is_admin: bool,
    /// Super Admin, or the operator.
    pub is_super_admin: bool,
    /// The role in this team, if a member.
    pub role: Option<TeamRole>,
    /// Whether another user acts in this user's name.
    pub is_impersonated: bool,
}

impl Standing {
    /// That of a user. A user in whose name another acts has the roles in teams only.
    pub fn of(user: &User, role: Option<TeamRole>, is_impersonated: bool) -> Self {
        Self {
            is_admin: user.roles.is_admin() && !is_impersonated,
            is_super_admin: user.roles.has(Role::SuperAdmin) && !is_impersonated,
            role,
            is_impersonated,
        }
    }

    /// Whether they may manage this account. An Admin may manage any but those of Admins, Super Admins
    /// and leaders of the support team: resetting one of these would let the Admin in there.
    pub fn may_manage(self, user: &User, leads_support_team: bool) -> bool {
        let is_guarded = user.roles.is_admin() || leads_support_team;
        self.is_super_admin || (self.is_admin && !is_guarded)
    }

    /// Whether they may do `act` in a team; `is_support` says whether it bears the support mark.
    /// Members of the support team may act as other users: therefore an Admin who is not its member
    /// can only see it, and so can a caller who acts in another's name.
    pub fn may(self, act: TeamAct, is_support: bool) -> bool {
        if is_support && self.is_impersonated && act != TeamAct::See {
            return false;
        }
        let everywhere = if is_support && act != TeamAct::See {
            self.is_super_admin
        } else {
            self.is_admin
        };
        everywhere || self.role.is_some_and(|role| role.may(act))
    }
}

impl TeamRole {
    /// Whether a member with this role may do it in the team.
    fn may(self, act: TeamAct) -> bool {
        match (self, act) {
            (Self::Owner, _) | (_, TeamAct::See | TeamAct::Leave) => true,
            (Self::Manager, TeamAct::Add(new)) => new != Self::Owner,
            (Self::Manager, TeamAct::Change(old, new)) => old == Self::Viewer && new != Self::Owner,
            (Self::Manager, TeamAct::Remove(old)) => old == Self::Viewer,
            (Self::Manager, TeamAct::Rename | TeamAct::Delete) | (Self::Viewer, _) => false,
        }
    }
}

/// Whether a team would lose its last Owner if `member`, who has the role `before`, had the role `after`
/// or, with `None`, left. Only Owners who can sign in count.
pub fn loses_last_owner(
    before: TeamRole,
    after: Option<TeamRole>,
    member: UserId,
    active_owners: &[UserId],
) -> bool {
    let ends = before == TeamRole::Owner && after != Some(TeamRole::Owner);
    ends && active_owners.iter().all(|owner| *owner == member)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTS: [TeamAct; 19] = [
        TeamAct::See,
        TeamAct::Rename,
        TeamAct::Delete,
        TeamAct::Leave,
        TeamAct::Add(TeamRole::Owner),
        TeamAct::Add(TeamRole::Manager),
        TeamAct::Add(TeamRole::Viewer),
        TeamAct::Change(TeamRole::Owner, TeamRole::Owner),
        TeamAct::Change(TeamRole::Owner, TeamRole::Manager),
        TeamAct::Change(TeamRole::Owner, TeamRole::Viewer),
        TeamAct::Change(TeamRole::Manager, TeamRole::Owner),
        TeamAct::Change(TeamRole::Manager, TeamRole::Manager),
        TeamAct::Change(TeamRole::Manager, TeamRole::Viewer),
        TeamAct::Change(TeamRole::Viewer, TeamRole::Owner),
        TeamAct::Change(TeamRole::Viewer, TeamRole::Manager),
        TeamAct::Change(TeamRole::Viewer, TeamRole::Viewer),
        TeamAct::Remove(TeamRole::Owner),
        TeamAct::Remove(TeamRole::Manager),
        TeamAct::Remove(TeamRole::Viewer),
    ];

    /// One letter an act, in the order of `ACTS`: y for yes.
    fn matrix(standing: Standing, is_support: bool) -> String {
        let letter = |act| {
            if standing.may(act, is_support) {
                'y'
            } else {
                '-'
            }
        };
        ACTS.into_iter().map(letter).collect()
    }

    #[test]
    fn role_in_the_house_and_role_in_the_team_decide_together() {
        let standing = |is_admin, is_super_admin, role| Standing {
            is_admin,
            is_super_admin,
            role,
            is_impersonated: false,
        };
        let owner = Some(TeamRole::Owner);
        let manager = Some(TeamRole::Manager);
        let viewer = Some(TeamRole::Viewer);
        let all = "yyyyyyyyyyyyyyyyyyy";
        let none = "-------------------";
        for (who, plain, support) in [
            (standing(false, false, None), none, none),
            (
                standing(false, false, viewer),
                "y--y---------------",
                "y--y---------------",
            ),
            (
                standing(false, false, manager),
                "y--y-yy-------yy--y",
                "y--y-yy-------yy--y",
            ),
            (standing(false, false, owner), all, all),
            (standing(true, false, None), all, "y------------------"),
            (standing(true, false, manager), all, "y--y-yy-------yy--y"),
            (standing(true, false, owner), all, all),
            (standing(true, true, None), all, all),
            (standing(true, true, viewer), all, all),
        ] {
            assert_eq!(matrix(who, false), plain, "{who:?}");
            assert_eq!(matrix(who, true), support, "{who:?}, support team");
        }
        for role in [viewer, manager, owner] {
            let lent = Standing {
                is_impersonated: true,
                ..standing(false, false, role)
            };
            assert_eq!(matrix(lent, true), "y------------------", "{lent:?}");
        }
    }

    #[test]
    fn the_last_owner_stays() {
        let [ada, adam] = [UserId(1), UserId(2)];
        let (owner, manager) = (TeamRole::Owner, TeamRole::Manager);
        assert!(loses_last_owner(owner, None, ada, &[ada]));
        assert!(loses_last_owner(owner, Some(manager), ada, &[ada]));
        assert!(!loses_last_owner(owner, Some(owner), ada, &[ada]));
        assert!(!loses_last_owner(manager, None, adam, &[ada]));
        assert!(!loses_last_owner(owner, None, ada, &[ada, adam]));
        // Archived, the last one stays; an archived one beside another may go.
        assert!(loses_last_owner(owner, None, ada, &[]));
        assert!(!loses_last_owner(owner, None, ada, &[adam]));
        assert!(!loses_last_owner(manager, None, ada, &[]));
    }
}
