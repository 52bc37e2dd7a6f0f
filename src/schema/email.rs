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
    pieces(local, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-')).is_some()
        && pieces(host, |byte| byte.is_ascii_alphanumeric() || byte == b'-').is_some_and(|count| count >= 2)
        && host.split(|byte| *byte == b'.').all(is_plain_label)
        && host.last().is_some_and(u8::is_ascii_alphabetic)
}

/// How many pieces a text has between its dots; `None` where one is empty or has another character.
fn pieces(text: &[u8], fits: impl Fn(u8) -> bool) -> Option<usize> {
    let mut count = 1;
    let mut length = 0;
    for byte in text {
        match *byte {
            b'.' if length == 0 => return None,
            b'.' => (count, length) = (count + 1, 0),
            byte if fits(byte) => length += 1,
            _ => return None,
        }
    }
    (length > 0).then_some(count)
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
