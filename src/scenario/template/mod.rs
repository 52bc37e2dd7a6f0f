//! Templates: content, fields and values that are built from the request, from what was kept of earlier calls, and from the seed.
//!
//! A text with `{{ … }}` or `{% … %}` is one; so is a tree whose texts are. The language is that of Jinja; what it can use is in
//! [`language`] and [`context`].

mod context;
mod failed;
mod language;
mod pieces;

use std::sync::{Arc, OnceLock};

use minijinja::Environment;
use serde_json::{Map, Value};

use crate::contract::Codec;
use crate::document::Node;
use crate::finding::{Place, did_you_mean};

pub(super) use context::OF_CALLS;
pub use context::{Context, Facts};
pub use failed::Failed;

/// The most bytes that a template may come to.
const LONGEST: usize = 4 << 20;

/// The templates of one text, while it is read and afterwards.
#[derive(Debug)]
pub(super) struct Set {
    environment: Environment<'static>,
    shared: Arc<OnceLock<Environment<'static>>>,
}

/// What values are written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON: inside of quotes a value is text, outside of them it is JSON.
    Json,
    /// XML: what would be markup is escaped.
    Xml,
    /// Anything else: as it is.
    Plain,
}

impl Syntax {
    /// That of content in a codec.
    pub fn of(codec: Codec) -> Syntax {
        match codec {
            Codec::Json => Syntax::Json,
            Codec::Xml => Syntax::Xml,
            _ => Syntax::Plain,
        }
    }
}

/// A template, or a tree of them.
#[derive(Clone, Debug)]
pub struct Template {
    form: Form,
    /// Where it stands.
    pub place: Place,
}

#[derive(Clone, Debug)]
enum Form {
    Text(Text),
    Tree(Tree),
}

/// A tree whose texts may be templates; everything else in it is itself.
#[derive(Clone, Debug)]
enum Tree {
    Value(Value),
    Text(Text),
    List(Arc<[Tree]>),
    Members(Arc<[(String, Tree)]>),
}

/// One text.
#[derive(Clone, Debug)]
struct Text {
    set: Arc<OnceLock<Environment<'static>>>,
    name: Arc<str>,
    place: Place,
    /// Whether it is one expression and nothing else, and so has its value.
    single: bool,
}

/// Whether a text is a template.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

impl Set {
    pub(super) fn new() -> Set {
        Set { environment: language::environment(), shared: Arc::default() }
    }

    /// From now on they can be rendered.
    pub(super) fn finish(self) {
        let _ = self.shared.set(self.environment);
    }

    /// Compiles a text, or every text of a tree. Tells what is wrong, and whether there is anything to be filled in.
    pub(super) fn compile(&mut self, node: Node<'_>, told: &mut Vec<Failed>) -> Template {
        let place = place(node);
        let form = match node.text() {
            Some(text) => self.text(node, &text, told).map_or(Form::Tree(Tree::Value(Value::Null)), Form::Text),
            None => Form::Tree(self.tree(node, told)),
        };
        Template { form, place }
    }

    fn tree(&mut self, node: Node<'_>, told: &mut Vec<Failed>) -> Tree {
        match node.value() {
            Value::Object(_) => {
                Tree::Members(node.members().map(|(key, _, value)| (key.to_owned(), self.tree(value, told))).collect())
            }
            Value::Array(_) => Tree::List(node.items().map(|item| self.tree(item, told)).collect()),
            Value::String(text) if is_template(text) => {
                self.text(node, text, told).map_or(Tree::Value(Value::Null), Tree::Text)
            }
            value => Tree::Value(value.clone()),
        }
    }

    fn text(&mut self, node: Node<'_>, text: &str, told: &mut Vec<Failed>) -> Option<Text> {
        let place = place(node);
        if pieces::is_ambiguous(text) {
            told.push(Failed::new(
                place,
                "a template with control characters".to_owned(),
                "take U+0002 and U+0003 out",
            ));
            return None;
        }
        let name: Arc<str> = format!("{}", place.span.start).into();
        // What came through an alias stands where its anchor is, and is there once.
        if self.environment.get_template(&name).is_err()
            && let Err(error) = self.environment.add_template_owned(name.to_string(), text.to_owned())
        {
            told.push(Failed::of(&error, &place, text));
            return None;
        }
        let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let single = inner.is_some_and(|inner| !inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%"));
        let text = Text { set: self.shared.clone(), name, place, single };
        told.extend(self.unknown(&text));
        Some(text)
    }

    /// Names that mean nothing.
    fn unknown(&self, text: &Text) -> Vec<Failed> {
        let Ok(template) = self.environment.get_template(&text.name) else { return Vec::new() };
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort();
        let mut told = Vec::new();
        for name in &names {
            let mut parts = name.split('.');
            let first = parts.next().unwrap_or_default();
            let known = || context::NAMES.into_iter().chain(language::functions());
            let (missing, near, listed) = if !known().any(|known| known == first) {
                (first.to_owned(), did_you_mean(first, known()), context::NAMES.as_slice())
            } else {
                let Some(member) = parts.next().filter(|_| first == "request") else { continue };
                if context::REQUEST.contains(&member) {
                    continue;
                }
                (format!("request.{member}"), did_you_mean(member, context::REQUEST), context::REQUEST.as_slice())
            };
            let help = match near {
                Some(near) if first == "request" => format!("did you mean `request.{near}`?"),
                Some(near) => format!("did you mean `{near}`?"),
                None if first == "request" => format!("a request has {}", listed.join(", ")),
                None => format!("a template knows {}, and functions", listed.join(", ")),
            };
            let place = failed::place_of_name(&text.place, template.source(), &missing);
            told.push(Failed::new(place, format!("a template does not know `{missing}`"), &help));
        }
        told
    }
}

impl Template {
    /// What it comes to, as content in this syntax: the value that the text is in JSON, else the text; a tree with its texts
    /// filled in.
    ///
    /// # Errors
    /// When something that it asks for is not there, when it takes too much work or room, or when what comes of it is no JSON.
    pub fn content(&self, context: &Context, syntax: Syntax) -> Result<Value, Failed> {
        match &self.form {
            Form::Text(text) => {
                let filled = text.rendered(context, |pieces| pieces.text(syntax))?;
                if syntax != Syntax::Json {
                    return Ok(Value::String(filled));
                }
                serde_json::from_str(&filled).map_err(|error| text.no_json(&filled, &error))
            }
            Form::Tree(tree) => tree.filled(context),
        }
    }

