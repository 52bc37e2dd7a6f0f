//! Templates: what they come to, and what is told of those that come to nothing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::language::{DRAWS, Draws};
use super::{Context, Failed, Set, Syntax, Template};
use crate::document::{Document, Source};
use crate::generate::Seed;

/// The template under `t` of a file, and what is wrong with it.
fn read(text: &str) -> (Template, Vec<Failed>) {
    let document = Document::read(Source::new("story.yaml", text)).document.expect("a tree");
    let mut set = Set::new();
    let mut told = Vec::new();
    let template = set.compile(document.node().get("t").expect("a template"), &mut told);
    set.finish();
    (template, told)
}

fn context() -> Context {
    let now = "2026-07-15T10:36:17Z";
    let request = json!({
        "method": "POST", "target": "/orgs/acme", "path": { "org": "acme", "number": 7 }, "query": {}, "cookie": {},
        "body": { "z": 1, "a": "say \"hi\"\n", "list": [3, 1, 2], "price": 1.50 },
    });
    let draws = Draws::new(Seed(1), now.parse().expect("a time"));
    Context(minijinja::Value::from_pairs([
        ("request", minijinja::Value::from(minijinja::value::Serde(request))),
        ("call", 3.into()),
        ("session", "t1".into()),
        ("now", now.into()),
        ("saved", minijinja::Value::from(minijinja::value::Serde(json!({ "id": "x" })))),
        (DRAWS, minijinja::Value::from_object(draws)),
    ]))
}

fn filled(text: &str) -> Result<Value, String> {
    let (template, told) = read(text);
    assert!(told.is_empty(), "{text}: {told:?}");
    template.content(&context(), Syntax::Json).map_err(|failed| format!("{failed} / {}", failed.help))
}

#[test]
fn a_text_is_json_once_it_is_filled_in() {
    let text = r#"t: |
  { "org": "{{ request.path.org }}", "n": {{ request.path.number }}, "told": "{{ request.body.a }}",
    "same": {{ request.body }}, "call": {{ call }}, "first": {{ request.body.list | first }},
    {% if saved.id is defined %}"saved": {{ saved.id }},{% endif %}
    "all": [{% for one in request.body.list | sort %}{{ one }}{% if not loop.last %}, {% endif %}{% endfor %}] }
"#;
    assert_eq!(
        filled(text).unwrap().to_string(),
        r#"{"org":"acme","n":7,"told":"say \"hi\"\n","same":{"z":1,"a":"say \"hi\"\n","list":[3,1,2],"price":1.5},"call":3,"first":3,"saved":"x","all":[1,2,3]}"#
    );
}

#[test]
fn the_texts_of_a_tree_are_templates_and_a_single_expression_keeps_its_type() {
    let text = "t:\n  n: '{{ request.path.number }}'\n  both: '{{ call }}{{ call }}'\n  spaced: 'a {{ call }}'\n  list: ['{{ request.body.list }}', 1.0, null, plain]\n  '{{ key }}': 1\n";
    assert_eq!(
        filled(text).unwrap(),
        json!({ "n": 7, "both": "33", "spaced": "a 3", "list": [[3, 1, 2], 1.0, null, "plain"], "{{ key }}": 1 })
    );
}

#[test]
fn times_move_and_are_written() {
    for (expression, expected) in [
        ("now", json!("2026-07-15T10:36:17Z")),
        ("now | plus('90m')", json!("2026-07-15T12:06:17Z")),
        ("now | minus('30d')", json!("2026-06-15T10:36:17Z")),
        ("now | plus('1d') | date", json!("2026-07-16")),
        ("now | unix", json!(1_784_111_777)),
        ("now | strftime('%d.%m.%Y %H:%M')", json!("15.07.2026 10:36")),
        ("'2026-01-01T00:00:00+02:00' | plus('1s')", json!("2025-12-31T22:00:01Z")),
    ] {
        assert_eq!(filled(&format!("t: \"{{{{ {expression} }}}}\"")), Ok(expected), "{expression}");
    }
    for expression in ["now | plus('1x')", "'soon' | plus('1s')", "now | plus('9999999d')"] {
        assert!(filled(&format!("t: \"{{{{ {expression} }}}}\"")).is_err(), "{expression}");
    }
}

