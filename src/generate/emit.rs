//! From a form and a seed to JSON text: one walk. Where a value is wanted, the text is read.
//!
//! Every value is a function of the seed and of the way to it: a member's seed is its record's, narrowed by its name, an
//! item's is its list's, narrowed by its place.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Number, Value};

use super::form::{Accept, Flag, Form, Link, List, Member, Record};
use super::json::{self, Quoted};
use super::meaning::PageField;
use super::text::Spot;
use super::{Context, Paging, Seed};
use crate::finding::Verdict;

/// How many items a list may have, whatever is asked for.
pub(super) const MOST_ITEMS: usize = 1_000;
/// About how many values may be written in all because of a size that is asked for.
const MOST_VALUES: usize = 100_000;
/// How often another item is drawn when it repeats one before.
const TRIES: u64 = 20;

/// What holds for a whole value.
#[derive(Clone, Copy)]
pub(super) struct Run<'r> {
    pub(super) context: &'r Context<'r>,
    /// Seconds since 1970.
    pub(super) now: i64,
}

impl<'r> Run<'r> {
    pub(super) fn new(context: &'r Context<'r>) -> Run<'r> {
        Run { context, now: context.now.as_second() }
    }

    fn asked(&self, name: &str) -> Option<Cow<'r, Value>> {
        self.context.echo.member(name)
    }

    fn asked_number(&self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| match &*self.asked(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }
}

/// What the values of one object share.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    pub(super) seed: Seed,
    page: Option<Page>,
}

impl Scope {
    pub(super) fn new(seed: Seed) -> Scope {
        Scope { seed, page: None }
    }
}

/// Which part of a longer list is shown.
#[derive(Clone, Copy)]
struct Page {
    page: u64,
    size: u64,
    offset: u64,
    shown: u64,
    /// How many items there are on all pages, where that is not told by this one being the last.
    total: Option<u64>,
}

impl Page {
    fn total(self) -> u64 {
        self.total.unwrap_or(self.offset + self.shown)
    }

    fn number(self, field: PageField) -> u64 {
        match field {
            PageField::Page => self.page,
            PageField::Size => self.size,
            PageField::Offset => self.offset,
            PageField::Total => self.total(),
            PageField::Pages => self.total().div_ceil(self.size.max(1)).max(self.page.min(1)),
            PageField::HasNext | PageField::HasPrevious => u64::from(self.flag(field)),
        }
    }

    /// Without pages, what is shown is the last of it: so the total is known, and the numbers agree.
    fn flag(self, field: PageField) -> bool {
        match field {
            PageField::HasPrevious => self.offset > 0,
            _ => self.total.is_some_and(|total| self.offset.saturating_add(self.size) < total),
        }
    }
}

/// A value to be written.
#[derive(Clone, Copy)]
pub(super) struct Item<'i> {
    pub(super) form: &'i Form,
    pub(super) seed: Seed,
    pub(super) scope: &'i Scope,
    pub(super) run: &'i Run<'i>,
}

impl Item<'_> {
    /// The value that [`Item::write`] writes.
    pub(super) fn value(&self) -> Value {
        let mut text = Vec::new();
        self.write(&mut text);
        let mut reader = serde_json::Deserializer::from_slice(&text);
        // As deep as the form, whose depth is bounded.
        reader.disable_recursion_limit();
        // What was written is JSON.
        Value::deserialize(&mut reader).unwrap_or(Value::Null)
    }

    /// Appends the value as JSON text.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self.form {
            Form::Fixed(value) => json::value(value, out),
            Form::OneOf(values) => {
                json::value(values.get(self.seed.below(values.len() as u64) as usize).unwrap_or(&Value::Null), out);
            }
            Form::Flag(Flag::Is(flag)) => boolean(*flag, out),
            Form::Flag(Flag::Either) => boolean(self.seed.below(2) == 1, out),
            Form::Flag(Flag::Page(field)) => boolean(self.scope.page.is_some_and(|page| page.flag(*field)), out),
            Form::Number(numbers) => number(&numbers.draw(self.seed, &self.spot(usize::MAX)), out),
            Form::Page(field, numbers) => match self.scope.page {
                Some(page) => number(&numbers.near(page.number(*field)), out),
                None => number(&numbers.draw(self.seed, &self.spot(usize::MAX)), out),
            },
            Form::Text(texts) if texts.is_free() => {
                out.push(b'"');
                // Writing to a vector does not fail.
                let _ = texts.write(&self.spot(usize::MAX), &mut Quoted(out));
                out.push(b'"');
            }
            Form::Text(texts) => json::string(&texts.draw(&self.spot(texts.most())), out),
            Form::Json(form) => {
                let mut text = Vec::new();
                Item { form, ..*self }.write(&mut text);
                json::string(&String::from_utf8_lossy(&text), out);
            }
            Form::List(list) => self.list(list, out),
            Form::Record(record) => self.record(record, out),
        }
    }
}

