//! The whole service on what a power cut left: codes that were accepted before are refused, refresh
//! tokens that were given out are good, and the audit log holds.

use super::people::{Held, Recording};
use super::standing::{Standing, id_in};
use crate::harness::ManualClock;
use crate::harness::medium::SharedMedium;
use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::ops::AddAssign;
use std::sync::Arc;
use vestibule::app::Local;

/// How often the service was asked, and what it answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replays {
    pub services: usize,
    pub codes: usize,
    /// Codes that were known as used, and not merely too old.
    pub known_as_used: usize,
    pub refreshes: usize,
}

impl AddAssign for Replays {
    fn add_assign(&mut self, other: Self) {
        self.services += other.services;
        self.codes += other.codes;
        self.known_as_used += other.known_as_used;
        self.refreshes += other.refreshes;
    }
}

struct Asked<'a> {
    recording: &'a Recording,
    local: Local,
}

impl Asked<'_> {
    fn ask(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()));
        let answer = self.local.answer(request.unwrap(), "tester".to_owned());
        let (status, bytes) = self.recording.server.block_on(answer).unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        (status.as_u16(), body)
    }

    fn replay_code(&self, held: &Held) -> Result<bool, String> {
        let body = json!({ "code": held.used });
        let (status, answer) = self.ask("/2fa/authenticate", &held.access, &body);
        if status == 200 {
            return Err("a code was accepted twice".to_owned());
        }
        let description = answer["description"].as_str().unwrap_or_default();
        Ok(description.contains("already used"))
    }

    fn replay_refresh(&self, held: &Held) -> Result<(), String> {
        let body = json!({ "refreshToken": held.refresh });
        let (status, answer) = self.ask("/auth/refresh-token", "", &body);
        match status {
            200 => Ok(()),
            _ => Err(format!("a refresh token is no longer good: {answer}")),
        }
    }
}

/// Whether a session is there and good in what was acknowledged, and in what comes next if anything does.
fn stands(standings: [Option<&Option<Standing>>; 2], session: [u8; 16]) -> bool {
    standings.into_iter().flatten().all(|standing| {
        let standing = standing.as_ref();
        standing.is_some_and(|known| !known.archived && known.sessions.contains_key(&session))
    })
}

/// Asks the service with what everybody held when the power failed before operation `cut`.
pub fn replay(recording: &Recording, cut: usize, medium: &SharedMedium) -> Result<Replays, String> {
    let clock = Arc::new(ManualClock::new());
    clock.set(recording.time(cut));
    let opened = recording.server.opens(medium, &clock);
    let asked = Asked {
        recording,
        local: opened.map_err(|error| format!("{error:#}"))?,
    };
    let mut replays = Replays {
        services: 1,
        ..Replays::default()
    };
    let counts = recording.acknowledged(cut);
    for (member, count) in recording.members.iter().zip(counts) {
        let held = &member.acts[count].1;
        if !held.used.is_empty() {
            replays.codes += 1;
            replays.known_as_used += usize::from(asked.replay_code(held)?);
        }
        // The act that was under way may have ended the session.
        let standings = [count, count + 1].map(|act| member.acts.get(act).map(|(known, _)| known));
        if !held.refresh.is_empty() && stands(standings, id_in(&held.refresh)) {
            asked.replay_refresh(held)?;
            replays.refreshes += 1;
        }
    }
    let (_, verified) = asked.ask("/operator/audit/verify", "", &json!({}));
    if verified["intact"] != true {
        return Err(format!("the audit log does not hold: {verified}"));
    }
    recording.server.block_on(asked.local.close());
    Ok(replays)
}
