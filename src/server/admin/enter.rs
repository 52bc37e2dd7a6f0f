//! The page with which a browser takes up a session, and a scenario in it, without any code: it sets the cookie, activates, and leads on.
//!
//! This is the only change that a GET makes, because a browser makes nothing else of an address. A page of another origin can send a
//! browser to that address as well: then nothing is changed before somebody has pressed a button here, on a page that no other can
//! frame. Where a browser is led on to is on this machine.

use std::borrow::Cow;

use http::Uri;
use serde_json::json;

use super::super::host::Host;
use super::super::html::{self, Page};
use super::guard::{self, From};
use super::{Answer, Asked, not_arranged, problem, value};
use crate::message::{HeaderValue, Method, Response, StatusCode, header};
use crate::mock::{DEFAULT_SESSION, session_name};

/// The most scenarios that the form lists.
const LISTED: usize = 500;

/// Takes up a session, or asks which.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let mut sessions = asked.query("session").filter(|name| !name.is_empty());
    let (Some(wanted), true) = (sessions.next(), asked.parts.method == Method::GET) else {
        return Ok(form(asked, None));
    };
    let name = session_name(&wanted).map_err(|why| wrong(asked, StatusCode::BAD_REQUEST, why))?;
    let scenarios: Vec<Cow<'_, str>> = asked.query("scenario").filter(|name| !name.is_empty()).collect();
    let to = asked.query("to").find(|to| !to.is_empty());
    let place = to.as_deref().map(place).transpose().map_err(|why| wrong(asked, StatusCode::BAD_REQUEST, why))?;
    match guard::from(asked.parts) {
        From::Itself => {}
        From::Elsewhere => return Ok(confirm(asked, &wanted, &scenarios, to.as_deref())),
        From::Nowhere => return Err(problem(StatusCode::FORBIDDEN, "this page is not to be fetched in advance")),
    }
    if scenarios.is_empty() {
        // It is there from now on, as it is.
        let there = asked.inner.state.set_clock(&name, asked.now, |_| {});
        asked.tell(&there.map_err(not_arranged)?);
    } else {
        let names: Vec<&str> = scenarios.iter().map(|name| &**name).collect();
        match asked.inner.state.activate(&asked.mock, &name, Some(&names), asked.now) {
            Ok(ended) => asked.tell(&ended),
            Err(crate::mock::NotArranged::Unknown(why)) => {
                return Err(wrong(asked, StatusCode::UNPROCESSABLE_ENTITY, why));
            }
            Err(why) => return Err(not_arranged(why)),
        }
    }
    let mut response = match place {
        Some(place) => {
            let mut response = Response::empty(StatusCode::SEE_OTHER);
            html::guarded(&mut response.headers);
            response.headers.insert(header::LOCATION, place);
            response
        }
        None if asked.page => form(asked, Some(&name)),
        None => value(&json!({ "session": *name, "active": scenarios })),
    };
    // The default session has no cookie.
    let gone = if *name == *DEFAULT_SESSION { "; Max-Age=0" } else { "" };
    let kept = if gone.is_empty() { &*name } else { "" };
    let cookie = HeaderValue::from_str(&format!("standin-session={kept}; Path=/; SameSite=Lax; HttpOnly{gone}"));
    response.headers.extend(cookie.ok().map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}

/// Where to lead on to: a path here, or an address on this machine.
fn place(to: &str) -> Result<HeaderValue, String> {
    let refused = || {
        format!(
            "`to` leads to a path such as `/` or to an address on this machine, such as `http://localhost:5173/`, not to `{to}`"
        )
    };
    // What browsers take for a slash, or leave out, would make another address of it.
    if to.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    let is_here = to.starts_with('/') && !to.starts_with("//");
    let is_local = || {
        let uri = to.split('#').next().and_then(|address| address.parse::<Uri>().ok())?;
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = Host::parse(uri.authority()?.as_str())?;
        Some(known && host.is_local())
    };
    if is_here || is_local() == Some(true) {
        // Fields are ASCII (RFC 9110 §5.5).
        let encoded = |c: char| match c.is_ascii() {
            true => c.to_string(),
            false => c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect(),
        };
        return HeaderValue::from_str(&to.chars().map(encoded).collect::<String>()).map_err(|_| refused());
    }
    Err(refused())
}

