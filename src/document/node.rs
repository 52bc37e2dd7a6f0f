//! Reading a tree by hand, place by place: for formats that are small and owe their author good messages.

use std::borrow::Cow;

use serde_json::Value;

use super::{Document, Span};

/// A value in a document, and its place. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    document: &'a Document,
    value: &'a Value,
    entry: usize,
}

impl<'a> Node<'a> {
    pub(super) fn new(document: &'a Document, value: &'a Value, entry: usize) -> Node<'a> {
        Node { document, value, entry }
    }

    /// The document it is in.
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// The value, by the core schema of YAML 1.2.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.document.marks().get(self.entry).map(|mark| mark.span()).unwrap_or_default()
    }

    /// Where its key stands, if it has one.
    pub fn key_span(&self) -> Option<Span> {
        self.document.marks().get(self.entry)?.key_span()
    }

    /// The text of a scalar: as written where it is plain (`2`, `1.50`, `on`), decoded where it is quoted or a block.
    ///
    /// What is left out (`key:` and nothing more) is the empty text, and its value is null. `None` for mappings and lists.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.value {
            Value::Object(_) | Value::Array(_) => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            // Quotes here mean a tag: `!!int "3"`.
            _ => Some(Cow::Borrowed(self.document.source().slice(self.span()).trim_matches(['"', '\'']))),
        }
    }

    /// The members of a mapping: key, where the key stands, value. Nothing for any other value.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Span, Node<'a>)> + use<'a> {
        let (document, members) = (self.document, self.value.as_object());
        document.marks().children(self.entry).zip(members.into_iter().flatten()).map(move |(entry, (key, value))| {
            let node = Node::new(document, value, entry);
            (key.as_str(), node.key_span().unwrap_or_default(), node)
        })
    }

    /// The member of a mapping with this key.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.members().find(|(name, ..)| *name == key).map(|(.., node)| node)
    }

    /// The items of a list. Nothing for any other value.
    pub fn items(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let (document, items) = (self.document, self.value.as_array());
        document
            .marks()
            .children(self.entry)
            .zip(items.into_iter().flatten())
            .map(move |(entry, value)| Node::new(document, value, entry))
    }

    /// The JSON Pointer to it.
    pub fn pointer(&self) -> String {
        self.document.marks().pointer(self.document.root(), self.entry)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::document::{Document, Source};

    #[test]
    fn scalars_are_read_as_written() {
        let text = "calls: {3: 2, 1.50: 1.50}\nlist: [on, '2', \"a\\u0041\", ~, 0x1F]\nempty:\nblock: |\n  a\n  b\n";
        let document = Document::read(Source::new("a", text)).document.expect("a tree");
        let node = document.node();
        let texts = |key: &str| -> Vec<_> {
            let list = node.get(key).expect("a list");
            list.items().map(|item| item.text().expect("a scalar").into_owned()).collect()
        };
        assert_eq!(texts("list"), ["on", "2", "aA", "~", "0x1F"]);
        assert_eq!(node.get("empty").and_then(|node| node.text()).as_deref(), Some(""));
        assert_eq!(node.get("block").and_then(|node| node.text()).as_deref(), Some("a\nb\n"));
        assert_eq!(node.get("calls").and_then(|node| node.text()), None);
        let calls: Vec<_> = node.get("calls").into_iter().flat_map(|calls| calls.members()).collect();
        let told: Vec<_> =
            calls.iter().map(|(key, span, value)| (*key, span.start, value.text().expect("a scalar"))).collect();
        assert_eq!(told, [("3", 8, "2".into()), ("1.50", 14, "1.50".into())]);
        assert_eq!(calls[1].2.pointer(), "/calls/1.50");
        assert_eq!(calls[1].2.value(), &json!(1.5));
    }

    #[test]
    fn what_came_through_an_alias_stands_at_its_anchor() {
        let text = "base: &b {x: 1.50}\nuse: *b\nmore:\n  <<: *b\n";
        let document = Document::read(Source::new("a", text)).document.expect("a tree");
        for pointer in ["/base/x", "/use/x", "/more/x"] {
            let node = document.node_at(pointer).expect(pointer);
            assert_eq!((node.span().start, node.text().as_deref()), (13, Some("1.50")), "{pointer}");
            assert_eq!(node.pointer(), pointer);
        }
        assert_eq!(document.key_span("/use").map(|span| span.start), Some(19));
        assert_eq!(document.span_near("/use").start, 9);
        assert_eq!(document.span_near("/more/nothing/here"), document.span_near("/more"));
        assert_eq!(document.key_span("/more/nothing"), None);
        assert!(document.node_at("more").is_none());
    }
}
