//! Security Schemes and Requirements (OpenAPI 3.1.2 §4.8.27, §4.8.30).

use std::sync::Arc;

use super::element::Element;
use super::outline;
use super::parameter::{In, is_sendable, unsendable};
use crate::finding::{Finding, did_you_mean};
use crate::schema::Dialect;

/// How a scheme's credentials travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `Authorization: Bearer …`: http bearer, oauth2, openIdConnect.
    Bearer,
    /// `Authorization: Basic …` (RFC 7617).
    Basic,
    /// `Authorization` with another scheme of the registry, lower case.
    OtherHttp(String),
    /// A key in a header field, the query or a cookie.
    ApiKey {
        /// Where it travels: header, query or cookie.
        place: In,
        /// The field, parameter or cookie.
        name: String,
    },
    /// Nothing that a message shows: `mutualTLS`, or a type the specification does not know.
    Unseen(String),
}

/// One entry of `components.securitySchemes`, or of `securityDefinitions`.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// Its key.
    pub name: Arc<str>,
    /// How its credentials travel.
    pub kind: SchemeKind,
}

/// One alternative of a `security` list: all of these schemes (indices into the scheme list) together. Empty: no credentials needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Indices into [`super::Api::schemes`].
    pub schemes: Vec<usize>,
}

/// The schemes of the root document.
pub(super) fn schemes(root: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Scheme> {
    let Some(listed) = root.member("components").and_then(|components| components.member("securitySchemes")) else {
        return Vec::new();
    };
    listed_schemes(&listed, findings)
}

/// The schemes under their names.
pub(super) fn listed_schemes(listed: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Scheme> {
    let mut schemes = Vec::new();
    for (name, element) in listed.members() {
        match element.follow() {
            Ok(scheme) => schemes.push(Scheme { name: name.into(), kind: kind(&scheme, findings) }),
            Err(finding) => findings.push(finding),
        }
    }
    schemes
}

/// Adds the schemes that a `security` list names by reference, each under that reference (since OpenAPI 3.2). What leads nowhere is told
/// where the list is read.
pub(super) fn referred(holder: &Element<'_>, schemes: &mut Vec<Scheme>, findings: &mut Vec<Finding>) {
    let Some(listed) = holder.member("security") else { return };
    for (name, element) in listed.items().flat_map(|alternative| alternative.members()) {
        let fresh = name.contains('#') && !schemes.iter().any(|scheme| &*scheme.name == name);
        if let Some(scheme) = fresh.then(|| element.referred(name)).flatten() {
            schemes.push(Scheme { name: name.into(), kind: kind(&scheme, findings) });
        }
    }
}

fn kind(scheme: &Element<'_>, findings: &mut Vec<Finding>) -> SchemeKind {
    match scheme.text("type") {
        Some("oauth2" | "openIdConnect") => SchemeKind::Bearer,
        // Swagger 2.0 has this type for what is `http` with `scheme: basic` since.
        Some("basic") => SchemeKind::Basic,
        Some("http") => match scheme.text("scheme").unwrap_or_default().to_ascii_lowercase().as_str() {
            "bearer" => SchemeKind::Bearer,
            "basic" => SchemeKind::Basic,
            other => SchemeKind::OtherHttp(other.to_owned()),
        },
        Some("apiKey") => {
            let place = match scheme.text("in") {
                Some("query") => In::Query,
                Some("cookie") => In::Cookie,
                _ => In::Header,
            };
            match scheme.text("name") {
                Some(name) if !is_sendable(name, place) => {
                    findings.push(unsendable("security-scheme", name, place).at(scheme.key_place()));
                    SchemeKind::Unseen("apiKey".to_owned())
                }
                Some(name) => SchemeKind::ApiKey { place, name: name.to_owned() },
                None => {
                    findings.push(
                        Finding::new(
                            "security-scheme",
                            "an apiKey scheme without `name`: its key cannot be looked for",
                        )
                        .at(scheme.key_place())
                        .help("name the header, query parameter or cookie that carries the key"),
                    );
                    SchemeKind::Unseen("apiKey".to_owned())
                }
            }
        }
        other => SchemeKind::Unseen(other.unwrap_or("a scheme without a type").to_owned()),
    }
}

/// The alternatives listed under `security`, if there is such a member. A requirement that names an unknown scheme
/// cannot be met or missed: it is left out, with a finding.
pub(super) fn requirements(
    holder: &Element<'_>,
    schemes: &[Scheme],
    dialect: Dialect,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Requirement>> {
    // Nothing said is not a list of nothing, which asks for nothing.
    let listed = holder.member("security").filter(|listed| !listed.value().is_null())?;
    let home = if dialect == Dialect::V2_0 { "securityDefinitions" } else { "components.securitySchemes" };
    let mut requirements = Vec::new();
    for alternative in outline::entries(&listed) {
        let mut indices = Vec::new();
        let mut known = true;
        // `- bearer` in the place of `- bearer: []`.
        if let Some(name) = alternative.value().as_str() {
            let sentence = format!("`{name}` is a text, where a mapping of schemes stands");
            let help = format!("write `{name}: []`; it is read so");
            findings.push(Finding::new("security-scheme", sentence).at(alternative.place()).help(help));
            let found = schemes.iter().position(|scheme| &*scheme.name == name);
            requirements.extend(found.map(|index| Requirement { schemes: vec![index] }));
            continue;
        }
        for (name, element) in alternative.members() {
            match schemes.iter().position(|scheme| &*scheme.name == name) {
                Some(index) => indices.push(index),
                None => {
                    known = false;
                    let near = did_you_mean(name, schemes.iter().map(|scheme| &*scheme.name));
                    findings.push(
                        Finding::new("security-scheme", format!("`{name}` is no scheme of `{home}`"))
                            .at(element.key_place())
                            .help(match near {
                                Some(near) => format!("did you mean `{near}`?"),
                                None => "define it there; until then it asks for nothing".to_owned(),
                            }),
                    );
                }
            }
        }
        if known {
            requirements.push(Requirement { schemes: indices });
        }
    }
    Some(requirements)
}
