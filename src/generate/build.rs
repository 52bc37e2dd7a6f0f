//! From a schema to a form: every choice made once, recursion cut, what is hard tried out.
//!
//! A schema that leads back to itself is left at the first place where it need not be entered: an optional member, an empty
//! list, another branch. By the argument that makes the shortest derivation of a grammar free of repetition, a schema that
//! has a finite value at all has one without any schema inside itself.

use std::collections::HashSet;

use serde_json::Value;

use super::emit::{Item, Run, Scope};
use super::facets::{Facets, Point, entries};
use super::form::{Flag, Form};
use super::meaning::{Meaning, PageField, Subject, meaning};
use super::number::{self, Numbers};
use super::pattern::Patterns;
use super::vocabulary::{PLACES, Place};
use super::{Context, NoEcho, Seed, name};
use crate::finding::{self, Verdict};
use crate::schema::{Identity, Node, Type, TypeSet};

/// How deep values nest. Readers of JSON commonly stop at 128.
const DEPTH: usize = 110;
/// How many values of an `enum` are kept to choose from.
const LISTED: usize = 256;
/// Seeds with which a form is tried out.
const PROBES: u64 = 3;
/// How many branches are looked at to see whether they exclude each other.
const BRANCHES: usize = 24;
/// With how many more, before it is given up.
const MORE_PROBES: u64 = 12;

/// Why nothing could be made. Where is only looked up when it is told: most of the time it is not, because there is another way.
pub(super) struct Trouble {
    pub(super) place: Box<dyn Fn() -> finding::Place>,
    pub(super) why: &'static str,
}

/// Makes one form.
pub(super) struct Builder<'c> {
    /// Containers nested deeper than this have no optional members that are containers.
    pub(super) generous: usize,
    /// Whether examples and defaults of members may be used, and where not.
    pub(super) vocabulary: bool,
    pub(super) distrusted: &'c HashSet<String>,
    pub(super) patterns: &'c mut Patterns,
    /// Schemas that may still be entered.
    left: usize,
    /// The schemas that are being entered.
    stack: Vec<Identity>,
    /// Whether its values have to be checked one by one.
    pub(super) unsure: bool,
    /// Why nothing could be made, last.
    pub(super) trouble: Option<Trouble>,
}

/// Where in a value a form is for.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// The way to it: names as they are, each after a slash, and `*` for items. Only ever compared.
    pub(super) path: String,
    /// The words of the member's name.
    pub(super) words: Vec<String>,
    /// What the object is that it is a member of.
    pub(super) subject: Subject,
    pub(super) depth: usize,
    /// How many lists it stands in.
    pub(super) lists: usize,
    /// Whether a list stands beside it or beside what it stands in.
    pub(super) paged: bool,
    /// Whether the request is asked for its members.
    pub(super) echoes: bool,
    /// Whether it has to be there.
    pub(super) required: bool,
    /// Whether optional members are left out.
    pub(super) lean: bool,
}

impl At {
    pub(super) fn root(name: Option<&str>) -> At {
        At {
            path: String::new(),
            words: name.map(name::words).unwrap_or_default(),
            subject: Subject::Thing,
            depth: 0,
            lists: 0,
            paged: false,
            echoes: true,
            required: true,
            lean: false,
        }
    }
}

