//! Who may do what in a team: every global role, every role in the team, every act, in an ordinary
//! team and in the support team. Adding an account by its id is an administrator's act; others invite.
//!
//! The lists are the contract's words: an Owner may do "everything in the team, its deletion and
//! transfer"; a Manager "makes a Viewer a Manager, invites Viewers and Managers, edits and removes
//! Viewers only"; a Viewer "sees the team"; "all may leave". "An Admin manages users and teams", but
//! the support team's "members are changed by a Super Admin or by its own Owner/Manager, not by any
//! other Admin", and it "cannot be deleted".

use crate::harness::{Answer, Person, Server};
use serde_json::json;

const ROLES: [&str; 3] = ["Owner", "Manager", "Viewer"];

const NOTHING: &[&str] = &[];
const SEES: &[&str] = &["see"];
const VIEWER: &[&str] = &["see", "leave"];
const MANAGER: &[&str] = &[
    "see",
    "leave",
    "invite Manager",
    "invite Viewer",
    "change Viewer to Manager",
    "change Viewer to Viewer",
    "remove Viewer",
];

/// What only administrators do, as far as their role in the team goes.
const ADDS: [&str; 3] = ["add Owner", "add Manager", "add Viewer"];

/// Everything but these: whoever is outside has nothing to leave, and nobody deletes the support team.
fn everything(without: &[&str]) -> Vec<String> {
    acts()
        .into_iter()
        .filter(|act| !without.contains(&act.as_str()))
        .collect()
}

fn listed(acts: &[&str]) -> Vec<String> {
    acts.iter().map(|act| (*act).to_owned()).collect()
}

/// Global role, role in the team, what is allowed in an ordinary team, and in the support team.
type Row = (&'static str, Option<&'static str>, Vec<String>, Vec<String>);

fn table() -> Vec<Row> {
    let owner = || everything(&["delete"]);
    let user_owner = |without: &[&str]| everything(&[&ADDS, without].concat());
    let admin_manager = || {
        let mut acts = listed(MANAGER);
        acts.extend(listed(&ADDS[1..]));
        acts
    };
    let outside = || everything(&["leave"]);
    let outside_support = || everything(&["leave", "delete"]);
    let all = || everything(&[]);
    let (user, admin, top) = ("User", "Admin", "Super Admin");
    let [own, manage, view] = ROLES.map(Some);
    vec![
        (user, None, listed(NOTHING), listed(NOTHING)),
        (user, view, listed(VIEWER), listed(VIEWER)),
        (user, manage, listed(MANAGER), listed(MANAGER)),
        (user, own, user_owner(&[]), user_owner(&["delete"])),
        (admin, None, outside(), listed(SEES)),
        (admin, view, all(), listed(VIEWER)),
        (admin, manage, all(), admin_manager()),
        (admin, own, all(), owner()),
        (top, None, outside(), outside_support()),
        (top, view, all(), owner()),
        (top, manage, all(), owner()),
        (top, own, all(), owner()),
    ]
}

fn acts() -> Vec<String> {
    let mut acts: Vec<String> = ["see", "rename", "leave"].map(str::to_owned).to_vec();
    for role in ROLES {
        acts.push(format!("add {role}"));
        acts.push(format!("invite {role}"));
        acts.push(format!("remove {role}"));
        acts.extend(ROLES.map(|new| format!("change {role} to {new}")));
    }
    // Last, since the team is gone if it is granted.
    acts.push("delete".to_owned());
    acts
}

/// A team in which somebody else is an Owner too, and somebody to whom things are done.
struct Scene<'a> {
    server: &'a Server,
    team: u64,
    target: u64,
}

