//! Several people at work at the same time, while the medium writes down what it is asked.

use super::standing::{Standing, id_in, session_of};
use super::states::opened;
use crate::harness::medium::SharedMedium;
use crate::harness::power::{Op, Trace};
use crate::harness::{Person, Server};
use serde_json::json;

/// Marks the beginning of a round; any other mark is a person's.
pub const ROUND: u32 = u32::MAX;
pub const ROUND_SECONDS: u64 = 30;

/// What can be shown to the service once an act was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub access: String,
    pub refresh: String,
    /// The code that was accepted last.
    pub used: String,
}

/// A person, and what became of them act by act.
pub struct Member {
    pub person: Person,
    number: u32,
    medium: SharedMedium,
    part: Part,
    pub acts: Vec<(Option<Standing>, Held)>,
}

/// What somebody does round by round.
#[derive(Clone, Copy)]
enum Part {
    Walks,
    Guesses,
    Recovers,
    ComesAndGoes,
    Joins(u32),
}

impl Member {
    fn standing(&self) -> Standing {
        self.acts.last().unwrap().0.clone().unwrap_or_default()
    }

    /// The act that `change` tells of was acknowledged.
    fn acted(&mut self, used: Option<&str>, change: impl FnOnce(&mut Standing)) {
        let mut standing = self.standing();
        change(&mut standing);
        let mut held = self.acts.last().unwrap().1.clone();
        held.access.clone_from(&self.person.access);
        held.refresh.clone_from(&self.person.refresh);
        if let Some(code) = used {
            code.clone_into(&mut held.used);
        }
        self.acts.push((Some(standing), held));
        let count = u32::try_from(self.acts.len() - 1).unwrap();
        self.medium.mark(self.number, count);
    }

    fn signs_in(&mut self, server: &Server) {
        let answer = self.person.signs_in(server).expect(200);
        let (session, refresh) = session_of(&answer);
        self.acted(None, |standing| {
            standing.sessions.insert(session, refresh);
        });
    }

    fn shows(&mut self, server: &Server, code: &str) {
        let finishes = self.person.refresh.is_empty();
        let answer = self.person.authenticates(server, code).expect(200);
        let (session, refresh) = session_of(&answer);
        let step = server.clock.unix_seconds() / 30;
        let by_recovery = code.len() > 6;
        self.acted(Some(code), |standing| {
            if by_recovery {
                standing.recovery_codes -= 1;
            } else {
                standing.last_step = Some(step);
            }
            if finishes {
                standing.failures = 0;
            }
            standing.sessions.insert(session, refresh);
        });
    }

    fn refreshes(&mut self, server: &Server) {
        let body = json!({ "refreshToken": self.person.refresh });
        let answer = server.http.post("/auth/refresh-token", "", body);
        let answer = answer.expect(200);
        self.person.takes(&answer);
        let (session, refresh) = session_of(&answer);
        self.acted(None, |standing| {
            standing.sessions.insert(session, refresh);
        });
    }

    fn signs_out(&mut self, server: &Server) {
        let http = &server.http;
        http.post_nothing("/auth/sign-out", &self.person.access)
            .expect(200);
        let session = id_in(&self.person.refresh);
        self.person.refresh.clear();
        self.acted(None, |standing| {
            standing.sessions.remove(&session);
        });
    }

    fn is_archived(&mut self, server: &Server) {
        server.archives(self.person.id);
        self.person.refresh.clear();
        self.acted(None, |standing| {
            standing.archived = true;
            standing.sessions.clear();
        });
    }

    fn is_restored(&mut self, server: &Server) {
        let body = json!({ "ids": [self.person.id] });
        let answer = server.operator("PATCH", "/users/restore", Some(body));
        answer.expect(200);
        self.acted(None, |standing| standing.archived = false);
    }

    fn guesses(&mut self, server: &Server) {
        let code = self.person.wrong_code(server);
        // Waits and locks are not looked at, and count for nothing.
        if self.person.authenticates(server, &code).status == 400 {
            self.acted(None, |standing| standing.failures += 1);
        }
    }

    fn is_added(&mut self, server: &Server) {
        self.person = Person::added(server, &self.person.email, &["User"]);
        self.acted(None, |_| {});
    }

    fn enrols(&mut self, server: &Server) {
        self.person.scans(server).expect(200);
        let code = self.person.code(server);
        let body = json!({ "code": code });
        let answer = self
            .person
            .posts(server, "/2fa/enable-two-factor-auth", body);
        let answer = answer.expect(200);
        self.person.keeps_recovery_codes(&answer);
        let (session, refresh) = session_of(&answer);
        let step = server.clock.unix_seconds() / 30;
        self.acted(Some(&code), |standing| {
            standing.last_step = Some(step);
            standing.recovery_codes = 10;
            standing.sessions.insert(session, refresh);
        });
    }

