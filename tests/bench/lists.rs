//! The lists of a large house: 10,000 people, 300 teams, 300 invitations, 100,000 rows of audit log.

use crate::load::{self, Connection};
use crate::options::Options;
use crate::people::{self, Phone};
use crate::process::{Process, mebibytes};
use crate::report::goal;
use anyhow::Context;
use std::path::Path;
use std::time::Instant;
use vestibule::domain::audit::{Action, Actor, Event};
use vestibule::domain::id::{InvitationId, TeamId, UserId};
use vestibule::domain::invitation::Invitation;
use vestibule::domain::secret::token_hash;
use vestibule::domain::team::{Membership, Team, TeamRole};
use vestibule::domain::time::Now;
use vestibule::domain::user::{Email, Role, Roles};
use vestibule::store::{Counter, StoreError, Write};

const PEOPLE: u64 = 10_000;
const TEAMS: u64 = 300;
const EVENTS: u64 = 100_000;
const BATCH: u64 = 5_000;
/// Pages asked for, a list.
const PAGES: usize = 100;

/// What is asked for; the administrator is person 1, and team 1 holds everybody.
const LISTS: [&str; 18] = [
    "/users",
    "/users?limit=500",
    "/users?cursor=9900",
    "/users?search=person.9999",
    "/users?search=nobody",
    "/users?role=Admin",
    "/users?twoFactor=off",
    "/users?status=archived",
    "/teams",
    "/teams?limit=500",
    "/teams?search=nothing",
    "/teams/1/members",
    "/teams/1/members?limit=500",
    "/invitations",
    "/audit",
    "/audit?user=7",
    "/audit?action=user.restored",
    "/auth/sessions",
];

/// Measures every list, and the memory before and after.
pub async fn measure(options: &Options) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let root = scratch.path().join("data");
    let text = root.to_str().context("a path that is no text")?.to_owned();
    people::prepare(&root, usize::try_from(PEOPLE)?).await?;
    furnish(&root).await?;
    println!("\nlists: {PEOPLE} people, {TEAMS} teams, {EVENTS} events");

    let mut server = Process::start("serve", std::slice::from_ref(&text))?;
    let port = server.port()?;
    let mut connection = Connection::open(port).await?;
    let phone = Phone::new();
    let pending = people::pending_token(0);
    connection
        .ask(|output| {
            phone.with_body(|body| load::post("/2fa/authenticate", port, &pending, body, output));
        })
        .await?;
    let token = load::text_field(connection.answer(), "accessToken").context("no token")?;
    let pages = if options.starts < 11 { 5 } else { PAGES };
    let before = mebibytes(&server.id(), "VmRSS")?;
    let mut slowest: f64 = 0.0;
    for list in LISTS {
        let mut times = Vec::new();
        for _ in 0..pages {
            let began = Instant::now();
            connection
                .ask(|output| load::get_as(list, port, &token, output))
                .await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
        println!(
            "  {list:<34} median {:>6.2} ms, p90 {:>6.2} ms",
            at(50),
            at(90)
        );
        slowest = slowest.max(at(50));
    }
    let after = mebibytes(&server.id(), "VmRSS")?;
    server.finish()?;
    println!(
        "  memory held: {before:.1} MiB before, {after:.1} MiB after {} pages",
        pages * LISTS.len()
    );
    goal(
        "every list page under 10 ms, slowest median",
        slowest,
        "ms",
        slowest < 10.0,
    );
    Ok(())
}

/// Adds an administrator's role, teams with members, invitations and audit rows to the people.
pub async fn furnish(root: &Path) -> anyhow::Result<()> {
    let (store, unlocked) = people::open(root).await?;
    let now = vestibule::app::Sources::of_machine()?.clock.now();
    store
        .write(move |write| {
            let first = UserId(1);
            if let Some(mut user) = write.user(first)? {
                user.roles = Roles::new(vec![Role::SuperAdmin]);
                write.put_user(first, &user)?;
            }
            (0..TEAMS).try_for_each(|number| add_team(write, number, now))?;
            (0..TEAMS).try_for_each(|number| add_invitation(write, number, now))
        })
        .await?;
    for first in (0..EVENTS).step_by(usize::try_from(BATCH)?) {
        let keys = unlocked.keys.clone();
        let job = move |write: &mut Write<'_>| {
            (first..first + BATCH).try_for_each(|number| {
                let user = UserId(number % PEOPLE + 1);
                write.append_audit(&keys.audit, &event(user, now))
            })
        };
        store.write(job).await?;
    }
    store.close();
    Ok(())
}

fn event(user: UserId, now: Now) -> Event {
    Event {
        at: now.unix_seconds,
        action: Action::SignedIn,
        actor: Actor::User(user),
        user: Some(user),
        session: None,
        address: "127.0.0.1".to_owned(),
        detail: String::new(),
    }
}

/// The first team has everybody in it, any other about thirty.
fn add_team(write: &mut Write<'_>, number: u64, now: Now) -> Result<(), StoreError> {
    let id = TeamId(write.next_id(Counter::Team)?);
    write.add_team(&Team {
        id,
        name: format!("Team {number}"),
        support: number == 0,
        created_at: now.unix_seconds,
    })?;
    let members = (1..=PEOPLE).filter(|user| number == 0 || user % TEAMS == number);
    for user in members {
        let membership = Membership {
            role: TeamRole::Viewer,
            since: now.unix_seconds,
        };
        write.put_member(UserId(user), id, &membership)?;
    }
    Ok(())
}

fn add_invitation(write: &mut Write<'_>, number: u64, now: Now) -> Result<(), StoreError> {
    let email = Email::parse(&format!("guest.{number}@example.com"));
    let email = email.ok_or_else(|| StoreError::Refused("no address".to_owned()))?;
    write.add_invitation(&Invitation {
        id: InvitationId(number + 1),
        hash: token_hash(&number.to_be_bytes()),
        email,
        first_name: "Guest".to_owned(),
        last_name: String::new(),
        team: Some((TeamId(number + 1), TeamRole::Viewer)),
        by: Actor::User(UserId(1)),
        made: now.stamp(),
    })
}
