//! Recordings judged as they are: every folder of `fixtures/check` with a `traffic` file, and a document of
//! its own where it has one; its reports held to snapshots beside it.

use std::fs;
use std::path::Path;

use standin::check::{Ending, Mode, Source};
use standin::finding::Event;

use super::{Ran, contract, file, plan};

const FOLDER: &str = "fixtures/check";

/// How each case ends.
const ENDINGS: &[(&str, Ending)] = &[
    ("answers", Ending::Findings),
    ("as-documented", Ending::Clean),
    ("broken", Ending::Findings),
    ("chrome", Ending::Findings),
    ("cut-har", Ending::Incomplete),
    ("cut-ndjson", Ending::Incomplete),
    ("firefox", Ending::Findings),
    ("folded", Ending::Findings),
    ("no-operation", Ending::Findings),
    ("redacted", Ending::Clean),
    ("secrets", Ending::Findings),
    ("unreadable-line", Ending::Incomplete),
];

async fn ran(case: &str) -> Ran {
    let folder = Path::new(FOLDER).join(case);
    let traffic =
        ["traffic.ndjson", "traffic.har"].map(|name| folder.join(name)).into_iter().find(|path| path.exists());
    let mut plan = plan(file(traffic.unwrap().to_str().unwrap()), Mode::Offline);
    // Some bring a document of their own.
    let own = folder.join("openapi.yaml");
    if own.exists() {
        plan.contract = contract(own.to_str().unwrap());
    }
    Ran::of(&plan).await
}

fn cases() -> Vec<String> {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap());
    let mut cases: Vec<String> =
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    cases.sort();
    cases
}

#[tokio::test]
async fn every_recording_is_judged_as_its_snapshots_say() {
    let listed: Vec<&str> = ENDINGS.iter().map(|(case, _)| *case).collect();
    assert_eq!(cases(), listed);
    for (case, ending) in ENDINGS {
        let ran = ran(case).await;
        assert_eq!(ran.ending(), *ending, "{case}\n{}", ran.text());
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../../{FOLDER}/{case}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!("text", ran.text());
            insta::assert_snapshot!("junit", ran.junit());
            insta::assert_snapshot!("json", ran.json().replace(env!("CARGO_PKG_VERSION"), "VERSION"));
        });
    }
}

#[tokio::test]
async fn the_counts_sum_to_the_records() {
    for case in cases() {
        let ran = ran(&case).await;
        let Some(Event::Started(start)) = ran.events.first() else { panic!("{case}") };
        assert_eq!(ran.summary().records.total(), start.records, "{case}: {:?}", ran.summary().records);
    }
}

#[tokio::test]
async fn what_is_broken_is_found_and_named() {
    let ran = ran("broken").await;
    let seen: Vec<_> = ran
        .found()
        .iter()
        .map(|found| {
            (found.finding.operation.as_deref().unwrap(), found.finding.rule.id, found.pointer.as_str(), found.keyword)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("list_members", "response-body", "/0/joined_at", "type"),
            ("list_members", "response-header", "", "missing"),
            ("add_member", "response-body", "/role", "required"),
            ("get_member", "undocumented-status", "", "undocumented"),
            ("get_member", "response-media-type", "", "undocumented"),
            ("get_member", "envelope-status", "/code", "status"),
            ("remove_member", "body-not-allowed", "", "notAllowed"),
        ]
    );
    for found in ran.found() {
        assert!(found.again.as_ref().is_some_and(|again| again.starts_with("curl -s")), "{found:?}");
        assert!(found.finding.place.is_some() && found.finding.help.is_some(), "{found:?}");
        assert_eq!(found.fingerprint.len(), 6);
    }
}

#[tokio::test]
async fn nothing_secret_is_in_any_report() {
    for case in cases() {
        let reports = ran(&case).await.reports();
        assert!(!reports.contains("planted"), "{case}\n{reports}");
    }
}

#[tokio::test]
async fn where_every_record_is_lost_nothing_is_said_of_the_api() {
    let text = b"{\"standin\":1,\"request\":{\"meth\n{\"standin\":1}\n".to_vec();
    let lost = Source::Memory { name: "lost.ndjson".to_owned(), bytes: text.into() };
    let ran = Ran::of(&plan(lost, Mode::Offline)).await;
    assert_eq!((ran.ending(), ran.rules().len()), (Ending::Incomplete, 0), "{}", ran.text());
    assert!(ran.text().contains("the member `request` is missing"), "{}", ran.text());
}

#[tokio::test]
async fn each_undocumented_media_type_is_a_finding_of_its_own() {
    let record = |media: &str| {
        let request =
            r#"{"method":"GET","target":"/v1/orgs/acme/members/m1","headers":[["authorization","Bearer x"]]}"#;
        format!(
            r#"{{"standin":1,"request":{request},"answer":{{"status":200,"headers":[["content-type","{media}"]],"body":"x"}}}}"#
        )
    };
    let text = ["text/html", "text/html; charset=utf-8", "text/plain"].map(record).join("\n");
    let source = Source::Memory { name: "pages.ndjson".to_owned(), bytes: text.into_bytes().into() };
    let ran = Ran::of(&plan(source, Mode::Offline)).await;
    let seen: Vec<_> = ran.found().iter().map(|found| (found.finding.rule.id, found.seen)).collect();
    assert_eq!(seen, [("response-media-type", 2), ("response-media-type", 1)], "{}", ran.text());
}

