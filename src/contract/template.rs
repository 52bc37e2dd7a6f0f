//! Path templates (OpenAPI 3.1.2 §4.8.8), segment by segment.

use std::sync::Arc;

use super::mark::after_path;
use crate::message::{Expression, percent_encode_target};

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Plain text, percent-decoded.
    Literal(Box<str>),
    /// One parameter and nothing else.
    Parameter(Arc<str>),
    /// Parameters with text between, before or behind them.
    Mixed(Vec<Piece>),
    /// The same where one of them may have `/` in it: what it takes is one segment or several.
    Spanning(Vec<Piece>),
}

/// A piece of a mixed segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Box<str>),
    Parameter(Arc<str>),
    /// A parameter whose text may have `/` in it.
    Span(Arc<str>),
}

/// Splits a template. Braces that do not close are plain text. Of several parameters that may have `/` in them only the first
/// has: where the next one begins, nothing would tell.
pub(super) fn segments(template: &str) -> Vec<Segment> {
    let template = after_path(template, '?').map_or(template, |(path, _)| path);
    // `{?limit}` and `{&limit}` are queries, too (RFC 6570 §3.2.8); what they name is described by parameters.
    let template =
        ["{?", "{&"].iter().filter_map(|query| template.find(query)).min().map_or(template, |at| &template[..at]);
    let mut spans = true;
    template.split('/').skip(1).map(|text| segment(text, &mut spans)).collect()
}

/// `spans` tells whether a parameter may still have `/` in it.
fn segment(text: &str, spans: &mut bool) -> Segment {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|close| open + close) else { break };
        if open > 0 {
            pieces.push(Piece::Text(sent(&rest[..open])));
        }
        let expression = Expression::parse(&rest[open + 1..close]);
        pieces.push(match expression.spans && std::mem::take(spans) {
            true => Piece::Span(expression.name.into()),
            false => Piece::Parameter(expression.name.into()),
        });
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        if pieces.is_empty() {
            return Segment::Literal(decoded(rest));
        }
        pieces.push(Piece::Text(sent(rest)));
    }
    match pieces.as_slice() {
        [] => Segment::Literal("".into()),
        [Piece::Parameter(name)] => Segment::Parameter(name.clone()),
        several if several.iter().any(|piece| matches!(piece, Piece::Span(_))) => Segment::Spanning(pieces),
        _ => Segment::Mixed(pieces),
    }
}

/// Text as it stands in a request target: what no target can hold is percent-encoded.
fn sent(text: &str) -> Box<str> {
    percent_encode_target(text).as_ref().into()
}

fn decoded(text: &str) -> Box<str> {
    crate::message::percent_decode(text).map_or_else(|_| text.into(), |text| text.as_ref().into())
}

impl Segment {
    /// Hands the raw text of each parameter in `raw` to `each`, in order. Only for a segment that matched.
    pub(super) fn values<'r>(&self, raw: &'r str, mut each: impl FnMut(&Arc<str>, &'r str)) {
        match self {
            Segment::Literal(_) => {}
            Segment::Parameter(name) => each(name, raw),
            Segment::Mixed(pieces) | Segment::Spanning(pieces) => {
                let cut = pieces.iter().position(|piece| matches!(piece, Piece::Text(text) if text.contains("%23")));
                match cut.filter(|_| !split(pieces, raw, &mut |_, _| {})) {
                    // It came without what `#` begins.
                    Some(cut) => split(&without_fragment(pieces, cut), raw, &mut each),
                    None => split(pieces, raw, &mut each),
                };
            }
        }
    }
}

/// How long the beginning of a path is that fits the segments, one for one, and has more behind it.
pub(super) fn prefix(segments: &[Segment], path: &str) -> Option<usize> {
    let mut at = 0;
    for segment in segments {
        let rest = path.get(at..)?.strip_prefix('/')?;
        let text = rest.split('/').next().unwrap_or_default();
        let fits = match segment {
            Segment::Literal(known) => decoded(text) == *known,
            Segment::Parameter(_) => !text.is_empty(),
            Segment::Mixed(pieces) | Segment::Spanning(pieces) => fits(pieces, text),
        };
        if !fits {
            return None;
        }
        at += 1 + text.len();
    }
    path.get(at..)?.starts_with('/').then_some(at)
}

/// Hands over the raw text of each parameter in a path that fits the segments, in order.
pub(super) fn path_values<'r>(segments: &[Segment], path: &'r str, mut each: impl FnMut(&Arc<str>, &'r str)) {
    let mut start = 1;
    for (at, segment) in segments.iter().enumerate() {
        let Some(rest) = path.as_bytes().get(start..) else { return };
        // Segments are short: looking at each byte beats a searcher.
        let end = match segment {
            // The segments behind it take one each, and it what they leave.
            Segment::Spanning(_) => {
                let behind = segments.len() - at - 1;
                let slashes = rest.iter().filter(|byte| **byte == b'/').count();
                let mut all = rest.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
                all.nth(slashes.saturating_sub(behind))
            }
            _ => rest.iter().position(|byte| *byte == b'/'),
        };
        let end = start + end.unwrap_or(rest.len());
        if !matches!(segment, Segment::Literal(_)) {
            segment.values(&path[start..end], &mut each);
        }
        start = end + 1;
    }
}

