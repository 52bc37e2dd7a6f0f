//! Parameters and headers of Swagger 2.0: they describe their value themselves, so that each is its own schema.

use super::Element;
use crate::finding::Finding;
use crate::spec::Style;
use crate::spec::content::Example;
use crate::spec::parameter::{In, Parameter, each_once, identity};

/// How deep lists of lists are looked into.
const NESTED: usize = 8;

/// The parameters of an operation and its path item, sorted by what they are in OpenAPI 3.
#[derive(Default)]
pub(super) struct Listed<'a> {
    pub(super) parameters: Vec<Parameter>,
    /// `in: body`.
    pub(super) bodies: Vec<Element<'a>>,
    /// `in: formData`.
    pub(super) form: Vec<Field<'a>>,
}

/// One member of a form.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// Where it is listed.
    pub(super) entry: Element<'a>,
    /// What it is: the same, or what it refers to.
    pub(super) parameter: Element<'a>,
}

/// Reads the parameters of an operation and its path item; the operation's own win.
pub(super) fn listed<'a>(operation: &Element<'a>, items: &[Element<'a>], findings: &mut Vec<Finding>) -> Listed<'a> {
    let mut listed = Listed::default();
    listed.read(operation, findings);
    for item in items {
        let mut shared = Listed::default();
        shared.read(item, findings);
        shared
            .parameters
            .retain(|shared| !listed.parameters.iter().any(|own| own.name == shared.name && own.place == shared.place));
        shared.form.retain(|shared| !listed.form.iter().any(|own| own.name == shared.name));
        listed.parameters.extend(shared.parameters);
        listed.form.extend(shared.form);
        // There is one body, whatever it is called.
        if listed.bodies.is_empty() {
            listed.bodies = shared.bodies;
        }
    }
    listed
}

impl<'a> Listed<'a> {
    fn read(&mut self, holder: &Element<'a>, findings: &mut Vec<Finding>) {
        let listed = holder.member("parameters");
        for entry in listed.iter().flat_map(Element::items) {
            let parameter = match entry.clone().follow() {
                Ok(parameter) => parameter,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            match (parameter.text("in"), parameter.text("name")) {
                (Some("body"), _) => self.bodies.push(parameter),
                (Some("formData"), Some(name)) => self.form.push(Field { name, entry, parameter }),
                _ => {
                    let places = "write `in: path`, `query`, `header`, `formData` or `body`";
                    if let Some((name, place)) = identity(&parameter, places, findings) {
                        self.parameters.push(read(&parameter, name, place, findings));
                    }
                }
            }
        }
        each_once(&mut self.parameters, findings);
    }
}

/// Reads a parameter, or a header under its name.
pub(super) fn read(element: &Element<'_>, name: &str, place: In, findings: &mut Vec<Finding>) -> Parameter {
    let (style, explode) = format(element, place, findings);
    let described = schema(element);
    if element.member("schema").is_some() {
        findings.push(
            Finding::new("swagger-2", "`schema` belongs to `in: body`; it is read all the same")
                .at(element.member("schema").and_then(|schema| schema.key_place()))
                .help("write `type` and the rest beside `in`, or the document in OpenAPI 3"),
        );
    }
    let example = element.member("x-example");
    let example = example.map(|example| Example { name: None, value: example.value().clone(), at: example.location() });
    let name = if place == In::Header { name.to_ascii_lowercase() } else { name.to_owned() };
    Parameter {
        name: name.into(),
        place,
        required: place == In::Path || element.flag("required"),
        style,
        explode,
        nested: nested(element, findings),
        allow_empty: element.flag("allowEmptyValue"),
        allow_reserved: false,
        deprecated: element.flag("deprecated") || element.flag("x-deprecated"),
        schema: Some(described.location()),
        content: None,
        examples: example.into_iter().collect(),
        at: element.location(),
    }
}

/// What describes its value: itself, unless it has a schema as in OpenAPI 3.
pub(super) fn schema<'a>(element: &Element<'a>) -> Element<'a> {
    element.member("schema").filter(|_| element.member("type").is_none()).unwrap_or_else(|| element.clone())
}

/// What `collectionFormat` says: the style, and whether each item has the name before it.
pub(super) fn format(element: &Element<'_>, place: In, findings: &mut Vec<Finding>) -> (Style, bool) {
    let plain = match place {
        In::Path | In::Header => Style::Simple,
        In::Query | In::QueryString | In::Cookie => Style::Form,
    };
    let said = match element.text("collectionFormat") {
        None | Some("csv") => return (plain, false),
        Some("ssv") => return (Style::SpaceDelimited, false),
        Some("tsv") => return (Style::TabDelimited, false),
        Some("pipes") => return (Style::PipeDelimited, false),
        Some("multi") if place == In::Query => return (Style::Form, true),
        Some(said) => said,
    };
    findings.push(
        Finding::new("swagger-2", format!("`collectionFormat: {said}` does not exist here; read as `csv`"))
            .at(element.member("collectionFormat").and_then(|format| format.place()))
            .help("write `csv`, `ssv`, `tsv` or `pipes`; `multi` in a query or a form"),
    );
    (plain, false)
}

/// The formats of the lists inside of a list, from the outside in.
fn nested(element: &Element<'_>, findings: &mut Vec<Finding>) -> Vec<Style> {
    let mut styles = Vec::new();
    let mut items = element.member("items");
    while let Some(list) = items.filter(|items| items.text("type") == Some("array") && styles.len() < NESTED) {
        styles.push(format(&list, In::Path, findings).0);
        items = list.member("items");
    }
    styles
}
