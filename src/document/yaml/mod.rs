//! YAML text to a tree and its table of places, from the events of the parser.
//!
//! The parser is named in this folder only. Nothing here recurses: open mappings and lists are a stack of their own.

mod alias;
mod cause;
mod explain;
mod frame;
mod mend;
mod scalar;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};
use serde_json::{Map, Value};

use super::json::too_deep_problem;
use super::marks::{Mark, Marks};
use super::problem::{Problem, ProblemKind, Problems, excerpt};
use super::{Span, limits};
use alias::Anchors;
use frame::{Frame, Kind, Slot};
use mend::Mended;

/// What came of a text.
pub(super) struct Loaded {
    /// `None` where the text is no tree.
    pub(super) root: Option<Value>,
    pub(super) marks: Marks,
    pub(super) problems: Vec<Problem>,
}

/// Reads a text as YAML.
///
/// What the parser refuses though authors mean it, is mended and read again: see [`mend`].
pub(super) fn load(text: &str) -> Loaded {
    let mut mended = Mended::nothing(text);
    // What was mended, and is told: it is no YAML.
    let mut told = Vec::new();
    loop {
        let mut loader = Loader::new(text, &mended);
        let failure = match loader.run() {
            Ok(()) => return loader.finish(told, None),
            Err(failure) => failure,
        };
        let further = match &failure {
            Failure::Scan(error) => mended.further(text, error.kind()).map(|further| (further, false)).or_else(|| {
                let at = error.marker().byte_offset()?;
                Some((mended.told(text, at, error.kind(), told.len())?, true))
            }),
            Failure::Told(_) => None,
        };
        let Some((further, is_told)) = further else { return loader.finish(told, Some(failure)) };
        if let (true, Failure::Scan(error)) = (is_told, &failure) {
            told.push(explain::explain(text, error).more_help(mend::READ_SO));
        }
        mended = further;
    }
}

/// Why the reading stopped.
enum Failure {
    Scan(ScanError),
    Told(Problem),
}

type Fallible = Result<(), Failure>;

struct Loader<'t> {
    /// As the author wrote it.
    text: &'t str,
    /// As it is parsed: every byte stands where it stood.
    mended: &'t Mended<'t>,
    marks: Vec<Mark>,
    open: Vec<Frame>,
    root: Option<Value>,
    anchors: Anchors<'t>,
    problems: Problems,
    /// Where the last thing ended that takes room in the text: there a block ends.
    end: usize,
}

