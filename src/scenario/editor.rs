//! The JSON Schema of the format, for editors: made from the tables of keys, with the values as people write them.

use serde_json::{Map, Value, json};

use super::field::{DELAY, EXPECT, FAULT, FILE, Field, Form, Level, RATE, REPLY, RULE, STEP, TEST, THEN, WHEN, WITH};

/// A duration, as a regular expression.
const DURATION: &str = "[0-9]{1,12}(\\.[0-9]{1,12})?(ms|s|m|h)";

/// The schema of a scenario's file, in draft 2020-12. It knows the format; what a document has (operations, statuses, schemas) is
/// known only when a scenario is held to one.
pub fn editor_schema() -> Value {
    let mut file = level(&FILE);
    file.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    file.insert("title".to_owned(), json!("A scenario of standin"));
    let story = |key: &str| json!({ "required": ["scenario", key] });
    // A file that is there to be included tells no story.
    let store = json!({
        "not": { "anyOf": [{ "required": ["scenario"] }, { "required": ["on"] }] },
        "anyOf": [{ "required": ["replies"] }, { "required": ["include"] }],
    });
    file.insert("anyOf".to_owned(), json!([story("on"), story("expect"), story("steps"), store]));
    let mut rule = level(&RULE);
    let one = |key: &str| json!({ "required": [key] });
    rule.insert("anyOf".to_owned(), json!([one("reply"), one("calls"), one("rate")]));
    rule.insert("not".to_owned(), json!({ "required": ["calls", "reply"] }));
    rule.insert("dependentRequired".to_owned(), json!({ "count": ["calls"] }));
    let mut reply = level(&REPLY);
    reply.insert("minProperties".to_owned(), json!(1));
    let whole =
        [["body", "merge"], ["body", "example"], ["template", "body"], ["template", "merge"], ["template", "example"]];
    let beside: Vec<Value> = whole.iter().map(|keys| json!({ "required": keys })).collect();
    reply.insert("not".to_owned(), json!({ "anyOf": beside }));
    let mut delay = level(&DELAY);
    delay.insert("required".to_owned(), json!(["median", "p99"]));
    let mut step = level(&STEP);
    step.insert("required".to_owned(), json!(["call"]));
    let mut then = filled(level(&THEN));
    // Of what breaks nothing else is known but the head, where one came.
    let content = |key: &str| json!({ "required": [key] });
    let beside = json!([content("body"), content("schema"), content("save")]);
    then.insert("not".to_owned(), json!({ "required": ["fault"], "anyOf": beside }));
    let unanswered =
        json!({ "properties": { "fault": { "enum": ["reset", "empty", "hang"] } }, "required": ["fault"] });
    then.insert("if".to_owned(), unanswered);
    then.insert("then".to_owned(), json!({ "not": { "anyOf": [content("status"), content("header")] } }));
    let mut levels = Map::new();
    for (name, level) in [
        ("step", step),
        ("with", filled(level(&WITH))),
        ("then", then),
        ("rule", rule),
        ("reply", reply),
        ("delay", delay),
        ("when", filled(level(&WHEN))),
        ("test", filled(level(&TEST))),
        ("rate", level(&RATE)),
        ("fault", filled(level(&FAULT))),
        ("expect", level(&EXPECT)),
    ] {
        levels.insert(name.to_owned(), Value::Object(level));
    }
    levels.insert("scalar".to_owned(), json!({ "type": ["string", "number", "boolean"] }));
    levels.insert("answer".to_owned(), answer(true));
    levels.insert("written".to_owned(), answer(false));
    file.insert("$defs".to_owned(), Value::Object(levels));
    Value::Object(file)
}

/// What has the keys of a level, and no others.
fn level(level: &Level) -> Map<String, Value> {
    let known = level.fields.iter().filter(|field| field.form != Form::Later);
    let properties: Map<String, Value> = known.map(|field| (field.key.to_owned(), described(field))).collect();
    let mut members = Map::new();
    members.insert("type".to_owned(), json!("object"));
    members.insert("properties".to_owned(), Value::Object(properties));
    members.insert("additionalProperties".to_owned(), json!(false));
    members
}

/// The same, with at least one of them.
fn filled(mut level: Map<String, Value>) -> Map<String, Value> {
    level.insert("minProperties".to_owned(), json!(1));
    level
}

