//! What a client does in a scenario, step by step.

use super::{Columns, Row, line, words};
use crate::contract::In;
use crate::scenario::Scenario;
use crate::scenario::step::{Asks, Content, Given, Step};
use crate::scenario::template::Template;

/// The steps, where there are any: call, answer, wait, and everything that is said of either.
pub(super) fn told(text: &mut String, scenario: &Scenario) {
    if scenario.steps.is_empty() {
        return;
    }
    text.push('\n');
    line(text, &[("as a client tells it", 0)], 0);
    let rows: Vec<Row> = scenario.steps.iter().map(row).collect();
    let columns = Columns::of(rows.iter());
    for row in &rows {
        columns.write(text, row);
    }
}

fn row(step: &Step) -> Row {
    let times = if step.times > 1 { format!(", {} times", step.times) } else { String::new() };
    let then = &step.then;
    let answer = match &then.fault {
        Some((fault, _)) if then.statuses.is_empty() => format!("breaks: {fault}"),
        Some((fault, _)) => format!("{}, breaks: {fault}", then.told()),
        None if then.statuses.is_empty() => "below 400".to_owned(),
        None => then.told(),
    };
    Row {
        indent: 2,
        label: format!("{} {}{times}", step.number, step.operation),
        answer,
        after: step.wait.as_ref().map(|wait| format!("after {wait}")).unwrap_or_default(),
        what: what(step),
    }
}

/// What is sent, then what is asked and kept of the answer.
fn what(step: &Step) -> String {
    let mut parts: Vec<String> = Vec::new();
    for argument in &step.arguments {
        let (part, name) = match argument.part {
            In::Path => ("path", argument.name.to_string()),
            In::Header => ("header", words::spelled(&argument.name)),
            In::Cookie => ("cookie", argument.name.to_string()),
            In::Query | In::QueryString => ("query", argument.name.to_string()),
        };
        parts.push(match &argument.value {
            Given::Nothing => format!("without {part} {name}"),
            Given::Text(text) => words::cut(&format!("{part} {name}: {text}")),
            Given::Made(template) => words::cut(&format!("{part} {name}: {}", written(template))),
        });
    }
    match &step.content {
        Some(Content::Nothing) => parts.push("without content".to_owned()),
        Some(Content::Value(value)) => parts.push(words::cut(&format!("body {value}"))),
        Some(Content::Made(template)) => parts.push(words::cut(&format!("body {}", written(template)))),
        None => {}
    }
    if !step.credentials {
        parts.push("without credentials".to_owned());
    }
    let sent = parts.join(" · ");
    let asked = step.then.asked.iter().map(|asked| {
        let test = match &asked.asks {
            Asks::Test(test) => words::test(test),
            Asks::Equals(template) => format!("= {}", written(template)),
        };
        format!("{} {test}", words::part(&asked.part))
    });
    let kept = step.then.keeps.iter().map(|(name, ..)| format!("keeps {name}"));
    let got: Vec<String> = asked.chain(kept).collect();
    match (sent.is_empty(), got.is_empty()) {
        (_, true) => sent,
        (true, false) => format!("→ {}", got.join(" · ")),
        (false, false) => format!("{sent} → {}", got.join(" · ")),
    }
}

/// A template as it is written, on one line.
fn written(template: &Template) -> String {
    let text = template.place.source.slice(template.place.span);
    words::cut(&text.split_whitespace().collect::<Vec<_>>().join(" ")).trim_matches(['\'', '"']).to_owned()
}
