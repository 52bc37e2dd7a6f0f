//! `in: body` and `in: formData` as request bodies.

use std::sync::Arc;

use serde_json::json;

use super::Element;
use super::media::{JSON, MULTIPART, URLENCODED, is_form};
use super::parameter::{Field, Listed, format, schema};
use crate::document::{Documents, Made};
use crate::finding::Finding;
use crate::spec::content::{Content, Example, RequestBody, contents};
use crate::spec::parameter::{In, word};

/// The body that `in: body` describes, in every type that is consumed.
pub(super) fn body(listed: &Listed<'_>, consumed: &[&str], findings: &mut Vec<Finding>) -> Option<RequestBody> {
    let (body, others) = listed.bodies.split_first()?;
    let told = |sentence: &str, extra: &Element<'_>| {
        Finding::new("swagger-2", sentence).at(extra.place()).help("take it away, or put it into the body's schema")
    };
    let fields = listed.form.iter().map(|field| &field.entry);
    findings
        .extend(others.iter().map(|extra| told("an operation has one body: this parameter is not looked at", extra)));
    findings.extend(
        fields.map(|extra| told("an operation has one body: read as that body or a form, either of them", extra)),
    );
    let described = body.member("schema").or_else(|| body.member("type").map(|_| body.clone()));
    let schema = described.map(|schema| schema.location());
    let example = body.member("x-example");
    let example = example.map(|example| Example { name: None, value: example.value().clone(), at: example.location() });
    let types = if consumed.is_empty() { &[JSON] } else { consumed };
    let content = types.iter().map(|media| {
        let examples = example.iter().cloned().collect();
        Content::new(media, schema.clone(), examples, body.location())
    });
    Some(RequestBody { required: body.flag("required"), content: content.collect(), at: body.location() })
}

/// A body or a form, where an operation has both, which no operation may: the forms that are consumed are the form, all else is the body.
pub(super) fn either(body: RequestBody, form: RequestBody) -> RequestBody {
    let plain = body.content.into_iter().filter(|content| !is_form(&content.media));
    let forms = form.content.into_iter().filter(|content| is_form(&content.media));
    RequestBody { required: body.required && form.required, content: plain.chain(forms).collect(), at: body.at }
}

/// The form that `in: formData` describes: a Media Type Object of OpenAPI 3, made of the parameters, and read as one.
pub(super) fn form(
    documents: &Documents,
    operation: &Element<'_>,
    fields: &[Field<'_>],
    consumed: &[&str],
    findings: &mut Vec<Finding>,
) -> Option<RequestBody> {
    let first = fields.iter().find(|field| field.parameter.flag("required")).or(fields.first())?;
    let types = types(fields, consumed, first, findings);
    let at = if Arc::ptr_eq(first.entry.document(), operation.document()) { &first.entry } else { operation }.pointer();
    // What is written in another file is told to stand where this one refers to it, or at the operation.
    let own = |element: &Element<'_>| Arc::ptr_eq(element.document(), operation.document());
    let place = |field: &Field<'_>| if own(&field.entry) { field.entry.pointer().to_owned() } else { at.to_owned() };
    let made = |field: &Field<'_>| {
        let described = schema(&field.parameter);
        match own(&described) {
            true => Made::part(described.value(), described.pointer()),
            false => Made::new(described.value().clone(), &place(field)),
        }
    };
    let mut encodings = Vec::new();
    for field in fields.iter().filter(|field| field.parameter.text("type") == Some("array")) {
        let (style, explode) = format(&field.parameter, In::Query, findings);
        let encoding = Made::new(json!({ "style": word(style), "explode": explode }), &place(field));
        encodings.push((field.name, encoding));
    }
    let required: Vec<&str> =
        fields.iter().filter(|field| field.parameter.flag("required")).map(|field| field.name).collect();
    let member = |name: &str, made: Made| (name.to_owned(), made);
    let media = |media: &&str| {
        let properties = fields.iter().map(|field| member(field.name, made(field)));
        let schema = [
            member("type", Made::new(json!("object"), at)),
            member("required", Made::new(json!(required), at)),
            member("properties", Made::object(properties, at)),
        ];
        let encodings = encodings.iter().map(|(name, encoding)| member(name, encoding.clone()));
        let encoding = is_form(media).then(|| member("encoding", Made::object(encodings, at)));
        let object = std::iter::once(member("schema", Made::object(schema, at))).chain(encoding);
        member(media, Made::object(object, at))
    };
    let content = Made::object(types.iter().map(media), at);
    let document = Arc::new(operation.document().made(Made::object([member("content", content)], at)));
    let content = contents(&Element::made(documents, &document), findings);
    Some(RequestBody { required: !required.is_empty(), content, at: first.entry.location() })
}

