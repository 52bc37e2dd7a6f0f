//! Actions: what is done to an item at a path of its own, such as `POST /invitations/{id}/respond`.

use serde_json::{Value, json};

use super::infer::{Seen, documents};
use super::shape::{self, answered, asked};
use super::uses::{item, shows};
use super::words::{Verb, fold, singular};
use super::{Act, Collection, Role, Use};
use crate::message::Method;
use crate::schema::{Schema, Type};

/// Members of a request that say whether something is agreed to.
const AGREEING: [&str; 8] = ["accept", "accepted", "approve", "approved", "confirm", "confirmed", "agree", "join"];

/// Things that wait for an answer, and are done with once they have one.
const WAITING: [&str; 7] = ["invitation", "invite", "request", "offer", "proposal", "application", "approval"];
/// Folded words that say that a thing is changed by what is sent.
const CHANGING: [&str; 6] = ["update", "edit", "modify", "change", "patch", "rename"];

impl Act {
    /// Whether a request agrees.
    pub fn is_agreed(&self, body: Option<&Value>) -> bool {
        let Some(member) = &self.answer else { return self.agrees };
        match body.and_then(|body| body.get(member)) {
            Some(Value::Bool(agreed)) => *agreed,
            Some(Value::String(word)) => Verb::of(word).is_some_and(|verb| verb.agrees),
            _ => self.agrees,
        }
    }
}

/// What an operation behind an item's path does to the item; `None` where it stands behind none, or only reads.
pub(super) fn action(seen: &Seen<'_>, collections: &[Collection], index: usize) -> Option<Result<Use, String>> {
    let contract = seen.contract;
    let way = &seen.ways[index];
    let (word, above) = (way.last_text()?, way.above());
    let item = item(seen, collections, &above)?;
    let method = &contract.heads()[index].method;
    if ![Method::POST, Method::PUT, Method::PATCH].contains(method) {
        return None;
    }
    let operation = contract.operation(index);
    let collection = &collections[item.collection];
    if collection.id.is_none() {
        return Some(Err(format!("no member of an item is what `{{{}}}` of the path names", item.id)));
    }
    let sent = asked(operation);
    let verb = Verb::of(word);
    let answer = sent.and_then(decider);
    let other = made(seen, collections, item.collection, index);
    // What shows another thing may have a member of the same name.
    let shown = shows(seen, collection, index).filter(|_| other.is_none());
    // To agree to something may make something else of it; what stops, verifies or returns a thing makes none.
    let agreeing = answer.is_some() || verb.is_some_and(|verb| verb.agrees && verb.is_answer());
    let made = other.filter(|_| agreeing);
    let mut act = Act { agrees: verb.is_none_or(|verb| verb.agrees), answer: answer.clone(), ..Act::default() };
    let mut told = Vec::new();
    if let Some(state) = &collection.state {
        let moved = |verb: Verb| {
            let all = || state.all.iter();
            let found = verb.states.iter().find_map(|wanted| all().find(|value| fold(value) == **wanted));
            found.map(|value| (state.member.clone(), json!(value)))
        };
        let (agreed, refused) = match (verb, &answer) {
            (_, Some(_)) => (moved(Verb::answering(true)), moved(Verb::answering(false))),
            (Some(verb), None) if verb.agrees => (moved(verb), None),
            (Some(verb), None) => (None, moved(verb)),
            (None, None) => (None, None),
        };
        told.extend(
            [&agreed, &refused].into_iter().flatten().map(|(member, value)| format!("sets `{member}` to {value}")),
        );
        act.agreed.extend(agreed);
        act.refused.extend(refused);
    }
    let moves = !act.agreed.is_empty() || !act.refused.is_empty();
    act.merges = sent.is_some_and(|sent| changes(seen, collection, index, word, sent));
    if act.merges {
        told.push("members that are sent become the item's".to_owned());
    }
    if let Some((target, scope)) = made {
        told.push(format!("its answer is an item of {}, made if it is agreed to", collections[target].path));
        act.makes = Some((target, scope));
    }
    let waits = WAITING.iter().any(|thing| singular(&collection.name).ends_with(thing));
    act.takes = !moves && (act.makes.is_some() || (answer.is_some() && shown.is_none() && waits));
    if act.takes {
        told.push("afterwards it no longer waits: no list has it".to_owned());
    }
    if !(moves || act.merges || act.takes) {
        return Some(Err(format!("nothing says what it changes in an item of {}", collection.path)));
    }
    if let Some(member) = &answer {
        told.push(format!("`{member}` of the request says whether it is agreed to"));
    }
    act.answers = answer.is_some() || verb.is_some_and(Verb::is_answer);
    act.again = [409, 410].into_iter().find(|status| documents(operation, *status)).filter(|_| moves || act.takes);
    Some(Ok(Use {
        role: Role::Act,
        collection: item.collection,
        scope: item.scope,
        id: Some(item.id),
        shown,
        sent: Vec::new(),
        act: Some(act),
        makes: None,
        names: None,
        by: Vec::new(),
        why: told.join("; "),
    }))
}

