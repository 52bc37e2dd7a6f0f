//! A command that ran beside a mock, for programs: one JSON document. Its shape is documented in `docs/exec.md`; members are added over
//! time, never renamed or taken away.

use serde_json::{Map, Value, json};

use crate::finding::{
    Broken, Counted, Covered, Ended, Ending, Expected, Kind, Kinds, Measure, Refused, Run, Share, Unmade, Unmatched,
    Verdicts,
};

/// The version of the shape.
const VERSION: u32 = 1;

/// The document, indented, with a line feed at its end.
pub fn run_json(run: &Run) -> String {
    let (code, signal) = match run.ended {
        Ended::Code(code) => (Some(code), None),
        Ended::Signal(signal) => (None, Some(signal)),
    };
    let statuses: Map<String, Value> =
        run.statuses.iter().map(|(status, count)| (status.to_string(), (*count).into())).collect();
    let report = json!({
        "standin": env!("CARGO_PKG_VERSION"),
        "version": VERSION,
        "document": run.document,
        "command": run.command,
        "ended": { "code": code, "signal": signal },
        "seconds": seconds(run.took),
        "seed": run.seeds.run,
        "seeds": run.seeds.own.iter().map(|(name, seed)| json!({ "scenario": &**name, "seed": seed })).collect::<Vec<_>>(),
        "now": run.now,
        "scenarios": run.scenarios,
        "sessions": { "count": run.sessions.known, "more": run.sessions.more },
        "calls": run.calls,
        "unanswered": run.unanswered,
        "statuses": statuses,
        "unmatched": kinds(&run.unmatched, unmatched),
        "refused": kinds(&run.refused, refused),
        "unmade": kinds(&run.unmade, unmade),
        "icons": run.icons,
        "verdicts": verdicts_json(&run.verdicts),
        "coverage": coverage(run),
        "again": run.again,
        "exit": { "code": run.exit.code, "because": run.exit.because },
    });
    // Nothing in it can fail to be written: keys are texts, numbers are whole or finite.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// Seconds, to the millisecond.
fn seconds(length: std::time::Duration) -> f64 {
    length.as_millis() as f64 / 1000.0
}

fn kinds<K>(kinds: &Kinds<K>, told: fn(&K) -> Value) -> Value {
    let kind = |kind: &Kind<K>| {
        let mut value = told(&kind.what);
        value["count"] = kind.count.into();
        value["sessions"] = kind.sessions.iter().map(|session| session.to_string()).collect();
        value["more_sessions"] = kind.more_sessions.into();
        value
    };
    json!({
        "total": kinds.total,
        "kinds": kinds.kinds.iter().map(kind).collect::<Vec<_>>(),
        "beyond": kinds.beyond,
    })
}

fn unmatched(what: &Unmatched) -> Value {
    let nearest = what.nearest.as_ref().map(|nearest| json!({ "operation": nearest, "difference": what.difference }));
    json!({ "method": what.method, "path": what.path, "known_path": what.known_path, "nearest": nearest })
}

fn refused(what: &Refused) -> Value {
    json!({
        "status": what.status,
        "operation": what.operation.as_deref(),
        "why": what.why,
        "part": what.part.map(|part| part.word()),
        "name": what.name,
        "pointer": what.pointer,
        "sentence": what.sentence,
    })
}

fn unmade(what: &Unmade) -> Value {
    json!({
        "scenario": what.scenario.as_deref(),
        "line": what.line,
        "operation": what.operation.as_deref(),
        "sentence": what.sentence,
    })
}

/// What became of what is expected of clients.
pub fn verdicts_json(verdicts: &Verdicts) -> Value {
    json!({
        "kept": verdicts.kept(),
        "broken": verdicts.broken(),
        "not_decided": verdicts.not_decided(),
        "expectations": verdicts.expectations.iter().map(expected).collect::<Vec<_>>(),
        "broken_ones": verdicts.broken.iter().map(broken).collect::<Vec<_>>(),
        "broken_not_shown": verdicts.not_shown,
    })
}

fn expected(expected: &Expected) -> Value {
    let reason = |reason: &Counted| json!({ "what": reason.what, "count": reason.count });
    json!({
        "scenario": &*expected.scenario,
        "line": expected.line,
        "operation": expected.operation.as_deref(),
        "expectation": expected.expectation,
        "kept": expected.kept,
        "broken": expected.broken,
        "not_decided": expected.not_decided,
        "reasons": expected.reasons.iter().map(reason).collect::<Vec<_>>(),
    })
}

fn broken(broken: &Broken) -> Value {
    let calls = broken.calls.iter().map(|call| {
        let (status, whole) = match call.ending {
            Ending::Answered(status) => (Some(status), true),
            Ending::CutOff(status) => (Some(status), false),
            Ending::Unanswered => (None, false),
        };
        json!({
            "operation": call.operation.as_deref(),
            "number": call.number,
            "at": seconds(call.at),
            "status": status,
            "whole": whole,
            "seconds": seconds(call.took),
            "retry_after": call.retry_after.as_deref(),
            "waited": call.waited.map(seconds),
            "wrong": call.wrong,
        })
    });
    json!({
        "session": &*broken.session,
        "scenario": &*broken.scenario,
        "line": broken.line,
        "operation": broken.operation.as_deref(),
        "expectation": &*broken.expectation,
        "what": broken.what,
        "calls": calls.collect::<Vec<_>>(),
        "times": broken.times,
    })
}

fn coverage(run: &Run) -> Value {
    let covered = &run.covered;
    let mut value = Map::new();
    for measure in Measure::ALL {
        let Share { met, of } = measure.share(covered);
        value.insert(measure.word().to_owned(), json!({ "met": met, "of": of }));
    }
    let floors = run.floors.iter().map(
        |floor| json!({ "what": floor.what.word(), "percent": floor.percent, "missed": floor.is_missed(covered) }),
    );
    value.insert("fail_under".to_owned(), floors.collect());
    value.insert("by_operation".to_owned(), operations(run, covered));
    value.into()
}

fn operations(run: &Run, covered: &Covered) -> Value {
    let operations = covered.operations.iter().map(|operation| {
        let statuses = operation.statuses.iter().map(|status| {
            let example = |name: &str, answers: u64| json!({ "name": name, "answers": answers });
            let examples = status.examples.iter().map(|one| example(&one.name, one.answers));
            json!({
                "status": status.range,
                "answers": status.answers,
                "examples": examples.collect::<Vec<_>>(),
            })
        });
        let undocumented =
            operation.undocumented.iter().map(|(status, answers)| json!({ "status": status, "answers": answers }));
        json!({
            "operation": &*operation.key,
            "request": run.requests.get(&operation.key),
            "calls": operation.calls,
            "statuses": statuses.collect::<Vec<_>>(),
            "undocumented": undocumented.collect::<Vec<_>>(),
            "undocumented_more": operation.undocumented_more,
        })
    });
    operations.collect()
}
