//! What a request that is for no operation was probably meant for.

use std::sync::Arc;

use super::template::{Segment, segments};
use super::{Contract, Head};
use crate::finding::did_you_mean;
use crate::message::{Method, percent_decode};

/// The most operations that are compared for one request.
const COMPARED: usize = 20_000;

/// The operation nearest to a request, and what differed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Its key.
    pub key: Arc<str>,
    /// Its method.
    pub method: Method,
    /// Its template, behind its base path.
    pub path: String,
    /// What differs, such as `` `invitation`, not `invitations` ``; empty when nothing can be pointed at.
    pub differs: String,
}

impl Contract {
    /// The operation whose path is nearest to this one, if one is near enough to be a likely slip.
    pub fn nearest(&self, method: &Method, path: &str) -> Option<Nearest> {
        if let Some(found) = self.placed_elsewhere(method, path) {
            return Some(found);
        }
        let raw: Vec<&str> = path.split('/').skip(1).take(64).collect();
        let mut best: Option<(usize, usize, String)> = None;
        for (index, head) in self.heads().iter().enumerate().take(COMPARED) {
            let candidates = &self.spelled()[index];
            let slips = candidates.iter().filter_map(|candidate| distance(candidate, &raw));
            for (mut cost, differs) in slips.chain(elsewhere(candidates, &raw, self.base_path(index))) {
                cost = cost * 2 + usize::from(head.method != *method);
                if best.as_ref().is_none_or(|(known, _, _)| cost < *known) {
                    best = Some((cost, index, differs));
                }
            }
        }
        let (_, index, mut differs) = best?;
        let head = &self.heads()[index];
        let base = self.base_path(index);
        if differs.is_empty() && !base.is_empty() {
            differs = format!("`{base}` is missing in front");
        }
        let path = format!("{base}{}", head.template);
        Some(Nearest { key: head.key.clone(), method: head.method.clone(), path, differs })
    }

    /// The operation that would be meant if the place of a document stood in front, where several are served.
    fn placed_elsewhere(&self, method: &Method, path: &str) -> Option<Nearest> {
        let places = self.mounts().map(|(mount, ..)| mount.path.as_str()).filter(|place| !place.is_empty());
        let mut found =
            places.filter_map(|place| Some((place, self.route(method, &format!("{place}{path}"), None).ok()?)));
        let (place, route) = found.next()?;
        let Head { key, method, template, .. } = &self.heads()[route.operation];
        let path = format!("{}{template}", self.base_path(route.operation));
        let differs = format!("`{place}` is missing in front");
        Some(Nearest { key: key.clone(), method: method.clone(), path, differs })
    }

    fn spelled(&self) -> &[[Vec<Segment>; 2]] {
        self.spelled.get_or_init(|| {
            let both = self.heads().iter().enumerate().map(|(index, head)| {
                let with_base = format!("{}{}", self.base_path(index), head.template);
                [segments(&with_base), segments(&head.template)]
            });
            both.collect()
        })
    }
}

/// How far a path is from a template: one for each segment that is a likely slip; `None` when it is something else altogether.
fn distance(template: &[Segment], raw: &[&str]) -> Option<(usize, String)> {
    if template.len().abs_diff(raw.len()) > 1 {
        return None;
    }
    if template.len() != raw.len() {
        return one_more_or_less(template, raw);
    }
    let mut cost = 0;
    let mut differs = String::new();
    let mut agree = 0;
    for (segment, raw) in template.iter().zip(raw) {
        match segment {
            Segment::Literal(text) => {
                let given = percent_decode(raw).ok()?;
                if given == **text {
                    agree += 1;
                    continue;
                }
                // Where nothing was written, nothing was mistyped.
                did_you_mean(Some(&given).filter(|given| !given.is_empty())?, [&**text])?;
                cost += 1;
                differs = format!("`{given}`, not `{text}`");
            }
            _ if raw.is_empty() => return None,
            _ => {}
        }
    }
    (agree > 0 || (cost > 0 && cost <= 1)).then_some((cost, differs))
}

/// What a path that only starts elsewhere costs: more than any slip within it.
const ELSEWHERE: usize = 3;

/// A path that ends like the template, and starts otherwise: under another base path, or without what the paths begin with.
fn elsewhere([whole, short]: &[Vec<Segment>; 2], raw: &[&str], base: &str) -> Option<(usize, String)> {
    let agree = |template: &[Segment], raw: &[&str]| {
        literals(template) > 0 && template.iter().zip(raw).all(|(segment, raw)| fits(segment, raw))
    };
    let missing = whole.len().saturating_sub(raw.len());
    let (front, rest) = whole.split_at(missing);
    if missing > 0 && agree(rest, raw) {
        return Some((ELSEWHERE + missing, format!("`{}` is missing in front", spelling(front))));
    }
    let (front, rest) = raw.split_at(raw.len().checked_sub(short.len())?);
    if front.is_empty() || !agree(short, rest) {
        return None;
    }
    let given = format!("/{}", front.join("/"));
    let differs = match base {
        "" => format!("`{given}` too many in front"),
        base => format!("`{given}` in front, not `{base}`"),
    };
    Some((ELSEWHERE + front.len(), differs))
}

fn spelling(segments: &[Segment]) -> String {
    let spelled = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Parameter(name) => format!("/{{{name}}}"),
        Segment::Mixed(_) | Segment::Spanning(_) => "/…".to_owned(),
    });
    spelled.collect()
}

fn fits(segment: &Segment, raw: &str) -> bool {
    match segment {
        Segment::Literal(text) => percent_decode(raw).is_ok_and(|given| given == **text),
        _ => !raw.is_empty(),
    }
}

/// How many segments say something.
fn literals<'s>(segments: impl IntoIterator<Item = &'s Segment>) -> usize {
    segments.into_iter().filter(|segment| matches!(segment, Segment::Literal(text) if !text.is_empty())).count()
}

/// A segment too few or too many, the rest agreeing.
fn one_more_or_less(template: &[Segment], raw: &[&str]) -> Option<(usize, String)> {
    let longer = template.len().max(raw.len());
    for skip in 0..longer {
        let template_rest = template
            .iter()
            .enumerate()
            .filter(|(at, _)| template.len() < longer || *at != skip)
            .map(|(_, segment)| segment);
        let raw_rest = raw.iter().enumerate().filter(|(at, _)| raw.len() < longer || *at != skip).map(|(_, raw)| raw);
        if literals(template_rest.clone()) > 0 && template_rest.zip(raw_rest).all(|(segment, raw)| fits(segment, raw)) {
            let differs = if raw.len() == longer {
                match raw[skip] {
                    "" => "one `/` too many".to_owned(),
                    extra => format!("`{extra}` too many"),
                }
            } else {
                match &template[skip] {
                    Segment::Literal(text) => format!("`{text}` is missing"),
                    Segment::Parameter(name) => format!("`{{{name}}}` is missing"),
                    Segment::Mixed(_) | Segment::Spanning(_) => "a segment is missing".to_owned(),
                }
            };
            return Some((2, differs));
        }
    }
    None
}
