//! What `--stateful` keeps: the inference told, for `standin explain --stateful`; and the file that corrects it.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::Keeping;
use super::exit::{Exit, Failure};
use crate::contract::Contract;
use crate::contract::resource::{Collection, Kept, Resources, Seed, Use, World};
use crate::document::Source;
use crate::finding::{Place, Severity};
use crate::mock::Stateful;
use crate::report::{Text, Tone, clean};

/// The bytes of the file that are read at most.
const LIMIT: u64 = 4 << 20;

/// What is kept: the collections of a contract, and what is in them from the start.
///
/// # Errors
/// When there is a file, and it cannot be used.
pub(super) fn kept(keeping: &Keeping, contract: &Contract) -> Result<(Resources, Vec<Seed>), Failure> {
    let (world, mut findings) = match keeping.file() {
        Some(path) => World::read(&Source::new(path.display().to_string(), text(path)?)),
        None => (Some(World::default()), Vec::new()),
    };
    let world = world.unwrap_or_default();
    let (resources, found) = Resources::of(contract, &world);
    findings.extend(found);
    let (seeds, found) = resources.seeds(&world);
    findings.extend(found);
    if findings.iter().any(|finding| finding.severity >= Severity::Error) {
        let name = keeping.file().map(|path| path.display().to_string()).unwrap_or_default();
        let failure = Failure::new(Exit::Unusable, format!("`{name}` cannot be used"));
        return Err(failure.because(findings, format!("standin explain --stateful={name}, once these are mended")));
    }
    Ok((resources, seeds))
}

fn text(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let unusable = |why: String| {
        Failure::new(Exit::Unusable, format!("the file of --stateful cannot be read: {name}: {why}"))
            .help("`--stateful` alone needs none; a document stands by itself, behind a blank")
    };
    let metadata = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > LIMIT {
        return Err(unusable(format!("no regular file of at most {} MiB", LIMIT >> 20)));
    }
    std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))
}

/// The inference, as text and as JSON.
pub(super) fn told(resources: &Resources, seeds: &[Seed], contract: &Contract) -> (Text, Value) {
    (as_text(resources, seeds, contract), as_json(resources, seeds, contract))
}

fn place(contract: &Contract, operation: usize) -> Place {
    let at = &contract.heads()[operation].at;
    Place::of_key(&at.document, &at.pointer)
}

/// The operations of a collection, in the order of the document.
fn uses(resources: &Resources, collection: usize) -> impl Iterator<Item = (usize, &Use)> {
    let told = resources.operations.iter().enumerate();
    told.filter_map(|(index, told)| Some((index, told.does.as_ref().ok()?)))
        .filter(move |(_, does)| does.collection == collection)
}

fn called(contract: &Contract, operation: usize) -> String {
    let head = &contract.heads()[operation];
    format!("{} {}", head.method, head.template)
}

fn as_text(resources: &Resources, seeds: &[Seed], contract: &Contract) -> Text {
    let mut text = Text::default();
    let kept = resources.collections.iter().filter(|collection| collection.kept != Kept::Not).count();
    let keeping = (0..resources.operations.len()).filter(|index| resources.does(*index).is_some()).count();
    let operations = resources.operations.len();
    let are = if kept == 1 { "collection is" } else { "collections are" };
    text.push(Tone::Strong, format!("{kept} {are} kept"));
    text.plain(format!("    {keeping} of {operations} operations keep to them\n"));
    let mut in_order: Vec<(usize, &Collection)> = resources.collections.iter().enumerate().collect();
    in_order.sort_by_key(|(_, collection)| collection.operation);
    for (index, collection) in in_order {
        if collection.kept != Kept::Not {
            let seeded = seeds.iter().filter(|seed| seed.collection == index).count();
            one(&mut text, resources, index, collection, seeded, contract);
        }
    }
    let rest: Vec<(usize, String)> =
        (0..operations).filter_map(|index| Some((index, why_not(resources, index)?))).collect();
    if !rest.is_empty() {
        text.plain("\n");
        text.push(Tone::Strong, "Answered as the document says");
        text.plain("\n");
        let width = rest.iter().map(|(index, _)| called(contract, *index).chars().count()).max().unwrap_or(0).min(60);
        for (index, why) in rest {
            text.plain(format!("  {:<width$}  {}  ", clean(&called(contract, index)), clean(&why)));
            text.push(Tone::Faint, place(contract, index).to_string());
            text.plain("\n");
        }
    }
    text
}

/// Why an operation keeps to no collection.
fn why_not(resources: &Resources, index: usize) -> Option<String> {
    match &resources.operations[index].does {
        Err(why) => Some(why.clone()),
        Ok(does) => {
            let collection = &resources.collections[does.collection];
            (collection.kept == Kept::Not).then(|| format!("{}: {}", collection.path, collection.why))
        }
    }
}