impl<'c> Builder<'c> {
    pub(super) fn new(
        generous: usize,
        left: usize,
        vocabulary: bool,
        distrusted: &'c HashSet<String>,
        patterns: &'c mut Patterns,
    ) -> Builder<'c> {
        let stack = Vec::new();
        Builder { generous, vocabulary, distrusted, patterns, left, stack, unsure: false, trouble: None }
    }

    /// The form of the values for which all these schemas hold; `None` where there is none, or none that ends.
    pub(super) fn form(&mut self, nodes: &[Node<'_>], at: &At) -> Option<Form> {
        if at.depth > DEPTH || self.left == 0 {
            return self.give_up(nodes.first(), "it is too deep or too large for a value to be made");
        }
        self.left -= 1;
        let entered = entries(nodes);
        if entered.iter().any(|one| self.stack.contains(one)) {
            return self.give_up(nodes.first(), "it needs a value of itself inside of every value");
        }
        let before = self.stack.len();
        self.stack.extend(entered);
        let form = self.decided(Facets::of(nodes), at);
        self.stack.truncate(before);
        form
    }

    /// Makes the choices that are left, the first that works.
    fn decided(&mut self, mut facets: Facets<'_>, at: &At) -> Option<Form> {
        if facets.impossible || facets.types.is_empty() {
            return self.give_up(facets.origin.as_ref(), "what it asks for contradicts itself, or it is `false`");
        }
        let Some(point) = facets.points.pop_front() else { return self.tried(&facets, at) };
        for index in preferred(&point) {
            let Some(branch) = point.branches.get(index) else { continue };
            let entered = entries(branch);
            // A branch that is being made already would not end.
            if self.left == 0 || entered.iter().any(|one| self.stack.contains(one)) {
                continue;
            }
            let mut facets = facets.clone();
            if point.exclusive {
                facets.omit.extend(of_others(&point, index));
            }
            branch.iter().for_each(|node| facets.add(node));
            let before = self.stack.len();
            self.stack.extend(entered);
            let form = self.branch(&facets, &point, index, at);
            self.stack.truncate(before);
            if form.is_some() {
                return form;
            }
        }
        self.give_up(Some(&point.node), "none of its branches can be satisfied by itself")
    }

    /// The form for a chosen branch, if no other branch holds as well where only one may.
    fn branch(&mut self, facets: &Facets<'_>, point: &Point<'_>, index: usize, at: &At) -> Option<Form> {
        let form = self.decided(facets.clone(), at)?;
        if !point.exclusive {
            return Some(form);
        }
        let form = self.alone(form, facets, point, at)?;
        self.unsure |= !is_apart(&form, point, index);
        Some(form)
    }

    fn alone(&mut self, form: Form, facets: &Facets<'_>, point: &Point<'_>, at: &At) -> Option<Form> {
        if self.holds(&form, &[&point.node]) {
            return Some(form);
        }
        if at.lean {
            return None;
        }
        // What is optional may be what makes another branch hold as well.
        let form = self.decided(facets.clone(), &At { lean: true, ..at.clone() })?;
        if self.holds(&form, &[&point.node]) {
            return Some(form);
        }
        // Or another branch admits whatever this one does: then a member that only the other describes, and not so, decides.
        let Form::Record(mut record) = form else { return None };
        for (name, value) in against(facets, point) {
            record.add(name, value);
        }
        let form = Form::Record(record);
        self.holds(&form, &[&point.node]).then_some(form)
    }

    /// The form, if what could only be tried out held.
    fn tried(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        let hard: Vec<&Node<'_>> = facets.hard.iter().collect();
        // Which members there are is the same each time; what is in them is not.
        self.unsure |= facets.all("not").any(|negated| !is_about_names(negated));
        let form = self.typed(facets, at)?;
        if hard.is_empty() || self.holds(&form, &hard) {
            return Some(form);
        }
        if !at.lean
            && let Some(form) = self.typed(facets, &At { lean: true, ..at.clone() })
            && self.holds(&form, &hard)
        {
            return Some(form);
        }
        self.give_up(hard.first().copied(), "no value was found that satisfies all of it")
    }

    /// Whether the schemas admit what the form writes; sometimes is enough, and then each value is checked when it is made.
    fn holds(&mut self, form: &Form, nodes: &[&Node<'_>]) -> bool {
        let schemas: Vec<_> = nodes.iter().map(|node| node.schema()).collect();
        let good = |number: &u64| {
            let value = probe(form, *number);
            schemas.iter().all(|schema| schema.check(&value) != Verdict::Invalid)
        };
        let first = (0..PROBES).filter(good).count() as u64;
        if first == PROBES {
            return true;
        }
        let some = first > 0 || (PROBES..MORE_PROBES).any(|number| good(&number));
        self.unsure |= some;
        some
    }

    fn typed(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
        if let Some(listed) = facets.listed() {
            let mut listed = familiar(listed, at);
            if facets.asks_more_than_to_be_listed() {
                let schemas: Vec<_> = facets.nodes.iter().map(Node::schema).collect();
                let admitted = |value: &&Value| schemas.iter().all(|schema| schema.check(value) != Verdict::Invalid);
                listed = listed.into_iter().filter(admitted).take(LISTED).collect();
            }
            return match listed.as_slice() {
                [] => self.give_up(facets.origin.as_ref(), "no value of `enum` or `const` is what else it asks for"),
                [one] => Some(Form::Fixed((*one).clone())),
                many => Some(Form::OneOf(many.iter().take(LISTED).map(|value| (*value).clone()).collect())),
            };
        }
        if let Some(form) = self.shown(facets, at) {
            return Some(form);
        }
        let types = likely(facets, at);
        let form = types.into_iter().find_map(|one| match one {
            Type::Object => self.record(facets, at),
            Type::Array => self.list(facets, at),
            Type::String => self.string(facets, at, None),
            Type::Integer | Type::Number => self.number(facets, at, one == Type::Integer),
            Type::Boolean => Some(Form::Flag(flag(at))),
            Type::Null => Some(Form::Fixed(Value::Null)),
        });
        form.filter(|form| !matches!(form, Form::Fixed(value) if facets.never.contains(&value)))
    }

    fn number(&mut self, facets: &Facets<'_>, at: &At, integer: bool) -> Option<Form> {
        let limits = facets.limits(integer);
        let named = meaning(&at.words).map(|(meaning, _)| meaning);
        let lean = number::Lean::of(&at.words);
        let known = match (facets.format(), named) {
            (Some("unix-time" | "timestamp" | "unixtime"), _) => {
                Some(Meaning::Moment(super::meaning::occasion_of(&at.words)))
            }
            (_, Some(Meaning::Page(_))) if !at.paged => Some(Meaning::Count),
            (_, named) => named,
        };
        let Some(mut numbers) = number::numbers(&limits, known, lean) else {
            if let Some(value) = number::extreme(&limits) {
                return Some(Form::Fixed(value));
            }
            return self.give_up(facets.origin.as_ref(), "no number lies within its bounds");
        };
        if !integer && facets.types.contains(Type::Integer) && limits.steps.is_empty() && wants_whole(known) {
            let whole = number::Limits { integer: true, ..limits };
            numbers = number::numbers(&whole, known, lean).unwrap_or(numbers);
        }
        if let Some(Meaning::Page(field)) = known
            && !matches!(field, PageField::HasNext | PageField::HasPrevious)
        {
            return Some(Form::Page(field, numbers));
        }
        if !facets.never.is_empty() && numbers.single() {
            let only = probe(&Form::Number(numbers), 0);
            return (!facets.never.contains(&&only)).then_some(Form::Fixed(only));
        }
        Some(Form::Number(numbers))
    }

    /// Notes why nothing could be made.
    pub(super) fn give_up(&mut self, node: Option<&Node<'_>>, why: &'static str) -> Option<Form> {
        if let Some(node) = node {
            let location = node.location();
            let place = Box::new(move || finding::Place::of(&location.document, &location.pointer));
            self.trouble = Some(Trouble { place, why });
        }
        None
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.left == 0
    }
}

/// A value that the form writes, for trying out: with a moment, without a request.
pub(super) fn probe(form: &Form, number: u64) -> Value {
    let context = probing(number);
    let scope = Scope::new(context.seed);
    Item { form, seed: context.seed, scope: &scope, run: &Run::new(&context) }.value()
}

/// A context without a request.
pub(super) fn probing(number: u64) -> Context<'static> {
    let now = jiff::Timestamp::from_second(1_800_000_000).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Context { seed: Seed(0).nth(number), now, echo: &NoEcho, size: None }
}

