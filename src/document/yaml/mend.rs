//! What the parser refuses though authors mean it, rewritten so that every byte after it stands where it stood:
//!
//! - lines of white space with a tab at the start of a block scalar: their white space moves behind the `|` or `>`;
//! - C1 control characters, which YAML leaves out: replaced by characters that the text does not have, and put back
//!   into what was read;
//! - and what is no YAML but can only mean one thing, which is told: `title: Note: this`, and tabs as indentation throughout.

use std::borrow::Cow;

use granit_parser::ErrorKind;

/// What is said of what is mended, in addition: it is no YAML, and may be meant otherwise.
pub(super) const READ_SO: &str = "; it is read as if it were so";

/// How many places of one text are mended that are told of: each has the text read once more.
const MOST: usize = 16;

/// A text as it is parsed.
pub(super) struct Mended<'t> {
    pub(super) text: Cow<'t, str>,
    /// Stand-in, and what it stands for: of the same length.
    stand_ins: Vec<(char, String)>,
    /// What needs no telling has been mended.
    quietly: bool,
}

impl<'t> Mended<'t> {
    /// The text as it is.
    pub(super) fn nothing(text: &'t str) -> Mended<'t> {
        Mended { text: Cow::Borrowed(text), stand_ins: Vec::new(), quietly: false }
    }

    /// What was read, as it was written.
    pub(super) fn restore<'r>(&self, read: &'r str) -> Cow<'r, str> {
        if self.stand_ins.is_empty() || !read.contains(|c| self.original(c).is_some()) {
            return Cow::Borrowed(read);
        }
        let mut restored = String::with_capacity(read.len());
        for c in read.chars() {
            match self.original(c) {
                Some(original) => restored.push_str(original),
                None => restored.push(c),
            }
        }
        Cow::Owned(restored)
    }

    fn original(&self, stand_in: char) -> Option<&str> {
        self.stand_ins.iter().find(|(from, _)| *from == stand_in).map(|(_, original)| original.as_str())
    }

    /// A letter of two bytes that the text does not have.
    fn spare(&self, text: &str) -> Option<char> {
        let free = |c: &char| c.is_alphabetic() && !text.contains(*c) && self.original(*c).is_none();
        ('\u{100}'..'\u{7ff}').find(free)
    }

    /// The text without what the parser stopped at, if that is of a kind that authors mean and YAML could have.
    pub(super) fn further(&self, text: &'t str, stopped_at: &ErrorKind) -> Option<Mended<'t>> {
        let reason = matches!(
            stopped_at,
            ErrorKind::UnexpectedCharacter { .. }
                | ErrorKind::TabAtBlockScalarStart
                | ErrorKind::InvalidBlockScalarIndent
                | ErrorKind::TabInIndentation
        );
        if !reason || self.quietly {
            return None;
        }
        let moved = move_white_space(&self.text);
        let mut mended = Mended { text: Cow::Owned(moved), stand_ins: self.stand_ins.clone(), quietly: true };
        for refused in ('\u{80}'..='\u{9f}').filter(|c| text.contains(*c)) {
            mended.stand_in(text, refused.encode_utf8(&mut [0; 4]))?;
        }
        mended.differs_from(self).then_some(mended)
    }

    /// The text with what can only mean one thing rewritten, though it is no YAML: the author is told. `before` is how often that was so.
    pub(super) fn told(
        &self,
        text: &'t str,
        stopped_at: usize,
        reason: &ErrorKind,
        before: usize,
    ) -> Option<Mended<'t>> {
        if before >= MOST {
            return None;
        }
        let mut mended = Mended { text: self.text.clone(), stand_ins: self.stand_ins.clone(), quietly: self.quietly };
        match reason {
            ErrorKind::MappingValueNotAllowed => {
                let colons = second_colons(&mended.text, stopped_at)?;
                let (start, end) = (colons.first()?, colons.last()?);
                let known = mended.stand_ins.iter().find(|(_, original)| original == ": ").map(|(c, _)| *c);
                let stand_in = match known {
                    Some(known) => known,
                    None => {
                        let spare = mended.spare(text)?;
                        mended.stand_ins.push((spare, ": ".to_owned()));
                        spare
                    }
                };
                let whole = mended.text.to_mut();
                let replaced = whole.get(*start..end + 2)?.replace(": ", stand_in.encode_utf8(&mut [0; 4]));
                whole.replace_range(*start..end + 2, &replaced);
            }
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::InvalidBlockEntryWhitespace
            | ErrorKind::InvalidMappingValueWhitespace => mended.text = Cow::Owned(tabs_as_spaces(&mended.text)?),
            _ => return None,
        }
        mended.differs_from(self).then_some(mended)
    }

    fn stand_in(&mut self, text: &str, original: &str) -> Option<()> {
        let spare = self.spare(text)?;
        self.text = Cow::Owned(self.text.replace(original, spare.encode_utf8(&mut [0; 4])));
        self.stand_ins.push((spare, original.to_owned()));
        Some(())
    }

    /// Whether something was rewritten, and every byte behind it stands where it stood.
    fn differs_from(&self, other: &Mended<'_>) -> bool {
        self.text != other.text && self.text.len() == other.text.len()
    }
}