/// The pieces before the `#` that the one at `cut` has.
fn without_fragment(pieces: &[Piece], cut: usize) -> Vec<Piece> {
    let mut kept = pieces[..cut].to_vec();
    if let Piece::Text(text) = &pieces[cut]
        && let Some((before, _)) = text.split_once("%23").filter(|(before, _)| !before.is_empty())
    {
        kept.push(Piece::Text(before.into()));
    }
    kept
}

/// How many characters of plain text a mixed segment has: the more, the more specific.
pub(super) fn literal_length(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 }).sum()
}

/// Whether raw text fits the pieces, and has `/` in it only where it may.
pub(super) fn fits(pieces: &[Piece], raw: &str) -> bool {
    let may = |name: &Arc<str>| pieces.iter().any(|piece| matches!(piece, Piece::Span(spans) if spans == name));
    let mut within = true;
    let fits = split(pieces, raw, &mut |name, text| within &= !text.contains('/') || may(name));
    fits && within
}

impl Piece {
    fn name(&self) -> Option<&Arc<str>> {
        match self {
            Piece::Text(_) => None,
            Piece::Parameter(name) | Piece::Span(name) => Some(name),
        }
    }

    /// How many bytes of the text it takes at least: one character, as no parameter is empty, and all up to the last `/`
    /// where it is the one that may have that.
    fn least(&self, rest: &str) -> usize {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        match self {
            Piece::Span(_) => rest.rfind('/').map_or(first, |slash| slash + 1),
            _ => first,
        }
    }
}

/// Whether raw text fits the pieces; hands over the parameters' texts, each at least one character.
///
/// Text between parameters is matched at its first occurrence and text at the end at the end, which finds a fit whenever there is one.
fn split<'r>(pieces: &[Piece], raw: &'r str, each: &mut impl FnMut(&Arc<str>, &'r str)) -> bool {
    let mut rest = raw;
    let mut pending: Option<&Piece> = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(_) | Piece::Span(_) => {
                // Two parameters without text between them: the first takes one character.
                if let Some((before, name)) = pending.replace(piece).and_then(|before| Some((before, before.name()?))) {
                    let least = before.least(rest);
                    if least == 0 {
                        return false;
                    }
                    each(name, &rest[..least]);
                    rest = &rest[least..];
                }
            }
            Piece::Text(text) => match pending.take().and_then(|before| Some((before, before.name()?))) {
                None => match rest.strip_prefix(&**text) {
                    Some(after) => rest = after,
                    None => return false,
                },
                Some((before, name)) => {
                    let last = index + 1 == pieces.len();
                    let at = if last {
                        rest.strip_suffix(&**text).map(str::len)
                    } else {
                        let first = before.least(rest);
                        rest.get(first..).and_then(|later| later.find(&**text)).map(|at| at + first)
                    };
                    match at {
                        Some(at) if at > 0 => {
                            each(name, &rest[..at]);
                            rest = &rest[at + text.len()..];
                        }
                        _ => return false,
                    }
                }
            },
        }
    }
    match pending.and_then(Piece::name) {
        Some(_) if rest.is_empty() => false,
        Some(name) => {
            each(name, rest);
            true
        }
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Segment, segments, split};

    fn fit(template: &str, raw: &str) -> Option<Vec<String>> {
        let (Segment::Mixed(pieces) | Segment::Spanning(pieces)) = segments(&format!("/{template}")).remove(0) else {
            unreachable!("{template}")
        };
        let mut found = Vec::new();
        split(&pieces, raw, &mut |name, text| found.push(format!("{name}={text}"))).then_some(found)
    }

    #[test]
    fn mixed_segments_split_where_their_text_stands() {
        assert_eq!(fit("{a}-{b}", "x-y"), Some(vec!["a=x".into(), "b=y".into()]));
        assert_eq!(fit("{a}-{b}", "x-y-z"), Some(vec!["a=x".into(), "b=y-z".into()]));
        assert_eq!(fit("{a}-{b}", "-y"), None);
        assert_eq!(fit("{id}:cancel", "7:cancel"), Some(vec!["id=7".into()]));
        assert_eq!(fit("{id}:cancel", "a:cancel:cancel"), Some(vec!["id=a:cancel".into()]));
        assert_eq!(fit("{id}:cancel", "7:cancelled"), None);
        assert_eq!(fit("pre-{a}", "xpre-4"), None);
        assert_eq!(fit("{file}.json", ".json"), None);
        assert_eq!(fit("v{major}.{minor}", "v1.2"), Some(vec!["major=1".into(), "minor=2".into()]));
        assert_eq!(fit("{a}{b}", "xyz"), Some(vec!["a=x".into(), "b=yz".into()]));
    }

    #[test]
    fn what_may_have_slashes_takes_all_of_them() {
        assert_eq!(fit("{+a}:{b}", "x:y/z:w"), Some(vec!["a=x:y/z".into(), "b=w".into()]));
        assert_eq!(fit("{+a}:{b}", "x:y:z"), Some(vec!["a=x".into(), "b=y:z".into()]));
        assert_eq!(fit("{+a}{b}", "x/yz"), Some(vec!["a=x/".into(), "b=yz".into()]));
        assert_eq!(fit("{+a}:{b}", "x:y/z"), None);
        assert_eq!(fit("{b}-{+a}", "x-y/z-w"), Some(vec!["b=x".into(), "a=y/z-w".into()]));
    }
}