    /// What it comes to as a value: an expression alone has its own, everything else is text.
    ///
    /// # Errors
    /// As for [`Template::content`].
    pub fn value(&self, context: &Context) -> Result<Value, Failed> {
        match &self.form {
            Form::Text(text) => text.value(context),
            Form::Tree(tree) => tree.filled(context),
        }
    }

    /// What it comes to as a text, for a field.
    ///
    /// # Errors
    /// As for [`Template::content`].
    pub fn text(&self, context: &Context) -> Result<String, Failed> {
        match self.value(context)? {
            Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        }
    }

    /// Whether it is one text, which is the whole content.
    pub fn is_text(&self) -> bool {
        matches!(self.form, Form::Text(_))
    }

    /// Whether it is a mapping.
    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.form, Form::Tree(Tree::Members(_)))
    }

    /// The names that it asks for, such as `request.path.org` and `saved.invitation`, with where each stands first.
    pub(super) fn asks(&self) -> Vec<(String, Place)> {
        let mut texts = Vec::new();
        match &self.form {
            Form::Text(text) => texts.push(text),
            Form::Tree(tree) => tree.texts(&mut texts),
        }
        let mut asked = Vec::new();
        for text in texts {
            let Some(template) = text.set.get().and_then(|set| set.get_template(&text.name).ok()) else { continue };
            let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
            names.sort();
            for name in names {
                let place = failed::place_of_name(&text.place, template.source(), &name);
                asked.push((name, place));
            }
        }
        asked
    }
}

impl Tree {
    fn filled(&self, context: &Context) -> Result<Value, Failed> {
        Ok(match self {
            Tree::Value(value) => value.clone(),
            Tree::Text(text) => text.value(context)?,
            Tree::List(items) => Value::Array(items.iter().map(|item| item.filled(context)).collect::<Result<_, _>>()?),
            Tree::Members(members) => {
                let filled = members.iter().map(|(key, member)| Ok((key.clone(), member.filled(context)?)));
                Value::Object(filled.collect::<Result<Map<_, _>, Failed>>()?)
            }
        })
    }

    fn texts<'t>(&'t self, found: &mut Vec<&'t Text>) {
        match self {
            Tree::Value(_) => {}
            Tree::Text(text) => found.push(text),
            Tree::List(items) => items.iter().for_each(|item| item.texts(found)),
            Tree::Members(members) => members.iter().for_each(|(_, member)| member.texts(found)),
        }
    }
}

impl Text {
    fn value(&self, context: &Context) -> Result<Value, Failed> {
        self.rendered(context, |pieces| match pieces.single().filter(|_| self.single) {
            Some(value) => value.clone(),
            None => Value::String(pieces.text(Syntax::Plain)),
        })
    }

    fn rendered<T>(&self, context: &Context, then: impl FnOnce(&pieces::Pieces<'_>) -> T) -> Result<T, Failed> {
        let unfinished = || Failed::new(self.place.clone(), "a template that was not read".to_owned(), "");
        let template = self.set.get().and_then(|set| set.get_template(&self.name).ok()).ok_or_else(unfinished)?;
        let rendered =
            template.render(context.0.clone()).map_err(|error| Failed::of(&error, &self.place, template.source()))?;
        if rendered.len() > LONGEST {
            let sentence = format!("what the template comes to is longer than {} MiB", LONGEST >> 20);
            return Err(Failed::new(self.place.clone(), sentence, "make it shorter"));
        }
        Ok(then(&pieces::Pieces::of(&rendered)))
    }

    fn no_json(&self, filled: &str, error: &serde_json::Error) -> Failed {
        let line = filled.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let shown = super::reader::excerpt(line.trim());
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        let sentence = format!("what the template comes to is no JSON: {why}, in `{shown}`");
        Failed::new(
            self.place.clone(),
            sentence,
            "inside of quotes a value is text, outside of them it is written as JSON",
        )
    }
}

fn place(node: Node<'_>) -> Place {
    Place { source: node.document().source().clone(), span: node.span() }
}

#[cfg(test)]
mod tests;
