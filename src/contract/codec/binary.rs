//! Bytes as they are: pictures, archives, whatever no other codec knows.
//!
//! To a schema they are a string with one character for each byte, so that its length is the number of bytes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{Reader, Unread, charset};
use crate::finding::Verdict;
use crate::message::MediaType;
use crate::schema::{Schema, Type};

pub(super) fn read(reader: &Reader<'_>, bytes: &[u8]) -> Result<Value, Unread> {
    if let Some(schema) = reader.schema {
        let types = schema.types();
        let described = types.contains(Type::String) && !(types.object() && schema.says("properties").is_some());
        if !described {
            let form = reader.media.map_or("content of an unknown type", |media| media.essence());
            return Err(Unread::Open(format!("how `{form}` writes what the schema describes is not known")));
        }
    }
    Ok(Value::String(charset::latin(bytes)))
}

/// The smallest picture, page or archive of a type, where the schema admits its bytes.
pub(super) fn sample(media: &MediaType, schema: Option<&Schema>) -> Option<Vec<u8>> {
    let bytes = match media.essence() {
        "image/png" => BASE64_STANDARD.decode(PNG).ok()?,
        "image/gif" => BASE64_STANDARD.decode(GIF).ok()?,
        "image/jpeg" | "image/jpg" => BASE64_STANDARD.decode(JPEG).ok()?,
        "image/svg+xml" => SVG.as_bytes().to_vec(),
        "application/pdf" => pdf(),
        "application/zip" => [b"PK\x05\x06".as_slice(), &[0; 18]].concat(),
        _ => return None,
    };
    let admits = |schema: &Schema| schema.check(&Value::String(charset::latin(&bytes))) != Verdict::Invalid;
    schema.is_none_or(admits).then_some(bytes)
}

/// One transparent point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// One transparent point.
const GIF: &str = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
/// One grey point.
const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z";
/// Nothing.
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#;

/// One empty page, with a table of where its objects stand (ISO 32000 §7.5).
fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = "xref\n0 4\n0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = text.len();
    format!("{text}{table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{pdf, sample};
    use crate::message::MediaType;

    #[test]
    fn samples_begin_as_their_types_do() {
        for (media, begin) in [
            ("image/png", &b"\x89PNG\r\n\x1a\n"[..]),
            ("image/gif", b"GIF89a"),
            ("image/jpeg", b"\xff\xd8\xff"),
            ("image/svg+xml", b"<svg"),
            ("application/pdf", b"%PDF-"),
            ("application/zip", b"PK"),
        ] {
            let bytes = sample(&MediaType::parse(media).unwrap(), None).expect(media);
            assert!(bytes.starts_with(begin), "{media}");
        }
        assert!(sample(&MediaType::parse("audio/mpeg").unwrap(), None).is_none());
    }

    #[test]
    fn the_table_of_a_page_leads_to_its_objects() {
        let text = String::from_utf8(pdf()).unwrap();
        let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text[start..].starts_with("xref"));
        for (number, line) in text[start..].lines().skip(3).take(3).enumerate() {
            let at: usize = line[..10].parse().unwrap();
            assert!(text[at..].starts_with(&format!("{} 0 obj", number + 1)), "{line}");
        }
    }
}
