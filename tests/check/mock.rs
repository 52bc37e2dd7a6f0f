//! The mock and the check held against each other: what the mock answers, recorded as it records, has no finding; one answer
//! broken on purpose has one.

use std::sync::Arc;

use bytes::Bytes;
use standin::check::{Ending, Mode, Plan, Source};
use standin::contract::Contract;
use standin::message::{HeaderMap, HeaderValue, Method, Moment, Request, Response, Target};
use standin::mock::{Mock, Options, State};
use standin::traffic::{CapturedRequest, CapturedResponse, Exchange, Outcome, Redactor, ndjson};

use super::server::{Asked, Does, Server};
use super::{Ran, contract, live};

const BUNDLED: &str = "fixtures/invitation/openapi.yaml";

struct Standin {
    mock: Mock,
    state: State,
}

impl Standin {
    fn new(contract: &Arc<Contract>) -> Standin {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let (mock, _) = Mock::new(contract.clone(), Options { now, ..Options::default() }, Vec::new(), Vec::new());
        let state = State::new(&mock);
        Standin { mock, state }
    }

    fn answer(&self, request: Request) -> (Request, Response) {
        let reply = self.mock.answer(&self.state, request, Moment::default());
        (reply.request, reply.answer)
    }
}

/// Every operation with every documented status, and requests for none.
fn requests(contract: &Contract) -> Vec<Request> {
    let mut requests = Vec::new();
    let fill = |template: &str| {
        let segments = template.split('/').map(|segment| match segment {
            "{org}" => "acme",
            segment if segment.starts_with('{') => "8f14e45f-ceea-467f-9c0b-9d2c7c1f4a11",
            segment => segment,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    for (index, head) in contract.heads().iter().enumerate() {
        let operation = contract.operation(index);
        for response in &operation.responses {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", HeaderValue::from_static("Bearer planted-bearer-secret"));
            headers.insert("prefer", HeaderValue::from_str(&format!("code={}", response.range)).unwrap());
            let mut body = "";
            if operation.request.is_some() {
                headers.insert("content-type", HeaderValue::from_static("application/json"));
                body = match &*head.key {
                    "respond_to_invitation" => r#"{"accept": true}"#,
                    _ => r#"{"email": "ada@example.com", "role": "contributor"}"#,
                };
            }
            let target = Target::parse(&fill(&head.template)).unwrap();
            requests.push(Request { method: head.method.clone(), target, headers, body: body.to_owned().into() });
        }
    }
    for (method, target) in [(Method::GET, "/api/v1/nothing"), (Method::PATCH, "/api/v1/invitations/me")] {
        let target = Target::parse(target).unwrap();
        requests.push(Request { method, target, headers: HeaderMap::new(), body: Default::default() });
    }
    requests
}

/// The recording of these requests, as the server records.
fn recording(contract: &Arc<Contract>) -> Source {
    let standin = Standin::new(contract);
    let redactor = Redactor::new(&[3; 32]);
    let mut bytes = Vec::new();
    for (index, request) in requests(contract).into_iter().enumerate() {
        let (request, answer) = standin.answer(request);
        let exchange = Exchange {
            id: index as u64 + 1,
            began: Moment::default(),
            session: "default".into(),
            base: Some("http://localhost:4010".into()),
            request: CapturedRequest::of(&request),
            outcome: Outcome::Answered(CapturedResponse::of(&answer)),
            took: Default::default(),
            decision: None,
        };
        ndjson::write(&mut bytes, &redactor.redact(&exchange)).unwrap();
    }
    Source::Memory { name: "mock.ndjson".to_owned(), bytes: Bytes::from(bytes) }
}

fn plan(contract: Arc<Contract>, traffic: Source, mode: Mode) -> Plan {
    let document = "bundled".to_owned();
    Plan { contract, document, traffic: vec![traffic], selected: None, mode, key: [7; 32], seed: 0 }
}

/// A server with the mock behind it, one of its answers edited.
async fn serve(
    contract: &Arc<Contract>,
    edit: impl Fn(&Asked, Response) -> Response + Send + Sync + 'static,
) -> Server {
    let standin = Standin::new(contract);
    Server::start(move |asked| {
        let target = Target::parse(&asked.target).unwrap();
        let (method, headers, body) = (asked.method.clone(), asked.headers.clone(), asked.body.clone().into());
        let (_, answer) = standin.answer(Request { method, target, headers, body });
        Does::Answer(edit(asked, answer))
    })
    .await
}

#[tokio::test]
async fn what_the_mock_answers_has_no_finding() {
    let contract = contract(BUNDLED);
    let traffic = recording(&contract);
    let offline = Ran::of(&plan(contract.clone(), traffic.clone(), Mode::Offline)).await;
    assert!(offline.found().is_empty(), "{}", offline.text());
    assert_eq!(offline.ending(), Ending::Clean);
    let (records, operations) = (offline.summary().records, contract.heads().len());
    assert_eq!((records.invalid, records.not_decided, records.unrouted), (0, 0, 2), "{}", offline.text());
    assert_eq!(offline.summary().operations_checked(), operations);

    let server = serve(&contract, |_, answer| answer).await;
    let mut target = live(&format!("http://localhost:{}", server.port));
    target.fields = vec![("authorization".parse().unwrap(), HeaderValue::from_static("Bearer planted-given-secret"))];
    let ran = Ran::of(&plan(contract.clone(), traffic, Mode::Live(Box::new(target)))).await;
    assert!(ran.found().is_empty(), "{}", ran.text());
    assert_eq!((ran.ending(), ran.summary().other_status), (Ending::Clean, 0), "{}", ran.text());
    assert_eq!(ran.summary().records, records);
    assert!(!ran.reports().contains("planted"));
}

#[tokio::test]
async fn one_answer_of_the_mock_broken_on_purpose_is_found() {
    type Edit = fn(Response) -> Response;
    fn edited(mut answer: Response, edit: impl Fn(&mut serde_json::Value)) -> Response {
        let mut value = serde_json::from_slice(&answer.body.bytes()).unwrap();
        edit(&mut value);
        answer.body = value.to_string().into();
        answer
    }
    let cases: [(&str, &str, &str, Edit); 5] = [
        ("200", "response-body", "/email", |answer| edited(answer, |value| value["email"] = 7.into())),
        ("200", "response-body", "/id", |answer| {
            edited(answer, |value| {
                value.as_object_mut().unwrap().remove("id");
            })
        }),
        ("200", "undocumented-status", "", |answer| Response { status: http::StatusCode::CREATED, ..answer }),
        ("200", "response-media-type", "", |mut answer| {
            answer.headers.insert("content-type", HeaderValue::from_static("text/html"));
            answer
        }),
        ("409", "envelope-status", "/code", |answer| edited(answer, |value| value["code"] = 401.into())),
    ];
    let contract = contract(BUNDLED);
    for (code, rule, pointer, edit) in cases {
        let server = serve(&contract, move |asked, answer| {
            let asked_for = asked.header("prefer") == Some(&format!("code={code}"));
            if asked_for && asked.line() == "POST /api/v1/org/acme/invitations" { edit(answer) } else { answer }
        })
        .await;
        let mut target = live(&format!("http://localhost:{}", server.port));
        target.fields = vec![("authorization".parse().unwrap(), HeaderValue::from_static("Bearer x"))];
        let ran = Ran::of(&plan(contract.clone(), recording(&contract), Mode::Live(Box::new(target)))).await;
        assert_eq!(ran.rules(), [rule], "{}", ran.text());
        let found = ran.found()[0];
        assert_eq!(
            (found.finding.operation.as_deref(), found.pointer.as_str()),
            (Some("invite_to_organization"), pointer)
        );
        assert_eq!(ran.ending(), Ending::Findings);
    }
}
