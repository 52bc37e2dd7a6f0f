//! The first condition on a request that does not hold, and what was there instead: for people.

use std::fmt;

use super::reader::excerpt;
use super::when::{Condition, Found, Part, Test, When};
use crate::contract::Call;
use crate::finding::Verdict;

/// As much of a value as is shown, in characters.
const SHOWN: usize = 80;

/// A condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// What was looked at: `path org`, `body /email`.
    pub part: String,
    /// What was asked of it.
    pub asked: String,
    /// What was there; `None`: nothing.
    pub found: Option<String>,
    /// Whether it was looked for in the content.
    pub in_body: bool,
    /// Whether that it does not hold is certain.
    pub decided: bool,
}

impl Unmet {
    /// Something else that a rule asks for.
    pub fn of(part: &str, asked: impl Into<String>, found: Option<String>) -> Unmet {
        Unmet { part: part.to_owned(), asked: asked.into(), found, in_body: false, decided: true }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unmet { part, asked, found, decided, .. } = self;
        write!(out, "{part} is {}, asked for is {asked}", found.as_deref().unwrap_or("not there"))?;
        if *decided { Ok(()) } else { out.write_str("; not decided") }
    }
}

impl When {
    /// Whether anything is asked of the content.
    pub fn reads_content(&self) -> bool {
        self.conditions().iter().any(|condition| matches!(condition.part, Part::Body(..)))
    }

    /// The first condition that does not hold, in the order in which they are looked at; where all others do, one that is not decided.
    /// What was there is told of `shown`: the same call without its secrets.
    pub fn unmet(&self, call: &Call<'_>, shown: Option<&Call<'_>>) -> Option<Unmet> {
        let mut open = None;
        for condition in self.conditions() {
            match condition.test.verdict(&condition.part.find(call)) {
                Verdict::Valid => {}
                Verdict::Invalid => return Some(unmet(condition, shown, true)),
                Verdict::NotDecided => open = open.or(Some(condition)),
            }
        }
        open.map(|condition| unmet(condition, shown, false))
    }
}

fn unmet(condition: &Condition, call: Option<&Call<'_>>, decided: bool) -> Unmet {
    let shown = |text: &str| match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    };
    let (part, in_body) = match &condition.part {
        Part::Path(name) => (format!("path {name}"), false),
        Part::Header(name) => (format!("header {name}"), false),
        Part::Cookie(name) => (format!("cookie {name}"), false),
        Part::Query(name) => (format!("query {name}"), false),
        Part::Body(_, pointer) => (format!("body {pointer}"), true),
    };
    let asked = match &condition.test {
        Test::OneOf(values) => {
            let values: Vec<String> = values.iter().map(|value| shown(&value.to_string())).collect();
            values.join(" or ")
        }
        Test::Pattern(pattern) => format!("a match of `{}`", excerpt(pattern.as_str())),
        Test::Absent => "nothing".to_owned(),
        Test::Present => "anything".to_owned(),
        Test::Schema(_, name) => format!("as the schema {name} asks"),
    };
    let found = match call.map(|call| condition.part.find(call)) {
        None => Some("another value".to_owned()),
        Some(Found::Nothing) => None,
        Some(Found::Text(text)) => Some(shown(&serde_json::Value::from(&*text).to_string())),
        Some(Found::Json(value)) => Some(shown(&value.to_string())),
    };
    Unmet { part: excerpt(&part), asked, found, in_body, decided }
}
