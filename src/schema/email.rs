//! E-mail addresses: the usual ones are known at a glance, the rest is asked of the validator's own check.

use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

/// The check of `format: email`. Cheap to clone; what it compiles it compiles once, when it is first needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Emails(Arc<OnceLock<Option<Validator>>>);

impl Emails {
    /// Whether a text is an e-mail address, as the validator has it.
    pub(super) fn admits(&self, text: &str) -> bool {
        if is_plain(text) {
            return true;
        }
        let full = self.0.get_or_init(|| {
            jsonschema::options().should_validate_formats(true).build(&json!({"format": "email"})).ok()
        });
        full.as_ref().is_none_or(|full| full.is_valid(&Value::String(text.to_owned())))
    }
}

/// Whether a text is an address beyond doubt: letters, digits, `_`, `+`, `-` and single dots, `@`, and a host name of two or more
/// plain labels. What is not may be one all the same.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|byte| *byte == b'@') else { return false };
    let (local, host) = (&bytes[..at], &bytes[at + 1..]);
    local.len() <= 64 && is_local(local) && host.len() <= 180 && is_host(host)
}

/// Where a character may stand: one bit each.
const LOCAL: u8 = 1;
const HOST: u8 = 2;

/// For each byte, where it may stand.
static PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        places[byte] = match byte as u8 {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' => LOCAL | HOST,
            b'_' | b'+' => LOCAL,
            _ => 0,
        };
        byte += 1;
    }
    places
};

/// Pieces of such characters with single dots between them.
fn is_local(text: &[u8]) -> bool {
    let mut empty = true;
    for byte in text {
        match PLACES[usize::from(*byte)] & LOCAL {
            0 if *byte != b'.' || empty => return false,
            place => empty = place == 0,
        }
    }
    !empty
}

/// Two or more labels, each without a hyphen at its ends, and without two where an encoded one has them.
fn is_host(text: &[u8]) -> bool {
    let (mut start, mut before) = (0, b'.');
    for (at, byte) in text.iter().copied().enumerate() {
        // Letters and digits, nearly all there is, are fine wherever they stand.
        if PLACES[usize::from(byte)] & HOST == 0 || byte == b'-' {
            let long = at - start;
            let fine = match byte {
                b'.' => long > 0 && long <= 63 && before != b'-',
                b'-' => long > 0 && (long != 3 || before != b'-'),
                _ => false,
            };
            if !fine {
                return false;
            }
            if byte == b'.' {
                start = at + 1;
            }
        }
        before = byte;
    }
    start > 0 && text.len() - start <= 63 && before.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::{Emails, is_plain};
    use serde_json::json;

    const TEXTS: [&str; 24] = [
        "ada@example.com",
        "a.b+c_d-e@sub.example.co",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a.@example.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exa_mple.com",
        "ada@xn--bcher-kva.example",
        "\"a b\"@example.com",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada@example..com",
        "ada@example.com.",
        "ada example@example.com",
        "",
        "ädä@example.com",
        "a@b.c",
        "ada@1.2",
        "a!#$%&'*/=?^`{|}~@example.com",
    ];

    #[test]
    fn what_is_plain_is_an_address_to_the_full_check_too() {
        let full = jsonschema::options().should_validate_formats(true).build(&json!({"format": "email"})).unwrap();
        let emails = Emails::default();
        for text in TEXTS {
            let known = full.is_valid(&json!(text));
            assert!(known || !is_plain(text), "{text}");
            assert_eq!(emails.admits(text), known, "{text}");
        }
        assert!(is_plain(TEXTS[0]) && is_plain(TEXTS[1]));
    }

    /// Every text of up to six of these characters, before the sign and behind it.
    #[test]
    fn short_texts_are_judged_alike() {
        const CHARACTERS: &[u8; 6] = b"a1-._+";
        let full = jsonschema::options().should_validate_formats(true).build(&json!({"format": "email"})).unwrap();
        let mut plain = 0;
        for number in 0..6_usize.pow(6) {
            let mut rest = number;
            let mut text = String::new();
            while rest > 0 {
                text.push(char::from(CHARACTERS[rest % 6]));
                rest /= 6;
            }
            for text in [format!("a@a{text}.aa"), format!("{text}@a.aa"), format!("a@{text}")] {
                if is_plain(&text) {
                    plain += 1;
                    assert!(full.is_valid(&json!(text)), "{text}");
                }
            }
        }
        assert!(plain > 10_000, "{plain}");
    }
}
