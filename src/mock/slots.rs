//! Which counter is an operation's: counters go by the operation's key, so that they outlive a reload.
//!
//! A call counts by number, since to look up a name takes longer. The numbers of a mock's operations are found once, when a state
//! takes it in: what is called as before has the number that it had, and what is new has a new one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many operations are remembered that are not there any more, beside as many again as there are.
const GONE: usize = 1_000;

/// The counters' numbers, by operation. A list: it is looked into once a reload, and a table takes twice the room.
#[derive(Debug, Default)]
pub(super) struct Slots {
    known: Vec<(Arc<str>, usize)>,
    /// The first number that nobody has had yet. None is given twice: what it counted would be another's.
    fresh: usize,
}

impl Slots {
    /// Those of the first mock: its operations have the numbers that they have in it.
    pub(super) fn first<'k>(keys: impl ExactSizeIterator<Item = &'k Arc<str>>) -> Slots {
        let fresh = keys.len();
        Slots { known: keys.cloned().zip(0..).collect(), fresh }
    }

    /// The numbers of a mock's operations, in their order. Those that are not among them are remembered, as they may come back, unless
    /// there are too many.
    pub(super) fn of(&mut self, keys: &[&Arc<str>]) -> Box<[usize]> {
        let mut known: HashMap<Arc<str>, usize> = std::mem::take(&mut self.known).into_iter().collect();
        let slots = keys.iter().map(|key| {
            *known.entry(Arc::clone(key)).or_insert_with(|| {
                self.fresh += 1;
                self.fresh - 1
            })
        });
        let slots: Box<[usize]> = slots.collect();
        if known.len() > 2 * keys.len() + GONE {
            let present: HashSet<&str> = keys.iter().map(|key| &***key).collect();
            known.retain(|key, _| present.contains(&**key));
        }
        self.known = known.into_iter().collect();
        slots
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{GONE, Slots};

    fn keys(words: &str) -> Vec<Arc<str>> {
        words.split_whitespace().map(Arc::from).collect()
    }

    #[test]
    fn an_operation_keeps_its_number_wherever_it_stands() {
        let mut slots = Slots::first(keys("a b c").iter());
        let of = |slots: &mut Slots, words: &str| {
            let keys = keys(words);
            slots.of(&keys.iter().collect::<Vec<_>>()).to_vec()
        };
        assert_eq!(of(&mut slots, "c a"), [2, 0]);
        assert_eq!(of(&mut slots, "new c b a"), [3, 2, 1, 0], "one that was gone for a while, too");
        assert_eq!(of(&mut slots, "newer"), [4]);
        for number in 0..2 * GONE {
            of(&mut slots, &format!("a renamed-{number}"));
        }
        assert!(slots.known.len() <= GONE + 4, "what is gone is forgotten at last");
        assert_eq!(of(&mut slots, "a"), [0]);
        assert!(of(&mut slots, "newer")[0] > 4, "forgotten, it does not have a number that another one has");
    }
}
