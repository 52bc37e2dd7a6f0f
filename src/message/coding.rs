//! Content codings (RFC 9110 §8.4): `gzip`, `deflate`, `br`, `zstd` taken off, within a limit.

use std::fmt;
use std::io::Read;

use bytes::Bytes;
use http::{HeaderMap, header};

use super::fields;

/// What [`decode_content`] knows, as an `Accept-Encoding` says it.
pub const CODINGS: &str = "gzip, deflate, br, zstd";
/// How many codings may lie on each other.
const LAYERS: usize = 4;

/// Why content could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodingError {
    /// A coding that is not known, as it was written; or too many of them.
    Unknown(String),
    /// It is not what its coding says.
    Broken(&'static str),
    /// More bytes than the limit.
    TooLarge(usize),
}

impl fmt::Display for CodingError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodingError::Unknown(coding) => write!(out, "the content coding `{coding}` is none of {CODINGS}"),
            CodingError::Broken(coding) => write!(out, "the content is not whole and well-formed {coding}"),
            CodingError::TooLarge(limit) => write!(out, "the content is larger than {limit} bytes when decoded"),
        }
    }
}

impl std::error::Error for CodingError {}

/// Takes off what `Content-Encoding` says lies on the content, the last first. `None` where it says nothing.
///
/// # Errors
/// When a coding is unknown, the content is not what it says, or comes to more than `limit` bytes.
pub fn decode_content(headers: &HeaderMap, content: &Bytes, limit: usize) -> Result<Option<Bytes>, CodingError> {
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(None);
    }
    let lines = fields::lines(headers, &header::CONTENT_ENCODING);
    let codings: Vec<&str> = lines.flat_map(fields::list_elements).collect();
    let mut decoded: Option<Bytes> = None;
    for (layer, coding) in codings.into_iter().rev().enumerate() {
        let known = ["identity", "gzip", "x-gzip", "deflate", "br", "zstd"];
        let known = known.into_iter().find(|known| coding.eq_ignore_ascii_case(known)).filter(|_| layer < LAYERS);
        let Some(known) = known else { return Err(CodingError::Unknown(coding.chars().take(40).collect())) };
        if known != "identity" {
            decoded = Some(one(known, decoded.as_ref().unwrap_or(content), limit)?.into());
        }
    }
    Ok(decoded)
}

fn one(coding: &'static str, content: &[u8], limit: usize) -> Result<Vec<u8>, CodingError> {
    match coding {
        "br" => all(brotli_decompressor::Decompressor::new(content, 4096), coding, limit),
        "zstd" => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(content);
            all(decoder.map_err(|_| CodingError::Broken(coding))?, coding, limit)
        }
        // RFC 9110 §8.4.1.2: with the frame of zlib, though some senders leave it away.
        "deflate" if content.first().is_some_and(|first| first & 0x0f == 8) => {
            all(flate2::read::ZlibDecoder::new(content), coding, limit)
        }
        "deflate" => all(flate2::read::DeflateDecoder::new(content), coding, limit),
        _ => all(flate2::read::MultiGzDecoder::new(content), "gzip", limit),
    }
}

fn all(decoder: impl Read, coding: &'static str, limit: usize) -> Result<Vec<u8>, CodingError> {
    let mut content = Vec::new();
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut content);
    match read {
        Ok(_) if content.len() > limit => Err(CodingError::TooLarge(limit)),
        Ok(_) => Ok(content),
        Err(_) => Err(CodingError::Broken(coding)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bytes::Bytes;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::{HeaderMap, HeaderValue};

    use super::{CodingError, decode_content};

    fn decoded(coding: &str, content: &[u8]) -> Result<Option<Bytes>, CodingError> {
        let headers = HeaderMap::from_iter([(http::header::CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap())]);
        decode_content(&headers, &Bytes::copy_from_slice(content), 1_000)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    }

    /// `{"a":1}` by the reference programs of the two codings.
    const BROTLI: &[u8] = &[0x0b, 0x03, 0x80, 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d, 0x03];
    const ZSTD: &[u8] = &[
        0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x39, 0, 0, 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d, 0x48, 0x8b, 0xfc,
        0x32,
    ];

    #[test]
    fn each_coding_is_taken_off_and_several_in_their_order() {
        let text = Bytes::from_static(br#"{"a":1}"#);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(&text).unwrap();
        for (coding, content) in [
            ("gzip", gzip(&text)),
            ("X-GZIP", gzip(&text)),
            ("gzip, GZip", gzip(&gzip(&text))),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
            ("br", BROTLI.to_vec()),
            ("zstd", ZSTD.to_vec()),
            ("identity, zstd", ZSTD.to_vec()),
        ] {
            assert_eq!(decoded(coding, &content), Ok(Some(text.clone())), "{coding}");
        }
        assert_eq!(decoded("identity", b"{}"), Ok(None));
    }

    #[test]
    fn what_cannot_be_decoded_says_why() {
        assert_eq!(decoded("compress", b"x"), Err(CodingError::Unknown("compress".into())));
        assert!(matches!(decoded("gzip, gzip, gzip, gzip, gzip", b"x"), Err(CodingError::Broken(_))));
        for (coding, content) in [("gzip", &b"{}"[..]), ("br", b"\xff\xff\xff"), ("zstd", b"{}"), ("deflate", b"{}")] {
            assert!(matches!(decoded(coding, content), Err(CodingError::Broken(_))), "{coding}");
        }
        let cut = gzip(b"some text");
        assert_eq!(decoded("gzip", &cut[..cut.len() - 9]), Err(CodingError::Broken("gzip")));
        assert_eq!(decoded("gzip", &gzip(&[0; 1_001])), Err(CodingError::TooLarge(1_000)));
        assert_eq!(decoded("gzip", &gzip(&[0; 1_000])).unwrap().unwrap().len(), 1_000);
    }
}
