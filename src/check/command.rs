//! A request as a command for a POSIX shell, with variables where secrets were.

use crate::message::{HeaderName, Method, header};
use crate::traffic::{CapturedRequest, is_redacted};

/// Content that is longer stands in a variable, in bytes.
const LONGEST: usize = 4 * 1024;

/// What a command needs to know beside the request.
pub(super) struct Connection<'c> {
    /// `--insecure`.
    pub(super) insecure: bool,
    /// `--ca`.
    pub(super) ca: &'c [std::path::PathBuf],
    /// Fields that were given for the run: their values are variables.
    pub(super) given: &'c [HeaderName],
}

/// The command that sends a request, secrets taken out, to a URL: one line.
pub(super) fn curl(url: &str, request: &CapturedRequest, connection: &Connection<'_>) -> String {
    let mut words: Vec<String> = vec!["curl".to_owned()];
    words.push(if request.method == Method::HEAD { "-sI" } else { "-si" }.to_owned());
    if connection.insecure {
        words.push("-k".to_owned());
    }
    if let [file] = connection.ca {
        words.extend(["--cacert".to_owned(), quote(&file.display().to_string())]);
    }
    if url.contains(['[', ']', '{', '}']) {
        words.push("-g".to_owned());
    }
    if url.contains("/.") {
        words.push("--path-as-is".to_owned());
    }
    let body = !request.body.bytes.is_empty();
    let implied = match request.method {
        Method::GET => !body,
        Method::HEAD => true,
        Method::POST => body,
        _ => false,
    };
    if !implied {
        words.extend(["-X".to_owned(), quote(request.method.as_str())]);
    }
    let mut variables = Variables::default();
    words.push(variables.quote(url));
    for (name, value) in &request.headers.to_map() {
        let value = String::from_utf8_lossy(value.as_bytes());
        if (*name == header::ACCEPT && value == "*/*") || *name == header::USER_AGENT {
            continue;
        }
        words.push("-H".to_owned());
        words.push(field(name, &value, connection, &mut variables));
    }
    if body {
        words.push("--data-binary".to_owned());
        words.push(content(request, &mut variables));
    }
    words.join(" ")
}

fn field(name: &HeaderName, value: &str, connection: &Connection<'_>, variables: &mut Variables) -> String {
    let secret = is_redacted(value) || *name == header::COOKIE || connection.given.contains(name);
    let shown = title_case(name.as_str());
    match value.split_once(' ') {
        Some((scheme, _)) if *name == header::AUTHORIZATION => format!("\"{shown}: {} $STANDIN_TOKEN\"", word(scheme)),
        _ if *name == header::AUTHORIZATION => format!("\"{shown}: $STANDIN_TOKEN\""),
        _ if secret => format!("\"{shown}: ${}\"", variable(name.as_str())),
        _ => variables.quote(&format!("{shown}: {value}")),
    }
}

