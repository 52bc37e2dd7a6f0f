//! Lists of what is kept: filtered, in order, a page at a time.

use serde_json::Value;

use super::super::paging;
use super::super::store::{Kept, Store, within as is_within};
use super::create::text_of;
use super::document::as_documented;
use super::order::{Asked, Defaults};
use super::present::within;
use super::{At, Outcome, admits};
use crate::contract::resource::{Kept as Keeps, Use};

impl At<'_> {
    pub(super) fn list(&self, store: &Store, does: &Use) -> Outcome {
        let known = self.keeping.collection(does.collection);
        let Some(shown) = &does.shown else { return Outcome::default() };
        let scope = self.scope(&does.scope);
        let tables = store.open();
        if let Some(missing) = self.missing_parent(&tables) {
            return missing;
        }
        if known.kept == Keeps::Given {
            let kept: Vec<Kept> =
                tables.all(&known.path).filter(|item| is_within(&item.scope, &scope)).cloned().collect();
            let gone = |id: &str| tables.is_gone(&known.path, &scope, id);
            let (outcome, _) = (self.given_list(does, &kept, gone), &tables);
            return outcome;
        }
        let there = tables.all(&known.path).filter(|item| !item.answered && is_within(&item.scope, &scope));
        let mut items: Vec<Kept> = there.cloned().collect();
        drop(tables);

        let names = shown.schema.property_names();
        let has = |name: &str| names.iter().find(|known| same(known, name)).cloned();
        let ready = &self.keeping.defaults[self.about.call.route().operation];
        let defaults = ready.get_or_init(|| {
            let can = |member: &str, value: &Value| admits(&shown.schema, member, value) == Some(true);
            Defaults::of(self.about.call.operation(), has, can)
        });
        let asked = Asked::of(self.about.call, defaults, has);
        items.retain(|item| asked.admits(&item.value) && self.is_of(does, item));
        asked.sort(&mut items);
        let place = |cursor: &str| items.iter().position(|item| *item.id == *cursor).map(|at| at as u64 + 1);
        let page = paging::of(self.about.call, items.len() as u64, &place);
        let start = usize::try_from(page.start).unwrap_or(usize::MAX).min(items.len());
        let end = start.saturating_add(usize::try_from(page.size).unwrap_or(usize::MAX)).min(items.len());
        let value = self.listed(shown, &items[start..end], &page);
        let count = items.len();
        let what =
            if end - start == count { format!("listed {count}") } else { format!("listed {} of {count}", end - start) };
        let total = Some(count);
        Outcome { value, total, ..Outcome::noted(format!("{what} of {}", known.name)) }
    }

    /// What nothing makes is listed as the document says, as it was changed since and without what is gone.
    fn given_list(&self, does: &Use, kept: &[Kept], gone: impl Fn(&str) -> bool) -> Outcome {
        let known = self.keeping.collection(does.collection);
        let (Some(shown), Some(id)) = (&does.shown, &known.id) else { return Outcome::default() };
        let Some(mut whole) = as_documented(self.about, shown, self.dynamic) else { return Outcome::default() };
        let Some(Value::Array(items)) = within(&whole, &shown.way) else { return Outcome::default() };
        let mut changed = false;
        let mut now = Vec::with_capacity(items.len());
        for item in items {
            let Some(text) = item.get(&id.member).and_then(text_of) else {
                now.push(item.clone());
                continue;
            };
            if gone(&text) {
                changed = true;
            } else if let Some(other) = kept.iter().find(|kept| kept.id == text) {
                changed = true;
                now.push(self.alone(&shown.schema, None, other));
            } else {
                now.push(item.clone());
            }
        }
        if !changed {
            return Outcome::default();
        }
        let mut at = Some(&mut whole);
        for name in &shown.way {
            at = at.and_then(|value| value.get_mut(name));
        }
        if let Some(at) = at {
            *at = Value::Array(now);
        }
        Outcome { value: Some(whole), ..Outcome::noted(format!("listed {} as changed", known.name)) }
    }
}

/// Whether a parameter is called as a member is.
pub(super) fn same(member: &str, parameter: &str) -> bool {
    let fold = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_lowercase).collect()
    };
    member == parameter || fold(member) == fold(parameter)
}
