//! Faults on the wire: what becomes of an answer on its way to the client. Plain data; a server carries it out.

use std::fmt;

use crate::finding::did_you_mean;

/// What happens to a connection instead of a whole answer. `Display` and [`parse`](Fault::parse) are its text: `reset`,
/// `truncate:40%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset, and nothing is sent.
    Reset,
    /// The connection is closed in good order, and nothing is sent.
    Empty,
    /// Nothing is sent, and the connection stays open.
    Hang,
    /// The head of the answer is sent and so much of its content; then the connection is closed.
    Truncate(Share),
}

/// The faults that are one word.
const WORDS: [(&str, Fault); 3] = [("reset", Fault::Reset), ("empty", Fault::Empty), ("hang", Fault::Hang)];

/// The fault that has a share.
const TRUNCATE: &str = "truncate";

/// What the format has beside them, and this version does not carry out.
const LATER: [&str; 6] = ["dribble", "slow-headers", "malformed-chunk", "wrong-length", "garbage", "close-idle"];

impl Fault {
    /// Whether the client gets something of the answer: at least its head.
    pub fn answers(self) -> bool {
        matches!(self, Fault::Truncate(_))
    }

    /// The fault that is this one word.
    pub fn of_word(word: &str) -> Option<Fault> {
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, fault)| *fault)
    }

    /// The words for faults.
    pub fn words() -> [&'static str; 3] {
        WORDS.map(|(word, _)| word)
    }

    /// What it is called, however much of the answer is sent.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Truncate(_) => TRUNCATE,
            fault => WORDS.iter().find(|(_, known)| *known == fault).map_or("", |(word, _)| word),
        }
    }

    /// What those that are carried out are called.
    pub fn names() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word).chain([TRUNCATE])
    }

    /// Whether that is the name of a fault that the format has and this version does not carry out.
    pub fn is_later(name: &str) -> bool {
        LATER.contains(&name)
    }

    /// The name of a fault, of those that are carried out, that comes nearest.
    pub fn nearest(name: &str) -> Option<&'static str> {
        did_you_mean(name, WORDS.iter().map(|(word, _)| *word).chain([TRUNCATE]))
    }

    /// Reads `reset`, `empty`, `hang` or `truncate:40%`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead, as two sentence fragments.
    pub fn parse(text: &str) -> Result<Fault, (String, String)> {
        if let Some(fault) = Fault::of_word(text) {
            return Ok(fault);
        }
        let (name, share) = text.split_once(':').map_or((text, None), |(name, share)| (name, Some(share)));
        if name == TRUNCATE {
            let Some(share) = share else {
                let sentence = "`truncate` does not say how much of the content is sent".to_owned();
                return Err((sentence, "write `truncate:40%`".to_owned()));
            };
            return Share::parse(share.trim()).map(Fault::Truncate);
        }
        let shown: String = name.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if Fault::is_later(name) {
            let sentence = format!("`{shown}` is a fault that this version does not carry out yet");
            return Err((sentence, "it knows `reset`, `empty`, `hang` and `truncate:40%`".to_owned()));
        }
        if Fault::of_word(name).is_some() {
            return Err((format!("`{shown}` takes nothing"), format!("write `{shown}`")));
        }
        let help = match Fault::nearest(name) {
            Some(TRUNCATE) => "did you mean `truncate:40%`?".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => "write `reset`, `empty`, `hang` or `truncate:40%`".to_owned(),
        };
        Err((format!("`{shown}` is no fault"), help))
    }

    /// What it does, as a sentence fragment for people.
    pub fn told(self) -> String {
        match self {
            Fault::Reset => "the connection was reset, nothing was sent".to_owned(),
            Fault::Empty => "the connection was closed, nothing was sent".to_owned(),
            Fault::Hang => "nothing was sent, the connection stayed open".to_owned(),
            Fault::Truncate(share) => format!("the connection was closed after {share} of the content"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Truncate(share) => write!(out, "{TRUNCATE}:{share}"),
            fault => out.write_str(WORDS.iter().find(|(_, known)| known == fault).map_or("", |(word, _)| word)),
        }
    }
}

/// A part of the whole that is not all of it: `0%` up to, and without, `100%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Out of [`Share::WHOLE`].
    parts: u32,
}

impl Share {
    /// The digits after the point that a percentage may have.
    const DECIMALS: usize = 4;
    /// How many parts the whole has.
    const WHOLE: u32 = 100 * 10_u32.pow(Share::DECIMALS as u32);