impl<'t> Loader<'t> {
    fn new(text: &'t str, mended: &'t Mended<'t>) -> Loader<'t> {
        Loader {
            text,
            mended,
            marks: Vec::new(),
            open: Vec::new(),
            root: None,
            anchors: Anchors::new(text),
            problems: Problems::default(),
            end: 0,
        }
    }

    fn finish(self, mended: Vec<Problem>, failure: Option<Failure>) -> Loaded {
        let mut root = self.root;
        let mut problems = mended;
        problems.extend(self.problems.finish());
        if let Some(failure) = failure {
            root = None;
            problems.push(match failure {
                Failure::Scan(error) => explain::explain(self.text, &error),
                Failure::Told(problem) => problem,
            });
        } else if root.is_none() {
            let problem = Problem::new(ProblemKind::Syntax, Span::default(), "the text is empty");
            problems.push(problem.help("nothing but white space and comments was found: is it the right file?"));
        }
        Loaded { root, marks: Marks::new(self.marks), problems }
    }

    fn run(&mut self) -> Fallible {
        let options = granit_parser::options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // YAML ends keys at 1,024 characters for the sake of small readers; JSON in YAML does not know that.
            simple_key_max_lookahead: 65_536,
        };
        let mended = self.mended;
        let mut parser = Parser::new_from_str_with_options(&mended.text, options);
        let mut documents = 0;
        while let Some(next) = parser.next_event() {
            let (event, place) = next.map_err(Failure::Scan)?;
            let span = place.byte_range().map(|range| Span { start: range.start, end: range.end }).unwrap_or_default();
            let anchor = match (event.is_node(), event.anchor_id()) {
                (true, Some(_)) => self.anchor(&mut parser)?,
                _ => None,
            };
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        return self.second_document(&mut parser, span);
                    }
                }
                Event::Scalar(text, style, _, tag) => self.scalar(&text, style, tag.as_deref(), span, anchor)?,
                Event::SequenceStart(style, ..) => self.start(Kind::List(Vec::new()), style, span, anchor)?,
                Event::MappingStart(style, ..) => {
                    let kind = Kind::Mapping { members: Map::new(), slot: Slot::Key, merges: Vec::new() };
                    self.start(kind, style, span, anchor)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
                Event::Alias(id) => self.alias(id, span)?,
                Event::UnresolvedAlias(name) => self.unknown_alias(&name, span)?,
                // Where streams and documents start and end; comments are not asked for.
                _ => {}
            }
        }
        Ok(())
    }

    /// The event after an anchored node says what the anchor is called.
    fn anchor<'p>(&self, parser: &mut Parser<'p, granit_parser::StrInput<'p>>) -> Result<Option<usize>, Failure> {
        match parser.next_event().transpose().map_err(Failure::Scan)? {
            Some((Event::Anchor(id, name), _)) => Ok(self.anchors.wanted(&name).then_some(id)),
            _ => Ok(None),
        }
    }

    /// One more document in the same text: nothing, if it is empty.
    fn second_document<'p>(&mut self, parser: &mut Parser<'p, granit_parser::StrInput<'p>>, span: Span) -> Fallible {
        let next = parser.next_event().transpose().map_err(Failure::Scan)?;
        let empty = matches!(&next, Some((Event::Scalar(..), place)) if place.byte_range().is_some_and(|range| range.is_empty()));
        if !empty {
            let problem =
                Problem::new(ProblemKind::Syntax, span, "a second YAML document starts here; only the first is read");
            self.problems.push(problem.help("remove the line `---`, or put what follows it in a file of its own"));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        anchor: Option<usize>,
    ) -> Fallible {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let written = self.text.get(span.start..span.end).unwrap_or("");
        let span = if block { Span { start: span.start, end: span.start + written.trim_end().len() } } else { span };
        self.end = self.end.max(span.end);
        let text = self.mended.restore(text);
        if self.awaits_key() {
            let plain = style == ScalarStyle::Plain;
            let name = if plain && span.start == span.end { "" } else { text.as_ref() };
            let merge = name == "<<"
                && plain
                && tag.is_none_or(|tag| {
                    tag.suffix_in_namespace("tag:yaml.org,2002:").is_some_and(|kind| kind == "merge")
                });
            if let Some(id) = anchor {
                self.anchors
                    .keep_scalar(id, Value::String(name.to_owned()), Mark::new(span, None))
                    .map_err(|()| too_large(span))?;
            }
            self.key(name, span, merge);
            return Ok(());
        }
        let resolved = scalar::resolve(&text, style == ScalarStyle::Plain, tag);
        if let Some(complaint) = resolved.complaint {
            let message = format!("`{}` {}", excerpt(&text), complaint.words());
            self.problems.push(Problem::new(complaint.kind(), span, message).help(complaint.help()));
        }
        let mark = Mark::new(span, self.pending_key());
        if let Some(id) = anchor {
            self.anchors.keep_scalar(id, resolved.value.clone(), mark).map_err(|()| too_large(span))?;
        }
        self.marks.push(mark);
        self.place(resolved.value, self.marks.len() - 1);
        Ok(())
    }

    fn start(&mut self, kind: Kind, style: StructureStyle, span: Span, anchor: Option<usize>) -> Fallible {
        if self.open.len() == limits::DEPTH {
            return Err(Failure::Told(too_deep_problem(span)));
        }
        let entry = self.marks.len();
        self.marks.push(Mark::new(span, self.pending_key()));
        self.end = self.end.max(span.end);
        self.open.push(Frame { entry, anchor, flow: style == StructureStyle::Flow, kind });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Fallible {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        if frame.flow {
            self.end = self.end.max(span.end);
        }
        let value = match frame.kind {
            // With as much room as they need: room to grow would be a third of a large document's tree.
            Kind::List(mut items) => {
                items.shrink_to_fit();
                Value::Array(items)
            }
            Kind::Mapping { mut members, merges, .. } => {
                for (value, marks) in &merges {
                    alias::merge(&mut members, &mut self.marks, value, marks);
                }
                Value::Object(members.into_iter().collect())
            }
        };
        let size = self.marks.len().saturating_sub(frame.entry);
        if let Some(mark) = self.marks.get_mut(frame.entry) {
            mark.size = u32::try_from(size).unwrap_or(u32::MAX);
            mark.set_end(self.end.max(mark.span().start));
        }
        if let Some(id) = frame.anchor {
            let marks = self.marks.get(frame.entry..).unwrap_or_default();
            self.anchors.keep(id, &value, marks).map_err(|()| too_large(span))?;
        }
        self.place(value, frame.entry);
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Fallible {
        self.end = self.end.max(span.end);
        let Some(anchored) = self.anchors.get(id) else {
            let name = excerpt(self.text.get(span.start..span.end).unwrap_or(""));
            let message = format!("the alias `{name}` stands inside of what it names");
            self.problems.push(
                Problem::new(ProblemKind::Syntax, span, message).help("read as null: a tree cannot contain itself"),
            );
            self.value_or_key(Value::Null, Mark::new(span, None));
            return Ok(());
        };
        if self.awaits_key() {
            let name = match &anchored.value {
                Value::String(text) => Some(text.clone()),
                Value::Object(_) | Value::Array(_) => None,
                _ => anchored
                    .marks
                    .first()
                    .and_then(|mark| self.text.get(mark.span().start..mark.span().end))
                    .map(str::to_owned),
            };
            match name {
                Some(name) => self.key(&name, span, false),
                None => self.complex_key(span),
            }
            return Ok(());
        }
        if self.open.len() + anchored.height > limits::DEPTH {
            return Err(Failure::Told(too_deep_problem(span)));
        }
        let (value, cost, mut marks) = (anchored.value.clone(), anchored.cost, anchored.marks.to_vec());
        self.anchors.spend(cost).map_err(|()| too_large(span))?;
        if let Some(first) = marks.first_mut() {
            first.set_key(self.pending_key());
        }
        let entry = self.marks.len();
        self.marks.extend(marks);
        self.place(value, entry);
        Ok(())
    }

    fn unknown_alias(&mut self, name: &str, span: Span) -> Fallible {
        self.end = self.end.max(span.end);
        if let Some(key) = name.strip_suffix(':') {
            // `*:` was meant as a key, and what follows makes no sense without it.
            let message = "`*` starts an alias in YAML, and cannot start a key";
            let problem = Problem::new(ProblemKind::Syntax, span, message);
            return Err(Failure::Told(problem.help(format!("quote it: `\"*{}\":`", excerpt(key)))));
        }
        let written = format!("*{name}");
        let message = format!("the alias `{}` names no anchor before it", excerpt(&written));
        let help = format!("if the text is meant, quote it: `\"{}\"`; it is read so", excerpt(&written));
        self.problems.push(Problem::new(ProblemKind::Syntax, span, message).help(help));
        self.value_or_key(Value::String(written), Mark::new(span, None));
        Ok(())
    }

    fn value_or_key(&mut self, value: Value, mut mark: Mark) {
        if self.awaits_key() {
            self.key(value.as_str().unwrap_or(""), mark.span(), false);
            return;
        }
        mark.set_key(self.pending_key());
        self.marks.push(mark);
        self.place(value, self.marks.len() - 1);
    }
}

fn too_large(span: Span) -> Failure {
    let message = format!("the aliases of this text grow to more than {} values", limits::ALIASES);
    Failure::Told(
        Problem::new(ProblemKind::Limit, span, message).help("write out what is meant, or refer to it with `$ref`"),
    )
}
