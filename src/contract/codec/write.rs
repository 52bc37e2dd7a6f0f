//! From a value to the bytes of a message's content.

use serde_json::{Value, json};

use super::text::plain;
use super::{Codec, binary, form, multipart, sequence, xml};
use crate::contract::content::Content;
use crate::message::MediaType;
use crate::schema::Type;

impl Content {
    /// A value as content of a media type that this entry covers.
    pub fn write(&self, media: Option<&MediaType>, value: &Value) -> Vec<u8> {
        let codec = media.map_or(self.codec, Codec::of_type);
        match (codec, value) {
            // A text that is shown for YAML is YAML already.
            (Codec::Yaml, Value::String(text)) => text.clone().into_bytes(),
            (Codec::Json | Codec::Yaml, value) => value.to_string().into_bytes(),
            (Codec::Xml, value) => xml::write(self.schema.as_ref(), value),
            (Codec::Events, value) => sequence::write_events(self.schema.as_ref(), self.items.as_ref(), value),
            // A text that is shown for something else is that something, written out.
            (Codec::Form | Codec::Multipart | Codec::Lines | Codec::Sequence, Value::String(text)) => {
                text.clone().into_bytes()
            }
            (Codec::Form, value) => form::write(self.fields(codec), value),
            (Codec::Multipart, value) => {
                let form = media.or(self.sent.as_ref()).is_some_and(|media| media.essence() == "multipart/form-data");
                multipart::write(form, self.fields(codec), value)
            }
            (Codec::Lines, value) => sequence::write(value, false),
            (Codec::Sequence, value) => sequence::write(value, true),
            (Codec::Text | Codec::Binary, value) => plain(value).into_bytes(),
        }
    }

    /// The least that is content of a media type which nobody describes any further.
    pub fn least(&self, media: Option<&MediaType>) -> Vec<u8> {
        let codec = media.map_or(self.codec, Codec::of_type);
        match codec {
            Codec::Json | Codec::Yaml => b"{}".to_vec(),
            Codec::Text => b"text\n".to_vec(),
            Codec::Binary => self.sample(media).unwrap_or_else(|| vec![0]),
            Codec::Form | Codec::Multipart => self.write(media, &json!({"name": "value"})),
            Codec::Xml => self.sample(media).unwrap_or_else(|| self.write(media, &json!({}))),
            Codec::Lines | Codec::Sequence => self.write(media, &json!([{}])),
            Codec::Events => self.write(media, &json!([{"data": "{}"}])),
        }
    }

    /// The smallest picture, page or archive of a media type, where the schema admits its bytes.
    pub fn sample(&self, media: Option<&MediaType>) -> Option<Vec<u8>> {
        binary::sample(media.or(self.sent.as_ref())?, self.schema.as_ref())
    }

    /// Whether a value that the schema speaks of can be written as a media type.
    pub fn can_write(&self, media: &MediaType) -> bool {
        let types = self.schema.as_ref().map(crate::schema::Schema::types);
        match Codec::of_type(media) {
            Codec::Text => types.is_none_or(|types| types.scalar()),
            // Bytes of any kind, or a kind of which a sample is known; what else is made up would not be what it says.
            Codec::Binary if types.is_some_and(|types| !types.contains(Type::String)) => false,
            Codec::Binary => {
                let bytes = self.schema.as_ref().is_none_or(|schema| {
                    schema.says("format").is_some_and(|format| format == "binary")
                        || schema.says("contentMediaType").is_some()
                });
                bytes || media.essence() == "application/octet-stream" || self.sample(Some(media)).is_some()
            }
            Codec::Form | Codec::Multipart => types.is_none_or(|types| types.object()),
            Codec::Lines | Codec::Sequence | Codec::Events => {
                self.items.is_some() || types.is_none_or(|types| types.array())
            }
            Codec::Json | Codec::Yaml | Codec::Xml => true,
        }
    }
}
