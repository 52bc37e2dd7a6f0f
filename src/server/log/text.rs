//! Text that is safe on a terminal.

use std::fmt::Write;

/// Adds a text, control characters escaped: what a client sent must not move anybody's cursor.
pub(super) fn push(out: &mut String, text: &str) {
    // Nearly all there is, and told apart without a branch for each byte.
    if text.bytes().fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte)) {
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
    const BLANKS: &str = "                                                                ";
    let length = out.get(start..).map_or(0, |text| text.chars().count());
    let mut missing = width.saturating_sub(length) + 2;
    while missing > 0 {
        let piece = &BLANKS[..missing.min(BLANKS.len())];
        out.push_str(piece);
        missing -= piece.len();
    }
}

/// Adds a number with at least this many digits.
pub(in crate::server) fn number(out: &mut String, number: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    while rest > 0 || digits.len() - at < least {
        let Some(digit) = at.checked_sub(1).and_then(|before| digits.get_mut(before)) else { break };
        // Less than ten, so this fits.
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        at -= 1;
    }
    // Digits are ASCII.
    out.push_str(digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::{cut, number, pad, push};

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn numbers_are_padded_with_zeros() {
        for (value, least, text) in [
            (0, 1, "0"),
            (0, 0, ""),
            (7, 2, "07"),
            (1234, 2, "1234"),
            (u64::MAX, 1, "18446744073709551615"),
            (1, 99, "00000000000000000001"),
        ] {
            assert_eq!(written(|out| number(out, value, least)), text);
        }
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(written(|out| push(out, "a\u{1b}[2J\r\n\u{9b}ü~ ")), "a\\u{1b}[2J\\r\\n\\u{9b}ü~ ");
        assert_eq!(cut("aüb\n", 3), "aüb…");
        assert_eq!(cut("aüb\n", 4), "aüb\\n");
        assert_eq!(
            written(|out| {
                out.push_str("xü");
                pad(out, 1, 3);
                out.push('|');
            }),
            "xü    |"
        );
    }
}
