//! What can only be found out by trying: whether a branch holds alone, and whether what must not hold does not.
//!
//! Before anything is left to chance, a keyword of what must not hold is turned into its opposite: a bound, a length, a type.

use serde_json::Value;

use super::build::{At, Builder, probe};
use super::facets::{Facets, Point};
use super::form::{Form, Record};
use crate::finding::Verdict;
use crate::schema::{Node, Type, TypeSet};

/// How many branches are looked at to see whether they exclude each other.
const BRANCHES: usize = 24;
/// Seeds with which a form is tried out.
const PROBES: u64 = 3;
/// How many keywords of a schema are tried to keep a value from it.
const WAYS: usize = 3;
/// How many records inside each other are looked through for a member that tells branches apart.
const NESTED: usize = 3;
/// With how many more, before it is given up.
const MORE_PROBES: u64 = 12;

impl Builder<'_> {
    /// The form for a chosen branch, if no other branch holds as well where only one may.
    pub(super) fn branch(&mut self, facets: &Facets<'_>, point: &Point<'_>, index: usize, at: &At) -> Option<Form> {
        let form = self.decided(facets.clone(), at)?;
        if !point.exclusive {
            return Some(form);
        }
        if self.yielding {
            return self.yielded(form, Some(&point.node), "none of its branches can be satisfied by itself");
        }
        let form = self.alone(form, facets, point, index, at)?;
        self.unsure |= !is_apart(&form, point, index);
        Some(form)
    }

    fn alone(&mut self, form: Form, facets: &Facets<'_>, point: &Point<'_>, index: usize, at: &At) -> Option<Form> {
        let admitted = admitted(point);
        if self.always(&form, &admitted) {
            return Some(form);
        }
        // A bound, a length or a type keeps the value from the others.
        for way in 0..WAYS {
            let mut apart = facets.clone();
            let mut kept = false;
            for node in others(point, index) {
                let node = node.resolve();
                let Some(keywords) = node.keywords() else { continue };
                let few = (0..=way).rev().any(|way| apart.refuse(keywords, way));
                kept |= few;
            }
            if kept
                && let Some(form) = self.decided(apart, at)
                && self.always(&form, &admitted)
            {
                return Some(form);
            }
        }
        if self.holds(&form, &admitted) {
            return Some(form);
        }
        if at.lean {
            return None;
        }
        // What is optional may be what makes another branch hold as well.
        let form = self.decided(facets.clone(), &At { lean: true, ..at.clone() })?;
        if self.holds(&form, &admitted) {
            return Some(form);
        }
        // Or another branch admits whatever this one does: then a member that only the other describes, and not so, decides.
        let Form::Record(mut record) = form else { return None };
        for branch in &point.branches {
            if let Some((way, value)) = contrary(&record, facets, branch, NESTED) {
                record.put(&way, value);
            }
        }
        let form = Form::Record(record);
        self.holds(&form, &admitted).then_some(form)
    }

    /// The form, if what could only be tried out held.
    pub(super) fn tried(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        let schemas: Vec<_> = facets.hard.iter().map(Node::schema).collect();
        let never: Vec<_> = facets.negated.iter().filter_map(|node| Some(node.child(&["not"])?.schema())).collect();
        let good = |value: &Value| {
            schemas.iter().all(|schema| schema.check(value) != Verdict::Invalid)
                && never.iter().all(|schema| schema.check(value) != Verdict::Valid)
        };
        // Which members there are is the same each time; what is in them is not.
        self.unsure |= facets.all("not").any(|negated| !is_about_names(negated));
        let form = self.typed(facets, at)?;
        if schemas.is_empty() && never.is_empty() || self.always(&form, good) {
            return Some(form);
        }
        // What must not hold is kept from holding by one of its keywords.
        let negated = || facets.all("not").filter_map(Value::as_object);
        let kept = |way: usize| {
            let mut kept = facets.clone();
            let ways = negated().filter(|negated| (0..=way).rev().any(|way| kept.refuse(negated, way))).count();
            (ways > 0 && !kept.types.is_empty()).then_some(kept)
        };
        let gaps = self.gaps.len();
        for kept in (0..WAYS).filter_map(kept) {
            if let Some(form) = self.typed(&kept, at)
                && self.always(&form, good)
            {
                return Some(form);
            }
        }
        if self.holds(&form, good) {
            return Some(form);
        }
        if !at.lean
            && let Some(form) = self.typed(facets, &At { lean: true, ..at.clone() })
            && self.holds(&form, good)
        {
            return Some(form);
        }
        self.gaps.truncate(gaps);
        let node = facets.hard.first().or(facets.negated.first());
        self.yielded(form, node, "no value was found that satisfies all of it")
    }

    /// Whether what the form writes is good, each time that it is tried.
    fn always(&self, form: &Form, good: impl Fn(&Value) -> bool) -> bool {
        (0..PROBES).all(|number| good(&probe(form, number)))
    }

    /// Whether what the form writes is good; sometimes is enough, and then each value is checked when it is made.
    fn holds(&mut self, form: &Form, good: impl Fn(&Value) -> bool) -> bool {
        let good = |number: &u64| good(&probe(form, *number));
        let first = (0..PROBES).filter(good).count() as u64;
        if first == PROBES {
            return true;
        }
        let some = first > 0 || (PROBES..MORE_PROBES).any(|number| good(&number));
        self.unsure |= some;
        some
    }
}

