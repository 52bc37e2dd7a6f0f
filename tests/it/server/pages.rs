//! The page at `/`.

use super::harness::Setup;

const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[test]
fn a_browser_gets_a_page_and_a_program_a_problem() {
    let story = "scenario: slow\nsummary: Everything & <b>more</b>.\non:\n  '*':\n    - reply: { status: 503, delay: 1s }\nstrict: false\n";
    let server = Setup { scenario: Some(story), ..Setup::new() }.start();
    let page = server.ask(&format!("GET /\n{BROWSER}"));
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let text = page.text();
    for part in [
        "<title>Organization invitations</title>",
        "POST /api/v1/org/{org}/invitations",
        "Prefer: code=429",
        "<code>slow</code></td><td>Everything &amp; &lt;b&gt;more&lt;/b&gt;.",
        "href=\"/_standin/document\"",
        "href=\"/_standin/exchanges\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script") && !text.contains("src=") && !text.contains("//fonts"));
    for head in ["GET /", "GET /\nAccept: application/json", "GET /?a\nAccept: */*", &format!("POST /\n{BROWSER}")] {
        let answer = server.ask(head);
        assert_eq!((answer.status.as_u16(), answer.header("standin-why")), (404, Some("no-operation")), "{head}");
    }
    assert_eq!(server.stop().summary.calls, 4);
}

#[test]
fn a_document_with_a_root_of_its_own_keeps_it() {
    let server = Setup { document: "tests/it/server/rooted.yaml".to_owned(), ..Setup::new() }.start();
    let answer = server.ask(&format!("GET /\n{BROWSER}"));
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "welcome"));
}

#[test]
fn what_a_document_says_is_escaped() {
    let server = Setup { document: "tests/it/server/hostile.yaml".to_owned(), ..Setup::new() }.start();
    let page = server.ask(&format!("GET /\n{BROWSER}"));
    let text = page.text();
    assert!(!text.contains("<img") && !text.contains("<script"), "{text}");
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{text}");
    // Nor does a command to copy end where the document says so.
    assert!(text.contains("it&#39;\\&#39;&#39;s"), "{text}");
}
