//! A list that grows behind a shared reference, and whose entries stay where they are.

use std::sync::OnceLock;

const FIRST: usize = 64;
const SHELVES: usize = 26;

/// Shelves of doubling size, so that nothing ever moves and a `&T` lives as long as the arena.
#[derive(Debug)]
pub(super) struct Arena<T> {
    shelves: [OnceLock<Box<[OnceLock<T>]>>; SHELVES],
}

impl<T> Arena<T> {
    pub(super) fn new() -> Arena<T> {
        Arena { shelves: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// The entry of that number, if it was set.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let (shelf, place) = place(number);
        self.shelves.get(shelf)?.get()?.get(place)?.get()
    }

    /// Sets an entry that is not yet set; `None` where the arena is full, which takes four thousand million of them.
    pub(super) fn set(&self, number: u32, value: T) -> Option<&T> {
        let (shelf, place) = place(number);
        let slots = self.shelves.get(shelf)?;
        let slots = slots.get_or_init(|| (0..FIRST << shelf).map(|_| OnceLock::new()).collect());
        Some(slots.get(place)?.get_or_init(|| value))
    }
}

fn place(number: u32) -> (usize, usize) {
    let number = number as usize;
    let shelf = (number / FIRST + 1).ilog2() as usize;
    (shelf, number - FIRST * ((1 << shelf) - 1))
}

#[cfg(test)]
mod tests {
    use super::Arena;

    #[test]
    fn every_number_has_its_own_place() {
        let arena = Arena::new();
        let numbers = (0..2_000).chain([1 << 16]);
        for number in numbers.clone() {
            assert_eq!(arena.get(number), None);
            arena.set(number, number);
        }
        assert!(numbers.clone().all(|number| arena.get(number) == Some(&number)));
    }
}
