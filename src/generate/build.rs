//! From a schema to a form: every choice made once, recursion cut, what is hard tried out.
//!
//! A schema that leads back to itself is left at the first place where it need not be entered: an optional member, an empty
//! list, another branch. By the argument that makes the shortest derivation of a grammar free of repetition, a schema that
//! has a finite value at all has one without any schema inside itself.

use std::collections::HashSet;

use serde_json::Value;

use super::choose::{of_others, preferred};
use super::emit::{Item, Run, Scope};
use super::facets::{Facets, entries};
use super::form::{Flag, Form};
use super::meaning::{Meaning, PageField, Subject, meaning};
use super::number::{self, Numbers};
use super::pattern::Patterns;
use super::search;
use super::vocabulary::{PLACES, Place};
use super::{Context, NoEcho, Seed, name};
use crate::finding::{self, Verdict};
use crate::schema::{Identity, Node, Type, TypeSet};

/// How deep values nest. Readers of JSON commonly stop at 128.
const DEPTH: usize = 110;
/// How many values of an `enum` are kept to choose from.
const LISTED: usize = 256;

/// Why it is given up to enter more schemas.
pub(super) const TOO_LARGE: &str = "it is too deep or too large for a value to be made";

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
    /// Whether what cannot be satisfied is filled with something of the right type, and noted, instead of given up.
    pub(super) yielding: bool,
    /// What was filled so.
    pub(super) gaps: Vec<Trouble>,
    /// Values that may still be tried.
    pub(super) tries: u64,
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
    /// How many different values are needed: for the items of a list without repetition.
    pub(super) varied: usize,
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
            varied: 1,
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
        Builder {
            generous,
            vocabulary,
            distrusted,
            patterns,
            left,
            stack,
            unsure: false,
            trouble: None,
            yielding: false,
            gaps: Vec::new(),
            tries: search::TRIES,
        }
    }

    /// The form of the values for which all these schemas hold. Where there is none: the form that comes nearest, in which only
    /// the innermost parts that cannot be satisfied are not, each of them noted; `None` while nothing may be left unsatisfied.
    pub(super) fn form(&mut self, nodes: &[Node<'_>], at: &At) -> Option<Form> {
        if !self.yielding {
            return self.satisfied(nodes, at);
        }
        let form = self.strictly(nodes, at);
        if form.is_some() {
            return form;
        }
        let strict = self.trouble.take();
        let gaps = self.gaps.len();
        let form = self.satisfied(nodes, at);
        if form.is_some() && self.gaps.len() == gaps {
            return form;
        }
        // Trying comes last, and first for the innermost part that thought left unsatisfied.
        let found = self.searched(nodes);
        if found.is_some() {
            self.gaps.truncate(gaps);
            self.trouble = None;
            return found;
        }
        if form.is_some() {
            return form;
        }
        self.gaps.extend(self.trouble.take().or(strict));
        let mut types = Facets::of(nodes).types;
        if types.is_empty() {
            types = nodes.first().map_or(TypeSet::ANY, Node::types);
        }
        Some(plain(types))
    }

    /// The form of the values for which all these schemas hold, with nothing left unsatisfied.
    pub(super) fn strictly(&mut self, nodes: &[Node<'_>], at: &At) -> Option<Form> {
        let yielding = std::mem::replace(&mut self.yielding, false);
        let form = self.satisfied(nodes, at);
        self.yielding = yielding;
        form
    }

    /// The form of the values for which all these schemas hold; `None` where there is none, or none that ends.
    fn satisfied(&mut self, nodes: &[Node<'_>], at: &At) -> Option<Form> {
        if at.depth > DEPTH || self.left == 0 {
            return self.give_up(nodes.first(), TOO_LARGE);
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
    pub(super) fn decided(&mut self, mut facets: Facets<'_>, at: &At) -> Option<Form> {
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

    pub(super) fn typed(&mut self, facets: &Facets<'_>, at: &At) -> Option<Form> {
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
        // Of whole numbers there may be too few to differ.
        let too_few = |numbers: &Numbers| numbers.count() < at.varied as u64 && facets.types.contains(Type::Number);
        if integer && too_few(&numbers) {
            return None;
        }
        if !integer && facets.types.contains(Type::Integer) && limits.steps.is_empty() && wants_whole(known) {
            let whole = number::Limits { integer: true, ..limits };
            numbers = number::numbers(&whole, known, lean).filter(|numbers| !too_few(numbers)).unwrap_or(numbers);
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

    /// The form, though it is not all that is asked for, where that is allowed. What is unsatisfied inside of it is reason enough.
    pub(super) fn yielded(&mut self, form: Form, node: Option<&Node<'_>>, why: &'static str) -> Option<Form> {
        self.give_up(node, why);
        if !self.yielding {
            return None;
        }
        let trouble = self.trouble.take();
        if self.gaps.is_empty() {
            self.gaps.extend(trouble);
        }
        Some(form)
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
    Context { seed: Seed(0).nth(number), now, echo: &NoEcho, size: None, page: None }
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

/// Something of the right type, where nothing better was found.
pub(super) fn plain(types: TypeSet) -> Form {
    Form::Fixed(match Type::ALL.into_iter().rev().find(|one| types.contains(*one)) {
        Some(Type::Object) => Value::Object(serde_json::Map::new()),
        Some(Type::Array) => Value::Array(Vec::new()),
        Some(Type::String) => Value::String(String::new()),
        Some(Type::Number | Type::Integer) => 0.into(),
        Some(Type::Boolean) => false.into(),
        Some(Type::Null) | None => Value::Null,
    })
}

/// The numbers of a form, for lists that need different ones.
pub(super) fn widened(form: Form) -> Form {
    match form {
        Form::Number(numbers) => Form::Number(Numbers::widened(&numbers)),
        form => form,
    }
}
