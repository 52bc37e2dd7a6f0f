//! A part of a document as a number: equal for parts that mean the same, whatever they refer to included.
//!
//! References go in circles. Each place that one leads to is a node; nodes that lead to each other are one group, whose number is made
//! of all its members and of the groups that it leads to (Tarjan's algorithm, without recursion). So each place is looked at once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use serde_json::Value;

use crate::document::{Document, Documents, Location};

/// Members that tell people something, and change no message.
const SAID: [&str; 3] = ["description", "summary", "$comment"];

/// Members that hold values, in which nothing is a word of the document.
const VALUES: [&str; 8] = ["example", "examples", "default", "const", "enum", "value", "dataValue", "serializedValue"];

/// How many references in a row are followed.
const HOPS: usize = 64;

/// A number in the making.
#[derive(Default)]
pub(super) struct Sum(DefaultHasher);

impl Sum {
    pub(super) fn text(&mut self, text: &str) {
        self.0.write_usize(text.len());
        self.0.write(text.as_bytes());
    }

    pub(super) fn number(&mut self, number: u64) {
        self.0.write_u64(number);
    }

    pub(super) fn value(&self) -> u64 {
        self.0.finish()
    }
}

/// A place that a reference leads to.
struct Node {
    at: Location,
    /// What stands there, but for what it refers to.
    own: u64,
    leads_to: Vec<usize>,
    /// Its number in the order of discovery, and the lowest of those that it leads back to.
    order: Option<usize>,
    low: usize,
    sum: Option<u64>,
}

/// All that is known of one document and its files.
pub(super) struct Walk<'d> {
    documents: &'d Documents,
    nodes: Vec<Node>,
    /// By document (where it is in memory) and pointer.
    known: HashMap<(usize, String), usize>,
    found: usize,
    /// Everything, for where a reference is one that is not followed here: by an anchor, or from an `$id`.
    everything: Option<u64>,
}