/// What is wrong, for people with the form below it.
fn wrong(asked: &Asked<'_>, status: StatusCode, why: String) -> Box<Response> {
    if !asked.page {
        return problem(status, why);
    }
    let mut page = Page::new("Use a session");
    page.element("p", &why);
    fields(asked, &mut page);
    let mut response = page.into_response();
    response.status = status;
    Box::new(response)
}

/// A form to pick a session and a scenario, which works without script; and what was picked.
fn form(asked: &Asked<'_>, picked: Option<&str>) -> Response {
    let mut page = Page::new("Use a session");
    if let Some(name) = picked {
        page.raw("<p>This browser is in the session <strong>");
        page.text(name);
        page.raw("</strong> now, on every port of this host.</p>\n");
        if let Some(standing) = asked.inner.state.standing(name, asked.now) {
            let active: Vec<&str> = standing.view.active(&asked.mock).map(|(scenario, _)| &*scenario.name).collect();
            let active = if active.is_empty() { "no scenario".to_owned() } else { active.join(", ") };
            page.element("p", format_args!("Active in it: {active}. Calls so far: {}.", standing.calls));
        }
    }
    fields(asked, &mut page);
    page.into_response()
}

fn fields(asked: &Asked<'_>, page: &mut Page) {
    page.form(format_args!("{}/use", asked.prefix()));
    page.raw("<p><label>Session <input name=\"session\" value=\"");
    page.text(asked.query("session").next().unwrap_or_default());
    page.raw("\" required maxlength=\"128\" placeholder=\"t1\"></label></p>\n<p><label>Scenario <select name=\"scenario\">\n");
    page.raw("<option value=\"\">as it is</option>\n");
    let picked = asked.query("scenario").next().unwrap_or_default();
    for scenario in asked.mock.known().iter().take(LISTED) {
        page.raw(if *scenario.name == *picked { "<option selected>" } else { "<option>" });
        page.text(&scenario.name);
        page.raw("</option>\n");
    }
    page.raw("</select></label></p>\n<p><label>Then go to <input name=\"to\" value=\"");
    page.text(asked.query("to").next().unwrap_or_default());
    page.raw("\" placeholder=\"http://localhost:5173/\"></label></p>\n<p><button>Use it</button></p>\n</form>\n");
}

/// Asks whether a page of another origin is to have its way.
fn confirm(asked: &Asked<'_>, session: &str, scenarios: &[Cow<'_, str>], to: Option<&str>) -> Response {
    let mut page = Page::new("Use a session?");
    page.raw("<p>Another page asks to put this browser in the session <strong>");
    page.text(session);
    page.raw("</strong>");
    if !scenarios.is_empty() {
        page.text(format_args!(", to start there: {}", scenarios.join(", ")));
    }
    if let Some(to) = to {
        page.text(format_args!(", and to go on to {to}"));
    }
    page.raw(".</p>\n");
    page.form(format_args!("{}/use", asked.prefix()));
    let scenarios = scenarios.iter().map(|name| ("scenario", &**name));
    for (name, value) in [("session", session)].into_iter().chain(scenarios).chain(to.map(|to| ("to", to))) {
        page.raw("<input type=\"hidden\" name=\"");
        page.text(name);
        page.raw("\" value=\"");
        page.text(value);
        page.raw("\">\n");
    }
    page.raw("<p><button>Do so</button></p>\n</form>\n");
    page.into_response()
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_browser_is_led_on_to_this_machine_only() {
        for to in [
            "/",
            "/a?b=//c",
            "http://localhost:5173/",
            "https://127.0.0.1:1/x#/y",
            "http://t1.localhost",
            "http://[::1]:5173/",
        ] {
            assert!(place(to).is_ok(), "{to}");
        }
        for to in [
            "//evil.test",
            "/\\evil.test",
            "http://evil.test",
            "http://localhost.evil.test/",
            "http://localhost@evil.test/",
            "http://localhost:80@evil.test/",
            "http:/\\evil.test",
            "http:\\\\evil.test",
            "http://evil.test#localhost",
            "http://evil.test\\@localhost/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://localhost/",
            "evil.test",
            "localhost:5173",
            " http://localhost/",
            "http://local\thost/",
            "/a\r\nSet-Cookie: x=y",
            "http:evil.test",
            "http:///evil.test",
        ] {
            assert!(place(to).is_err(), "{to}");
        }
    }
}