fn described(field: &Field) -> Value {
    let mut schema = match form(field) {
        Value::Object(members) => members,
        other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
    };
    schema.insert("description".to_owned(), json!(field.about));
    Value::Object(schema)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn matching(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^({pattern})$") })
}

/// A mapping of whatever names to values like this one.
fn named(value: Value) -> Value {
    json!({ "type": "object", "minProperties": 1, "additionalProperties": value })
}

fn list(item: Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": item })
}

/// What a rule, or a call, answers; `by_name`: it may be the name of a reply.
fn answer(by_name: bool) -> Value {
    let mut forms = vec![
        json!({ "type": "integer", "minimum": 200, "maximum": 999, "description": "A status: the document's own answer with it." }),
        json!({ "type": "string", "pattern": "^[2-9][0-9][0-9]$" }),
        json!({ "const": "ok", "description": "What the document says." }),
        reference("reply"),
    ];
    if by_name {
        // `OK` is neither a name nor `ok`.
        let pattern = "^(?![oO][kK]$)[A-Za-z_][A-Za-z0-9_.-]*$";
        forms.push(json!({ "type": "string", "pattern": pattern, "description": "The name of a reply." }));
    }
    json!({ "anyOf": forms })
}

/// Statuses that an answer may have.
fn statuses() -> Value {
    let one = json!({ "anyOf": [
        { "type": "integer", "minimum": 200, "maximum": 999 },
        { "type": "string", "pattern": "^([2-9][0-9][0-9]|[2-5]XX)$" },
    ] });
    json!({ "anyOf": [one, list(one.clone())] })
}

fn form(field: &Field) -> Value {
    let scalar = || reference("scalar");
    let percent = "[0-9]{1,12}(\\.[0-9]{1,12})? *%";
    let range = format!("{DURATION} *\\.\\. *{DURATION}");
    match field.form {
        Form::Later => json!(false),
        Form::Text if field.key == "scenario" => {
            json!({ "type": ["string", "number"], "pattern": "^[A-Za-z0-9_.-]{1,100}$" })
        }
        Form::Text => json!({ "type": ["string", "number", "boolean"], "minLength": 1 }),
        Form::Flag => json!({ "enum": [true, false, "true", "false"] }),
        Form::Integer if field.key == "times" => json!({ "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": super::step::TIMES },
            { "type": "string", "pattern": "^(1000|[1-9][0-9]{0,2})$" },
        ] }),
        Form::Integer => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+$" }] })
        }
        Form::Status => json!({ "anyOf": [
            { "type": "integer", "minimum": 200, "maximum": 999 },
            { "type": "string", "pattern": "^([2-9][0-9][0-9]|ok)$" },
        ] }),
        Form::Chance | Form::Share => matching(percent),
        Form::Count => json!({ "enum": ["rule", "operation"] }),
        Form::Between => matching(&range),
        Form::Delay => json!({ "anyOf": [matching(DURATION), matching(&range), reference("delay")] }),
        Form::Duration => matching(DURATION),
        Form::Fault => json!({ "anyOf": [{ "enum": crate::traffic::Fault::words() }, reference("fault")] }),
        Form::Json => json!(true),
        Form::Template => json!({ "not": { "type": "null" } }),
        Form::Members => json!({ "type": "object" }),
        Form::Fields => {
            let value = json!({ "anyOf": [scalar(), { "type": "null" }, list(scalar())] });
            json!({ "type": "object", "additionalProperties": value })
        }
        Form::Operations => named(list(reference("rule"))),
        Form::Expected => named(reference("expect")),
        Form::Calls => json!({ "anyOf": [
            list(reference("answer")),
            {
                "type": "object",
                "minProperties": 1,
                "patternProperties": { "^[0-9]*[1-9][0-9]*([+]|-[0-9]+)?$": reference("answer") },
                "additionalProperties": false,
            },
        ] }),
        Form::Reply => reference("answer"),
        Form::Keys => reference(field.key),
        Form::Named if field.key == "body" => {
            named(json!({ "anyOf": [scalar(), { "type": "null" }, reference("test")] }))
        }
        Form::Named => named(json!({ "anyOf": [scalar(), reference("test")] })),
        Form::Replies => {
            let name = json!({ "pattern": "^(?![oO][kK]$)[A-Za-z_][A-Za-z0-9_.-]{0,99}$" });
            json!({ "type": "object", "minProperties": 1, "propertyNames": name, "additionalProperties": reference("written") })
        }
        Form::Files => {
            let path = json!({ "type": "string", "minLength": 1 });
            json!({ "anyOf": [path, list(path.clone())] })
        }
        Form::Saves => {
            let name = json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,99}$" });
            let from = json!({ "type": "string", "anyOf": [{ "pattern": "^/" }, { "pattern": "\\{\\{|\\{%" }] });
            json!({ "type": "object", "minProperties": 1, "propertyNames": name, "additionalProperties": from })
        }
        Form::States => json!({ "anyOf": [scalar(), list(scalar())] }),
        Form::Steps => list(reference("step")),
        Form::Wait => json!({ "anyOf": [matching(DURATION), { "const": "retry-after" }] }),
        Form::Arguments => {
            let mut forms = vec![scalar(), list(json!(true)), json!({ "type": "object", "minProperties": 1 })];
            // A path has all its parts.
            forms.extend((field.key != "path").then(|| json!({ "type": "null" })));
            named(json!({ "anyOf": forms }))
        }
        Form::Statuses => statuses(),
        Form::Then => json!({ "anyOf": [statuses(), reference("then")] }),
        Form::Keeps => {
            let name = json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,99}$" });
            let from = json!({ "type": "string", "pattern": "^(/|header\\.[!#-'*+.^_`|~0-9A-Za-z-]+$)" });
            json!({ "type": "object", "minProperties": 1, "propertyNames": name, "additionalProperties": from })
        }
        Form::Break => json!({ "enum": super::step::Break::WORDS.map(|(word, _)| word) }),
        Form::Scalars => list(json!({ "type": ["string", "number", "boolean", "null"] })),
        Form::Schema => json!({ "type": "object", "minProperties": 1 }),
    }
}
