//! Path templates (OpenAPI 3.1.2 §4.8.8), segment by segment.

use std::sync::Arc;

use crate::message::percent_encode_target;

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Plain text, percent-decoded.
    Literal(Box<str>),
    /// One parameter and nothing else.
    Parameter(Arc<str>),
    /// Parameters with text between, before or behind them.
    Mixed(Vec<Piece>),
}

/// A piece of a mixed segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Box<str>),
    Parameter(Arc<str>),
}

/// Splits a template. Braces that do not close are plain text.
pub(super) fn segments(template: &str) -> Vec<Segment> {
    let template = template.split('?').next().unwrap_or_default();
    template.split('/').skip(1).map(segment).collect()
}

/// What of a template is left where a client takes `#` for the beginning of a fragment, which is never sent; `None` without one.
pub(super) fn before_fragment(template: &str) -> Option<&str> {
    // A `#` in a parameter's name is no part of the path.
    let mut braces = 0;
    let at = template.char_indices().find_map(|(at, c)| {
        braces += i32::from(c == '{') - i32::from(c == '}');
        (c == '#' && braces <= 0).then_some(at)
    })?;
    Some(&template[..at])
}

fn segment(text: &str) -> Segment {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|close| open + close) else { break };
        if open > 0 {
            pieces.push(Piece::Text(sent(&rest[..open])));
        }
        pieces.push(Piece::Parameter(rest[open + 1..close].into()));
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
            Segment::Mixed(pieces) => {
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

/// The parts of a path between its slashes.
pub(super) fn raw_segments(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        // They are short: looking at each byte beats a searcher.
        let slash = text.bytes().position(|byte| byte == b'/');
        rest = slash.map(|slash| &text[slash + 1..]);
        Some(&text[..slash.unwrap_or(text.len())])
    })
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

/// Whether a raw segment fits the pieces; hands over the parameters' texts, each at least one character.
///
/// Text between parameters is matched at its first occurrence and text at the end at the end, which finds a fit whenever there is one.
pub(super) fn split<'r>(pieces: &[Piece], raw: &'r str, each: &mut impl FnMut(&Arc<str>, &'r str)) -> bool {
    let mut rest = raw;
    let mut pending: Option<&Arc<str>> = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(name) => {
                // Two parameters without text between them: the first takes one character.
                if let Some(before) = pending.replace(name) {
                    let Some(first) = rest.chars().next() else { return false };
                    each(before, &rest[..first.len_utf8()]);
                    rest = &rest[first.len_utf8()..];
                }
            }
            Piece::Text(text) => match pending.take() {
                None => match rest.strip_prefix(&**text) {
                    Some(after) => rest = after,
                    None => return false,
                },
                Some(name) => {
                    let last = index + 1 == pieces.len();
                    let at = if last {
                        rest.strip_suffix(&**text).map(str::len)
                    } else {
                        // From the second character on: a parameter is never empty.
                        let first = rest.chars().next().map_or(0, char::len_utf8);
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
    match pending {
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
        let Segment::Mixed(pieces) = segments(&format!("/{template}")).remove(0) else { unreachable!("{template}") };
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
}