impl<'d> Walk<'d> {
    pub(super) fn new(documents: &'d Documents) -> Walk<'d> {
        let texts = || documents.all().iter().map(|document| document.source().text());
        let named = texts().any(|text| ["$id", "$anchor", "$dynamicRef"].iter().any(|word| text.contains(word)));
        let everything = named.then(|| {
            let mut sum = Sum::default();
            texts().for_each(|text| sum.text(text));
            sum.value()
        });
        Walk { documents, nodes: Vec::new(), known: HashMap::new(), found: 0, everything }
    }

    /// The number of a value, and of all that it refers to.
    pub(super) fn sum(&mut self, document: &Arc<Document>, value: &Value) -> u64 {
        let mut leads_to = Vec::new();
        let own = self.own(document, value, false, &mut leads_to);
        let mut sum = Sum::default();
        sum.number(own);
        for node in leads_to {
            self.settle(node);
            sum.number(self.nodes[node].sum.unwrap_or_default());
        }
        sum.value()
    }

    /// Adds what a response is described as, at each end of its references.
    pub(super) fn description(&self, document: &Arc<Document>, response: &Value, sum: &mut Sum) {
        let mut at = (document.clone(), response.clone());
        for _ in 0..HOPS {
            sum.text(at.1.get("description").and_then(Value::as_str).unwrap_or_default());
            let Some(reference) = at.1.get("$ref").and_then(Value::as_str) else { return };
            let Ok(next) = self.documents.resolve(&at.0, reference) else { return };
            at = (next.document.clone(), next.value().clone());
        }
    }

    /// The number of a value without what is behind its references; `leads_to` gets these. The order of members means nothing.
    fn own(&mut self, document: &Arc<Document>, value: &Value, plain: bool, leads_to: &mut Vec<usize>) -> u64 {
        let mut sum = Sum::default();
        match value {
            Value::Null => sum.number(0),
            Value::Bool(it) => sum.number(1 + u64::from(*it)),
            Value::Number(number) => sum.text(&number.to_string()),
            Value::String(text) => {
                sum.number(3);
                sum.text(text);
            }
            Value::Array(items) => {
                sum.number(4);
                items.iter().for_each(|item| sum.number(self.own(document, item, plain, leads_to)));
            }
            Value::Object(members) => {
                let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
                sorted.sort_unstable_by_key(|(key, _)| *key);
                sum.number(5);
                for (key, member) in sorted {
                    let is_text = member.is_string();
                    if !plain && is_text && SAID.contains(&key.as_str()) {
                        continue;
                    }
                    sum.text(key);
                    match member {
                        Value::String(to)
                            if !plain && matches!(key.as_str(), "$ref" | "$dynamicRef" | "externalValue") =>
                        {
                            self.lead(document, to, &mut sum, leads_to);
                        }
                        _ => {
                            let plain = plain || VALUES.contains(&key.as_str());
                            sum.number(self.own(document, member, plain, leads_to));
                        }
                    }
                }
            }
        }
        sum.value()
    }

    /// A reference: what it leads to counts, not how it is written.
    fn lead(&mut self, document: &Arc<Document>, to: &str, sum: &mut Sum, leads_to: &mut Vec<usize>) {
        match self.documents.resolve(document, to) {
            Ok(at) => leads_to.push(self.node(at)),
            Err(_) => {
                sum.text(to);
                sum.number(self.everything.unwrap_or_default());
            }
        }
    }

    fn node(&mut self, at: Location) -> usize {
        let key = (Arc::as_ptr(&at.document).addr(), at.pointer.clone());
        *self.known.entry(key).or_insert_with(|| {
            self.nodes.push(Node { at, own: 0, leads_to: Vec::new(), order: None, low: 0, sum: None });
            self.nodes.len() - 1
        })
    }

    /// Gives a node and all that it leads to their numbers.
    fn settle(&mut self, first: usize) {
        if self.nodes[first].sum.is_some() {
            return;
        }
        // Nodes on the way, each with how many of those that it leads to have been looked at; and those without a group yet.
        let (mut way, mut loose) = (vec![(first, 0)], Vec::new());
        self.discover(first, &mut loose);
        while let Some((node, next)) = way.last_mut() {
            let node = *node;
            if let Some(&to) = self.nodes[node].leads_to.get(*next) {
                *next += 1;
                if self.nodes[to].order.is_none() {
                    self.discover(to, &mut loose);
                    way.push((to, 0));
                } else if self.nodes[to].sum.is_none() {
                    self.nodes[node].low = self.nodes[node].low.min(self.nodes[to].order.unwrap_or(usize::MAX));
                }
                continue;
            }
            way.pop();
            if let Some((before, _)) = way.last() {
                self.nodes[*before].low = self.nodes[*before].low.min(self.nodes[node].low);
            }
            if self.nodes[node].order == Some(self.nodes[node].low) {
                let from = loose.iter().rposition(|other| *other == node).unwrap_or(0);
                let group = loose.split_off(from);
                self.close(&group);
            }
        }
    }

    fn discover(&mut self, node: usize, loose: &mut Vec<usize>) {
        let at = self.nodes[node].at.clone();
        let mut leads_to = Vec::new();
        let own = self.own(&at.document, at.value(), false, &mut leads_to);
        let order = self.found;
        self.found += 1;
        loose.push(node);
        let known = &mut self.nodes[node];
        (known.own, known.leads_to, known.order, known.low) = (own, leads_to, Some(order), order);
    }

    /// The numbers of nodes that lead to each other, or of one alone.
    fn close(&mut self, group: &[usize]) {
        let mut members: Vec<(String, u64)> = Vec::with_capacity(group.len());
        for node in group {
            let mut sum = Sum::default();
            sum.number(self.nodes[*node].own);
            for to in &self.nodes[*node].leads_to {
                match self.nodes[*to].sum {
                    Some(settled) => sum.number(settled),
                    // One of this group: by its place, since it has no number yet.
                    None => sum.text(&self.nodes[*to].at.pointer),
                }
            }
            members.push((self.nodes[*node].at.pointer.clone(), sum.value()));
        }
        if let [node] = group
            && !self.nodes[*node].leads_to.contains(node)
        {
            self.nodes[*node].sum = members.first().map(|(_, sum)| *sum);
            return;
        }
        members.sort_unstable();
        let mut all = Sum::default();
        members.iter().for_each(|(_, sum)| all.number(*sum));
        for node in group {
            let mut sum = Sum::default();
            sum.number(all.value());
            sum.text(&self.nodes[*node].at.pointer);
            self.nodes[*node].sum = Some(sum.value());
        }
    }
}
