//! Several draws from one seed: SplitMix64, which is a few lines, and the same in every version.

use super::Seed;

/// A stream of numbers for one value.
#[derive(Clone, Debug)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: Seed) -> Draws {
        Draws(seed.0)
    }

    /// One of several streams for the same value, told apart by a number.
    pub(super) fn of(seed: Seed, stream: u64) -> Draws {
        // Not a multiple of the step between two draws: streams that differ by such a one would run into each other.
        Draws(seed.0 ^ stream.wrapping_add(1).wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An even number below `bound`; 0 when there is none.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        Seed(self.next()).below(bound)
    }

    /// A number between these, ends included; the first where they are the wrong way round.
    pub(super) fn between(&mut self, least: i128, most: i128) -> i128 {
        let Some(width) = most.checked_sub(least).and_then(|width| u128::try_from(width).ok()) else { return least };
        let offset = match u64::try_from(width).ok().and_then(|width| width.checked_add(1)) {
            Some(bound) => u128::from(self.below(bound)),
            // Wider than 64 bits: a remainder is even enough.
            None => {
                let wide = u128::from(self.next()) << 64 | u128::from(self.next());
                width.checked_add(1).map_or(wide, |bound| wide % bound)
            }
        };
        least.saturating_add(i128::try_from(offset).unwrap_or(0))
    }

    /// One of these; the default of its type where there is none.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, table: &[&'a T]) -> &'a T
    where
        &'a T: Default,
    {
        table.get(self.below(table.len() as u64) as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seed;
    use super::Draws;

    #[test]
    fn the_stream_is_the_same_in_every_version() {
        // The first outputs for seed 1234567 of the published SplitMix64.
        let mut draws = Draws::new(Seed(1_234_567));
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423_u64];
        assert_eq!(expected, [draws.next(), draws.next(), draws.next()]);
    }

    #[test]
    fn numbers_lie_between_their_ends() {
        let mut draws = Draws::new(Seed(7));
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[usize::try_from(draws.between(-2, 2) + 2).unwrap()] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(draws.between(3, 2), 3);
        assert_eq!(draws.between(i128::MIN, i128::MIN), i128::MIN);
        let _ = draws.between(i128::MIN, i128::MAX);
        let wide = draws.between(0, i128::MAX);
        assert!(wide >= 0);
    }
}
