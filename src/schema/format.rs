//! What `format` asserts: the formats of JSON Schema, and those of the OpenAPI format registry that can be checked.
//!
//! Unknown formats say nothing. A format speaks about its own JSON type only.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jsonschema::ValidationOptions;
use serde_json::Number;

use super::email::Emails;

// Bits behind the last byte count for nothing (RFC 4648 §3.5 lets a reader choose): encoders that leave some are out there.
const PADDED: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, PADDED);
const URL_SAFE: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::URL_SAFE, PADDED.with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Which formats assert nothing, though they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored(BTreeSet<String>);

impl Ignored {
    /// These formats; `all` stands for every one.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Ignored {
        Ignored(names.into_iter().map(Into::into).collect())
    }

    /// Whether a format is one of them.
    pub fn has(&self, format: &str) -> bool {
        !self.0.is_empty() && (self.0.contains("all") || self.0.contains(format))
    }
}

/// Adds the formats that the validator does not know by itself.
pub(super) fn register(
    options: ValidationOptions<'static>,
    emails: Emails,
    ignored: &Ignored,
) -> ValidationOptions<'static> {
    if ignored.has("all") {
        return options.should_validate_formats(false).should_ignore_unknown_formats(true);
    }
    let options = options
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_format("email", move |text: &str| emails.admits(text))
        .with_format("byte", |text: &str| STANDARD.decode(text).is_ok())
        .with_format("base64url", |text: &str| URL_SAFE.decode(text).is_ok());
    ignored.0.iter().fold(options, |options, name| options.with_format(name.clone(), |_: &str| true))
}

/// The integers that a format of numbers admits, ends included.
pub(super) fn width(format: &str) -> Option<(i128, i128)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// Whether a number is a whole one within a width; exact at the ends.
pub(super) fn fits(number: &Number, (least, most): (i128, i128)) -> bool {
    if let Some(integer) = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)) {
        return (least..=most).contains(&integer);
    }
    // A whole double below 2^100 is exact as an i128, and what is larger fits nowhere. The least 64-bit integer would have been
    // read as one: a double that equals it was rounded to it from below.
    let double = number.as_f64().filter(|double| double.fract() == 0.0 && double.abs() < 1e30);
    double
        .map(|double| double as i128)
        .is_some_and(|integer| (least..=most).contains(&integer) && integer != i128::from(i64::MIN))
}

/// What a text or number of that format is called.
pub(super) fn phrase(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "a date-time",
        "date" => "a date",
        "time" => "a time",
        "duration" => "a duration",
        "email" | "idn-email" => "an e-mail address",
        "hostname" | "idn-hostname" => "a host name",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "uri" => "a URI",
        "uri-reference" => "a URI reference",
        "iri" => "an IRI",
        "iri-reference" => "an IRI reference",
        "uri-template" => "a URI template",
        "uuid" => "a UUID",
        "json-pointer" => "a JSON Pointer",
        "relative-json-pointer" => "a relative JSON Pointer",
        "regex" => "a regular expression",
        "byte" => "base64",
        "base64url" => "base64url",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Number, Value};

    use super::{fits, width};

    fn number(text: &str) -> Number {
        match serde_json::from_str(text).unwrap() {
            Value::Number(number) => number,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn ranges_are_exact_at_their_ends() {
        let cases = [
            ("int32", "2147483647", "2147483648"),
            ("int32", "-2147483648", "-2147483649"),
            ("int64", "9223372036854775807", "9223372036854775808"),
            ("int64", "-9223372036854775808", "-9223372036854775809"),
            ("int64", "-9223372036854775808", "-9223372036854775809.0e1"),
            ("uint64", "18446744073709551615", "18446744073709551616"),
            ("uint8", "255", "-1"),
            ("int32", "1.0", "1.5"),
            ("int64", "1e18", "1e300"),
        ];
        for (format, good, bad) in cases {
            let width = width(format).unwrap();
            assert!(fits(&number(good), width), "{good} is {format}");
            assert!(!fits(&number(bad), width), "{bad} is no {format}");
        }
    }
}
