//! Power cuts: what a medium was asked to do, and what it may hold when the power comes back.
//!
//! Three things are taken for granted, and no more: what was written before a sync that returned is
//! there; a write touches no byte beside its own; a byte is the old one or the new one. Of all that came
//! after the last sync any subset of the sectors may have arrived, in any order, some of them torn, and
//! the file may have its old length or the new one.

use super::dice::Dice;
use serde::{Deserialize, Serialize};

const SECTOR: usize = 512;
/// One in so many sectors that arrive is torn.
const TORN: usize = 12;

/// What a medium was asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Op {
    Write {
        offset: usize,
        data: Vec<u8>,
    },
    SetLength(usize),
    Sync,
    /// Nothing of the medium: a place that the test finds again.
    Mark(u32, u32),
}

/// All that a medium was asked to do since it held `base`, every byte of which is durable.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trace {
    pub base: Vec<u8>,
    pub ops: Vec<Op>,
}

/// Goes through the cuts of a trace, which come in order.
pub struct Walk<'a> {
    ops: &'a [Op],
    durable: Vec<u8>,
    /// Operations whose effect is durable.
    settled: usize,
    believes_syncs: bool,
}

impl<'a> Walk<'a> {
    pub fn new(trace: &'a Trace) -> Self {
        Self {
            ops: &trace.ops,
            durable: trace.base.clone(),
            settled: 0,
            believes_syncs: true,
        }
    }

    /// The same on a medium whose sync does nothing at all.
    pub fn on_a_liar(trace: &'a Trace) -> Self {
        Self {
            believes_syncs: false,
            ..Self::new(trace)
        }
    }

    /// What is durable when the power fails before operation `cut`, and what was under way.
    pub fn to(&mut self, cut: usize) -> (&[u8], &'a [Op]) {
        let open = &self.ops[self.settled..cut];
        let last_sync = open.iter().rposition(|op| matches!(op, Op::Sync));
        if let Some(last) = last_sync
            && self.believes_syncs
        {
            for op in &open[..=last] {
                apply(&mut self.durable, op);
            }
            self.settled += last + 1;
        }
        (&self.durable, &self.ops[self.settled..cut])
    }

    /// What the medium holds if all of it arrived.
    pub fn whole(&mut self, cut: usize) -> Vec<u8> {
        let (durable, pending) = self.to(cut);
        let mut bytes = durable.to_vec();
        for op in pending {
            apply(&mut bytes, op);
        }
        bytes
    }
}

fn apply(bytes: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write { offset, data } => bytes[*offset..*offset + data.len()].copy_from_slice(data),
        Op::SetLength(length) => bytes.resize(*length, 0),
        Op::Sync | Op::Mark(..) => {}
    }
}

/// Which of the pieces (sectors, and changes of the length) arrive.
#[derive(Debug)]
enum Fate {
    /// Each with so many chances in 16.
    Each(usize),
    /// Those before this one: the medium wrote in order.
    Before(usize),
    /// All but this one.
    AllBut(usize),
    /// The first sector, which says where everything is, and half of the others.
    HeaderAhead,
    /// All but the first sector.
    HeaderBehind,
}

impl Fate {
    fn roll(dice: &mut Dice, pieces: usize) -> Self {
        match dice.roll(10) {
            0 => Self::Each(0),
            1 => Self::Each(16),
            2 => Self::Each(1),
            3 => Self::Each(15),
            4 | 5 => Self::Each(8),
            6 => Self::Before(dice.roll(pieces + 1)),
            7 => Self::AllBut(dice.roll(pieces + 1)),
            8 => Self::HeaderAhead,
            _ => Self::HeaderBehind,
        }
    }

    fn lets_arrive(&self, piece: usize, is_header: bool, dice: &mut Dice) -> bool {
        match self {
            Self::Each(chances) => dice.roll(16) < *chances,
            Self::Before(first_lost) => piece < *first_lost,
            Self::AllBut(lost) => piece != *lost,
            Self::HeaderAhead => is_header || dice.roll(2) == 0,
            Self::HeaderBehind => !is_header,
        }
    }
}

/// One of the states in which the power may leave the medium, and how it came about.
pub fn survivors(durable: &[u8], pending: &[Op], dice: &mut Dice) -> (Vec<u8>, String) {
    let pieces: usize = pending.iter().map(pieces_of).sum();
    let fate = Fate::roll(dice, pieces);
    let mut bytes = durable.to_vec();
    let (mut piece, mut torn) = (0, 0);
    for op in pending {
        match op {
            Op::Write { offset, data } => {
                let mut start = 0;
                while start < data.len() {
                    let end = data.len().min(start + SECTOR - (offset + start) % SECTOR);
                    let is_header = offset + start < SECTOR;
                    if fate.lets_arrive(piece, is_header, dice) {
                        let (from, to) = tear(start, end, dice);
                        torn += usize::from((from, to) != (start, end));
                        arrive(&mut bytes, offset + from, &data[from..to]);
                    }
                    piece += 1;
                    start = end;
                }
            }
            Op::SetLength(length) => {
                if fate.lets_arrive(piece, false, dice) {
                    bytes.resize(*length, 0);
                }
                piece += 1;
            }
            Op::Sync | Op::Mark(..) => {}
        }
    }
    let what = format!("{fate:?} of {pieces} pieces, {torn} of them torn");
    (bytes, what)
}

fn pieces_of(op: &Op) -> usize {
    match op {
        Op::Write { offset, data } => (offset + data.len()).div_ceil(SECTOR) - offset / SECTOR,
        Op::SetLength(_) => 1,
        Op::Sync | Op::Mark(..) => 0,
    }
}

/// The part of a sector that arrives: nearly always all of it, else its beginning or its end.
fn tear(start: usize, end: usize, dice: &mut Dice) -> (usize, usize) {
    if dice.roll(TORN) > 0 {
        return (start, end);
    }
    let at = start + dice.roll(end - start);
    if dice.roll(2) == 0 {
        (start, at)
    } else {
        (at, end)
    }
}

/// What lies behind the end of a file whose new length was lost is lost with it.
fn arrive(bytes: &mut [u8], at: usize, data: &[u8]) {
    let end = bytes.len().min(at + data.len());
    if at < end {
        bytes[at..end].copy_from_slice(&data[..end - at]);
    }
}
