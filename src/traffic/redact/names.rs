//! Which names say that a value is a secret.

/// Words that say it when a name ends with them.
#[rustfmt::skip]
const SECRET: &[&str] = &[
    "password", "passwd", "passphrase", "passcode", "pass", "pwd", "secret", "token", "jwt", "credential", "apikey", "accesskey",
    "secretkey", "privatekey", "authkey", "sessionid", "accesstoken", "refreshtoken", "idtoken", "authtoken", "clientsecret",
    "authorization", "signature", "sig", "otp", "totp", "cvv", "cvc", "assertion", "verifier",
];

/// Two words that say it together.
#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("auth", "key"), ("signing", "key"),
    ("encryption", "key"), ("session", "key"), ("license", "key"), ("subscription", "key"), ("session", "id"),
    ("pass", "word"), ("pass", "phrase"), ("pass", "code"),
];

/// Words after the one that matters.
#[rustfmt::skip]
const QUALIFIERS: &[&str] = &[
    "value", "hash", "digest", "confirm", "confirmation", "repeat", "again", "new", "old", "current", "plain", "encrypted",
    "base64",
];

/// A token after one of these is a place in a list.
const PLACES: &[&str] = &["page", "next", "previous", "prev", "continuation", "cursor", "sync"];

/// Several tokens are secrets after one of these; otherwise they are an amount.
const OWNED: &[&str] = &["access", "refresh", "auth", "api", "bearer", "session"];

/// Whether what has this name is taken for a secret: a name that ends with `password`, `secret`, `token`, `api_key` or the
/// like, in any style of writing (`userPassword2`, `X-Auth-Token`, `API_KEY`). Not `max_tokens`, `nextPageToken`, `token_type`.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let mut words = words.as_slice();
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && QUALIFIERS.contains(&last.as_str())
    {
        words = rest;
    }
    let [before @ .., last] = words else { return false };
    let before = before.last().map_or("", String::as_str);
    if last == "auth" {
        return before.is_empty();
    }
    let is_secret = |last: &str| SECRET.contains(&last) || PAIRS.contains(&(before, last));
    match last.strip_suffix('s') {
        Some("token") => OWNED.contains(&before),
        Some(one) if is_secret(one) => true,
        _ => is_secret(last) && !(last == "token" && PLACES.contains(&before)),
    }
}

/// The same for a header field. `Access-Control-Allow-Credentials` and its kin say nothing secret.
pub(super) fn is_secret_field(name: &str) -> bool {
    let cors = name.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("access-control-"));
    !cors && is_secret_name(name)
}

/// The words of a name in lower case, without digits: `userAPIKey2` is `user`, `api`, `key`.
fn words(name: &str) -> Vec<String> {
    const LONGEST: usize = 128;
    let mut words = Vec::new();
    let mut word = String::new();
    // Secrets say what they are at their end.
    let skipped = name.chars().count().saturating_sub(LONGEST);
    let mut chars = name.chars().skip(skipped).peekable();
    let mut before = ' ';
    while let Some(char) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let begins = char.is_uppercase()
            && (before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && next_is_lower));
        if (begins || !char.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if char.is_alphabetic() {
            word.extend(char.to_lowercase());
        } else if word == "base" && char.is_ascii_digit() {
            word.push(char);
        }
        before = char;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{is_secret_field, is_secret_name, words};

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("userAPIKey2"), ["user", "api", "key"]);
        assert_eq!(words("X-Auth--Token"), ["x", "auth", "token"]);
        assert_eq!(words("PASSWORD"), ["password"]);
        assert_eq!(words("!"), [""; 0]);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "password",
            "Password",
            "new_password",
            "userPassword2",
            "passwordConfirmation",
            "passWord",
            "pass_phrase",
            "client_secret",
            "clientSecret",
            "token",
            "access_token",
            "X-Auth-Token",
            "x-csrf-token",
            "X-API-Key",
            "apiKey",
            "api_keys",
            "APIKEY",
            "secrets",
            "aws.secretAccessKey",
            "Ocp-Apim-Subscription-Key",
            "X-Amz-Signature",
            "auth",
            "session_id",
            "refreshTokens",
            "credentials",
            "password_hash",
            "otp",
            "code_verifier",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn what_only_sounds_like_it_is_none() {
        for name in [
            "max_tokens",
            "tokens",
            "token_type",
            "nextPageToken",
            "page_token",
            "key",
            "idempotency-key",
            "monkey",
            "email",
            "auth_type",
            "secretary",
            "tokenizer",
            "accessKeyId",
            "content-digest",
            "passenger",
            "",
            "hash",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(!is_secret_field("access-control-allow-credentials"));
        assert!(is_secret_field("x-api-key"));
    }
}