    /// Reads `40%` or `12.5%`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead, as two sentence fragments.
    pub fn parse(text: &str) -> Result<Share, (String, String)> {
        let shown: String = text.chars().take(20).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let no_share = || (format!("`{shown}` is no share"), "write `0%` to `99.9%`, such as `40%`".to_owned());
        let number = text.strip_suffix('%');
        let (whole, fraction) = number.unwrap_or(text).split_once('.').unwrap_or((number.unwrap_or(text), "0"));
        let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 9) || !digits(fraction, Share::DECIMALS) {
            return Err(no_share());
        }
        let Some(number) = number else {
            return Err((format!("`{shown}` has no `%`"), format!("write `{shown}%`")));
        };
        let missing = Share::DECIMALS - fraction.len();
        let parts = format!("{whole}{fraction}{}", "0".repeat(missing)).parse::<u64>().unwrap_or(u64::MAX);
        match u32::try_from(parts) {
            Ok(parts) if parts < Share::WHOLE => Ok(Share { parts }),
            Ok(Share::WHOLE) => {
                let sentence = format!("`{number}%` leaves nothing out");
                Err((sentence, "write less than `100%`".to_owned()))
            }
            _ => Err((format!("`{shown}` is more than all"), "write less than `100%`".to_owned())),
        }
    }

    /// So much of a length, rounded down: of anything less than all of it.
    pub fn of(self, length: usize) -> usize {
        let part = length as u128 * u128::from(self.parts) / u128::from(Share::WHOLE);
        // Less than the length, which fits.
        usize::try_from(part).unwrap_or(length)
    }
}

/// As it would be written: `40%`.
impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = Share::WHOLE / 100;
        let text = format!("{}.{:0width$}", self.parts / one, self.parts % one, width = Share::DECIMALS);
        write!(out, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, LATER, Share};

    #[test]
    fn a_fault_is_written_as_it_is_read() {
        for text in ["reset", "empty", "hang", "truncate:0%", "truncate:40%", "truncate:12.5%", "truncate:99.9999%"] {
            assert_eq!(Fault::parse(text).map(|fault| fault.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Fault::parse("truncate:40.0%"), Fault::parse("truncate: 40%"));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        for (text, sentence, help) in [
            ("rest", "`rest` is no fault", "did you mean `reset`?"),
            ("Reset", "`Reset` is no fault", "did you mean `reset`?"),
            ("truncated", "`truncated` is no fault", "did you mean `truncate:40%`?"),
            ("nothing", "`nothing` is no fault", "write `reset`, `empty`, `hang` or `truncate:40%`"),
            ("", "`` is no fault", "write `reset`, `empty`, `hang` or `truncate:40%`"),
            ("reset:1", "`reset` takes nothing", "write `reset`"),
            ("truncate", "`truncate` does not say how much of the content is sent", "write `truncate:40%`"),
            ("truncate:40", "`40` has no `%`", "write `40%`"),
            ("truncate:x", "`x` is no share", "write `0%` to `99.9%`, such as `40%`"),
            ("truncate:1.23456%", "`1.23456%` is no share", "write `0%` to `99.9%`, such as `40%`"),
            ("truncate:100%", "`100%` leaves nothing out", "write less than `100%`"),
            ("truncate:101%", "`101%` is more than all", "write less than `100%`"),
            ("truncate:999999999%", "`999999999%` is more than all", "write less than `100%`"),
        ] {
            assert_eq!(Fault::parse(text), Err((sentence.to_owned(), help.to_owned())), "{text}");
        }
        for later in LATER {
            let (sentence, help) = Fault::parse(later).unwrap_err();
            assert_eq!(sentence, format!("`{later}` is a fault that this version does not carry out yet"));
            assert_eq!(help, "it knows `reset`, `empty`, `hang` and `truncate:40%`");
        }
    }

    #[test]
    fn a_share_is_exact_and_never_all() {
        let share = |text: &str| Share::parse(text).unwrap();
        assert_eq!([0, 1, 2, 5, 10, 99].map(|length| share("40%").of(length)), [0, 0, 0, 2, 4, 39]);
        assert_eq!(share("0%").of(1000), 0);
        assert_eq!(share("99.9999%").of(1), 0);
        assert_eq!(share("99.9999%").of(1_000_000), 999_999);
        assert_eq!(share("50%").of(usize::MAX), usize::MAX / 2);
    }
}