fn boolean(flag: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

fn number(number: &Number, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = serde_json::to_writer(out, number);
}

impl<'i> Item<'i> {
    fn spot(&self, most: usize) -> Spot {
        let now = self.run.now;
        Spot { own: self.seed, scope: self.scope.seed, role: 0, subject: Default::default(), now, most }
    }

    fn list(&self, list: &List, out: &mut Vec<u8>) {
        let count = count(list, self.seed, self.run);
        let mut seen = HashSet::new();
        // The items of a page are those of the whole list at their places.
        let before = list.paged(self.run).map_or(0, |page| page.start);
        out.push(b'[');
        for index in 0..count {
            let Some(form) = list.first.get(index).or(list.rest.as_ref()) else { break };
            let seed = self.seed.nth(before + index as u64);
            let scope = Scope::new(seed);
            let item = Item { form, seed, scope: &scope, run: self.run };
            if index > 0 {
                out.push(b',');
            }
            if list.unique {
                json::value(&distinct(&item, index, &mut seen), out);
            } else {
                item.write(out);
            }
        }
        out.push(b']');
    }

    fn record(&self, record: &Record, out: &mut Vec<u8>) {
        let page = self.page(record).or(self.scope.page);
        let scope = Scope { seed: self.seed, page };
        out.push(b'{');
        let mut first = true;
        for member in &record.members {
            let link = member.link.as_deref().map(|link| (link, link.value(self.run.context.page)));
            if let Some((Link { optional: true, .. }, None)) = link {
                continue;
            }
            if !std::mem::replace(&mut first, false) {
                out.push(b',');
            }
            out.extend_from_slice(&member.written);
            if let Some((_, Some(value))) = link {
                json::value(value, out);
                continue;
            }
            if let Some(accept) = &member.echo
                && let Some(value) = self.run.asked(&member.name)
                && member.accepts(accept, &value)
            {
                json::value(&value, out);
                continue;
            }
            let seed = self.seed.nth(member.key);
            Item { form: &member.form, seed, scope: &scope, run: self.run }.write(out);
        }
        out.push(b'}');
    }

    fn page(&self, record: &Record) -> Option<Page> {
        let member = record.members.get(record.list?)?;
        let Form::List(list) = &member.form else { return None };
        let shown = count(list, self.seed.nth(member.key), self.run) as u64;
        if let Some(page) = list.paged(self.run) {
            let (total, size) = (Some(page.total), page.size);
            return Some(Page { page: page.number, size, offset: page.start, shown, total });
        }
        let asked = |names: &[&str]| self.run.asked_number(names).filter(|number| *number < 1 << 31);
        let size = asked(&["limit", "page_size", "per_page", "pageSize", "size"]);
        let size = size.or(self.run.context.size.map(|size| size as u64)).unwrap_or(20).max(shown).max(1);
        let page = asked(&["page", "page_number"]);
        let offset = asked(&["offset", "skip"]);
        // Each follows from the other; a page number counts from 1, and 0 is taken for the first as well.
        let offset = offset.or_else(|| page.map(|page| page.saturating_sub(1) * size)).unwrap_or(0);
        Some(Page { page: page.unwrap_or(offset / size + 1), size, offset, shown, total: None })
    }

    /// The form of the value at a JSON Pointer's tokens from here, with its seed; then what is to be done with it.
    pub(super) fn at<T>(&self, tokens: &[String], then: impl FnOnce(&Item<'_>) -> T) -> Option<T> {
        let Some((token, rest)) = tokens.split_first() else { return Some(then(self)) };
        match self.form {
            Form::Record(record) => {
                let member = record.members.iter().find(|member| *member.name == **token)?;
                let scope = Scope { seed: self.seed, page: self.page(record).or(self.scope.page) };
                let seed = self.seed.nth(member.key);
                Item { form: &member.form, seed, scope: &scope, run: self.run }.at(rest, then)
            }
            Form::List(list) => {
                let index: usize = token.parse().ok()?;
                let before = list.paged(self.run).map_or(0, |page| page.start);
                let seed = self.seed.nth(before + index as u64);
                let form = list.first.get(index).or(list.rest.as_ref())?;
                Item { form, seed, scope: &Scope::new(seed), run: self.run }.at(rest, then)
            }
            _ => None,
        }
    }
}

impl List {
    /// Which part of it is shown, where it is the one that is read in pages.
    fn paged<'r>(&self, run: &Run<'r>) -> Option<&'r Paging> {
        run.context.page.filter(|_| self.sized && self.first.is_empty())
    }
}

