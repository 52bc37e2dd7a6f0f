//! Text that is safe on a terminal.

use std::fmt::Write;

/// Adds a text, control characters escaped: what a client sent must not move anybody's cursor.
pub(super) fn push(out: &mut String, text: &str) {
    if !text.chars().any(char::is_control) {
        out.push_str(text);
        return;
    }
    for char in text.chars() {
        if char.is_control() {
            // Writing to a string does not fail.
            let _ = write!(out, "{}", char.escape_default());
        } else {
            out.push(char);
        }
    }
}

/// The text, at most `most` characters of it.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut out = String::new();
    match text.char_indices().nth(most) {
        Some((at, _)) => {
            push(&mut out, &text[..at]);
            out.push('…');
        }
        None => push(&mut out, text),
    }
    out
}

/// Adds blanks until the text since `start` is `width` characters long, and two more.
pub(super) fn pad(out: &mut String, start: usize, width: usize) {
    let length = out.get(start..).map_or(0, |text| text.chars().count());
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(length) + 2));
}