    fn plays(&mut self, server: &Server, round: u32) {
        match self.part {
            Part::Walks if round % 4 == self.number % 4 => {
                self.signs_out(server);
                self.signs_in(server);
                let code = self.person.code(server);
                self.shows(server, &code);
            }
            Part::Walks => {
                let code = self.person.code(server);
                self.shows(server, &code);
                self.refreshes(server);
                self.refreshes(server);
            }
            Part::Guesses => {
                if round.is_multiple_of(8) {
                    self.signs_in(server);
                }
                self.guesses(server);
            }
            Part::Recovers if round.is_multiple_of(3) => {
                self.signs_in(server);
                let code = self.person.recovery_codes.pop().unwrap();
                self.shows(server, &code);
            }
            Part::Recovers => self.refreshes(server),
            Part::ComesAndGoes if round.is_multiple_of(2) => {
                self.signs_in(server);
                self.refreshes(server);
            }
            Part::ComesAndGoes => {
                self.is_archived(server);
                self.is_restored(server);
            }
            Part::Joins(when) if when == round => {
                self.is_added(server);
                self.signs_in(server);
                self.enrols(server);
            }
            Part::Joins(_) => {}
        }
    }
}

/// What was recorded, of whom, and on which service.
pub struct Recording {
    pub trace: Trace,
    pub members: Vec<Member>,
    pub server: Server,
    /// Unix seconds of the first round.
    pub began_at: u64,
}

impl Recording {
    /// So many rounds of all people at once, the service restarted half way.
    pub fn of(rounds: u32) -> Self {
        let mut server = Server::start();
        Person::super_admin(&server);
        let mut members = cast(&server, rounds);
        let began_at = server.clock.unix_seconds() + ROUND_SECONDS;
        server.medium.record();
        for round in 0..rounds {
            server.clock.advance(ROUND_SECONDS);
            server.medium.mark(ROUND, round);
            if round == rounds / 2 {
                server.restart();
            }
            let server = &server;
            std::thread::scope(|scope| {
                for member in &mut members {
                    scope.spawn(move || member.plays(server, round));
                }
            });
        }
        server.stop();
        Self {
            trace: server.medium.recorded(),
            members,
            server,
            began_at,
        }
    }

    /// Unix seconds when operation `cut` was asked for.
    pub fn time(&self, cut: usize) -> u64 {
        let rounds = self.trace.ops[..cut].iter().rev().find_map(|op| match op {
            Op::Mark(ROUND, round) => Some(u64::from(*round)),
            _ => None,
        });
        self.began_at + rounds.unwrap_or(0) * ROUND_SECONDS
    }

    /// How many acts of each member were acknowledged before operation `cut`.
    pub fn acknowledged(&self, cut: usize) -> Vec<usize> {
        let mut acts = vec![0; self.members.len()];
        for op in &self.trace.ops[..cut] {
            if let Op::Mark(who, act) = op
                && *who != ROUND
            {
                acts[*who as usize] = *act as usize;
            }
        }
        acts
    }
}

fn cast(server: &Server, rounds: u32) -> Vec<Member> {
    let parts = [
        Part::Walks,
        Part::Walks,
        Part::Walks,
        Part::Guesses,
        Part::Recovers,
        Part::ComesAndGoes,
    ];
    let joining = (0..rounds).map(Part::Joins);
    let parts = parts.into_iter().chain(joining);
    let cast = |(number, part): (u32, Part)| {
        let email = format!("member{number}@example.com");
        let person = match part {
            Part::Walks | Part::Guesses | Part::Recovers => Person::protected(server, &email),
            Part::ComesAndGoes => Person::user(server, &email),
            Part::Joins(_) => Person {
                email,
                ..Person::default()
            },
        };
        Member {
            person,
            number,
            medium: server.medium.clone(),
            part,
            acts: Vec::new(),
        }
    };
    let mut members: Vec<Member> = (0..).zip(parts).map(cast).collect();
    let store = opened(&server.medium.copy()).unwrap();
    for member in &mut members {
        let standing = store.read(|read| Standing::read(read, &member.person.email));
        let held = Held {
            access: member.person.access.clone(),
            refresh: member.person.refresh.clone(),
            used: String::new(),
        };
        member.acts.push((standing.unwrap(), held));
    }
    members
}
