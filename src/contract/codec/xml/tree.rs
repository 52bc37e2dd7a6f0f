//! From text to a tree of elements, namespaces resolved, within limits.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// How deep elements nest.
const DEPTH: usize = 100;
/// How many elements and attributes there may be.
const MOST: usize = 200_000;
/// The namespace of `xsi:nil` (XML Schema Part 1, §2.6).
pub(super) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Without its prefix.
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// Those that declare namespaces, and those of `xsi`, left out.
    pub(super) attributes: Vec<Attribute>,
    /// All text right in it.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
    /// `xsi:nil="true"`.
    pub(super) nil: bool,
}

/// An attribute.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) value: String,
}

/// The encoding that the declaration names, where the bytes can be looked at without knowing it.
pub(super) fn declared(bytes: &[u8]) -> Option<&str> {
    if bytes.starts_with(b"\xfe\xff") || bytes.starts_with(b"\xff\xfe") {
        return Some("utf-16");
    }
    let head = bytes.get(..bytes.len().min(200))?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = std::str::from_utf8(head.get(..end)?).ok()?.trim_start();
    let rest = head.strip_prefix("<?xml")?.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split(quote).next()
}

pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut left = MOST;
    loop {
        let event = reader.read_event().map_err(|error| broken(text, reader.error_position(), &error.to_string()))?;
        let here = reader.buffer_position();
        let wrong = |what: &str| broken(text, here, what);
        let mut said = |part: &str| match open.last_mut() {
            Some(element) => {
                element.text.push_str(part);
                Ok(())
            }
            None if part.trim().is_empty() => Ok(()),
            None => Err(wrong("text outside of the root element")),
        };
        match event {
            Event::Start(start) => {
                if root.is_some() {
                    return Err(wrong("more than one root element"));
                }
                if open.len() == DEPTH {
                    return Err(format!("elements nested deeper than {DEPTH}"));
                }
                open.push(element(&reader, &start, &mut left).map_err(|what| wrong(&what))?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { return Err(wrong("an end tag without a start tag")) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => said(&text.xml10_content().map_err(|error| wrong(&error.to_string()))?)?,
            Event::CData(text) => said(&text.xml10_content().map_err(|error| wrong(&error.to_string()))?)?,
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| wrong(&error.to_string()))?;
                match reference.resolve_char_ref().map_err(|error| wrong(&error.to_string()))? {
                    Some(char) => said(char.encode_utf8(&mut [0; 4]))?,
                    None => match predefined(&name) {
                        Some(text) => said(text)?,
                        None => {
                            let name: String = name.chars().take(40).collect();
                            return Err(wrong(&format!("the entity `&{name};`; no entities are read but XML's own")));
                        }
                    },
                }
            }
            Event::Eof => break,
            // A document type is passed over, and with it all that it declares.
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (open.last(), root) {
        (None, Some(root)) => Ok(root),
        (Some(element), _) => Err(format!("not well-formed XML: cut off inside of `<{}>`", element.name)),
        (None, None) => Err("not well-formed XML: there is no element".to_owned()),
    }
}

fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>, left: &mut usize) -> Result<Element, String> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element { name: lossy(name.as_ref()), namespace: named(&namespace), ..Element::default() };
    spend(left)?;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        spend(left)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let (namespace, name) = (named(&namespace), lossy(name.as_ref()));
        if namespace.as_deref() == Some(INSTANCE) {
            element.nil |= name == "nil" && matches!(value.trim(), "true" | "1");
            continue;
        }
        element.attributes.push(Attribute { name, namespace, value: value.into_owned() });
    }
    Ok(element)
}

fn spend(left: &mut usize) -> Result<(), String> {
    *left = left.checked_sub(1).ok_or_else(|| format!("more than {MOST} elements and attributes"))?;
    Ok(())
}

fn named(namespace: &ResolveResult<'_>) -> Option<String> {
    match namespace {
        ResolveResult::Bound(namespace) => Some(lossy(namespace.as_ref())),
        _ => None,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn broken(text: &str, at: u64, what: &str) -> String {
    let before = text.as_bytes().get(..(at as usize).min(text.len())).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("not well-formed XML: {what} (line {line})")
}

#[cfg(test)]
mod tests {
    use super::{declared, parse};

    #[test]
    fn a_tree_has_names_namespaces_and_text() {
        let text = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><!-- c --><p:a xmlns:p='urn:p' xmlns='urn:d' b='1 &lt; 2' p:c='3'>\
                    t &amp; <![CDATA[<u>]]>&#65;<d/><d xmlns='' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/></p:a>";
        let root = parse(text).unwrap();
        assert_eq!((&*root.name, root.namespace.as_deref(), &*root.text), ("a", Some("urn:p"), "t & <u>A"));
        let attributes: Vec<_> =
            root.attributes.iter().map(|one| (&*one.name, one.namespace.as_deref(), &*one.value)).collect();
        assert_eq!(attributes, [("b", None, "1 < 2"), ("c", Some("urn:p"), "3")]);
        assert_eq!((root.children[0].namespace.as_deref(), root.children[0].nil), (Some("urn:d"), false));
        assert_eq!((root.children[1].namespace.as_deref(), root.children[1].nil), (None, true));
    }

    #[test]
    fn what_is_not_well_formed_or_too_large_is_refused() {
        let deep = "<a>".repeat(101);
        let many = format!("<a>{}</a>", "<b/>".repeat(200_000));
        for (text, sentence) in [
            ("", "no element"),
            ("<a>\n<b></a>", "(line 2)"),
            ("<a>", "cut off inside of `<a>`"),
            ("<a/><b/>", "more than one root"),
            ("x<a/>", "text outside"),
            ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "the entity `&x;`"),
            ("<a b='&x;'/>", "not well-formed XML"),
            ("<a b='1' b='2'/>", "not well-formed XML"),
            (&deep, "nested deeper than 100"),
            (&many, "more than 200000"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(sentence), "{}: {error}", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn the_declaration_may_name_an_encoding() {
        assert_eq!(declared(b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a/>"), Some("ISO-8859-1"));
        assert_eq!(declared(b"<?xml version=\"1.0\"?><a encoding='x'/>"), None);
        assert_eq!(declared(b"\xff\xfe<\0a\0"), Some("utf-16"));
    }
}
