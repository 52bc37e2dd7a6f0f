//! In which form content comes to a page, and what is told of what is wrong in it.

use std::sync::Arc;

use http::request::Parts;
use serde_json::{Value, json};

use super::{Asked, problem};
use crate::document::Source;
use crate::finding::{Finding, Severity};
use crate::message::{HeaderMap, Response, StatusCode, header};

/// The most bytes of content: as long as a scenario may be, and a little more.
pub(in crate::server) const LONGEST: usize = (1 << 20) + (4 << 10);

/// What a page takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// No content.
    Nothing,
    /// JSON.
    Json,
    /// YAML, of which JSON is a part.
    Yaml,
}

impl Takes {
    fn media_types(self) -> &'static [&'static str] {
        match self {
            Takes::Nothing | Takes::Json => &["application/json"],
            Takes::Yaml => &["application/yaml", "application/json", "text/yaml", "application/x-yaml", "text/x-yaml"],
        }
    }
}

/// Whether content comes in a form that the page takes. What changes something takes no form that a page of another origin can send
/// without asking first (`text/plain` and forms), not even where there is nothing in it.
pub(super) fn check(takes: Takes, parts: &Parts) -> Result<(), Box<Response>> {
    if matches!(parts.method, http::Method::GET | http::Method::HEAD) {
        return Ok(());
    }
    let named = parts.headers.get_all(header::CONTENT_TYPE).iter().map(|value| value.to_str().unwrap_or_default());
    let named: Vec<&str> = named.map(|value| value.split(';').next().unwrap_or_default().trim()).collect();
    let known = |named: &str| takes.media_types().iter().any(|known| known.eq_ignore_ascii_case(named));
    let fits = match named.as_slice() {
        [] => takes == Takes::Nothing,
        [named] => known(named),
        _ => false,
    };
    if !fits {
        let types = takes.media_types();
        let detail = match takes {
            Takes::Nothing => "nothing is to be sent here; if anything is, it has to be `application/json`".to_owned(),
            _ => format!(
                "here `{}` is taken: say so in `Content-Type`",
                types.iter().take(2).copied().collect::<Vec<_>>().join("` or `")
            ),
        };
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    if is_coded(&parts.headers) {
        let detail = "content codings are not taken here: send it as it is";
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let length =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LONGEST) {
        return Err(too_large());
    }
    Ok(())
}

/// That there is more content than is taken.
pub(in crate::server) fn too_large() -> Box<Response> {
    problem(StatusCode::PAYLOAD_TOO_LARGE, format!("at most {} KiB are taken here", LONGEST >> 10))
}

fn is_coded(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

impl Asked<'_> {
    /// The content as JSON.
    pub(super) fn json(&self) -> Result<Value, Box<Response>> {
        serde_json::from_slice(&self.content)
            .map_err(|error| problem(StatusCode::BAD_REQUEST, format!("the content is no JSON: {error}")))
    }

    /// The content as a text of that name.
    pub(super) fn source(&self, name: String) -> Result<Arc<Source>, Box<Response>> {
        let text = std::str::from_utf8(&self.content);
        let text = text.map_err(|_| problem(StatusCode::BAD_REQUEST, "the content is not UTF-8 text"))?;
        Ok(Source::new(name, text))
    }
}

/// What is wrong in a text, one by one: as `standin lint --format json` tells it.
pub(super) fn told(findings: &[Finding]) -> Value {
    /// As many as anybody reads at once.
    const MOST: usize = 50;
    let finding = |finding: &Finding| {
        let (line, column) = finding.place.as_ref().map(|place| place.line_column()).unzip();
        json!({
            "rule": finding.rule.id,
            "severity": finding.severity.word(),
            "line": line,
            "column": column,
            "sentence": finding.sentence,
            "help": finding.help,
        })
    };
    findings.iter().take(MOST).map(finding).collect()
}

/// Whether something is wrong that cannot be carried out.
pub(super) fn is_broken(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
