//! What statuses are called.

use serde_json::Value;

use crate::message::StatusCode;

/// The reason phrase (RFC 9110 §15); the class in words where there is none.
pub(super) fn phrase(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or(match status.as_u16() / 100 {
        2 => "Success",
        3 => "Redirection",
        4 => "Client Error",
        _ => "Server Error",
    })
}

/// Words that error types use for a status, the most telling first; letters and digits only.
fn words(status: u16) -> &'static [&'static str] {
    match status {
        400 => &["badrequest", "invalidrequest", "malformed", "invalid"],
        401 => &["unauthorized", "unauthenticated", "authentication", "invalidtoken", "auth"],
        402 => &["paymentrequired", "payment", "billing"],
        403 => &["forbidden", "permissiondenied", "accessdenied", "permission", "authorization", "notallowed"],
        404 => &["notfound", "missing", "unknown"],
        405 => &["methodnotallowed"],
        406 => &["notacceptable"],
        408 => &["requesttimeout", "timeout"],
        409 => &["alreadyexists", "conflict", "duplicate", "exists"],
        410 => &["gone", "deleted", "expired"],
        412 => &["preconditionfailed", "precondition"],
        413 => &["toolarge", "entitytoolarge"],
        415 => &["unsupportedmediatype", "mediatype"],
        422 => &["validation", "unprocessable", "invalid"],
        423 => &["locked"],
        424 => &["faileddependency", "dependency"],
        426 => &["upgraderequired", "upgrade"],
        429 => &["ratelimit", "toomanyrequests", "throttl", "quota"],
        500 => &["internalserver", "internalerror", "internal", "servererror", "apperror", "apierror", "unexpected"],
        501 => &["notimplemented", "unimplemented"],
        502 => &["badgateway", "upstream", "gateway"],
        503 => &["serviceunavailable", "unavailable", "overloaded"],
        504 => &["gatewaytimeout", "timeout", "deadline"],
        _ => &[],
    }
}

/// The member of a list of error types that belongs to a status.
pub(super) fn fitting(status: u16, listed: &[Value]) -> Option<&str> {
    let folded: Vec<(String, &str)> = listed.iter().filter_map(Value::as_str).map(|text| (fold(text), text)).collect();
    words(status).iter().find_map(|word| folded.iter().find(|(folded, _)| folded.contains(word)).map(|(_, text)| *text))
}

fn fold(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A fragment as a sentence's beginning: its first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn the_type_that_belongs_to_a_status_is_found_by_its_words() {
        let listed = serde_json::json!([
            "authentication_error",
            "already_exists_error",
            "RATE_LIMITED",
            "app_error",
            "not-found"
        ]);
        let listed = listed.as_array().unwrap();
        assert_eq!(fitting(401, listed), Some("authentication_error"));
        assert_eq!(fitting(409, listed), Some("already_exists_error"));
        assert_eq!(fitting(429, listed), Some("RATE_LIMITED"));
        assert_eq!(fitting(500, listed), Some("app_error"));
        assert_eq!(fitting(404, listed), Some("not-found"));
        assert_eq!(fitting(418, listed), None);
    }
}
