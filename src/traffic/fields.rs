//! The fields of a message that was seen, in one piece of memory.

use std::fmt;

use bytes::Bytes;

use crate::message::{HeaderMap, HeaderName, HeaderValue};

/// Fields in the order they came.
///
/// A map of fields is made for looking up and changing, and takes a table and a piece of memory per value. These are kept
/// by the thousand and seldom looked at: name and value one behind the other, before each pair its two lengths.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Bytes);

/// How long a length is, in bytes.
const LENGTH: usize = size_of::<u32>();

impl Fields {
    /// Appends what is kept of a message's fields.
    fn write(headers: &HeaderMap, out: &mut Vec<u8>) {
        for (name, value) in headers {
            // hyper takes no message whose head is longer than 4 GiB, and nobody else keeps one.
            let length = |bytes: &[u8]| u64::from(u32::try_from(bytes.len()).unwrap_or(0));
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            // Both at once; the first one comes first.
            out.extend_from_slice(&(length(name) | length(value) << u32::BITS).to_le_bytes());
            out.extend_from_slice(name);
            out.extend_from_slice(value);
        }
    }

    /// Names in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        // Names are ASCII (RFC 9110 §5.1).
        self.pairs().map(|(name, value)| (std::str::from_utf8(name).unwrap_or_default(), value))
    }

    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_first_chunk::<LENGTH>()?;
            let (value, after) = after.split_first_chunk::<LENGTH>()?;
            let (name, after) = after.split_at_checked(u32::from_le_bytes(*name) as usize)?;
            let (value, after) = after.split_at_checked(u32::from_le_bytes(*value) as usize)?;
            rest = after;
            Some((name, value))
        })
    }

    /// The first value of a field, when it is text. Names are the same in upper and lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte == b'\t' || (b' '..0x7f).contains(&byte)))
    }

    /// The same fields, for looking up and changing.
    pub fn to_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in self.iter() {
            // They come from such a map, so they are names and values, and there is room.
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
                let _ = headers.try_append(name, value);
            }
        }
        headers
    }

    /// How many bytes they take.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Fields {
        // Just as much as they take: they are kept.
        let length = headers.iter().map(|(name, value)| 2 * LENGTH + name.as_str().len() + value.len()).sum();
        let mut written = Vec::with_capacity(length);
        Fields::write(headers, &mut written);
        Fields(written.into())
    }
}

impl From<HeaderMap> for Fields {
    fn from(headers: HeaderMap) -> Fields {
        Fields::from(&headers)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter().map(|(name, value)| (name, String::from_utf8_lossy(value)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, LENGTH};
    use crate::message::{HeaderMap, HeaderValue};

    #[test]
    fn fields_come_back_as_they_were() {
        let mut headers = HeaderMap::new();
        headers.append("accept", HeaderValue::from_static("a: b"));
        headers.append("accept", HeaderValue::from_static(""));
        headers.append("x-bytes", HeaderValue::from_bytes(b"\xff:\t").unwrap());
        let fields = Fields::from(&headers);
        assert_eq!(fields.to_map(), headers);
        assert_eq!(
            fields.iter().collect::<Vec<_>>(),
            [("accept", &b"a: b"[..]), ("accept", b""), ("x-bytes", b"\xff:\t")]
        );
        assert_eq!(fields.get("Accept"), Some("a: b"));
        assert_eq!((fields.get("x-bytes"), fields.get("x")), (None, None));
        assert_eq!(fields.size(), 3 * 2 * LENGTH + "acceptaccepta: bx-bytes".len() + 3);
        assert_eq!(Fields::default().iter().count(), 0);
    }
}
