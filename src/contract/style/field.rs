//! Header fields (`simple`) and cookies (`form`, `cookie`).

use std::borrow::Cow;

use super::{Decoding, Gathered, Undecodable, delimited, separator};
use crate::contract::{Call, Parameter};
use crate::message::{HeaderMap, cookies};
use crate::spec::Style;

/// Finds a header field. Repeated fields come together as one list (RFC 9110 §5.3), `Set-Cookie` excepted: as a list, each field is an
/// item; as anything else, the first one is taken.
pub(in crate::contract) fn fields<'r>(parameter: &Parameter, headers: &'r HeaderMap) -> Gathered<'r> {
    let mut values = headers.get_all(&*parameter.name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let Some(first) = values.next() else { return Gathered::Absent };
    if parameter.is_set_cookie() && parameter.shape.array {
        return Gathered::List { texts: std::iter::once(first).chain(values).collect(), whole: None };
    }
    let several: Vec<Cow<'r, str>> = if parameter.is_set_cookie() { Vec::new() } else { values.collect() };
    let whole: Cow<'r, str> = if several.is_empty() {
        first
    } else {
        Cow::Owned(std::iter::once(first).chain(several).collect::<Vec<_>>().join(", "))
    };
    if !parameter.shape.array && !parameter.shape.object {
        return Gathered::One(whole);
    }
    // Space around the commas is allowed (RFC 9110 §5.6.1); field values are not percent-decoded.
    let separator = separator(parameter.style);
    let tidy: String = whole.split(separator).map(str::trim).collect::<Vec<_>>().join(separator);
    match delimited(parameter, &tidy, &[separator], Decoding::None) {
        Ok(found) => owned(found),
        Err(Undecodable(text)) => Gathered::Broken(text),
    }
}

fn owned<'r>(found: Gathered<'_>) -> Gathered<'r> {
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    match found {
        Gathered::Absent => Gathered::Absent,
        Gathered::Broken(text) => Gathered::Broken(text),
        Gathered::One(text) => Gathered::One(own(text)),
        Gathered::Tree(texts) => Gathered::Tree(texts),
        Gathered::List { texts, whole } => {
            Gathered::List { texts: texts.into_iter().map(own).collect(), whole: whole.map(own) }
        }
        Gathered::Pairs { pairs, whole } => Gathered::Pairs {
            pairs: pairs.into_iter().map(|(name, value)| (own(name), own(value))).collect(),
            whole: whole.map(own),
        },
    }
}

/// Finds a cookie. `form` with `explode` cannot be told apart into items (the specification's own gap): the whole text is the value,
/// and a list only where it has commas. `style: cookie` (OpenAPI 3.2) spreads lists and objects over cookies, and encodes nothing.
pub(super) fn cookie<'r>(parameter: &Parameter, call: &'r Call<'_>) -> Result<Gathered<'r>, Undecodable> {
    let own = parameter.style == Style::Cookie;
    let every = || cookies(&call.request().headers);
    let mut found = every().filter(|(name, _)| *name == &*parameter.name).map(|(_, value)| value);
    if own && parameter.explode && parameter.shape.object {
        let members = parameter.members();
        let pairs = every().filter(|(name, _)| members.iter().any(|member| member == name));
        let pairs: Vec<_> = pairs.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).collect();
        return Ok(if pairs.is_empty() { Gathered::Absent } else { Gathered::Pairs { pairs, whole: None } });
    }
    let Some(first) = found.next() else { return Ok(Gathered::Absent) };
    if own && parameter.explode && parameter.shape.array {
        let texts: Vec<_> = std::iter::once(first).chain(found).map(Cow::Borrowed).collect();
        let whole = (texts.len() == 1).then(|| texts[0].clone());
        return Ok(Gathered::List { texts, whole });
    }
    delimited(parameter, first, &[","], if own { Decoding::None } else { Decoding::Percent })
}
