//! From the wire to texts: where a parameter's value stands in a request, by its place, style and `explode`
//! (OpenAPI 3.1.2 §4.8.12.2–5). Split first, decode afterwards: delimiters inside a value are percent-encoded.

mod field;
mod path;
mod query;
mod write;

use std::borrow::Cow;

use super::{Call, In, Parameter};
use crate::message::{NotUtf8, form_decode, percent_decode};
use crate::spec::Style;

pub(super) use field::fields;

/// What stands on the wire for a parameter, decoded.
pub(super) enum Gathered<'r> {
    /// Nothing.
    Absent,
    /// Something whose percent-encoding does not come to text.
    Broken(String),
    /// One text; a list or an object only if it can be one.
    One(Cow<'r, str>),
    /// The texts of a list, and the text as a whole where it is one.
    List { texts: Vec<Cow<'r, str>>, whole: Option<Cow<'r, str>> },
    /// The members of an object, and the text as a whole where it is one.
    Pairs { pairs: Vec<(Cow<'r, str>, Cow<'r, str>)>, whole: Option<Cow<'r, str>> },
    /// The texts behind brackets, each with its way: `[a][b]`.
    Tree(Vec<(String, String)>),
}

impl<'r> Gathered<'r> {
    /// As one text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Gathered::One(text) => Some(text),
            Gathered::List { whole, .. } | Gathered::Pairs { whole, .. } => whole.as_deref(),
            _ => None,
        }
    }

    /// As a list.
    pub(super) fn list(&self) -> Option<Vec<Cow<'r, str>>> {
        match self {
            Gathered::List { texts, .. } => Some(texts.clone()),
            _ => None,
        }
    }

    /// As the members of an object.
    pub(super) fn pairs(&self) -> Option<Vec<(Cow<'r, str>, Cow<'r, str>)>> {
        match self {
            Gathered::Pairs { pairs, .. } => Some(pairs.clone()),
            _ => None,
        }
    }
}

/// Finds a parameter in a request.
pub(super) fn gather<'r>(parameter: &Parameter, call: &'r Call<'_>) -> Gathered<'r> {
    let found = match parameter.place {
        In::Path => path::gather(parameter, call),
        In::Query => query::gather(parameter, call),
        In::QueryString => query::whole(parameter, call),
        In::Header => Ok(fields(parameter, &call.request().headers)),
        In::Cookie => field::cookie(parameter, call),
    };
    found.unwrap_or_else(|Undecodable(text)| Gathered::Broken(text))
}

/// What stands between the items of a list, decoded.
pub(in crate::contract) fn separator(style: Style) -> &'static str {
    match style {
        Style::SpaceDelimited => " ",
        Style::PipeDelimited => "|",
        Style::TabDelimited => "\t",
        _ => ",",
    }
}

/// A text whose percent-encoding is no UTF-8.
pub(super) struct Undecodable(String);

/// How a text is decoded.
#[derive(Clone, Copy)]
enum Decoding {
    /// Percent-encoding (RFC 3986).
    Percent,
    /// Percent-encoding, and `+` for a space.
    Form,
    /// Not at all.
    None,
}

impl Decoding {
    /// Of a value in the query: where reserved characters stand for themselves, a `+` is no space.
    fn of_query(parameter: &Parameter) -> Decoding {
        if parameter.allow_reserved { Decoding::Percent } else { Decoding::Form }
    }

    fn decode<'r>(self, raw: &'r str) -> Result<Cow<'r, str>, Undecodable> {
        let decoded: Result<Cow<'r, str>, NotUtf8> = match self {
            Decoding::Percent => percent_decode(raw),
            Decoding::Form => form_decode(raw),
            Decoding::None => Ok(Cow::Borrowed(raw)),
        };
        decoded.map_err(|_| Undecodable(raw.to_owned()))
    }
}

/// A text split at a delimiter, read as what the parameter can be: `explode` says whether an object is written `k=v` or `k,v`.
fn delimited<'r>(
    parameter: &Parameter,
    raw: &'r str,
    delimiters: &[&str],
    decoding: Decoding,
) -> Result<Gathered<'r>, Undecodable> {
    let whole = || decoding.decode(raw);
    if !parameter.shape.array && !parameter.shape.object {
        return Ok(Gathered::One(whole()?));
    }
    let pieces = split_any(raw, delimiters);
    if parameter.shape.object {
        let pairs: Option<Vec<(&str, &str)>> = if parameter.explode {
            pieces.iter().map(|piece| piece.split_once('=')).collect()
        } else if pieces.len().is_multiple_of(2) {
            Some(pieces.chunks(2).map(|pair| (pair[0], pair[1])).collect())
        } else {
            None
        };
        if let Some(pairs) = pairs {
            let pairs: Result<Vec<_>, Undecodable> =
                pairs.into_iter().map(|(name, value)| Ok((decoding.decode(name)?, decoding.decode(value)?))).collect();
            return Ok(Gathered::Pairs { pairs: pairs?, whole: whole().ok() });
        }
        if !parameter.shape.array {
            return Ok(Gathered::One(whole()?));
        }
    }
    let texts: Result<Vec<_>, Undecodable> =
        if raw.is_empty() { Ok(Vec::new()) } else { pieces.into_iter().map(|piece| decoding.decode(piece)).collect() };
    Ok(Gathered::List { texts: texts?, whole: whole().ok() })
}

/// Splits at whichever of the delimiters comes next.
fn split_any<'r>(raw: &'r str, delimiters: &[&str]) -> Vec<&'r str> {
    let mut pieces = Vec::new();
    let mut rest = raw;
    loop {
        let next = delimiters.iter().filter_map(|delimiter| Some((find(rest, delimiter)?, delimiter.len()))).min();
        match next {
            Some((at, length)) => {
                pieces.push(&rest[..at]);
                rest = &rest[at + length..];
            }
            None => {
                pieces.push(rest);
                return pieces;
            }
        }
    }
}

/// Finds a delimiter; the hexadecimal digits of an encoded one may be of either case.
fn find(text: &str, delimiter: &str) -> Option<usize> {
    if !delimiter.starts_with('%') {
        return text.find(delimiter);
    }
    text.as_bytes().windows(delimiter.len()).position(|window| window.eq_ignore_ascii_case(delimiter.as_bytes()))
}