#[tokio::test]
async fn only_what_was_asked_for_is_judged() {
    let mut plan = plan(file("fixtures/check/broken/traffic.ndjson"), Mode::Offline);
    plan.selected = contract(super::DOCUMENT).find("remove_member").map(|index| vec![index]);
    let ran = Ran::of(&plan).await;
    assert_eq!(ran.rules(), ["body-not-allowed"]);
    assert_eq!((ran.summary().records.not_selected, ran.summary().records.total()), (7, 8));
}

#[tokio::test]
async fn the_reference_names_every_rule_and_every_member() {
    let page = fs::read_to_string("docs/check.md").unwrap();
    let rules = standin::finding::RULES.iter().skip_while(|rule| rule.id != "undocumented-status");
    let rules: Vec<_> = rules.take_while(|rule| rule.id != "nothing-judged").collect();
    assert_eq!(rules.len(), 9);
    for rule in rules {
        assert!(page.contains(&format!("| `{}` | {} |", rule.id, rule.severity)), "{}", rule.id);
    }
    let json: serde_json::Value = serde_json::from_str(&ran("broken").await.json()).unwrap();
    let mut open = vec![&json];
    while let Some(value) = open.pop() {
        let members = value.as_object().into_iter().flatten();
        for (name, member) in members {
            assert!(page.contains(&format!("`{name}")), "{name} is not in docs/check.md");
            open.extend(Some(member).filter(|_| name != "statuses"));
        }
        open.extend(value.as_array().into_iter().flatten());
    }
}

#[tokio::test]
async fn a_file_that_is_no_recording_is_one_clear_error() {
    for (path, said) in [
        ("fixtures/check/nowhere.har", "cannot be read: "),
        ("fixtures/check/openapi.yaml", "neither a HAR nor recorded exchanges"),
    ] {
        let ran = Ran::of(&plan(file(path), Mode::Offline)).await;
        assert_eq!(ran.ending(), Ending::Failed);
        let failure = ran.outcome.failure.clone().unwrap();
        assert!(failure.sentence.contains(path) && failure.sentence.contains(said), "{failure:?}");
        assert!(failure.help.unwrap().contains("standin mock --record"));
        assert!(ran.json().contains("\"failure\": {") && ran.junit().contains("<error"));
    }
}

#[tokio::test]
async fn findings_beyond_the_limit_are_counted() {
    let mut lines = String::new();
    for (method, target) in [("GET", "/v1/orgs/acme/members"), ("GET", "/v1/orgs/acme/members/m1")] {
        for status in 205..=999 {
            lines.push_str(&format!(
                r#"{{"standin":1,"request":{{"method":"{method}","target":"{target}"}},"answer":{{"status":{status}}}}}"#
            ));
            lines.push('\n');
        }
    }
    let source = Source::Memory { name: "many.ndjson".to_owned(), bytes: lines.into() };
    let ran = Ran::of(&plan(source, Mode::Offline)).await;
    let summary = ran.summary();
    assert_eq!((ran.found().len(), summary.records.total()), (1_000, 1_590));
    assert!(summary.not_shown > 500 && summary.errors == 1_000 + summary.not_shown, "{summary:?}");
    assert!(ran.text().contains("more findings are not shown"));
}

#[tokio::test]
async fn damaged_recordings_are_judged_as_far_as_they_go() {
    let plan_of =
        |bytes: Vec<u8>| plan(Source::Memory { name: "damaged".to_owned(), bytes: bytes.into() }, Mode::Offline);
    let mut number: u64 = 1;
    let mut below = |limit: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(number >> 33).unwrap() % limit
    };
    let mut judged = 0;
    for path in ["secrets/traffic.har", "broken/traffic.ndjson", "redacted/traffic.ndjson"] {
        let whole = fs::read(Path::new(FOLDER).join(path)).unwrap();
        for round in 0..120 {
            let mut bytes = whole.clone();
            if round % 2 == 0 {
                bytes.truncate(below(whole.len()));
            } else {
                for _ in 0..4 {
                    let at = below(bytes.len());
                    bytes[at] = [b'"', b'{', b'0', 0xff, b'%', b'\n', b'~', 0xc3][below(8)];
                }
            }
            let ran = Ran::of(&plan_of(bytes)).await;
            let Some(Event::Started(start)) = ran.events.first() else { continue };
            assert_eq!(ran.summary().records.total(), start.records);
            assert!(!ran.json().is_empty() && !ran.junit().is_empty() && !ran.text().is_empty());
            judged += ran.summary().records.judged();
        }
    }
    assert!(judged > 500, "{judged}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_shell_reads_the_command_as_the_request() {
    let ran = ran("secrets").await;
    let found = ran.found().into_iter().find(|found| found.request.starts_with("POST")).unwrap();
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {}", found.again.as_ref().unwrap());
    let variables = [("STANDIN_TOKEN", "t 1"), ("STANDIN_X_API_KEY", "$k"), ("STANDIN_SECRET_1", "p'w")];
    let run = std::process::Command::new("sh").arg("-c").arg(script).envs(variables).output().unwrap();
    let words = String::from_utf8(run.stdout).unwrap();
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(
        words,
        [
            "-si",
            "https://api.example.com/v1/orgs/acme/members",
            "-H",
            "Authorization: Bearer t 1",
            "-H",
            "Cookie: ",
            "-H",
            "X-Api-Key: $k",
            "-H",
            "Content-Type: application/json",
            "--data-binary",
            r#"{"email":"ada@example.com","password":"p'w"}"#
        ]
    );
}
