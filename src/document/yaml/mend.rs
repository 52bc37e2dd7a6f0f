//! What the parser refuses though authors mean it, rewritten so that every byte after it stands where it stood:
//!
//! - lines of white space with a tab at the start of a block scalar: their white space moves behind the `|` or `>`;
//! - C1 control characters, which YAML leaves out: replaced by characters that the text does not have, and put back
//!   into what was read.

use std::borrow::Cow;

use granit_parser::ErrorKind;

/// A text as it is parsed.
pub(super) struct Mended<'t> {
    pub(super) text: Cow<'t, str>,
    /// Stand-in, and what it stands for.
    stand_ins: Vec<(char, char)>,
}

impl<'t> Mended<'t> {
    /// The text as it is.
    pub(super) fn nothing(text: &'t str) -> Mended<'t> {
        Mended { text: Cow::Borrowed(text), stand_ins: Vec::new() }
    }

    /// What was read, as it was written.
    pub(super) fn restore<'r>(&self, read: &'r str) -> Cow<'r, str> {
        if self.stand_ins.is_empty() || !read.contains(|c| self.original(c).is_some()) {
            return Cow::Borrowed(read);
        }
        Cow::Owned(read.chars().map(|c| self.original(c).unwrap_or(c)).collect())
    }

    fn original(&self, stand_in: char) -> Option<char> {
        self.stand_ins.iter().find(|(from, _)| *from == stand_in).map(|(_, original)| *original)
    }
}

/// The text without what the parser stopped at, if that is of a kind that can be mended.
pub(super) fn mend<'t>(text: &'t str, stopped_at: &ErrorKind) -> Option<Mended<'t>> {
    let reason = matches!(
        stopped_at,
        ErrorKind::UnexpectedCharacter { .. }
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::InvalidBlockScalarIndent
            | ErrorKind::TabInIndentation
    );
    if !reason {
        return None;
    }
    let mut mended = Mended { text: Cow::Owned(move_white_space(text)), stand_ins: Vec::new() };
    let mut spare = ('\u{100}'..'\u{7ff}').filter(|c| c.is_alphabetic() && !text.contains(*c));
    for refused in ('\u{80}'..='\u{9f}').filter(|c| text.contains(*c)) {
        let stand_in = spare.next()?;
        mended.text = Cow::Owned(mended.text.replace(refused, stand_in.encode_utf8(&mut [0; 4])));
        mended.stand_ins.push((stand_in, refused));
    }
    (mended.text != text && mended.text.len() == text.len()).then_some(mended)
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