impl Scene<'_> {
    /// Puts caller and target in place, lets the caller act, and answers what came of it.
    fn plays(&self, caller: &Person, role: Option<&str>, act: &str) -> Answer {
        let Self {
            server,
            team,
            target,
        } = self;
        server.seats(*team, caller.id, role);
        let path = format!("/teams/{team}");
        let members = format!("{path}/members");
        let member = format!("{members}/{target}");
        let words: Vec<&str> = act.split(' ').collect();
        match words[..] {
            ["remove" | "change", before, ..] => server.seats(*team, *target, Some(before)),
            _ => server.seats(*team, *target, None),
        }
        match words[..] {
            ["see"] => caller.gets(server, &path),
            ["rename"] => {
                let name = json!({ "name": format!("Team {team} of {}", caller.email) });
                caller.patches(server, &path, name)
            }
            ["delete"] => caller.deletes(server, &path),
            ["leave"] => caller.deletes(server, &format!("{members}/{}", caller.id)),
            ["add", role] => {
                let body = json!({ "userId": target, "role": role });
                caller.posts(server, &members, body)
            }
            ["change", _, "to", role] => caller.patches(server, &member, json!({ "role": role })),
            ["remove", _] => caller.deletes(server, &member),
            ["invite", role] => {
                // One address a team: nobody voids what they could not withdraw.
                let email = format!("guest.{team}@example.com");
                let body = json!({ "email": email, "teamId": team, "role": role });
                caller.posts(server, "/invitations", body)
            }
            _ => unreachable!("{act}"),
        }
    }

    /// The target's role in the team now.
    fn role_of_target(&self) -> Option<String> {
        let path = format!("/teams/{}/members?limit=500", self.team);
        let answer = self.server.operator("GET", &path, None).expect(200);
        let members = answer.json["members"].as_array().unwrap();
        let found = members.iter().find(|one| one["userId"] == self.target);
        found.map(|one| one["role"].as_str().unwrap().to_owned())
    }

    /// What the target's role must be after an act that was granted or refused.
    fn expected_role(act: &str, granted: bool) -> Option<String> {
        let words: Vec<&str> = act.split(' ').collect();
        let role = match (words.as_slice(), granted) {
            (["add", role] | ["change", _, "to", role], true) => Some(*role),
            (["remove" | "change", role, ..], false) => Some(*role),
            _ => None,
        };
        role.map(str::to_owned)
    }
}

/// The answer that the table's word for an act means.
fn expected(act: &str, role: Option<&str>, granted: bool, may_see: bool) -> (u16, &'static str) {
    match act {
        // Whoever is outside cannot leave; an administrator, who may see the team, learns so.
        "leave" if role.is_none() && may_see => (404, "USER_NOT_FOUND"),
        _ if !granted => (403, "ACCESS_DENIED"),
        _ if act.starts_with("add") || act.starts_with("invite") => (201, ""),
        _ => (200, ""),
    }
}

#[test]
fn roles_of_the_house_and_of_the_team_allow_what_the_contract_says() {
    let server = Server::start();
    let _ada = Person::super_admin(&server);
    let other_owner = Person::added(&server, "olga@example.com", &["User"]).id;
    let target = Person::added(&server, "tess@example.com", &["User"]).id;
    let callers = ["User", "Admin", "Super Admin"].map(|role| {
        let email = format!("{}@example.com", role.replace(' ', "-"));
        (role, Person::with_roles(&server, &email, &[role]))
    });
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (global, role, ordinary, support) in table() {
        let (_, caller) = callers.iter().find(|(name, _)| *name == global).unwrap();
        for is_support in [false, true] {
            let name = format!("{global} {role:?}");
            let team = if is_support {
                1
            } else {
                server.team(&name, other_owner)
            };
            let allowed = if is_support { &support } else { &ordinary };
            let scene = Scene {
                server: &server,
                team,
                target,
            };
            for act in acts() {
                let granted = allowed.contains(&act);
                let answer = scene.plays(caller, role, &act);
                let may_see = allowed.iter().any(|act| act == "see");
                let expected = expected(&act, role, granted, may_see);
                let found = (answer.status, answer.code());
                let deleted = act == "delete" && answer.status == 200;
                let after = (!deleted).then(|| scene.role_of_target()).flatten();
                if found != expected || after != Scene::expected_role(&act, granted) {
                    wrong.push(format!(
                        "{name} in team {team}, {act}: {found:?}, not {expected:?}; then {after:?}"
                    ));
                }
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 12 * 2 * 22);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(server.audit_is_intact());
}
