//! From method and path to operation: a trie over path segments, built at load and read without allocating.
//!
//! Among templates that fit a path the more literal one wins, segment by segment from the left: plain text before mixed
//! (the one with more plain text first) before a parameter, and that before one that may have `/` in it, which takes as little
//! as fits. A template that has the method wins over one that has not, and of several that differ behind `?` or `#` the one
//! that finds the most of it in the query.
//! Paths are compared raw, split at `/` before anything is decoded, so that `%2F` stays inside its segment; they are
//! case-sensitive and a trailing slash counts (OpenAPI 3.1.2 §4.8.8.1).

mod overlap;

use std::collections::HashMap;
use std::sync::Arc;

use super::base::Bases;
use super::mark::{Mark, Query, after_path};
use super::template::{Piece, Segment, fits, literal_length, segments};
use crate::finding::{Finding, Place};
use crate::message::{HeaderValue, Method, percent_decode};
use crate::spec::Head;

/// The most segments that one parameter takes.
const SPANNED: usize = 1_000;

/// Up to how many texts are looked through one by one.
const FEW: usize = 8;

/// The compiled table of paths.
#[derive(Debug)]
pub(super) struct Router {
    nodes: Vec<Node>,
}

/// Where segments lead: the node that they branch off from, and their text.
type Ways = HashMap<(usize, Box<str>), usize>;

/// What is there already while the table grows.
#[derive(Default)]
struct Seen {
    literals: Ways,
    /// Segments with parameters, by [`shape`].
    shapes: Ways,
}

#[derive(Debug, Default)]
struct Node {
    /// Sorted, once the table is complete.
    literals: Vec<(Box<str>, usize)>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    spanning: Vec<(Vec<Piece>, usize)>,
    leaf: Option<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    template: Arc<str>,
    /// Those that ask the most of the query first.
    served: Vec<Served>,
    allow: HeaderValue,
}

/// An operation at the end of its path.
#[derive(Debug)]
struct Served {
    method: Method,
    operation: usize,
    /// What it asks of the query.
    marks: Vec<Mark>,
}

/// The operation that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its index.
    pub operation: usize,
    /// How many bytes at the start of the path belong to the base path.
    pub base: usize,
    /// The request was HEAD, and GET serves it.
    pub head_by_get: bool,
    /// The path lacked the base path that the document gives it.
    pub short: bool,
}

/// Why no operation is for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// No template fits the path.
    Path,
    /// One does, but it has not this method.
    Method {
        /// The methods it has, as an `Allow` field.
        allow: HeaderValue,
        /// Its template.
        template: Arc<str>,
    },
}

impl Router {
    /// The table of these operations. `places` tells which requests of one and the same template are for which of them.
    pub(super) fn new(heads: &[Head], places: &Bases, findings: &mut Vec<Finding>) -> Router {
        let mut router = Router { nodes: vec![Node::default()] };
        let mut seen = Seen::default();
        for (index, head) in heads.iter().enumerate() {
            if let Some((first, leaf)) = router.insert(index, head, &mut seen, places) {
                findings.push(clash(&heads[first], &router.nodes[leaf], head));
            }
        }
        for (index, head) in heads.iter().enumerate() {
            if let Some((sent, _)) = after_path(&head.template, '#') {
                findings.push(router.insert_sent(index, head, sent, &mut seen, places));
            }
        }
        for ((at, text), next) in seen.literals {
            router.nodes[at].literals.push((text, next));
        }
        for node in &mut router.nodes {
            node.literals.sort();
            for several in [&mut node.mixed, &mut node.spanning] {
                several.sort_by_key(|(pieces, _)| std::cmp::Reverse(literal_length(pieces)));
            }
            if let Some(leaf) = &mut node.leaf {
                leaf.served.sort_by_key(|served| std::cmp::Reverse(served.marks.len()));
                leaf.allow = allow(leaf.served.iter().map(|served| &served.method));
            }
        }
        router
    }

    /// Adds an operation. The first one that answers to the same requests, if there is one, and the node of both.
    fn insert(&mut self, index: usize, head: &Head, seen: &mut Seen, places: &Bases) -> Option<(usize, usize)> {
        let at = self.reach(&head.template, seen);
        let leaf = self.nodes[at].leaf.get_or_insert_with(|| Leaf::of(head));
        let marks = match after_path(&head.template, '#') {
            // A `#` that is sent is part of the path.
            Some(_) => Vec::new(),
            None => Mark::all(&head.template),
        };
        let first = leaf.first(head, index, &marks, places);
        // Under some base paths it may have the template to itself.
        if first.is_none_or(|first| !places.agree(first, index)) {
            leaf.served.push(Served { method: head.method.clone(), operation: index, marks });
        }
        first.map(|first| (first, at))
    }

