//! Exchanges for tests: a typical one, and any number of odd ones.

use std::sync::Arc;
use std::time::Duration;

use super::written::KEYWORDS;
use super::{
    CapturedBody, CapturedRequest, CapturedResponse, Decision, Draw, Drawn, Exchange, Fault, Fields, Limit, Nearest,
    Outcome, Trace, Why,
};
use crate::finding::{Part, Violation};
use crate::message::{HeaderMap, HeaderName, HeaderValue, Method, Moment, StatusCode, Target};

pub(super) fn headers(fields: &[(&'static str, &'static str)]) -> Fields {
    let headers: HeaderMap =
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
    headers.into()
}

/// An invitation that is refused.
pub(super) fn exchange() -> Exchange {
    let request = CapturedRequest {
        method: Method::POST,
        target: Target::parse("/api/v1/org/acme/invitations?dry=1").unwrap(),
        headers: headers(&[("content-type", "application/json"), ("accept", "*/*")]),
        body: CapturedBody::whole(r#"{"email":"ada@","role":"reader"}"#),
    };
    let response = CapturedResponse {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        headers: headers(&[("content-type", "application/json")]),
        body: CapturedBody::whole(r#"{"code":422,"detail":"Validation error","type":"validation_error"}"#),
    };
    let violation = Violation {
        part: Part::Body,
        name: "".into(),
        pointer: "/email".to_owned(),
        keyword: "format",
        sentence: "not an e-mail address".to_owned(),
        expected: None,
        got: Some("\"ada@\"".to_owned()),
        place: None,
    };
    Exchange {
        id: 7,
        began: Moment { wall_ns: 1_795_349_050_000_000_000, mono_ns: 42 },
        session: "default".into(),
        base: Some("http://localhost:4010".into()),
        request,
        outcome: Outcome::Answered(response),
        took: Duration::from_micros(312),
        decision: Some(Decision {
            operation: Some("invite_to_organization".into()),
            call: 1,
            why: Why::InvalidRequest,
            violations: vec![violation],
            ..Decision::default()
        }),
    }
}

/// A small generator (SplitMix64): the same seed, the same numbers.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn text(&mut self) -> String {
        let length = self.below(12);
        (0..length)
            .map(|_| self.one(&['a', 'Z', '"', '\\', '\n', '\r', '\u{0}', 'ü', '\u{2028}', '😀', '/', ' ']))
            .collect()
    }

    fn optional(&mut self) -> Option<String> {
        (self.below(2) == 0).then(|| self.text())
    }

    fn several<T>(&mut self, mut make: impl FnMut(&mut Numbers) -> T) -> Vec<T> {
        let length = self.below(4);
        (0..length).map(|_| make(self)).collect()
    }

    fn fields(&mut self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for _ in 0..self.below(6) {
            let name = self.one(&["accept", "set-cookie", "x-a", "content-type"]);
            let length = self.below(10);
            let value: Vec<u8> =
                (0..length).map(|_| self.one(&[b' ', b'a', b'"', 0x80, 0xff, b'\t', 0xc3, 0xbc])).collect();
            headers.append(name, HeaderValue::from_bytes(&value).unwrap());
        }
        headers
    }

    fn body(&mut self) -> CapturedBody {
        let bytes = match self.below(3) {
            0 => Vec::new(),
            1 => self.text().into_bytes(),
            _ => self.several(|numbers| u8::try_from(numbers.below(256)).unwrap()),
        };
        CapturedBody { bytes: bytes.into(), cut: self.below(4) == 0 }
    }
}

/// An odd exchange, the same for the same seed.
pub(super) fn random(seed: u64) -> Exchange {
    let mut n = Numbers(seed);
    let outcome = match n.below(6) {
        0 => Outcome::Reset,
        1 => Outcome::Hung,
        2 => Outcome::TimedOut,
        _ => Outcome::Answered(CapturedResponse {
            status: StatusCode::from_u16(n.one(&[101, 200, 204, 404, 426, 599, 999])).unwrap(),
            headers: n.fields().into(),
            body: n.body(),
        }),
    };
    let decision = (n.below(2) == 0).then(|| Decision {
        operation: n.optional().map(Arc::from),
        call: n.next(),
        why: [Why::Document, Why::Scenario { name: n.text().into(), line: 3, call: n.next() }][n.below(2)].clone(),
        violations: n.several(|n| Violation {
            part: n.one(&[Part::Body, Part::MediaType, Part::Header]),
            name: n.text().into(),
            pointer: n.text(),
            keyword: n.one(KEYWORDS),
            sentence: n.text(),
            expected: n.optional(),
            got: n.optional(),
            place: None,
        }),
        notes: n.several(Numbers::text),
        nearest: n.several(|n| Nearest { operation: n.text().into(), difference: n.text() }),
        undocumented: n.several(Numbers::text),
        example: n.optional().map(Arc::from),
        applied: n.several(Numbers::text),
        delay: Duration::from_nanos(n.next()),
        fault: Fault::parse(n.one(&["none", "reset", "empty", "hang", "truncate:12.5%"])).ok(),
        draws: n.several(|n| Draw {
            rule: (n.below(2) == 0).then(|| (n.text().into(), n.text().into())),
            of: n.text(),
            seed: n.next(),
            drawn: match n.below(2) {
                0 => Drawn::Chance { number: n.next(), hit: n.below(2) == 0 },
                _ => Drawn::Delay(Duration::from_nanos(n.next())),
            },
        }),
        limits: n.several(|n| Limit {
            scenario: n.text().into(),
            rule: n.text().into(),
            limit: n.next(),
            remaining: n.next(),
            more_in: (n.below(2) == 0).then(|| Duration::from_nanos(n.next())),
            allowed: n.below(2) == 0,
        }),
        failed: None,
        trace: Trace::default(),
    });
    Exchange {
        id: n.next().max(1),
        began: Moment { wall_ns: n.next().cast_signed(), mono_ns: n.next() },
        session: n.text().into(),
        base: n.optional().map(Arc::from),
        request: CapturedRequest {
            method: n.one(&[Method::GET, Method::POST, Method::from_bytes(b"x-Own").unwrap()]),
            target: Target::parse(n.one(&["/", "/a?b=%20c", "/a//b?", "/%F0%9F?=&"])).unwrap(),
            headers: n.fields().into(),
            body: n.body(),
        },
        outcome,
        took: Duration::from_nanos(n.next()),
        decision,
    }
}

/// That two exchanges are alike in everything. By their debug text, because a violation's place has no equality.
pub(super) fn assert_same(one: &Exchange, other: &Exchange) {
    assert_eq!(one.request, other.request);
    assert_eq!(one.outcome, other.outcome);
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}
