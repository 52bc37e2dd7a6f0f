//! Path templates as ways through collections: `/org/{org}/invitations/{invitation_id}`.

use crate::message::Expression;

/// A segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Plain text.
    Text(String),
    /// One parameter and nothing else.
    Name(String),
    /// Anything else: it leads to no collection.
    Other(String),
}

/// A template, segment by segment; without a slash and a file's ending behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) steps: Vec<Step>,
}

/// Endings that say how an answer is written, and not what it is of.
const ENDINGS: [&str; 2] = [".json", ".xml"];

impl Way {
    pub(super) fn of(template: &str) -> Way {
        let path = template.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let path = ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
        Way { steps: path.split('/').skip(1).map(step).collect() }
    }

    /// Equal for templates that differ in the names of their parameters alone.
    pub(super) fn key(&self) -> String {
        let mut key = String::new();
        for step in &self.steps {
            key.push('/');
            match step {
                Step::Text(text) => key.push_str(text),
                Step::Name(_) => key.push_str("{}"),
                Step::Other(text) => key.push_str(text),
            }
        }
        key
    }

    /// As a template.
    pub(super) fn template(&self) -> String {
        let mut template = String::new();
        for step in &self.steps {
            template.push('/');
            match step {
                Step::Name(name) => template.push_str(&format!("{{{name}}}")),
                Step::Text(text) | Step::Other(text) => template.push_str(text),
            }
        }
        template
    }

    /// The first so many segments.
    pub(super) fn first(&self, count: usize) -> Way {
        Way { steps: self.steps.iter().take(count).cloned().collect() }
    }

    /// All but the last segment.
    pub(super) fn above(&self) -> Way {
        self.first(self.steps.len().saturating_sub(1))
    }

    /// The last segment, where it is plain text.
    pub(super) fn last_text(&self) -> Option<&str> {
        if let Some(Step::Text(text)) = self.steps.last() { Some(text) } else { None }
    }

    /// The last segment, where it is a parameter.
    pub(super) fn last_name(&self) -> Option<&str> {
        if let Some(Step::Name(name)) = self.steps.last() { Some(name) } else { None }
    }

    /// The names of its parameters, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.steps.iter().filter_map(|step| if let Step::Name(name) = step { Some(name) } else { None });
        names.cloned().collect()
    }

    /// Whether every segment is plain text or one parameter.
    pub(super) fn is_plain(&self) -> bool {
        !self.steps.iter().any(|step| matches!(step, Step::Other(_)))
    }
}

fn step(text: &str) -> Step {
    if !text.contains(['{', '}']) {
        return Step::Text(text.to_owned());
    }
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|inner| !inner.contains('{'));
    match inner.map(Expression::parse) {
        Some(expression) if !expression.spans && !expression.name.is_empty() => Step::Name(expression.name.to_owned()),
        _ => Step::Other(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Way;

    #[test]
    fn templates_that_mean_the_same_have_one_key() {
        assert_eq!(Way::of("/x/{id}/").key(), Way::of("/x/{x_id}").key());
        assert_eq!(Way::of("/A/{Sid}/Calls/{CallSid}.json").names(), ["Sid", "CallSid"]);
        assert_eq!(Way::of("/A/Calls.json").last_text(), Some("Calls"));
        assert_eq!(Way::of("/x/{a}").above().template(), "/x");
        assert!(!Way::of("/x/{a}-{b}").is_plain() && !Way::of("/x/{+rest}").is_plain());
    }
}