    /// Clients take `#` in a path for the beginning of a fragment and send what is before it: that, too, is the operation's,
    /// unless another one has it.
    fn insert_sent(&mut self, index: usize, head: &Head, sent: &str, seen: &mut Seen, places: &Bases) -> Finding {
        let at = self.reach(sent, seen);
        let leaf = self.nodes[at].leaf.get_or_insert_with(|| Leaf::of(head));
        let marks = Mark::all(&head.template);
        let asks = Mark::spelling(&marks);
        let meets = |served: &Served| served.method == head.method && places.meet(served.operation, index);
        let alone = !leaf.served.iter().any(meets);
        let taken = leaf.first(head, index, &marks, places).is_some();
        let served = match (marks.is_empty() || taken, alone && !taken) {
            (true, false) => "as `%23`".to_owned(),
            (true, true) => "as `%23`, and without what it begins".to_owned(),
            (false, false) => format!("as `%23`, and without what it begins where the query has {asks}"),
            (false, true) => format!("as `%23`, and without what it begins, {asks} in the query or not"),
        };
        if !taken {
            leaf.served.push(Served { method: head.method.clone(), operation: index, marks });
        }
        Finding::new(
            "path-template",
            format!("no request has the `#` of `{}`: the path is served with it {served}", head.template),
        )
        .at(Some(Place::of_key(&head.item.document, &head.item.pointer)))
        .about(head.key.clone())
        .help("a `#` begins a fragment, which clients do not send; tell operations apart in another way")
    }

    /// The node that a template leads to; what is not there yet is added.
    fn reach(&mut self, template: &str, seen: &mut Seen) -> usize {
        let mut at = 0;
        for segment in segments(template) {
            let fresh = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match segment {
                Segment::Literal(text) => *seen.literals.entry((at, text)).or_insert(fresh),
                Segment::Parameter(_) => *node.parameter.get_or_insert(fresh),
                Segment::Mixed(pieces) => known(&mut seen.shapes, at, &mut node.mixed, pieces, fresh),
                Segment::Spanning(pieces) => known(&mut seen.shapes, at, &mut node.spanning, pieces, fresh),
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        at
    }

    /// The operation for a method and a path that starts after the base path, of those that `admits` lets through.
    pub(super) fn find(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        admits: impl Fn(usize) -> bool,
    ) -> Result<(usize, bool), Miss> {
        let escaped = path.contains('%');
        let mut search = Search { router: self, method, query, escaped, admits, allowed: None, by_get: None };
        let rest = path.strip_prefix('/').ok_or(Miss::Path)?;
        if let Some(found) = search.walk(0, Some(rest)) {
            return Ok((found, false));
        }
        if let Some(found) = search.by_get {
            return Ok((found, true));
        }
        match search.allowed {
            Some(leaf) => Err(Miss::Method { allow: leaf.allowed(&search.admits), template: leaf.template.clone() }),
            None => Err(Miss::Path),
        }
    }
}

impl Leaf {
    fn of(head: &Head) -> Leaf {
        Leaf { template: head.template.clone(), served: Vec::new(), allow: HeaderValue::from_static("") }
    }

    /// The first operation that the same requests are for.
    fn first(&self, head: &Head, index: usize, marks: &[Mark], places: &Bases) -> Option<usize> {
        let same = |served: &&Served| {
            served.method == head.method && served.marks == marks && places.meet(served.operation, index)
        };
        self.served.iter().find(same).map(|served| served.operation)
    }
}

impl Node {
    fn literal(&self, text: &str) -> Option<usize> {
        // Of a few, the one of the same length is soon found.
        if self.literals.len() <= FEW {
            return self.literals.iter().find(|(known, _)| **known == *text).map(|(_, next)| *next);
        }
        let at = self.literals.binary_search_by(|(known, _)| (**known).cmp(text)).ok()?;
        Some(self.literals[at].1)
    }
}

struct Search<'a, A> {
    router: &'a Router,
    method: &'a Method,
    query: Option<&'a str>,
    /// Whether there is percent-encoding in the path.
    escaped: bool,
    admits: A,
    allowed: Option<&'a Leaf>,
    by_get: Option<usize>,
}

impl<'a, A: Fn(usize) -> bool> Search<'a, A> {
    /// Depth-first, the more literal first. Each node stands at one depth only, so none is entered twice; those behind a
    /// parameter with `/` in it, of which a template has one, once for each length that it may have.
    fn walk(&mut self, at: usize, rest: Option<&str>) -> Option<usize> {
        let router = self.router;
        let node = &router.nodes[at];
        let Some(whole) = rest else { return self.arrive(node.leaf.as_ref()?) };
        // Segments are short: looking at each byte beats a searcher.
        let (segment, rest) = match whole.bytes().position(|byte| byte == b'/') {
            Some(slash) => (&whole[..slash], Some(&whole[slash + 1..])),
            None => (whole, None),
        };
        let literal = if self.escaped {
            percent_decode(segment).ok().and_then(|decoded| node.literal(&decoded))
        } else {
            node.literal(segment)
        };
        if let Some(next) = literal
            && let Some(found) = self.walk(next, rest)
        {
            return Some(found);
        }
        if segment.is_empty() {
            return None;
        }
        for (pieces, next) in &node.mixed {
            if fits(pieces, segment)
                && let Some(found) = self.walk(*next, rest)
            {
                return Some(found);
            }
        }
        if let Some(next) = node.parameter
            && let Some(found) = self.walk(next, rest)
        {
            return Some(found);
        }
        if node.spanning.is_empty() { None } else { self.span(node, whole) }
    }

