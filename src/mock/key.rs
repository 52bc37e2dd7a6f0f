//! Which session a request belongs to: what names one, and in which order that is looked at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::{Marked, Options};
use crate::message::{HeaderName, Request, baggage_member, cookies, header};

/// The field that names a session.
pub(super) static FIELD: HeaderName = HeaderName::from_static("standin-session");

/// The cookie, and the member of `baggage`, that name one.
const NAME: &str = "standin-session";

/// The longest name.
const LONGEST: usize = 128;

/// What named a session.
#[derive(Clone, Copy)]
enum Key {
    Field,
    Label,
    Cookie,
    Baggage,
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Key::Field => "`Standin-Session`",
            Key::Label => "the label before `.localhost` in `Host`",
            Key::Cookie => "the cookie `standin-session`",
            Key::Baggage => "the member `standin-session` of `baggage`",
        })
    }
}

/// The name of the session that a request belongs to: of its `Standin-Session` field, else of its host (`t1.localhost`), else of its
/// cookie, else of its `baggage`, else the default one. The error says why a name is refused, or that one is missing where it is
/// asked for.
pub(super) fn name(
    request: &Request,
    marked: Marked,
    options: &Options,
    default: &Arc<str>,
) -> Result<Arc<str>, String> {
    let Some((key, name)) = named(request, marked)? else {
        if options.require_session {
            let why = "this mock asks for a session on every request, e.g. `Standin-Session: t1`";
            return Err(why.to_owned());
        }
        return Ok(default.clone());
    };
    if !is_name(&name) {
        return Err(format!("{key} takes {NAMES}"));
    }
    Ok(name.as_ref().into())
}

/// What a name is, for messages.
const NAMES: &str = "a name of 1 to 128 visible ASCII characters without quotes, commas and semicolons";

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\' | '<' | '>');
    !name.is_empty() && name.len() <= LONGEST && name.chars().all(fits)
}

/// The name of a session.
///
/// # Errors
/// When it is none: what one is.
pub fn session_name(name: &str) -> Result<Arc<str>, String> {
    if is_name(name) { Ok(name.into()) } else { Err(format!("a session has {NAMES}")) }
}

fn named(request: &Request, marked: Marked) -> Result<Option<(Key, Cow<'_, str>)>, String> {
    let headers = &request.headers;
    if marked.session {
        let mut fields = headers.get_all(&FIELD).iter();
        let field = fields.next();
        if fields.any(|other| Some(other) != field) {
            return Err("`Standin-Session` is there more than once, and names different sessions".to_owned());
        }
        let name = field.and_then(|field| field.to_str().ok()).unwrap_or_default().trim();
        return Ok(Some((Key::Field, name.into())));
    }
    if marked.dotted
        && let Some(label) = request.header(header::HOST.as_str()).and_then(label)
    {
        return Ok(Some((Key::Label, label.to_ascii_lowercase().into())));
    }
    if marked.cookie
        // One without a value is a cookie that was taken back.
        && let Some((_, value)) = cookies(headers).find(|(known, value)| *known == NAME && !value.is_empty())
    {
        return Ok(Some((Key::Cookie, value.into())));
    }
    if marked.baggage
        && let Some(value) = baggage_member(headers, NAME)
    {
        return match value {
            Ok(value) => Ok(Some((Key::Baggage, value))),
            Err(written) => Err(format!("`{NAME}` in `baggage` is no text: `{written}`")),
        };
    }
    Ok(None)
}

/// What stands before `.localhost` (RFC 6761 §6.3: all of these names are this machine's).
fn label(host: &str) -> Option<&str> {
    const SUFFIX: &str = ".localhost";
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let name = name.strip_suffix('.').unwrap_or(name);
    let at = name.len().checked_sub(SUFFIX.len())?;
    let (label, suffix) = name.split_at_checked(at)?;
    (suffix.eq_ignore_ascii_case(SUFFIX) && !label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_label_is_what_stands_before_localhost() {
        for (host, expected) in [
            ("t1.localhost:4010", Some("t1")),
            ("T1.Localhost", Some("T1")),
            ("a.b.localhost.:1", Some("a.b")),
            ("localhost:4010", None),
            (".localhost", None),
            ("127.0.0.1:4010", None),
            ("[::1]:4010", None),
            ("t1.localhost.example.com", None),
            ("ä.localhosu", None),
        ] {
            assert_eq!(label(host), expected, "{host}");
        }
    }
}
