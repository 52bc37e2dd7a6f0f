//! The admin pages against their own document: every answer is one that it describes, every operation is seen to succeed.

use standin::message::{Body, Method, Response};

use super::admin::told;
use super::harness::{Answer, contract};

/// A scenario, as it is uploaded.
pub(super) const GONE: &str =
    "scenario: gone\nsummary: It is gone.\non:\n  list_my_pending_invitations:\n    - reply: 504\n";

const JSON: &str = "Content-Type: application/json";
const YAML: &str = "Content-Type: application/yaml";

/// What is asked, in this order: the first line with fields behind, the content, the status. The session `t1` is there.
pub(crate) fn asked() -> Vec<(String, String, u16)> {
    let s = "/_standin/sessions/t1";
    let plain = |head: &str, status| (head.to_owned(), String::new(), status);
    let with = |head: String, kind: &str, body: &str, status| (format!("{head}\n{kind}"), body.to_owned(), status);
    vec![
        plain("GET /_standin/", 200),
        plain("GET /_standin/health", 200),
        plain("GET /_standin/ready", 200),
        plain("GET /_standin/document", 200),
        plain("GET /_standin/document/openapi", 200),
        plain("GET /_standin/document/ada", 404),
        plain("GET /_standin/openapi.yaml", 200),
        plain("GET /_standin/exchanges", 200),
        plain("GET /_standin/exchanges?limit=1", 200),
        plain("GET /_standin/exchanges?limit=0", 400),
        plain("GET /_standin/exchanges?limit=x", 400),
        plain("GET /_standin/exchanges?session=t1&status=4XX&since=0&before=99&method=GET&path=invitations", 200),
        plain("GET /_standin/exchanges?why=prefer&unmatched=false&fault=none&operation=", 200),
        plain("GET /_standin/exchanges?sesion=t1", 400),
        plain("GET /_standin/exchanges\nAccept: application/har+json", 200),
        plain("GET /_standin/exchanges.har", 200),
        plain("GET /_standin/exchanges.har?limit=1&unmatched=true", 200),
        plain("GET /_standin/exchanges.har?why=documnet", 400),
        plain("GET /_standin/exchanges/tail?since=0&limit=1&status=4XX", 200),
        plain("GET /_standin/exchanges/tail?since=0&before=2", 400),
        plain("GET /_standin/exchanges?since=0&limit=1\nAccept: text/event-stream", 200),
        plain("GET /_standin/coverage", 200),
        plain("GET /_standin/verify", 200),
        plain(&format!("GET {s}/verify"), 200),
        plain("GET /_standin/sessions/nobody/verify", 404),
        with(
            "POST /_standin/verify".to_owned(),
            JSON,
            r#"{"operation":"list_my_pending_invitations","session":"t1","times":1}"#,
            200,
        ),
        with(
            "POST /_standin/verify".to_owned(),
            JSON,
            r#"{"operation":"list_my_pending_invitations","session":"t1","at_least":2,"at_most":3,"status":"4XX","when":{"header":{"x":"y"}}}"#,
            200,
        ),
        with("POST /_standin/verify".to_owned(), JSON, r#"{"operation":"list_my_pending_invitation"}"#, 422),
        with("POST /_standin/verify".to_owned(), JSON, r#"{"operation":"get_org","when":{"body":{"/x":[1]}}}"#, 422),
        with("POST /_standin/verify".to_owned(), JSON, "{", 400),
        with("POST /_standin/verify".to_owned(), YAML, "{}", 415),
        plain("GET /_standin/exchanges/1", 200),
        plain("GET /_standin/exchanges/2", 200),
        plain("GET /_standin/exchanges/3", 200),
        plain("GET /_standin/exchanges/4", 200),
        plain("GET /_standin/exchanges/5", 200),
        plain("GET /_standin/exchanges/99", 404),
        plain("GET /_standin/exchanges/ada", 404),
        plain("GET /_standin/health\nOrigin: http://evil.test", 403),
        plain("GET /_standin/document\nHost: evil.test", 403),
        plain("GET /_standin/scenarios", 200),
        plain("GET /_standin/sessions", 200),
        plain(&format!("GET {s}"), 200),
        plain("GET /_standin/sessions/nobody", 404),
        plain("GET /_standin/sessions/a%20b", 400),
        plain(&format!("GET {s}/counters"), 200),
        plain("GET /_standin/sessions/nobody/counters", 404),
        with(format!("PUT {s}/scenarios/gone"), YAML, GONE, 200),
        with(format!("PUT {s}/scenarios/gone"), "Content-Type: application/yaml; charset=utf-8", GONE, 200),
        with(format!("PUT {s}/scenarios/other"), YAML, GONE, 422),
        with(
            format!("PUT {s}/scenarios/gone"),
            YAML,
            "scenario: gone\non:\n  list_my_invitations:\n    - reply: 504\n",
            422,
        ),
        with(format!("PUT {s}/scenarios/gone"), YAML, "scenario: [", 422),
        with(format!("PUT {s}/scenarios/gone"), "Content-Type: text/plain", GONE, 415),
        with(format!("PUT {s}/scenarios/gone"), "X: y", GONE, 415),
        with(format!("PUT {s}/scenarios/gone"), YAML, &"#".repeat((1 << 20) + 8192), 413),
        with(format!("PUT {s}/scenarios"), JSON, r#"{"active":["gone"]}"#, 200),
        with(format!("PUT {s}/scenarios"), JSON, r#"{"active":["gnoe"]}"#, 422),
        with(format!("PUT {s}/scenarios"), JSON, r#"{"active":"gone"}"#, 422),
        with(format!("PUT {s}/scenarios"), JSON, r#"{"active":["#, 400),
        with(format!("PUT {s}/scenarios"), "Content-Type: application/x-www-form-urlencoded", "active=gone", 415),
        plain(&format!("GET {s}/scenarios"), 200),
        plain(&format!("GET {s}/scenarios/gone"), 200),
        plain(&format!("GET {s}/scenarios/gnoe"), 404),
        with(format!("PUT {s}/on/list_my_pending_invitations"), JSON, r#"{"reply":429}"#, 200),
        with(format!("PUT {s}/on/GET%20%2Fapi%2Fv1%2Finvitations%2Fme"), JSON, "409", 200),
        with(format!("PUT {s}/on/*?strict=false"), YAML, "chance: 1%\nreply: { status: 418 }\n", 200),
        with(format!("PUT {s}/on/list_my_invitations"), JSON, "409", 404),
        with(format!("PUT {s}/on/list_my_pending_invitations"), JSON, "418", 422),
        with(format!("PUT {s}/on/list_my_pending_invitations"), JSON, r#"{"replies":409}"#, 422),
        with(format!("PUT {s}/on/list_my_pending_invitations"), JSON, "[409]", 422),
        plain(&format!("GET {s}/on"), 200),
        plain(&format!("GET {s}/on/list_my_pending_invitations"), 200),
        plain(&format!("GET {s}/on/get_org"), 404),
        with(format!("PUT {s}/clock"), JSON, r#"{"frozen":true,"advance":"30s","offset":"2h"}"#, 200),
        with(format!("PUT {s}/clock"), JSON, r#"{"advance":"soon"}"#, 422),
        plain(&format!("GET {s}/clock"), 200),
        plain(&format!("GET {s}"), 200),
        plain("GET /_standin/sessions", 200),
        plain(&format!("DELETE {s}/on/list_my_pending_invitations"), 204),
        plain(&format!("DELETE {s}/on/list_my_pending_invitations"), 404),
        plain(&format!("DELETE {s}/scenarios/gone"), 204),
        plain(&format!("DELETE {s}/scenarios/gone"), 404),
        plain(&format!("DELETE {s}/scenarios"), 200),
        plain("GET /_standin/use", 200),
        plain("GET /_standin/use?session=t2", 200),
        plain("GET /_standin/use?session=t2&to=/", 303),
        plain("GET /_standin/use?session=t2&to=http://evil.test/", 400),
        plain("GET /_standin/use?session=t2&scenario=none", 422),
        plain(&format!("POST {s}/reset"), 204),
        plain("POST /_standin/sessions/nobody/reset", 404),
        plain("POST /_standin/reset", 204),
        with("POST /_standin/reset".to_owned(), "Content-Type: text/plain", "x", 415),
        plain(&format!("DELETE {s}"), 204),
        plain(&format!("DELETE {s}"), 404),
        plain("DELETE /_standin/sessions", 200),
    ]
}

#[test]
fn they_are_as_their_document_says() {
    let server = told();
    for fault in ["reset", "truncate:12.5%"] {
        let mut client = server.connect();
        client.send(&format!("GET /api/v1/org/acme HTTP/1.1\r\nHost: localhost\r\nPrefer: fault={fault}\r\n\r\n"));
        client.rest();
    }
    let described = contract("fixtures/admin/openapi.yaml");
    let mut seen = Vec::new();
    for (head, body, status) in asked() {
        let (method, target) = head.lines().next().unwrap().split_once(' ').unwrap();
        let path = target.split('?').next().unwrap();
        let method: Method = method.parse().unwrap();
        let route = described.route(&method, path, None).unwrap_or_else(|miss| panic!("{path}: {miss:?}"));
        let operation = described.operation(route.operation);
        let as_page = format!("{head}\nAccept: text/html,*/*;q=0.8");
        let heads = if method == Method::GET { vec![head.clone(), as_page] } else { vec![head.clone()] };
        for head in heads {
            let answer = server.ask_with(&head, &body);
            assert_eq!(answer.status, status, "{head}: {}", answer.text());
            let Answer { status, headers, body } = answer;
            let response = Response { status, headers, body: Body::from(body) };
            let judged = operation.check_response(&method, &response, false);
            assert!(judged.violations.is_empty(), "{head}: {:?}", judged.violations);
            assert!(judged.undecided.is_empty(), "{head}: {:?}", judged.undecided);
            seen.push((operation.key.clone(), status));
        }
    }
    for index in 0..described.heads().len() {
        let operation = described.operation(index);
        let succeeded = seen.iter().any(|(key, status)| *key == operation.key && status.as_u16() < 400);
        assert!(succeeded, "{} was never seen to succeed", operation.key);
    }
}
