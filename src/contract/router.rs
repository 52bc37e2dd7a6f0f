//! From method and path to operation: a trie over path segments, built at load and read without allocating.
//!
//! Among templates that fit a path the more literal one wins, segment by segment from the left: plain text before mixed
//! (the one with more plain text first) before a parameter. A template that has the method wins over one that has not.
//! Paths are compared raw, split at `/` before anything is decoded, so that `%2F` stays inside its segment; they are
//! case-sensitive and a trailing slash counts (OpenAPI 3.1.2 §4.8.8.1).

use std::collections::HashMap;
use std::sync::Arc;

use super::asked::Asked;
use super::base::Bases;
use super::template::{Piece, Segment, before_fragment, literal_length, segments, split};
use crate::finding::{Finding, Place};
use crate::message::{HeaderValue, Method, percent_decode};
use crate::spec::Head;

/// The compiled table of paths.
#[derive(Debug)]
pub(super) struct Router {
    nodes: Vec<Node>,
}

/// Literals while the table grows: where they branch off, their text, and where they lead.
type Literals = HashMap<(usize, Box<str>), usize>;

#[derive(Debug, Default)]
struct Node {
    /// Sorted, once the table is complete.
    literals: Vec<(Box<str>, usize)>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    leaf: Option<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    template: Arc<str>,
    methods: Vec<Served>,
    allow: HeaderValue,
}

