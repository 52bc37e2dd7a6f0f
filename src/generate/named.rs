//! Values for those who name what they want: what a member of that name would hold.

use super::Seed;
use super::draw::Draws;
use super::meaning::{Subject, meaning, subject};
use super::name::words;
use super::text::{self, Spot};

/// The text that a member of this name would hold in an object made from `scope`; `None` where the name says nothing.
///
/// Names, addresses and the like of one `scope` and `which` belong to one person, company or thing; everything else goes by `own`.
pub fn named(name: &str, own: Seed, (scope, which): (Seed, u64), now: jiff::Timestamp) -> Option<String> {
    let words = words(name);
    let (meaning, _) = meaning(&words)?;
    let subject = subject(&words).unwrap_or(Subject::Person);
    let spot = Spot { own, scope, role: which, subject, now: now.as_second(), most: usize::MAX };
    let mut written = String::new();
    text::write(meaning, &spot, &mut written).ok()?;
    Some(written)
}

/// A version 4 UUID.
pub fn uuid(own: Seed) -> String {
    let mut written = String::with_capacity(36);
    // Writing to a text does not fail.
    let _ = text::uuid(&mut written, &mut Draws::new(own));
    written
}

/// A whole number between these, ends included; the first where they are the wrong way round.
pub fn between(own: Seed, least: i64, most: i64) -> i64 {
    let drawn = Draws::new(own).between(least.into(), most.into());
    i64::try_from(drawn).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::{between, named, uuid};
    use crate::generate::Seed;

    fn of(name: &str, number: u64, which: u64) -> Option<String> {
        named(name, Seed(1).nth(number), (Seed(1), which), jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_is_named_belongs_together_and_is_the_same_again() {
        let first = of("first_name", 0, 0).unwrap();
        assert!(of("name", 1, 0).unwrap().starts_with(&first));
        assert!(of("email", 2, 0).unwrap().starts_with(&first.to_lowercase()));
        assert_eq!(of("email", 2, 0), of("email", 7, 0));
        assert_ne!(of("email", 2, 0), of("email", 2, 1));
        assert_eq!(of("frobnicator", 0, 0), None);
    }

    #[test]
    fn uuids_and_numbers_are_drawn() {
        assert_eq!(uuid(Seed(3)).len(), 36);
        assert_ne!(uuid(Seed(3)), uuid(Seed(4)));
        assert!((0..100).all(|number| (3..=5).contains(&between(Seed(number), 3, 5))));
        assert_eq!(between(Seed(1), 5, 3), 5);
    }
}
