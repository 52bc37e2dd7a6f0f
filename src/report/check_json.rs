//! A check, for programs: one JSON document. Its shape is documented in `docs/check.md`; members are added over time, never renamed
//! or taken away.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Counted, Difference, Event, OperationCounts, Records, Start, Summary};

/// The version of the shape.
const VERSION: u32 = 1;
/// The longest line of the document that is taken whole, in bytes: it may be one line.
const LINE: usize = 1_000;

/// Gathers events; a document at the end.
#[derive(Debug, Default)]
pub struct CheckJson {
    start: Option<Start>,
    findings: Vec<JsonFinding>,
    lost: Vec<JsonLost>,
    failure: Option<JsonFailure>,
    summary: Option<JsonSummary>,
}

impl CheckJson {
    /// Takes an event into account.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Started(start) => self.start = Some(start.clone()),
            Event::Judged(_) => {}
            Event::Lost { record, line, why } => self.lost.push(JsonLost {
                file: record.file.clone(),
                record: record.number,
                line: Some(*line).filter(|line| *line > 0),
                why: why.clone(),
            }),
            Event::Failed(failure) => {
                self.failure = Some(JsonFailure { sentence: failure.sentence.clone(), help: failure.help.clone() });
            }
            Event::Found(difference) => self.findings.push(finding(difference)),
            Event::Finished(summary) => self.summary = Some(JsonSummary::of(summary)),
        }
    }

    /// The document, indented, with a line feed at its end.
    pub fn finish(self) -> String {
        let start = self.start.as_ref();
        let report = JsonReport {
            standin: env!("CARGO_PKG_VERSION"),
            version: VERSION,
            document: start.map(|start| JsonDocument {
                name: start.document.clone(),
                title: start.title.clone(),
                openapi: start.version.clone(),
                operations: start.operations,
            }),
            target: start.and_then(|start| {
                Some(JsonTarget { example: start.example.clone()?, reads_only: start.reads_only.clone() })
            }),
            traffic: start.map(|start| JsonTraffic { files: start.traffic.clone(), records: start.records }),
            findings: self.findings,
            lost: self.lost,
            failure: self.failure,
            summary: self.summary,
        };
        // Nothing in it can fail to be written: keys are texts, numbers are whole or finite.
        let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[derive(Debug, Serialize)]
struct JsonReport {
    standin: &'static str,
    version: u32,
    document: Option<JsonDocument>,
    target: Option<JsonTarget>,
    traffic: Option<JsonTraffic>,
    findings: Vec<JsonFinding>,
    lost: Vec<JsonLost>,
    failure: Option<JsonFailure>,
    summary: Option<JsonSummary>,
}

#[derive(Debug, Serialize)]
struct JsonDocument {
    name: String,
    title: String,
    openapi: String,
    operations: usize,
}

#[derive(Debug, Serialize)]
struct JsonTarget {
    example: String,
    reads_only: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonTraffic {
    files: Vec<String>,
    records: u64,
}

#[derive(Debug, Serialize)]
struct JsonFinding {
    rule: &'static str,
    severity: &'static str,
    fingerprint: String,
    operation: Option<String>,
    request: Option<String>,
    status: Option<u16>,
    part: Option<&'static str>,
    name: Option<String>,
    pointer: Option<String>,
    keyword: &'static str,
    sentence: String,
    expected: Option<String>,
    got: Option<String>,
    answer: Option<String>,
    place: Option<JsonPlace>,
    again: Option<String>,
    remedy: Option<String>,
    seen: u64,
    of: u64,
    record: Option<JsonRecord>,
}

#[derive(Debug, Serialize)]
struct JsonPlace {
    file: String,
    line: usize,
    column: usize,
    text: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonRecord {
    file: String,
    number: u64,
}

#[derive(Debug, Serialize)]
struct JsonLost {
    file: String,
    record: u64,
    line: Option<u64>,
    why: String,
}

#[derive(Debug, Serialize)]
struct JsonFailure {
    sentence: String,
    help: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonSummary {
    errors: u64,
    warnings: u64,
    notes: u64,
    not_shown: u64,
    sent: u64,
    other_status: u64,
    seconds: f64,
    seed: u64,
    records: JsonRecords,
    operations: Vec<JsonOperation>,
    not_decided: Vec<JsonCounted>,
    no_operation: Vec<JsonCounted>,
    remarks: Vec<JsonCounted>,
}

#[derive(Debug, Serialize)]
struct JsonRecords {
    total: u64,
    valid: u64,
    invalid: u64,
    not_decided: u64,
    skipped_writes: u64,
    skipped_invalid: u64,
    not_selected: u64,
    no_operation: u64,
    other_host: u64,
    page: u64,
    preflight: u64,
    not_http: u64,
    lost: u64,
    not_reached: u64,
}

#[derive(Debug, Serialize)]
struct JsonOperation {
    operation: String,
    request: String,
    statuses: BTreeMap<u16, u64>,
    valid: u64,
    invalid: u64,
    not_decided: u64,
    skipped_writes: u64,
    skipped_invalid: u64,
    proved_little: bool,
}

#[derive(Debug, Serialize)]
struct JsonCounted {
    what: String,
    count: u64,
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn finding(difference: &Difference) -> JsonFinding {
    let finding = &difference.finding;
    let in_part = difference.part.is_some();
    JsonFinding {
        rule: finding.rule.id,
        severity: finding.severity.word(),
        fingerprint: difference.fingerprint.clone(),
        operation: finding.operation.as_deref().map(str::to_owned),
        request: some(&difference.request),
        status: difference.status,
        part: difference.part.map(crate::finding::Part::word),
        name: some(&difference.name),
        pointer: in_part.then(|| difference.pointer.clone()),
        keyword: difference.keyword,
        sentence: finding.sentence.clone(),
        expected: difference.expected.clone(),
        got: difference.got.clone(),
        answer: some(&difference.answer),
        place: finding.place.as_ref().map(|place| {
            let (line, column) = place.line_column();
            let text = Some(place.source.excerpt(place.span.start, LINE).to_owned());
            JsonPlace { file: place.source.name().to_owned(), line, column, text }
        }),
        again: difference.again.clone(),
        remedy: finding.help.clone(),
        seen: difference.seen,
        of: difference.of,
        record: difference
            .record
            .as_ref()
            .map(|record| JsonRecord { file: record.file.clone(), number: record.number }),
    }
}

impl JsonSummary {
    fn of(summary: &Summary) -> JsonSummary {
        let counted = |list: &[Counted]| {
            list.iter().map(|one| JsonCounted { what: one.what.clone(), count: one.count }).collect::<Vec<_>>()
        };
        JsonSummary {
            errors: summary.errors,
            warnings: summary.warnings,
            notes: summary.notes,
            not_shown: summary.not_shown,
            sent: summary.sent,
            other_status: summary.other_status,
            seconds: summary.took.as_secs_f64(),
            seed: summary.seed,
            records: JsonRecords::of(&summary.records),
            operations: summary.operations.iter().map(JsonOperation::of).collect(),
            not_decided: counted(&summary.undecided),
            no_operation: counted(&summary.unrouted),
            remarks: counted(&summary.remarks),
        }
    }
}

impl JsonRecords {
    fn of(records: &Records) -> JsonRecords {
        JsonRecords {
            total: records.total(),
            valid: records.valid,
            invalid: records.invalid,
            not_decided: records.not_decided,
            skipped_writes: records.skipped_writes,
            skipped_invalid: records.skipped_invalid,
            not_selected: records.not_selected,
            no_operation: records.unrouted,
            other_host: records.other_host,
            page: records.page,
            preflight: records.preflight,
            not_http: records.not_http,
            lost: records.lost,
            not_reached: records.not_reached,
        }
    }
}

impl JsonOperation {
    fn of(counts: &OperationCounts) -> JsonOperation {
        JsonOperation {
            operation: counts.key.to_string(),
            request: counts.request.clone(),
            statuses: counts.statuses.clone(),
            valid: counts.valid,
            invalid: counts.invalid,
            not_decided: counts.not_decided,
            skipped_writes: counts.skipped_writes,
            skipped_invalid: counts.skipped_invalid,
            proved_little: counts.proved_little(),
        }
    }
}
