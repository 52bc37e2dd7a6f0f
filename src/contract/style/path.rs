//! Path parameters: `simple`, `label` and `matrix`.

use super::{Decoding, Gathered, Undecodable, delimited};
use crate::contract::{Call, Parameter};
use crate::spec::Style;

pub(super) fn gather<'r>(parameter: &Parameter, call: &'r Call<'_>) -> Result<Gathered<'r>, Undecodable> {
    let mut raw: Option<&'r str> = None;
    call.path_values(|name, text| {
        if *name == parameter.name && raw.is_none() {
            raw = Some(text);
        }
    });
    let Some(raw) = raw else { return Ok(Gathered::Absent) };
    match parameter.style {
        Style::Label => label(parameter, raw),
        Style::Matrix => matrix(parameter, raw),
        // These three are Swagger 2.0's.
        Style::SpaceDelimited => delimited(parameter, raw, &["%20"], Decoding::Percent),
        Style::PipeDelimited => delimited(parameter, raw, &["|", "%7C"], Decoding::Percent),
        Style::TabDelimited => delimited(parameter, raw, &["%09"], Decoding::Percent),
        _ => delimited(parameter, raw, &[","], Decoding::Percent),
    }
}

/// `.blue`, `.blue,black` or exploded `.blue.black`, `.R=100.G=200`.
fn label<'r>(parameter: &Parameter, raw: &'r str) -> Result<Gathered<'r>, Undecodable> {
    // Without its dot it is no label; the text as it stands is what gets judged.
    let Some(text) = raw.strip_prefix('.') else { return Ok(Gathered::One(Decoding::Percent.decode(raw)?)) };
    let delimiters: &[&str] = if parameter.explode { &["."] } else { &[","] };
    delimited(parameter, text, delimiters, Decoding::Percent)
}

/// `;color=blue`, `;color=blue,black` or exploded `;color=blue;color=black`, `;R=100;G=200`.
fn matrix<'r>(parameter: &Parameter, raw: &'r str) -> Result<Gathered<'r>, Undecodable> {
    let Some(text) = raw.strip_prefix(';') else { return Ok(Gathered::One(Decoding::Percent.decode(raw)?)) };
    let own = |piece: &'r str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (name == &*parameter.name).then_some(value)
    };
    if parameter.explode && parameter.shape.array {
        let texts: Result<Vec<_>, _> =
            text.split(';').filter_map(own).map(|text| Decoding::Percent.decode(text)).collect();
        return Ok(Gathered::List { texts: texts?, whole: None });
    }
    if parameter.explode && parameter.shape.object {
        return delimited(parameter, text, &[";"], Decoding::Percent);
    }
    match own(text) {
        Some(value) => delimited(parameter, value, &[","], Decoding::Percent),
        None => Ok(Gathered::Absent),
    }
}
