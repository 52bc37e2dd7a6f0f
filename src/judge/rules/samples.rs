//! A small API and exchanges with it, for the tests of the rules.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::{BasePath, Contract};
use crate::document::{Document, Documents, Source};
use crate::judge::{Judgement, judge};
use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Moment, StatusCode, Target};
use crate::traffic::{CapturedBody, CapturedRequest, CapturedResponse, Exchange, Outcome};

pub(crate) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Things, version: '1' }
security: [ { token: [] } ]
paths:
  /things:
    get:
      responses:
        '200':
          description: ok
          headers:
            X-Total: { required: true, schema: { type: integer } }
            X-Token-Id: { schema: { type: string, pattern: '^[a-z]{3}$' } }
          content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Thing' } } } }
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '201': { description: made } }
  /things/{id}:
    get:
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
        '404': { description: none, content: { application/json: { schema: { type: object } } } }
        '422':
          description: bad
          content: { application/json: { schema: { properties: { code: { enum: [100, 190] } } } } }
    delete:
      responses: { '202': { description: later }, '204': { description: gone } }
  /texts:
    get:
      responses:
        '200':
          description: of every form
          content:
            text/plain: { schema: { type: integer } }
            text/csv: { schema: { type: array, items: { type: object } } }
            text/event-stream: { schema: { $ref: '#/components/schemas/Thing' } }
            text/xml: { schema: { $ref: '#/components/schemas/Thing' } }
            '*/*': { schema: { $ref: '#/components/schemas/Thing' } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: { type: string, maxLength: 10 }
        pin: { type: integer }
        either: { oneOf: [ { properties: { secret: { pattern: '^a' } } }, { properties: { secret: { pattern: '^b' } } } ] }
"##;

fn contract() -> Arc<Contract> {
    let document = Document::read(Source::new("things.yaml", DOCUMENT)).document.unwrap();
    let (contract, findings) = Contract::load(Arc::new(Documents::single(document)), &BasePath::default());
    assert!(findings.is_empty(), "{findings:?}");
    Arc::new(contract.unwrap())
}

pub(crate) struct Sample(Exchange);

impl Sample {
    fn new(method: Method, target: &str, body: &str) -> Sample {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        if !body.is_empty() {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        let body = CapturedBody::whole(body.to_owned());
        let headers = headers.into();
        let request = CapturedRequest { method, target: Target::parse(target).unwrap(), headers, body };
        Sample(Exchange {
            id: 1,
            began: Moment::default(),
            session: "default".into(),
            base: None,
            request,
            outcome: Outcome::Reset,
            took: Duration::ZERO,
            decision: None,
        })
    }

    pub(crate) fn get(target: &str) -> Sample {
        Sample::new(Method::GET, target, "")
    }

    pub(crate) fn head(target: &str) -> Sample {
        Sample::new(Method::HEAD, target, "")
    }

    pub(crate) fn delete(target: &str) -> Sample {
        Sample::new(Method::DELETE, target, "")
    }

    pub(crate) fn post(target: &str, body: &str) -> Sample {
        Sample::new(Method::POST, target, body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Sample {
        let mut headers = self.0.request.headers.to_map();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        self.0.request.headers = headers.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Sample {
        let mut headers = self.0.request.headers.to_map();
        headers.remove(name);
        self.0.request.headers = headers.into();
        self
    }

    pub(crate) fn answer(mut self, status: u16, fields: &[(&str, &str)], body: &str) -> Sample {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let (headers, body) = (headers.into(), CapturedBody::whole(body.to_owned()));
        self.0.outcome =
            Outcome::Answered(CapturedResponse { status: StatusCode::from_u16(status).unwrap(), headers, body });
        self
    }

    pub(crate) fn cut(mut self) -> Sample {
        if let Outcome::Answered(response) = &mut self.0.outcome {
            response.body.cut = true;
        }
        self
    }

    pub(crate) fn exchange(self) -> Exchange {
        self.0
    }

    pub(crate) fn judge(&self) -> Judgement {
        judge(&contract(), &self.0)
    }
}

/// The rules that saw something.
pub(crate) fn rules(judgement: &Judgement) -> Vec<&'static str> {
    judgement.findings.iter().map(|seen| seen.rule).collect()
}