impl Link {
    /// What leads to the other page; `None` where there is none.
    fn value<'p>(&self, page: Option<&'p Paging>) -> Option<&'p Value> {
        let page = page?;
        let ways = if self.forward { &page.next } else { &page.previous };
        let is_address = |value: &&Value| value.as_str().is_some_and(|text| text.contains('?'));
        let likelier = ways.iter().filter(|value| is_address(value) == self.address);
        let others = ways.iter().filter(|value| is_address(value) != self.address);
        likelier.chain(others).find(|value| self.schemas.iter().all(|schema| schema.check(value) == Verdict::Valid))
    }
}

impl Member {
    fn accepts(&self, accept: &Accept, value: &Value) -> bool {
        match accept {
            Accept::Form => self.form.admits(value),
            Accept::Schemas(schemas) => schemas.iter().all(|schema| schema.check(value) == Verdict::Valid),
        }
    }
}

/// How many items a list has.
fn count(list: &List, seed: Seed, run: &Run<'_>) -> usize {
    let (least, most) = list.bounds;
    let paged = list.paged(run).map(|page| usize::try_from(page.shown()).unwrap_or(usize::MAX));
    let wanted = match paged.or(run.context.size.filter(|_| list.sized)) {
        Some(size) => {
            let each = list.rest.as_ref().map_or(1, Form::weight).max(1);
            size.min(MOST_ITEMS).min((MOST_VALUES / each).max(list.usual.1))
        }
        None => {
            let (from, to) = list.usual;
            from + seed.below((to.saturating_sub(from) + 1) as u64) as usize
        }
    };
    let most = if list.rest.is_none() { most.min(list.first.len()) } else { most };
    wanted.max(least).min(most)
}

/// The item, drawn again while it repeats one before.
fn distinct(item: &Item<'_>, index: usize, seen: &mut HashSet<String>) -> Value {
    if let Form::OneOf(values) = item.form
        && let Some(value) = values.get(index)
        && seen.insert(key(value))
    {
        // Few values for few places: each in its turn.
        return value.clone();
    }
    let mut value = item.value();
    for attempt in 0..TRIES {
        if seen.insert(key(&value)) {
            break;
        }
        let seed = item.seed.nth(attempt);
        value = Item { seed, scope: &Scope::new(seed), ..*item }.value();
    }
    value
}

/// A text that equal values share: `1` and `1.0` are equal (JSON Schema 2020-12, 4.2.2).
fn key(value: &Value) -> String {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() && double.fract() == 0.0 => format!("{double:.0}"),
            _ => number.to_string(),
        },
        value => value.to_string(),
    }
}
