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
    if local.len() > 64 || host.len() > 180 {
        return false;
    }
    pieces(local, LOCAL).is_some()
        && pieces(host, HOST).is_some_and(|count| count >= 2)
        && host.split(|byte| *byte == b'.').all(is_plain_label)
        && host.last().is_some_and(u8::is_ascii_alphabetic)
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

/// How many pieces a text has between its dots; `None` where one is empty or has another character.
fn pieces(text: &[u8], place: u8) -> Option<usize> {
    let mut count = 1;
    let mut empty = true;
    for byte in text {
        if PLACES[usize::from(*byte)] & place != 0 {
            empty = false;
        } else if *byte == b'.' && !empty {
            (count, empty) = (count + 1, true);
        } else {
            return None;
        }
    }
    (!empty).then_some(count)
}

/// A label without a hyphen at its ends, and without two where an encoded one has them.
fn is_plain_label(label: &[u8]) -> bool {
    label.len() <= 63 && !label.starts_with(b"-") && !label.ends_with(b"-") && label.get(2..4) != Some(b"--")
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
}
