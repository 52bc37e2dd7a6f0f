//! The `Accept` field: what media types a client wants (RFC 9110 §12.5.1).

use http::{HeaderMap, header};

use super::fields;
use super::media_type::{self, MediaType};

/// The `Accept` field of a request, read anew for each question: nothing is copied.
///
/// Never fails: an element that cannot be read is skipped, and a field without any readable element counts as absent.
#[derive(Clone, Copy, Debug)]
pub struct Accept<'h> {
    headers: &'h HeaderMap,
    said: Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// No field, or nothing in it that can be read.
    Nothing,
    /// Only `*/*`.
    Anything,
    /// More than that.
    Ranges,
}

/// One element that could be read.
struct Element<'h> {
    essence: &'h str,
    /// From the first `;` on, `q` and what follows it included.
    parameters: &'h str,
    /// Thousandths.
    quality: u16,
}

impl<'h> Accept<'h> {
    /// Reads the field; several lines are one list.
    pub fn parse(headers: &'h HeaderMap) -> Accept<'h> {
        let said = elements(headers).fold(Said::Nothing, |said, element| {
            let anything = matches!(element.essence, "*/*" | "*") && element.quality > 0;
            if anything && said != Said::Ranges { Said::Anything } else { Said::Ranges }
        });
        Accept { headers, said }
    }

    /// How welcome a media type is, in thousandths; 0 is not acceptable.
    ///
    /// The closest range decides, of equally close ones the one with the greatest quality. Without a readable element: 1000.
    pub fn quality(&self, media_type: &MediaType) -> u16 {
        if self.said == Said::Nothing {
            return 1000;
        }
        elements(self.headers)
            .filter_map(|element| {
                let parameters =
                    fields::parameters(element.parameters).take_while(|(name, _)| !name.eq_ignore_ascii_case("q"));
                let specificity = media_type::measure(element.essence, parameters, media_type)?;
                Some((specificity, element.quality))
            })
            .max()
            .map_or(0, |(_, quality)| quality)
    }

    /// The media types that it names, without ranges and parameters, in their order.
    pub fn named(&self) -> impl Iterator<Item = MediaType> + use<'h> {
        elements(self.headers).filter(|element| element.quality > 0).filter_map(|one| MediaType::parse(one.essence))
    }

    /// Whether nothing is ruled out or preferred: the field is absent, unreadable, or says only `*/*`.
    pub fn accepts_anything(&self) -> bool {
        self.said != Said::Ranges
    }
}

fn elements<'h>(headers: &'h HeaderMap) -> impl Iterator<Item = Element<'h>> + use<'h> {
    fields::lines(headers, &header::ACCEPT).flat_map(fields::list_elements).filter_map(read)
}

fn read(text: &str) -> Option<Element<'_>> {
    let (essence, parameters) = media_type::divide(text);
    if !media_type::is_essence(essence) {
        return None;
    }
    let quality = fields::parameters(parameters).find(|(name, _)| name.eq_ignore_ascii_case("q"));
    let quality = match quality {
        Some((_, value)) => thousandths(&value)?,
        None => 1000,
    };
    Some(Element { essence, parameters, quality })
}

/// A weight (RFC 9110 §12.4.2) in thousandths. Tolerant: `.5`, `1.`, more than three digits (cut), above 1 (taken as 1).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    if whole.bytes().any(|b| b != b'0') {
        return Some(1000);
    }
    let fraction = fraction.bytes().chain([b'0'; 3]).take(3);
    Some(fraction.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Accept, MediaType, thousandths};

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (http::header::ACCEPT, HeaderValue::from_str(line).unwrap())).collect()
    }

    fn quality(lines: &[&str], media_type: &str) -> u16 {
        Accept::parse(&headers(lines)).quality(&MediaType::parse(media_type).unwrap())
    }

    #[test]
    fn the_closest_range_decides_wherever_it_stands() {
        let accept = ["text/*;q=0.3, text/html;q=0.7", "text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"];
        for (media_type, expected) in [
            ("text/html;level=1", 1000),
            ("text/html", 700),
            ("text/plain", 300),
            ("image/jpeg", 500),
            ("text/html;level=2", 400),
            ("text/html;level=3", 700),
        ] {
            assert_eq!(quality(&accept, media_type), expected, "{media_type}");
        }
    }

    #[test]
    fn nonsense_counts_as_absent() {
        for line in ["nonsense", "", ",,,", ";q=1", "application/json;q=high", "a/b/c, */json", "\""] {
            let headers = headers(&[line]);
            let accept = Accept::parse(&headers);
            assert!(accept.accepts_anything(), "{line}");
            assert_eq!(accept.quality(&MediaType::parse("application/json").unwrap()), 1000, "{line}");
        }
        assert!(Accept::parse(&HeaderMap::new()).accepts_anything());
    }

    #[test]
    fn nonsense_beside_sense_is_skipped() {
        assert_eq!(quality(&["nonsense, application/json;q=0.5"], "application/json"), 500);
        assert_eq!(quality(&["nonsense, application/json;q=0.5"], "text/plain"), 0);
    }

    #[test]
    fn only_the_full_wildcard_accepts_anything() {
        for (line, anything) in
            [("*/*", true), ("*;q=.2, */*", true), ("*/*;q=0", false), ("*/*, a/b;q=0", false), ("a/b, */*", false)]
        {
            assert_eq!(Accept::parse(&headers(&[line])).accepts_anything(), anything, "{line}");
        }
        assert_eq!(quality(&["*/*, application/json;q=0"], "application/json"), 0);
        assert_eq!(quality(&["application/*+json"], "application/problem+json"), 1000);
    }

    #[test]
    fn parameters_after_the_weight_are_not_the_ranges() {
        assert_eq!(quality(&["application/json;q=0.8;v=1"], "application/json"), 800);
        assert_eq!(quality(&["application/json;v=1;q=0.8"], "application/json"), 0);
        assert_eq!(quality(&["application/json;charset=utf-8"], "application/json"), 1000);
    }

    #[test]
    fn weights_are_read_tolerantly() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            ("0.25", Some(250)),
            (".5", Some(500)),
            ("1.", Some(1000)),
            ("0.12345", Some(123)),
            ("7", Some(1000)),
            ("", None),
            (".", None),
            ("-1", None),
            ("0,5", None),
            ("0.5.5", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