    /// Tries what may have `/` in it, the shortest first.
    fn span(&mut self, node: &'a Node, rest: &str) -> Option<usize> {
        let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
        for end in ends.take(SPANNED) {
            for (pieces, next) in &node.spanning {
                if fits(pieces, &rest[..end])
                    && let Some(found) = self.walk(*next, rest.get(end + 1..))
                {
                    return Some(found);
                }
            }
        }
        None
    }

    fn arrive(&mut self, leaf: &'a Leaf) -> Option<usize> {
        let admits = &self.admits;
        // Taken apart once, however many ask.
        let asked = self.query.filter(|_| leaf.served.iter().any(|served| !served.marks.is_empty())).map(Query::of);
        let with = |method: &Method| {
            let mut found = leaf.served.iter().filter(|served| served.method == *method && admits(served.operation));
            let fits = found.clone().find(|served| Mark::fit(&served.marks, asked.as_ref()));
            // Nothing but those that ask for more: the first.
            Some(fits.or_else(|| found.next())?.operation)
        };
        if let Some(found) = with(self.method) {
            return Some(found);
        }
        if *self.method == Method::HEAD && self.by_get.is_none() {
            self.by_get = with(&Method::GET);
        }
        if leaf.served.iter().any(|served| admits(served.operation)) {
            self.allowed.get_or_insert(leaf);
        }
        None
    }
}

impl Leaf {
    /// The methods of those operations that are let through, as an `Allow` field.
    fn allowed(&self, admits: &impl Fn(usize) -> bool) -> HeaderValue {
        if self.served.iter().all(|served| admits(served.operation)) {
            return self.allow.clone();
        }
        allow(self.served.iter().filter(|served| admits(served.operation)).map(|served| &served.method))
    }
}

/// Two operations that answer to the same requests: twice the same template, or twice but for the parameters' names.
fn clash(first: &Head, node: &Node, second: &Head) -> Finding {
    let place = |head: &Head| Place::of_key(&head.item.document, &head.item.pointer);
    let served = node.leaf.as_ref().map_or(&first.template, |leaf| &leaf.template);
    let mut sentence = format!("`{}` answers to the same requests as `{served}`", second.template);
    let mut help = format!("the first one, `{}`, is served; give them different paths", first.key);
    if !Arc::ptr_eq(&first.at.document, &second.at.document) {
        sentence.push_str(&format!(" at {}", place(first)));
        help.push_str(", or place one of two documents elsewhere: `/mount=FILE`");
    }
    Finding::new("ambiguous-path", sentence).at(Some(place(second))).about(second.key.clone()).help(help)
}

/// The node behind these pieces, if it is known; else the fresh one.
fn known(
    shapes: &mut Ways,
    at: usize,
    nodes: &mut Vec<(Vec<Piece>, usize)>,
    pieces: Vec<Piece>,
    fresh: usize,
) -> usize {
    let next = *shapes.entry((at, shape(&pieces))).or_insert(fresh);
    if next == fresh {
        nodes.push((pieces, fresh));
    }
    next
}

/// What makes two segments with parameters the same: all but the names. No text has control characters, it is percent-encoded.
fn shape(pieces: &[Piece]) -> Box<str> {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Parameter(_) => "\u{0}",
        Piece::Span(_) => "\u{1}",
    });
    texts.collect::<String>().into()
}

fn allow<'m>(methods: impl Iterator<Item = &'m Method>) -> HeaderValue {
    let mut words: Vec<&str> = Vec::new();
    for method in methods {
        if !words.contains(&method.as_str()) {
            words.push(method.as_str());
        }
    }
    if words.contains(&"GET") && !words.contains(&"HEAD") {
        words.push("HEAD");
    }
    if !words.contains(&"OPTIONS") {
        words.push("OPTIONS");
    }
    HeaderValue::from_str(&words.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