#[test]
fn what_is_made_up_is_the_same_for_the_same_seed() {
    let text = "t:\n  a: '{{ uuid() }}'\n  b: '{{ uuid() }}'\n  c: ['{{ uuid(\"x\") }}', '{{ uuid(\"x\") }}']\n  who: '{{ name() }} <{{ email() }}>'\n  other: '{{ name(1) }}'\n  n: '{{ int(3, 5) }}'\n  one: '{{ pick([\"a\", \"b\"]) }}'\n  two: '{{ pick(1, 2) }}'\n  city: '{{ made(\"city\") }}'\n  day: '{{ date() }}'\n";
    let value = filled(text).unwrap();
    assert_eq!(value, filled(text).unwrap());
    assert_ne!(value["a"], value["b"]);
    assert_eq!(value["c"][0], value["c"][1]);
    assert!((3..=5).contains(&value["n"].as_i64().unwrap()));
    insta::assert_snapshot!(value.to_string());
}

#[test]
fn what_goes_wrong_has_its_place() {
    for (text, expected) in [
        ("t: '{{ request.body.nope }}'", "story.yaml:1:8: `request.body.nope` is not there"),
        ("t: |\n  {\n    \"a\": {{ request.query.page }}\n  }\n", "story.yaml:3:13: `request.query.page` is not there"),
        ("t: |\n  { \"a\": {{ 1 / 0 }} }\n", "story.yaml:2:13: the template fails"),
        ("t:\n  a: '{{ now | upperr }}'", "story.yaml:2:16: the template fails"),
        ("t: '{\"a\": {{ request.path.org }}'", "story.yaml:1:4: what the template comes to is no JSON: EOF"),
        ("t: '{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}'", "too much work"),
        ("t: '{{ \"x\" * 1000000000 }}'", "too much work"),
        ("t: '{{ int(5, 3) }}'", "int(5, 3) has its ends the wrong way round"),
        ("t: '{{ made(\"frobnicator\") }}'", "nothing is known of a member called `frobnicator`"),
    ] {
        let failed = filled(text).unwrap_err();
        assert!(failed.contains(expected), "{text}\n{failed}");
    }
}

#[test]
fn what_cannot_be_read_is_told_at_its_place() {
    for (text, place, sentence) in [
        ("t: 'a {{ request.path.org'", "1:", "no template"),
        ("t: |\n  x\n  {% if a %}\n", "3:", "no template"),
        ("t: '{{ requst.path }}'", "1:8", "a template does not know `requst`"),
        ("t: '{{ request.pth }}'", "1:8", "a template does not know `request.pth`"),
        ("t: '{{ emial() }}'", "1:8", "a template does not know `emial`"),
        ("t:\n  a: [x, '{{ nobody }}']", "2:14", "a template does not know `nobody`"),
        ("t: '{% include \"x\" %}'", "1:", "no template"),
    ] {
        let (_, told) = read(text);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(told[0].starts_with(&format!("story.yaml:{place}")) && told[0].contains(sentence), "{text}: {told:?}");
    }
    let (_, told) = read("t: '{{ requst.path }}'");
    assert_eq!(told[0].help, "did you mean `request`?");
}

#[test]
fn the_names_that_are_asked_for_are_known() {
    let (template, _) = read("t: '{{ request.path.org }} {{ saved.id }} {% set x = 1 %}{{ x }}'");
    let asked: Vec<String> = template.asks().into_iter().map(|(name, place)| format!("{place} {name}")).collect();
    assert_eq!(asked, ["story.yaml:1:8 request.path.org", "story.yaml:1:31 saved.id"]);
    let _ = Arc::new(template);
}
