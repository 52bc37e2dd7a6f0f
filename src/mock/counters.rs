//! How often something happened, by number: counters that many count in at once, without a lock, and that take room only where
//! something was counted. There may be thousands of sessions, and thousands of operations of which each uses a few.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// How many counters are made at a time.
const CHUNK: usize = 32;

/// One level has twice the chunks of the one before: two million counters.
const LEVELS: usize = 16;

type Chunk = Box<[AtomicU64; CHUNK]>;

/// Counters, all of them 0 at first. More of them need not be announced: they may be asked for by any number.
#[derive(Debug, Default)]
pub(super) struct Counters {
    levels: [OnceLock<Box<[OnceLock<Chunk>]>>; LEVELS],
}

impl Counters {
    /// Counts one more, and says how many there are now; 0 where there is no room for so high a number.
    #[inline]
    pub(super) fn next(&self, slot: usize) -> u64 {
        let (level, place, index) = at(slot);
        let Some(level_cell) = self.levels.get(level) else { return 0 };
        let level = level_cell.get_or_init(|| (0..1_usize << level).map(|_| OnceLock::new()).collect());
        let Some(chunk) = level.get(place) else { return 0 };
        let chunk = chunk.get_or_init(|| Box::new([const { AtomicU64::new(0) }; CHUNK]));
        chunk[index].fetch_add(1, Relaxed) + 1
    }

    /// All that are not 0, by number, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        let levels = self.levels.iter().enumerate().filter_map(|(level, cell)| Some((level, cell.get()?)));
        let chunks = levels.flat_map(|(level, chunks)| {
            let first = (1_usize << level) - 1;
            chunks.iter().enumerate().filter_map(move |(place, chunk)| Some((first + place, chunk.get()?)))
        });
        let all = chunks.flat_map(|(chunk, counters)| {
            counters.iter().enumerate().map(move |(index, counter)| (chunk * CHUNK + index, counter.load(Relaxed)))
        });
        all.filter(|(_, count)| *count > 0)
    }

    /// All of them together.
    pub(super) fn sum(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }

    /// Sets all of them to 0.
    pub(super) fn clear(&self) {
        let chunks = self.levels.iter().filter_map(OnceLock::get).flat_map(|chunks| chunks.iter());
        chunks.filter_map(OnceLock::get).flat_map(|chunk| chunk.iter()).for_each(|counter| counter.store(0, Relaxed));
    }
}

/// The level, the chunk in it, and the counter in that.
#[inline]
fn at(slot: usize) -> (usize, usize, usize) {
    let number = slot / CHUNK + 1;
    let level = number.ilog2() as usize;
    (level, number - (1 << level), slot % CHUNK)
}

#[cfg(test)]
mod tests {
    use super::Counters;

    #[test]
    fn each_number_has_a_counter_of_its_own() {
        let counters = Counters::default();
        let slots = [0, 1, 31, 32, 33, 95, 96, 1_000, 65_535, 2_000_000];
        for (index, slot) in slots.iter().enumerate() {
            for time in 1..=index as u64 + 1 {
                assert_eq!(counters.next(*slot), time);
            }
        }
        let counted: Vec<_> = slots.iter().enumerate().map(|(index, slot)| (*slot, index as u64 + 1)).collect();
        assert_eq!(counters.iter().collect::<Vec<_>>(), counted);
        assert_eq!(counters.sum(), 55);
        counters.clear();
        assert_eq!(counters.iter().next(), None);
        assert_eq!(counters.next(usize::MAX - 1), 0, "there is an end to it");
    }

    #[test]
    fn nothing_is_lost_when_many_count_at_once() {
        let counters = Counters::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..2_000).for_each(|slot| assert!(counters.next(slot % 100) > 0)));
            }
        });
        assert!((0..100).all(|slot| counters.iter().any(|counted| counted == (slot, 80))));
    }
}
