//! What came of a step, held to what the scenario says of it.

use std::sync::Arc;

use serde_json::Value;

use super::{Asks, Break, Keep, Step};
use crate::contract::Operation;
use crate::finding::{Finding, Place, Severity, Verdict};
use crate::message::{Response, field_value};
use crate::scenario::reader::excerpt;
use crate::scenario::template::{Context, Failed};
use crate::scenario::timeline::{part_in_words, test_in_words};
use crate::scenario::when::{Found, Part};

/// What came of a call.
#[derive(Clone, Copy, Debug)]
pub struct Came<'c> {
    /// The answer, or as much of it as there was.
    pub answer: Option<&'c Response>,
    /// How it broke, where it did.
    pub fault: Option<Break>,
}

/// What is to be said of it.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is not as the scenario says.
    pub misses: Vec<Miss>,
    /// What is kept for later steps.
    pub kept: Vec<(Arc<str>, Value)>,
}

/// Something that is not as a step says, or of which that is not known.
#[derive(Debug)]
pub struct Miss {
    /// Where it is said.
    pub place: Place,
    /// What was expected and what came, as a sentence fragment.
    pub sentence: String,
    /// Whether that is all that can be said; else it could not be decided.
    pub decided: bool,
}

impl Miss {
    /// The finding, of a step.
    pub fn finding(self, step: &Step) -> Finding {
        let sentence = format!("step {} (`{}`): {}", step.number, excerpt(&step.operation), self.sentence);
        let finding = Finding::new("scenario-step", sentence).at(Some(self.place)).about(step.operation.clone());
        if self.decided { finding } else { finding.as_severity(Severity::Note) }
    }
}

impl Judgement {
    fn miss(&mut self, place: &Place, sentence: String) {
        self.misses.push(Miss { place: place.clone(), sentence, decided: true });
    }
}

impl Step {
    /// Holds what came to what the step says.
    ///
    /// # Errors
    /// When a template comes to nothing.
    pub fn judge(&self, operation: &Operation, came: Came<'_>, context: &Context) -> Result<Judgement, Failed> {
        let mut judged = Judgement::default();
        let then = &self.then;
        match (&then.fault, came.fault) {
            (Some((wanted, _)), Some(fault)) if *wanted == fault => {}
            (None, None) => {}
            (Some((wanted, place)), other) => {
                let sentence = format!("expected the answer to break (`{wanted}`), and {}", told(came, other));
                judged.miss(place, sentence);
                return Ok(judged);
            }
            (None, Some(fault)) => {
                let place = then.statuses.first().map_or(&self.place, |(_, place)| place);
                judged.miss(place, format!("expected {}, and {}", then.told(), told(came, Some(fault))));
                return Ok(judged);
            }
        }
        let Some(answer) = came.answer.filter(|_| came.fault.is_none_or(Break::answers)) else {
            if then.fault.is_none() {
                judged.miss(&self.place, format!("expected {}, and no answer came", then.told()));
            }
            return Ok(judged);
        };
        let status = answer.status.as_u16();
        // A head that came before the break is held to what is said of it alone.
        if !(then.admits(status) || then.statuses.is_empty() && then.fault.is_some()) {
            let place = then.statuses.first().map_or(&self.place, |(_, place)| place);
            judged.miss(place, format!("expected {}, and {status} came", then.told()));
            return Ok(judged);
        }
        let read = operation.check_response(&operation.method, answer, came.fault.is_some());
        // What the document says nothing of may be JSON all the same.
        let content = read.value.or_else(|| serde_json::from_slice(&answer.body.bytes()).ok());
        for asked in &then.asked {
            let text = match &asked.part {
                Part::Header(name) => field_value(&answer.headers, name.as_str()),
                _ => None,
            };
            let found = match &asked.part {
                Part::Body(_, pointer) => {
                    content.as_ref().and_then(|content| content.pointer(pointer)).map_or(Found::Nothing, Found::Json)
                }
                _ => text.map_or(Found::Nothing, Found::Text),
            };
            let (verdict, wanted) = match &asked.asks {
                Asks::Test(test) => (test.verdict(&found), test_in_words(test)),
                Asks::Equals(template) => {
                    let value = template.value(context)?;
                    let holds = found.is(&value);
                    (if holds { Verdict::Valid } else { Verdict::Invalid }, format!("= {}", shown(&value)))
                }
            };
            if verdict == Verdict::Valid {
                continue;
            }
            let (part, decided) = (part_in_words(&asked.part), verdict == Verdict::Invalid);
            let sentence = match decided {
                true => format!("expected {part} {wanted}, and {} came", found.told()),
                false => format!("whether {part} is {wanted} could not be decided"),
            };
            judged.misses.push(Miss { place: asked.place.clone(), sentence, decided });
        }
        for (name, keep, place) in &then.keeps {
            let found = match keep {
                Keep::Pointer(pointer) => content.as_ref().and_then(|content| content.pointer(pointer)).cloned(),
                Keep::Header(field) => {
                    field_value(&answer.headers, field.as_str()).map(|text| Value::String(text.into_owned()))
                }
            };
            match (found, keep) {
                (Some(value), _) => judged.kept.push((name.clone(), value)),
                (None, Keep::Pointer(pointer)) => {
                    let sentence =
                        format!("nothing to keep as `{name}`: the content of the {status} has no `{pointer}`");
                    judged.miss(place, sentence);
                }
                (None, Keep::Header(field)) => {
                    judged.miss(place, format!("nothing to keep as `{name}`: the {status} has no field `{field}`"));
                }
            }
        }
        Ok(judged)
    }
}

/// What came, for messages.
fn told(came: Came<'_>, fault: Option<Break>) -> String {
    match (fault, came.answer) {
        (Some(fault), _) => format!("it broke: `{fault}`"),
        (None, Some(answer)) => format!("{} came whole", answer.status.as_u16()),
        (None, None) => "no answer came".to_owned(),
    }
}

/// A value, short enough for a message: texts without quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => excerpt(text),
        other => excerpt(&other.to_string()),
    }
}

impl Found<'_> {
    /// What there is, for messages.
    fn told(&self) -> String {
        match self {
            Found::Nothing => "nothing".to_owned(),
            Found::Text(text) => format!("`{}`", excerpt(text)),
            Found::Json(value) => format!("`{}`", shown(value)),
        }
    }
}
