//! Which media types a Swagger 2.0 document means.

use super::Element;
use crate::finding::Finding;
use crate::message::{MediaRange, MediaType};

/// The types of a form.
pub(super) const URLENCODED: &str = "application/x-www-form-urlencoded";
pub(super) const MULTIPART: &str = "multipart/form-data";
/// What a value is in where nothing is said.
pub(super) const JSON: &str = "application/json";
/// What a file is in where nothing is said.
pub(super) const BYTES: &str = "application/octet-stream";

/// The types listed under `consumes` or `produces`, each once; `None` where the holder has no such member.
pub(super) fn types<'a>(holder: &Element<'a>, key: &str) -> Option<Vec<&'a str>> {
    let listed = holder.member(key)?;
    let mut types: Vec<&str> = Vec::new();
    for media in entries(&listed).filter_map(|entry| read(&entry)) {
        if !types.contains(&media) {
            types.push(media);
        }
    }
    Some(types)
}

/// Tells what is listed there and is no media type.
pub(super) fn look_through(holder: &Element<'_>, findings: &mut Vec<Finding>) {
    for listed in ["consumes", "produces"].iter().filter_map(|key| holder.member(key)) {
        for entry in entries(&listed).filter(|entry| read(entry).is_none()) {
            findings.push(
                Finding::new("swagger-2", "this is no media type, and is not looked at")
                    .at(entry.place())
                    .help("write one such as `application/json`"),
            );
        }
    }
}

/// Some write the one type without a list around it.
fn entries<'a>(listed: &Element<'a>) -> impl Iterator<Item = Element<'a>> + use<'a> {
    let alone = Some(listed.clone()).filter(|listed| !listed.value().is_array());
    alone.into_iter().chain(listed.items())
}

fn read<'a>(entry: &Element<'a>) -> Option<&'a str> {
    let media = entry.value().as_str()?.trim();
    MediaRange::parse(media).map(|_| media)
}

/// Whether it is one of the two types of a form.
pub(super) fn is_form(media: &str) -> bool {
    MediaType::parse(media).is_some_and(|media| matches!(media.essence(), URLENCODED | MULTIPART))
}

/// How well an example under one media type serves for another; `None` where it does not.
pub(super) fn serves(example: &str, media: &str) -> Option<u8> {
    if example.trim().eq_ignore_ascii_case(media) {
        return Some(2);
    }
    let (example, media) = (MediaType::parse(example)?, MediaType::parse(media));
    match media {
        Some(media) if media.essence() == example.essence() => Some(1),
        Some(media) => (media.is_json() && example.is_json()).then_some(0),
        // Under a range, JSON is sent.
        None => example.is_json().then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::serves;

    #[test]
    fn an_example_serves_for_its_own_type_first() {
        assert_eq!(serves("application/json", "application/json"), Some(2));
        assert_eq!(serves("Application/JSON", "application/json"), Some(2));
        assert_eq!(serves("application/json", "application/json; charset=utf-8"), Some(1));
        assert_eq!(serves("application/json", "application/hal+json"), Some(0));
        assert_eq!(serves("application/json", "*/*"), Some(0));
        assert_eq!(serves("application/xml", "application/json"), None);
        assert_eq!(serves("application/xml", "*/*"), None);
        assert_eq!(serves("first", "application/json"), None);
    }
}
