//! From a value to elements.

use serde_json::{Map, Value};

use super::shape::{self, Kind, List, Member, Xml, tag};
use super::tree::INSTANCE;
use crate::contract::codec::text::plain;
use crate::schema::{Schema, Type};

/// Writes a value as one element; a text that is XML already is left as it is.
pub(in crate::contract::codec) fn write(schema: Option<&Schema>, value: &Value) -> Vec<u8> {
    if let Value::String(text) = value {
        let alone = schema.is_none_or(|schema| !schema.types().contains(Type::String) || schema.says("xml").is_none());
        if alone && text.trim_start().starts_with('<') {
            return text.clone().into_bytes();
        }
    }
    let xml = schema.map(Xml::of).unwrap_or_default();
    let name = schema.map_or_else(|| "root".to_owned(), |schema| shape::root(schema, &xml));
    let mut writer = Writer { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), scope: Vec::new() };
    writer.element(&name, &xml, schema, None, value);
    writer.out.into_bytes()
}

struct Writer {
    out: String,
    /// Prefixes and what they stand for, outer before inner.
    scope: Vec<(String, String)>,
}

impl Writer {
    /// One element; `list` where its children are the items of a list.
    fn element(&mut self, name: &str, xml: &Xml, schema: Option<&Schema>, list: Option<&List>, value: &Value) {
        let scope = self.scope.len();
        let prefix = self.start(name, xml);
        match value {
            Value::Null => self.out.push_str(&format!(" xmlns:xsi=\"{INSTANCE}\" xsi:nil=\"true\">")),
            Value::Object(members) => self.object(schema, members),
            Value::Array(items) => {
                self.out.push('>');
                let own = schema.filter(|_| list.is_none()).map(|schema| shape::list(schema, name));
                let unknown = List { tag: "item".to_owned(), xml: Xml::default(), schema: None };
                let list = list.or(own.as_ref()).unwrap_or(&unknown);
                items.iter().for_each(|item| self.element(&list.tag, &list.xml, list.schema.as_ref(), None, item));
            }
            other => {
                self.out.push('>');
                escape(&plain(other), &mut self.out);
            }
        }
        self.out.push_str(&format!("</{prefix}{name}>"));
        self.scope.truncate(scope);
    }

    /// `<p:name xmlns:p="…"`; returns the prefix with its colon. A prefix that stands for nothing is left out.
    fn start(&mut self, name: &str, xml: &Xml) -> String {
        let wanted = xml.prefix.as_deref().map(tag).unwrap_or_default();
        let known =
            |prefix: &str| self.scope.iter().rev().find(|(known, _)| known == prefix).map(|(_, namespace)| namespace);
        let declare = xml.namespace.as_ref().filter(|namespace| known(&wanted) != Some(namespace)).cloned();
        let bound = declare.is_some() || known(&wanted).is_some();
        let prefix = if wanted.is_empty() || !bound { String::new() } else { format!("{wanted}:") };
        self.out.push_str(&format!("<{prefix}{name}"));
        if let Some(namespace) = declare {
            self.out.push_str(if wanted.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(&format!("{wanted}=\""));
            escape(&namespace, &mut self.out);
            self.out.push('"');
            self.scope.push((wanted, namespace));
        }
        prefix
    }

    /// Attributes, the end of the start tag, and what is in it.
    fn object(&mut self, schema: Option<&Schema>, members: &Map<String, Value>) {
        let known = schema.map(shape::members).unwrap_or_default();
        for member in known.iter().filter(|member| member.xml.node == Kind::Attribute) {
            if let Some(value) = members.get(&member.name).filter(|value| !value.is_null()) {
                let text = match value {
                    Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
                    other => plain(other),
                };
                self.out.push_str(&format!(" {}=\"", member.tag));
                escape(&text, &mut self.out);
                self.out.push('"');
            }
        }
        self.out.push('>');
        self.inside(schema, &known, members);
    }

    fn inside(&mut self, schema: Option<&Schema>, known: &[Member], members: &Map<String, Value>) {
        let other = schema.and_then(Schema::additional);
        for (name, value) in members {
            let Some(member) = known.iter().find(|member| member.name == *name) else {
                self.undescribed(name, other.as_ref(), value);
                continue;
            };
            match (member.xml.node, &member.list, value) {
                (Kind::Attribute, ..) => {}
                (Kind::Text, ..) => escape(&plain(value), &mut self.out),
                (Kind::Cdata, ..) => {
                    let text = plain(value).replace("]]>", "]]]]><![CDATA[>");
                    self.out.push_str(&format!("<![CDATA[{text}]]>"));
                }
                (_, Some(list), Value::Array(items)) if !member.xml.wrapped => {
                    items.iter().for_each(|item| self.element(&list.tag, &list.xml, list.schema.as_ref(), None, item));
                }
                (_, Some(list), value) => self.element(&member.tag, &member.xml, None, Some(list), value),
                (Kind::None, None, Value::Object(inner)) => {
                    self.inside(Some(&member.schema), &shape::members(&member.schema), inner);
                }
                (_, None, value) => self.element(&member.tag, &member.xml, Some(&member.schema), None, value),
            }
        }
    }

    fn undescribed(&mut self, name: &str, schema: Option<&Schema>, value: &Value) {
        let xml = schema.map(Xml::of).unwrap_or_default();
        match value {
            Value::Array(items) if schema.is_none() => {
                items.iter().for_each(|item| self.element(&tag(name), &xml, None, None, item));
            }
            value => self.element(&tag(name), &xml, schema, None, value),
        }
    }
}

/// Text as it may stand in an element or an attribute; what XML cannot carry becomes U+FFFD.
fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A reader would make something else of them.
            '\r' | '\n' | '\t' => out.push_str(&format!("&#{};", char as u32)),
            char if char < ' ' || matches!(char, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
}
