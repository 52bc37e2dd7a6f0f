//! The parts of a message (RFC 2046 §5.1): boundary, fields, content. Preamble and epilogue are passed over.

use http::header::CONTENT_DISPOSITION;

use crate::contract::codec::media_of;
use crate::message::{HeaderMap, HeaderName, HeaderValue, MediaType, parameters};

/// How many parts a message may have.
const PARTS: usize = 1_000;
/// How long the fields of a part may be, in bytes.
const FIELDS: usize = 16 * 1024;
/// How long a boundary may be (RFC 2046 §5.1.1).
const LONGEST: usize = 70;

/// One part.
pub(super) struct Part<'b> {
    pub(super) headers: HeaderMap,
    pub(super) media: Option<MediaType>,
    /// What it is called; none outside of forms.
    pub(super) name: Option<String>,
    /// Whether it has a file name.
    pub(super) file: bool,
    pub(super) content: &'b [u8],
}

/// Takes a message apart. Lines may end in LF alone.
pub(super) fn parts<'b>(bytes: &'b [u8], boundary: &str) -> Result<Vec<Part<'b>>, String> {
    if boundary.len() > LONGEST {
        return Err(format!("a boundary of more than {LONGEST} characters"));
    }
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut began: Option<usize> = None;
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length + 1);
        if let Some(rest) = bytes[at..end].strip_prefix(delimiter.as_bytes()) {
            let rest = rest.trim_ascii();
            if rest.is_empty() || rest == b"--" {
                if let Some(began) = began {
                    if parts.len() == PARTS {
                        return Err(format!("more than {PARTS} parts"));
                    }
                    parts.push(part(without_line_end(&bytes[began..at.max(began)]), parts.len() + 1)?);
                }
                if rest == b"--" {
                    return Ok(parts);
                }
                began = Some(end);
            }
        }
        at = end;
    }
    match began {
        None => Err("no part begins with the boundary that the `Content-Type` names".to_owned()),
        Some(_) => Err("cut off: the closing boundary is missing".to_owned()),
    }
}

/// The line end before a boundary belongs to the boundary.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn part(bytes: &[u8], number: usize) -> Result<Part<'_>, String> {
    let mut headers = HeaderMap::new();
    let mut disposition = None;
    let mut at = 0;
    loop {
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map(|length| at + length + 1);
        let line = &bytes[at..end.unwrap_or(bytes.len())];
        if end.unwrap_or(bytes.len()) > FIELDS {
            return Err(format!("the fields of part {number} are longer than {FIELDS} bytes"));
        }
        at = end.unwrap_or(bytes.len());
        if line.trim_ascii().is_empty() {
            break;
        }
        let no_field = || format!("part {number} has a line that is no field");
        let (name, value) = field(line).ok_or_else(no_field)?;
        let line = HeaderValue::from_bytes(value);
        // Names of forms have control characters as they are: a quoted string of mail may (RFC 822 §3.3), and nobody
        // encodes more than quotes and line ends (WHATWG, multipart/form-data encoding). A field of HTTP never may.
        if name == CONTENT_DISPOSITION {
            disposition.get_or_insert_with(|| String::from_utf8_lossy(value));
            if let Ok(line) = line {
                headers.append(name, line);
            }
        } else {
            headers.append(name, line.map_err(|_| no_field())?);
        }
    }
    let (mut name, mut file) = (None, false);
    if let Some(disposition) = &disposition {
        for (key, value) in parameters(disposition.split_once(';').map_or("", |(_, rest)| rest)) {
            match key.to_ascii_lowercase().as_str() {
                // Three characters are percent-encoded (see above), and no others: `%` stands for itself.
                "name" if name.is_none() => {
                    name = Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
                }
                "filename" | "filename*" => file = true,
                _ => {}
            }
        }
    }
    Ok(Part { media: media_of(&headers), headers, name, file, content: &bytes[at..] })
}

fn field(line: &[u8]) -> Option<(HeaderName, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((HeaderName::from_bytes(line[..colon].trim_ascii()).ok()?, line[colon + 1..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::parts;

    fn told(bytes: &str) -> Result<Vec<(Option<String>, bool, String)>, String> {
        let parts = parts(bytes.as_bytes(), "b")?;
        Ok(parts
            .into_iter()
            .map(|part| (part.name, part.file, String::from_utf8_lossy(part.content).into_owned()))
            .collect())
    }

    #[test]
    fn parts_stand_between_boundaries() {
        let message = "preamble\r\n--bb\r\n--b \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\r\n--b\r\n\
                       content-disposition: form-data; name=\"x%22;y\"; filename=\"f\"\r\n\r\n--b\r\n\r\n2\r\n--b--\r\nepilogue\r\n--b\r\n";
        let part = |name: Option<&str>, file, content: &str| (name.map(str::to_owned), file, content.to_owned());
        let expected = vec![part(Some("a"), false, "1\r\n"), part(Some("x\";y"), true, ""), part(None, false, "2")];
        assert_eq!(told(message), Ok(expected));
        let odd = "--b\nContent-Disposition: form-data; name=\"\u{f}%41%22\u{97}%0D%0Aü\"\n\n3\n--b--";
        assert_eq!(told(odd), Ok(vec![part(Some("\u{f}%41\"\u{97}\r\nü"), false, "3")]));
        assert_eq!(told("--b\n\na\n--b--"), Ok(vec![part(None, false, "a")]));
        assert_eq!(told("--b--"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_whole_says_so() {
        for (message, sentence) in [
            ("", "no part begins"),
            ("{}", "no part begins"),
            ("--b\r\n\r\n1\r\n", "closing boundary is missing"),
            ("--b\r\nx-a: \u{f}\r\n\r\n1\r\n--b--", "part 1 has a line that is no field"),
            ("--b\r\nnot a field\r\n\r\n1\r\n--b--", "part 1 has a line that is no field"),
        ] {
            assert!(told(message).unwrap_err().contains(sentence), "{message:?}");
        }
        let many = "--b\n\n1\n".repeat(1_002) + "--b--";
        assert_eq!(told(&many), Err("more than 1000 parts".to_owned()));
        let long = format!("--b\na: {}\n\n1\n--b--", "x".repeat(20_000));
        assert!(told(&long).unwrap_err().contains("longer than"));
    }
}
