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
        "<code>slow</code></td><td><strong>active</strong> Everything &amp; &lt;b&gt;more&lt;/b&gt;.",
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

/// What a command of the page asks for: the head, the content and the status.
fn asked(command: &str, base: &str) -> (String, String, Option<u16>) {
    let mut words = command.split('\'').collect::<Vec<_>>().into_iter();
    let (mut method, mut target, mut fields, mut body) =
        ("GET".to_owned(), String::new(), String::new(), String::new());
    while let (Some(before), Some(quoted)) = (words.next(), words.next()) {
        match before.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["-H"] => fields.push_str(&format!("\n{quoted}")),
            ["-d"] => body = quoted.to_owned(),
            ["curl", "-si", rest @ ..] => {
                if let ["-X", other] = rest {
                    method = (*other).to_owned();
                }
                target = quoted.strip_prefix(base).unwrap_or_else(|| panic!("{quoted}")).to_owned();
            }
            other => panic!("{other:?} in {command}"),
        }
    }
    let status = fields.split_once("Prefer: code=").map(|(_, code)| code.parse().unwrap());
    (format!("{method} {target}{fields}"), body, status)
}

#[test]
fn every_command_on_the_page_is_answered_as_it_asks() {
    let server = Setup::new().start();
    let base = format!("http://localhost:{}", server.port());
    let page = server.ask(&format!("GET /\nHost: localhost:{}\n{BROWSER}", server.port()));
    let text = page.text().replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let (mut commands, mut successes) = (0, 0);
    for line in text.lines().filter_map(|line| Some(&line[line.find("curl ")?..])) {
        let (head, body, status) = asked(line.trim_end_matches("</pre></details>"), &base);
        let answer = server.ask_with(&head, &body);
        match status {
            Some(status) => assert_eq!(answer.status.as_u16(), status, "{line}"),
            None => assert!(answer.status.is_success(), "{line}: {}", answer.text()),
        }
        commands += 1;
        successes += usize::from(status.is_none());
    }
    assert_eq!((commands, successes), (12 * 12, 12));
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
