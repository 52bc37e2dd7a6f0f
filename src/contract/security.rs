//! Credentials: whether a request carries any that are well-formed. Whose they are is nobody's business here.

use base64::Engine as _;

use super::{Call, Checked, Contract};
use crate::finding::{Part, Violation};
use crate::message::{HeaderValue, Request, cookies, query_pairs};
use crate::spec::{In, Requirement, Scheme, SchemeKind};

use super::call::same_name;

/// Schemes that have to be met together; indices into [`Contract::schemes`].
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Empty: no credentials needed.
    pub schemes: Vec<usize>,
}

impl Alternative {
    /// A requirement of one document, whose schemes come after `others` in the list.
    pub(super) fn new(requirement: Requirement, others: usize) -> Alternative {
        Alternative { schemes: requirement.schemes.into_iter().map(|scheme| scheme + others).collect() }
    }
}

/// The challenges of a 401 (RFC 9110 §11.6.1), one field each.
pub type Challenge = Vec<HeaderValue>;

/// What a request shows for one scheme.
enum Shown {
    Fine,
    Missing,
    Malformed(&'static str),
    /// A message does not show it (`mutualTLS`).
    Unseen,
}

/// Adds what is missing or malformed, unless one alternative is met.
pub(super) fn check(call: &Call, checked: &mut Checked) {
    let alternatives = &call.operation().security;
    let schemes = call.contract().schemes();
    let mut unseen = false;
    let mut first: Option<(&Scheme, Shown)> = None;
    for alternative in alternatives {
        let mut met = true;
        let wanted = || alternative.schemes.iter().map(|index| &schemes[*index]);
        // There is one `Authorization` field: where several schemes ask for it at once, one of them is all that can be shown.
        let together = wanted().filter(|scheme| is_authorization(scheme)).count() > 1;
        let shared = together && wanted().any(|scheme| is_authorization(scheme) && is_fine(call.request(), scheme));
        for scheme in wanted().filter(|scheme| !(shared && is_authorization(scheme))) {
            match shown(call.request(), scheme) {
                Shown::Fine => {}
                Shown::Unseen => unseen = true,
                bad => {
                    met = false;
                    // Credentials that are there but wrong tell more than those that are not there at all.
                    let tells_more =
                        matches!((&first, &bad), (None, _) | (Some((_, Shown::Missing)), Shown::Malformed(_)));
                    if tells_more {
                        first = Some((scheme, bad));
                    }
                }
            }
        }
        if met {
            checked.undecided |= unseen;
            return;
        }
    }
    if let Some((scheme, bad)) = first {
        checked.violations.push(violation(scheme, &bad));
    }
}

fn is_authorization(scheme: &Scheme) -> bool {
    matches!(scheme.kind, SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::OtherHttp(_))
}

fn is_fine(request: &Request, scheme: &Scheme) -> bool {
    matches!(shown(request, scheme), Shown::Fine)
}

fn violation(scheme: &Scheme, bad: &Shown) -> Violation {
    let (name, example) = match &scheme.kind {
        SchemeKind::Bearer => ("authorization".to_owned(), "`Authorization: Bearer x`".to_owned()),
        SchemeKind::Basic => ("authorization".to_owned(), "`Authorization: Basic eDp5`".to_owned()),
        SchemeKind::OtherHttp(word) => ("authorization".to_owned(), format!("`Authorization: {word} x`")),
        SchemeKind::ApiKey { place, name } => (
            name.clone(),
            match place {
                In::Query => format!("`?{name}=x`"),
                In::Cookie => format!("`Cookie: {name}=x`"),
                _ => format!("`{name}: x`"),
            },
        ),
        SchemeKind::Unseen(word) => (word.clone(), word.clone()),
    };
    let (keyword, sentence) = match bad {
        Shown::Malformed(why) => ("malformed", format!("{why}; any that is well-formed will do, e.g. {example}")),
        _ => ("missing", format!("no credentials; any will do, e.g. {example}")),
    };
    Violation {
        part: Part::Credentials,
        name: name.into(),
        pointer: String::new(),
        keyword,
        sentence,
        expected: Some(example),
        got: None,
        place: None,
    }
}

fn shown(request: &Request, scheme: &Scheme) -> Shown {
    match &scheme.kind {
        SchemeKind::Bearer => authorization(request, "bearer", |_| true),
        SchemeKind::Basic => authorization(request, "basic", |credentials| {
            base64::engine::general_purpose::STANDARD.decode(credentials).is_ok_and(|plain| plain.contains(&b':'))
        }),
        SchemeKind::OtherHttp(word) => authorization(request, word, |_| true),
        SchemeKind::ApiKey { place: In::Query, name } => {
            let pairs = request.target.query().into_iter().flat_map(query_pairs);
            some(pairs.filter(|(known, _)| same_name(known, name)).find_map(|(_, value)| value))
        }
        SchemeKind::ApiKey { place: In::Cookie, name } => {
            some(cookies(&request.headers).find(|(known, _)| *known == name.as_str()).map(|(_, value)| value))
        }
        SchemeKind::ApiKey { name, .. } => some(request.header(name)),
        SchemeKind::Unseen(_) => Shown::Unseen,
    }
}

fn some(value: Option<&str>) -> Shown {
    match value {
        Some(value) if !value.trim().is_empty() => Shown::Fine,
        Some(_) => Shown::Malformed("an empty key"),
        None => Shown::Missing,
    }
}

/// `Authorization: scheme credentials` (RFC 9110 §11.6.2); the scheme's case does not matter.
fn authorization(request: &Request, scheme: &str, well_formed: impl Fn(&str) -> bool) -> Shown {
    let Some(field) = request.headers.get(http::header::AUTHORIZATION) else { return Shown::Missing };
    let Ok(field) = field.to_str() else { return Shown::Malformed("an `Authorization` field that is not text") };
    let field = field.trim_ascii();
    // Looking at each byte beats a searcher: the word is short.
    let end = field.bytes().position(|byte| byte == b' ').unwrap_or(field.len());
    let (word, credentials) = field.split_at(end);
    if !word.eq_ignore_ascii_case(scheme) {
        return Shown::Malformed("an `Authorization` field of another scheme");
    }
    match credentials.trim_ascii() {
        "" => Shown::Malformed("an `Authorization` field without credentials"),
        credentials if well_formed(credentials) => Shown::Fine,
        _ => Shown::Malformed("credentials that are not base64 of `name:password`"),
    }
}

impl Contract {
    /// The challenges that a 401 of this operation carries: one for each scheme that it accepts.
    pub fn challenge(&self, operation: usize) -> Challenge {
        let mut challenges: Challenge = Vec::new();
        let accepted = self.operation(operation).security.iter().flat_map(|alternative| &alternative.schemes);
        for scheme in accepted.map(|index| &self.schemes()[*index]) {
            let text = match &scheme.kind {
                SchemeKind::Bearer => "Bearer".to_owned(),
                SchemeKind::Basic => "Basic realm=\"api\", charset=\"UTF-8\"".to_owned(),
                SchemeKind::OtherHttp(word) => word.clone(),
                // No registered scheme says this; the field is required all the same (RFC 9110 §15.5.2).
                SchemeKind::ApiKey { place, name } => {
                    let place = match place {
                        In::Query => "query",
                        In::Cookie => "cookie",
                        _ => "header",
                    };
                    format!("ApiKey in=\"{place}\", name=\"{name}\"")
                }
                SchemeKind::Unseen(_) => continue,
            };
            if let Ok(value) = HeaderValue::from_str(&text)
                && !challenges.contains(&value)
            {
                challenges.push(value);
            }
        }
        challenges
    }
}
