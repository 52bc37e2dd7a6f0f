//! A command that ran beside a mock, for CI servers: JUnit XML. A test case for the command, for each expectation of a scenario, for each
//! kind of call that met no operation, for each share that has to be met, and for each operation.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run_text::{of_nothing, refused, unmatched};
use crate::finding::{CoveredOperation, Expected, Kind, Refused, Run, Unmade, Unmatched, plural};

/// The document.
pub fn run_junit(run: &Run) -> String {
    let mut report = Report::new("standin exec");
    let mut suite = TestSuite::new(format!("standin exec: {}", run.document));
    let mut command = match run.ended.code() {
        0 => case("command", &run.command.join(" "), TestCaseStatus::success()),
        _ => case("command", &run.command.join(" "), failure("command", &run.ended.to_string(), "")),
    };
    command.set_time(run.took);
    suite.add_test_case(command);
    suite.add_test_cases(run.verdicts.expectations.iter().map(|expected| expectation(run, expected)));
    suite.add_test_cases(strays(run));
    suite.add_test_cases(unmade(run));
    suite.add_test_cases(run.floors.iter().map(|floor| {
        let (share, percent) = (floor.what.share(&run.covered), floor.percent);
        let status = match floor.is_missed(&run.covered) {
            _ if floor.is_of_nothing(&run.covered) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(of_nothing(*floor));
                status
            }
            true => failure("coverage", &format!("{share}, and {percent}% are asked for"), ""),
            false => TestCaseStatus::success(),
        };
        case("coverage", &format!("{percent}% of the {}", floor.what.word()), status)
    }));
    suite.add_test_cases(run.covered.operations.iter().map(|covered| operation(run, covered)));
    suite.set_time(run.took);
    report.set_time(run.took);
    report.add_test_suite(suite);
    // Writing to a text cannot fail.
    report.to_string().unwrap_or_default()
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("standin.{class}"));
    case
}

fn failure(kind: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_message(message);
    if !description.is_empty() {
        status.set_description(description);
    }
    status
}

fn expectation(run: &Run, expected: &Expected) -> TestCase {
    let Expected { scenario, line, operation, expectation, kept, broken, not_decided, reasons } = expected;
    let reasons: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
    let counts = format!("{scenario}:{line}: {kept} kept, {broken} broken, {not_decided} not decided");
    let status = if *broken > 0 {
        let of_this = run.verdicts.broken.iter().filter(|one| expected.is_of(one));
        let told: Vec<String> = of_this.map(ToString::to_string).collect();
        let first = told.first().map(|first| format!(": {first}")).unwrap_or_default();
        failure("verdict", &format!("broken in {}{first}", plural(*broken, "session")), &told.join("\n"))
    } else if *kept == 0 {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("not decided: {}", reasons.join("; ")));
        status
    } else {
        TestCaseStatus::success()
    };
    let about = operation.as_deref().unwrap_or("*");
    let mut case = case("verdict", &format!("{scenario}: {about} {expectation}"), status);
    case.set_system_out(counts);
    case
}

/// A failure for each kind of call that met no operation; a success where there was none.
fn strays(run: &Run) -> Vec<TestCase> {
    if run.unmatched.total == 0 {
        return vec![case("unmatched", "every call met an operation", TestCaseStatus::success())];
    }
    let stray = |kind: &Kind<Unmatched>| {
        let [what, more] = unmatched(&kind.what);
        let calls = plural(kind.count, "call");
        let message = if more.is_empty() { calls } else { format!("{calls}; {more}") };
        let sessions = format!("sessions: {}{}", kind.sessions.join(" "), if kind.more_sessions { " …" } else { "" });
        case("unmatched", &what, failure("unmatched", &message, &sessions))
    };
    let mut cases: Vec<TestCase> = run.unmatched.kinds.iter().map(stray).collect();
    if run.unmatched.beyond > 0 {
        let message = plural(run.unmatched.beyond, "call");
        cases.push(case("unmatched", "others", failure("unmatched", &message, "")));
    }
    cases
}

/// An error for each kind of answer that could not be made: no test found that out.
fn unmade(run: &Run) -> Vec<TestCase> {
    let one = |kind: &Kind<Unmade>| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let message = format!("{} could not be made; {}", plural(kind.count, "answer"), kind.what.sentence);
        status.set_type("unmade").set_message(message);
        case("unmade", &kind.what.to_string(), status)
    };
    run.unmade.kinds.iter().map(one).collect()
}

fn operation(run: &Run, covered: &CoveredOperation) -> TestCase {
    let status = match covered.calls {
        0 => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("never called");
            status
        }
        _ => TestCaseStatus::success(),
    };
    let request = run.requests.get(&covered.key).map_or(&*covered.key, String::as_str);
    let mut case = case("operation", request, status);
    let mut lines = Vec::new();
    if covered.calls > 0 {
        let met = covered.statuses.iter().filter(|status| status.answers > 0);
        let met = met.map(|status| format!("{} ×{}", status.range, status.answers));
        let undocumented =
            covered.undocumented.iter().map(|(status, count)| format!("{status} (undocumented) ×{count}"));
        let never: Vec<&str> =
            covered.statuses.iter().filter(|status| status.answers == 0).map(|status| &*status.range).collect();
        lines.push(format!("answers: {}", met.chain(undocumented).collect::<Vec<_>>().join(", ")));
        lines.extend((!never.is_empty()).then(|| format!("never: {}", never.join(" "))));
    }
    let own = |kind: &&Kind<Refused>| kind.what.operation.as_deref() == Some(&*covered.key);
    lines.extend(run.refused.kinds.iter().filter(own).map(|kind| {
        let [what, more] = refused(&kind.what);
        let more = if more.is_empty() { more } else { format!(": {more}") };
        format!("refused: {} × {what}{more}", kind.count)
    }));
    if !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}
