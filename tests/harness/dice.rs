//! Chance that is the same in every run with the same seed.

/// xorshift64*.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Neighbouring seeds give sequences that have nothing to do with each other (splitmix64).
    pub fn new(seed: u64) -> Self {
        let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The one state from which nothing comes is 0.
        Self((state ^ (state >> 31)).max(1))
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(high).unwrap() % sides
    }
}
