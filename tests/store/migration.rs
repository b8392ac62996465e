//! Stores of older schemas are brought up whole or not at all; those of newer ones are left alone.

use crate::harness::clock::ManualClock;
use crate::harness::medium::SharedMedium;
use crate::harness::people::token_of;
use crate::harness::schema::{contents, make_schema_1, schema, set_schema};
use crate::harness::{Person, Server};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde_json::json;
use std::path::{Path, PathBuf};
use vestibule::domain::id::{SessionId, TeamId, UserId};
use vestibule::domain::session::Session;
use vestibule::domain::team::{Membership, Team, TeamRole};
use vestibule::domain::time::Now;
use vestibule::platform::clock::Clock;
use vestibule::store::{Counter, Store, StoreError, Write};

const CACHE_BYTES: usize = 1 << 20;
const NAMES: [&str; 3] = ["Support", "Blue Whales", "Äpfel & Öl"];

/// (User, team, role): more than one member a team, and more than one team a person.
const MEMBERS: [(u64, u64, TeamRole); 5] = [
    (1, 1, TeamRole::Owner),
    (2, 1, TeamRole::Viewer),
    (2, 2, TeamRole::Owner),
    (300, 2, TeamRole::Manager),
    (300, 3, TeamRole::Owner),
];

fn session(number: u8, user: u64, now: Now) -> Session {
    let mut session = Session {
        id: SessionId([number; 16]),
        user: UserId(user),
        password_at: now.stamp(),
        code_at: (number > 1).then(|| now.stamp()),
        stage_token: None,
        refresh: None,
        last_used: now.stamp(),
        device: "a browser".into(),
        address: String::new(),
        impersonation: None,
    };
    session.rotate(now);
    session
}

fn sessions() -> Vec<Session> {
    let now = ManualClock::new().now();
    vec![session(1, 1, now), session(2, 2, now), session(3, 2, now)]
}

/// Teams, members and sessions.
fn fill(write: &mut Write<'_>) -> Result<(), StoreError> {
    for name in NAMES {
        let id = TeamId(write.next_id(Counter::Team)?);
        write.add_team(&Team {
            id,
            name: name.into(),
            support: id.0 == 1,
            created_at: 5,
        })?;
    }
    for (user, team, role) in MEMBERS {
        let membership = Membership { role, since: 7 };
        write.put_member(UserId(user), TeamId(team), &membership)?;
    }
    for session in sessions() {
        write.add_session(&session)?;
    }
    Ok(())
}

/// Everything that was filled in is found, by every way that leads to it.
fn holds_all(store: &Store) {
    let found = store.read(|read| {
        for (number, name) in (1..).zip(NAMES) {
            for spelling in [name.to_owned(), name.to_uppercase(), format!(" {name} ")] {
                let id = read.team_id_by_name(&spelling)?;
                assert_eq!(id, Some(TeamId(number)), "{spelling}");
            }
            let team = read.team(TeamId(number))?.unwrap();
            assert_eq!((team.name.as_str(), team.support), (name, number == 1));
            let members = read.members_after(TeamId(number), UserId(0), 99)?;
            let expected: Vec<UserId> = MEMBERS
                .iter()
                .filter(|(_, team, _)| *team == number)
                .map(|(user, ..)| UserId(*user))
                .collect();
            assert_eq!(members, expected);
        }
        for (user, team, role) in MEMBERS {
            let membership = read.membership((UserId(user), TeamId(team)))?;
            assert_eq!(membership, Some(Membership { role, since: 7 }));
        }
        for session in sessions() {
            assert_eq!(read.session(session.id)?, Some(session));
        }
        assert_eq!(read.invitations()?.count(), 0);
        assert_eq!(read.password_link(UserId(1))?, None);
        assert_eq!(read.impersonator(&sessions()[0])?.map(|by| by.user), None);
        Ok(())
    });
    found.unwrap();
}

/// A store of today in a file.
fn filled(directory: &Path) -> PathBuf {
    let path = directory.join("vestibule.redb");
    Store::create(&path, fill).unwrap();
    path
}

fn edit<T>(path: &Path, edit: impl FnOnce(&Database) -> T) -> T {
    edit(&Database::open(path).unwrap())
}

#[test]
fn a_store_of_schema_1_is_brought_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path());
    edit(&path, make_schema_1);
    let store = Store::open(path.clone(), CACHE_BYTES).unwrap();
    holds_all(&store);
    drop(store);
    edit(&path, |database| assert_eq!(schema(database), 2));
}

#[test]
fn a_second_opening_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path());
    edit(&path, make_schema_1);
    drop(Store::open(path.clone(), CACHE_BYTES).unwrap());
    let once = edit(&path, contents);
    for _ in 0..2 {
        holds_all(&Store::open(path.clone(), CACHE_BYTES).unwrap());
        assert_eq!(edit(&path, contents), once);
    }
}

