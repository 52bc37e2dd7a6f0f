//! One entry of an archive, read.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::Deserialize;

use super::loose::Loose;
use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Moment, StatusCode, Target, header};
use crate::message::{MediaType, percent_encode_query};
use crate::traffic::records::sentence;
use crate::traffic::written::{began, field_value};
use crate::traffic::{CapturedBody, CapturedRequest, CapturedResponse, Exchange, LostKind, Outcome};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(default, borrow)]
    started_date_time: Loose<'a>,
    #[serde(default, borrow)]
    time: Loose<'a>,
    #[serde(borrow)]
    request: Asked<'a>,
    #[serde(default, borrow)]
    response: Option<Answer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(borrow)]
    method: Loose<'a>,
    #[serde(borrow)]
    url: Loose<'a>,
    #[serde(default, borrow)]
    headers: Option<Vec<Field<'a>>>,
    #[serde(default, borrow)]
    post_data: Option<PostData<'a>>,
    #[serde(default, borrow)]
    body_size: Loose<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    #[serde(default, borrow)]
    mime_type: Loose<'a>,
    #[serde(default, borrow)]
    text: Loose<'a>,
    #[serde(default, borrow)]
    params: Option<Vec<Field<'a>>>,
    #[serde(default, borrow, alias = "_encoding")]
    encoding: Loose<'a>,
    #[serde(default, borrow, rename = "_cut")]
    cut: Loose<'a>,
}

/// A field, or a member of a form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field<'a> {
    #[serde(default, borrow)]
    name: Loose<'a>,
    #[serde(default, borrow)]
    value: Loose<'a>,
    #[serde(default, borrow)]
    file_name: Loose<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(default, borrow)]
    status: Loose<'a>,
    #[serde(default, borrow)]
    headers: Option<Vec<Field<'a>>>,
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
    #[serde(default, borrow)]
    body_size: Loose<'a>,
    #[serde(default, borrow, rename = "_error")]
    error: Loose<'a>,
}

#[derive(Default, Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    size: Loose<'a>,
    #[serde(default, borrow)]
    text: Loose<'a>,
    #[serde(default, borrow)]
    encoding: Loose<'a>,
    #[serde(default, borrow, rename = "_cut")]
    cut: Loose<'a>,
}

type Trouble = (LostKind, String);

fn unreadable(why: impl Into<String>) -> Trouble {
    (LostKind::Unreadable, why.into())
}

/// Reads one entry. The exchange gets the entry's number.
pub(super) fn read(text: &[u8], number: u64) -> Result<Exchange, Trouble> {
    let entry: Entry<'_> = serde_json::from_slice(text).map_err(|error| unreadable(sentence(&error)))?;
    let wall_ns = entry.started_date_time.text().and_then(began).unwrap_or(0);
    let milliseconds = entry.time.number().unwrap_or(0.0).max(0.0);
    let (base, target) = address(entry.request.url.text().unwrap_or_default())?;
    let request = entry.request.read(target)?;
    let outcome = match &entry.response {
        Some(answer) => answer.read(&request.method)?,
        None => Outcome::Reset,
    };
    Ok(Exchange {
        id: number,
        began: Moment { wall_ns, mono_ns: u64::try_from(wall_ns).unwrap_or(0) },
        session: "default".into(),
        base: Some(base),
        request,
        outcome,
        took: Duration::try_from_secs_f64(milliseconds / 1_000.0).unwrap_or_default(),
        decision: None,
    })
}

/// Splits an address into scheme and authority, without credentials and default port, and the request target.
fn address(url: &str) -> Result<(Arc<str>, Target), Trouble> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(unreadable(format!("`{url}` is no address")));
    };
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return Err((LostKind::NotHttp, format!("a `{scheme}:` address"))),
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let rest = rest.split('#').next().unwrap_or(rest);
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority).to_ascii_lowercase();
    let host = host.strip_suffix(port).unwrap_or(&host);
    if host.is_empty() {
        return Err(unreadable(format!("`{url}` names no host")));
    }
    let target = if target.starts_with('/') { Cow::from(target) } else { format!("/{target}").into() };
    let target = Target::parse(&target).or_else(|| Target::parse(&mend(&target)));
    let target = target.ok_or_else(|| unreadable(format!("`{url}` is no address")))?;
    Ok((format!("{scheme}://{host}").into(), target))
}

/// A target with those characters encoded that no request line can carry: tools show addresses, and write what they show.
fn mend(target: &str) -> String {
    let mut mended = String::with_capacity(target.len() + 16);
    for char in target.chars() {
        if char.is_ascii_graphic() && !matches!(char, '"' | '<' | '>' | '`') {
            mended.push(char);
        } else {
            mended.push_str(&percent_encode_query(char.encode_utf8(&mut [0; 4])));
        }
    }
    mended
}

/// Reads fields, and passes over what is none. Chrome joins several values of a field with line feeds.
fn read_fields(fields: Option<&[Field<'_>]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for field in fields.unwrap_or_default() {
        let name = field.name.text().unwrap_or_default();
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        for value in field.value.text().unwrap_or_default().split('\n') {
            if let Some(value) = field_value(value.trim_end_matches('\r')) {
                // Beyond 32,768 fields there is no room, and no use.
                let _ = headers.try_append(name.clone(), value);
            }
        }
    }
    headers
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a text; cut, when it claims to be base64 and is not.
fn decode(text: &str, encoding: &Loose<'_>) -> CapturedBody {
    if !encoding.text().is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return CapturedBody::whole(Bytes::copy_from_slice(text.as_bytes()));
    }
    let text: Cow<'_, str> = if text.contains(char::is_whitespace) {
        text.split_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    match BASE64.decode(text.as_bytes()) {
        Ok(bytes) => CapturedBody::whole(bytes),
        Err(_) => CapturedBody { bytes: Bytes::new(), cut: true },
    }
}

