//! XML, by the `xml` keyword of schemas (OpenAPI 3.1.2 §4.8.26; `nodeType` of 3.2.0 §4.26). Nothing outside of the text is read,
//! and no entity but the five that XML itself has.

mod read;
mod shape;
mod tree;
mod write;

use serde_json::Value;

use super::{Reader, Reading, Unread, charset};
use crate::finding::Verdict;
use crate::schema::Type;

pub(super) use write::write;

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Reading, Unread> {
    let said = reader.media.and_then(|media| media.param("charset")).or_else(|| tree::declared(bytes));
    let text = charset::decode_as(said, bytes)?;
    let Some(schema) = reader.schema else {
        // Nobody says what is in it, but it has to be XML.
        return tree::parse(&text).map(|root| Reading::from(read::plain(&root))).map_err(Unread::Broken);
    };
    let types = schema.types();
    let whole = types.contains(Type::String) && !types.object() && !types.array();
    if whole && schema.says("xml").is_none() {
        // A document that describes XML as a text alone means the text as it is, tags and all; or what its one element says.
        let value = Value::String(text.clone().into_owned());
        if schema.check(&value) != Verdict::Invalid {
            return Ok(value.into());
        }
        return Ok(match tree::parse(&text) {
            Ok(root) if root.children.is_empty() => Value::String(root.text).into(),
            _ => value.into(),
        });
    }
    let root = tree::parse(&text).map_err(Unread::Broken)?;
    Ok(read::read(schema, &root))
}