/// "Newer schema: refuse to start, say what to do, create nothing in its place."
#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path());
    for newer in [3, 4, u32::MAX] {
        edit(&path, |database| set_schema(database, newer));
        let before = edit(&path, contents);
        match Store::open(path.clone(), CACHE_BYTES).map(drop) {
            Err(StoreError::Newer { found, known }) => assert_eq!((found, known), (newer, 2)),
            other => panic!("{other:?}"),
        }
        assert_eq!(edit(&path, contents), before);
    }
    edit(&path, |database| set_schema(database, 2));
    holds_all(&Store::open(path, CACHE_BYTES).unwrap());
}

/// A step and its number are one transaction: cut off anywhere, it is done or it is not.
#[test]
fn a_step_that_is_cut_off_is_taken_again() {
    let medium = SharedMedium::default();
    let on = |medium: &SharedMedium| {
        let medium = medium.clone();
        Store::on(move || medium.clone(), fill)
    };
    drop(on(&medium).unwrap());
    let reopened = Database::builder().create_with_backend(medium.clone());
    make_schema_1(&reopened.unwrap());
    let old = medium.bytes();
    let mut faults = 0;
    for fault in 0..200 {
        let medium = SharedMedium::default();
        medium.replace(old.clone());
        medium.fail_after(fault);
        let before = medium.operations();
        let opened = on(&medium).map(drop);
        let through = medium.operations() - before <= fault;
        medium.heal();
        faults += usize::from(opened.is_err());
        holds_all(&on(&medium).unwrap());
        if through {
            break;
        }
    }
    assert!((1..200).contains(&faults), "{faults} faults were met");
}

/// The same through the front door: who was signed in stays so, and teams are found.
#[test]
fn a_service_goes_on_with_a_store_of_schema_1() {
    let mut server = Server::start();
    let mut ada = Person::super_admin(&server);
    let grace = Person::user(&server, "grace@example.com");
    let team = server.team("Blue", grace.id);
    server.restart_edited(make_schema_1);
    for person in [&ada, &grace] {
        person.gets(&server, "/auth/me").expect(200);
    }
    let body = json!({ "refreshToken": ada.refresh });
    let answer = server.http.post("/auth/refresh-token", "", body);
    ada.takes(&answer.expect(200));
    for taken in ["blue", "SUPPORT"] {
        ada.posts(&server, "/teams", json!({ "name": taken }))
            .refused(409, "ALREADY_EXISTS");
    }
    let members = grace.gets(&server, &format!("/teams/{team}/members"));
    assert_eq!(members.expect(200).json["members"][0]["userId"], grace.id);
    let body = json!({ "email": "nell@example.com", "teamId": team });
    let made = grace.posts(&server, "/invitations", body).expect(201);
    crate::harness::people::accepts(&server, &token_of(&made)).expect(201);
    assert!(server.audit_is_intact());
    server.restart();
    grace.gets(&server, "/auth/me").expect(200);
}

/// An invitation that is listed by its address alone, as all were before an address could have one for each
/// team, is found, replaced and used up like any other.
#[test]
fn an_invitation_that_is_listed_by_its_address_alone_is_good() {
    let mut server = Server::start();
    let _ada = Person::super_admin(&server);
    let grace = Person::user(&server, "grace@example.com");
    let nell = Person::user(&server, "nell@example.com");
    let team = server.team("Blue", grace.id);
    let invites = |server: &Server| {
        let body = json!({ "email": "Nell@example.com", "teamId": team });
        let made = grace.posts(server, "/invitations", body).expect(201);
        made.json["id"].as_u64().unwrap()
    };
    let offers = |server: &Server| {
        let list = nell.gets(server, "/auth/me/invitations").expect(200);
        let list = list.json["invitations"].as_array().unwrap().clone();
        list.iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    let first = invites(&server);
    server.restart_edited(list_by_address_alone);
    assert_eq!(offers(&server), [first]);
    let second = invites(&server);
    assert_eq!(offers(&server), [second]);
    server.restart_edited(list_by_address_alone);
    let path = format!("/auth/me/invitations/{second}/accept");
    server.http.post_nothing(&path, &nell.access).expect(200);
    assert_eq!(offers(&server), [0; 0]);
    let open = grace.gets(&server, "/invitations").expect(200);
    assert_eq!(open.json["invitations"], json!([]));
    server.restart_edited(|database| assert_eq!(listed(database), [""; 0]));
}

const INVITED: TableDefinition<'_, &str, u64> = TableDefinition::new("invited_1");

/// The keys of the list of invitations by address.
fn listed(database: &Database) -> Vec<String> {
    let read = database.begin_read().unwrap();
    let table = read.open_table(INVITED).unwrap();
    let keys = table.iter().unwrap();
    keys.map(|row| row.unwrap().0.value().to_owned()).collect()
}

/// Leaves of each key what was written before: the address.
fn list_by_address_alone(database: &Database) {
    let keys = listed(database);
    assert_eq!(keys.len(), 1);
    let write = database.begin_write().unwrap();
    {
        let mut table = write.open_table(INVITED).unwrap();
        let id = table.remove(keys[0].as_str()).unwrap().unwrap().value();
        let (address, _) = keys[0].split_once('\n').unwrap();
        table.insert(address, id).unwrap();
    }
    write.commit().unwrap();
}