/// Whether the schema of a choice admits a value.
fn admitted(point: &Point<'_>) -> impl Fn(&Value) -> bool + use<> {
    let schema = point.node.schema();
    move |value| schema.check(value) != Verdict::Invalid
}

/// The branches in the order in which they are tried: as written, but those that only admit null last.
pub(super) fn preferred(point: &Point<'_>) -> Vec<usize> {
    let null = |branch: &Vec<Node<'_>>| branch.iter().any(|node| node.types() == TypeSet::only(Type::Null));
    let (last, first): (Vec<usize>, Vec<usize>) =
        (0..point.branches.len()).partition(|index| point.branches.get(*index).is_some_and(&null));
    first.into_iter().chain(last).collect()
}

/// What a value must not satisfy for the chosen branch to hold alone: the other branches, or what a condition asks.
fn others<'s>(point: &Point<'s>, chosen: usize) -> Vec<Node<'s>> {
    match point.node.child(&["if"]).filter(|_| point.branches.len() == 2) {
        Some(condition) if chosen == 1 => vec![condition],
        Some(_) => Vec::new(),
        None => {
            let others = point.branches.iter().enumerate().filter(|(index, _)| *index != chosen);
            others.take(BRANCHES).flat_map(|(_, branch)| branch.clone()).collect()
        }
    }
}

/// The members that another branch requires and this one does not.
pub(super) fn of_others<'s>(point: &Point<'s>, chosen: usize) -> Vec<&'s str> {
    fn required<'s>(branch: &[Node<'s>]) -> Vec<&'s str> {
        let lists = branch.iter().filter_map(|node| node.resolve().get("required").and_then(Value::as_array));
        lists.flatten().filter_map(Value::as_str).collect()
    }
    let own = point.branches.get(chosen).map(|branch| required(branch)).unwrap_or_default();
    let others = point.branches.iter().enumerate().filter(|(index, _)| *index != chosen);
    others.flat_map(|(_, branch)| required(branch)).filter(|name| !own.contains(name)).collect()
}

/// Whether every other branch refuses what the form writes for a reason that does not change with the seed.
fn is_apart(form: &Form, point: &Point<'_>, chosen: usize) -> bool {
    const LASTING: [&str; 6] = ["type", "required", "const", "additionalProperties", "unevaluatedProperties", "false"];
    if point.node.get("if").is_some() {
        // What satisfies both `if` and `then` does so whatever else it says.
        return chosen == 0;
    }
    if point.branches.len() > BRANCHES {
        return false;
    }
    let value = probe(form, 0);
    let others = point.branches.iter().enumerate().filter(|(index, _)| *index != chosen);
    others.flat_map(|(_, branch)| branch).all(|node| {
        let violations = node.schema().explain(&value);
        // That a number is no integer changes from one number to the next.
        let drawn = |pointer: &str| value.pointer(pointer).is_some_and(Value::is_f64);
        violations.iter().any(|violation| {
            LASTING.contains(&violation.keyword) && !(violation.keyword == "type" && drawn(&violation.pointer))
        })
    })
}

/// Whether what is negated only speaks of which members there are.
fn is_about_names(negated: &Value) -> bool {
    let Some(keywords) = negated.as_object() else { return true };
    keywords.iter().all(|(name, value)| match name.as_str() {
        "required" | "type" | "title" => true,
        "anyOf" | "oneOf" | "allOf" => value.as_array().is_some_and(|branches| branches.iter().all(is_about_names)),
        _ => false,
    })
}

/// The way to a member that none of the chosen schemas describes, and a value of a type that the other branch refuses there:
/// in the record itself, else in a record inside of it.
fn contrary<'s>(record: &Record, own: &Facets<'s>, other: &[Node<'s>], nested: usize) -> Option<(Vec<&'s str>, Value)> {
    let described = |name: &str| own.all("properties").any(|members| members.get(name).is_some());
    let members: Vec<(&str, Node<'s>)> = Facets::of(other).nodes.iter().flat_map(Node::properties).collect();
    let refused = members.iter().filter(|(name, _)| !described(name)).find_map(|(name, member)| {
        let types = member.types();
        let values = [Value::String("none".into()), Value::Bool(false), Value::Null];
        Some((vec![*name], values.into_iter().find(|value| !types.contains(Type::of(value)))?))
    });
    if refused.is_some() || nested == 0 {
        return refused;
    }
    members.into_iter().find_map(|(name, member)| {
        let Form::Record(record) = record.form(name)? else { return None };
        let own: Vec<Node<'s>> = own.nodes.iter().filter_map(|node| node.child(&["properties", name])).collect();
        let (mut way, value) = contrary(record, &Facets::of(&own), &[member], nested - 1)?;
        way.insert(0, name);
        Some((way, value))
    })
}
