//! A failed `oneOf` or `anyOf`: which branch came nearest, and why it does not fit.

use jsonschema::ValidationError;
use serde_json::Value;

use crate::document::pointer;
use crate::finding::Violation;

use super::explain::{Explainer, Subject};
use super::normal::REFERENCE;
use super::reference::{mapped_name, name_of};
use super::shape::short;
use super::types::TypeSet;
use super::words::{Words, list};

type Context = [Vec<ValidationError<'static>>];

/// One violation for a composition none of whose branches fits; none where that is not decided.
pub(super) fn none_fits(
    explainer: &mut Explainer<'_>,
    about: Subject<'_>,
    error: &ValidationError<'_>,
    context: &Context,
) -> Option<Violation> {
    let at = error.instance_path().as_str();
    let schema = error.schema_path().as_str();
    let deeper = Subject { depth: about.depth + 1, ..about };
    let mut branches = Vec::new();
    for errors in context {
        let mut found = Vec::new();
        for error in errors {
            explainer.error(deeper, error, &mut found);
        }
        if found.is_empty() && !errors.is_empty() {
            // A branch that only an endless match refuses might fit.
            return None;
        }
        branches.push(found);
    }
    let here = format!("{}{at}", about.prefix);
    let instance = error.instance();
    let names: Vec<_> = (0..branches.len()).map(|index| name(explainer, about, schema, index)).collect();
    let words = if let Some(types) = types_only(explainer, about, schema, &branches, &here) {
        Words::new(format!("not {}", types.phrase()), types.phrase())
    } else if let [only] = branches.as_slice() {
        Words::alone(because(only, &here))
    } else {
        let forms = match names.as_slice() {
            [one, other] => format!("neither {one} nor {other}"),
            names => format!("none of {}", list(names.iter().cloned(), ", ")),
        };
        let why = match told(explainer, about, schema, instance, &names) {
            Told::Branch(index) => {
                let but = branches.get(index).map(|found| because(found, &here)).unwrap_or_default();
                format!("told to be {}: {but}", names[index])
            }
            Told::Wrong(why) => why,
            Told::Nothing => {
                let nearest = (0..branches.len()).min_by_key(|index| distance(&branches[*index], &here)).unwrap_or(0);
                format!("nearest is {}: {}", names[nearest], because(&branches[nearest], &here))
            }
        };
        Words::new(format!("{forms}; {why}"), list(names.iter().cloned(), " or "))
    };
    Some(explainer.violation(about, at.to_owned(), schema, words, Some(instance)))
}

/// One violation for a `oneOf` of which more than one branch fits.
pub(super) fn several_fit(
    explainer: &Explainer<'_>,
    about: Subject<'_>,
    error: &ValidationError<'_>,
    context: &Context,
) -> Violation {
    let schema = error.schema_path().as_str();
    let fitting = context.iter().enumerate().filter(|(_, errors)| errors.is_empty());
    let names: Vec<_> = fitting.map(|(index, _)| name(explainer, about, schema, index)).collect();
    let fits = match names.as_slice() {
        [one, other] => format!("fits both {one} and {other}"),
        names => format!("fits {}", list(names.iter().cloned(), " and ")),
    };
    let words = Words::new(format!("{fits}, and may fit only one"), "exactly one of the forms");
    explainer.violation(about, error.instance_path().as_str().to_owned(), schema, words, Some(error.instance()))
}

/// What a branch is called: the name of the schema it refers to, its title, its type, or its number.
fn name(explainer: &Explainer<'_>, about: Subject<'_>, schema: &str, index: usize) -> String {
    let place = format!("{schema}/{index}");
    let normal = about.unit.normal(explainer.schemas);
    let branch = normal.value.pointer(&place);
    let get = |name: &str| branch.and_then(|branch| branch.get(name));
    let target = get(REFERENCE).and_then(|reference| about.unit.follow(explainer.schemas, reference));
    let copied = normal.copies.iter().find(|copy| copy.at == place).map(|copy| &copy.from);
    let referred = target.map(|target| &target.location).or(copied).and_then(name_of);
    let titled = || get("title").and_then(Value::as_str).filter(|title| !title.is_empty()).map(str::to_owned);
    let typed = || get("type").and_then(TypeSet::of_keyword).map(TypeSet::phrase);
    referred.or_else(titled).or_else(typed).unwrap_or_else(|| format!("form {}", index + 1))
}

enum Told {
    /// By the discriminator.
    Branch(usize),
    /// There is one, but its member tells nothing.
    Wrong(String),
    Nothing,
}

/// What the discriminator says, if there is one beside the composition.
fn told(explainer: &Explainer<'_>, about: Subject<'_>, schema: &str, instance: &Value, names: &[String]) -> Told {
    let object = pointer::parent(schema).and_then(|object| about.unit.normal(explainer.schemas).value.pointer(object));
    let discriminator = object.and_then(|object| object.get("discriminator"));
    let get = |name: &str| discriminator.and_then(|discriminator| discriminator.get(name));
    let (Some(member), true) = (get("propertyName").and_then(Value::as_str), instance.is_object()) else {
        return Told::Nothing;
    };
    // A mapping names a schema by name or by reference; both end in the name.
    let named = |to: &str| names.iter().position(|name| name == mapped_name(to));
    // Since 3.2 one of them may be meant where the member tells nothing.
    let default = || get("defaultMapping").and_then(Value::as_str).and_then(named);
    let Some(tag) = instance.get(member) else {
        let missing = || Told::Wrong(format!("`/{member}` missing, which tells them apart"));
        return default().map_or_else(missing, Told::Branch);
    };
    let mapped = tag.as_str().and_then(|tag| get("mapping")?.get(tag)?.as_str());
    let wanted = match mapped {
        Some(to) => named(to),
        None => tag.as_str().and_then(|tag| names.iter().position(|name| name == tag)),
    };
    match wanted.or_else(default) {
        Some(index) => Told::Branch(index),
        None => Told::Wrong(format!("`/{member}` is {}, which names none of them", short(tag))),
    }
}

/// The types of all branches, where it is the type that each of them refuses and nothing else.
fn types_only(
    explainer: &Explainer<'_>,
    about: Subject<'_>,
    schema: &str,
    branches: &[Vec<Violation>],
    here: &str,
) -> Option<TypeSet> {
    let refused =
        |found: &Vec<Violation>| matches!(found.as_slice(), [one] if one.keyword == "type" && one.pointer == here);
    if !branches.iter().all(refused) {
        return None;
    }
    let normal = about.unit.normal(explainer.schemas);
    (0..branches.len()).try_fold(TypeSet::NONE, |set, index| {
        let branch = normal.value.pointer(&format!("{schema}/{index}"))?;
        let target = branch.get(REFERENCE).and_then(|reference| about.unit.follow(explainer.schemas, reference));
        let types = target.map_or_else(
            || branch.get("type").and_then(TypeSet::of_keyword),
            |target| Some(target.types(explainer.schemas)),
        );
        Some(set.or(types?))
    })
}

/// How far a branch is from fitting: a wrong type first, then wrong constants (they tell forms apart), then the number.
fn distance(found: &[Violation], here: &str) -> (bool, usize, usize) {
    let wrong_type = found.iter().any(|one| one.keyword == "type" && one.pointer == here);
    let wrong_tags = found.iter().filter(|one| matches!(one.keyword, "const" | "enum")).count();
    (wrong_type, wrong_tags, found.len())
}

/// The first reason, and how many more there are; pointers from the composed value.
fn because(found: &[Violation], here: &str) -> String {
    let Some(first) = found.first() else { return "it fits".into() };
    let below = first.pointer.strip_prefix(here).unwrap_or(&first.pointer);
    let place = if below.is_empty() { String::new() } else { format!("`{below}` ") };
    let more = match found.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!("{place}{}{more}", first.sentence)
}