/// Where the colons stand that a value of one line has, as in `title: Note: this`: each followed by a space. Only where the line is
/// `key: value` and the value is text from its first letter on, so that it can mean nothing else.
fn second_colons(text: &str, stopped_at: usize) -> Option<Vec<usize>> {
    let before = text.get(..stopped_at)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next()?;
    let line = line.split(" #").next()?.trim_end();
    let mut at = line.len() - line.trim_start_matches([' ', '-']).len();
    let key = line.get(at..)?.split(": ").next()?;
    let quoted = |sign: char| key.strip_prefix(sign).and_then(|rest| rest.strip_suffix(sign));
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(key);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-$./".contains(c)) {
        return None;
    }
    at += key.len() + 2;
    let value = line.get(at..)?.trim_start();
    if !value.starts_with(|c: char| c.is_alphanumeric() || c == '(') || value.ends_with(':') {
        return None;
    }
    Some(line.get(at..)?.match_indices(": ").map(|(found, _)| start + at + found).collect())
}

/// The text with a space for each tab of its indentation, if it says the same however wide a tab is taken to be: the indentation of each line
/// begins as that of the line before, or the other way round.
fn tabs_as_spaces(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let mut around = "";
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let indentation = line.get(..line.len() - content.len())?;
        if !content.trim().is_empty() && !content.starts_with('#') {
            if !around.starts_with(indentation) && !indentation.starts_with(around) {
                return None;
            }
            around = indentation;
        }
        mended.push_str(&indentation.replace('\t', " "));
        mended.push_str(content);
    }
    Some(mended)
}

fn move_white_space(text: &str) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let content = line.trim_end_matches(['\r', '\n']);
        let blank = |line: &str| line.ends_with('\n') && line.bytes().all(|byte| byte.is_ascii_whitespace());
        if !opens_block(content) || !lines.peek().is_some_and(|next| blank(next)) {
            moved.push_str(line);
            continue;
        }
        let mut breaks = line.get(content.len()..).unwrap_or("").to_owned();
        moved.push_str(content);
        while let Some(next) = lines.next_if(|next| blank(next)) {
            let space = next.trim_end_matches(['\r', '\n']);
            moved.push_str(space);
            breaks.push_str(next.get(space.len()..).unwrap_or(""));
        }
        moved.push_str(&breaks);
    }
    moved
}

/// Whether a line ends in `|` or `>`, maybe with its indicators.
fn opens_block(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(|c: char| c == '-' || c == '+' || c.is_ascii_digit());
    line.strip_suffix(['|', '>']).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']))
}