/// A scheme is a token; anything else has no place between double quotation marks.
fn word(scheme: &str) -> String {
    scheme.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// `x-api-key` is `STANDIN_X_API_KEY`.
fn variable(name: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("STANDIN_{}", name.chars().map(upper).collect::<String>())
}

fn title_case(name: &str) -> String {
    let mut begins = true;
    let case = |c: char| {
        let shown = if begins { c.to_ascii_uppercase() } else { c };
        begins = c == '-';
        shown
    };
    name.chars().map(case).collect()
}

fn content(request: &CapturedRequest, variables: &mut Variables) -> String {
    let text = std::str::from_utf8(&request.body.bytes).ok().filter(|text| text.len() <= LONGEST && !request.body.cut);
    let line = text.map(|text| {
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() { one_line(text) } else { text.to_owned() }
    });
    match line.filter(|line| !line.contains(char::is_control)) {
        Some(line) => variables.quote(&line),
        None => "\"$STANDIN_BODY\"".to_owned(),
    }
}

/// JSON without the blanks between its tokens; no value is changed.
fn one_line(json: &str) -> String {
    let (mut line, mut in_string, mut escaped) = (String::with_capacity(json.len()), false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        line.push(c);
    }
    line
}

/// Digests in the order in which a command meets them.
#[derive(Default)]
struct Variables(Vec<String>);

impl Variables {
    /// A text as one word of the shell; each digest in it is a variable.
    fn quote(&mut self, text: &str) -> String {
        const LENGTH: usize = "redacted:".len() + 16;
        let mut word = String::new();
        let mut rest = text;
        while let Some(at) = rest
            .match_indices("redacted:")
            .map(|(at, _)| at)
            .find(|at| rest.get(*at..at + LENGTH).is_some_and(is_redacted))
        {
            if at > 0 {
                word.push_str(&quote(&rest[..at]));
            }
            let digest = &rest[at..at + LENGTH];
            let number = self.0.iter().position(|known| known == digest).unwrap_or_else(|| {
                self.0.push(digest.to_owned());
                self.0.len() - 1
            });
            word.push_str(&format!("\"$STANDIN_SECRET_{}\"", number + 1));
            rest = &rest[at + LENGTH..];
        }
        if !rest.is_empty() || word.is_empty() {
            word.push_str(&quote(rest));
        }
        word
    }
}

/// A text as one word of a POSIX shell.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{Connection, curl, quote};
    use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Target};
    use crate::traffic::{CapturedBody, CapturedRequest};

    fn command(method: Method, url: &str, fields: &[(&str, &str)], body: &str) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = CapturedBody::whole(body.to_owned());
        let request = CapturedRequest { method, target: Target::parse("/").unwrap(), headers: headers.into(), body };
        let given = [HeaderName::from_static("x-tenant")];
        curl(url, &request, &Connection { insecure: false, ca: &[], given: &given })
    }

    #[test]
    fn a_request_is_one_line_that_a_shell_reads_back() {
        let shown = command(Method::GET, "https://example.com/a?b=1&c=it's", &[("accept", "*/*"), ("x-b", "a b")], "");
        assert_eq!(shown, r"curl -si 'https://example.com/a?b=1&c=it'\''s' -H 'X-B: a b'");
        let shown = command(
            Method::POST,
            "http://h/a",
            &[("content-type", "application/json")],
            "{\n  \"a\": \"it's \\\" b\"\n}",
        );
        assert_eq!(
            shown,
            r#"curl -si http://h/a -H 'Content-Type: application/json' --data-binary '{"a":"it'\''s \" b"}'"#
        );
        assert_eq!(command(Method::DELETE, "http://h/a", &[], ""), "curl -si -X DELETE http://h/a");
        assert_eq!(command(Method::HEAD, "http://h/{a}", &[], ""), "curl -sI -g 'http://h/{a}'");
        assert_eq!(
            command(Method::PUT, "http://h/a", &[], "a\u{1}"),
            "curl -si -X PUT http://h/a --data-binary \"$STANDIN_BODY\""
        );
    }

    #[test]
    fn secrets_are_variables() {
        let digest = "redacted:0123456789abcdef";
        let fields =
            [("authorization", "Bearer redacted:0123456789abcdef"), ("x-api-key", digest), ("x-tenant", "acme")];
        let shown =
            command(Method::POST, &format!("http://h/a?token={digest}"), &fields, &format!(r#"{{"pin":"{digest}"}}"#));
        assert_eq!(
            shown,
            "curl -si 'http://h/a?token='\"$STANDIN_SECRET_1\" -H \"Authorization: Bearer $STANDIN_TOKEN\" \
             -H \"X-Api-Key: $STANDIN_X_API_KEY\" -H \"X-Tenant: $STANDIN_X_TENANT\" \
             --data-binary '{\"pin\":\"'\"$STANDIN_SECRET_1\"'\"}'"
        );
    }

    #[test]
    fn a_word_is_quoted_where_it_must_be() {
        assert_eq!((quote("a/b:1").as_str(), quote("").as_str(), quote("$a").as_str()), ("a/b:1", "''", "'$a'"));
    }
}
