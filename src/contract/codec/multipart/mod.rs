//! `multipart/form-data` (RFC 7578) and the other `multipart/` types (RFC 2046 §5.1): a part a member, a part an item.

mod parse;
mod write;

use serde_json::{Map, Value};

use super::field::{Field, Fields};
use super::{Codec, NESTED, Reader, Reading, Unread, broken, charset, form};
use crate::contract::checked::shortened;
use crate::contract::parameter;
use crate::contract::response::Judged;
use crate::document::pointer;
use crate::finding::{Part as Where, Place, Violation};
use crate::message::MediaType;
use crate::schema::Type;
use parse::Part;

pub(in crate::contract) use write::BOUNDARY;
pub(super) use write::write;

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Reading, Unread> {
    let boundary = reader.media.and_then(|media| media.param("boundary"));
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return Err(Unread::Broken("the `Content-Type` names no `boundary`".to_owned()));
    };
    let parts = parse::parts(bytes, boundary).map_err(Unread::Broken)?;
    let form = reader.media.is_some_and(|media| media.essence() == "multipart/form-data");
    let mut out = Reading::from(Value::Null);
    let unknown = Fields::default();
    let fields = reader.fields.unwrap_or(&unknown);
    if fields.list || (!form && parts.iter().all(|part| part.name.is_none()) && fields.listed.is_empty()) {
        let items = parts.iter().enumerate();
        let items: Result<Vec<Value>, Unread> =
            items.map(|(place, part)| one(reader, fields.at(place), part, &format!("/{place}"), &mut out)).collect();
        out.value = Value::Array(items?);
        return Ok(out);
    }
    let mut members: Map<String, Value> = Map::new();
    let mut deep: Map<String, Value> = Map::new();
    for (place, part) in parts.iter().enumerate() {
        let Some(name) = &part.name else {
            let which = format!("part {} has no name in a `Content-Disposition`", place + 1);
            return Err(if form { Unread::Broken(which) } else { Unread::Open(which) });
        };
        let (mut name, mut field) = (name, fields.named(name).unwrap_or(&fields.other));
        // Brackets are read as in a form.
        if fields.named(name).is_none()
            && let Some((known, way)) = form::bracketed(fields, name)
        {
            if !(known.is_list()
                && matches!(way.as_slice(), [place] if place.bytes().all(|byte| byte.is_ascii_digit())))
            {
                let text = charset::decode(part.media.as_ref(), part.content);
                let text = text.map_or_else(|_| charset::latin(part.content), |text| text.into_owned());
                form::plant(&mut deep, &known.name, &way, vec![Value::String(text)]);
                continue;
            }
            (name, field) = (&known.name, known);
        }
        // A list in one part, by its style.
        if let Some(separator) = field.separator().filter(|_| form) {
            let text = charset::latin(part.content);
            let text = charset::decode(part.media.as_ref(), part.content).unwrap_or(text.into());
            let texts: Vec<&str> = text.split(separator).filter(|_| !text.is_empty()).collect();
            let item = |text: &&str| field.item.as_ref().map_or(Value::from(*text), |item| item.value(text));
            members.insert(name.clone(), Value::Array(texts.iter().map(item).collect()));
            continue;
        }
        let again = members.contains_key(name);
        let at = pointer::join("", name);
        if !field.is_list() && !again {
            let value = one(reader, field, part, &at, &mut out)?;
            members.insert(name.clone(), value);
            continue;
        }
        let item = field.item.as_deref().unwrap_or(field);
        let count = members.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        let value = one(reader, item, part, &format!("{at}/{count}"), &mut out)?;
        match (members.get_mut(name), value) {
            (Some(Value::Array(items)), value) => items.push(value),
            // A list in one part, as JSON writes it.
            (None, Value::Array(items)) if !item.is_list() => drop(members.insert(name.clone(), Value::Array(items))),
            (None, value) => drop(members.insert(name.clone(), field.listed(value))),
            (Some(known), value) => *known = Value::Array(vec![known.take(), value]),
        }
    }
    for (name, tree) in deep {
        let schema = fields.named(&name).and_then(|field| field.schema.clone());
        members.insert(name, form::grown(tree, schema));
    }
    out.value = Value::Object(members);
    Ok(out)
}

/// The value of one part, and what is wrong with its fields.
fn one(reader: &Reader<'_>, field: &Field, part: &Part<'_>, at: &str, out: &mut Reading) -> Result<Value, Unread> {
    if let Some(encoding) = &field.encoding {
        let claimed = part.media.as_ref();
        let fits = |media: &MediaType| encoding.ranges.iter().any(|range| range.matches(media).is_some());
        // Where a style is said, the media types mean nothing.
        let held = encoding.style.is_none() && !encoding.ranges.is_empty();
        if let Some(claimed) = claimed.filter(|media| held && !fits(media)) {
            out.flaws.push(Violation {
                part: Where::Body,
                name: "".into(),
                pointer: at.to_owned(),
                keyword: "contentType",
                sentence: format!("`{}` is not {}", shortened(claimed.essence()), encoding.listed),
                expected: Some(encoding.listed.clone()),
                got: None,
                place: Some(Place::of(&encoding.at.document, &format!("{}/contentType", encoding.at.pointer))),
            });
        }
        let mut judged = Judged::default();
        parameter::check_fields(&encoding.headers, &part.headers, &mut judged);
        out.open.extend(judged.undecided);
        out.flaws.extend(judged.violations.into_iter().map(|violation| Violation {
            part: Where::Body,
            pointer: at.to_owned(),
            sentence: format!("its part's field `{}`: {}", violation.name, violation.sentence),
            name: "".into(),
            ..violation
        }));
    }
    let media = part.media.clone().or_else(|| field.encoding.as_ref().and_then(|encoding| encoding.media()));
    let codec = media.as_ref().map_or(Codec::Text, Codec::of_type);
    let string = field.admits(Type::String);
    // A file is bytes to a string, whatever it says it is.
    if field.file || (string && (part.file || codec == Codec::Binary)) {
        return Ok(Value::String(charset::latin(part.content)));
    }
    if string && !field.admits(Type::Object) && codec != Codec::Json || matches!(codec, Codec::Text | Codec::Binary) {
        return Ok(match charset::decode(media.as_ref(), part.content) {
            Ok(text) => field.value(&text),
            Err(_) => Value::String(charset::latin(part.content)),
        });
    }
    if reader.depth == NESTED {
        return Err(Unread::Broken(format!("more than {NESTED} messages in each other")));
    }
    let schema = field.schema.as_ref();
    let own = match codec {
        Codec::Form | Codec::Multipart => Some(field.inner()),
        _ => None,
    };
    let (fields, depth) = (own.as_ref(), reader.depth + 1);
    let inner = Reader { media: media.as_ref(), schema, items: None, fields, named: true, depth };
    match inner.read(codec, part.content) {
        Ok(reading) => {
            let deeper = |flaw: Violation| Violation { pointer: format!("{at}{}", flaw.pointer), ..flaw };
            out.flaws.extend(reading.flaws.into_iter().map(deeper));
            out.open.extend(reading.open);
            Ok(reading.value)
        }
        Err(Unread::Broken(sentence)) => {
            out.flaws.push(broken(at, sentence));
            Ok(Value::String(charset::latin(part.content)))
        }
        Err(Unread::Open(sentence)) => {
            out.open.push(sentence);
            Ok(Value::String(charset::latin(part.content)))
        }
    }
}
