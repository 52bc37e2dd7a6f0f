//! What was met of the document so far: operations, statuses, named examples; and what never was.

use serde_json::{Value, json};

use super::super::html::Page;
use super::{Answer, Asked, value};
use crate::finding::{Covered, CoveredOperation, CoveredStatus, Measure, Share};
use crate::message::Response;

/// As many operations as a browser shows without trouble.
const SHOWN: usize = 2_000;

/// All of it, over all sessions, since the start.
pub(super) fn answer(asked: &Asked<'_>) -> Answer {
    let covered = asked.inner.version.load().coverage.report();
    if asked.page {
        return Ok(page(&covered, asked.prefix()));
    }
    let mut told = serde_json::Map::new();
    for measure in Measure::ALL {
        let Share { met, of } = measure.share(&covered);
        told.insert(measure.word().to_owned(), json!({ "met": met, "of": of }));
    }
    told.insert("unmatched".to_owned(), covered.unmatched.into());
    told.insert("by_operation".to_owned(), covered.operations.iter().map(operation).collect());
    told.insert("never".to_owned(), covered.never().collect::<Vec<_>>().into());
    Ok(value(&told.into()))
}

fn operation(operation: &CoveredOperation) -> Value {
    let status = |status: &CoveredStatus| {
        let examples = status.examples.iter().map(|one| json!({ "name": *one.name, "answers": one.answers }));
        let examples: Vec<Value> = examples.collect();
        json!({ "status": status.range, "answers": status.answers, "examples": examples })
    };
    let undocumented = operation.undocumented.iter();
    let undocumented = undocumented.map(|(status, answers)| json!({ "status": status, "answers": answers }));
    json!({
        "operation": *operation.key,
        "calls": operation.calls,
        "statuses": operation.statuses.iter().map(status).collect::<Vec<_>>(),
        "undocumented": undocumented.collect::<Vec<_>>(),
        "undocumented_more": operation.undocumented_more,
    })
}

fn page(covered: &Covered, prefix: &str) -> Response {
    let mut page = Page::new("Coverage");
    page.raw("<table>\n");
    for measure in Measure::ALL {
        let share = measure.share(covered);
        if share.of == 0 {
            page.row([&measure.word(), &"none in the document"]);
        } else {
            let percent = share.percent().floor();
            page.row([&measure.word(), &format_args!("{share} met, {percent:.0}%")]);
        }
    }
    page.row([&"unmatched", &covered.unmatched]);
    page.raw("</table>\n<h2>By operation</h2>\n");
    page.raw("<table>\n<tr><th>operation</th><th>calls</th><th>met</th><th>never met</th></tr>\n");
    for operation in covered.operations.iter().take(SHOWN) {
        let (met, never): (Vec<&CoveredStatus>, Vec<&CoveredStatus>) =
            operation.statuses.iter().partition(|status| status.answers > 0);
        let mut seen: Vec<String> = met.iter().map(|status| format!("{} ×{}", status.range, status.answers)).collect();
        let beside = operation.undocumented.iter();
        seen.extend(beside.map(|(status, answers)| format!("{status} ×{answers} (not documented)")));
        let mut missing: Vec<String> = never.iter().map(|status| status.range.clone()).collect();
        let examples = met.iter().flat_map(|status| {
            let never = status.examples.iter().filter(|example| example.answers == 0);
            never.map(|example| format!("{} example {}", status.range, example.name))
        });
        missing.extend(examples);
        page.raw("<tr><td>");
        let key = percent_encoding::utf8_percent_encode(&operation.key, percent_encoding::NON_ALPHANUMERIC);
        page.link(format_args!("{prefix}/exchanges?operation={key}"), &operation.key);
        page.raw("</td>");
        for cell in [operation.calls.to_string(), seen.join(", "), missing.join(", ")] {
            page.raw("<td>");
            page.text(cell);
            page.raw("</td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</table>\n");
    if let Some(more) = covered.operations.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        page.element("p", format_args!("And {more} more."));
    }
    page.into_response()
}