/// The branches in the order in which they are tried: as written, but those that only admit null last.
fn preferred(point: &Point<'_>) -> Vec<usize> {
    let null = |branch: &Vec<Node<'_>>| branch.iter().any(|node| node.types() == TypeSet::only(Type::Null));
    let (last, first): (Vec<usize>, Vec<usize>) =
        (0..point.branches.len()).partition(|index| point.branches.get(*index).is_some_and(&null));
    first.into_iter().chain(last).collect()
}

/// The members that another branch requires and this one does not.
fn of_others<'s>(point: &Point<'s>, chosen: usize) -> Vec<&'s str> {
    fn required<'s>(branch: &[Node<'s>]) -> Vec<&'s str> {
        let lists = branch.iter().filter_map(|node| node.resolve().get("required").and_then(Value::as_array));
        lists.flatten().filter_map(Value::as_str).collect()
    }
    let own = point.branches.get(chosen).map(|branch| required(branch)).unwrap_or_default();
    let others = point.branches.iter().enumerate().filter(|(index, _)| *index != chosen);
    others.flat_map(|(_, branch)| required(branch)).filter(|name| !own.contains(name)).collect()
}

/// Of hundreds of currencies or countries, those that are known.
fn familiar<'v>(listed: Vec<&'v Value>, at: &At) -> Vec<&'v Value> {
    use Meaning as M;
    let known = |place: &Place, text: &str| match meaning(&at.words).map(|(meaning, _)| meaning) {
        Some(M::CurrencyCode) => place.currency == text,
        Some(M::Country | M::CountryCode) => [place.country_code, place.country_code3, place.country].contains(&text),
        Some(M::Locale | M::Language) => place.locale == text || place.locale.get(..2) == Some(text),
        Some(M::Timezone) => place.timezone == text,
        _ => false,
    };
    if listed.len() < 20 {
        return listed;
    }
    let is_known = |value: &&&Value| value.as_str().is_some_and(|text| PLACES.iter().any(|place| known(place, text)));
    let few: Vec<&Value> = listed.iter().filter(is_known).copied().collect();
    if few.is_empty() { listed } else { few }
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
        violations.iter().any(|violation| LASTING.contains(&violation.keyword))
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

