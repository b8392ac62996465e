//! The states that the store went through, commit by commit, and which of them it may be in after a
//! power cut.

use super::people::{Member, ROUND, Recording};
use super::standing::Standing;
use crate::harness::dice::Dice;
use crate::harness::medium::SharedMedium;
use crate::harness::power::{Op, Trace, Walk};
use crate::harness::records::content;
use redb::Database;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use vestibule::store::{Store, StoreError};

/// Opens what a medium holds as every start does: checked whole, repaired, brought to the schema. A
/// store that lost all is not taken for a new one.
pub fn opened(medium: &SharedMedium) -> Result<Store, StoreError> {
    let medium = medium.clone();
    Store::on(
        move || medium.clone(),
        |_| Err(StoreError::Damaged("taken for a first start".into())),
    )
}

/// Tells one content of the store from any other.
pub fn digest(medium: &SharedMedium) -> u64 {
    let database = Database::builder().create_with_backend(medium.clone());
    let mut hasher = DefaultHasher::new();
    content(&database.unwrap()).hash(&mut hasher);
    hasher.finish()
}

/// What a recording went through.
#[derive(Default)]
pub struct States {
    numbers: HashMap<u64, usize>,
    /// What each state says of each person.
    standings: Vec<Vec<Option<Standing>>>,
    /// Where a sync had returned, and the state that was durable then.
    durable: Vec<(usize, usize)>,
}

impl States {
    pub fn of(trace: &Trace, members: &[Member]) -> Self {
        let mut walk = Walk::new(trace);
        let mut states = Self::default();
        let syncs = (1..).zip(&trace.ops);
        let syncs = syncs.filter(|(_, op)| matches!(op, Op::Sync));
        for end in [0].into_iter().chain(syncs.map(|(end, _)| end)) {
            let medium = SharedMedium::holding(walk.whole(end));
            let standings = standings(&medium, members);
            let next = states.numbers.len();
            let number = *states.numbers.entry(digest(&medium)).or_insert(next);
            let last = states.durable.last().map_or(0, |(_, state)| *state);
            assert!(number == last || number == next, "an older state came back");
            states.standings.resize(number + 1, standings);
            states.durable.push((end, number));
        }
        states
    }

    /// Somewhere in the trace, half of the time right before or behind a sync.
    pub fn roll_cut(&self, dice: &mut Dice, ops: usize) -> usize {
        if dice.roll(2) == 0 {
            return dice.roll(ops + 1);
        }
        let (end, _) = self.durable[dice.roll(self.durable.len())];
        (end + 1).saturating_sub(dice.roll(4)).min(ops)
    }

    pub fn count(&self) -> usize {
        self.numbers.len()
    }

    /// The states that there may be after a cut before operation `cut`: the last one of which a sync
    /// told, and the one that was under way.
    pub fn allowed(&self, cut: usize) -> RangeInclusive<usize> {
        let next = self.durable.partition_point(|(end, _)| *end <= cut);
        let under_way = self.durable.get(next).or(self.durable.last());
        self.durable[next - 1].1..=under_way.unwrap().1
    }

    /// The number of the state that a medium is in after it was opened; none for one that never was.
    pub fn number(&self, medium: &SharedMedium) -> Option<usize> {
        self.numbers.get(&digest(medium)).copied()
    }

    /// Acts that are missing from the state that `durable_at` names, though they were acknowledged before.
    pub fn lost(&self, recording: &Recording, durable_at: impl Fn(usize) -> usize) -> Vec<String> {
        let mut lost = Vec::new();
        for (place, op) in recording.trace.ops.iter().enumerate() {
            let Op::Mark(who, act) = op else { continue };
            if *who == ROUND {
                continue;
            }
            let (who, act) = (*who as usize, *act as usize);
            let found = &self.standings[durable_at(place)][who];
            let acknowledged = &recording.members[who].acts[act].0;
            if found != acknowledged {
                lost.push(format!(
                    "member {who}, act {act}: {found:?}, not {acknowledged:?}"
                ));
            }
        }
        lost
    }

    /// Standings that are no member's next one: half an act, or one that came back.
    pub fn strange(&self, members: &[Member]) -> Vec<String> {
        let mut strange = Vec::new();
        for (who, member) in members.iter().enumerate() {
            let mut act = 0;
            for (state, standings) in self.standings.iter().enumerate() {
                let standing = &standings[who];
                let later = member.acts[act..]
                    .iter()
                    .position(|(known, _)| known == standing);
                match later {
                    Some(on) => act += on,
                    None => strange.push(format!("member {who} in state {state}: {standing:?}")),
                }
            }
        }
        strange
    }
}

fn standings(medium: &SharedMedium, members: &[Member]) -> Vec<Option<Standing>> {
    let store = opened(medium).unwrap();
    let of = |member: &Member| {
        let standing = store.read(|read| Standing::read(read, &member.person.email));
        standing.unwrap()
    };
    members.iter().map(of).collect()
}
