//! Small HTML pages: everything escaped, nothing from elsewhere, no script.

use std::fmt::{self, Display, Write};

use http::{HeaderValue, header};

use crate::message::{Accept, Body, HeaderMap, MediaType, Response, StatusCode};

/// Nothing is loaded, run, framed or sent anywhere; the style is in the page, and so is the icon.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The same for a page with a form, which comes back here, and from here leads to this machine.
const POLICY_OF_FORMS: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
    form-action 'self' http://localhost:* https://localhost:* http://*.localhost:* https://*.localhost:* http://127.0.0.1:* https://127.0.0.1:*; \
    frame-ancestors 'none'";

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}\
    code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#8882;padding:.7em;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}\
    table{border-collapse:collapse}td:first-child{white-space:nowrap}td,th{text-align:left;vertical-align:top;padding:.2em 1em .2em 0}\
    th{font-weight:600;opacity:.8}label{margin-right:1em;white-space:nowrap}input,select,button{font:inherit}\
    h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}small{opacity:.7}summary{cursor:pointer}:root{color-scheme:light dark}";

/// A page under construction.
pub(super) struct Page {
    text: String,
    policy: &'static str,
}

impl Page {
    /// A page that begins with this heading.
    pub(super) fn new(title: impl Display) -> Page {
        let mut page = Page { text: String::new(), policy: POLICY };
        page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        page.text(&title);
        page.raw("</title>\n<link rel=\"icon\" href=\"data:,\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<style>");
        page.raw(STYLE);
        page.raw("</style>\n</head>\n<body>\n");
        page.element("h1", title);
        page
    }

    /// Adds markup, which must be a constant of the program.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.text.push_str(markup);
    }

    /// Adds text, escaped.
    pub(super) fn text(&mut self, text: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(Escaping(&mut self.text), "{text}");
    }

    /// Adds an element with nothing but text in it.
    pub(super) fn element(&mut self, name: &'static str, text: impl Display) {
        let _ = write!(self.text, "<{name}>");
        self.text(text);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Adds a link to an address of this server.
    pub(super) fn link(&mut self, to: impl Display, text: impl Display) {
        self.raw("<a href=\"");
        self.text(to);
        self.raw("\">");
        self.text(text);
        self.raw("</a>");
    }

    /// Begins a form, which asks for an address of this server.
    pub(super) fn form(&mut self, action: impl Display) {
        self.policy = POLICY_OF_FORMS;
        self.raw("<form method=\"get\" action=\"");
        self.text(action);
        self.raw("\">\n");
    }

    /// Adds an input to a form: what it is called for people, its name, and what stands in it.
    pub(super) fn input(&mut self, label: &'static str, name: &'static str, value: impl Display, hint: &'static str) {
        self.labelled(label);
        let _ = write!(self.text, "<input name=\"{name}\" placeholder=\"{hint}\" value=\"");
        self.text(value);
        self.raw("\"></label>\n");
    }

    /// Adds a choice to a form; the first one of `options` means any.
    pub(super) fn choice<'o>(
        &mut self,
        label: &'static str,
        name: &'static str,
        options: impl IntoIterator<Item = &'o str>,
        picked: &str,
    ) {
        self.labelled(label);
        let _ = write!(self.text, "<select name=\"{name}\">\n<option value=\"\">any</option>\n");
        for option in options {
            self.raw(if option == picked { "<option selected>" } else { "<option>" });
            self.text(option);
            self.raw("</option>\n");
        }
        self.raw("</select></label>\n");
    }

    fn labelled(&mut self, label: &'static str) {
        let _ = write!(self.text, "<label>{label} ");
    }

    /// Adds a row of a table; cells are escaped.
    pub(super) fn row<const N: usize>(&mut self, cells: [&dyn Display; N]) {
        self.raw("<tr>");
        for cell in cells {
            self.raw("<td>");
            self.text(cell);
            self.raw("</td>");
        }
        self.raw("</tr>\n");
    }

    /// The page as an answer.
    pub(super) fn into_response(mut self) -> Response {
        self.raw("</body>\n</html>\n");
        let mut response = Response::empty(StatusCode::OK);
        response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response.headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy));
        response.headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        guarded(&mut response.headers);
        response.body = Body::from(self.text);
        response
    }
}

/// Fields of everything that the server answers for itself: taken for what it says it is, and never kept.
pub(super) fn guarded(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
}

/// Whether the client would rather have a page than JSON: a browser, that is.
pub(super) fn is_preferred(headers: &HeaderMap) -> bool {
    let accept = Accept::parse(headers);
    let quality = |text: &str| MediaType::parse(text).map_or(0, |media_type| accept.quality(&media_type));
    quality("text/html") > quality("application/json")
}

/// Escapes what passes through.
struct Escaping<'o>(&'o mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            match char {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(char),
                // Not allowed in HTML, not even as references.
                char if char.is_control() => self.0.push('\u{fffd}'),
                char => self.0.push(char),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, is_preferred};
    use crate::message::{HeaderMap, HeaderValue, header};

    #[test]
    fn everything_is_escaped() {
        let mut page = Page::new("<b>");
        page.link("/?a=\"&b='", "</a><script>");
        page.row([&"\u{1b}\0<td>"]);
        let body = page.into_response().body.bytes();
        let text = std::str::from_utf8(&body).unwrap();
        assert!(text.contains("<title>&lt;b&gt;</title>"));
        assert!(text.contains("<a href=\"/?a=&quot;&amp;b=&#39;\">&lt;/a&gt;&lt;script&gt;</a>"));
        assert!(text.contains("<tr><td>\u{fffd}\u{fffd}&lt;td&gt;</td></tr>"));
    }

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        for (accept, page) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("*/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(is_preferred(&headers), page, "{accept}");
        }
        assert!(!is_preferred(&HeaderMap::new()));
    }
}
