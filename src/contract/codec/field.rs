//! The members of a form, as their schemas and the Encoding Objects describe them (OpenAPI 3.1.2 §4.8.15).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::text::typed;
use super::{Codec, Reader};
use crate::contract::Parameter;
use crate::contract::style::separator;
use crate::document::Location;
use crate::finding::Verdict;
use crate::message::{MediaRange, MediaType};
use crate::schema::{Schema, Type, TypeSet};
use crate::spec::Style;

/// How many lists may stand in each other.
const LISTS: usize = 4;

/// What the document says of how a member is written, compiled.
#[derive(Debug)]
pub(in crate::contract) struct Encoding {
    pub(in crate::contract) name: Arc<str>,
    /// The media types it may have, the usual one first; none: what is usual for its schema.
    pub(in crate::contract) ranges: Vec<MediaRange>,
    /// The same as written.
    pub(in crate::contract) listed: String,
    /// Style and `explode`, where the document says one of them: then the media types mean nothing.
    pub(in crate::contract) style: Option<(Style, bool)>,
    /// Whether reserved characters are sent as they are.
    pub(in crate::contract) reserved: bool,
    /// The fields of its part.
    pub(in crate::contract) headers: Vec<Parameter>,
    /// How what is inside of it is written.
    pub(in crate::contract) inner: Encodings,
    pub(in crate::contract) at: Location,
}

impl Encoding {
    /// The first of its media types, or the most usual one in that range.
    pub(super) fn media(&self) -> Option<MediaType> {
        crate::contract::content::sent(&self.ranges.first()?.to_string())
    }
}

/// All of one content.
#[derive(Debug, Default)]
pub(in crate::contract) struct Encodings {
    pub(in crate::contract) named: Vec<Arc<Encoding>>,
    /// Of the first parts of a list.
    pub(in crate::contract) first: Vec<Arc<Encoding>>,
    /// Of the others.
    pub(in crate::contract) rest: Option<Arc<Encoding>>,
}

/// One member of a form.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) schema: Option<Schema>,
    types: Option<TypeSet>,
    /// Whether its value is bytes.
    pub(super) file: bool,
    /// What each of its items is, where it is a list.
    pub(super) item: Option<Box<Field>>,
    pub(super) encoding: Option<Arc<Encoding>>,
}

/// The members of a form.
#[derive(Debug, Default)]
pub(in crate::contract) struct Fields {
    pub(super) listed: Vec<Field>,
    index: HashMap<String, usize>,
    /// What is described by no name.
    pub(super) other: Field,
    /// Whether its schema speaks of a list, or of anything at all but an object.
    pub(super) list: bool,
    first: Vec<Field>,
    rest: Field,
}

impl Fields {
    pub(super) fn of(schema: Option<&Schema>, items: Option<&Schema>, encodings: &Encodings) -> Fields {
        let encoding = |name: &str| encodings.named.iter().find(|encoding| &*encoding.name == name).cloned();
        let names = schema.map(Schema::property_names).unwrap_or_default();
        let member = |name: String| {
            let (own, encoding) = (schema.and_then(|schema| schema.property(&name)), encoding(&name));
            Field::new(name, own, encoding, LISTS)
        };
        let mut listed: Vec<Field> = names.into_iter().map(member).collect();
        for known in &encodings.named {
            if !listed.iter().any(|field| *field.name == *known.name) {
                listed.push(Field::new(known.name.to_string(), None, Some(known.clone()), LISTS));
            }
        }
        let index = listed.iter().enumerate().map(|(index, field)| (field.name.clone(), index)).collect();
        let types = schema.map(Schema::types);
        let positional = items.is_some() || !encodings.first.is_empty() || encodings.rest.is_some();
        let item = schema.and_then(Schema::items).or_else(|| items.cloned());
        let own = if positional || types.is_some_and(TypeSet::array) {
            schema.map(Schema::first_items).unwrap_or_default()
        } else {
            Vec::new()
        };
        // The first ones may have a schema of their own, or an encoding, or both.
        let place = |place: usize| {
            let encoding = encodings.first.get(place).or(encodings.rest.as_ref()).cloned();
            Field::new(String::new(), own.get(place).cloned().or_else(|| item.clone()), encoding, LISTS)
        };
        Fields {
            index,
            other: Field::new(String::new(), schema.and_then(Schema::additional), None, LISTS),
            list: positional || types.is_some_and(|types| types.array() && (!types.object() || listed.is_empty())),
            listed,
            first: (0..own.len().max(encodings.first.len())).map(place).collect(),
            rest: place(usize::MAX),
        }
    }

    /// The member of this name, if it is described.
    pub(super) fn named(&self, name: &str) -> Option<&Field> {
        self.index.get(name).map(|index| &self.listed[*index])
    }

    /// The item at this place of a list.
    pub(super) fn at(&self, place: usize) -> &Field {
        self.first.get(place).unwrap_or(&self.rest)
    }
}

