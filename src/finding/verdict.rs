//! The three values of a judgement.

/// What a check can come to. What could not be checked is *not decided*: never valid, never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It holds.
    Valid,
    /// It does not.
    Invalid,
    /// It could not be found out; counted and shown.
    NotDecided,
}

impl Verdict {
    /// Both together: invalid wins, then not decided.
    #[must_use = "both verdicts count: use what they come to together"]
    pub fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Invalid, _) | (_, Verdict::Invalid) => Verdict::Invalid,
            (Verdict::NotDecided, _) | (_, Verdict::NotDecided) => Verdict::NotDecided,
            (Verdict::Valid, Verdict::Valid) => Verdict::Valid,
        }
    }
}
