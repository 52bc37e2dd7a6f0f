//! Chance as a function: SipHash-2-4 over what a draw is for, keyed by the seed; from there on down to the single value, where
//! nobody chooses the numbers, the mixing function of SplitMix64. Stable from version to version: golden values hold both in
//! place, because a printed seed has to give the same run tomorrow.

use std::hash::Hasher;

use siphasher::sip::SipHasher24;

/// Where all chance of a run comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// The second half of the key. Ours alone, so that a seed means nothing elsewhere.
const KEY: u64 = 0x7374_616e_6469_6e31; // "standin1"

/// The output function of SplitMix64: every bit of the number moves about half of the bits of the result.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Seed {
    /// A hash of these parts, in this order. Each part is told apart from the next: `["ab", "c"]` is not `["a", "bc"]`.
    pub fn hash(self, parts: &[&[u8]]) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.0, KEY);
        // Small parts together: the hasher is at its best with many bytes at once.
        let mut room = [0; 256];
        let mut filled = 0;
        for part in parts {
            let length = (part.len() as u64).to_le_bytes();
            for bytes in [&length, *part] {
                if let Some(free) = room.get_mut(filled..filled + bytes.len()) {
                    free.copy_from_slice(bytes);
                    filled += bytes.len();
                    continue;
                }
                hasher.write(&room[..filled]);
                hasher.write(bytes);
                filled = 0;
            }
        }
        hasher.write(&room[..filled]);
        hasher.finish()
    }

    /// The seed that a text stands for: a whole number for itself, any other text for its hash.
    pub fn of_text(text: &str) -> Seed {
        text.parse().map_or_else(|_| Seed(0).narrow(text), Seed)
    }

    /// The seed of something smaller: this one, narrowed by a name.
    #[must_use = "the narrowed seed is what is returned"]
    pub fn narrow(self, name: &str) -> Seed {
        Seed(self.hash(&[name.as_bytes()]))
    }

    /// The seed of one of several alike: this one, narrowed by a number.
    #[must_use = "the narrowed seed is what is returned"]
    pub fn nth(self, number: u64) -> Seed {
        Seed(mix(self.0.wrapping_add(mix(number))))
    }

    /// An even number below `bound`; 0 when there is none.
    pub fn below(self, bound: u64) -> u64 {
        // The high half of a 128-bit product: even to within one part in 2^64.
        ((u128::from(self.0) * u128::from(bound)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(Seed(0).hash(&[]), GOLDEN[0]);
        assert_eq!(Seed(0).hash(&[b"session", b"operation"]), GOLDEN[1]);
        assert_eq!(Seed(7).hash(&[b"session", b"operation"]), GOLDEN[2]);
        assert_eq!(Seed(7).narrow("email").0, GOLDEN[3]);
        assert_eq!(Seed(7).nth(3).0, GOLDEN[4]);
    }

    /// Computed once with another implementation of both functions.
    const GOLDEN: [u64; 5] =
        [7728456770944369927, 14414891952872858548, 17078052385601916559, 5482670434701541277, 14168067888664523901];

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(Seed(1).hash(&[b"ab", b"c"]), Seed(1).hash(&[b"a", b"bc"]));
    }

    #[test]
    fn a_number_below_a_bound_is_below_it_and_even() {
        let mut counts = [0_u32; 10];
        for number in 0..10_000 {
            counts[Seed(0).nth(number).below(10) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert_eq!(Seed(u64::MAX).below(0), 0);
    }
}
