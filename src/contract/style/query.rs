//! Query parameters: `form`, `spaceDelimited`, `pipeDelimited` and `deepObject`.

use std::borrow::Cow;

use super::{Decoding, Gathered, Undecodable, delimited};
use crate::contract::call::same_name;
use crate::contract::{Call, Codec, In, Parameter};
use crate::message::{form_decode, query_pairs};
use crate::spec::Style;

pub(super) fn gather<'r>(parameter: &Parameter, call: &'r Call<'_>) -> Result<Gathered<'r>, Undecodable> {
    let Some(query) = call.request().target.query() else { return Ok(Gathered::Absent) };
    let decoding = Decoding::of_query(parameter);
    if parameter.style == Style::DeepObject {
        return deep_object(parameter, query);
    }
    if parameter.shape.object && parameter.explode && parameter.style == Style::Form {
        return spread(parameter, call, query);
    }
    let mut values = query_pairs(query)
        .filter(|(name, _)| same_name(name, &parameter.name))
        .map(|(_, value)| value.unwrap_or_default());
    let Some(first) = values.next() else { return Ok(Gathered::Absent) };
    // OpenAPI 3.1.2 §4.8.12.1: an empty value of a parameter with allowEmptyValue means that it is not used.
    if first.is_empty() && parameter.allow_empty {
        return Ok(Gathered::Absent);
    }
    if !parameter.shape.array && !parameter.shape.object {
        return Ok(Gathered::One(decoding.decode(first)?));
    }
    let delimiters: &[&str] = match parameter.style {
        Style::SpaceDelimited if parameter.allow_reserved => &["%20", " "],
        Style::SpaceDelimited => &["%20", "+", " "],
        Style::PipeDelimited => &["|", "%7C"],
        Style::TabDelimited => &["%09", "\t"],
        _ => &[","],
    };
    if !parameter.explode {
        return delimited(parameter, first, delimiters, decoding);
    }
    let texts: Result<Vec<_>, _> = std::iter::once(first).chain(values).map(|text| decoding.decode(text)).collect();
    let texts = texts?;
    let whole = (texts.len() == 1).then(|| texts[0].clone());
    Ok(Gathered::List { texts, whole })
}

/// The whole query. A form is decoded by its names and values; all else was percent-encoded as one (OpenAPI 3.2.0 §4.12.4).
pub(super) fn whole<'r>(parameter: &Parameter, call: &'r Call) -> Result<Gathered<'r>, Undecodable> {
    let query = call.request().target.query().filter(|query| !query.is_empty());
    let Some(query) = query else { return Ok(Gathered::Absent) };
    let form = parameter.content().is_some_and(|content| content.codec == Codec::Form);
    let decoding = if form { Decoding::None } else { Decoding::Percent };
    Ok(Gathered::One(decoding.decode(query)?))
}

/// `R=100&G=200`: the members stand in the query under their own names, the parameter's name does not.
fn spread<'r>(parameter: &Parameter, call: &Call, query: &'r str) -> Result<Gathered<'r>, Undecodable> {
    let others = &call.operation().parameters;
    let known = parameter.members();
    let mut pairs: Vec<(Cow<'r, str>, Cow<'r, str>)> = Vec::new();
    for (raw, value) in query_pairs(query) {
        let name = Decoding::Form.decode(raw)?;
        let ours = known.iter().any(|known| *known == name);
        let theirs =
            others.iter().any(|other| other.place == In::Query && !std::ptr::eq(other, parameter) && other.claims(raw));
        // A name that no parameter claims belongs to the object only if its schema describes it.
        if ours && !theirs && !pairs.iter().any(|(taken, _)| *taken == name) {
            pairs.push((name, Decoding::of_query(parameter).decode(value.unwrap_or_default())?));
        }
    }
    if pairs.is_empty() { Ok(Gathered::Absent) } else { Ok(Gathered::Pairs { pairs, whole: None }) }
}

/// `color[R]=100&color[G]=200`. Deeper brackets are not defined: they are kept as part of the member's name.
///
/// Nor is anything but an object. A list is read as it is usually sent, `tag[]=a&tag[]=b`, `tag[0]=a&tag[1]=b` or
/// `tag=a&tag=b` (without `explode` also `tag=a,b`), and a text under the name alone, where the schema admits more than objects.
fn deep_object<'r>(parameter: &Parameter, query: &'r str) -> Result<Gathered<'r>, Undecodable> {
    let shape = parameter.shape;
    let mut pairs: Vec<(Cow<'r, str>, Cow<'r, str>)> = Vec::new();
    let (mut items, mut alone) = (Vec::new(), Vec::new());
    for (raw, value) in query_pairs(query) {
        let Ok(name) = form_decode(raw) else { continue };
        let text = || Decoding::of_query(parameter).decode(value.unwrap_or_default());
        match member_of(&name, &parameter.name) {
            Some(place) if shape.array && place.bytes().all(|byte| byte.is_ascii_digit()) => items.push(text()?),
            Some(member) => pairs.push((Cow::Owned(member.to_owned()), text()?)),
            None if name == *parameter.name && (shape.array || shape.scalar) => alone.push(value.unwrap_or_default()),
            None => {}
        }
    }
    if !pairs.is_empty() {
        return Ok(Gathered::Pairs { pairs, whole: None });
    }
    if !items.is_empty() {
        return Ok(Gathered::List { texts: items, whole: None });
    }
    let decoding = Decoding::of_query(parameter);
    match (shape.array, alone.as_slice()) {
        (_, []) => Ok(Gathered::Absent),
        (false, [first, ..]) => Ok(Gathered::One(decoding.decode(first)?)),
        (true, [only]) if !parameter.explode && !shape.object => delimited(parameter, only, &[","], decoding),
        (true, _) => {
            let texts: Result<Vec<_>, _> = alone.into_iter().map(|text| decoding.decode(text)).collect();
            let texts = texts?;
            let whole = (texts.len() == 1).then(|| texts[0].clone());
            Ok(Gathered::List { texts, whole })
        }
    }
}

/// `R` of `color[R]`.
fn member_of<'n>(name: &'n str, parameter: &str) -> Option<&'n str> {
    name.strip_prefix(parameter)?.strip_prefix('[')?.strip_suffix(']')
}

impl Parameter {
    /// Whether a raw name of the query belongs to this parameter.
    pub(in crate::contract) fn claims(&self, raw: &str) -> bool {
        if same_name(raw, &self.name) {
            return true;
        }
        match self.style {
            Style::DeepObject => form_decode(raw)
                .is_ok_and(|name| name.strip_prefix(&*self.name).is_some_and(|rest| rest.starts_with('['))),
            Style::Form if self.shape.object && self.explode => {
                form_decode(raw).is_ok_and(|name| self.members().iter().any(|member| *member == name))
            }
            _ => false,
        }
    }

    /// Whether any name of the query might be a member of this parameter: an exploded object without a list of members,
    /// or the whole of it.
    pub(in crate::contract) fn takes_any_name(&self) -> bool {
        self.place == In::QueryString
            || self.place == In::Query
                && self.style == Style::Form
                && self.explode
                && self.shape.object
                && self.members().is_empty()
    }
}
