//! What an instance is asked, one function for each call: the one place where a path, its body and its answer meet.
//! Every function passes on what [`ClientError`] says.

use super::{Client, ClientError, with_query};
use crate::domain::id::{TeamId, UserId};
use crate::wire::audit::AuditPage;
use crate::wire::health::Health;
use crate::wire::invitations::{Invite, Invited};
use crate::wire::operator::{
    AuditVerified, Examined, ExpectedHead, NewUser, Password, RoleNames, SetUpLink, Status,
};
use crate::wire::pause::{Change, SignIns};
use crate::wire::teams::{
    MemberChange, Members, NewMember, NewTeamBody, Team, TeamChangeBody, TeamMember, Teams,
};
use crate::wire::users::{Account, AccountIds, Accounts, OneTimeLink};
use crate::wire::{Done, paths};

type Answer<T> = Result<T, ClientError>;

/// Accounts.
impl Client {
    /// All accounts whose address or names contain `search`.
    pub async fn users(&self, search: &str) -> Answer<Vec<Account>> {
        let split = |page: Accounts| (page.users, page.next_cursor);
        let query = [(paths::SEARCH, search)];
        self.list(paths::USERS, &query, split).await
    }

    pub async fn user(&self, id: UserId) -> Answer<Account> {
        self.get(&paths::user(id)).await
    }

    pub async fn create_user(&self, new: &NewUser) -> Answer<Account> {
        self.post(paths::NEW_USER, new).await
    }

    pub async fn archive_users(&self, ids: Vec<UserId>) -> Answer<Done> {
        self.patch(paths::ARCHIVE_USERS, &AccountIds { ids, code: None })
            .await
    }

    pub async fn restore_users(&self, ids: Vec<UserId>) -> Answer<Done> {
        self.patch(paths::RESTORE_USERS, &AccountIds { ids, code: None })
            .await
    }

    pub async fn set_password(&self, id: UserId, new: &Password) -> Answer<Done> {
        self.post(&paths::user_password(id), new).await
    }

    pub async fn set_roles(&self, id: UserId, roles: Vec<String>) -> Answer<Done> {
        self.post(&paths::user_roles(id), &RoleNames { roles })
            .await
    }

    /// Lifts the lock of a second factor.
    pub async fn unlock(&self, id: UserId) -> Answer<Done> {
        self.act(&paths::unlock_user(id)).await
    }

    pub async fn reset_password(&self, id: UserId) -> Answer<OneTimeLink> {
        self.act(&paths::reset_password(id)).await
    }

    pub async fn reset_two_factor(&self, id: UserId) -> Answer<OneTimeLink> {
        self.act(&paths::reset_two_factor(id)).await
    }

    pub async fn invite(&self, guest: &Invite) -> Answer<Invited> {
        self.post(paths::INVITATIONS, guest).await
    }
}

/// Teams.
impl Client {
    /// All teams whose name contains `search`.
    pub async fn teams(&self, search: &str) -> Answer<Vec<Team>> {
        let split = |page: Teams| (page.teams, page.next_cursor);
        let query = [(paths::SEARCH, search)];
        self.list(paths::TEAMS, &query, split).await
    }

    pub async fn team(&self, id: TeamId) -> Answer<Team> {
        self.get(&paths::team(id)).await
    }

    pub async fn create_team(&self, new: &NewTeamBody) -> Answer<Team> {
        self.post(paths::TEAMS, new).await
    }

    pub async fn change_team(&self, id: TeamId, change: &TeamChangeBody) -> Answer<Team> {
        self.patch(&paths::team(id), change).await
    }

    pub async fn delete_team(&self, id: TeamId) -> Answer<Done> {
        self.delete(&paths::team(id)).await
    }

    pub async fn members(&self, team: TeamId) -> Answer<Vec<TeamMember>> {
        let split = |page: Members| (page.members, page.next_cursor);
        self.list(&paths::members(team), &[], split).await
    }

    pub async fn add_member(&self, team: TeamId, new: &NewMember) -> Answer<TeamMember> {
        self.post(&paths::members(team), new).await
    }

    pub async fn change_member(
        &self,
        team: TeamId,
        user: UserId,
        change: &MemberChange,
    ) -> Answer<TeamMember> {
        self.patch(&paths::member(team, user), change).await
    }

    pub async fn remove_member(&self, team: TeamId, user: UserId) -> Answer<Done> {
        self.delete(&paths::member(team, user)).await
    }
}

/// The service as a whole.
impl Client {
    /// The newest events of the audit log, at most `limit`.
    pub async fn newest_events(&self, limit: u64) -> Answer<AuditPage> {
        let limit = limit.to_string();
        let path = with_query(paths::AUDIT, &[(paths::LIMIT, &limit)]);
        self.get(&path).await
    }

    /// The oldest events with numbers greater than `after`, at most `limit`.
    pub async fn events_after(&self, after: u64, limit: u64) -> Answer<AuditPage> {
        let (after, limit) = (after.to_string(), limit.to_string());
        let query = [(paths::AFTER, &*after), (paths::LIMIT, &*limit)];
        self.get(&with_query(paths::AUDIT, &query)).await
    }

    pub async fn verify_audit(&self, expected: &ExpectedHead) -> Answer<AuditVerified> {
        self.post(paths::VERIFY_AUDIT, expected).await
    }

    /// Whether people may sign in.
    pub async fn sign_ins(&self) -> Answer<SignIns> {
        self.get(paths::SIGN_INS).await
    }

    pub async fn set_paused(&self, paused: bool) -> Answer<SignIns> {
        let change = Change { paused, code: None };
        self.patch(paths::SIGN_INS, &change).await
    }

    pub async fn new_set_up_link(&self) -> Answer<SetUpLink> {
        self.act(paths::SET_UP_LINK).await
    }

    /// What is wrong with the instance.
    pub async fn examine(&self) -> Answer<Examined> {
        self.act(paths::DOCTOR).await
    }

    /// How the service is, for the operator.
    pub async fn status(&self) -> Answer<Status> {
        self.get(paths::STATUS).await
    }

    /// Tells the service to end.
    pub async fn stop(&self) -> Answer<Done> {
        self.act(paths::STOP).await
    }

    /// Whether the process is up, for anybody.
    pub async fn live(&self) -> Answer<Health> {
        self.get(paths::LIVE).await
    }

    /// Whether the service can do its work, for anybody.
    pub async fn ready(&self) -> Answer<Health> {
        self.get(paths::READY).await
    }
}
