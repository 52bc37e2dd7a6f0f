//! `standin explain`.

use insta::assert_snapshot;

use crate::program::Folder;

#[test]
fn alone_it_lists_every_rule() {
    let ran = Folder::new().run("explain");
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    for rule in standin::finding::RULES {
        assert!(ran.out.contains(rule.id) && ran.out.contains(rule.what), "{}", rule.id);
    }
}

#[test]
fn a_rule_is_told_whole() {
    let ran = Folder::new().run("explain dangling-ref");
    let rule = standin::finding::rule("dangling-ref").expect("in the table");
    let told = [("what", rule.what), ("why", rule.why), ("example", rule.example), ("remedy", rule.remedy)];
    let lines: String = told.iter().map(|(name, said)| format!("  {name:<9}{said}\n")).collect();
    assert_eq!((ran.exit, ran.out), (0, format!("dangling-ref    error\n{lines}")));
}

#[test]
fn a_scenario_is_a_timeline() {
    assert_snapshot!(Folder::new().run("explain throttled-then-recovers").all(), @r"
    throttled-then-recovers   The third invitation meets the rate limit (429, wait two seconds); the next one goes through.

    invite_to_organization   POST /api/v1/org/{org}/invitations
      every call
        1-2   as documented
        3     429 Too Many Requests   Rate limited · Retry-After: 2
        4+    as documented

    expected of the client
      invite_to_organization   honours-retry-after

    as a client tells it
      1 invite_to_organization, 2 times   2XX
      2 invite_to_organization            429                       body { email: ada@example.com, role: contributor } → header retry-after = 2
      3 invite_to_organization            2XX   after retry-after   body { email: ada@example.com, role: contributor } → body email = ada@example.com
    --- stderr
    standin 0.1.0   bundled invitation API (no DOCUMENT given)   OpenAPI 3.1.1, 12 operations
    --- exit 0
    ");
}

#[test]
fn a_scenario_of_ones_own_is_held_to_the_document_that_lies_here() {
    let document = "openapi: 3.1.0\ninfo: { title: A, version: '1' }\npaths:\n  /a:\n    get:\n      operationId: get_a\n      responses: { '200': { description: A }, '404': { description: None } }\n";
    let folder = Folder::new()
        .with("openapi.yaml", document)
        .with("scenarios/gone.yaml", "scenario: gone\nsummary: It is gone.\non: { get_a: [{ reply: 404 }] }\n");
    let ran = folder.run("explain gone");
    assert_eq!(ran.exit, 0, "{}", ran.all());
    assert!(ran.out.starts_with("gone   It is gone.") && ran.out.contains("get_a   GET /a"), "{}", ran.out);
    assert!(ran.err.contains("   openapi.yaml   "), "{}", ran.err);
    assert!(folder.run("explain").out.contains("in the folder `scenarios`\n  gone  It is gone.\n"));
    // The shipped ones stay with the bundled document, and say so.
    let ran = folder.run("explain upstream-flaky openapi.yaml");
    assert_eq!(ran.exit, 3);
    assert!(ran.err.contains("belongs to the bundled document"), "{}", ran.err);
}

#[test]
fn a_name_that_nothing_has_is_told_the_nearest() {
    let ran = Folder::new().run("explain dangling-refs");
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("did you mean `standin explain dangling-ref`?"), "{}", ran.err);
}