/// Whether what is sent becomes members of the item. That it has members of the same names says nothing: the `amount` of a refund is not
/// that of the charge. It is plain where what is sent is put in the place of something, and the answer is the item; or where the path says
/// which member is meant.
fn changes(seen: &Seen<'_>, collection: &Collection, index: usize, word: &str, sent: &Schema) -> bool {
    let contract = seen.contract;
    let Some(item) = &collection.item else { return false };
    let (names, members) = (sent.property_names(), item.schema.property_names());
    let own = shape::identity(contract, &item.schema);
    let answer = answered(contract.operation(index)).and_then(|(_, _, schema)| shape::identity(contract, schema));
    let is_item = own.is_some() && own == answer;
    let one = |name: &String| {
        item.schema.property(name).is_some_and(|member| !member.types().array() && !member.types().object())
    };
    let called = |name: &String| fold(name) == fold(word) && members.contains(name) && one(name);
    match names.as_slice() {
        [only] if called(only) => true,
        _ if Verb::of(word).is_some() => false,
        _ if contract.heads()[index].method != Method::POST || CHANGING.contains(&&*fold(word)) => {
            is_item && names.iter().any(|name| members.contains(name))
        }
        _ => false,
    }
}

/// The member of a request that says whether something is agreed to: `true` or `false`, or one of several words that say so.
fn decider(sent: &Schema) -> Option<String> {
    sent.property_names().into_iter().find(|name| {
        let Some(schema) = sent.property(name) else { return false };
        let types = schema.types();
        let flag = types.contains(Type::Boolean) && !types.contains(Type::String) && AGREEING.contains(&&*fold(name));
        let words = schema.says("enum");
        let verbs = words.as_ref().and_then(Value::as_array).is_some_and(|all| {
            let verbs = all.iter().filter_map(|word| Verb::of(word.as_str()?)).filter(|verb| verb.is_answer());
            let verbs: Vec<Verb> = verbs.collect();
            verbs.iter().any(|verb| verb.agrees) && verbs.iter().any(|verb| !verb.agrees)
        });
        flag || verbs
    })
}

/// The other collection of which the answer shows an item, and which parts of the item's scope say whose it is.
fn made(seen: &Seen<'_>, collections: &[Collection], from: usize, index: usize) -> Option<(usize, Vec<usize>)> {
    let contract = seen.contract;
    let (_, _, schema) = answered(contract.operation(index))?;
    let answer = shape::identity(contract, schema)?;
    let own = &collections[from];
    let scope = |target: &Collection| -> Option<Vec<usize>> {
        target.scope.iter().map(|part| own.scope.iter().position(|known| fold(known) == fold(part))).collect()
    };
    let fits = |at: &usize| {
        let item = collections[*at].item.as_ref().and_then(|item| shape::identity(contract, &item.schema));
        *at != from && item.as_ref() == Some(&answer) && scope(&collections[*at]).is_some()
    };
    let mut found = (0..collections.len()).filter(fits);
    let target = found.next().filter(|_| found.next().is_none())?;
    Some((target, scope(&collections[target])?))
}