impl Asked<'_> {
    fn read(&self, target: Target) -> Result<CapturedRequest, Trouble> {
        let method = self.method.text().unwrap_or_default();
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|_| unreadable(format!("`{method}` is no method")))?;
        let mut headers = read_fields(self.headers.as_deref());
        let mut body = match &self.post_data {
            Some(data) => data.read(&mut headers),
            None => CapturedBody::default(),
        };
        // Recorders that keep no content leave its length behind.
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).map(Cow::from);
        let had = |length: &Loose<'_>| length.length().is_some_and(|length| length > 0);
        body.cut |= body.bytes.is_empty() && (had(&self.body_size) || had(&Loose(length)));
        Ok(CapturedRequest { method, target, headers: headers.into(), body })
    }
}

impl PostData<'_> {
    fn read(&self, headers: &mut HeaderMap) -> CapturedBody {
        let mime_type = self.mime_type.text().unwrap_or_default();
        if !mime_type.is_empty()
            && !headers.contains_key(header::CONTENT_TYPE)
            && let Ok(value) = HeaderValue::from_str(mime_type)
        {
            headers.insert(header::CONTENT_TYPE, value);
        }
        let params = self.params.as_deref().unwrap_or_default();
        let mut body = match self.text.text() {
            Some(text) if !text.is_empty() || params.is_empty() => decode(text, &self.encoding),
            _ => form(params, mime_type),
        };
        body.cut |= self.cut.is_true();
        body
    }
}

/// A form put together again from its members. One with files, or of several parts, cannot be: its boundary is lost.
fn form(params: &[Field<'_>], mime_type: &str) -> CapturedBody {
    let files = params.iter().any(|param| param.file_name.text().is_some());
    if files || mime_type.to_ascii_lowercase().starts_with("multipart/") {
        return CapturedBody { bytes: Bytes::new(), cut: true };
    }
    // Browsers give members decoded or as they were sent; what is encoded already stays so.
    let part = |text: &Loose<'_>| {
        let text = text.text().unwrap_or_default();
        let encoded =
            text.contains('%') && !text.contains(|char: char| !char.is_ascii_graphic() || "&=".contains(char));
        if encoded { text.to_owned() } else { percent_encode_query(text).into_owned() }
    };
    let pairs: Vec<_> = params.iter().map(|param| format!("{}={}", part(&param.name), part(&param.value))).collect();
    CapturedBody::whole(pairs.join("&"))
}

impl Answer<'_> {
    fn read(&self, method: &Method) -> Result<Outcome, Trouble> {
        let status = self.status.number().unwrap_or(0.0);
        if status <= 0.0 {
            // No answer, or none that the page was allowed to see.
            let error = self.error.text().unwrap_or_default().to_ascii_lowercase().replace('_', " ");
            return Ok(match () {
                () if error.contains("timed out") || error.contains("timeout") => Outcome::TimedOut,
                () if error.contains("hung") => Outcome::Hung,
                () => Outcome::Reset,
            });
        }
        let code = self.status.length().and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        let code = code.ok_or_else(|| unreadable(format!("{status} is no status")))?;
        let mut headers = read_fields(self.headers.as_deref());
        let none = Content::default();
        let body = self.content.as_ref().unwrap_or(&none).read(&headers, &self.body_size);
        let bodiless = *method == Method::HEAD || code == StatusCode::NO_CONTENT || code == StatusCode::NOT_MODIFIED;
        let guessed = body.bytes.is_empty() && !self.content.as_ref().is_some_and(|content| content.cut.is_true());
        let body = if bodiless && guessed { CapturedBody::default() } else { body };
        // The bodies of an archive are decoded already; some tools keep them as they came, and then they are no text.
        let decoded = body.bytes.is_empty() || std::str::from_utf8(&body.bytes).is_ok();
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        if decoded {
            headers.remove(header::CONTENT_ENCODING);
        }
        Ok(Outcome::Answered(CapturedResponse { status: code, headers: headers.into(), body }))
    }
}

impl Content<'_> {
    fn read(&self, headers: &HeaderMap, body_size: &Loose<'_>) -> CapturedBody {
        let more_than = |length: &Loose<'_>, limit: usize| length.length().is_some_and(|length| length > limit);
        let Some(text) = self.text.text() else {
            // Bodies that were dropped leave their lengths behind.
            let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).map(Cow::from);
            let cut = more_than(&self.size, 0) || more_than(body_size, 0) || more_than(&Loose(length), 0);
            return CapturedBody { bytes: Bytes::new(), cut: cut || self.cut.is_true() };
        };
        let mut body = decode(text, &self.encoding);
        // `size` counts the bytes of the body before it became text: only comparable where that was UTF-8, and then it may
        // hold a byte order mark that the text has not.
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| MediaType::parse(value.to_str().ok()?));
        let charset = media_type.as_ref().and_then(|media_type| media_type.param("charset"));
        let utf8 =
            charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8"));
        body.cut |= self.cut.is_true() || (utf8 && more_than(&self.size, body.bytes.len() + 3));
        body
    }
}