/// An operation of a path.
#[derive(Clone, Debug)]
struct Served {
    method: Method,
    operation: usize,
    /// What its template says of the query.
    asked: Asked,
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
        let mut seen = Literals::new();
        for (index, head) in heads.iter().enumerate() {
            if let Some((first, leaf)) = router.insert(index, head, &mut seen, places) {
                findings.push(clash(&heads[first], &router.nodes[leaf], head));
            }
        }
        for (index, head) in heads.iter().enumerate() {
            if let Some(sent) = before_fragment(&head.template) {
                findings.push(router.insert_sent(index, head, sent, &mut seen, places));
            }
        }
        for ((at, text), next) in seen {
            router.nodes[at].literals.push((text, next));
        }
        for node in &mut router.nodes {
            node.literals.sort();
            node.mixed.sort_by_key(|(pieces, _)| std::cmp::Reverse(literal_length(pieces)));
            if let Some(leaf) = &mut node.leaf {
                // The more a template says, the earlier it is looked at.
                leaf.methods.sort_by_key(|served| std::cmp::Reverse(served.asked.len()));
                leaf.allow = allow(leaf.methods.iter());
            }
        }
        router
    }

    /// Adds an operation. The first one that answers to the same requests, if there is one, and the node of both.
    fn insert(&mut self, index: usize, head: &Head, seen: &mut Literals, places: &Bases) -> Option<(usize, usize)> {
        let at = self.reach(&head.template, seen);
        let leaf = self.nodes[at].leaf.get_or_insert_with(|| Leaf::of(head));
        let served = Served::of(index, head);
        let first = leaf.methods.iter().find(|known| known.is_as(&served, places)).map(|known| known.operation);
        // Under some base paths it may have the template to itself.
        if first.is_none_or(|first| !places.agree(first, index)) {
            leaf.methods.push(served);
        }
        first.map(|first| (first, at))
    }

    /// Clients take `#` in a path for the beginning of a fragment and send what is before it: that, too, is the operation's,
    /// unless another one has it.
    fn insert_sent(&mut self, index: usize, head: &Head, sent: &str, seen: &mut Literals, places: &Bases) -> Finding {
        let at = self.reach(sent, seen);
        let leaf = self.nodes[at].leaf.get_or_insert_with(|| Leaf::of(head));
        let served = Served::of(index, head);
        let taken = leaf.methods.iter().any(|known| known.is_as(&served, places));
        if !taken {
            leaf.methods.push(served);
        }
        let way = if taken { "as `%23`" } else { "as `%23`, and without what it begins" };
        Finding::new(
            "path-template",
            format!("no request has the `#` of `{}`: the path is served with it {way}", head.template),
        )
        .at(Some(Place::of_key(&head.item.document, &head.item.pointer)))
        .about(head.key.clone())
        .help("a `#` begins a fragment, which clients do not send; tell operations apart in another way")
    }

    /// The node that a template leads to; what is not there yet is added.
    fn reach(&mut self, template: &str, seen: &mut Literals) -> usize {
        let mut at = 0;
        for segment in segments(template) {
            let fresh = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match segment {
                Segment::Literal(text) => *seen.entry((at, text)).or_insert(fresh),
                Segment::Parameter(_) => *node.parameter.get_or_insert(fresh),
                Segment::Mixed(pieces) => match node.mixed.iter().find(|(known, _)| same(known, &pieces)) {
                    Some((_, known)) => *known,
                    None => {
                        node.mixed.push((pieces, fresh));
                        fresh
                    }
                },
            };
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        at
    }

    /// The operation for a method, a query and a path that starts after the base path, of those that `admits` lets through.
    pub(super) fn find(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        admits: impl Fn(usize) -> bool,
    ) -> Result<(usize, bool), Miss> {
        let mut search = Search { router: self, method, query, admits, allowed: None, by_get: None };
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

impl Served {
    fn of(operation: usize, head: &Head) -> Served {
        Served { method: head.method.clone(), operation, asked: Asked::of(&head.template) }
    }

    /// Whether both answer to the same requests.
    fn is_as(&self, other: &Served, places: &Bases) -> bool {
        self.method == other.method && self.asked == other.asked && places.meet(self.operation, other.operation)
    }
}

impl Leaf {
    fn of(head: &Head) -> Leaf {
        Leaf { template: head.template.clone(), methods: Vec::new(), allow: HeaderValue::from_static("") }
    }
}

impl Node {
    fn literal(&self, text: &str) -> Option<usize> {
        let at = self.literals.binary_search_by(|(known, _)| (**known).cmp(text)).ok()?;
        Some(self.literals[at].1)
    }
}

struct Search<'a, A> {
    router: &'a Router,
    method: &'a Method,
    query: &'a str,
    admits: A,
    allowed: Option<&'a Leaf>,
    by_get: Option<usize>,
}

impl<'a, A: Fn(usize) -> bool> Search<'a, A> {
    /// Depth-first, the more literal first. Each node stands at one depth only, so none is entered twice.
    fn walk(&mut self, at: usize, rest: Option<&str>) -> Option<usize> {
        let router = self.router;
        let node = &router.nodes[at];
        let Some(rest) = rest else { return self.arrive(node.leaf.as_ref()?) };
        // Segments are short: looking at each byte beats a searcher.
        let (segment, rest) = match rest.bytes().position(|byte| byte == b'/') {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        let literal = if segment.bytes().any(|byte| byte == b'%') {
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
            if split(pieces, segment, &mut |_, _| {})
                && let Some(found) = self.walk(*next, rest)
            {
                return Some(found);
            }
        }
        self.walk(node.parameter?, rest)
    }

    fn arrive(&mut self, leaf: &'a Leaf) -> Option<usize> {
        let admits = &self.admits;
        let with = |method: &Method| {
            let open = || leaf.methods.iter().filter(|known| known.method == *method && admits(known.operation));
            // Whose query is of no template is for one of them all the same.
            let found = open().find(|known| known.asked.fits(self.query)).or_else(|| open().next());
            found.map(|known| known.operation)
        };
        if let Some(found) = with(self.method) {
            return Some(found);
        }
        if *self.method == Method::HEAD && self.by_get.is_none() {
            self.by_get = with(&Method::GET);
        }
        if leaf.methods.iter().any(|known| admits(known.operation)) {
            self.allowed.get_or_insert(leaf);
        }
        None
    }
}

impl Leaf {
    /// The methods of those operations that are let through, as an `Allow` field.
    fn allowed(&self, admits: &impl Fn(usize) -> bool) -> HeaderValue {
        if self.methods.iter().all(|known| admits(known.operation)) {
            return self.allow.clone();
        }
        allow(self.methods.iter().filter(|known| admits(known.operation)))
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

fn same(a: &[Piece], b: &[Piece]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Piece::Text(a), Piece::Text(b)) => a == b,
            (Piece::Parameter(_), Piece::Parameter(_)) => true,
            _ => false,
        })
}

fn allow<'s>(served: impl Iterator<Item = &'s Served>) -> HeaderValue {
    let mut words: Vec<&str> = Vec::new();
    for known in served {
        if !words.contains(&known.method.as_str()) {
            words.push(known.method.as_str());
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
