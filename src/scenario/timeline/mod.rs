//! A scenario as a timeline, for people: who, when, what.

mod steps;
mod words;

pub(super) use words::{part as part_in_words, test as test_in_words};

use super::model::{Reply, Rule, Scenario, Then};
use super::{Count, Expect, check, duration};
use crate::contract::{Contract, Operation};

/// A condition up to this long stands before its answer; a longer one stands on the line above.
const SHORT: usize = 20;

/// One line below an operation.
#[derive(Default)]
struct Row {
    indent: usize,
    label: String,
    answer: String,
    after: String,
    what: String,
}

/// A scenario as a timeline: for each operation, which calls get what, in columns. Ends with a line break.
pub fn timeline(scenario: &Scenario, contract: &Contract) -> String {
    let mut blocks: Vec<((String, String), Vec<Row>)> = Vec::new();
    for (key, rules) in &scenario.operations {
        let index = contract.find(key);
        let path = index.map(|index| {
            let head = &contract.heads()[index];
            format!("{} {}{}", head.method, contract.base_path(index), head.template)
        });
        let operation = index.map(|index| contract.operation(index));
        blocks.push(((key.to_string(), path.unwrap_or_default()), rows(rules, operation, !scenario.any.is_empty())));
    }
    if !scenario.any.is_empty() {
        let decides = |rules: &[Rule]| rules.iter().any(|rule| rule.rate().is_none());
        let before = scenario.operations.iter().any(|(_, rules)| decides(rules));
        let who = if !before || !decides(&scenario.any) {
            "every operation"
        } else {
            "every operation, for calls not decided above"
        };
        blocks.push(((who.to_owned(), String::new()), rows(&scenario.any, None, false)));
    }
    let mut text = heading(scenario);
    let keys = blocks.iter().filter(|((_, path), _)| !path.is_empty()).map(|((key, _), _)| width(key)).max();
    let columns = Columns::of(blocks.iter().flat_map(|(_, rows)| rows));
    for ((key, path), rows) in &blocks {
        text.push('\n');
        line(&mut text, &[(key, keys.unwrap_or(0)), (path, 0)], 0);
        for row in rows {
            columns.write(&mut text, row);
        }
    }
    expected(&mut text, scenario);
    steps::told(&mut text, scenario);
    text
}

/// What is expected of the client, operation by operation.
fn expected(text: &mut String, scenario: &Scenario) {
    let who = |expect: &Expect| expect.operation.as_deref().unwrap_or("all operations together").to_owned();
    let widest = scenario.expect.iter().map(|expect| width(&who(expect))).max();
    let Some(widest) = widest else { return };
    text.push('\n');
    line(text, &[("expected of the client", 0)], 0);
    for expect in &scenario.expect {
        let all: Vec<String> = expect.all.iter().map(|expected| expected.what.to_string()).collect();
        line(text, &[(&who(expect), widest), (&all.join(", "), 0)], 2);
    }
}

fn heading(scenario: &Scenario) -> String {
    let mut text = String::new();
    let summary: Vec<&str> = scenario.summary.split_whitespace().collect();
    line(&mut text, &[(&scenario.name, 0), (&summary.join(" "), 0)], 0);
    if let Some(seed) = scenario.seed {
        line(&mut text, &[(&format!("seed {seed}, unless another is given"), 0)], 2);
    }
    if let Some(state) = &scenario.state {
        line(&mut text, &[(&format!("begins in state {state}"), 0)], 2);
    }
    if !scenario.strict {
        line(&mut text, &[("not strict: may answer what the document does not allow", 0)], 2);
    }
    text
}

/// The widths of the columns that are aligned.
struct Columns {
    label: usize,
    answer: usize,
    after: usize,
}

impl Columns {
    fn of<'r>(rows: impl Iterator<Item = &'r Row> + Clone) -> Columns {
        let answering = rows.filter(|row| !row.answer.is_empty());
        let widest = |of: fn(&Row) -> usize| answering.clone().map(of).max().unwrap_or(0);
        Columns {
            label: widest(|row| row.indent + width(&row.label)),
            answer: widest(|row| width(&row.answer)),
            after: widest(|row| width(&row.after)),
        }
    }

    fn write(&self, text: &mut String, row: &Row) {
        let label = self.label.saturating_sub(row.indent);
        let cells = [(&*row.label, label), (&*row.answer, self.answer), (&*row.after, self.after), (&*row.what, 0)];
        // A column that no row has takes no room.
        let cells: Vec<(&str, usize)> =
            cells.into_iter().filter(|(cell, width)| *width > 0 || !cell.is_empty()).collect();
        line(text, &cells, row.indent);
    }
}

/// Cells, each as wide as it says, three spaces between.
fn line(text: &mut String, cells: &[(&str, usize)], indent: usize) {
    let mut line = " ".repeat(indent);
    for (index, (cell, wide)) in cells.iter().enumerate() {
        if index > 0 {
            line.push_str("   ");
        }
        line.push_str(cell);
        line.push_str(&" ".repeat(wide.saturating_sub(width(cell))));
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn rows(rules: &[Rule], operation: Option<&Operation>, any_follows: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut later = false;
    for rule in rules {
        let label = words::condition(rule, later);
        // A rate decides nothing that it allows.
        later |= rule.rate().is_none();
        match &rule.then {
            Then::Reply(reply) if width(&label) <= SHORT => {
                rows.push(Row { indent: 2, label, ..row(reply, operation) })
            }
            Then::Reply(reply) => {
                rows.push(Row { indent: 2, label, ..Row::default() });
                rows.push(Row { indent: 4, label: "each".to_owned(), ..row(reply, operation) });
            }
            Then::Rate(rate) => {
                rows.push(Row { indent: 2, label: words::rate(rule, rate), ..Row::default() });
                let refused = row(&rate.refusal, operation);
                rows.push(Row { indent: 4, label: "beyond that".to_owned(), ..refused });
            }
            Then::Calls(calls) => {
                let counted = match (calls.count(), operation) {
                    (Count::Operation, _) => ", by their number among all calls of the operation",
                    (Count::Rule, None) => ", in one count over all operations",
                    (Count::Rule, Some(_)) if !rule.always() => ", numbered among themselves",
                    (Count::Rule, Some(_)) => "",
                };
                rows.push(Row { indent: 2, label: label + counted, ..Row::default() });
                for (numbers, reply) in calls.runs() {
                    let label = numbers.to_string();
                    rows.push(match reply {
                        Some(reply) => Row { indent: 4, label, ..row(reply, operation) },
                        None => Row { indent: 4, label, answer: words::DOCUMENTED.to_owned(), ..Row::default() },
                    });
                }
            }
        }
    }
    let last = rules.iter().rfind(|rule| rule.rate().is_none());
    if !any_follows && last.is_some_and(|rule| !rule.always()) {
        let answer = words::DOCUMENTED.to_owned();
        rows.push(Row { indent: 2, label: "other calls".to_owned(), answer, ..Row::default() });
    }
    rows
}

fn row(reply: &Reply, operation: Option<&Operation>) -> Row {
    let response = operation.and_then(|operation| check::answer(operation, reply)).map(|(_, response)| response);
    Row {
        answer: words::answer(reply),
        after: reply.delay.as_ref().map(words::delay).unwrap_or_default(),
        what: words::what(reply, response),
        ..Row::default()
    }
}
