//! Text that is safe on a terminal.

use std::fmt::Write;

/// Adds a text, control characters escaped: what a client sent must not move anybody's cursor.
pub(super) fn push(out: &mut String, text: &str) {
    if is_plain(text.as_bytes()) {
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

/// Whether all of it is visible ASCII or blanks: nearly all there is, and told without a branch for each byte.
fn is_plain(bytes: &[u8]) -> bool {
    let all = |bytes: &[u8]| bytes.iter().fold(true, |plain, byte| plain & (b' '..=b'~').contains(byte));
    let (pieces, rest) = bytes.as_chunks::<16>();
    pieces.iter().all(|piece| all(piece)) && all(rest)
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
    let length = out.get(start..).map_or(0, |text| if text.is_ascii() { text.len() } else { text.chars().count() });
    let mut missing = width.saturating_sub(length) + 2;
    while missing > 0 {
        let piece = &BLANKS[..missing.min(BLANKS.len())];
        out.push_str(piece);
        missing -= piece.len();
    }
}

/// The most digits of a number.
const DIGITS: usize = 20;

/// All that two digits can be, one behind the other.
const PAIRS: &str = {
    const ALL: [u8; 200] = {
        let mut all = [0; 200];
        let mut number = 0;
        while number < 100 {
            // Both are below ten.
            all[2 * number] = b'0' + (number / 10) as u8;
            all[2 * number + 1] = b'0' + (number % 10) as u8;
            number += 1;
        }
        all
    };
    match std::str::from_utf8(&ALL) {
        Ok(all) => all,
        Err(_) => "",
    }
};

/// Adds the time of a day, `09:41:07`, from the seconds since it began.
pub(super) fn clock(out: &mut String, second: u64) {
    let mut text = *b"00:00:00";
    for (part, at) in [(second / 3600 % 100, 0), (second / 60 % 60, 3), (second % 60, 6)] {
        // Both are below ten.
        text[at] = b'0' + (part / 10) as u8;
        text[at + 1] = b'0' + (part % 10) as u8;
    }
    // Digits are ASCII.
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
}

/// Adds a number with at least this many digits.
pub(in crate::server) fn number(out: &mut String, number: u64, least: usize) {
    let least = least.min(DIGITS);
    if number >= 100 || least > 2 {
        self::number(out, number / 100, least.saturating_sub(2));
    }
    let skipped = match number {
        0 if least == 0 => 2,
        0..10 if least < 2 => 1,
        _ => 0,
    };
    let at = 2 * (number % 100) as usize;
    out.push_str(PAIRS.get(at + skipped..at + 2).unwrap_or_default());
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