/// For each branch, a member that none of the chosen schemas describes, with a value of a type that the branch refuses.
fn against<'s>(facets: &Facets<'s>, point: &Point<'s>) -> Vec<(&'s str, Value)> {
    let described = |name: &str| facets.all("properties").any(|members| members.get(name).is_some());
    let refused = |branch: &Vec<Node<'s>>| {
        let facets = Facets::of(branch);
        let members = facets.nodes.iter().flat_map(Node::properties).filter(|(name, _)| !described(name));
        members.into_iter().find_map(|(name, member)| {
            let types = member.types();
            let values = [Value::String("none".into()), Value::Bool(false), Value::Null];
            Some((name, values.into_iter().find(|value| !types.contains(Type::of(value)))?))
        })
    };
    point.branches.iter().filter_map(refused).collect()
}

/// The types that are admitted, the likeliest first.
fn likely(facets: &Facets<'_>, at: &At) -> Vec<Type> {
    let speaks = |keywords: &[&'static str]| keywords.iter().any(|keyword| facets.has(keyword));
    let hints = [
        (
            Type::Object,
            speaks(&[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "minProperties",
                "propertyNames",
            ]),
        ),
        (Type::Array, speaks(&["items", "prefixItems", "minItems", "maxItems", "contains"])),
        (Type::String, speaks(&["pattern", "minLength", "maxLength"])),
        (Type::Integer, speaks(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"])),
    ];
    let mut order: Vec<Type> = hints.into_iter().filter(|(_, hint)| *hint).map(|(one, _)| one).collect();
    if facets.types == TypeSet::ANY && order.is_empty() {
        // Nothing is said: the name may tell, and an object is what a body most likely is.
        let named = meaning(&at.words).map(|(meaning, _)| meaning);
        let number = named.and_then(number::usual).is_some();
        let flag = matches!(named, Some(Meaning::Yes | Meaning::No));
        order.extend((at.depth == 0).then_some(Type::Object));
        order.extend(number.then_some(Type::Integer));
        order.extend(flag.then_some(Type::Boolean));
    }
    let usual = [Type::Object, Type::Array, Type::String, Type::Number, Type::Integer, Type::Boolean, Type::Null];
    let rest = [Type::String, Type::Object, Type::Array, Type::Number, Type::Integer, Type::Boolean, Type::Null];
    order.extend(if facets.types == TypeSet::ANY { rest } else { usual });
    let mut seen = TypeSet::NONE;
    order.retain(|one| {
        let fresh = facets.types.contains(*one) && !seen.contains(*one);
        if fresh {
            seen = seen.or(TypeSet::only(*one));
        }
        fresh
    });
    order
}

/// Whether a number of that meaning is usually a whole one, even where fractions are admitted.
fn wants_whole(known: Option<Meaning>) -> bool {
    use Meaning as M;
    known.is_some_and(|known| {
        matches!(
            known,
            M::Id
                | M::Count
                | M::Quantity
                | M::Position
                | M::Month
                | M::Port
                | M::Year
                | M::Age
                | M::Bytes
                | M::Pixels
                | M::StatusCode
                | M::Page(_)
                | M::Moment(_)
                | M::Seconds
                | M::Millis
                | M::Minutes
                | M::DayOfMonth
        )
    })
}

fn flag(at: &At) -> Flag {
    match meaning(&at.words).map(|(meaning, _)| meaning) {
        Some(Meaning::Page(field @ (PageField::HasNext | PageField::HasPrevious))) if at.paged => Flag::Page(field),
        Some(Meaning::Yes) => Flag::Is(true),
        Some(Meaning::No) => Flag::Is(false),
        _ => Flag::Either,
    }
}

/// The numbers of a form, for lists that need different ones.
pub(super) fn widened(form: Form) -> Form {
    match form {
        Form::Number(numbers) => Form::Number(Numbers::widened(&numbers)),
        form => form,
    }
}
