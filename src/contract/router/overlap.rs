//! Paths that share some requests though neither is the more literal one: `/{a}/me` and `/books/{id}` both have `/books/me`.
//!
//! Of two such paths the one that is literal further left is served. The other is looked for from there: along the same segments up to the
//! first one where it has a parameter, then along every segment that can be the same text.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Leaf, Node, Router, Served, Ways, shape};
use crate::contract::base::Bases;
use crate::contract::template::{Piece, Segment, fits, segments};
use crate::finding::{Finding, Place, Severity};
use crate::spec::Head;

/// Paths of more segments are not compared.
const DEEPEST: usize = 100;

/// How many texts that are held to a segment are a step.
const SMALL: usize = 16;

/// How many steps are made for a document of this many paths: what is left over then is not compared.
fn steps(paths: usize) -> usize {
    20_000 + 16 * paths
}

/// One path held to all others.
struct Walk<'a> {
    router: &'a Router,
    /// Where mixed segments lead.
    shapes: &'a Ways,
    template: &'a [Segment],
    left: &'a mut usize,
    found: Vec<&'a Node>,
}

impl Router {
    /// The paths that share requests with one that is served in their place.
    pub(in crate::contract) fn overlaps(&self, heads: &[Head], places: &Bases) -> Vec<Finding> {
        // For each path that is not served: the first one that is, and how many.
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        let mut known: HashMap<*const Leaf, usize> = HashMap::new();
        let mut left = steps(heads.len());
        let mixed = |(at, node): (usize, &'_ Node)| -> Vec<((usize, Box<str>), usize)> {
            node.mixed.iter().map(|(pieces, next)| ((at, shape(pieces)), *next)).collect()
        };
        let shapes: Ways = self.nodes.iter().enumerate().flat_map(mixed).collect();
        let mut last: Option<Arc<str>> = None;
        for (index, head) in heads.iter().enumerate() {
            // The methods of a path stand together.
            if last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &head.template)) {
                continue;
            }
            last = Some(head.template.clone());
            let template = segments(&head.template);
            if template.len() > DEEPEST {
                continue;
            }
            let mut walk =
                Walk { router: self, shapes: &shapes, template: &template, left: &mut left, found: Vec::new() };
            walk.along(0, 0);
            let own: Vec<usize> =
                (index..heads.len()).take_while(|other| Arc::ptr_eq(&heads[*other].template, &head.template)).collect();
            for leaf in walk.found.iter().filter_map(|node| node.leaf.as_ref()) {
                let other = leaf.served.iter().find(|served| {
                    own.iter().any(|own| heads[*own].method == served.method && places.meet(*own, served.operation))
                });
                let Some(Served { operation: other, .. }) = other else { continue };
                match known.get(&std::ptr::from_ref(leaf)) {
                    Some(place) => found[*place].2 += 1,
                    None => {
                        known.insert(std::ptr::from_ref(leaf), found.len());
                        found.push((*other, index, 1));
                    }
                }
            }
        }
        let told = |(other, served, count)| overlap(&heads[other], &heads[served], count);
        let mut findings: Vec<Finding> = found.into_iter().map(told).collect();
        if left == 0 {
            let sentence = "so many paths have parameters where others have text that not all were compared";
            let left_over = Finding::new("ambiguous-path", sentence).as_severity(Severity::Note);
            findings.push(left_over.help("begin paths with text"));
        }
        findings
    }
}

fn overlap(other: &Head, served: &Head, count: usize) -> Finding {
    let more = match count {
        1 => String::new(),
        2 => " (and for another path)".to_owned(),
        more => format!(" (and for {} other paths)", more - 1),
    };
    let sentence = format!("some requests for `{}` are for `{}`{more} as well", other.template, served.template);
    Finding::new("ambiguous-path", sentence)
        .as_severity(Severity::Note)
        .at(Some(Place::of_key(&other.item.document, &other.item.pointer)))
        .about(other.key.clone())
        .help("what is literal further left is served then; give them different paths")
}

