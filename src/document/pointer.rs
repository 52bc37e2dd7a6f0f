//! JSON Pointer (RFC 6901), as text.

use std::borrow::Cow;

use serde_json::Value;

/// A token as it stands in a pointer: `~` as `~0`, `/` as `~1`.
pub fn escape(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) {
        Cow::Owned(token.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The pointer to the member (or item) `token` of what `pointer` names.
pub fn join(pointer: &str, token: &str) -> String {
    let token = escape(token);
    let mut joined = String::with_capacity(pointer.len() + 1 + token.len());
    joined.push_str(pointer);
    joined.push('/');
    joined.push_str(&token);
    joined
}

/// The tokens of a pointer, decoded. Text before the first `/` does not count; `""` has no token, `"/"` an empty one.
pub fn tokens(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(|token| {
        if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
    })
}

/// The pointer to the value that holds what `pointer` names; `None` for the root.
pub fn parent(pointer: &str) -> Option<&str> {
    pointer.rfind('/').and_then(|at| pointer.get(..at))
}

/// The member or item of a value that a decoded token names.
pub(super) fn member<'a>(value: &'a Value, token: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(token),
        Value::Array(items) => {
            let plain = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
            let index: usize = if plain { token.parse().ok()? } else { return None };
            items.get(index)
        }
        _ => None,
    }
}

/// The value that a pointer names below `value`.
pub(super) fn find<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    tokens(pointer).try_fold(value, |value, token| member(value, &token))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{escape, find, join, parent, tokens};

    #[test]
    fn tokens_survive_a_round_trip() {
        let odd = ["", "~", "/", "~1", "~0~/", "a b", "%2F", "ä"];
        let pointer = odd.iter().fold(String::new(), |pointer, token| join(&pointer, token));
        assert_eq!(pointer, "//~0/~1/~01/~00~0~1/a b/%2F/ä");
        assert_eq!(tokens(&pointer).collect::<Vec<_>>(), odd);
        assert_eq!(tokens("").count(), 0);
        assert_eq!(escape("plain"), "plain");
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(parent("/a"), Some(""));
        assert_eq!(parent(""), None);
    }

    #[test]
    fn values_are_found_as_the_rfc_says() {
        let value = json!({ "a": [10, { "~/": 1 }], "": 3, "01": 4 });
        assert_eq!(find(&value, ""), Some(&value));
        assert_eq!(find(&value, "/"), Some(&json!(3)));
        assert_eq!(find(&value, "/a/0"), Some(&json!(10)));
        assert_eq!(find(&value, "/a/1/~0~1"), Some(&json!(1)));
        assert_eq!(find(&value, "/01"), Some(&json!(4)));
        for dangling in ["a", "/a/01", "/a/-", "/a/+1", "/a/2", "/a/99999999999999999999", "/a/0/x", "/b", "#/a"] {
            assert_eq!(find(&value, dangling), None, "{dangling}");
        }
    }
}
