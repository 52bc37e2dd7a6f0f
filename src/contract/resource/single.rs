//! Things of which a path has one: a star, a page, a lock. They have no id and are in no list; they are there, or they are not.

use super::infer::{Seen, documents};
use super::shape::{self, answered};
use super::words::{LISTS, fold, singular};
use super::{Collection, Kept, Role, Use};
use crate::contract::Operation;
use crate::message::Method;

/// The things of which paths have one, with what operations do to them; `does` says what is known of each operation by now. `first` is
/// the number that the first of them gets.
pub(super) fn all(seen: &Seen<'_>, does: &mut [Option<Result<Use, String>>], first: usize) -> Vec<Collection> {
    let mut found = Vec::new();
    for index in 0..seen.ways.len() {
        if seen.contract.heads()[index].method == Method::DELETE
            && let Some((collection, uses)) = one(seen, does, index, first + found.len())
        {
            uses.into_iter().for_each(|(operation, told)| does[operation] = Some(Ok(told)));
            found.push(collection);
        }
    }
    found
}

/// What is removed by an operation, where the document says that it can then be asked for and is not there.
fn one(
    seen: &Seen<'_>,
    does: &[Option<Result<Use, String>>],
    delete: usize,
    collection: usize,
) -> Option<(Collection, Vec<(usize, Use)>)> {
    let (contract, way) = (seen.contract, &seen.ways[delete]);
    if !way.is_plain() || contract.operation(delete).request.is_some() {
        return None;
    }
    let key = way.key();
    // What is a part of a collection already is no thing of its own.
    if seen.any(&key).iter().any(|index| matches!(does[*index], Some(Ok(_)))) {
        return None;
    }
    let open = |method: Method| seen.at(&key, &method);
    let get = open(Method::GET)?;
    let thing = way.last_text().or_else(|| way.last_name())?;
    let is_list = answered(contract.operation(get)).is_some_and(|(_, _, schema)| {
        schema.types().array() || shape::list(schema, thing).is_some_and(|found| is_called(&found.way, thing))
    });
    // What a parameter names may always be missing.
    let missing =
        way.last_name().is_some() || [404, 410].iter().any(|status| documents(contract.operation(get), *status));
    if is_list || !missing || !succeeds(contract.operation(get)) {
        return None;
    }
    let (put, post, patch) = (open(Method::PUT), open(Method::POST), open(Method::PATCH));
    let says_nothing = contract.operation(get).success().is_some_and(|(_, response)| response.content.is_empty());
    let makes = post.or(put.filter(|_| says_nothing));
    let kept = if makes.is_some() { Kept::Made } else { Kept::Given };
    let why = match makes {
        Some(index) => format!("`{}` puts it there", contract.heads()[index].key),
        None => format!("until `{}`", contract.heads()[delete].key),
    };
    let scope: Vec<String> = way.names();
    let told = |operation: usize, role: Role, why: &str| {
        let named = seen.ways[operation].names().into_iter().map(Some).collect();
        let told = Use {
            role,
            collection,
            scope: named,
            id: None,
            shown: None,
            sent: Vec::new(),
            act: None,
            makes: None,
            names: None,
            by: Vec::new(),
            why: why.to_owned(),
        };
        (operation, told)
    };
    let mut uses = vec![told(get, Role::Read, "GET of its path"), told(delete, Role::Remove, "DELETE of its path")];
    uses.extend(post.map(|index| told(index, Role::Create, "POST to its path")));
    uses.extend(put.map(|index| told(index, Role::Replace, "PUT to its path")));
    uses.extend(patch.map(|index| told(index, Role::Merge, "PATCH of its path")));
    let found = Collection {
        name: thing.to_owned(),
        path: way.template().into(),
        scope,
        id: None,
        kept,
        single: true,
        item: None,
        state: None,
        unique: Vec::new(),
        conflict: post.filter(|index| documents(contract.operation(*index), 409)).map(|_| 409),
        operation: delete,
        why,
    };
    Some((found, uses))
}

/// Whether a list lies where lists do: it is called as the path is, or as lists are.
fn is_called(way: &[String], thing: &str) -> bool {
    way.last().is_none_or(|name| singular(name) == singular(thing) || LISTS.contains(&&*fold(name)))
}

fn succeeds(operation: &Operation) -> bool {
    operation.success().is_some_and(|(status, _)| (200..300).contains(&status))
}