fn one(
    text: &mut Text,
    resources: &Resources,
    index: usize,
    collection: &Collection,
    seeded: usize,
    contract: &Contract,
) {
    text.plain("\n");
    text.push(Tone::Strong, clean(&collection.path).into_owned());
    text.plain("    ");
    text.push(Tone::Faint, place(contract, collection.operation).to_string());
    text.plain("\n");
    let mut line = |name: &str, said: String| {
        text.push(Tone::Faint, format!("  {name:<9}"));
        text.plain(format!("{}\n", clean(&said)));
    };
    let start = match (collection.kept, seeded) {
        (Kept::Made, _) if collection.single => "not there at first",
        (_, _) if collection.single => "there at first",
        (Kept::Made, 0) => "empty at first",
        (Kept::Made, _) => "seeded",
        _ => "every item is there at first",
    };
    line("kept", format!("{start}: {}", collection.why));
    if seeded > 0 {
        line("seed", format!("{seeded} item{}", if seeded == 1 { "" } else { "s" }));
    }
    match &collection.id {
        _ if collection.single => line("one", "there is one of it for each path".to_owned()),
        Some(id) => line("id", format!("`{}`: {}", id.member, id.why)),
        None => line("id", "none: no path names an item".to_owned()),
    }
    if let Some(status) = collection.conflict {
        let what = match collection.unique.as_slice() {
            [] if collection.single => "while it is there".to_owned(),
            [] => "with an equal request".to_owned(),
            names => format!("with an equal `{}`", names.join("`, `")),
        };
        line("unique", format!("a second one {what} is answered with {status}"));
    }
    if let Some(state) = &collection.state {
        let first = state.first.as_ref().map(|first| format!(", at first `{first}`")).unwrap_or_default();
        line("state", format!("`{}`{first}: {}", state.member, state.all.join(", ")));
    }
    let width =
        uses(resources, index).map(|(operation, _)| called(contract, operation).chars().count()).max().unwrap_or(0);
    for (operation, does) in uses(resources, index) {
        text.plain(format!("  {:<8} ", does.role.word()));
        text.plain(format!("{:<width$}  {}  ", clean(&called(contract, operation)), clean(&does.why)));
        text.push(Tone::Faint, place(contract, operation).to_string());
        text.plain("\n");
    }
}

fn as_json(resources: &Resources, seeds: &[Seed], contract: &Contract) -> Value {
    let head = |index: usize| {
        let head = &contract.heads()[index];
        json!({
            "operation": &*head.key,
            "method": head.method.as_str(),
            "path": &*head.template,
            "place": place(contract, index).to_string(),
        })
    };
    let with = |mut value: Value, members: Value| {
        if let (Some(into), Value::Object(from)) = (value.as_object_mut(), members) {
            into.extend(from);
        }
        value
    };
    let collections = resources.collections.iter().enumerate().map(|(index, collection)| {
        let operations = uses(resources, index).map(|(operation, does)| {
            let shown = does.shown.as_ref().map(|shown| shown.way.iter().map(|name| format!("/{name}")).collect::<String>());
            let said = json!({ "role": does.role.word(), "why": does.why, "shown-at": shown });
            with(said, head(operation))
        });
        json!({
            "name": collection.name,
            "path": &*collection.path,
            "place": place(contract, collection.operation).to_string(),
            "kept": match collection.kept { Kept::Made => "made", Kept::Given => "given", Kept::Not => "not" },
            "single": collection.single,
            "why": collection.why,
            "id": collection.id.as_ref().map(|id| json!({ "member": id.member, "why": id.why })),
            "unique": collection.conflict.map(|status| json!({ "members": collection.unique, "status": status })),
            "state": collection.state.as_ref().map(|state| json!({ "member": state.member, "first": state.first, "all": state.all })),
            "seeded": seeds.iter().filter(|seed| seed.collection == index).count(),
            "operations": operations.collect::<Vec<_>>(),
        })
    });
    let rest = (0..resources.operations.len())
        .filter_map(|index| Some(with(json!({ "why": why_not(resources, index)? }), head(index))));
    json!({ "collections": collections.collect::<Vec<_>>(), "as-documented": rest.collect::<Vec<_>>() })
}

/// What is kept, where anything is, ready for a mock.
///
/// # Errors
/// When there is a file, and it cannot be used.
pub(super) fn stateful(keeping: &Keeping, contract: &Contract) -> Result<Option<Stateful>, Failure> {
    if !keeping.is_on() {
        return Ok(None);
    }
    let (resources, seeds) = kept(keeping, contract)?;
    Ok(Some(Stateful { resources: Arc::new(resources), seeds: seeds.into() }))
}

/// One line about it, for the start of a mock.
pub(super) fn in_short(stateful: &Stateful, arguments: &str) -> String {
    let kept = stateful.resources.collections.iter().filter(|collection| collection.kept != Kept::Not);
    let names: Vec<&str> = kept.map(|collection| collection.name.as_str()).collect();
    let seeded = match stateful.seeds.len() {
        0 => String::new(),
        count => format!(", {count} items from the start"),
    };
    match names.as_slice() {
        [] => format!(
            "nothing: no operation makes or changes what another shows    why: standin explain --stateful{arguments}"
        ),
        names => {
            let shown = names.iter().take(8).copied().collect::<Vec<_>>().join(", ");
            let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
            format!("{shown}{more}{seeded}    how: standin explain --stateful{arguments}")
        }
    }
}
