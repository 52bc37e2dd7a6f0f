//! Every reader of this module fed with noise: none may panic, and what they return must fit together.

use http::{HeaderMap, HeaderValue, header};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::*;

/// Pieces of the grammars, so that noise comes near to what is valid.
const PIECES: [&str; 40] = [
    "a",
    "B",
    "json",
    "application/json",
    "text/*",
    "*/*",
    "*",
    "+json",
    "/",
    ";",
    ",",
    "=",
    "\"",
    "\\",
    " ",
    "\t",
    "q=",
    "0.5",
    "1",
    ".",
    "charset",
    "utf-8",
    "code=404",
    "example",
    "&",
    "%",
    "%2F",
    "%zz",
    "%FF",
    "+",
    "?",
    "#",
    "ü",
    "\u{fffd}",
    "Sun, ",
    "06 Nov 1994 08:49:37",
    " GMT",
    "-Nov-",
    "99999999999999999999",
    "\u{0}",
];

fn noise(random: &mut Xoshiro256PlusPlus) -> String {
    (0..random.random_range(0..14)).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect()
}

#[test]
fn readers_survive_noise() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let json = MediaType::parse("application/json").unwrap();
    for _ in 0..30_000 {
        let text = noise(&mut random);
        if let Some(media_type) = MediaType::parse(&text) {
            assert_eq!(MediaType::parse(&media_type.to_string()), Some(media_type.clone()), "{text:?}");
            let itself = MediaRange::parse(&text).unwrap();
            assert!(itself.matches(&media_type) >= Some(Specificity::Exact), "{text:?}");
            assert_eq!(itself.media_type(), Some(media_type));
        }
        assert_eq!(unquote(&quote(&text)), text);
        assert_eq!(percent_decode(&percent_encode_segment(&text)), Ok(text.as_str().into()));
        assert_eq!(form_decode(&percent_encode_query(&text)), Ok(text.as_str().into()));
        let _ = (percent_decode(&text), form_decode(&text), parse_http_date(&text), Target::parse(&text));
        let _ = (StatusRange::parse(&text), RetryAfter::parse(&text));
        let joined = query_pairs(&text).map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.to_owned(),
        });
        let pieces = text.split('&').filter(|piece| !piece.is_empty());
        assert!(joined.eq(pieces), "{text:?}");
        assert!(list_elements(&text).all(|element| !element.is_empty()));
        assert!(parameters(&text).all(|(name, _)| !name.is_empty()));
        fields_survive(&json, [text.as_bytes(), noise(&mut random).as_bytes()]);
    }
}

#[test]
fn readers_survive_any_bytes() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let json = MediaType::parse("application/json").unwrap();
    for _ in 0..10_000 {
        let mut bytes = vec![0; random.random_range(0..40)];
        random.fill(&mut bytes[..]);
        let text = String::from_utf8_lossy(&bytes);
        let _ = (MediaType::parse(&text), percent_decode(&text).is_ok(), parse_http_date(&text));
        fields_survive(&json, [&bytes, text.as_bytes()]);
    }
}

fn fields_survive(json: &MediaType, lines: [&[u8]; 2]) {
    let mut headers = HeaderMap::new();
    for name in [header::ACCEPT, header::COOKIE, header::RETRY_AFTER, header::HeaderName::from_static("prefer")] {
        for line in lines {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                headers.append(name.clone(), value);
            }
        }
    }
    assert!(Accept::parse(&headers).quality(json) <= 1000);
    let prefer = Prefer::parse(&headers);
    assert!(prefer.iter().all(|(name, value)| prefer.get(name) == Some(value)));
    assert!(cookies(&headers).all(|(name, _)| !name.is_empty()));
    let _ = retry_after(&headers);
    assert_eq!(field_value(&headers, "accept").is_some(), headers.contains_key("accept"));
}