/// The media types of a form.
fn types<'t>(
    fields: &[Field<'_>],
    consumed: &[&'t str],
    first: &Field<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<&'t str> {
    if consumed.iter().any(|media| is_form(media)) {
        return consumed.to_vec();
    }
    let file = fields.iter().any(|field| field.parameter.text("type") == Some("file"));
    let read = if file { MULTIPART } else { URLENCODED };
    if !consumed.is_empty() {
        findings.push(
            Finding::new("swagger-2", format!("a form, and `consumes` names no type of forms; read as `{read}`"))
                .at(first.entry.place())
                .help(format!("add `{read}` to `consumes`")),
        );
    }
    vec![read]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use crate::document::{Document, Documents, Source};
    use crate::finding::Place;
    use crate::spec::{Api, RequestBody};

    const TEXT: &str = "swagger: '2.0'
consumes: [application/json]
parameters:
  tags: {name: tags, in: formData, type: array, collectionFormat: ssv, items: {type: string}}
paths:
  /form:
    parameters:
    - {name: user, in: formData, type: string, required: true}
    post:
      consumes: [multipart/form-data, application/x-www-form-urlencoded]
      parameters:
      - {name: photo, in: formData, type: file}
      - $ref: '#/parameters/tags'
      - {name: ids, in: formData, type: array, collectionFormat: multi, items: {type: integer}}
      responses: {}
  /file:
    put:
      parameters: [{name: photo, in: formData, type: file}]
      responses: {}
  /both:
    put:
      parameters: [{name: a, in: formData, type: string}, {name: b, in: body, schema: {}}]
      responses: {}
";

    fn body(index: usize) -> (RequestBody, Vec<String>) {
        let document = Document::read(Source::new("a.yaml", TEXT)).document.expect("a tree");
        let (api, _) = Api::read(Arc::new(Documents::single(document)));
        let mut api = api.expect("a document of 2.0");
        let heads = api.take_heads();
        let (operation, findings) = api.operation(&heads[index]);
        let found = findings.into_iter().filter(|finding| finding.rule.id == "swagger-2");
        (operation.request_body.expect("a body"), found.map(|finding| finding.sentence).collect())
    }

    #[test]
    fn a_form_is_the_media_type_object_that_it_is_in_openapi_3() {
        let (body, findings) = body(0);
        assert!(body.required && findings.is_empty(), "{findings:?}");
        let media: Vec<_> = body.content.iter().map(|content| &*content.media).collect();
        assert_eq!(media, ["multipart/form-data", "application/x-www-form-urlencoded"]);
        for content in &body.content {
            let schema = content.schema.as_ref().expect("a schema");
            let value = schema.value();
            assert_eq!((&value["type"], &value["required"]), (&json!("object"), &json!(["user"])));
            let names: Vec<_> = value["properties"].as_object().expect("members").keys().collect();
            assert_eq!(names, ["photo", "tags", "ids", "user"]);
            let encoding = &content.at.value()["encoding"];
            assert_eq!(encoding["tags"], json!({ "style": "spaceDelimited", "explode": false }));
            assert_eq!(encoding["ids"], json!({ "style": "form", "explode": true }));
            assert_eq!(encoding.get("user"), None);
            // Every part is told where it is written.
            let place = |pointer: &str| {
                let (line, _) = Place::of(&schema.document, &format!("{}{pointer}", schema.pointer)).line_column();
                TEXT.lines().nth(line - 1).map(str::trim).expect("a line")
            };
            assert!(place("/properties/user/type").contains("name: user"));
            assert!(place("/properties/tags/items/type").contains("name: tags"));
            assert!(place("/properties/photo").contains("name: photo"));
        }
    }

    #[test]
    fn a_form_without_a_form_among_what_is_consumed_is_read_by_its_members() {
        let (file, findings) = body(1);
        assert_eq!(file.content[0].media, "multipart/form-data");
        assert!(findings[0].starts_with("a form, and `consumes` names no type of forms"), "{findings:?}");
        assert!(!file.required);
        let (both, findings) = body(2);
        assert_eq!(
            both.content.iter().map(|content| &*content.media).collect::<Vec<_>>(),
            ["application/json", "application/x-www-form-urlencoded"]
        );
        assert_eq!(
            both.content[0].schema.as_ref().map(|schema| schema.value().clone()),
            Some(Value::Object(Default::default()))
        );
        assert!(findings[0].starts_with("an operation has one body: read as that body or a form"), "{findings:?}");
    }
}
