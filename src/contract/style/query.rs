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

/// `color[R]=100&color[G]=200`. Deeper brackets are not defined: they are read as forms are, members and items of what lies before.
///
/// Nor is anything but an object. Lists with brackets are read so, too; `tag=a&tag=b` (without `explode` also `tag=a,b`), and a text
/// under the name alone, where the schema admits more than objects.
fn deep_object<'r>(parameter: &Parameter, query: &'r str) -> Result<Gathered<'r>, Undecodable> {
    let shape = parameter.shape;
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut alone = Vec::new();
    for (raw, value) in query_pairs(query) {
        let Ok(name) = form_decode(raw) else { continue };
        let Some(way) = name.strip_prefix(&*parameter.name) else { continue };
        if is_way(way) {
            let text = Decoding::of_query(parameter).decode(value.unwrap_or_default())?;
            texts.push((way.to_owned(), text.into_owned()));
        } else if way.is_empty() && (shape.array || shape.scalar) {
            alone.push(value.unwrap_or_default());
        }
    }
    if !texts.is_empty() {
        return Ok(Gathered::Tree(texts));
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

/// `[R]` of `color[R]`.
fn is_way(rest: &str) -> bool {
    rest.starts_with('[') && rest.ends_with(']')
}

impl Parameter {
    /// Whether a raw name of the query belongs to this parameter.
    pub(in crate::contract) fn claims(&self, raw: &str) -> bool {
        match self.style {
            Style::DeepObject if same_name(raw, &self.name) => self.shape.array || self.shape.scalar,
            Style::DeepObject => form_decode(raw).is_ok_and(|name| name.strip_prefix(&*self.name).is_some_and(is_way)),
            _ if same_name(raw, &self.name) => true,
            Style::Form if self.shape.object && self.explode => {
                form_decode(raw).is_ok_and(|name| self.members().iter().any(|member| *member == name))
            }
            _ => false,
        }
    }

    /// Whether of a name that comes more than once the first one alone is looked at.
    pub(in crate::contract) fn has_one_text(&self) -> bool {
        match self.style {
            Style::DeepObject => false,
            Style::Form if self.explode => !self.shape.array,
            _ => !(self.explode && self.shape.array),
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
