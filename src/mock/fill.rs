//! What a scenario's templates come to for one call: content and fields.

use std::cell::OnceCell;

use serde_json::Value;

use super::Ruling;
use super::build::About;
use crate::contract::{Codec, Content};
use crate::generate::Seed;
use crate::message::{Body, HeaderMap, HeaderValue, MediaType, Problem, Response, StatusCode};
use crate::scenario::{Context, Facts, Failed, Reply, Rule, Syntax, Template};

/// What went wrong with a template: as a note, and with what to do about it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) note: String,
    pub(super) told: String,
}

/// What the templates of one answer are told, and what went wrong with them.
#[derive(Debug)]
pub(super) struct Filling {
    context: Context,
    failed: OnceCell<Failure>,
}

impl Filling {
    /// For a reply with templates; each draws by the scenario's seed, the call and the rule.
    pub(super) fn new(about: &About<'_>, ruling: &Ruling, rule: &Rule) -> Filling {
        let seed = ruling.scenario.seed.unwrap_or(about.mock.options().seed);
        let seed = Seed(Seed(seed).hash(&[
            b"template",
            about.session.as_bytes(),
            about.call.operation().key.as_bytes(),
            &about.number.to_le_bytes(),
            ruling.scenario.name.as_bytes(),
            rule.id.as_bytes(),
        ]));
        let facts = Facts {
            call: about.call,
            number: about.number,
            session: about.session,
            now: about.now,
            seed,
            saved: about.saved,
        };
        Filling { context: facts.context(), failed: OnceCell::new() }
    }

    /// What a template comes to by itself; or what went wrong.
    pub(super) fn value(&self, template: &Template) -> Result<Value, String> {
        template.value(&self.context).map_err(|failed| format!("a template failed: {failed}"))
    }

    /// What went wrong.
    pub(super) fn failed(&self) -> Option<&Failure> {
        self.failed.get()
    }

    /// The content that a template comes to; without a description it is what its media type says, and JSON without one.
    pub(super) fn body(
        &self,
        template: &Template,
        content: Option<&Content>,
        media: Option<&MediaType>,
    ) -> Result<Body, Box<Response>> {
        let own = content.map_or(Codec::Json, |content| content.codec);
        let codec = media.map_or(own, Codec::of_type);
        let value = template.content(&self.context, Syntax::of(codec)).map_err(|failed| self.fail(&failed))?;
        Ok(match content {
            Some(content) => Body::from(content.write(media, &value)),
            None => undescribed(codec, &value),
        })
    }

    /// Sets the fields that are templates.
    pub(super) fn fields(&self, reply: &Reply, headers: &mut HeaderMap) -> Result<(), Box<Response>> {
        for (name, templates) in &reply.filled {
            headers.remove(name);
            for template in templates {
                let text = template.text(&self.context).map_err(|failed| self.fail(&failed))?;
                let value = HeaderValue::from_str(&text).map_err(|_| {
                    let sentence = format!("the field `{name}` cannot have control characters");
                    self.fail(&Failed::at(template.place.clone(), sentence))
                })?;
                headers.append(name.clone(), value);
            }
        }
        Ok(())
    }

    fn fail(&self, failed: &Failed) -> Box<Response> {
        let sentence = format!("a template failed: {failed}");
        let help = if failed.help.is_empty() { String::new() } else { format!("; {}", failed.help) };
        let told = format!("{sentence}{help}");
        let _ = self.failed.set(Failure { note: sentence, told: told.clone() });
        Box::new(Problem::new(StatusCode::INTERNAL_SERVER_ERROR).detail(told).to_response())
    }
}

/// Content that no document describes.
pub(super) fn undescribed(codec: Codec, value: &Value) -> Body {
    match value {
        Value::String(text) if codec != Codec::Json => Body::from(text.clone()),
        value => Body::from(value.to_string()),
    }
}