impl Field {
    pub(super) fn new(name: String, schema: Option<Schema>, encoding: Option<Arc<Encoding>>, lists: usize) -> Field {
        let types = schema.as_ref().map(Schema::types);
        // A message of parts is the whole list, and not one of its items.
        let whole = encoding.as_ref().and_then(|own| own.media()).map(|media| Codec::of_type(&media));
        let list = types.is_some_and(|types| types.array() && types != TypeSet::ANY) && whole != Some(Codec::Multipart);
        let item = schema.as_ref().filter(|_| list && lists > 0);
        let item = item.map(|schema| Box::new(Field::new(String::new(), schema.items(), encoding.clone(), lists - 1)));
        let file = schema.as_ref().zip(types).is_some_and(|(schema, types)| is_file(schema, types));
        Field { name, schema, types, file, item, encoding }
    }

    /// Whether the value may be a list, as far as anything is known of it.
    pub(super) fn is_list(&self) -> bool {
        self.item.is_some()
    }

    /// Whether the schema admits a value of this type. Where nothing is said, a text alone.
    pub(super) fn admits(&self, one: Type) -> bool {
        match self.types {
            None | Some(TypeSet::ANY) => one == Type::String,
            Some(types) => types.contains(one),
        }
    }

    /// What stands between the items of its list where they are written as one text.
    pub(super) fn separator(&self) -> Option<&'static str> {
        let (style, explode) = self.encoding.as_ref()?.style?;
        (self.is_list() && !explode && style != Style::DeepObject).then(|| separator(style))
    }

    /// How what is inside of it is written.
    pub(super) fn inner(&self) -> Fields {
        let none = Encodings::default();
        Fields::of(self.schema.as_ref(), None, self.encoding.as_ref().map_or(&none, |encoding| &encoding.inner))
    }

    /// Whether only lists will do.
    pub(super) fn is_only_list(&self) -> bool {
        self.is_list() && self.types.is_some_and(|types| !types.scalar() && !types.object())
    }

    /// A text as the value that its schema speaks of; JSON or XML where the document says so, and JSON where only a list or an
    /// object will do.
    pub(super) fn value(&self, text: &str) -> Value {
        let media = self.encoding.as_ref().filter(|encoding| encoding.style.is_none()).and_then(|own| own.media());
        let codec = media.as_ref().map_or(Codec::Text, Codec::of_type);
        if matches!(codec, Codec::Json | Codec::Xml) {
            let schema = self.schema.as_ref();
            let reader = Reader { media: media.as_ref(), schema, items: None, fields: None, named: true, depth: 0 };
            if let Ok(reading) = reader.read(codec, text.as_bytes()) {
                return reading.value;
            }
        }
        let Some(schema) = &self.schema else { return Value::String(text.to_owned()) };
        let value = typed(schema, text);
        if value.is_string()
            && !self.admits(Type::String)
            && (self.admits(Type::Object) || self.admits(Type::Array))
            && let Ok(whole @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
        {
            return whole;
        }
        value
    }

    /// One value where lists are admitted: a list of one where the value itself is of no type that is, or will not do.
    pub(super) fn listed(&self, value: Value) -> Value {
        let wrong = |value: &Value| self.schema.as_ref().is_some_and(|own| own.check(value) == Verdict::Invalid);
        if self.is_list() && self.types.is_some_and(|types| !types.contains(Type::of(&value))) {
            return Value::Array(vec![value]);
        }
        if !wrong(&value) {
            return value;
        }
        let list = Value::Array(vec![value.clone()]);
        if wrong(&list) { value } else { list }
    }

    /// Several texts of one name: the items of a list. One is a list of one, where only a list will do.
    pub(super) fn values(&self, texts: &[impl AsRef<str>]) -> Value {
        let item = |text: &str| self.item.as_ref().map_or_else(|| self.value(text), |item| item.value(text));
        match texts {
            [one] if !self.is_only_list() => {
                let value = self.value(one.as_ref());
                let wrong =
                    |value: &Value| self.schema.as_ref().is_some_and(|own| own.check(value) == Verdict::Invalid);
                let list = self.item.is_some().then(|| Value::Array(vec![item(one.as_ref())]));
                list.filter(|list| wrong(&value) && !wrong(list)).unwrap_or(value)
            }
            // A list in one piece, as JSON writes it, cannot be meant as an item that is no text.
            [one] if self.item.as_ref().is_none_or(|item| !item.admits(Type::String)) => {
                match serde_json::from_str(one.as_ref()) {
                    Ok(Value::Array(items)) => Value::Array(items),
                    _ => Value::Array(vec![item(one.as_ref())]),
                }
            }
            many => Value::Array(many.iter().map(|text| item(text.as_ref())).collect()),
        }
    }
}

/// `format: binary` of OpenAPI 3.0; since 3.1 a string with a `contentMediaType` and without `contentEncoding`.
fn is_file(schema: &Schema, types: TypeSet) -> bool {
    if !types.contains(Type::String) {
        return false;
    }
    let binary = schema.says("format").is_some_and(|format| format == "binary");
    binary || (schema.says("contentMediaType").is_some() && schema.says("contentEncoding").is_none())
}