impl<'a> Walk<'a> {
    fn step(&mut self) -> bool {
        *self.left = self.left.saturating_sub(1);
        *self.left > 0
    }

    /// The same segments, up to one where the other has a parameter.
    fn along(&mut self, at: usize, depth: usize) {
        let router = self.router;
        let (node, Some(segment)) = (&router.nodes[at], self.template.get(depth)) else { return };
        if !self.step() {
            return;
        }
        let same = match segment {
            Segment::Literal(text) => node.literal(text),
            Segment::Parameter(_) => node.parameter,
            Segment::Mixed(pieces) => like(self.shapes, at, pieces),
            // What takes several comes after every path that it shares requests with, as it is meant to.
            Segment::Spanning(_) => return,
        };
        if let Some(same) = same {
            self.along(same, depth + 1);
        }
        if let (false, Some(parameter)) = (matches!(segment, Segment::Parameter(_)), node.parameter) {
            self.across(parameter, depth + 1, same, false);
        }
    }

    /// Whatever can be the same text. `both` is where the path leads that is the more literal of the two in each segment: where there
    /// is one, it is served. `crossed` says that the other one was the more literal somewhere.
    fn across(&mut self, at: usize, depth: usize, both: Option<usize>, crossed: bool) {
        let router = self.router;
        let node = &router.nodes[at];
        if !self.step() {
            return;
        }
        let behind = both;
        let both = both.map(|both| &router.nodes[both]);
        let Some(segment) = self.template.get(depth) else {
            if crossed && node.leaf.is_some() && both.is_none_or(|both| both.leaf.is_none()) {
                self.found.push(node);
            }
            return;
        };
        let literal = |text: &str| both.and_then(|both| both.literal(text));
        let shapes = self.shapes;
        let mixed = |pieces: &[Piece]| behind.and_then(|both| like(shapes, both, pieces));
        // Holding all of a node's texts to a segment is many small steps.
        let held = match segment {
            Segment::Literal(_) => node.mixed.len(),
            Segment::Mixed(_) => node.literals.len(),
            Segment::Parameter(_) | Segment::Spanning(_) => 0,
        };
        *self.left = self.left.saturating_sub(held / SMALL);
        // Where to go on, where both lead, and whether the other one is the more literal there.
        let mut next: Vec<(usize, Option<usize>, bool)> = Vec::new();
        match segment {
            Segment::Literal(text) => {
                let fitting = node.mixed.iter().filter(|(pieces, _)| fits(pieces, text));
                let ways = node.literal(text).into_iter().chain(fitting.map(|(_, at)| *at)).chain(node.parameter);
                next.extend(ways.map(|at| (at, literal(text), false)));
            }
            Segment::Parameter(_) => {
                let texts = node.literals.iter().filter(|(text, _)| !text.is_empty());
                next.extend(texts.map(|(text, at)| (*at, literal(text), true)));
                next.extend(node.mixed.iter().map(|(pieces, at)| (*at, mixed(pieces), true)));
                next.extend(node.parameter.map(|at| (at, both.and_then(|both| both.parameter), false)));
            }
            Segment::Mixed(pieces) => {
                let texts = node.literals.iter().filter(|(text, _)| fits(pieces, text));
                next.extend(texts.map(|(text, at)| (*at, literal(text), true)));
                let ways = like(shapes, at, pieces).into_iter().chain(node.parameter);
                next.extend(ways.map(|at| (at, mixed(pieces), false)));
            }
            Segment::Spanning(_) => {}
        }
        for (at, both, more) in next {
            if *self.left == 0 {
                return;
            }
            self.across(at, depth + 1, both, crossed || more);
        }
    }
}

/// Where a mixed segment leads.
fn like(shapes: &Ways, at: usize, pieces: &[Piece]) -> Option<usize> {
    shapes.get(&(at, shape(pieces))).copied()
}
